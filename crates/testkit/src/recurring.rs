//! Neighbours who help each other on the same days of every week, tell the days, confirm them, and pay once for each.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::recurring::{Arrangement, Arrangements, Day, PassKind, RecurringStage, SignedRecurringAct};
use kaifong_domain::{EntryHash, Instant, JournalId, MemberId, Points};
use kaifong_ledger::{Direction, LineState};
use kaifong_node::{Command, FamilyCommand, Home, Node, PassDraft, RecurringCommand, RecurringDraft};
use kaifong_trust::entry::Body;

use crate::device::Wish;
use crate::dice::Dice as _;
use crate::world::World;

type Dicer = rand_chacha::ChaCha8Rng;

const DAY_MS: u64 = 24 * 3600 * 1000;

/// Somebody proposes recurring help, agrees to it, tells or confirms days, pauses it, ends it; or names who collects a child.
pub(crate) fn recurring(
    node: &Node,
    home: &Home,
    (owner, me): (usize, MemberId),
    now: Instant,
    dice: &mut Dicer,
) -> (Wish, Command) {
    let today = Day::try_from(now.0 / DAY_MS).unwrap_or_default();
    let own: Vec<&Arrangement> = home.arrangements().with(&me).filter(|row| row.is_open(today)).collect();
    let waiting: Vec<&Arrangement> = own.iter().copied().filter(|row| waits_for(row, &me)).collect();
    let row = if dice.chance(800) { dice.pick(&waiting).copied() } else { None }.or_else(|| dice.pick(&own).copied());
    let command = match row {
        Some(row) if dice.chance(850) => step(row, (owner, me), today, dice),
        _ => begin(node, home, (owner, me), today, dice),
    };
    (Wish::Said("does something about recurring help"), Command::Recurring(command))
}

/// Whether somebody waits for this member's word on recurring help.
pub(crate) fn waits(home: &Home, me: &MemberId) -> bool {
    home.arrangements().with(me).any(|row| waits_for(row, me))
}

fn waits_for(row: &Arrangement, me: &MemberId) -> bool {
    match row.stage() {
        RecurringStage::Proposed => row.root().is_some_and(|root| root.by != *me),
        RecurringStage::Trial => !row.tried.contains(me),
        RecurringStage::Running | RecurringStage::Ending => {
            row.giver == *me && row.sheets.is_empty() || row.receiver == *me && !row.to_confirm().is_empty()
        }
        RecurringStage::Declined => false,
    }
}

fn step(row: &Arrangement, (owner, me): (usize, MemberId), today: Day, dice: &mut Dicer) -> RecurringCommand {
    let arrangement = row.id;
    // Any days of the last ones: two phones of one owner, apart, tell and confirm some of them twice.
    let days = |dice: &mut Dicer| -> BTreeSet<Day> {
        (0..5).filter(|_| dice.chance(600)).map(|back| today.saturating_sub(back)).collect()
    };
    match (row.stage(), dice.below(8)) {
        (_, 0) if row.waiting().next().is_some() => match row.waiting().next() {
            Some((version, _)) => RecurringCommand::Accept { version: *version },
            None => RecurringCommand::Tried { arrangement },
        },
        (RecurringStage::Proposed, 1) => RecurringCommand::End { arrangement, day: today },
        (RecurringStage::Proposed, _) => RecurringCommand::Accept { version: arrangement },
        (RecurringStage::Trial, _) => RecurringCommand::Tried { arrangement },
        (_, 1) if dice.chance(300) => RecurringCommand::End { arrangement, day: today + 1 },
        (_, 2) if dice.chance(300) => RecurringCommand::Pause { arrangement, from: today, to: today + 2 },
        (_, 3) if dice.chance(300) => {
            RecurringCommand::Renew { arrangement, draft: Box::new(draft(owner, today, dice)) }
        }
        _ if row.giver == me => RecurringCommand::Tell { arrangement, days: days(dice) },
        _ => RecurringCommand::Confirm { arrangement, days: days(dice) },
    }
}

fn begin(node: &Node, home: &Home, (owner, me): (usize, MemberId), today: Day, dice: &mut Dicer) -> RecurringCommand {
    let others: Vec<MemberId> = home.roster().members().map(|(id, _)| *id).filter(|id| *id != me).collect();
    let with = dice.pick(&others).copied().unwrap_or(me);
    let given: Vec<_> = node.passes().filter(|row| row.guardian == me).map(|row| row.pass.id).collect();
    match (dice.below(4), dice.pick(&given)) {
        (0, Some(pass)) => RecurringCommand::Family(FamilyCommand::RevokePass { pass: *pass }),
        (1, _) => RecurringCommand::Family(FamilyCommand::GivePass(Box::new(PassDraft {
            kind: PassKind::Collect,
            child: "小宝".into(),
            holders: vec![with],
            place: String::new(),
            note: String::new(),
            weekdays: 127,
            first: today,
            last: today + 30,
        }))),
        _ => {
            let (helps, draft) = (dice.chance(500), Box::new(draft(owner, today, dice)));
            RecurringCommand::Propose { with, helps, deal: None, draft }
        }
    }
}

fn draft(owner: usize, today: Day, dice: &mut Dicer) -> RecurringDraft {
    RecurringDraft {
        weekdays: 127,
        first: today.saturating_sub(5),
        last: None,
        points: Points(dice.between(0, 8) as u32),
        trial: dice.chance(300).then_some(today),
        what: crate::private::for_the_two(owner),
        place: String::new(),
        from_min: 16 * 60,
        to_min: 18 * 60,
        note: String::new(),
    }
}

impl World {
    /// Checks that no journal has taken more for recurring help than what both have confirmed (I4), and counts what was.
    pub(crate) fn check_recurring(&mut self) {
        let honest = self.honest();
        let found = self.nodes().next().and_then(|(_, _, node)| Some(checked(node.home()?, &honest)));
        let Some(Checked { days, points, broken }) = found else { return };
        (self.counts.help_days, self.counts.help_points) = (days, points);
        if let Some(broken) = broken {
            self.fail("I4", || broken);
        }
    }
}

struct Checked {
    days: u64,
    points: u64,
    broken: Option<String>,
}

/// All recurring help, with what devices that were closed since have told and confirmed: whoever took points for it may have
/// done so before.
fn ever(home: &Home) -> Arrangements {
    let mut all = Arrangements::default();
    for entry in home.journals().since(0) {
        let value = entry.value();
        let by = home.roster().owner_of_journal(&value.journal);
        if let (Body::Recurring(act), Some(by)) = (&value.body, by) {
            all.add(&SignedRecurringAct { by, entry: EntryHash(entry.hash()), at: value.at, act: *act });
        }
    }
    all
}

fn checked(home: &Home, honest: &BTreeSet<MemberId>) -> Checked {
    let mut found = Checked { days: 0, points: 0, broken: None };
    let ever = ever(home);
    let mut taken: BTreeMap<(EntryHash, JournalId), u64> = BTreeMap::new();
    let members = home.roster().members().map(|(id, _)| *id);
    for line in members.flat_map(|member| home.ledger().statement(&member)) {
        let Some(row) = line.reason.and_then(|reason| ever.paid_by(&reason)) else { continue };
        let payee = home.ledger().transfer(&line.entry).map(|transfer| transfer.payee);
        let counts = line.direction == Direction::Out && line.state == LineState::Accepted;
        if let Some(payee) = payee.filter(|_| counts && honest.contains(&row.giver)) {
            *taken.entry((row.id, payee)).or_default() += u64::from(line.points.0);
        }
    }
    for ((id, journal), points) in taken {
        let earned = ever.get(&id).map_or(0, Arrangement::earned);
        found.points += points;
        if points > earned {
            found.broken =
                Some(format!("{journal} has taken {points} for help of which {earned} points' worth was confirmed"));
        }
    }
    let mut seen = BTreeSet::new();
    for row in home.roster().members().flat_map(|(id, _)| home.arrangements().with(id)) {
        found.days += if seen.insert(row.id) { row.counted().len() as u64 } else { 0 };
    }
    found
}
