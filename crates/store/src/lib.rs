//! Durable key-value storage: the Store trait, sled and memory.
