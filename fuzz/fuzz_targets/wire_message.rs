//! One frame as it comes off the wire.
#![no_main]

use std::sync::OnceLock;

use kaifong_fuzz::messages::Pool;
use kaifong_fuzz::papers;
use kaifong_fuzz::street::street;
use kaifong_fuzz::{Mode, bend, open, run};
use kaifong_sync::{ItemId, Message};
use kaifong_trust::PublicPage;

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    if mode == Mode::Raw {
        return read(u.take_rest());
    }
    let message = pool().message(&mut u, 4);
    let mut bytes = message.encode();
    assert_eq!(message.size_bytes(), bytes.len());
    if mode == Mode::Bent {
        bend(&mut u, &mut bytes);
    }
    read(&bytes);
}

fn read(bytes: &[u8]) {
    let Ok(message) = Message::decode(bytes) else { return };
    let again = message.encode();
    assert_eq!(message.size_bytes(), again.len());
    assert_eq!(Message::decode(&again), Ok(message), "what is written is read the same");
}

fn pool() -> &'static Pool {
    static POOL: OnceLock<Pool> = OnceLock::new();
    POOL.get_or_init(|| {
        let (street, (document, deliveries)) = (street(), papers::ground());
        let journals = street.journals();
        let entries = street.entries.iter().map(|entry| entry.signed().clone());
        let page = PublicPage::compose(&street.genesis, &journals, journals.roster(), &street.genesis.signer());
        let items = journals
            .journals()
            .map(|journal| (ItemId::Journal(journal.id), journal.tips().iter().map(|tip| tip.0).collect()));
        let mut pool = Pool {
            building: Some(street.building),
            entries: entries.collect(),
            deliveries: deliveries.clone(),
            forks: papers::forked().0.forks().to_vec(),
            pages: vec![page],
            items: items.collect(),
        };
        pool.deliveries.extend(document.missing(&[]));
        pool.deliveries.extend(papers::forked().0.missing(&[]));
        pool.items.push((ItemId::Document(papers::OWNER), document.heads()));
        pool
    })
}
