//! What the whole-system tests share.

mod bin_path;
pub mod features;
pub mod household;
pub mod lan;
pub mod repo;
pub mod report;
pub mod scenes;
pub mod stories;

pub use bin_path::bin;
