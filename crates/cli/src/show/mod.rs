//! Results in words.

mod council;
mod deals;
mod fund;
pub(crate) mod layout;
mod listings;
mod people;
mod slips;

pub(crate) use council::*;
pub(crate) use deals::*;
pub(crate) use fund::*;
pub(crate) use listings::*;
pub(crate) use people::*;
pub(crate) use slips::*;
