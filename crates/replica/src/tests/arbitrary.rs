//! Whatever bytes come: an answer, never a panic, and nothing that is taken in breaks what an audit checks.

use proptest::prelude::*;

use super::*;
use crate::ForkProof;

fn honest() -> (Document, Vec<Delivery>) {
    let mut document = empty();
    let mut apart = document.clone();
    let mut made = vec![
        edit(&mut document, &phone(), &profile("王芳")),
        edit(&mut document, &phone(), &put(1, "电钻")),
        edit(&mut apart, &tablet(), &put(2, "梯子")),
    ];
    take(&mut document, &made[2]);
    made.push(edit(&mut document, &phone(), &put(2, "推车")));
    made.push(edit(&mut document, &phone(), &Edit::PutListing(Listing { points: None, ..listing(1, "电钻") })));
    (document, made)
}

/// Where a byte is bent, and how.
fn bends() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4)
}

fn bend(bytes: &mut [u8], bends: &[(prop::sample::Index, u8)]) {
    for (at, mask) in bends {
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] ^= mask;
        }
    }
}

/// Sets the checksum right, as whoever bends a chunk on purpose would.
fn seal(chunk: &mut [u8]) {
    use sha2::{Digest, Sha256};
    if chunk.len() > 9 {
        let hash = Sha256::digest(&chunk[8..]);
        chunk[4..8].copy_from_slice(&hash[..4]);
    }
}

proptest! {
    #![proptest_config(cases(384))]

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut document = honest().0;
        let before = document.fingerprint();
        prop_assert!(document.judge_bytes(&bytes, &Register).is_err());
        prop_assert!(ForkProof::verify_bytes(&bytes, &BUILDING, &Register).is_err());
        let mut head = Vec::from(crate::gate::structure::MAGIC);
        head.extend(&bytes);
        let _ = document.judge(&carry(vec![head.clone()], vec![]), &Register);
        let mut snapshot = carry(vec![], vec![]);
        snapshot.content = Content::Snapshot(head);
        let _ = document.judge(&snapshot, &Register);
        prop_assert_eq!(document.fingerprint(), before);
        let pairs = [(bytes.clone(), bytes.clone()), (b"s".to_vec(), bytes)];
        let _ = Document::load(BUILDING, WANG_FANG, &pairs);
        let _ = Document::load(BUILDING, WANG_FANG, &pairs[1..]);
    }

    #[test]
    fn bent_deliveries_change_nothing(which in any::<prop::sample::Index>(), bends in bends()) {
        let (document, made) = honest();
        let delivery = match which.index(made.len() + 1) {
            0 => snapshot_of(&document),
            n => made[n - 1].clone(),
        };
        let mut bytes = kaifong_trust::encode(&delivery);
        bend(&mut bytes, &bends);
        let mut newcomer = empty();
        if newcomer.judge_bytes(&bytes, &Register).is_ok() {
            prop_assert!(newcomer.audit(&Register).is_ok());
        }
    }

    #[test]
    fn bent_chunks_with_a_right_checksum_change_nothing(bends in bends(), plain in any::<bool>()) {
        let (document, made) = honest();
        let mut newcomer = empty();
        let mut delivery = snapshot_of(&document);
        let mut bytes = if plain { document.doc.save_nocompress() } else { document.doc.save() };
        bend(&mut bytes, &bends);
        seal(&mut bytes);
        delivery.content = Content::Snapshot(bytes);
        if let Ok(Verdict::Applied { .. }) = newcomer.judge(&delivery, &Register) {
            // Whatever was bent, it was none of what the changes say.
            prop_assert_eq!(newcomer.heads(), document.heads());
            prop_assert_eq!(newcomer.records(), document.records());
            prop_assert!(newcomer.audit(&Register).is_ok());
        }
        let mut change = changes_of(&made[1]).remove(0);
        bend(&mut change, &bends);
        seal(&mut change);
        // Wang Fang's phone signs whatever it is: it still passes the other rules, or is refused.
        if let Ok(read) = crate::gate::structure::read_change(&change) {
            let mut ground = empty();
            take(&mut ground, &made[0]);
            let signed = carry(vec![change], vec![head(&phone(), read.seq(), read.hash().0)]);
            if ground.judge(&signed, &Register).is_ok() {
                prop_assert!(ground.audit(&Register).is_ok(), "{:?}", ground.audit(&Register).err());
                let saved = ground.doc.save();
                prop_assert!(automerge::Automerge::load(&saved).is_ok());
            }
        }
    }

    #[test]
    fn bent_proofs_convince_of_nothing_else(bends in bends()) {
        let (proof, _) = forks::forked_twice();
        let mut bytes = kaifong_trust::encode(&proof);
        bend(&mut bytes, &bends);
        if let Ok(verified) = ForkProof::verify_bytes(&bytes, &BUILDING, &Register) {
            prop_assert_eq!(verified.proof().id(), proof.id());
        }
    }
}
