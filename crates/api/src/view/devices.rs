//! One's own devices, and members who come back with a new one.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{DeviceId, EntryHash, MemberId};
use kaifong_node::Node;
use kaifong_node::trust::devices::Reapproval;
use kaifong_node::trust::paper::SheetSecret;

use super::View;
use crate::dto::{DeviceState, DeviceTold, Devices, OwnDevice, Return, Returns, SheetNote, SheetPaper};
use crate::{ApiError, Hex};

/// Lists one's own devices.
///
/// # Errors
/// `no-building`, `not-yet-member`.
pub(crate) fn devices(node: &Node) -> Result<Devices, ApiError> {
    let view = View::of(node)?;
    let me = view.require_me()?;
    let (roster, journals, this) = (view.home.roster(), view.home.journals(), node.device());
    let in_use = roster.member(&me).map(|member| member.devices.clone()).unwrap_or_default();
    let linked = roster.linked_of(&me);
    let ever: BTreeSet<DeviceId> = roster.ever_of(&me).into_iter().chain(linked.iter().copied()).collect();
    let reach: BTreeMap<_, _> = node.peers().into_iter().map(|peer| (peer.device, peer.last_sync)).collect();
    let staff = view.staff(&me);
    let mut rows: Vec<OwnDevice> = Vec::new();
    for device in ever {
        let mut last_written = None;
        let mut void = 0_u64;
        for journal in journals.journals().filter(|journal| journal.member == me && journal.device == device) {
            for tip in journal.tips() {
                last_written = last_written.max(journals.entry(tip).map(|entry| entry.value().at.0));
                void +=
                    journals.branch(tip).take_while(|entry| !journals.counts(&EntryHash(entry.hash()))).count() as u64;
            }
        }
        let state = match () {
            () if in_use.contains(&device) => DeviceState::InUse,
            () if roster.is_disputed(&me, &device) => DeviceState::Disputed,
            () if linked.contains(&device) => DeviceState::Linked,
            () => DeviceState::Closed,
        };
        rows.push(OwnDevice {
            device: Hex(device),
            this: device == this,
            state,
            last_written,
            in_reach: device == this || reach.contains_key(&device),
            last_sync: reach.get(&device).copied().flatten().map(|at| at.0),
            void,
            staff: staff.iter().find(|row| row.device.0 == device).cloned(),
        });
    }
    let rank = |state: DeviceState| DeviceState::ALL.iter().position(|one| *one == state);
    rows.sort_by_key(|row| (!row.this, rank(row.state), std::cmp::Reverse(row.last_written), row.device));
    let sheet = roster.sheet_of(&me).and_then(|(hash, sheet)| {
        let at = journals.entry(&hash)?.value().at.0;
        Some(SheetNote { number: sheet.number, at })
    });
    let asked = journals.reapprovals(&me);
    let open = asked.iter().filter(|row| !row.is_decided() || row.new.is_some_and(|new| !in_use.contains(&new.device)));
    Ok(Devices {
        rows,
        sheet,
        asked: open.map(|row| view.return_of(row, me)).collect(),
        told: node.was_told().map(DeviceTold::from),
        can_move: node.can_move().0,
        rights: node.tip().and_then(|tip| view.home.ledger().standing(&tip)).map_or(0, |standing| standing.rights),
    })
}

impl View<'_> {
    /// Lists the members who come back and for whom reviewers are still asked.
    ///
    /// # Errors
    /// `not-yet-member`.
    pub(crate) fn returns(&self) -> Result<Returns, ApiError> {
        let me = self.require_me()?;
        let members = self.home.roster().members();
        let asked = members.flat_map(|(member, _)| self.home.journals().reapprovals(member));
        let rows = asked.filter(|row| !row.is_decided()).map(|row| self.return_of(&row, me));
        Ok(Returns { rows: rows.collect() })
    }

    /// Shows the paper of the sheet that was just declared.
    ///
    /// # Errors
    /// `not-yet-member`, `sheet-unknown`.
    pub(crate) fn sheet_paper(&self, secret: &SheetSecret) -> Result<SheetPaper, ApiError> {
        let me = self.require_me()?;
        let roster = self.home.roster();
        let declared = roster.sheet_with(&secret.key().id()).and_then(|(_, hash, _)| self.home.journals().entry(&hash));
        let declared = declared.ok_or(kaifong_domain::Refusal::SheetUnknown)?;
        Ok(SheetPaper {
            digits: secret.to_string(),
            number: roster.sheet_of(&me).map_or(0, |(_, sheet)| sheet.number),
            building: roster.name().to_owned(),
            id: Hex(self.home.id()),
            person: self.person(me),
            at: declared.value().at.0,
        })
    }

    fn return_of(&self, row: &Reapproval, me: MemberId) -> Return {
        Return {
            approval: Hex(row.entry),
            person: self.person(row.member),
            device: row.new.map(|new| Hex(new.device)),
            closes: row.cut.len() as u64,
            by: row.by.iter().map(|by| self.person(*by)).collect(),
            needed: row.needed as u64,
            objected: row.objected,
            decided: row.is_decided(),
            mine: row.by.contains(&me),
        }
    }
}
