//! Points on a member's several devices, and what closed ones have left.

use kaifong_domain::{EntryHash, JournalId};
use kaifong_node::ledger::Legacy;
use kaifong_node::trust::entry::{Body, Succession};
use kaifong_node::{Node, Stranded};

use super::View;
use crate::dto::{DevicePoints, FundLoss, FundLosses, LeftPoints, LeftRows, MovedPoints, OwnPoints, Person};
use crate::{ApiError, Hex};

impl View<'_> {
    /// Tells what each of one's own devices can spend.
    ///
    /// # Errors
    /// `not-yet-member`.
    pub(crate) fn own_points(&self, node: &Node) -> Result<OwnPoints, ApiError> {
        let (me, home, this) = (self.require_me()?, self.home, node.device());
        let mut rows: Vec<DevicePoints> = Vec::new();
        for own in home.journals_in_use(&me) {
            let (device, journal) = (Hex(own.device), Hex(own.journal));
            let (points, opened) = (own.rights, own.opened);
            rows.push(DevicePoints { device, journal, this: own.device == this, points, opened });
        }
        rows.sort_by_key(|row| (!row.this, row.device, row.journal));
        let mine = home.ledger().legacies().into_values().filter(|legacy| legacy.member == me);
        let mut moved: Vec<MovedPoints> = mine.flat_map(|legacy| self.moved(&legacy)).collect();
        moved.sort_by_key(|row| (std::cmp::Reverse(row.at), row.entry));
        let left = home.stranded_of(&me).iter().map(|row| self.left(row)).collect();
        Ok(OwnPoints { total: rows.iter().map(|row| row.points).sum(), rows, left, moved })
    }

    /// Lists what neighbours' closed devices have left.
    ///
    /// # Errors
    /// `not-yet-member`.
    pub(crate) fn left_points(&self) -> Result<LeftRows, ApiError> {
        self.require_me()?;
        Ok(LeftRows { rows: self.home.stranded_of_all().iter().map(|row| self.left(row)).collect() })
    }

    /// Lists what the fund has borne for closed journals.
    pub(crate) fn fund_losses(&self) -> FundLosses {
        let legacies = self.home.ledger().legacies().into_values();
        let lost = legacies.filter(|legacy| legacy.spent > 0 || legacy.twice > 0);
        let row = |legacy: Legacy| FundLoss {
            person: self.person(legacy.member),
            last: Hex(legacy.last),
            at: self.home.journals().entry(&legacy.last).map_or(0, |entry| entry.value().at.0),
            spent: legacy.spent,
            twice: legacy.twice,
        };
        let mut rows: Vec<FundLoss> = lost.map(row).collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.at), row.last));
        FundLosses { total: rows.iter().map(|row| row.spent.saturating_add(row.twice)).sum(), rows }
    }

    fn left(&self, row: &Stranded) -> LeftPoints {
        let mut by: Vec<_> = row.words.values().map(|word| word.by).collect();
        by.sort_unstable();
        by.dedup();
        let reviews = self.me.is_some_and(|me| self.home.roster().reviewers().any(|(_, device)| device.member == me));
        LeftPoints {
            person: self.person(row.member),
            device: Hex(row.device),
            journal: Hex(row.closed),
            points: row.points,
            ready: row.successor.is_some(),
            by: by.into_iter().map(|by| self.person(by)).collect(),
            decided: row.is_decided(),
            mine: reviews && self.me.is_some_and(|me| row.wants(&me)),
        }
    }

    /// What each successor has taken up of a closed journal, by its last entry that did.
    fn moved(&self, legacy: &Legacy) -> Vec<MovedPoints> {
        let journals = self.home.journals();
        let device = |id: &JournalId| journals.journal(id).map(|journal| journal.device);
        let said = |hash: &EntryHash| match journals.entry(hash).map(|entry| &entry.value().body) {
            Some(Body::Succeed(said)) => Some(*said),
            _ => None,
        };
        let by = |hash: &EntryHash| self.home.roster().owner_of_journal(&journals.entry(hash)?.value().journal);
        let of = |said: &Succession| journals.entry(&said.last).map(|last| last.value().journal);
        let row = |(heir, points): (&JournalId, &i64)| {
            let tip = journals.journal(heir)?.tips().first()?;
            journals.branch(tip).find_map(|entry| {
                let Body::Inherit { succession } = entry.value().body else { return None };
                let said = said(&succession).filter(|said| of(said) == Some(legacy.closed))?;
                let by: Vec<Person> =
                    said.seconds.iter().chain([&succession]).filter_map(by).map(|by| self.person(by)).collect();
                Some(MovedPoints {
                    from: Hex(device(&legacy.closed)?),
                    to: Hex(device(heir)?),
                    points: *points,
                    entry: Hex(EntryHash(entry.hash())),
                    at: entry.value().at.0,
                    by,
                })
            })
        };
        legacy.heirs.iter().filter_map(row).collect()
    }
}
