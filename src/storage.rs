//! Durable writes and locks: temporary file, sync, rename, sync of the folder.
