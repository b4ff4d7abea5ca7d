//! What the fuzz targets share: how an input is read, and the people who sign in it.
//!
//! An input is a script. Its first byte chooses the [`Mode`]; the rest decides what is signed, in which order it is
//! handed over, and where it is bent. All keys are test keys, so that what is hostile carries a valid signature and gets
//! to the code behind it. See `docs/decisions/fuzzing.md`.

#![forbid(unsafe_code)]

pub mod households;
pub mod messages;
pub mod papers;
pub mod street;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock};

pub use arbitrary::Unstructured;

/// How an input is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The rest is handed to the parser as it is.
    Raw,
    /// The rest is a script; everything in it is encoded and signed properly.
    Signed,
    /// As `Signed`, but bytes are bent after they were signed.
    Bent,
}

/// Reads the first byte. With `KAIFONG_FUZZ_RAW=1` every input is raw: that is the run that coverage is compared with.
pub fn open(data: &[u8]) -> Option<(Mode, Unstructured<'_>)> {
    static RAW_ONLY: OnceLock<bool> = OnceLock::new();
    let raw_only = *RAW_ONLY.get_or_init(|| std::env::var_os("KAIFONG_FUZZ_RAW").is_some());
    let (first, rest) = data.split_first()?;
    let mode = match first % 4 {
        0 => Mode::Raw,
        1 | 2 => Mode::Signed,
        _ => Mode::Bent,
    };
    Some((if raw_only { Mode::Raw } else { mode }, Unstructured::new(rest)))
}

/// Runs one input. A panic that nobody catches ends the process and is a finding; those of Automerge that the gate's
/// rehearsal catches are its business.
pub fn run(one: impl FnOnce()) {
    static LAST: Mutex<String> = Mutex::new(String::new());
    static HOOK: OnceLock<()> = OnceLock::new();
    HOOK.get_or_init(|| {
        std::panic::set_hook(Box::new(|info| {
            if let Ok(mut last) = LAST.lock() {
                *last = format!("{info}\n{}", std::backtrace::Backtrace::capture());
            }
        }));
    });
    if catch_unwind(AssertUnwindSafe(one)).is_err() {
        eprintln!("{}", LAST.lock().map(|last| last.clone()).unwrap_or_default());
        std::process::abort();
    }
}

/// Draws a number below `n`; 0 once the input is used up.
pub fn below(u: &mut Unstructured<'_>, n: usize) -> usize {
    if n < 2 { 0 } else { u.int_in_range(0..=n - 1).unwrap_or(0) }
}

/// Says yes to one in `n`, and no once the input is used up.
pub fn chance(u: &mut Unstructured<'_>, n: u8) -> bool {
    u.arbitrary::<u8>().unwrap_or(0) % n == n - 1
}

/// Draws one of several.
pub fn pick<'t, T>(u: &mut Unstructured<'_>, all: &'t [T]) -> Option<&'t T> {
    all.get(below(u, all.len()))
}

/// Draws so many bytes; zeros once the input is used up.
pub fn array<const N: usize>(u: &mut Unstructured<'_>) -> [u8; N] {
    u.arbitrary().unwrap_or([0; N])
}

/// Draws a number of any size.
pub fn number(u: &mut Unstructured<'_>) -> u64 {
    match below(u, 4) {
        0 => u.arbitrary::<u8>().unwrap_or(0).into(),
        1 => u.arbitrary::<u16>().unwrap_or(0).into(),
        2 => u.arbitrary::<u64>().unwrap_or(0),
        _ => u64::MAX - u64::from(u.arbitrary::<u8>().unwrap_or(0)),
    }
}

/// Draws up to `most` bytes.
pub fn bytes(u: &mut Unstructured<'_>, most: usize) -> Vec<u8> {
    let length = below(u, most + 1).min(u.len());
    u.bytes(length).unwrap_or_default().to_vec()
}

/// Draws a text, long ones included.
pub fn text(u: &mut Unstructured<'_>) -> String {
    const PIECES: [&str; 12] =
        ["电钻", "借", "梯", "3栋", "a", "\n", "\u{202E}", "\u{0}", "é", "👩‍🔧", "修水龙头", "\u{10FFFF}"];
    match below(u, 4) {
        0 => pick(u, &PIECES).map(|piece| (*piece).to_owned()).unwrap_or_default(),
        1 => String::from_utf8_lossy(&bytes(u, 40)).into_owned(),
        2 => (0..below(u, 8)).filter_map(|_| pick(u, &PIECES).copied()).collect(),
        _ => pick(u, &PIECES).copied().unwrap_or_default().repeat(below(u, 2100)),
    }
}

/// Bends bytes: flips, cuts, inserts, repeats.
pub fn bend(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) {
    for _ in 0..=below(u, 4) {
        let at = below(u, bytes.len());
        match below(u, 6) {
            0..3 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= u.arbitrary::<u8>().unwrap_or(0).max(1);
                }
            }
            3 => bytes.truncate(at),
            4 => {
                let more = self::bytes(u, 8);
                let at = at.min(bytes.len());
                bytes.splice(at..at, more);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = 0xff;
                }
            }
        }
    }
}
