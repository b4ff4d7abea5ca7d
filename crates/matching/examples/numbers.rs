//! Prints what the weights of the matcher are fitted on: `cargo run --release --example numbers WORLD > NUMBERS.jsonl`.

use std::io::{self, BufWriter};
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let Some(world) = std::env::args_os().nth(1) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "usage: numbers WORLD"));
    };
    kaifong_matching::eval::numbers(&PathBuf::from(world), &mut BufWriter::new(io::stdout().lock()))
}
