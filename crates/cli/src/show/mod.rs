//! Results in words.

mod deals;
pub(crate) mod layout;
mod listings;
mod people;

pub(crate) use deals::*;
pub(crate) use listings::*;
pub(crate) use people::*;
