//! Several real devices: joining, trading, changing phones, families, numbers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod devices;
mod house;
mod households;
mod phone_numbers;
mod staff;
mod two_households;
