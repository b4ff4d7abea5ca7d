//! The sync protocol without I/O: reconcile, fetch, push.
