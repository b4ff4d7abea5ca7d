//! All arrangements of a building.

use std::collections::{BTreeMap, BTreeSet};

use super::{Arrangement, Pause, RecurringAct, RecurringTerms, Sheet, SignedRecurringAct, Version, reason};
use crate::{DealId, EntryHash, Instant, MemberId, ReasonId};

/// All arrangements of a building: a function of the set of acts that count.
#[derive(Clone, Debug, Default)]
pub struct Arrangements {
    rows: BTreeMap<EntryHash, Arrangement>,
    /// Which arrangement an entry belongs to that later ones can name.
    of: BTreeMap<EntryHash, EntryHash>,
    /// The same of what counts no longer, and of what rests on it.
    cut: BTreeMap<EntryHash, EntryHash>,
    by: BTreeSet<(MemberId, EntryHash)>,
    /// What each confirmation pays for, of those that count no longer too.
    reasons: BTreeMap<ReasonId, EntryHash>,
}

impl Arrangements {
    /// Adds one act and gives the arrangement that it is about. One that came before, or that its author may not do, changes
    /// nothing. What an act rests on comes before it; entries see to that.
    pub fn add(&mut self, signed: &SignedRecurringAct) -> Option<EntryHash> {
        let SignedRecurringAct { by, entry, at, act } = *signed;
        if let RecurringAct::Propose { with, helps, deal, after: None, terms } = act {
            return self.open((by, with), (entry, at), (helps, deal), terms);
        }
        let named = *act.rests_on()?;
        let Some(id) = self.of.get(&named).copied() else {
            // It may rest on what counts no longer.
            self.add_cut(signed);
            return None;
        };
        let row = self.rows.get_mut(&id).filter(|row| row.is_party(&by))?;
        match act {
            RecurringAct::Propose { after, terms, .. } => {
                row.versions.get(&named)?;
                row.versions.entry(entry).or_insert(Version { by, at, after, terms, accepted: false });
                self.of.insert(entry, id);
            }
            RecurringAct::Accept { version } => {
                row.versions.get_mut(&version).filter(|version| version.by != by)?.accepted = true;
            }
            RecurringAct::Tried { .. } => _ = row.tried.insert(by),
            RecurringAct::Did { version, days } if by == row.giver => {
                row.versions.get(&version)?;
                row.sheets.entry(entry).or_insert(Sheet { version, days, confirmed: 0 });
                self.of.insert(entry, id);
            }
            RecurringAct::Confirm { sheet, days } if by == row.receiver => {
                let sheet = row.sheets.get_mut(&sheet).filter(|sheet| sheet.days.first <= days.first)?;
                let ahead = days.first - sheet.days.first;
                sheet.confirmed |= days.mask.checked_shl(ahead).unwrap_or(0) & sheet.days.mask;
                self.reasons.insert(reason(&entry), id);
            }
            RecurringAct::Pause { from, to, .. } => {
                row.pauses.entry(entry).or_insert(Pause { by, from, to, resumed: false });
                self.of.insert(entry, id);
            }
            RecurringAct::Resume { pause } => {
                row.pauses.get_mut(&pause).filter(|pause| pause.by == by)?.resumed = true;
            }
            RecurringAct::End { day, .. } => {
                row.ended = Some(row.ended.map_or((day, by), |ended| ended.min((day, by))));
            }
            RecurringAct::Did { .. } | RecurringAct::Confirm { .. } => return None,
        }
        Some(id)
    }

    /// Adds an act that does not count, because its device was closed before it. It alters no arrangement, but which one a
    /// payment pays for is known all the same: what was paid with a phone that is closed now is not paid once more.
    pub fn add_cut(&mut self, signed: &SignedRecurringAct) {
        let SignedRecurringAct { by, entry, act, .. } = *signed;
        let named = act.rests_on().and_then(|named| self.of.get(named).or_else(|| self.cut.get(named)));
        let Some(row) = named.and_then(|id| self.rows.get(id)) else { return };
        let may = match act {
            RecurringAct::Propose { .. } => row.is_party(&by),
            RecurringAct::Did { .. } => row.giver == by,
            RecurringAct::Confirm { .. } => row.receiver == by,
            _ => false,
        };
        if !may {
            return;
        }
        let id = row.id;
        if matches!(act, RecurringAct::Confirm { .. }) {
            self.reasons.insert(reason(&entry), id);
        } else {
            self.cut.insert(entry, id);
        }
    }

    fn open(
        &mut self,
        (by, with): (MemberId, MemberId),
        (id, at): (EntryHash, Instant),
        (helps, deal): (bool, Option<DealId>),
        terms: RecurringTerms,
    ) -> Option<EntryHash> {
        if by == with || self.rows.contains_key(&id) {
            return None;
        }
        let (giver, receiver) = if helps { (by, with) } else { (with, by) };
        let version = Version { by, at, after: None, terms, accepted: false };
        let row = Arrangement {
            id,
            giver,
            receiver,
            deal,
            versions: BTreeMap::from([(id, version)]),
            tried: BTreeSet::new(),
            sheets: BTreeMap::new(),
            pauses: BTreeMap::new(),
            ended: None,
        };
        self.rows.insert(id, row);
        self.of.insert(id, id);
        self.by.extend([(giver, id), (receiver, id)]);
        Some(id)
    }

    /// Gives one arrangement.
    pub fn get(&self, id: &EntryHash) -> Option<&Arrangement> {
        self.rows.get(id)
    }

    /// Gives the arrangement that a version, a sheet or a pause belongs to.
    pub fn of(&self, entry: &EntryHash) -> Option<&Arrangement> {
        self.rows.get(self.of.get(entry)?)
    }

    /// Gives the arrangement that a payment with this reason pays for.
    pub fn paid_by(&self, reason: &ReasonId) -> Option<&Arrangement> {
        self.rows.get(self.reasons.get(reason)?)
    }

    /// Gives the names of payments for an arrangement: one for each confirmation.
    pub fn reasons_of(&self, id: &EntryHash) -> impl Iterator<Item = ReasonId> {
        self.reasons.iter().filter(move |(_, of)| *of == id).map(|(reason, _)| *reason)
    }

    /// Gives the arrangements of a member.
    pub fn with(&self, member: &MemberId) -> impl Iterator<Item = &Arrangement> + use<'_> {
        let range = (*member, EntryHash([0; 32]))..=(*member, EntryHash([0xFF; 32]));
        self.by.range(range).filter_map(|(_, id)| self.rows.get(id))
    }

    /// Feeds every row: the same give the same digest.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        crate::board::section(hasher, b"arrangements", self.rows.len(), self.rows.values());
    }
}
