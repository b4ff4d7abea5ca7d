//! What neighbours do with each other, told as scenarios, tables of refusals and laws.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that finds nothing fails")]

mod credit;
mod disputes;
mod hall;
mod laws;
mod loans;
mod medical;
mod people;
mod records;
mod refusals;
mod scenarios;
mod space;
