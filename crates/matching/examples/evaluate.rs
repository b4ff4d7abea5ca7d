//! Ranks a world and prints the ranking: `cargo run --release --example evaluate WORLD > RUN.tsv`.

use std::io;
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let Some(world) = std::env::args_os().nth(1) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "usage: evaluate WORLD"));
    };
    let summary = kaifong_matching::eval::evaluate(&PathBuf::from(world), &mut io::stdout().lock())?;
    eprintln!("{summary:?}");
    Ok(())
}
