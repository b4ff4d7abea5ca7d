//! The protocol between model replicas: what it reaches, what it costs, what it withstands.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod convergence;
mod cost;
mod hostile;
mod model;
mod push;
