//! Two replicas that were apart: each gives the other what it lacks.

use std::collections::BTreeSet;

use kaifong_domain::{EntryHash, JournalId};
use kaifong_trust::Journals;
use kaifong_trust::entry::{Basis, NO_ENTRY};
use proptest::prelude::*;

use crate::street::*;

/// 李叔's journal as a tree: each number says after which earlier entry the next one stands.
fn tree(after: &[u8]) -> (Street, JournalId) {
    let mut street = Street::founded_by("李叔");
    let li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    for (number, after) in after.iter().enumerate() {
        // Mostly a line, so that branches get long.
        let last = street.entries.len() - 1;
        let prev = if *after < 200 { last } else { usize::from(*after) % street.entries.len() };
        let prev = street.entries[prev].clone();
        let next = Forgery::of("李叔", &prev).with(|entry| {
            entry.seq = prev.value().seq + 1;
            entry.prev = EntryHash(prev.hash());
            entry.body = link(&number.to_string());
        });
        street.entries.push(next.signed());
    }
    (street, li.journal())
}

/// A replica that holds some entries with all that stands before them.
fn part(street: &Street, some: &[usize]) -> Journals {
    let whole = street.replica();
    let mut wanted = BTreeSet::new();
    for at in some {
        let tip = EntryHash(street.entries[at % street.entries.len()].hash());
        wanted.extend(whole.branch(&tip).map(|entry| entry.hash()));
    }
    let mut journals = street.empty();
    offer_all(&mut journals, street.entries.iter().filter(|entry| wanted.contains(&entry.hash())).cloned());
    journals
}

fn tips(journals: &Journals, id: &JournalId) -> Vec<[u8; 32]> {
    journals.journal(id).into_iter().flat_map(|journal| journal.tips().iter().map(|tip| tip.0)).collect()
}

/// Gives what `from` finds missing, in the order of its places; the number of entries that travelled.
fn give(from: &Journals, to: &mut Journals, id: &JournalId, held: &[[u8; 32]]) -> usize {
    let mut missing = from.missing(id, held);
    missing.sort_by_key(|(place, _)| *place);
    let number = missing.len();
    for (_, entry) in missing {
        let offered = to.offer(entry.verify().unwrap());
        assert!(!matches!(offered, Ok(kaifong_trust::journals::Offered::Waiting { .. })), "in causal order");
    }
    number
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn after_giving_each_other_what_is_missing_both_hold_the_same(
        after in proptest::collection::vec(any::<u8>(), 0..50),
        here in proptest::collection::vec(any::<usize>(), 0..4),
        there in proptest::collection::vec(any::<usize>(), 0..4),
        sketched in any::<bool>(),
    ) {
        let (street, id) = tree(&after);
        let (mut chen, mut ma) = (part(&street, &here), part(&street, &there));
        let held = |of: &Journals| if sketched { of.sketch(&id) } else { tips(of, &id) };
        let (of_chen, of_ma) = (held(&chen), held(&ma));
        let (before_chen, before_ma) = (chen.len(), ma.len());
        let (to_ma, to_chen) = (give(&chen, &mut ma, &id, &of_ma), give(&ma, &mut chen, &id, &of_chen));
        prop_assert_eq!(fingerprints(&chen), fingerprints(&ma));
        if of_ma.iter().all(|hash| holds(&street, &here, hash)) {
            prop_assert_eq!(to_ma, ma.len() - before_ma, "whose tips are known gets nothing twice");
        }
        prop_assert!(to_chen >= chen.len() - before_chen);
    }
}

fn holds(street: &Street, some: &[usize], hash: &[u8; 32]) -> bool {
    part(street, some).entry(&EntryHash(*hash)).is_some()
}

#[test]
fn a_long_journal_gives_what_is_missing_and_no_more() {
    let (street, id) = tree(&[0; 3_000]);
    let whole = street.replica();
    let behind = part(&street, &[2_990]);
    assert_eq!(whole.missing(&id, &tips(&behind, &id)).len(), 10);
    assert!(behind.missing(&id, &whole.sketch(&id)).len() < 10, "who is ahead gets less than they are ahead by");
    assert_eq!(whole.missing(&id, &[]).len(), 3_001);
    assert_eq!(whole.missing(&id, &[[9; 32]]).len(), 3_001, "what is not known does not count");
    assert!(whole.missing(&JournalId([9; 32]), &[]).is_empty());
}

#[test]
fn a_fork_at_the_end_does_not_cost_the_whole_journal() {
    let (mut street, id) = tree(&[0; 3_000]);
    let tip = street.entries[2_990].clone();
    let twin = Forgery::of("李叔", &tip).with(|entry| entry.body = link("背着邻居")).signed();
    let mut other = part(&street, &[2_989]);
    drop(other.offer(twin.clone()));
    let whole = street.replica();
    // Neither knows the other's tip.
    let given = whole.missing(&id, &other.sketch(&id)).len();
    assert!((11..=22).contains(&given), "{given} for eleven");
    assert!(other.missing(&id, &whole.sketch(&id)).len() <= 22);
    assert!(whole.sketch(&id).len() < 20);
    street.entries.push(twin);
    let forked = street.replica();
    assert_eq!(forked.missing(&id, &tips(&other, &id)).len(), 11);
    assert_eq!(forked.missing(&id, &tips(&whole, &id)).len(), 1);
    let [one, two] = forked.fork_proof(&id).unwrap();
    let (one, two) = (one.clone().verify().unwrap(), two.clone().verify().unwrap());
    assert_eq!((one.signer(), one.value().seq), (two.signer(), two.value().seq), "a proof for anybody");
    assert_ne!(one.hash(), two.hash());
}

#[test]
fn a_journal_without_entries_here_is_asked_for_whole() {
    let (street, id) = tree(&[0; 5]);
    assert!(street.empty().sketch(&id).is_empty());
    assert!(street.empty().fork_proof(&id).is_none());
    assert_eq!(street.replica().fork_proof(&id), None);
    let mut digests = [street.replica(), part(&street, &[3])].map(|journals| {
        let mut hasher = blake3::Hasher::new();
        journals.digest(&mut hasher);
        *hasher.finalize().as_bytes()
    });
    digests.sort_unstable();
    assert_ne!(digests[0], digests[1]);
}
