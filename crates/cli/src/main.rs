//! `kaifong`: a node without a window.
fn main() {}
