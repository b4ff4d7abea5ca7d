//! The code that another device shows face to face: packed, spelled, and what a real one becomes when it is bent.
#![no_main]

use data_encoding::BASE32_NOPAD;
use kaifong_domain::{BuildingId, EntryHash, JournalId};
use kaifong_fuzz::{Mode, Unstructured, array, below, bend, open, run};
use kaifong_sync::face::{PREFIX, Shown, What};

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    if mode == Mode::Raw {
        let bytes = u.take_rest();
        let _ = Shown::read(&String::from_utf8_lossy(bytes));
        let _ = Shown::read(&format!("{PREFIX}{}", BASE32_NOPAD.encode(bytes)));
        return;
    }
    let hashes = |u: &mut Unstructured<'_>| (0..below(u, 12)).map(|_| EntryHash(array(u))).collect();
    let what = match below(&mut u, 2) {
        0 => What::Payee { journal: JournalId(array(&mut u)) },
        _ => What::Lacking { about: EntryHash(array(&mut u)), held: hashes(&mut u), lacking: hashes(&mut u) },
    };
    let shown = Shown { building: BuildingId(array(&mut u)), what };
    let Some(text) = shown.text() else { return };
    if mode == Mode::Bent {
        let mut bytes = text.into_bytes();
        bend(&mut u, &mut bytes);
        let _ = Shown::read(&String::from_utf8_lossy(&bytes));
    } else {
        assert_eq!(Shown::read(&text).as_ref(), Ok(&shown), "a code that was shown can be read");
    }
}
