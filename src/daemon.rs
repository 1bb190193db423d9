//! The watcher: intake to filing, again and again, until it is told to stop.
