//! Filing: places renditions in the archive, commits them durably, and clears the inbox.
