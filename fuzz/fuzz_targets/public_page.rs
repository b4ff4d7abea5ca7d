//! The public page that a newcomer is shown by a stranger.
#![no_main]

use kaifong_fuzz::street::{DEVICES, key, street};
use kaifong_fuzz::{Mode, below, bend, chance, open, pick, run};
use kaifong_trust::page::EVIDENCE_MAX;
use kaifong_trust::{PublicPage, decode_exact, encode};

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    let street = street();
    if mode == Mode::Raw {
        if let Ok(page) = decode_exact::<PublicPage>(u.take_rest(), "page") {
            let _ = page.verify(&key(0).id());
        }
        return;
    }
    let mut past = street.past();
    let mut journals = street.journals();
    let mut evidence: Vec<_> = street.entries.iter().filter(|_| !chance(&mut u, 4)).cloned().collect();
    for _ in 0..below(&mut u, 12) {
        let entry = past.entry(&mut u);
        let _ = journals.offer(entry.clone());
        evidence.push(entry);
    }
    let node = key(below(&mut u, usize::from(DEVICES)) as u8).id();
    // What a neighbour composes convinces a newcomer.
    if journals.roster().device(&node).is_some() {
        let page = PublicPage::compose(&street.genesis, &journals, journals.roster(), &node);
        assert!(page.evidence.len() <= EVIDENCE_MAX);
        let read = page.verify(&node);
        assert!(read.is_ok_and(|building| building.id == street.building), "an honest page convinces");
    }
    let mut evidence: Vec<_> = evidence.iter().map(|entry| entry.signed().clone()).collect();
    if chance(&mut u, 16) {
        let more = pick(&mut u, &evidence).cloned();
        evidence.extend(std::iter::repeat_n(more, below(&mut u, EVIDENCE_MAX)).flatten());
    }
    let mut bytes = encode(&PublicPage { genesis: street.genesis.signed().clone(), evidence });
    if mode == Mode::Bent {
        bend(&mut u, &mut bytes);
    }
    let Ok(page) = decode_exact::<PublicPage>(&bytes, "page") else { return };
    if let Ok(building) = page.verify(&node) {
        assert_eq!(building.id, street.building, "no key of another founder is here");
        assert!(building.reviewers.iter().any(|(device, _)| *device == key(0).id()), "the founder reviews");
    }
}
