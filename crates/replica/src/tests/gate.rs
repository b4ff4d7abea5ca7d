//! What honest deliveries do.

use kaifong_domain::record::{Edit, Listing, Profile};
use kaifong_domain::{Instant, Points, Refusal};

use super::*;
use crate::{AuditCount, EditError, GateRefusal, ReplicaError};

#[test]
fn what_wang_fang_writes_her_neighbour_reads() {
    let (mut mine, mut theirs) = (empty(), empty());
    for wish in [profile("王芳"), put(1, "电钻"), review(4, 5), reply(3, "谢谢"), invite(6)] {
        let delivery = edit(&mut mine, &phone(), &wish);
        assert_eq!(take(&mut theirs, &delivery), Verdict::Applied { records_changed: true });
        assert_eq!(take(&mut theirs, &delivery), Verdict::AlreadyKnown);
    }
    assert_eq!(theirs.records(), mine.records());
    assert_eq!(theirs.fingerprint(), mine.fingerprint());
    let records = theirs.records();
    assert_eq!(
        records.profile,
        Profile { name: "王芳".into(), block: "3 栋".into(), about: String::new(), place: None }
    );
    assert_eq!(records.listings, [listing(1, "电钻")]);
    assert_eq!((records.reviews.len(), records.replies.len(), records.invites.len()), (1, 1, 1));
    assert_eq!(theirs.audit(&Register), Ok(AuditCount { changes: 5, signatures: 1 }));
}

#[test]
fn an_edit_writes_only_what_differs() {
    let mut mine = empty();
    edit(&mut mine, &phone(), &put(1, "电钻"));
    let again = edit(&mut mine, &phone(), &put(1, "电钻"));
    assert_eq!(changes_of(&again).len(), 0, "nothing differs, so no change is made");
    let closed = Listing { closed_at: Some(Instant(9)), points: None, ..listing(1, "电钻") };
    let delivery = edit(&mut mine, &phone(), &Edit::PutListing(closed.clone()));
    let change = automerge::Change::try_from(changes_of(&delivery)[0].as_slice()).unwrap();
    assert_eq!(change.len(), 2, "one closing, one deletion");
    assert_eq!(mine.records().listings, [closed]);
}

#[test]
fn two_devices_that_mend_one_listing_while_apart_both_keep_their_mend() {
    let (mut on_phone, mut on_tablet) = (empty(), empty());
    let first = edit(&mut on_phone, &phone(), &put(1, "电钻"));
    take(&mut on_tablet, &first);
    let closing =
        edit(&mut on_phone, &phone(), &Edit::PutListing(Listing { closed_at: Some(Instant(9)), ..listing(1, "电钻") }));
    let naming = edit(&mut on_tablet, &tablet(), &put(1, "冲击钻"));
    take(&mut on_phone, &naming);
    take(&mut on_tablet, &closing);
    let both = Listing { closed_at: Some(Instant(9)), ..listing(1, "冲击钻") };
    assert_eq!(on_phone.records().listings, [both]);
    assert_eq!(on_phone.records(), on_tablet.records());
}

#[test]
fn one_deal_reviewed_on_two_devices_shows_one_whole_review_everywhere() {
    let (mut on_phone, mut on_tablet) = (empty(), empty());
    let from_phone = edit(&mut on_phone, &phone(), &review(4, 5));
    let from_tablet = edit(&mut on_tablet, &tablet(), &review(4, 2));
    take(&mut on_phone, &from_tablet);
    take(&mut on_tablet, &from_phone);
    assert_eq!(on_phone.records().reviews.len(), 1);
    assert_eq!(on_phone.records(), on_tablet.records());
    // Whichever shows, it can be mended from both sides.
    let mended = edit(&mut on_tablet, &tablet(), &review(4, 3));
    take(&mut on_phone, &mended);
    assert_eq!(on_phone.records(), on_tablet.records());
    assert_eq!(on_phone.records().reviews[0].stars, 3);
}

#[test]
fn the_domain_refuses_before_anything_is_written() {
    let mut mine = empty();
    let refused = mine.edit(&phone(), NONCE, &put(1, "")).unwrap_err();
    assert_eq!(refused, EditError::Refused(Refusal::TextEmpty { field: "title" }));
    let dear = Listing { points: Some(Points(2_000_000)), ..listing(1, "电钻") };
    assert!(matches!(mine.edit(&phone(), NONCE, &Edit::PutListing(dear)), Err(EditError::Refused(_))));
    let far = Listing { posted_at: Instant(u64::MAX), ..listing(1, "电钻") };
    assert!(matches!(mine.edit(&phone(), NONCE, &Edit::PutListing(far)), Err(EditError::Refused(_))));
    assert_eq!((mine.changes(), mine.writes()), (0, vec![]));
}

#[test]
fn what_builds_on_the_unknown_waits_and_leaves_nothing_behind() {
    let (mut mine, mut theirs) = (empty(), empty());
    let first = edit(&mut mine, &phone(), &put(1, "电钻"));
    let before = mine.heads();
    let second = edit(&mut mine, &phone(), &put(2, "梯子"));
    assert_eq!(take(&mut theirs, &second), Verdict::Waiting { missing_deps: before });
    assert_eq!((theirs.changes(), theirs.writes()), (0, vec![]));
    take(&mut theirs, &first);
    take(&mut theirs, &second);
    assert_eq!(theirs.fingerprint(), mine.fingerprint());
}

#[test]
fn one_delivery_brings_many_changes_in_any_order_under_one_signature() {
    let (mut mine, mut theirs) = (empty(), empty());
    let mut changes = Vec::new();
    let mut last = None;
    for id in 1..20 {
        let delivery = edit(&mut mine, &phone(), &put(id, "书"));
        changes.splice(0..0, changes_of(&delivery));
        last = Some(delivery.heads);
    }
    let twice = [changes.clone(), changes].concat();
    assert_eq!(take(&mut theirs, &carry(twice, last.unwrap())), Verdict::Applied { records_changed: true });
    assert_eq!(theirs.fingerprint(), mine.fingerprint());
    assert_eq!(theirs.audit(&Register), Ok(AuditCount { changes: 19, signatures: 1 }));
}

#[test]
fn missing_gives_the_difference_a_snapshot_or_nothing() {
    let (mut mine, mut theirs) = (empty(), empty());
    assert_eq!(mine.missing(&[]), None);
    take(&mut theirs, &edit(&mut mine, &phone(), &put(1, "电钻")));
    assert_eq!(mine.missing(&theirs.heads()), None);
    edit(&mut mine, &phone(), &put(2, "梯子"));
    edit(&mut mine, &tablet(), &put(3, "推车"));
    let delivery = mine.missing(&[theirs.heads(), vec![[0; 32]]].concat()).unwrap();
    assert_eq!((changes_of(&delivery).len(), delivery.heads.len()), (2, 2), "what is not known says nothing");
    take(&mut theirs, &delivery);
    assert_eq!(theirs.fingerprint(), mine.fingerprint());
    assert!(matches!(mine.missing(&[]).unwrap().content, Content::Snapshot(_)));
}

#[test]
fn a_delivery_for_another_document_is_refused() {
    let mut lis = Document::new(BUILDING, LI_NA);
    let delivery = edit(&mut empty(), &phone(), &put(1, "电钻"));
    assert_eq!(lis.judge(&delivery, &Register), Err(GateRefusal::OtherDocument));
    assert!(
        lis.cut(&forks::forked_twice().0.verify(&BUILDING, &Register).unwrap()) == Err(ReplicaError::OtherDocument)
    );
}

#[test]
fn the_profile_of_this_build_lets_the_gate_catch_panics() {
    const { assert!(cfg!(panic = "unwind")) };
    let caught: Result<(), _> = crate::gate::rehearsal::caught(|| panic!("as Automerge does on some bytes"));
    assert_eq!(caught, Err(GateRefusal::RehearsalPanicked));
}

#[test]
fn so_many_doubts_about_a_store_fill_a_document_and_the_next_edit_says_so() {
    let (mut mine, mut theirs) = (empty(), empty());
    // Nine tenths of what a document may hold: another device may have as many doubts while apart.
    for doubt in 0..57 {
        take(&mut theirs, &mine.edit(&phone(), [doubt; 8], &put(doubt, "电钻")).unwrap());
    }
    assert_eq!(mine.edit(&phone(), [57; 8], &put(57, "电钻")), Err(EditError::Full));
    // Those that have a place go on.
    take(&mut theirs, &mine.edit(&phone(), [3; 8], &put(3, "梯子")).unwrap());
    assert_eq!(theirs.fingerprint(), mine.fingerprint());
    let mut newcomer = empty();
    take(&mut newcomer, &snapshot_of(&theirs));
    assert_eq!(newcomer.audit(&Register), Ok(AuditCount { changes: 58, signatures: 57 }));
}
