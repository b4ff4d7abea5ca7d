//! The journals as lines of text, from which others recount without this crate, and what the ledger makes of them.
//!
//! `tests/oracle/balances.py` is such a second counter; it shares no code with this one and reads what is written here.
//! Ids and hashes are lowercase hexadecimal, numbers are decimal, and every line is one JSON object:
//!
//! - an epoch that some entry names: `{"epoch", "credit_line", "quota", "witnesses": [device, …], "reviewers": [member, …],
//!   "treasurers", "seconders" (who may agree to a grant), "alone", "fund_quota", "rates": {act: points, …}, "budgets":
//!   {journal: points in all, …}}`. The genesis has the name of 64 zeros. Only those who have a journal are listed.
//! - the fund's account: `{"fund": member}`.
//! - an entry: `{"entry", "journal", "member", "device", "seq", "prev", "epoch", "body"}`; `prev` is 64 zeros in a first
//!   entry. `body` is an object with `kind`: `open` (`nonce`, `basis`: `genesis`, `certificate` or `other`, and
//!   `certificate`), `certify` (`member`, `device`), `transfer` (`to`, `points`, `reason` or null), `accept` and `decline`
//!   (`transfer`), `reclaim` (`decline`), `stamp` (`journal`, `seq`, `hash`, `rights`), `cite` (`stamp`),
//!   `succeed` (`last`, `successor`, `seconds` or null), `inherit` (`succession`), `grant` (`to`, `member`, `points`,
//!   `purpose`: act, day and how often, and `second` or null), `grants` (`terms`: lists of the first four), `second` and
//!   `unlist` (`list`), or `other`. Acts of the table are told by their numbers.
//!
//! Entries stand in the order of their hashes, so nobody who reads them can lean on an order of arrival.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use kaifong_domain::fund::{Fund, Purpose};
use kaifong_domain::{DeviceId, EntryHash, JournalId, MemberId};
use kaifong_trust::Verified;
use kaifong_trust::entry::{Basis, Body, Entry, Grant, NO_ENTRY, Role, Stamp, Succession, Terms, Transfer};

use crate::fold::{Ledger, Rights};
use crate::fund::may_second;
use crate::outcome::Outcome;

/// Journals as text, and the answers that another counter has to come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// One line for each epoch and each entry.
    pub journals: String,
    /// One JSON object: `balances` by member, `effective` (the entries that took effect: covered transfers, accepts that
    /// count, declines and reclaims that hold, stamps by witnesses, citations that hold), and `rights` after each entry.
    pub answers: String,
}

/// Writes admitted entries out and folds them anew. They come in a causal order, as [`Ledger::add`] takes them.
pub fn export<'a>(entries: impl IntoIterator<Item = &'a Verified<Entry>>, rights: &dyn Rights) -> Export {
    let mut ledger = Ledger::new();
    let mut owners: BTreeMap<JournalId, MemberId> = BTreeMap::new();
    let (mut lines, mut epochs, mut devices) = (BTreeMap::new(), BTreeSet::from([NO_ENTRY]), BTreeSet::new());
    let (mut effective, mut left) = (BTreeSet::new(), BTreeMap::new());
    let mut fund = None;
    for entry in entries {
        let (hash, value) = (EntryHash(entry.hash()), entry.value());
        if let Body::Open(open) = &value.body {
            owners.insert(value.journal, open.member);
        }
        fund = Some(MemberId::fund(&value.building));
        epochs.insert(value.epoch);
        devices.insert(entry.signer());
        let owner = owners.get(&value.journal).map(ToString::to_string).unwrap_or_default();
        lines.insert(hash, line(hash, value, &owner, entry.signer()));
        if took_effect(ledger.add(entry, rights).outcome) {
            effective.insert(hash);
        }
        left.extend(ledger.standing(&hash).map(|standing| (hash, standing.rights)));
    }
    let mut journals = fund.map_or(String::new(), |fund| format!(r#"{{"fund":"{fund}"}}"#) + "\n");
    for epoch in epochs {
        let Some(charter) = rights.charter(&epoch) else { continue };
        let witnesses = quoted(devices.iter().filter(|device| rights.is_witness(&epoch, device)));
        let members: BTreeSet<_> = owners.values().collect();
        let reviewers = quoted(members.into_iter().filter(|member| rights.holds(&epoch, member, Role::Reviewer)));
        let (line, quota) = (charter.credit_line.0, charter.quota.0);
        let fund = fund_of(rights, &epoch, &owners);
        journals += &format!(
            r#"{{"epoch":"{epoch}","credit_line":{line},"quota":{quota},"witnesses":[{witnesses}],"reviewers":[{reviewers}],{fund}}}"#
        );
        journals.push('\n');
    }
    lines.values().for_each(|line| journals += line);
    let balances = numbered(ledger.balances());
    let (effective, left) = (quoted(&effective), numbered(&left));
    let answers = format!(r#"{{"balances":{{{balances}}},"effective":[{effective}],"rights":{{{left}}}}}"#);
    Export { journals, answers }
}

/// What an epoch says of the fund, and who may grant and agree.
fn fund_of(rights: &dyn Rights, epoch: &EntryHash, owners: &BTreeMap<JournalId, MemberId>) -> String {
    let none = Fund::default();
    let fund = rights.fund(epoch).unwrap_or(&none);
    let members: BTreeSet<_> = owners.values().collect();
    let treasurers = quoted(members.iter().filter(|member| rights.holds(epoch, member, Role::Treasurer)));
    let seconders = quoted(members.iter().filter(|member| may_second(rights, epoch, member)));
    let rates = fund.rates.iter().map(|(act, points)| ((*act as u8).to_string(), i64::from(points.0)));
    let rates: BTreeMap<String, i64> = rates.chain([("starter".to_owned(), i64::from(fund.starter.0))]).collect();
    let budgets = fund.budgets.iter().map(|(journal, given)| (*journal, i64::try_from(*given).unwrap_or(i64::MAX)));
    let budgets: BTreeMap<JournalId, i64> = budgets.collect();
    let (alone, quota, rates, budgets) = (fund.alone.0, fund.quota.0, numbered(&rates), numbered(&budgets));
    format!(
        r#""treasurers":[{treasurers}],"seconders":[{seconders}],"alone":{alone},"fund_quota":{quota},"rates":{{{rates}}},"budgets":{{{budgets}}}"#
    )
}

fn occasion(purpose: &Purpose) -> String {
    match purpose {
        Purpose::Starter => r#"["starter",0,1]"#.to_owned(),
        Purpose::Opening => r#"["opening",0,1]"#.to_owned(),
        Purpose::Act { act, day, times } => format!(r#"["{}",{day},{times}]"#, *act as u8),
    }
}

fn took_effect(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Offered(result) => result.is_ok(),
        Outcome::Accepted(result) | Outcome::Declined(result) => result.is_ok(),
        Outcome::Reclaimed(result) => result.is_ok(),
        Outcome::Stamped(result) | Outcome::Cited(result) => result.is_ok(),
        Outcome::Inherited(result) => result.is_ok(),
        Outcome::Known | Outcome::Orphan | Outcome::Aside | Outcome::Opened => false,
    }
}

fn line(hash: EntryHash, entry: &Entry, member: &str, device: DeviceId) -> String {
    let Entry { journal, seq, prev, epoch, body, .. } = entry;
    let body = told(body);
    format!(
        r#"{{"entry":"{hash}","journal":"{journal}","member":"{member}","device":"{device}","seq":{seq},"prev":"{prev}","epoch":"{epoch}","body":{{{body}}}}}"#
    ) + "\n"
}

fn told(body: &Body) -> String {
    match body {
        Body::Open(open) => {
            let basis = match open.basis {
                Basis::Genesis => r#""genesis""#.to_owned(),
                Basis::Certificate(hash) => format!(r#""certificate","certificate":"{hash}""#),
                _ => r#""other""#.to_owned(),
            };
            format!(r#""kind":"open","nonce":{},"basis":{basis}"#, open.nonce)
        }
        Body::Certify(named) => {
            format!(r#""kind":"certify","member":"{}","device":"{}""#, named.member, named.device)
        }
        Body::Transfer(Transfer { to, points, reason }) => {
            let reason = reason.map_or("null".to_owned(), |reason| format!(r#""{reason}""#));
            format!(r#""kind":"transfer","to":"{to}","points":{},"reason":{reason}"#, points.0)
        }
        Body::Accept { transfer } => format!(r#""kind":"accept","transfer":"{transfer}""#),
        Body::Decline { transfer } => format!(r#""kind":"decline","transfer":"{transfer}""#),
        Body::Reclaim { decline } => format!(r#""kind":"reclaim","decline":"{decline}""#),
        Body::Stamp(Stamp { journal, seq, hash, rights }) => {
            format!(r#""kind":"stamp","journal":"{journal}","seq":{seq},"hash":"{hash}","rights":{rights}"#)
        }
        Body::Cite { stamp } => format!(r#""kind":"cite","stamp":"{stamp}""#),
        Body::Succeed(Succession { last, successor, seconds }) => {
            let seconds = seconds.map_or("null".to_owned(), |first| format!(r#""{first}""#));
            format!(r#""kind":"succeed","last":"{last}","successor":"{successor}","seconds":{seconds}"#)
        }
        Body::Grant(Grant { terms, second }) => {
            let Terms { to, member, points, purpose } = terms;
            let second = second.map_or("null".to_owned(), |second| format!(r#""{second}""#));
            let purpose = occasion(purpose);
            format!(
                r#""kind":"grant","to":"{to}","member":"{member}","points":{},"purpose":{purpose},"second":{second}"#,
                points.0
            )
        }
        Body::GrantList(list) => {
            let line = |terms: &Terms| {
                let (to, member, points, purpose) = (terms.to, terms.member, terms.points.0, occasion(&terms.purpose));
                format!(r#"["{to}","{member}",{points},{purpose}]"#)
            };
            let terms: Vec<_> = list.terms.iter().map(line).collect();
            format!(r#""kind":"grants","terms":[{}]"#, terms.join(","))
        }
        Body::Second { list } => format!(r#""kind":"second","list":"{list}""#),
        Body::Unlist { list } => format!(r#""kind":"unlist","list":"{list}""#),
        Body::Inherit { succession } => format!(r#""kind":"inherit","succession":"{succession}""#),
        _ => r#""kind":"other""#.to_owned(),
    }
}

fn quoted<T: std::fmt::Display>(ids: impl IntoIterator<Item = T>) -> String {
    ids.into_iter().map(|id| format!(r#""{id}""#)).collect::<Vec<_>>().join(",")
}

fn numbered<T: std::fmt::Display>(figures: &BTreeMap<T, i64>) -> String {
    let mut text = String::new();
    for (id, figure) in figures {
        let comma = if text.is_empty() { "" } else { "," };
        // Writing into a string does not fail.
        let _ = write!(text, r#"{comma}"{id}":{figure}"#);
    }
    text
}
