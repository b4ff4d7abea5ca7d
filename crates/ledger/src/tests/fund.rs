//! The community fund: what a grant needs, what keeps two for the same apart, and what a treasurer who cheats can win.

use kaifong_domain::charter::Charter;
use kaifong_domain::fund::{Act, Fund, Purpose};
use kaifong_domain::{EntryHash, MemberId, Points, Refusal};
use kaifong_trust::entry::{Body, FUND_NONCE, Grant, GrantList, NO_ENTRY, Role, Terms};

use crate::testing::{Building, Pen, People, building};
use crate::{NotCounted, Uncovered};

const DAY: u32 = 20_786;

/// 马乐 is the treasurer and keeps the fund's journal, which was given 300; 肖阿姨 organises.
pub(super) struct Treasury {
    pub(super) b: Building,
    pub(super) xiao: Pen,
    pub(super) ma: Pen,
    pub(super) chen: Pen,
    pub(super) desk: Pen,
    pub(super) fund: Pen,
    pub(super) roles: Vec<(MemberId, Role)>,
}

fn shift(times: u16) -> Purpose {
    Purpose::Act { act: Act::Shift, day: DAY, times }
}

fn on_day(day: u32) -> Purpose {
    Purpose::Act { act: Act::Shift, day, times: 1 }
}

impl Treasury {
    pub(super) fn new() -> Self {
        let (b, People { xiao, ma, chen, desk }) = building();
        let roles = vec![(ma.member, Role::Treasurer), (xiao.member, Role::Organiser)];
        let fund = ma.clone();
        let mut t = Self { b, xiao, ma, chen, desk, fund, roles };
        t.fund = t.journal_of(&t.ma.clone());
        t.epoch(&[(t.fund.journal, 300)]);
        let (key, epoch) = (t.ma.key.clone(), t.xiao.epoch);
        let basis = t.basis(&t.ma);
        t.fund = t.b.open(&key, Some(t.ma.member), FUND_NONCE, basis, epoch);
        t
    }

    /// The fund journal that a member's device would open.
    pub(super) fn journal_of(&self, of: &Pen) -> Pen {
        let journal = kaifong_domain::JournalId::derive(&self.b.id, &of.member, &of.key.id(), FUND_NONCE);
        Pen { journal, tip: NO_ENTRY, seq: 0, ..of.clone() }
    }

    pub(super) fn basis(&self, of: &Pen) -> kaifong_trust::entry::Basis {
        let own = self.b.entries.iter().map(|entry| entry.value()).filter(|entry| entry.journal == of.journal);
        let open = own.into_iter().find_map(|entry| match &entry.body {
            Body::Open(open) => Some(open.basis),
            _ => None,
        });
        open.unwrap()
    }

    /// The next epoch, which everybody names from then on.
    pub(super) fn epoch(&mut self, budgets: &[(kaifong_domain::JournalId, u64)]) {
        let mut budgets = budgets.to_vec();
        budgets.sort_unstable();
        let rates = vec![(Act::Hour, Points(10)), (Act::Shift, Points(10))];
        let fund = Fund { starter: Points(20), alone: Points(50), quota: Points(100), rates, budgets };
        let mut roles = self.roles.clone();
        roles.sort_unstable();
        let desk = self.desk.clone();
        let epoch = self.b.decide_with(&mut self.xiao, Charter::default(), &[&desk], roles, fund);
        for pen in [&mut self.ma, &mut self.chen, &mut self.desk, &mut self.fund] {
            pen.epoch = epoch;
        }
    }

    fn terms(&self, purpose: Purpose, points: u32) -> Terms {
        Terms { to: self.chen.journal, member: self.chen.member, points: Points(points), purpose }
    }

    fn grant(&mut self, purpose: Purpose, points: u32) -> EntryHash {
        let terms = self.terms(purpose, points);
        grant(&mut self.b, &mut self.fund, terms, None)
    }

    /// 肖阿姨 agrees to a list of these, and the first of them is granted.
    fn seconded(&mut self, terms: &[Terms]) -> EntryHash {
        let list = self.b.write(&mut self.fund, Body::GrantList(GrantList { terms: terms.to_vec() }));
        let second = self.b.write(&mut self.xiao, Body::Second { list });
        grant(&mut self.b, &mut self.fund, terms[0], Some(second))
    }

    pub(super) fn covered(&self) -> Result<(), Uncovered> {
        self.b.covered()
    }
}

/// Signs a grant, and sees that a device would have been told beforehand what becomes of it.
fn grant(b: &mut Building, fund: &mut Pen, terms: Terms, second: Option<EntryHash>) -> EntryHash {
    let signed = Grant { terms, second };
    let asked = b.ledger.check_grant(&fund.tip, None, &signed, &fund.epoch, &b.council);
    let hash = b.write(fund, Body::Grant(signed));
    assert_eq!(asked.is_ok(), b.covered().is_ok(), "{asked:?} {:?}", b.covered());
    hash
}

#[test]
fn the_fund_is_an_account_whose_negative_balance_is_what_it_has_granted() {
    let mut t = Treasury::new();
    let fund = MemberId::fund(&t.b.id);
    let shift = t.grant(shift(2), 20);
    assert_eq!(t.covered(), Ok(()));
    t.b.accept(&mut t.chen, shift).unwrap();
    assert_eq!((t.b.ledger.balance(&fund), t.b.ledger.balance(&t.chen.member)), (-20, 20));
    assert_eq!((t.b.rights(&t.fund), t.b.rights(&t.chen), t.b.rights(&t.ma)), (280, 120, 100));
    assert_eq!(t.b.ledger.balance(&t.ma.member), 0, "the treasurer's own account has nothing to do with it");
    let line = t.b.ledger.statement(&t.chen.member)[0];
    assert_eq!((line.counterpart, line.purpose), (Some(fund), Some(self::shift(2))));
    // A gift comes in, and can be granted again.
    let gift = t.b.pay(&mut t.chen, &t.fund, 15);
    t.b.accept(&mut t.fund, gift).unwrap();
    assert_eq!((t.b.ledger.balance(&fund), t.b.rights(&t.fund)), (-5, 295));
    assert_eq!(t.b.ledger.sum(), 0);
}

#[test]
fn a_grant_is_covered_or_names_the_rule_that_it_breaks() {
    type Case = (&'static str, fn(&mut Treasury), Result<(), Uncovered>);
    let table: &[Case] = &[
        ("a starter grant", |t| _ = t.grant(Purpose::Starter, 20), Ok(())),
        ("a shift", |t| _ = t.grant(shift(1), 10), Ok(())),
        ("all that a treasurer grants alone", |t| _ = t.grant(shift(5), 50), Ok(())),
        ("nothing", |t| _ = t.grant(shift(1), 0), Err(Uncovered::Malformed)),
        ("the largest number there is", |t| _ = t.grant(shift(1), u32::MAX), Err(Uncovered::Malformed)),
        ("more than its rate", |t| _ = t.grant(shift(1), 11), Err(Uncovered::OffRate)),
        ("less than its rate", |t| _ = t.grant(Purpose::Starter, 19), Err(Uncovered::OffRate)),
        ("no time at all", |t| _ = t.grant(shift(0), 10), Err(Uncovered::OffRate)),
        (
            "an act that the table does not name",
            |t| _ = t.grant(Purpose::Act { act: Act::Lecture, day: DAY, times: 1 }, 10),
            Err(Uncovered::OffRate),
        ),
        ("more than a treasurer grants alone", |t| _ = t.grant(shift(6), 60), Err(Uncovered::NotSeconded)),
        ("an opening balance alone", |t| _ = t.grant(Purpose::Opening, 1), Err(Uncovered::NotSeconded)),
        (
            "with a second person's word",
            |t| _ = t.seconded(&[t.terms(shift(6), 60), t.terms(Purpose::Opening, 30)]),
            Ok(()),
        ),
        (
            "an opening balance with a second person's word",
            |t| _ = t.seconded(&[t.terms(Purpose::Opening, 77)]),
            Ok(()),
        ),
        (
            "to the fund itself",
            |t| {
                let terms = Terms { member: MemberId::fund(&t.b.id), ..t.terms(Purpose::Starter, 20) };
                grant(&mut t.b, &mut t.fund, terms, None);
            },
            Err(Uncovered::Malformed),
        ),
        (
            "to its own journal",
            |t| {
                let terms = Terms { to: t.fund.journal, ..t.terms(Purpose::Starter, 20) };
                grant(&mut t.b, &mut t.fund, terms, None);
            },
            Err(Uncovered::Malformed),
        ),
        (
            "out of a journal that is not the fund's",
            |t| {
                let terms = t.terms(Purpose::Starter, 20);
                grant(&mut t.b, &mut t.ma, terms, None);
            },
            Err(Uncovered::Malformed),
        ),
        ("a plain transfer out of the fund", |t| _ = t.b.pay(&mut t.fund, &t.chen, 1), Err(Uncovered::Malformed)),
        (
            "to the treasurer's own account, alone",
            |t| {
                let terms = Terms { to: t.ma.journal, member: t.ma.member, ..t.terms(Purpose::Starter, 20) };
                grant(&mut t.b, &mut t.fund, terms, None);
            },
            Err(Uncovered::NotSeconded),
        ),
        (
            "by who is a treasurer no longer",
            |t| {
                t.roles.retain(|(_, role)| *role != Role::Treasurer);
                t.epoch(&[(t.fund.journal, 300)]);
                t.grant(shift(1), 10);
            },
            Err(Uncovered::NotTreasurer),
        ),
        ("beyond what was given", |t| _ = t.seconded(&[t.terms(Purpose::Opening, 301)]), Err(Uncovered::BelowZero)),
        (
            "all that was given, unseen by a witness, as a second person has agreed",
            |t| _ = t.seconded(&[t.terms(Purpose::Opening, 300)]),
            Ok(()),
        ),
        (
            "more than the quota, unseen by a witness, alone",
            |t| {
                for day in 0..11 {
                    t.grant(on_day(day), 10);
                }
            },
            Err(Uncovered::BeyondQuota),
        ),
        (
            "alone, after a second person's word went beyond the quota",
            |t| {
                t.seconded(&[t.terms(Purpose::Opening, 200)]);
                t.grant(shift(1), 10);
            },
            Err(Uncovered::BeyondQuota),
        ),
    ];
    for (name, play, expected) in table {
        let mut t = Treasury::new();
        play(&mut t);
        assert_eq!(&t.covered(), expected, "{name}");
        assert_eq!(t.b.ledger.sum(), 0, "{name}");
    }
}

#[test]
fn a_second_word_is_for_one_list_of_one_journal_by_somebody_else_who_may() {
    type Case = (&'static str, fn(&mut Treasury) -> (EntryHash, Terms), bool);
    fn laid(t: &mut Treasury, terms: Terms) -> EntryHash {
        t.b.write(&mut t.fund, Body::GrantList(GrantList { terms: vec![terms] }))
    }
    let table: &[Case] = &[
        (
            "as it was laid out",
            |t| {
                let terms = t.terms(shift(6), 60);
                let list = laid(t, terms);
                (t.b.write(&mut t.xiao, Body::Second { list }), terms)
            },
            true,
        ),
        (
            "for other points",
            |t| {
                let terms = t.terms(shift(6), 60);
                let list = laid(t, terms);
                (t.b.write(&mut t.xiao, Body::Second { list }), t.terms(shift(7), 70))
            },
            false,
        ),
        (
            "by the treasurer",
            |t| {
                let terms = t.terms(shift(6), 60);
                let list = laid(t, terms);
                (t.b.write(&mut t.ma, Body::Second { list }), terms)
            },
            false,
        ),
        (
            "by somebody without a role",
            |t| {
                let terms = t.terms(shift(6), 60);
                let list = laid(t, terms);
                (t.b.write(&mut t.desk, Body::Second { list }), terms)
            },
            false,
        ),
        (
            "by who gets it",
            |t| {
                let terms = Terms { to: t.xiao.journal, member: t.xiao.member, ..t.terms(shift(6), 60) };
                let list = laid(t, terms);
                (t.b.write(&mut t.xiao, Body::Second { list }), terms)
            },
            false,
        ),
        (
            "by who stands in a list of opening balances",
            |t| {
                let terms = Terms { to: t.xiao.journal, member: t.xiao.member, ..t.terms(Purpose::Opening, 60) };
                let list = laid(t, terms);
                (t.b.write(&mut t.xiao, Body::Second { list }), terms)
            },
            true,
        ),
        (
            "for a list that was taken back since",
            |t| {
                let terms = t.terms(shift(6), 60);
                let list = laid(t, terms);
                let second = t.b.write(&mut t.xiao, Body::Second { list });
                t.b.write(&mut t.fund, Body::Unlist { list });
                (second, terms)
            },
            false,
        ),
        (
            "for a list in a journal that is not the fund's",
            |t| {
                let terms = t.terms(shift(6), 60);
                let list = t.b.write(&mut t.ma, Body::GrantList(GrantList { terms: vec![terms] }));
                (t.b.write(&mut t.xiao, Body::Second { list }), terms)
            },
            false,
        ),
        (
            "for a list on another branch",
            |t| {
                let terms = t.terms(shift(6), 60);
                let mut twin = t.fund.clone();
                let list = t.b.write(&mut twin, Body::GrantList(GrantList { terms: vec![terms] }));
                (t.b.write(&mut t.xiao, Body::Second { list }), terms)
            },
            false,
        ),
        ("nothing of the kind", |t| (t.chen.tip, t.terms(shift(6), 60)), false),
    ];
    for (name, play, covers) in table {
        let mut t = Treasury::new();
        let (second, terms) = play(&mut t);
        grant(&mut t.b, &mut t.fund, terms, Some(second));
        let expected = if *covers { Ok(()) } else { Err(Uncovered::NotSeconded) };
        assert_eq!(t.covered(), expected, "{name}");
    }
}

#[test]
fn a_device_is_told_beforehand_why_a_grant_would_not_be_covered() {
    let t = Treasury::new();
    let ask = |terms: Terms| {
        let grant = Grant { terms, second: None };
        t.b.ledger.check_grant(&t.fund.tip, None, &grant, &t.fund.epoch, &t.b.council)
    };
    assert_eq!(ask(t.terms(shift(1), 0)), Err(Refusal::TransferMalformed));
    assert_eq!(ask(t.terms(shift(1), 11)), Err(Refusal::OffRate));
    assert_eq!(ask(t.terms(shift(6), 60)), Err(Refusal::SecondNeeded));
    let mut t = Treasury::new();
    for day in 0..10 {
        t.grant(on_day(day), 10);
    }
    let more = Grant { terms: t.terms(on_day(99), 10), second: None };
    let ask = |t: &Treasury| t.b.ledger.check_grant(&t.fund.tip, None, &more, &t.fund.epoch, &t.b.council);
    assert_eq!(ask(&t), Err(Refusal::BeyondQuota { left: 0, needed: Points(10) }));
    t.b.meet(&mut t.desk, &mut t.fund);
    assert_eq!(ask(&t), Ok(()), "the desk has seen it");
    for day in 10..30 {
        if day == 20 {
            t.b.meet(&mut t.desk, &mut t.fund);
        }
        t.grant(on_day(day), 10);
    }
    assert_eq!(ask(&t), Err(Refusal::BudgetSpent { left: 0, needed: Points(10) }));
}

#[test]
fn what_epochs_give_is_cumulative_and_of_two_figures_the_greater_counts() {
    let mut t = Treasury::new();
    assert_eq!((t.b.rights(&t.fund), t.b.ledger.given(&t.fund.tip)), (300, 300));
    t.grant(shift(5), 50);
    t.epoch(&[(t.fund.journal, 500)]);
    assert_eq!(t.b.rights(&t.fund), 250, "not before the journal has named the epoch");
    t.grant(on_day(1), 10);
    assert_eq!((t.b.rights(&t.fund), t.b.ledger.given(&t.fund.tip)), (440, 500));
    // Another epoch with the same number says less, or nothing: what counted stays.
    t.epoch(&[]);
    t.grant(on_day(2), 10);
    assert_eq!((t.b.rights(&t.fund), t.b.ledger.given(&t.fund.tip)), (430, 500));
    t.epoch(&[(t.fund.journal, 501)]);
    t.grant(on_day(3), 10);
    assert_eq!(t.b.rights(&t.fund), 421);
}

#[test]
fn a_journal_that_no_epoch_has_given_anything_grants_what_it_was_given_by_neighbours() {
    let mut t = Treasury::new();
    t.roles.push((t.chen.member, Role::Treasurer));
    t.epoch(&[(t.fund.journal, 300)]);
    let (basis, key) = (t.basis(&t.chen), t.chen.key.clone());
    let mut second = t.b.open(&key, Some(t.chen.member), FUND_NONCE, basis, t.chen.epoch);
    let terms = Terms { to: t.ma.journal, member: t.ma.member, ..t.terms(shift(1), 10) };
    grant(&mut t.b, &mut second, terms, None);
    assert_eq!(t.covered(), Err(Uncovered::BelowZero));
    t.b.meet(&mut t.desk, &mut second);
    let gift = t.b.pay(&mut t.ma, &second, 40);
    t.b.accept(&mut second, gift).unwrap();
    t.b.meet(&mut t.desk, &mut second);
    grant(&mut t.b, &mut second, terms, None);
    assert_eq!(t.covered(), Ok(()));
}

#[test]
fn one_occasion_counts_once_whoever_grants_it() {
    let mut t = Treasury::new();
    t.roles.push((t.desk.member, Role::Treasurer));
    t.epoch(&[(t.fund.journal, 300), (t.journal_of(&t.desk).journal, 300)]);
    let (basis, key) = (t.basis(&t.desk), t.desk.key.clone());
    let mut other = t.b.open(&key, Some(t.desk.member), FUND_NONCE, basis, t.desk.epoch);
    let (mine, theirs) = (t.terms(shift(1), 10), t.terms(shift(3), 30));
    let first = grant(&mut t.b, &mut t.fund, mine, None);
    let again = grant(&mut t.b, &mut t.fund, mine, None);
    let apart = grant(&mut t.b, &mut other, theirs, None);
    t.b.accept(&mut t.chen, first).unwrap();
    for grant in [again, apart] {
        assert_eq!(t.b.accept(&mut t.chen, grant), Err(NotCounted::ReasonTaken));
    }
    let mut known = vec![first, again, apart];
    known.sort_unstable();
    assert_eq!(t.b.ledger.grants_for(&mine.reason()), known);
    // Declined, the treasurer has it back.
    let decline = t.b.decline(&mut t.chen, apart).unwrap();
    t.b.reclaim(&mut other, decline).unwrap();
    assert_eq!(t.b.rights(&other), 300);
    assert!(!t.b.ledger.grants_for(&mine.reason()).contains(&apart));
    assert_eq!(t.b.ledger.balance(&t.chen.member), 10);
}

#[test]
fn a_grant_is_taken_by_the_member_whom_it_names() {
    let mut t = Treasury::new();
    let terms = Terms { member: t.xiao.member, ..t.terms(shift(1), 10) };
    let grant = grant(&mut t.b, &mut t.fund, terms, None);
    assert_eq!(t.b.accept(&mut t.chen, grant), Err(NotCounted::NotForYou));
    assert!(t.b.decline(&mut t.chen, grant).is_ok(), "whoever gets it by mistake can say so");
}

#[test]
fn a_treasurer_who_forks_wins_the_quota_for_each_journal_that_takes_from_a_branch_and_not_the_budget() {
    let mut t = Treasury::new();
    t.epoch(&[(t.fund.journal, 10_000)]);
    let honest = [t.b.newcomer(&mut t.xiao), t.b.newcomer(&mut t.xiao), t.chen.clone()];
    let (mut taken, fork) = (0, t.fund.clone());
    for mut payee in honest {
        let mut own = 0;
        for branch in 0..5 {
            let mut twin = fork.clone();
            for day in 0..15 {
                let terms =
                    Terms { to: payee.journal, member: payee.member, ..t.terms(on_day(100 * branch + day), 10) };
                let grant = t.b.write(&mut twin, Body::Grant(Grant { terms, second: None }));
                if t.b.ledger.check_accept(&payee.tip, &grant).is_ok() {
                    t.b.accept(&mut payee, grant).unwrap();
                    own += 10;
                }
            }
        }
        assert_eq!(own, 100, "one branch, up to the quota");
        taken += own;
    }
    assert_eq!(t.b.ledger.balance(&MemberId::fund(&t.b.id)), -taken);
    assert!(t.b.ledger.is_forked(&t.fund.journal), "and the proof is in plain sight");
    assert_eq!(t.b.ledger.stamp_for(&t.fund.tip), None, "no witness who knows helps them further");
}

#[test]
fn a_treasurer_who_forks_after_a_second_persons_word_spends_what_was_agreed_to_and_no_more() {
    let mut t = Treasury::new();
    let mut other = t.b.newcomer(&mut t.xiao);
    let all = [t.chen.clone(), other.clone()].map(|payee| Terms {
        to: payee.journal,
        member: payee.member,
        ..t.terms(Purpose::Opening, 200)
    });
    let list = t.b.write(&mut t.fund, Body::GrantList(GrantList { terms: all.to_vec() }));
    let second = t.b.write(&mut t.xiao, Body::Second { list });
    let mut twin = t.fund.clone();
    let mut taken = 0;
    for (branch, payee, terms) in [(&mut t.fund, &mut t.chen, all[0]), (&mut twin, &mut other, all[1])] {
        for again in 0..3 {
            let granted = t.b.write(branch, Body::Grant(Grant { terms, second: Some(second) }));
            let counts = t.b.accept(payee, granted).is_ok();
            assert_eq!(counts, again == 0, "each line of the list once");
            taken += if counts { 200 } else { 0 };
        }
    }
    assert_eq!(taken, 400, "300 were given, and 400 were agreed to by somebody else");
    assert!(t.b.ledger.is_forked(&t.fund.journal));
}

#[test]
fn two_treasurers_who_grant_apart_stay_within_what_each_was_given() {
    let mut t = Treasury::new();
    t.roles.push((t.desk.member, Role::Treasurer));
    t.epoch(&[(t.fund.journal, 60), (t.journal_of(&t.desk).journal, 40)]);
    let (basis, key) = (t.basis(&t.desk), t.desk.key.clone());
    let other = t.b.open(&key, Some(t.desk.member), FUND_NONCE, basis, t.desk.epoch);
    // 60 was less than 300, which the journal has named before: nothing was taken back.
    for (mut keeper, given) in [(t.fund.clone(), 300), (other, 40)] {
        let mut granted = 0;
        for day in 0..100 {
            let terms = t.terms(on_day(day), 10);
            let signed = Grant { terms, second: None };
            if t.b.ledger.check_grant(&keeper.tip, None, &signed, &keeper.epoch, &t.b.council).is_ok() {
                let grant = grant(&mut t.b, &mut keeper, terms, None);
                granted += if t.b.accept(&mut t.chen, grant).is_ok() { 10 } else { 0 };
            }
            if t.b.ledger.stamp_for(&keeper.tip).is_some() && keeper.key.id() != t.desk.key.id() {
                t.b.meet(&mut t.desk, &mut keeper);
            }
        }
        assert!(granted <= given, "{granted} of {given}");
    }
    assert!(t.b.ledger.balance(&MemberId::fund(&t.b.id)) >= -340);
}
