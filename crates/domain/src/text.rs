//! Checks on texts that people type or peers send.
