//! Proofs of forks: many, in any order, and large ones.

use proptest::prelude::*;

use super::*;
use crate::fork::Voucher;
use crate::{ForkProof, VerifiedFork, limits};

fn branch(delivery: &Delivery) -> Voucher {
    Voucher { head: delivery.heads[0].clone(), way: changes_of(delivery) }
}

fn proof(actor: ActorKey, seq: u64, branches: [&Delivery; 2]) -> VerifiedFork {
    let branches = Box::new(branches.map(branch));
    let proof = ForkProof { building: BUILDING, document: WANG_FANG, actor, seq, branches };
    proof.verify(&BUILDING, &Register).unwrap()
}

/// A document, and at every change of it the proof of a twin.
fn twins(key: &DeviceKey, nonce: u8, changes: u8) -> (Document, Vec<VerifiedFork>) {
    let mut document = empty();
    let actor = ActorKey { device: key.id(), nonce: [nonce; 8] };
    let proofs = (1..=changes).map(|seq| {
        let twin = document.clone().edit(key, actor.nonce, &put(seq, "梯子")).unwrap();
        proof(actor, seq.into(), [&document.edit(key, actor.nonce, &put(seq, "电钻")).unwrap(), &twin])
    });
    let proofs = proofs.collect();
    (document, proofs)
}

#[test]
fn a_twin_of_every_change_costs_two_rebuilds() {
    let (mut document, proofs) = twins(&phone(), 1, 40);
    document.writes();
    let mut rebuilds = 0;
    for proof in proofs.iter().rev() {
        document.cut(proof).unwrap();
        rebuilds += usize::from(document.writes().iter().any(|(key, _)| key == b"s"));
    }
    assert_eq!(rebuilds, 2);
    assert_eq!(document.changes(), 0);
    let kept: Vec<_> = document.forks().iter().map(ForkProof::seq).collect();
    assert_eq!(kept, [1, 2], "those with the least seqs, so that all keep the same");
}

#[test]
fn seventy_forked_actors_are_too_many_for_nobody() {
    let all: Vec<_> = (0..70).flat_map(|nonce| twins(&phone(), nonce, 1).1).collect();
    let (mut forth, mut back) = (empty(), empty());
    all.iter().for_each(|proof| forth.cut(proof).unwrap());
    all.iter().rev().for_each(|proof| back.cut(proof).unwrap());
    assert_eq!(forth.forks().len(), 64);
    assert_eq!(forth.fingerprint(), back.fingerprint());
    // What has no place among them is cut all the same.
    let beyond = empty().edit(&phone(), [69; 8], &put(1, "电钻")).unwrap();
    assert_eq!(forth.judge(&beyond, &Register), Err(crate::GateRefusal::Cut));
    let mut newcomer = empty();
    meet(&mut newcomer, &mut forth);
    assert_eq!(store::reload(&mut newcomer).fingerprint(), back.fingerprint());
}

/// What a phone writes at length.
fn at_length(document: &mut Document, from: u8, text: &str) -> Vec<Delivery> {
    let long = |id| Edit::PutListing(Listing { body: text.repeat(2_000), ..listing(id, "电钻") });
    (from..from + 120).map(|id| edit(document, &phone(), &long(id))).collect()
}

#[test]
fn a_long_fork_is_proven_and_what_is_left_can_still_be_delivered() {
    let mut before = empty();
    edit(&mut before, &phone(), &put(1, "电钻"));
    let (mut one, mut other) = (before.clone(), before.clone());
    at_length(&mut one, 2, "𠀀");
    at_length(&mut other, 2, "𠀁");
    assert!(matches!(take(&mut one, &other.missing(&before.heads()).unwrap()), Verdict::Forked(_)));
    let found = one.forks()[0].size_bytes();
    assert!(found > limits::DELIVERY_PROOFS_SIZE_BYTES_MAX && found < limits::EVIDENCE_SIZE_BYTES_MAX, "{found}");
    let delivery = snapshot_of(&one);
    assert_eq!(delivery.aftermath.forks, [], "it travels by itself");
    let mut newcomer = empty();
    take(&mut newcomer, &delivery);
    assert_eq!(newcomer.records(), before.records());
    newcomer.audit(&Register).unwrap();
    meet(&mut newcomer, &mut one);
    meet(&mut other, &mut newcomer);
}

#[test]
fn a_way_is_bounded_before_it_is_read() {
    let (_, proofs) = twins(&phone(), 1, 1);
    let encoded = |way: Vec<Vec<u8>>| {
        let mut proof = proofs[0].proof().clone();
        proof.branches[0].way = way;
        kaifong_trust::encode(&proof)
    };
    let decoded = |bytes: &[u8]| kaifong_trust::decode_exact::<ForkProof>(bytes, "proof").is_ok();
    assert!(decoded(&encoded(proofs[0].proof().branches[0].way.clone())));
    assert!(decoded(&encoded(vec![vec![0; limits::CHANGE_SIZE_BYTES_MAX]])));
    assert!(!decoded(&encoded(vec![vec![0; limits::CHANGE_SIZE_BYTES_MAX + 1]])));
    assert!(!decoded(&encoded(vec![vec![]; limits::DOCUMENT_CHANGES_MAX + 1])));
    let full = limits::EVIDENCE_SIZE_BYTES_MAX.div_ceil(limits::CHANGE_SIZE_BYTES_MAX);
    assert!(!decoded(&encoded(vec![vec![0; limits::CHANGE_SIZE_BYTES_MAX]; full + 1])));
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn proofs_cut_alike_in_whatever_order_they_come(
        orders in prop::array::uniform2(Just((0..210_usize).collect::<Vec<_>>()).prop_shuffle()),
        held in 0..70_u8,
    ) {
        let (document, _) = twins(&phone(), held, 3);
        let all: Vec<_> = (0..70).flat_map(|nonce| twins(&phone(), nonce, 3).1).collect();
        let mut replicas = [document.clone(), empty()];
        for (replica, order) in replicas.iter_mut().zip(&orders) {
            order.iter().for_each(|at| replica.cut(&all[*at]).unwrap());
        }
        let [one, other] = &replicas;
        prop_assert_eq!(one.fingerprint(), other.fingerprint());
        prop_assert_eq!(one.forks().len(), 128);
        prop_assert_eq!(one.changes(), 0);
    }
}
