//! Journal entries: bytes → signature → admission → ledger, in two orders.
#![no_main]

use kaifong_fuzz::street::{Eyes, street};
use kaifong_fuzz::{Mode, Unstructured, below, bend, chance, open, run};
use kaifong_ledger::Ledger;
use kaifong_trust::entry::Entry;
use kaifong_trust::journals::{WAITING_BYTES_MAX, WAITING_MAX};
use kaifong_trust::{Journals, Signed, Verified};

const ENTRIES_MAX: usize = 48;

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    let mut journals = street().journals();
    if mode == Mode::Raw {
        if let Ok(entry) = Signed::<Entry>::from_bytes(u.take_rest()).and_then(Signed::verify) {
            let _ = journals.offer(entry);
        }
        return check(&journals);
    }
    let mut entries = believed(&mut u, mode);
    for entry in entries.clone() {
        let _ = journals.offer(entry);
    }
    // Whoever hears of it in another order ends with the same, once everything has been offered often enough.
    let mut other = street().journals();
    entries.reverse();
    let turn = below(&mut u, entries.len());
    entries.rotate_left(turn);
    for journals in [&mut other, &mut journals] {
        let mut before = 0;
        while before != journals.len() {
            before = journals.len();
            entries.iter().for_each(|entry| _ = journals.offer(entry.clone()));
        }
    }
    assert_eq!(digest(&journals), digest(&other), "the order of arrival does not matter");
    assert_eq!(check_ledger(&journals), check_ledger(&other), "nor does it for the points");
    check(&journals);
}

fn believed(u: &mut Unstructured<'_>, mode: Mode) -> Vec<Verified<Entry>> {
    let mut past = street().past();
    let mut entries = Vec::new();
    while !u.is_empty() && entries.len() < ENTRIES_MAX {
        let mut bytes = past.entry(u).signed().to_bytes();
        if mode == Mode::Bent && chance(u, 4) {
            bend(u, &mut bytes);
        }
        let read = Signed::<Entry>::from_bytes(&bytes);
        if let Ok(read) = &read {
            assert_eq!(Signed::from_bytes(&read.to_bytes()).as_ref(), Ok(read), "what is read is written the same");
        }
        entries.extend(read.and_then(Signed::verify));
    }
    entries
}

fn digest(journals: &Journals) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    journals.digest(&mut hasher);
    journals.roster().digest(&mut hasher);
    *hasher.finalize().as_bytes()
}

fn check(journals: &Journals) {
    assert!(journals.waiting() <= WAITING_MAX && journals.waiting_bytes() <= WAITING_BYTES_MAX);
    for journal in journals.journals() {
        let sketch = journals.sketch(&journal.id);
        assert!(journals.missing(&journal.id, &sketch).is_empty(), "a sketch of all leaves nothing missing");
        assert_eq!(journals.missing(&journal.id, &[]).len(), journal.len());
        assert_eq!(journals.fork_proof(&journal.id).is_some(), journal.forked_at().is_some());
    }
}

fn check_ledger(journals: &Journals) -> [u8; 32] {
    let mut ledger = Ledger::new();
    let eyes = Eyes(journals.roster());
    for entry in journals.since(0) {
        ledger.add(entry, &eyes);
        assert_eq!(ledger.sum(), 0, "the sum over all accounts is zero");
    }
    for journal in journals.journals() {
        for tip in journal.tips() {
            let _ = (ledger.standing(tip), ledger.incoming(tip), ledger.reclaimable(tip), ledger.newest_stamp(tip));
            let _ = ledger.stamp_for(tip);
        }
        let _ = ledger.statement(&journal.member);
    }
    let mut hasher = blake3::Hasher::new();
    ledger.digest(&mut hasher);
    *hasher.finalize().as_bytes()
}
