//! What a removed reviewer signs under an older epoch, and what stays of what they signed before (rule M4).

use kaifong_domain::charter::Charter;
use kaifong_domain::place::PlaceMap;
use kaifong_domain::{EntryHash, MemberId};
use kaifong_trust::entry::{
    Approval, Basis, Body, Capacity, Cutoff, Epoch, EpochCutting, Link, MemberKind, NO_ENTRY, Opinion, Role, Stamp,
    Tip, Vouch,
};
use kaifong_trust::{Journals, Pen, Verified};
use proptest::prelude::*;

use crate::council::seats;
use crate::street::*;

fn cutting(number: u32, prev: EntryHash, roles: &[MemberId], cutoffs: Vec<Cutoff>) -> Body {
    let roles = roles.iter().map(|member| (*member, Role::Reviewer)).collect();
    let (witnesses, charter) = (Vec::new(), Charter::default());
    let epoch = Epoch {
        number,
        prev,
        roles,
        witnesses,
        charter,
        seats: Vec::new(),
        places: PlaceMap::default(),
        fund: Default::default(),
    };
    Body::EpochCutting(EpochCutting { epoch, cutoffs })
}

fn tip(street: &Street, hash: EntryHash) -> Tip {
    let entry = street.entry(hash);
    Tip { journal: entry.value().journal, seq: entry.value().seq, hash }
}

fn at(street: &Street, name: &str, hashes: &[EntryHash]) -> Vec<Cutoff> {
    let mut tips: Vec<_> = hashes.iter().map(|hash| tip(street, *hash)).collect();
    tips.sort_unstable();
    vec![Cutoff { member: street.member(name), tips }]
}

fn is_member(journals: &Journals, street: &Street, name: &str) -> bool {
    let member = street.member(name);
    journals.roster().member(&member).is_some() && journals.roster().settled(&key(name).id()).is_some()
}

/// 李叔 has founded; 陈姨 reviews since the first epoch, has two devices and let 小马 in.
struct Scene {
    street: Street,
    li: Pen,
    chen: Pen,
    tablet: Pen,
    first: EntryHash,
    ma: EntryHash,
}

fn scene() -> Scene {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let hers = street.certify(&mut li, NO_ENTRY, "陈姨", MemberKind::Person);
    let mut chen = street.open("陈姨", "陈姨", 0, Basis::Certificate(hers), NO_ENTRY);
    let linked = street.write(&mut chen, NO_ENTRY, link("陈姨的平板"));
    let tablet = street.open("陈姨的平板", "陈姨", 1, Basis::Link(linked), NO_ENTRY);
    let reviews = epoch(1, NO_ENTRY, &[(street.member("陈姨"), Role::Reviewer)]);
    let first = street.write(&mut li, NO_ENTRY, reviews);
    let ma = street.certify(&mut chen, first, "小马", MemberKind::Person);
    street.open("小马", "小马", 0, Basis::Certificate(ma), first);
    Scene { street, li, chen, tablet, first, ma }
}

impl Scene {
    fn remove(&mut self, number: u32, prev: EntryHash, at_hashes: &[EntryHash]) -> EntryHash {
        let cutoffs = at(&self.street, "陈姨", at_hashes);
        self.street.write(&mut self.li, prev, cutting(number, prev, &[], cutoffs))
    }
}

#[test]
fn a_removed_reviewer_who_names_an_older_epoch_lets_nobody_in_and_whom_she_let_in_stays() {
    let mut scene = scene();
    let removed = scene.remove(2, scene.first, &[scene.ma]);
    // From the tablet, which never named the newer epoch, and from the phone behind the cutoff.
    let ghost = scene.street.certify(&mut scene.tablet, scene.first, "影子", MemberKind::Person);
    scene.street.open("影子", "影子", 0, Basis::Certificate(ghost), scene.first);
    let late = scene.street.certify(&mut scene.chen, scene.first, "晚来的", MemberKind::Person);
    let journals = scene.street.replica();
    assert!(is_member(&journals, &scene.street, "小马"), "removing a reviewer removes no member");
    assert!(is_member(&journals, &scene.street, "陈姨"), "she stays a neighbour");
    assert!(!is_member(&journals, &scene.street, "影子"));
    assert!(!is_member(&journals, &scene.street, "晚来的"));
    assert!(!journals.counts(&late) && journals.counts(&scene.ma));
    // What she says as a neighbour is hers as before, under whichever epoch.
    let said = scene.street.write(&mut scene.chen, removed, link("陈姨的新手机"));
    assert!(scene.street.replica().counts(&said));
}

#[test]
fn who_was_removed_again_goes_by_each_time_for_itself() {
    let mut scene = scene();
    let removed = scene.remove(2, scene.first, &[scene.ma]);
    let between = scene.street.certify(&mut scene.tablet, scene.first, "影子", MemberKind::Person);
    let chen = scene.street.member("陈姨");
    let again = scene.street.write(&mut scene.li, removed, epoch(3, removed, &[(chen, Role::Reviewer)]));
    let second = scene.street.certify(&mut scene.tablet, again, "王姨", MemberKind::Person);
    assert!(is_member(&scene.street.replica(), &scene.street, "王姨"), "elected again, she lets in again");
    assert!(
        !is_member(&scene.street.replica(), &scene.street, "影子"),
        "what she signed in between does not come back"
    );
    scene.remove(4, again, &[second]);
    let journals = scene.street.replica();
    assert!(is_member(&journals, &scene.street, "王姨"));
    assert!(!journals.counts(&between), "the second cutoff lies above it, and is another one");
}

#[test]
fn a_cutoff_is_raised_and_never_lowered_and_of_two_the_higher_counts() {
    let mut scene = scene();
    let late = scene.street.certify(&mut scene.chen, scene.first, "晚来的", MemberKind::Person);
    let low = scene.remove(2, scene.first, &[scene.ma]);
    assert!(!is_member(&scene.street.replica(), &scene.street, "晚来的"));
    let high = scene.remove(3, low, &[late]);
    assert!(is_member(&scene.street.replica(), &scene.street, "晚来的"), "raised");
    scene.remove(4, high, &[]);
    let journals = scene.street.replica();
    assert!(is_member(&journals, &scene.street, "晚来的"), "not lowered");
    assert!(is_member(&journals, &scene.street, "小马"));
}

#[test]
fn a_cutoff_names_what_its_member_has_signed_and_each_entry_once() {
    let mut scene = scene();
    let foreign = at(&scene.street, "李叔", &[scene.ma]);
    let first = scene.first;
    scene.street.write(&mut scene.li, first, cutting(2, first, &[], foreign));
    assert_eq!(scene.street.replica().roster().now().number, 1, "what another has signed is no cutoff of the founder");
    let same = cutting(2, first, &[], at(&scene.street, "陈姨", &[scene.ma, scene.ma]));
    let Body::EpochCutting(same) = same else { panic!("it is one") };
    assert!(same.check().is_err(), "one entry twice");
    let mut twice = at(&scene.street, "陈姨", &[scene.ma]);
    twice.push(twice[0].clone());
    let refused = cutting(2, first, &[], twice);
    let Body::EpochCutting(refused) = refused else { panic!("it is one") };
    assert!(refused.check().is_err());
    assert!(EpochCutting { cutoffs: Vec::new(), ..refused }.check().is_err(), "without cutoffs it is a plain epoch");
}

#[test]
fn an_epoch_from_before_there_were_cutoffs_reads_as_it_was_written() {
    let plain = epoch(1, NO_ENTRY, &[]);
    let bytes = kaifong_trust::encode(&plain);
    assert_eq!(bytes[..2], [3, 1], "the fourth kind of entry, and its number");
    assert_eq!(bytes.len(), 1 + 1 + 32 + 1 + 1 + kaifong_trust::encode(&Charter::default()).len() + 1);
}

#[test]
fn nobody_signs_a_cutoff_below_what_a_witness_had_stamped_when_it_came() {
    let mut scene = scene();
    let witness = key("李叔").id();
    let chen = scene.street.member("陈姨");
    let seen = epoch_with(2, scene.first, &[(chen, Role::Reviewer)], vec![witness]);
    let seen = scene.street.write(&mut scene.li, scene.first, seen);
    let stamp = |scene: &mut Scene, hash: EntryHash| {
        let Tip { journal, seq, hash } = tip(&scene.street, hash);
        scene.street.write(&mut scene.li, seen, Body::Stamp(Stamp { journal, seq, hash, rights: 0 }))
    };
    let stamped = scene.street.certify(&mut scene.chen, seen, "王姨", MemberKind::Person);
    stamp(&mut scene, stamped);
    let low = scene.remove(3, seen, &[scene.ma]);
    assert!(scene.street.replica().cuts_below_a_stamp(&low), "a cutoff is no weapon");
    let high = scene.remove(3, seen, &[stamped]);
    let late = scene.street.certify(&mut scene.chen, seen, "周伯", MemberKind::Person);
    stamp(&mut scene, late);
    let journals = scene.street.replica();
    assert!(!journals.cuts_below_a_stamp(&high), "what is stamped since holds nobody up");
    assert_eq!(journals.cutoff_of(&chen, 64).tips, [tip(&scene.street, late)], "what a draft of today leaves her");
}

#[test]
fn who_forks_their_journal_takes_nobody_along_and_cannot_stay_in_office_by_it() {
    let mut scene = scene();
    let (witness, chen) = (key("李叔").id(), scene.street.member("陈姨"));
    let seen = epoch_with(2, scene.first, &[(chen, Role::Reviewer)], vec![witness]);
    let seen = scene.street.write(&mut scene.li, scene.first, seen);
    let early = scene.street.replica();
    let wang = scene.street.certify(&mut scene.chen, seen, "王姨", MemberKind::Person);
    let Tip { journal, seq, hash } = tip(&scene.street, wang);
    scene.street.write(&mut scene.li, seen, Body::Stamp(Stamp { journal, seq, hash, rights: 0 }));
    // Another branch, longer than the one on which she let 王姨 in, with one more neighbour and noise behind them.
    let mut other = Pen::resume(key("陈姨"), &early, &journal).unwrap();
    let zhou = scene.street.certify(&mut other, seen, "周伯", MemberKind::Person);
    for n in 0..4 {
        scene.street.write(&mut other, seen, link(&format!("噪声 {n}")));
    }
    let journals = scene.street.replica();
    assert!(journals.journal(&journal).unwrap().forked_at().is_some());
    let cutoff = journals.cutoff_of(&chen, 64);
    let mut both = vec![tip(&scene.street, wang), tip(&scene.street, zhou)];
    both.sort_unstable();
    assert_eq!(cutoff.tips, both);
    let removed = scene.street.write(&mut scene.li, seen, cutting(3, seen, &[], vec![cutoff]));
    assert!(!scene.street.replica().cuts_below_a_stamp(&removed));
    let late = scene.street.certify(&mut other, seen, "影子", MemberKind::Person);
    let journals = scene.street.replica();
    for name in ["小马", "王姨", "周伯"] {
        assert!(journals.roster().member(&scene.street.member(name)).is_some(), "{name} stays");
    }
    assert!(!journals.counts(&late));
}

#[test]
fn who_reviews_no_longer_is_cut_off_once_and_not_again_with_their_next_role() {
    let mut scene = scene();
    let chen = scene.street.member("陈姨");
    let both = [(chen, Role::Reviewer), (chen, Role::Mediator)];
    let second = scene.street.write(&mut scene.li, scene.first, epoch(2, scene.first, &both));
    let mediates = [(chen, Role::Mediator)].into();
    let last = |scene: &Scene, roles| scene.street.replica().roster().last_reviews(&roles, true);
    assert_eq!(last(&scene, mediates), [chen].into());
    let cutoff = scene.street.replica().cutoff_of(&chen, 64);
    let Body::EpochCutting(mut cut) = cutting(3, second, &[], vec![cutoff]) else { panic!("it is one") };
    cut.epoch.roles = vec![(chen, Role::Mediator)];
    scene.street.write(&mut scene.li, second, Body::EpochCutting(cut));
    scene.street.certify(&mut scene.chen, second, "影子", MemberKind::Person);
    assert!(last(&scene, [].into()).is_empty(), "a second cutoff would leave her what the first did not");
    assert!(last(&scene, [(chen, Role::Reviewer)].into()).is_empty());
}

/// Reviewers come and go, two epochs stand against each other, a council takes over, and the removed go on signing.
fn a_street_of_removals() -> Street {
    let mut scene = scene();
    let wang = scene.street.certify(&mut scene.li, scene.first, "王姨", MemberKind::Person);
    let mut hers = scene.street.open("王姨", "王姨", 0, Basis::Certificate(wang), scene.first);
    let removed = scene.remove(2, scene.first, &[scene.ma]);
    // What the removed say of somebody's capacity lies beyond too.
    let vouch = |street: &Street, capacity| {
        Body::Vouch(Vouch { member: street.member("小马"), capacity, opinion: Opinion::For, number: 1 })
    };
    let guard = vouch(&scene.street, Capacity::Security);
    scene.street.write(&mut scene.tablet, scene.first, guard);
    let ghost = scene.street.certify(&mut scene.tablet, scene.first, "影子", MemberKind::Person);
    let mut ghosts = scene.street.open("影子", "影子", 0, Basis::Certificate(ghost), scene.first);
    let of_ghost = scene.street.write(&mut ghosts, scene.first, link("影子的平板"));
    scene.street.open("影子的平板", "影子", 1, Basis::Link(of_ghost), scene.first);
    let (chen, wang) = (scene.street.member("陈姨"), scene.street.member("王姨"));
    let mut both = vec![(chen, Role::Reviewer), (wang, Role::Reviewer)];
    both.sort_unstable();
    let again = scene.street.write(&mut scene.li, removed, epoch(3, removed, &both));
    let law = vouch(&scene.street, Capacity::ExpertLaw);
    scene.street.write(&mut scene.tablet, again, law);
    let by_her = scene.street.certify(&mut scene.tablet, again, "周伯", MemberKind::Person);
    scene.street.open("周伯", "周伯", 0, Basis::Certificate(by_her), again);
    // Two reviewers let 小马 go on with another phone; one of them is cut off before she says so.
    let member = scene.street.member("小马");
    let approval = |seconds| {
        let new = Some(Link { device: key("小马的新手机").id(), seal: seal_of("小马的新手机") });
        Body::Reapprove(Approval { member, new, generation: 1, cuts: Vec::new(), seconds })
    };
    let one = scene.street.write(&mut hers, again, approval(None));
    let two = scene.street.write(&mut scene.tablet, again, approval(Some(one)));
    scene.street.open("小马的新手机", "小马", 7, Basis::Reapprove(two), again);
    let council = seats(&scene.street, &["李叔", "王姨", "周伯"]);
    let over = Epoch {
        number: 4,
        prev: again,
        roles: vec![(wang, Role::Reviewer)],
        witnesses: Vec::new(),
        charter: Charter::default(),
        seats: council,
        places: PlaceMap::default(),
        fund: Default::default(),
    };
    let mut cutoffs = at(&scene.street, "陈姨", &[scene.ma, by_her]);
    cutoffs.extend(at(&scene.street, "李叔", &[again]));
    cutoffs.sort_by_key(|cutoff| cutoff.member);
    let over = scene.street.write(&mut scene.li, again, Body::EpochCutting(EpochCutting { epoch: over, cutoffs }));
    let late = scene.street.certify(&mut hers, over, "新来的", MemberKind::Person);
    scene.street.open("新来的", "新来的", 0, Basis::Certificate(late), over);
    // The founder's old tablet names an epoch of when the founder was trusted.
    let old = scene.street.write(&mut scene.li, over, link("李叔的平板"));
    let mut old = scene.street.open("李叔的平板", "李叔", 3, Basis::Link(old), again);
    let forged = scene.street.certify(&mut old, again, "冒充的", MemberKind::Person);
    scene.street.open("冒充的", "冒充的", 0, Basis::Certificate(forged), again);
    scene.street
}

#[test]
fn the_street_of_removals_is_what_it_is_meant_to_be() {
    let street = a_street_of_removals();
    let journals = street.replica();
    let stands = |name: &str| is_member(&journals, &street, name);
    for name in ["陈姨", "王姨", "小马", "周伯", "新来的"] {
        assert!(stands(name), "{name}");
    }
    for name in ["影子", "冒充的"] {
        assert!(!stands(name), "{name}");
    }
    assert!(journals.roster().settled(&key("影子的平板").id()).is_none(), "nor what hangs on it");
    let back = journals.roster().settled(&key("小马的新手机").id());
    let known = journals.roster().capacities(&street.member("小马"));
    assert_eq!(known.iter().map(|one| one.capacity).collect::<Vec<_>>(), [Capacity::ExpertLaw]);
    assert!(back.is_none(), "her word for it lies beyond, and one reviewer is one too few");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn removals_in_any_order_of_arrival_lead_to_the_same_building(
        shuffled in Just(a_street_of_removals().entries).prop_shuffle(),
    ) {
        let street = a_street_of_removals();
        let mut journals = street.empty();
        offer_all(&mut journals, shuffled);
        let straight = street.replica();
        prop_assert_eq!(fingerprints(&journals), fingerprints(&straight));
        prop_assert_eq!(roster_digest(&journals), roster_digest(&straight));
        let counts = |journals: &Journals| -> Vec<bool> {
            street.entries.iter().map(|entry: &Verified<_>| journals.counts(&EntryHash(entry.hash()))).collect()
        };
        prop_assert_eq!(counts(&journals), counts(&straight));
    }
}
