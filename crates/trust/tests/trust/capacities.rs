//! What neighbours are known as: who may say so, how many it takes, and what of it lasts.

use kaifong_domain::charter::Charter;
use kaifong_domain::place::PlaceMap;
use kaifong_domain::{EntryHash, MemberId};
use kaifong_trust::entry::{
    Basis, Body, Capacity, Cut, Cutoff, Epoch, EpochCutting, MemberKind, NO_ENTRY, Opinion, Role, Tip, Vouch,
};
use kaifong_trust::{Distrust, Pen, Roster, Signable};

use crate::street::{Street, epoch, key, link, offer_all};

/// A founder, two more reviewers, a nurse, and a neighbour who reviews nothing.
struct House {
    street: Street,
    epoch: EntryHash,
    li: Pen,
    huang: Pen,
    zhou: Pen,
    ma: Pen,
}

impl House {
    fn new() -> Self {
        let mut street = Street::founded_by("李叔");
        let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
        let mut come = |name| {
            let certificate = street.certify(&mut li, NO_ENTRY, name, MemberKind::Person);
            street.open(name, name, 0, Basis::Certificate(certificate), NO_ENTRY)
        };
        let (huang, zhou, ma, _nurse) = (come("黄阿姨"), come("周伯"), come("马乐"), come("梁护士"));
        let mut roles = ["李叔", "黄阿姨", "周伯"].map(|name| (street.member(name), Role::Reviewer));
        roles.sort_unstable();
        let epoch = street.write(&mut li, NO_ENTRY, epoch(1, NO_ENTRY, &roles));
        Self { street, epoch, li, huang, zhou, ma }
    }

    fn word(&self, of: &str, capacity: Capacity, opinion: Opinion, number: u32) -> Body {
        Body::Vouch(Vouch { member: self.street.member(of), capacity, opinion, number })
    }

    /// The standing of the nurse's capacity: words for it, and whether it stands; the same in every order that can be.
    fn standing(&self, capacity: Capacity) -> (usize, bool) {
        let forward = self.street.replica();
        let standing = read(forward.roster(), self, capacity);
        let mut late = self.street.empty();
        offer_all(&mut late, self.street.entries.iter().rev().cloned());
        assert_eq!(read(late.roster(), self, capacity), standing, "another order of arrival tells something else");
        standing
    }
}

fn read(roster: &Roster, house: &House, capacity: Capacity) -> (usize, bool) {
    let all = roster.capacities(&house.street.member("梁护士"));
    all.iter().find(|one| one.capacity == capacity).map_or((0, false), |one| (one.words(), one.stands()))
}

#[test]
fn one_reviewer_is_one_of_two_for_a_nurse_and_enough_for_a_guard() {
    let mut house = House::new();
    for capacity in [Capacity::Medical, Capacity::Security] {
        let body = house.word("梁护士", capacity, Opinion::For, 1);
        house.street.write(&mut house.li, house.epoch, body);
    }
    assert_eq!(house.standing(Capacity::Medical), (1, false));
    assert_eq!(house.standing(Capacity::Security), (1, true));
    // The same reviewer saying it again is no second one.
    let again = house.word("梁护士", Capacity::Medical, Opinion::For, 2);
    house.street.write(&mut house.li, house.epoch, again);
    assert_eq!(house.standing(Capacity::Medical), (1, false));
    let second = house.word("梁护士", Capacity::Medical, Opinion::For, 1);
    house.street.write(&mut house.huang, house.epoch, second);
    assert_eq!(house.standing(Capacity::Medical), (2, true));
}

#[test]
fn who_reviews_nothing_says_nothing_and_nobody_vouches_for_themselves() {
    let mut house = House::new();
    let word = house.word("梁护士", Capacity::Security, Opinion::For, 1);
    house.street.write(&mut house.ma, house.epoch, word);
    // In the genesis' epoch only the founder reviewed: naming an old one gives no right.
    let early = house.word("梁护士", Capacity::Guardian, Opinion::For, 1);
    house.street.write(&mut house.huang, NO_ENTRY, early);
    let own = house.word("黄阿姨", Capacity::Security, Opinion::For, 1);
    house.street.write(&mut house.huang, house.epoch, own);
    let journals = house.street.replica();
    assert!(journals.roster().capacities(&house.street.member("梁护士")).is_empty());
    assert!(journals.roster().capacities(&house.street.member("黄阿姨")).is_empty());
}

#[test]
fn a_word_is_taken_back_or_outweighed_and_an_older_one_does_not_come_back() {
    let mut house = House::new();
    let word = |house: &House, opinion, number| house.word("梁护士", Capacity::Security, opinion, number);
    let body = word(&house, Opinion::For, 2);
    house.street.write(&mut house.zhou, house.epoch, body);
    assert_eq!(house.standing(Capacity::Security), (1, true));
    // Somebody else's word against it outweighs, also when its signer is no reviewer any more.
    let against = word(&house, Opinion::Against, 1);
    house.street.write(&mut house.huang, house.epoch, against);
    assert_eq!(house.standing(Capacity::Security), (0, false));
    let silent = word(&house, Opinion::Silent, 2);
    house.street.write(&mut house.huang, house.epoch, silent);
    assert_eq!(house.standing(Capacity::Security), (1, true));
    let older = word(&house, Opinion::Against, 1);
    house.street.write(&mut house.zhou, house.epoch, older);
    assert_eq!(house.standing(Capacity::Security), (1, true));
    let same = word(&house, Opinion::Silent, 2);
    house.street.write(&mut house.zhou, house.epoch, same);
    assert_eq!(house.standing(Capacity::Security), (0, false), "of equal numbers the one that says less counts");
}

#[test]
fn what_a_reviewer_has_said_lasts_longer_than_the_role_and_a_thiefs_words_fall() {
    let mut house = House::new();
    let word = house.word("梁护士", Capacity::Security, Opinion::For, 1);
    house.street.write(&mut house.huang, house.epoch, word);
    let body = epoch(2, house.epoch, &[(house.street.member("李叔"), Role::Reviewer)]);
    house.street.write(&mut house.li, house.epoch, body);
    assert_eq!(house.standing(Capacity::Security), (1, true));
    // 黄阿姨's phone was stolen before all that: her tablet closes it, and what it has signed falls.
    let linked = house.street.write(&mut house.huang, house.epoch, link("平板"));
    let mut tablet = house.street.open("平板", "黄阿姨", 0, Basis::Link(linked), house.epoch);
    let entry = house.street.entry(linked);
    let until = Tip { journal: entry.value().journal, seq: entry.value().seq, hash: linked };
    let guard = house.word("梁护士", Capacity::Guardian, Opinion::For, 1);
    house.street.write(&mut house.huang, house.epoch, guard);
    assert_eq!(house.standing(Capacity::Guardian), (1, true));
    let cut = Cut { device: key("黄阿姨").id(), tips: vec![until] };
    house.street.write(&mut tablet, house.epoch, Body::Cut(cut));
    assert_eq!(house.standing(Capacity::Security), (1, true), "what lies within the cut was not touched");
    assert_eq!(house.standing(Capacity::Guardian), (0, false));
}

#[test]
fn a_removed_reviewers_words_count_up_to_the_cutoff_and_not_beyond_whichever_epoch_they_name() {
    let mut house = House::new();
    let early = house.word("梁护士", Capacity::Medical, Opinion::For, 1);
    house.street.write(&mut house.li, house.epoch, early);
    let word = house.word("梁护士", Capacity::Medical, Opinion::For, 1);
    house.street.write(&mut house.huang, house.epoch, word);
    assert_eq!(house.standing(Capacity::Medical), (2, true));
    let (li, huang) = (house.street.member("李叔"), house.street.member("黄阿姨"));
    // All that the founder's device knows of her words is left to her.
    let cutoff = house.street.replica().cutoff_of(&huang, 64);
    assert_eq!(cutoff.tips.len(), 1, "a word on a capacity is one that a cutoff has to name");
    let removed = house.street.write(&mut house.li, house.epoch, cutting(house.epoch, &[li], vec![cutoff]));
    assert_eq!(house.standing(Capacity::Medical), (2, true), "removing a reviewer takes nobody's badge");
    // Her phone goes on under the epoch in which she reviewed: for a guard, and to take the nurse's badge.
    let guard = house.word("梁护士", Capacity::Security, Opinion::For, 1);
    let late = house.street.write(&mut house.huang, house.epoch, guard);
    let against = house.word("梁护士", Capacity::Medical, Opinion::Against, 2);
    house.street.write(&mut house.huang, house.epoch, against);
    assert_eq!(house.standing(Capacity::Security), (0, false));
    assert_eq!(house.standing(Capacity::Medical), (2, true));
    assert!(!house.street.replica().counts(&late));
    // Who reviews still can take the badge: one of the two words is left, and that is one too few.
    let silent = house.word("梁护士", Capacity::Medical, Opinion::Silent, 2);
    house.street.write(&mut house.li, removed, silent);
    assert_eq!(house.standing(Capacity::Medical), (1, false));
}

fn cutting(prev: EntryHash, reviewers: &[MemberId], cutoffs: Vec<Cutoff>) -> Body {
    let roles = reviewers.iter().map(|member| (*member, Role::Reviewer)).collect();
    let (witnesses, seats, charter) = (Vec::new(), Vec::new(), Charter::default());
    let epoch = Epoch {
        number: 2,
        prev,
        roles,
        witnesses,
        charter,
        seats,
        places: PlaceMap::default(),
        fund: Default::default(),
    };
    Body::EpochCutting(EpochCutting { epoch, cutoffs })
}

#[test]
fn a_word_without_a_number_is_no_entry() {
    let mut house = House::new();
    let body = house.word("梁护士", Capacity::ExpertLaw, Opinion::For, 1);
    house.street.write(&mut house.li, house.epoch, body);
    let mut entry = house.street.entries.last().unwrap().value().clone();
    assert_eq!(entry.check(), Ok(()));
    entry.body = house.word("梁护士", Capacity::ExpertLaw, Opinion::For, 0);
    assert!(matches!(entry.check(), Err(Distrust::Rule { .. })));
}
