//! The crate from outside: whole buildings, hostile neighbours, any order of arrival.

// Helpers of tests may fail as loudly as tests.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod activities;
mod apart;
mod bytes;
mod capacities;
mod council;
mod cutoffs;
mod devices;
mod floods;
mod fund;
mod life;
mod order;
mod pages;
mod places;
mod recurring;
mod refounding;
mod roster;
mod rules;
mod sessions;
mod street;
