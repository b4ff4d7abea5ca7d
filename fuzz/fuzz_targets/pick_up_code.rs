//! The code that a buyer shows at a shop: what was typed, and what a real one becomes when it is bent.
#![no_main]

use kaifong_domain::{BuildingId, EntryHash, JournalId};
use kaifong_fuzz::{Mode, array, below, bend, open, run};
use kaifong_sync::face::{Shown, What};
use kaifong_sync::pickup::{PICK_UP_PREFIX, PickUpShown};
use kaifong_trust::DeviceKey;
use kaifong_trust::pickup::PickUpCode;

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    if mode == Mode::Raw {
        let text = String::from_utf8_lossy(u.take_rest());
        let _ = text.parse::<PickUpCode>();
        let _ = PickUpShown::read(&text);
        let _ = PickUpShown::read(&format!("{PICK_UP_PREFIX}{text}"));
        return;
    }
    let what = match below(&mut u, 2) {
        0 => What::Payee { journal: JournalId(array(&mut u)) },
        _ => What::Lacking { about: EntryHash(array(&mut u)), held: Vec::new(), lacking: Vec::new() },
    };
    let code = PickUpCode::of(&DeviceKey::from_seed(array(&mut u)), &array(&mut u));
    let shown = PickUpShown { code, shown: Shown { building: BuildingId(array(&mut u)), what } };
    let Some(text) = shown.text() else { return };
    if mode == Mode::Bent {
        let mut bytes = text.into_bytes();
        bend(&mut u, &mut bytes);
        let _ = PickUpShown::read(&String::from_utf8_lossy(&bytes));
    } else {
        assert_eq!(PickUpShown::read(&text).as_ref(), Ok(&shown), "a code that was shown can be read");
        assert_eq!(shown.code.to_string().parse().as_ref(), Ok(&shown.code), "so can the eight characters");
    }
}
