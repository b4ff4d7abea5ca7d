//! Where members are: leaving, away, deceased, family, erasure; the same in whatever order it arrives.

use kaifong_domain::{EntryHash, Instant, MemberId};
use kaifong_trust::entry::{Basis, Body, Cut, Kin, Leave, Mark, Marked, MemberKind, NO_ENTRY, Role, Tip};
use kaifong_trust::life::Whereabouts;
use kaifong_trust::{Journals, Pen};
use proptest::prelude::*;

use crate::street::*;

/// 李叔 founds; 陈姨 and 何姐 review; 马乐 has a phone and a tablet; 周八 holds no role.
struct Scene {
    street: Street,
    epoch: EntryHash,
    chen: Pen,
    he: Pen,
    ma: Pen,
    tablet: Pen,
    zhou: Pen,
}

fn scene() -> Scene {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let names = ["陈姨", "何姐", "马乐", "周八"];
    let words = names.map(|name| street.certify(&mut li, NO_ENTRY, name, MemberKind::Person));
    let mut roles = [(street.member("陈姨"), Role::Reviewer), (street.member("何姐"), Role::Reviewer)];
    roles.sort_unstable();
    let epoch = street.write(&mut li, NO_ENTRY, epoch_with(1, NO_ENTRY, &roles, Vec::new()));
    let [chen, he, mut ma, zhou] =
        [0, 1, 2, 3].map(|at| street.open(names[at], names[at], 0, Basis::Certificate(words[at]), epoch));
    let word = street.write(&mut ma, epoch, link("马乐的平板"));
    let tablet = street.open("马乐的平板", "马乐", 0, Basis::Link(word), epoch);
    Scene { street, epoch, chen, he, ma, tablet, zhou }
}

fn leave(number: u32, ends_at: Option<u64>) -> Body {
    Body::Leave(Leave { number, ends_at: ends_at.map(Instant) })
}

fn mark(member: MemberId, number: u32, state: Marked) -> Body {
    Body::Mark(Mark { member, number, state })
}

const AWAY: Marked = Marked::Away { until: None };

fn of(journals: &Journals, street: &Street, name: &str) -> Whereabouts {
    journals.whereabouts(&street.member(name))
}

#[test]
fn a_member_leaves_on_a_day_takes_it_back_before_it_and_not_after() {
    let Scene { mut street, epoch, mut ma, mut tablet, .. } = scene();
    let now = street.entry_time().0;
    let day = now + 1_000;
    street.write(&mut ma, epoch, leave(1, Some(day)));
    let there = of(&street.replica(), &street, "马乐");
    assert!(!there.has_left(Instant(day - 1)) && there.has_left(Instant(day)));
    street.write(&mut tablet, epoch, leave(2, None));
    let there = of(&street.replica(), &street, "马乐");
    assert_eq!((there.ends_at, there.next.leave), (None, 3), "the other device takes it back in time");
    street.write(&mut ma, epoch, leave(3, Some(now)));
    street.write(&mut tablet, epoch, leave(4, None));
    let there = of(&street.replica(), &street, "马乐");
    assert_eq!(there.ends_at, Some(Instant(now)), "what is said after the end comes too late");
}

#[test]
fn closing_a_lost_device_takes_the_words_with_it_by_which_its_member_is_gone() {
    let Scene { mut street, epoch, mut ma, mut tablet, .. } = scene();
    let (member, phone) = (street.member("马乐"), key("马乐").id());
    let own = street.write(&mut ma, epoch, link("马乐的手表"));
    let now = street.entry_time();
    // Whoever has the phone now moves its owner out, again, erases what they said, and links a phone of their own.
    street.write(&mut ma, epoch, leave(1, Some(now.0)));
    street.write(&mut ma, epoch, leave(2, Some(now.0 - 1)));
    street.write(&mut ma, epoch, Body::Erase);
    street.write(&mut ma, epoch, link("贼的手机"));
    let journals = street.replica();
    assert!(of(&journals, &street, "马乐").erased.is_some());
    let tips = journals.tips_before_going(&member, &phone, now);
    assert_eq!(tips.iter().map(|tip| tip.hash).collect::<Vec<_>>(), [own]);
    street.write(&mut tablet, epoch, Body::Cut(Cut { device: phone, tips }));
    let there = of(&street.replica(), &street, "马乐");
    assert_eq!((there.ends_at, there.erased, there.next.leave), (None, None, 1));
}

#[test]
fn a_leaving_that_lies_ahead_and_one_by_another_device_outlast_the_closing() {
    let Scene { mut street, epoch, mut ma, mut tablet, .. } = scene();
    let (member, phone) = (street.member("马乐"), key("马乐").id());
    let now = street.entry_time();
    let ahead = street.write(&mut ma, epoch, leave(1, Some(now.0 + 9)));
    let left = |street: &Street, at| street.replica().tips_before_going(&member, &phone, at)[0].hash;
    assert_eq!(left(&street, now), ahead, "it can be taken back by a word");
    assert_ne!(left(&street, Instant(now.0 + 9)), ahead);
    street.write(&mut tablet, epoch, leave(2, Some(now.0)));
    assert_eq!(left(&street, now), ahead, "the other device has said it, too");
}

#[test]
fn a_great_number_ends_no_count() {
    let Scene { mut street, epoch, mut ma, mut chen, mut he, .. } = scene();
    let member = street.member("马乐");
    street.write(&mut ma, epoch, leave(u32::MAX, None));
    street.write(&mut ma, epoch, leave(1, Some(9)));
    street.write(&mut chen, epoch, mark(member, u32::MAX, Marked::Deceased));
    street.write(&mut he, epoch, mark(member, u32::MAX, Marked::Deceased));
    let there = of(&street.replica(), &street, "马乐");
    assert_eq!((there.ends_at, there.marked, there.next.mark), (Some(Instant(9)), None, 1));
    for pen in [&mut chen, &mut he] {
        street.write(pen, epoch, mark(member, 1, AWAY));
    }
    assert!(of(&street.replica(), &street, "马乐").is_away(Instant(0)));
}

#[test]
fn it_takes_two_reviewers_each_for_themselves() {
    let Scene { mut street, epoch, mut chen, mut he, mut zhou, .. } = scene();
    let (ma, self_) = (street.member("马乐"), street.member("陈姨"));
    street.write(&mut chen, epoch, mark(ma, 1, AWAY));
    street.write(&mut chen, epoch, mark(ma, 1, AWAY));
    street.write(&mut zhou, epoch, mark(ma, 1, AWAY));
    street.write(&mut he, epoch, mark(ma, 1, Marked::Deceased));
    street.write(&mut chen, epoch, mark(self_, 1, AWAY));
    let replica = street.replica();
    let there = of(&replica, &street, "马乐");
    assert_eq!(there.marked, None, "one twice, one who is none, and one who says something else");
    assert_eq!(there.asked.len(), 2);
    assert_eq!(of(&replica, &street, "陈姨"), Whereabouts::default(), "nobody marks themselves");
    street.write(&mut he, epoch, mark(ma, 1, AWAY));
    let there = of(&street.replica(), &street, "马乐");
    assert_eq!(there.marked.map(|marking| (marking.state, marking.by.len())), Some((AWAY, 2)));
}

#[test]
fn who_was_marked_comes_back_by_an_own_word_or_by_two_reviewers_and_can_be_marked_again() {
    let Scene { mut street, epoch, mut chen, mut he, mut ma, mut zhou, .. } = scene();
    let member = street.member("马乐");
    let first = street.write(&mut chen, epoch, mark(member, 1, Marked::Away { until: Some(Instant(50)) }));
    street.write(&mut he, epoch, mark(member, 1, Marked::Away { until: Some(Instant(50)) }));
    let there = of(&street.replica(), &street, "马乐");
    assert!(there.is_away(Instant(49)) && !there.is_away(Instant(50)));
    street.write(&mut zhou, epoch, Body::Here { mark: first });
    assert!(of(&street.replica(), &street, "马乐").marked.is_some(), "nobody answers for another");
    street.write(&mut ma, epoch, Body::Here { mark: first });
    let there = of(&street.replica(), &street, "马乐");
    assert_eq!((there.marked, there.next.mark), (None, 2));
    let second = street.write(&mut chen, epoch, mark(member, 2, Marked::Deceased));
    // An answer beforehand does not hold against what is decided afterwards.
    street.write(&mut ma, epoch, Body::Here { mark: first });
    street.write(&mut he, epoch, mark(member, 2, Marked::Deceased));
    assert!(of(&street.replica(), &street, "马乐").is_deceased());
    street.write(&mut chen, epoch, mark(member, 3, Marked::Back));
    street.write(&mut he, epoch, mark(member, 3, Marked::Back));
    assert_eq!(of(&street.replica(), &street, "马乐").marked, None);
    assert_ne!(first, second);
}

#[test]
fn what_a_stolen_phone_says_of_leaving_and_erasing_falls_with_it() {
    let Scene { mut street, epoch, mut ma, mut tablet, .. } = scene();
    let last = ma.tip();
    let at = Tip { journal: street.entry(last).value().journal, seq: street.entry(last).value().seq, hash: last };
    let kin = street.member("陈姨");
    street.write(&mut ma, epoch, leave(1, Some(1)));
    street.write(&mut ma, epoch, Body::Erase);
    street.write(&mut ma, epoch, Body::Kin(Kin { number: 1, member: Some(kin) }));
    let before = of(&street.replica(), &street, "马乐");
    assert!(before.erased.is_some() && before.has_left(Instant(1)) && before.kin == Some(kin));
    street.write(&mut tablet, epoch, Body::Cut(Cut { device: key("马乐").id(), tips: vec![at] }));
    let replica = street.replica();
    assert_eq!(of(&replica, &street, "马乐"), Whereabouts::default());
    assert_eq!(replica.erased().count(), 0);
}

#[test]
fn whom_a_reviewer_approved_before_moving_out_stays_a_neighbour() {
    let Scene { mut street, epoch, mut chen, .. } = scene();
    let word = street.certify(&mut chen, epoch, "新来的", MemberKind::Person);
    street.open("新来的", "新来的", 0, Basis::Certificate(word), epoch);
    street.write(&mut chen, epoch, leave(1, Some(1)));
    street.write(&mut chen, epoch, Body::Erase);
    let replica = street.replica();
    assert!(of(&replica, &street, "陈姨").erased.is_some());
    assert!(replica.roster().member(&street.member("新来的")).is_some());
    assert!(replica.counts(&word));
}

proptest! {
    #[test]
    fn where_members_are_is_the_same_in_any_order(steps in proptest::collection::vec((0_usize..5, 0_u8..8, 1_u32..4), 0..24), seed in any::<u64>()) {
        let Scene { mut street, epoch, chen, he, ma, tablet, zhou } = scene();
        let mut pens = [chen, he, ma, tablet, zhou];
        let member = street.member("马乐");
        let mut marks = Vec::new();
        for (who, what, number) in steps {
            let body = match what {
                0 => leave(number, Some(1_000 + u64::from(number))),
                1 => leave(number, None),
                2 | 3 => mark(member, number, if what == 2 { AWAY } else { Marked::Deceased }),
                4 => mark(member, number, Marked::Back),
                5 if !marks.is_empty() => Body::Here { mark: marks[seed as usize % marks.len()] },
                6 => Body::Erase,
                _ => Body::Kin(Kin { number, member: Some(member) }),
            };
            let is_mark = matches!(body, Body::Mark(_));
            let hash = street.write(&mut pens[who], epoch, body);
            marks.extend(is_mark.then_some(hash));
        }
        let straight = street.replica();
        let mut other = street.empty();
        let mut entries = street.entries.clone();
        entries.sort_by_key(|entry| blake3::hash(&[entry.hash().as_slice(), &seed.to_le_bytes()].concat()).as_bytes().to_owned());
        for _ in 0..2 {
            offer_all(&mut other, entries.iter().cloned());
        }
        prop_assert_eq!(roster_digest(&straight), roster_digest(&other));
        for name in ["陈姨", "何姐", "马乐", "周八"] {
            prop_assert_eq!(of(&straight, &street, name), of(&other, &street, name));
        }
    }
}
