//! The event loop of one device: the composition root.
