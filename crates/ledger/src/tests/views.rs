//! What others ask: statements, stamps, lists, effects.

use kaifong_trust::entry::Body;

use crate::testing::{Building, Pen, People, building};
use crate::{Direction, Ledger, LineState, NotCounted, Outcome, Uncovered};

fn states(b: &Building, pen: &Pen) -> Vec<(Direction, u32, LineState, bool)> {
    let lines = b.ledger.statement(&pen.member);
    lines.iter().map(|line| (line.direction, line.points.0, line.state, line.stamped)).collect()
}

#[test]
fn a_statement_shows_signed_then_accepted_then_stamped() {
    let (mut b, People { mut ma, mut chen, mut desk, .. }) = building();
    let transfer = b.pay(&mut ma, &chen, 30);
    let (out, into) = (Direction::Out, Direction::In);
    assert_eq!(states(&b, &ma), [(out, 30, LineState::Signed, false)]);
    b.accept(&mut chen, transfer).unwrap();
    assert_eq!(states(&b, &ma), [(out, 30, LineState::Accepted, false)]);
    b.stamp(&mut desk, &ma);
    assert_eq!(states(&b, &ma), [(out, 30, LineState::Accepted, true)], "known, cited or not");
    assert_eq!(states(&b, &chen), [(into, 30, LineState::Accepted, false)]);
    b.stamp(&mut desk, &chen);
    assert_eq!(states(&b, &chen), [(into, 30, LineState::Accepted, true)]);
    let line = b.ledger.statement(&chen.member)[0];
    assert_eq!((line.entry, line.counterpart), (transfer, Some(ma.member)));
}

#[test]
fn a_statement_says_why_something_does_not_count() {
    let (mut b, People { mut xiao, mut ma, mut chen, .. }) = building();
    b.pay(&mut ma, &chen, 101);
    let slips = [b.pay_for(&mut xiao, &chen, 10, Some(1)), b.pay_for(&mut xiao, &chen, 10, Some(1))];
    for slip in slips {
        let _ = b.accept(&mut chen, slip);
    }
    let declined = b.pay(&mut xiao, &chen, 3);
    b.decline(&mut chen, declined).unwrap();
    let found: Vec<_> = states(&b, &chen).into_iter().map(|(_, _, state, _)| state).collect();
    let uncovered = LineState::NotCounted(NotCounted::NotCovered(Uncovered::BelowZero));
    let taken = LineState::NotCounted(NotCounted::ReasonTaken);
    assert_eq!(found, [uncovered, LineState::Accepted, taken, LineState::Declined]);
}

#[test]
fn of_several_vain_accepts_the_one_that_came_furthest_names_the_reason() {
    for reversed in [false, true] {
        let (mut b, People { mut xiao, mut ma, mut chen, .. }) = building();
        let (mut ma2, mut chen2) = (ma.clone(), chen.clone());
        let slip = b.pay_for(&mut xiao, &chen, 10, Some(1));
        let other_branch = b.pay(&mut ma2, &chen, 10);
        let transfer = b.pay_for(&mut ma, &chen, 10, Some(1));
        b.accept(&mut chen, slip).unwrap();
        b.accept(&mut chen2, other_branch).unwrap();
        let vain: [(_, NotCounted); 2] =
            [(&mut chen, NotCounted::ReasonTaken), (&mut chen2, NotCounted::ConflictingBranch)];
        let mut vain = Vec::from(vain);
        if reversed {
            vain.reverse();
        }
        for (branch, why) in vain {
            assert_eq!(b.accept(branch, transfer), Err(why));
        }
        let state = b.ledger.transfer(&transfer).unwrap().state;
        assert_eq!(state, LineState::NotCounted(NotCounted::ConflictingBranch));
    }
}

#[test]
fn a_stamp_on_one_branch_says_nothing_about_another() {
    let (mut b, People { mut ma, chen, mut desk, .. }) = building();
    let mut other = ma.clone();
    b.pay(&mut ma, &chen, 10);
    b.stamp(&mut desk, &ma);
    b.pay(&mut other, &chen, 20);
    let stamped: Vec<_> = states(&b, &ma).into_iter().map(|(_, points, _, stamped)| (points, stamped)).collect();
    assert_eq!(stamped, [(10, true), (20, false)]);
}

#[test]
fn somebody_elses_accept_says_nothing_about_a_transfer() {
    let (mut b, People { mut xiao, mut ma, chen, .. }) = building();
    let transfer = b.pay(&mut ma, &chen, 10);
    b.accept(&mut xiao, transfer).unwrap_err();
    assert_eq!(b.ledger.transfer(&transfer).unwrap().state, LineState::Signed);
}

#[test]
fn a_transfer_between_ones_own_phones_has_two_lines() {
    let (mut b, People { mut ma, .. }) = building();
    let tablet = b.second_phone(&mut ma);
    b.pay(&mut ma, &tablet, 30);
    let signed = LineState::Signed;
    assert_eq!(states(&b, &ma), [(Direction::Out, 30, signed, false), (Direction::In, 30, signed, false)]);
}

#[test]
fn a_witness_stamps_what_has_moved_once() {
    let (mut b, People { mut ma, chen, mut desk, .. }) = building();
    assert_eq!(b.ledger.stamp_for(&ma.tip), None, "the certificate stands for the opening");
    b.pay(&mut ma, &chen, 0);
    assert_eq!(b.ledger.stamp_for(&ma.tip), None, "nothing has moved");
    b.pay(&mut ma, &chen, 10);
    let stamp = b.ledger.stamp_for(&ma.tip).unwrap();
    assert_eq!((stamp.journal, stamp.seq, stamp.hash, stamp.rights), (ma.journal, ma.seq - 1, ma.tip, 90));
    b.meet(&mut desk, &mut ma);
    assert_eq!(b.ledger.stamp_for(&ma.tip), None, "to cite a stamp moves nothing");
}

#[test]
fn nobody_stamps_a_forked_journal_or_cites_a_forked_witness() {
    let (mut b, People { mut ma, mut chen, mut desk, xiao }) = building();
    let (mut ma2, mut desk2) = (ma.clone(), desk.clone());
    b.pay(&mut ma, &chen, 10);
    b.pay(&mut chen, &xiao, 10);
    let stamp = b.stamp(&mut desk, &chen);
    assert_eq!(b.ledger.newest_stamp(&chen.tip), Some(stamp));
    b.pay(&mut ma2, &chen, 11);
    assert_eq!(b.ledger.stamp_for(&ma.tip), None);
    b.pay(&mut desk2, &xiao, 1);
    assert_eq!(b.ledger.newest_stamp(&chen.tip), None);
    assert_eq!(b.cite(&mut chen, stamp), Ok(()), "but whoever had cited it stays as they were");
}

#[test]
fn the_newest_stamp_is_the_highest() {
    let (mut b, People { mut ma, chen, mut desk, .. }) = building();
    b.pay(&mut ma, &chen, 10);
    let older = ma.clone();
    b.pay(&mut ma, &chen, 10);
    let newest = b.stamp(&mut desk, &ma);
    b.stamp_as(&mut desk, &older, 90);
    assert_eq!(b.ledger.newest_stamp(&ma.tip), Some(newest));
    assert_eq!(b.ledger.newest_stamp(&older.tip), Some(desk.tip), "an earlier tip cannot cite what is above it");
}

#[test]
fn what_waits_is_listed_for_each_branch() {
    let (mut b, People { mut ma, mut chen, .. }) = building();
    let transfers = [b.pay(&mut ma, &chen, 10), b.pay(&mut ma, &chen, 11), b.pay(&mut ma, &chen, 101)];
    b.pay(&mut ma, &chen, 0);
    let before = chen.tip;
    b.accept(&mut chen, transfers[0]).unwrap();
    b.accept(&mut chen, transfers[2]).unwrap_err();
    assert_eq!(b.ledger.incoming(&chen.tip), [transfers[1]], "what is not covered needs no answer");
    let mut covered = [transfers[0], transfers[1]];
    covered.sort_unstable();
    assert_eq!(b.ledger.incoming(&before), covered);
}

#[test]
fn an_effect_names_every_account_that_it_touches() {
    let (mut b, People { mut ma, mut chen, mut desk, .. }) = building();
    let mut seen = b.ledger.clone();
    let start = b.entries.len();
    let transfer = b.pay(&mut ma, &chen, 30);
    b.accept(&mut chen, transfer).unwrap();
    b.stamp(&mut desk, &ma);
    let listing = kaifong_domain::deal::DealAct::CallOff { deal: kaifong_domain::DealId([0; 16]) };
    b.write(&mut ma, Body::Deal(listing));
    let pair = {
        let mut pair = vec![ma.member, chen.member];
        pair.sort_unstable();
        pair
    };
    let mut with_desk = vec![ma.member, desk.member];
    with_desk.sort_unstable();
    let expected = [
        (Outcome::Offered(Ok(())), pair.clone()),
        (Outcome::Accepted(Ok(())), pair),
        (Outcome::Stamped(Ok(())), with_desk),
        (Outcome::Aside, vec![]),
    ];
    let effects = b.entries[start..].iter().map(|entry| seen.add(entry, &b.council));
    assert_eq!(effects.map(|effect| (effect.outcome, effect.accounts)).collect::<Vec<_>>(), expected);
}

#[test]
fn a_stamp_may_be_here_before_the_entry_that_it_stamps() {
    let (mut b, People { mut ma, mut chen, mut desk, .. }) = building();
    let transfer = b.pay(&mut chen, &ma, 5);
    b.pay(&mut ma, &chen, 30);
    b.accept(&mut ma, transfer).unwrap();
    let at = b.entries.len() - 1;
    b.stamp(&mut desk, &ma);
    let mut late = Ledger::new();
    for entry in b.entries[..at].iter().chain(&b.entries[at + 1..]) {
        late.add(entry, &b.council);
    }
    assert!(late.statement(&ma.member).iter().all(|line| !line.stamped));
    let effect = late.add(&b.entries[at], &b.council);
    assert!(effect.accounts.contains(&ma.member));
    assert!(late.statement(&ma.member).iter().all(|line| line.stamped));
}

#[test]
fn a_payee_that_nobody_knows_yet_gets_a_name_when_its_journal_opens() {
    let (mut b, People { mut xiao, mut ma, .. }) = building();
    let mut ahead = b.clone();
    let newcomer = ahead.newcomer(&mut xiao);
    let transfer = b.pay(&mut ma, &newcomer, 5);
    assert_eq!(b.ledger.statement(&ma.member)[0].counterpart, None);
    for entry in &ahead.entries {
        let effect = b.ledger.add(entry, &b.council);
        if effect.outcome == Outcome::Opened {
            assert!(effect.accounts.contains(&ma.member));
        }
    }
    assert_eq!(b.ledger.statement(&ma.member)[0].counterpart, Some(newcomer.member));
    assert_eq!(b.ledger.incoming(&newcomer.tip), [transfer]);
}

#[test]
fn rights_that_a_witness_has_made_up_are_seen_to_be() {
    let (mut b, People { mut ma, chen, mut desk, .. }) = building();
    let honest = b.pay(&mut ma, &chen, 10);
    assert!(b.ledger.rests_on_honest_stamps(&honest));
    let stamp = b.stamp(&mut desk, &ma);
    b.cite(&mut ma, stamp).unwrap();
    let after = b.pay(&mut ma, &chen, 10);
    assert!(b.ledger.rests_on_honest_stamps(&after));
    let claim = b.stamp_as(&mut desk, &ma, 1_000_000);
    b.cite(&mut ma, claim).unwrap();
    let made_up = b.pay(&mut ma, &chen, 10);
    assert!(b.ledger.check_accept(&chen.tip, &made_up).is_ok(), "the branch alone does not show it");
    assert!(!b.ledger.rests_on_honest_stamps(&made_up));
    // A true figure on top of a made-up one is made up as well.
    let stamp = b.stamp(&mut desk, &ma);
    b.cite(&mut ma, stamp).unwrap();
    let later = b.pay(&mut ma, &chen, 10);
    assert!(!b.ledger.rests_on_honest_stamps(&later));
    assert!(b.ledger.rests_on_honest_stamps(&after), "what was before stays");
}
