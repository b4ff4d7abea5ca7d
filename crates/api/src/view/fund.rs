//! The community fund, as one of its building looks at it.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::fund::{Act, Fund, Purpose};
use kaifong_domain::{EntryHash, JournalId, MemberId, Refusal};
use kaifong_node::ledger::{self, Direction as Way};
use kaifong_node::register_of_units::Balances;
use kaifong_node::trust::entry::{Body, Grant, MemberKind};
use kaifong_node::{Listed, Node};

use super::View;
use crate::dto::{
    FundLine, FundNote, GrantAct, GrantListRow, KeeperRow, ListedGrant, OpeningLine, OpeningProblem, OpeningsReading,
    Person, PurposeNote, RateNote,
};
use crate::{ApiError, Hex};

const NEWEST_LINES: usize = 100;

/// Shows the fund.
///
/// # Errors
/// `no-building`.
pub(crate) fn fund(node: &Node) -> Result<FundNote, ApiError> {
    let view = View::of(node)?;
    let home = view.home;
    let (ledger, now) = (home.ledger(), &home.roster().now().fund);
    let account = home.fund();
    let lines = ledger.statement(&account);
    let took = |way: Way| lines.iter().filter(move |line| line.direction == way && counts(line));
    let sum = |way: Way| took(way).map(|line| u64::from(line.points.0)).sum::<u64>();
    let treasurer = view.me.is_some_and(|me| home.is_treasurer(&me));
    let payees: Vec<MemberId> = if treasurer { view.payees(node) } else { Vec::new() };
    let occasions = home.occasions();
    let new = |member: &&MemberId| now.starter.0 > 0 && occasions.is_open(member, &Purpose::Starter);
    let newcomers: Vec<_> = payees.iter().filter(new).collect();
    Ok(FundNote {
        open: *now != Fund::default(),
        balance: ledger.balance(&account),
        given: now.given_in_all(),
        granted: sum(Way::Out),
        received: sum(Way::In),
        starter: now.starter.0,
        alone: now.alone.0,
        quota: now.quota.0,
        rates: now.rates.iter().map(|(act, points)| RateNote { act: (*act).into(), points: points.0 }).collect(),
        keepers: view.keepers(node, now, &lines),
        left: node.fund_tip().filter(|_| treasurer).map(|_| node.budget_left()),
        treasurer,
        lists: view.grant_lists(node),
        newcomers: newcomers.into_iter().map(|member| view.person(*member)).collect(),
        payees: payees.iter().map(|member| view.person(*member)).collect(),
        lines: lines.iter().rev().take(NEWEST_LINES).map(|line| view.fund_line(line)).collect(),
        lines_total: lines.len() as u64,
    })
}

fn counts(line: &ledger::Line) -> bool {
    line.state == ledger::LineState::Accepted
}

impl View<'_> {
    /// Whom a treasurer may grant something.
    fn payees(&self, node: &Node) -> Vec<MemberId> {
        let people = self.home.roster().members().filter(|(_, member)| member.kind == MemberKind::Person);
        people.map(|(id, _)| *id).filter(|id| node.may_be_granted(id)).collect()
    }

    fn keepers(&self, node: &Node, now: &Fund, lines: &[ledger::Line]) -> Vec<KeeperRow> {
        let journals = self.home.journals();
        let open = journals.journals().filter(|journal| journal.open.is_fund());
        let mut rows: BTreeMap<JournalId, (MemberId, u64, u64)> =
            open.map(|journal| (journal.id, (journal.member, 0, 0))).collect();
        for line in lines {
            let ended =
                line.state == ledger::LineState::Declined || matches!(line.state, ledger::LineState::NotCounted(_));
            let Some(row) = self.home.ledger().transfer(&line.entry).filter(|_| !ended) else { continue };
            let journal = if line.direction == Way::Out { row.payer } else { row.payee };
            let Some((_, out, into)) = rows.get_mut(&journal) else { continue };
            match line.direction {
                Way::Out => *out += u64::from(line.points.0),
                Way::In if counts(line) => *into += u64::from(line.points.0),
                Way::In => {}
            }
        }
        // Who was given something and has not opened the journal yet.
        let named = now.budgets.iter().map(|(journal, _)| *journal).filter(|journal| !rows.contains_key(journal));
        let named: BTreeSet<JournalId> = named.collect();
        let waiting = self.home.roster().members().filter_map(|(id, _)| {
            let first = self.home.first_purses(id).into_iter().find(|journal| named.contains(journal));
            first.map(|journal| (journal, (*id, 0, 0)))
        });
        rows.extend(waiting.collect::<Vec<_>>());
        let mut all: Vec<KeeperRow> = rows
            .into_iter()
            .map(|(journal, (member, granted, received))| KeeperRow {
                person: self.person(member),
                current: self.home.is_treasurer(&member),
                given: now.given(&journal),
                granted,
                received,
                here: node.fund_journal() == Some(journal),
                forked: self.home.ledger().is_forked(&journal),
            })
            .collect();
        all.sort_by_key(|row| (!row.here, !row.current, std::cmp::Reverse(row.given), row.person.member));
        all
    }

    fn grant_lists(&self, node: &Node) -> Vec<GrantListRow> {
        let open = self.home.grant_lists().into_iter().rev();
        let open = open.filter(|list| !list.unlisted && list.granted < list.terms.len());
        open.map(|list| self.grant_list(node, &list)).collect()
    }

    fn grant_list(&self, node: &Node, list: &Listed) -> GrantListRow {
        let may = self.me.is_some_and(|me| self.home.may_second(list, &me) && !list.seconded.contains_key(&me));
        let journal = self.home.journals().entry(&list.list).map(|entry| entry.value().journal);
        let grants = list.terms.iter().map(|terms| ListedGrant {
            member: self.person(terms.member),
            points: terms.points.0,
            purpose: purpose(&terms.purpose),
        });
        GrantListRow {
            list: Hex(list.list),
            at: list.at.0,
            by: self.person(list.treasurer),
            grants: grants.collect(),
            points: list.terms.iter().map(|terms| u64::from(terms.points.0)).sum(),
            seconded: list.seconded.keys().map(|by| self.person(*by)).collect(),
            granted: list.granted as u64,
            can_second: may,
            mine: journal.is_some() && journal == node.fund_journal(),
        }
    }

    fn fund_line(&self, line: &ledger::Line) -> FundLine {
        let crate::dto::Line { at, entry, direction, counterpart, points, activity, state, why, .. } =
            self.line(self.home.fund(), line);
        let row = self.home.ledger().transfer(&line.entry);
        let keeper = row.and_then(|row| {
            let journal = if line.direction == Way::Out { row.payer } else { row.payee };
            self.home.ledger().keeper(&journal)
        });
        FundLine {
            at,
            entry,
            direction,
            kind: line.counterpart.and_then(|id| self.home.roster().member(&id)).map(|known| known.kind.into()),
            counterpart,
            points,
            purpose: line.purpose.as_ref().map(purpose),
            activity: activity.and_then(|paid| paid.title),
            by: keeper.map(|keeper| self.person(keeper)),
            seconded: self.seconded(&line.entry).into_iter().collect(),
            state,
            why,
        }
    }

    /// Who has agreed to a grant besides the treasurer.
    fn seconded(&self, grant: &EntryHash) -> Option<Person> {
        let journals = self.home.journals();
        let Body::Grant(Grant { second: Some(second), .. }) = journals.entry(grant)?.value().body else { return None };
        let word = journals.entry(&second)?;
        self.home.roster().owner_of_journal(&word.value().journal).map(|by| self.person(by))
    }
}

/// Refuses who grants nothing.
///
/// # Errors
/// `no-building`, `not-yet-member`, `role-missing`.
pub(crate) fn require_treasurer(node: &Node) -> Result<(), ApiError> {
    let view = View::of(node)?;
    let me = view.require_me()?;
    if view.home.is_treasurer(&me) { Ok(()) } else { Err(Refusal::RoleMissing { role: "treasurer" }.into()) }
}

/// Shows what a file says, with the one neighbour whom each name may mean.
///
/// # Errors
/// `no-building`.
pub(crate) fn openings_read(node: &Node, read: &Balances) -> Result<OpeningsReading, ApiError> {
    let view = View::of(node)?;
    let occasions = view.home.occasions();
    let people: Vec<Person> = view.payees(node).into_iter().map(|member| view.person(member)).collect();
    let called = |name: &str| {
        let mut same = people.iter().filter(|person| person.name == name || person.shown() == name);
        let one = same.next().filter(|_| same.next().is_none());
        one.filter(|person| occasions.is_open(&person.member.0, &Purpose::Opening)).cloned()
    };
    let lines = read.lines.iter().map(|line| OpeningLine {
        line: line.line,
        name: line.name.clone(),
        points: line.points.0,
        suggested: called(&line.name),
    });
    let problems = read.problems.iter().map(|(line, wrong)| OpeningProblem { line: *line, wrong: (*wrong).into() });
    Ok(OpeningsReading {
        lines: lines.collect(),
        problems: problems.collect(),
        problems_total: read.problems_total as u64,
    })
}

impl PurposeNote {
    /// Gives what people call it: 值班一次, or 值班一次 ×3.
    pub fn shown(&self) -> String {
        if self.times == 1 { self.act.word().to_owned() } else { format!("{} ×{}", self.act.word(), self.times) }
    }
}

pub(crate) fn purpose(of: &Purpose) -> PurposeNote {
    match of {
        Purpose::Starter => PurposeNote { act: GrantAct::Starter, day: None, times: 1 },
        Purpose::Opening => PurposeNote { act: GrantAct::Opening, day: None, times: 1 },
        Purpose::Act { act, day, times } => PurposeNote { act: (*act).into(), day: Some(*day), times: *times },
    }
}

/// Reads an act of the table of rates.
pub(crate) fn rated(act: GrantAct) -> Result<Act, ApiError> {
    let rated = Act::ALL.into_iter().find(|one| GrantAct::from(*one) == act);
    rated.ok_or_else(|| ApiError::bad_arguments(format_args!("{}没有分数表上的一行", act.word())))
}
