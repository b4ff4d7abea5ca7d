//! The one table of commands, queries and events.
