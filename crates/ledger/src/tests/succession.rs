//! L7: what a closed journal had left goes on in another one of its member, once; the fund bears what it still spends.

use kaifong_domain::charter::Charter;
use kaifong_domain::{EntryHash, MemberId};
use kaifong_trust::entry::{Basis, Body, FUND_NONCE, Role, Succession};

use super::histories::{fold, portrait};
use crate::testing::{Building, Pen, People, building};
use crate::{NotInherited, Outcome};

/// 马乐 has a phone and a new one; 陈姨 and 肖阿姨 review; the desk witnesses.
struct Street {
    b: Building,
    xiao: Pen,
    chen: Pen,
    desk: Pen,
    phone: Pen,
    new: Pen,
}

impl Street {
    fn new() -> Self {
        let (mut b, People { mut xiao, mut ma, mut chen, mut desk }) = building();
        let roles = [&xiao, &chen].map(|pen| (pen.member, Role::Reviewer)).to_vec();
        let witness = desk.clone();
        let epoch = b.decide_with(&mut xiao, Charter::default(), &[&witness], roles, Default::default());
        for pen in [&mut ma, &mut chen, &mut desk] {
            pen.epoch = epoch;
        }
        let new = b.second_phone(&mut ma);
        Self { b, xiao, chen, desk, phone: ma, new }
    }

    /// 肖阿姨 and then 陈姨 hand the phone's journal over as it stands at this entry.
    fn hand_over(&mut self, last: EntryHash, to: &Pen) -> EntryHash {
        let said = Succession { last, successor: to.journal, seconds: None };
        let first = self.b.write(&mut self.xiao, Body::Succeed(said));
        self.b.write(&mut self.chen, Body::Succeed(Succession { seconds: Some(first), ..said }))
    }

    fn inherit(&mut self, succession: EntryHash) -> Result<(), NotInherited> {
        let mut new = self.new.clone();
        let result = inherit(&mut self.b, &mut new, succession);
        self.new = new;
        result
    }

    fn pays(&mut self, points: u32) -> EntryHash {
        let transfer = self.b.pay(&mut self.phone, &self.desk, points);
        self.b.accept(&mut self.desk, transfer).unwrap();
        transfer
    }

    fn balance(&self, of: &Pen) -> i64 {
        self.b.ledger.balance(&of.member)
    }

    fn fund(&self) -> i64 {
        self.b.ledger.balance(&MemberId::fund(&self.b.id))
    }
}

/// Sees that a device would have been told beforehand what becomes of it.
fn inherit(b: &mut Building, pen: &mut Pen, succession: EntryHash) -> Result<(), NotInherited> {
    let (before, told) = (b.rights(pen), b.ledger.check_inherit(&pen.tip, &succession));
    b.write(pen, Body::Inherit { succession });
    let Outcome::Inherited(result) = b.last else { panic!("{:?}", b.last) };
    assert_eq!(result, told.map(|_| ()), "what is asked before is what is judged after");
    assert_eq!(b.rights(pen) - before, told.unwrap_or(0));
    result
}

#[test]
fn what_a_lost_phone_had_left_goes_on_in_the_new_one_and_can_be_spent_there() {
    let mut s = Street::new();
    s.pays(30);
    let (last, new) = (s.phone.tip, s.new.clone());
    let succession = s.hand_over(last, &new);
    assert_eq!(s.b.ledger.inheritances(&s.new.tip), [succession]);
    s.inherit(succession).unwrap();
    assert_eq!((s.b.rights(&s.new), s.balance(&s.new), s.fund()), (70, -30, 0), "rights move, and no balance");
    assert_eq!(s.b.ledger.inheritances(&s.new.tip), []);
    let unopened = s.b.pay(&mut s.new, &s.chen, 1);
    assert_eq!(s.b.covered(), Err(crate::Uncovered::NotOpened), "a witness opens it as it opens any");
    assert!(s.b.ledger.transfer(&unopened).is_some());
    s.b.meet(&mut s.desk, &mut s.new);
    let paid = s.b.pay(&mut s.new, &s.chen, 69);
    s.b.accept(&mut s.chen, paid).unwrap();
    assert_eq!((s.balance(&s.new), s.fund(), s.b.ledger.sum()), (-99, 0, 0));
}

#[test]
fn what_the_closed_journal_still_spends_is_the_funds_loss_whenever_it_is_heard() {
    let mut s = Street::new();
    let below = s.pays(10);
    let (last, new) = (s.phone.tip, s.new.clone());
    let before = s.pays(20);
    let succession = s.hand_over(last, &new);
    assert_eq!((s.balance(&s.phone), s.fund()), (-30, 0));
    s.inherit(succession).unwrap();
    assert_eq!((s.balance(&s.phone), s.fund()), (-10, -20), "signed beyond the named entry, counted before");
    let after = s.pays(40);
    assert_eq!((s.balance(&s.phone), s.fund(), s.b.ledger.sum()), (-10, -60, 0), "counted after");
    let borne = [below, before, after].map(|transfer| s.b.ledger.is_borne(&transfer));
    assert_eq!(borne, [false, true, true]);
    let legacy = s.b.ledger.legacy(&s.phone.journal).unwrap();
    assert_eq!((legacy.spent, legacy.twice, legacy.last), (60, 0, last));
    assert_eq!(legacy.heirs.into_iter().collect::<Vec<_>>(), [(s.new.journal, 90)]);
    // To another of one's own journals it is the fund's loss as well: it has moved there before.
    let own = s.b.pay(&mut s.phone, &s.new, 5);
    s.b.accept(&mut s.new, own).unwrap();
    assert_eq!((s.balance(&s.phone), s.fund(), s.b.rights(&s.new)), (-5, -65, 95));
    assert!(s.b.ledger.stamp_for(&s.phone.tip).is_none(), "nobody stamps what was handed over");
}

#[test]
fn a_word_is_good_once_and_one_that_names_a_later_entry_adds_the_difference() {
    let mut s = Street::new();
    let (early, new) = (s.phone.tip, s.new.clone());
    let first = s.hand_over(early, &new);
    s.inherit(first).unwrap();
    assert_eq!(s.inherit(first), Err(NotInherited::NotMore));
    let again = s.hand_over(early, &new);
    assert_eq!(s.inherit(again), Err(NotInherited::NotMore));
    s.pays(10);
    let (less, income) = (s.phone.tip, s.b.pay(&mut s.desk, &s.phone, 35));
    s.b.accept(&mut s.phone, income).unwrap();
    assert_eq!(s.fund(), -10);
    let lower = s.hand_over(less, &new);
    assert_eq!(s.inherit(lower), Err(NotInherited::NotMore));
    let later = s.hand_over(s.phone.tip, &new);
    s.inherit(later).unwrap();
    assert_eq!(s.b.rights(&s.new), 125);
    assert_eq!((s.balance(&s.new), s.fund()), (25, 0), "the member answers for what lies below the later entry");
}

#[test]
fn whom_two_pairs_name_apart_inherits_twice_and_the_fund_bears_it() {
    let mut s = Street::new();
    let (last, new) = (s.phone.tip, s.new.clone());
    let mut other = s.b.second_phone(&mut s.phone);
    let words = [s.hand_over(last, &new), s.hand_over(last, &other)];
    s.inherit(words[0]).unwrap();
    assert_eq!(s.fund(), 0);
    inherit(&mut s.b, &mut other, words[1]).unwrap();
    assert_eq!((s.fund(), s.balance(&s.new), s.b.ledger.sum()), (-100, 100, 0), "no member falls below the line by it");
    assert_eq!(s.b.ledger.legacy(&s.phone.journal).unwrap().twice, 100);
    // Both spend all they have, and so does the closed one.
    for pen in [&mut s.new, &mut other] {
        s.b.meet(&mut s.desk, pen);
        let paid = s.b.pay(pen, &s.chen, 100);
        s.b.accept(&mut s.chen, paid).unwrap();
    }
    let paid = s.b.pay(&mut s.phone, &s.xiao, 100);
    s.b.accept(&mut s.xiao, paid).unwrap();
    assert_eq!((s.balance(&s.new), s.fund(), s.b.ledger.sum()), (-100, -200, 0));
}

#[test]
fn from_two_branches_the_greater_figure_is_inherited_and_not_their_sum() {
    let mut s = Street::new();
    let (new, mut twin) = (s.new.clone(), s.phone.clone());
    s.pays(60);
    let paid = s.b.pay(&mut twin, &s.desk, 20);
    assert!(s.b.accept(&mut s.desk, paid).is_err(), "a branch of the payer's that conflicts");
    let (one, other) = (s.phone.tip, twin.tip);
    let poor = s.hand_over(one, &new);
    s.inherit(poor).unwrap();
    assert_eq!((s.b.rights(&s.new), s.balance(&s.new), s.fund()), (40, -60, 0));
    let rich = s.hand_over(other, &new);
    s.inherit(rich).unwrap();
    assert_eq!((s.b.rights(&s.new), s.balance(&s.new), s.fund()), (80, 0, -60), "the other branch is the fund's");
}

#[test]
fn a_false_stamp_below_the_named_entry_brings_a_million_at_most() {
    for (figure, expected) in
        [(i64::MAX, Ok(1_000_000)), (0, Err(NotInherited::NotMore)), (i64::MIN, Err(NotInherited::NotMore))]
    {
        let mut s = Street::new();
        s.pays(1);
        let stamp = s.b.stamp_as(&mut s.desk, &s.phone, figure);
        s.b.cite(&mut s.phone, stamp).unwrap();
        let (last, new) = (s.phone.tip, s.new.clone());
        let succession = s.hand_over(last, &new);
        let told = s.b.ledger.check_inherit(&s.new.tip, &succession);
        assert_eq!(told, expected, "{figure}");
        assert_eq!(s.inherit(succession), expected.map(|_| ()), "{figure}");
    }
}

#[test]
fn a_journal_that_was_handed_over_makes_room_for_the_next_phone() {
    let mut s = Street::new();
    for nth in 0..6 {
        let mut next = s.b.second_phone(&mut s.phone);
        assert!(s.b.ledger.stamp_for(&next.tip).is_some(), "phone {nth}");
        s.b.meet(&mut s.desk, &mut next);
        let (last, to) = (s.new.tip, next.clone());
        let income = s.b.pay(&mut s.chen, &s.new, 1);
        s.b.accept(&mut s.new, income).unwrap();
        let succession = s.hand_over(s.new.tip, &to);
        inherit(&mut s.b, &mut next, succession).unwrap();
        assert_ne!(last, s.new.tip);
        s.new = next;
    }
}

#[test]
fn what_inherits_has_effect_or_names_the_rule_that_it_breaks() {
    type Case = (&'static str, fn(&mut Street) -> EntryHash, Result<(), NotInherited>);
    fn said_of(s: &Street) -> Succession {
        Succession { last: s.phone.tip, successor: s.new.journal, seconds: None }
    }
    /// The second word stands in the pen's journal and may say something else.
    fn second(s: &mut Street, first: EntryHash, pen: Pen, word: Succession) -> EntryHash {
        let mut pen = pen;
        s.b.write(&mut pen, Body::Succeed(Succession { seconds: Some(first), ..word }))
    }
    fn first(s: &mut Street, word: Succession) -> EntryHash {
        s.b.write(&mut s.xiao, Body::Succeed(word))
    }
    let table: &[Case] = &[
        ("two reviewers", |s| s.hand_over(s.phone.tip, &s.new.clone()), Ok(())),
        ("no succession at all", |s| s.phone.tip, Err(NotInherited::NotASuccession)),
        (
            "for another journal, before all else",
            |s| {
                let word = Succession { successor: s.chen.journal, ..said_of(s) };
                first(s, word)
            },
            Err(NotInherited::NotYours),
        ),
        (
            "for a journal that nobody knows",
            |s| {
                let word = Succession { successor: kaifong_domain::JournalId([9; 32]), ..said_of(s) };
                first(s, word)
            },
            Err(NotInherited::NotYours),
        ),
        (
            "another member's journal, before who has said it",
            |s| {
                let word = Succession { last: s.desk.tip, ..said_of(s) };
                first(s, word)
            },
            Err(NotInherited::NotTheSameMember),
        ),
        ("the journal itself", |s| s.hand_over(s.new.tip, &s.new.clone()), Err(NotInherited::NotTheSameMember)),
        (
            "the fund's journal that the member keeps",
            |s| {
                let (key, epoch) = (s.phone.key.clone(), s.phone.epoch);
                let entries = s.b.entries.iter().map(|entry| entry.value());
                let basis = entries.into_iter().find_map(|entry| match &entry.body {
                    Body::Open(open) if entry.journal == s.phone.journal => Some(open.basis),
                    _ => None,
                });
                let basis: Basis = basis.unwrap();
                let purse = s.b.open(&key, Some(s.phone.member), FUND_NONCE, basis, epoch);
                s.hand_over(purse.tip, &s.new.clone())
            },
            Err(NotInherited::NotTheSameMember),
        ),
        (
            "one reviewer alone",
            |s| {
                let word = said_of(s);
                first(s, word)
            },
            Err(NotInherited::NotTwo),
        ),
        (
            "the same reviewer twice",
            |s| {
                let word = said_of(s);
                let one = first(s, word);
                second(s, one, s.xiao.clone(), word)
            },
            Err(NotInherited::NotTwo),
        ),
        (
            "the same reviewer from two phones",
            |s| {
                let word = said_of(s);
                let other = s.b.second_phone(&mut s.xiao);
                let one = first(s, word);
                second(s, one, other, word)
            },
            Err(NotInherited::NotTwo),
        ),
        (
            "another entry in the second word",
            |s| {
                let word = said_of(s);
                let one = first(s, word);
                s.pays(1);
                let other = Succession { last: s.phone.tip, ..word };
                second(s, one, s.chen.clone(), other)
            },
            Err(NotInherited::NotTwo),
        ),
        (
            "another successor in the first word",
            |s| {
                let word = said_of(s);
                let one = first(s, Succession { successor: s.chen.journal, ..word });
                second(s, one, s.chen.clone(), word)
            },
            Err(NotInherited::NotTwo),
        ),
        (
            "seconding what is no such word",
            |s| {
                let word = said_of(s);
                second(s, s.desk.tip, s.chen.clone(), word)
            },
            Err(NotInherited::NotTwo),
        ),
        (
            "a second who reviews nothing",
            |s| {
                let word = said_of(s);
                let one = first(s, word);
                second(s, one, s.desk.clone(), word)
            },
            Err(NotInherited::NotAReviewer),
        ),
        (
            "a first who reviews nothing",
            |s| {
                let word = said_of(s);
                let mut desk = s.desk.clone();
                let one = s.b.write(&mut desk, Body::Succeed(word));
                second(s, one, s.chen.clone(), word)
            },
            Err(NotInherited::NotAReviewer),
        ),
        (
            "a reviewer who was one in the epoch that the word names, and is one no longer",
            |s| {
                let word = said_of(s);
                let mut chen = s.chen.clone();
                let desk = s.desk.clone();
                let roles = vec![(s.xiao.member, Role::Reviewer)];
                s.b.decide_with(&mut s.xiao, Charter::default(), &[&desk], roles, Default::default());
                let one = s.b.write(&mut chen, Body::Succeed(word));
                let mut xiao = s.xiao.clone();
                s.b.write(&mut xiao, Body::Succeed(Succession { seconds: Some(one), ..word }))
            },
            Ok(()),
        ),
        (
            "a reviewer who names the epoch that took the role away",
            |s| {
                let word = said_of(s);
                let desk = s.desk.clone();
                let roles = vec![(s.xiao.member, Role::Reviewer)];
                s.chen.epoch = s.b.decide_with(&mut s.xiao, Charter::default(), &[&desk], roles, Default::default());
                let one = first(s, word);
                second(s, one, s.chen.clone(), word)
            },
            Err(NotInherited::NotAReviewer),
        ),
        (
            "a member who reviews, for their own phone",
            |s| {
                let word = said_of(s);
                let desk = s.desk.clone();
                let roles = [&s.xiao, &s.phone].map(|pen| (pen.member, Role::Reviewer)).to_vec();
                let epoch = s.b.decide_with(&mut s.xiao, Charter::default(), &[&desk], roles, Default::default());
                let one = first(s, word);
                let mut phone = Pen { epoch, ..s.phone.clone() };
                s.b.write(&mut phone, Body::Succeed(Succession { seconds: Some(one), ..word }))
            },
            Err(NotInherited::NotAReviewer),
        ),
        (
            "a journal with nothing left",
            |s| {
                s.pays(100);
                s.hand_over(s.phone.tip, &s.new.clone())
            },
            Err(NotInherited::NotMore),
        ),
    ];
    for (name, play, expected) in table {
        let mut s = Street::new();
        let succession = play(&mut s);
        assert_eq!(&s.inherit(succession), expected, "{name}");
        assert_eq!(s.b.ledger.sum(), 0, "{name}");
    }
}

/// Handed over, spent beyond, and taken up twice: in all causal orders.
#[test]
fn all_causal_orders_of_a_handing_over_give_the_same_ledger() {
    let mut s = Street::new();
    let start = s.b.entries.len();
    let (last, new) = (s.phone.tip, s.new.clone());
    let spent = s.b.pay(&mut s.phone, &s.desk, 20);
    let succession = s.hand_over(last, &new);
    let mut twin = s.new.clone();
    s.inherit(succession).unwrap();
    inherit(&mut s.b, &mut twin, succession).unwrap();
    s.b.accept(&mut s.desk, spent).unwrap();
    assert_eq!((s.fund(), s.b.ledger.legacy(&s.phone.journal).unwrap().twice), (-20, 0), "one journal inherits once");
    let expected = portrait(&s.b.ledger, &s.b.entries);
    let ledger = fold(&s.b.entries[..start], &s.b.council);
    let orders = super::histories::walk(&ledger, &s.b.entries[start..], &s.b, &expected);
    assert!(orders > 20, "{orders} orders");
}
