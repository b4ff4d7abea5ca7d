//! A document as a damaged store gives it back.
#![no_main]

use std::sync::OnceLock;

use kaifong_fuzz::papers::{self, BUILDING, OWNER, Register, forked, ground, reseal};
use kaifong_fuzz::street::key;
use kaifong_fuzz::{Mode, below, bend, bytes, chance, open, pick, run};
use kaifong_replica::Document;

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    let mut pairs = pick(&mut u, stored()).cloned().unwrap_or_default();
    if mode == Mode::Raw {
        let value = u.take_rest().to_vec();
        let key = value.get(..1).unwrap_or_default().to_vec();
        let _ = Document::load(BUILDING, OWNER, &[(key, value.clone())]);
        let _ = Document::load(BUILDING, OWNER, &[(b"s".to_vec(), value)]);
        return;
    }
    let mut damaged = false;
    for _ in 0..below(&mut u, 4) {
        damaged = true;
        let at = below(&mut u, pairs.len());
        let Some((name, value)) = pairs.get_mut(at) else { break };
        match below(&mut u, 7) {
            0 => bend(&mut u, name),
            1 => *value = bytes(&mut u, 300),
            2 => {
                pairs.remove(at);
            }
            3 => {
                let again = pairs[at].clone();
                pairs.push(again);
            }
            4 => {
                let other = pick(&mut u, stored()).cloned().unwrap_or_default();
                pairs.extend(pick(&mut u, &other).cloned());
            }
            _ => {
                bend(&mut u, value);
                // A checksum would hide everything behind it.
                if chance(&mut u, 2) {
                    reseal(value);
                }
            }
        }
    }
    let Ok(mut document) = Document::load(BUILDING, OWNER, &pairs) else {
        assert!(damaged, "what is whole is loaded");
        return;
    };
    let _ = (document.records(), document.heads(), document.audit(&Register), document.missing(&[]));
    let _ = document.edit(&key(2), papers::NONCE, &papers::edit(&mut u));
    for delivery in &ground().1 {
        let _ = document.judge(delivery, &Register);
    }
    let _ = document.writes();
}

/// The pairs of a few documents: fresh ones, packed ones, one with a fork.
fn stored() -> &'static [Pairs] {
    static STORED: OnceLock<Vec<Pairs>> = OnceLock::new();
    STORED.get_or_init(|| {
        let pairs = |document: &mut Document| {
            document.writes().into_iter().filter_map(|(key, value)| Some((key, value?))).collect::<Pairs>()
        };
        let mut packed = Document::new(BUILDING, OWNER);
        let whole = ground().0.missing(&[]).expect("it has something");
        packed.judge(&whole, &Register).expect("an honest snapshot");
        vec![pairs(&mut ground().0.clone()), pairs(&mut packed), pairs(&mut forked().0.clone())]
    })
}
