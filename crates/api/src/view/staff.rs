//! Which person of an organisation did what.
//!
//! Nothing here is told by the act itself: an entry stands in the journal of the device that signed it, a record was
//! written by the devices whose changes stand in it, and who works at a device says the organisation's own document.

use std::collections::BTreeSet;

use kaifong_domain::rows::DealRow;
use kaifong_domain::staff::Written;
use kaifong_domain::{DeviceId, EntryHash, MemberId, StaffId};
use kaifong_node::register_of_units::skeleton;

use super::View;
use crate::Hex;
use crate::dto::{Hand, Person, StaffRow};

impl View<'_> {
    pub(crate) fn is_organisation(&self, member: &MemberId) -> bool {
        self.home.roster().member(member).is_some_and(|member| member.kind.is_organisation())
    }

    /// Gives who of an organisation works at a device; nobody of anybody else.
    pub(crate) fn hand(&self, member: &MemberId, device: Option<DeviceId>) -> Option<Hand> {
        if !self.is_organisation(member) {
            return None;
        }
        let staff = device.and_then(|device| self.home.board().staff_at(member, &device));
        let (name, post) = staff.map(|staff| (staff.name.clone(), staff.post.clone())).unwrap_or_default();
        Some(Hand { device: device.map(Hex), name, post })
    }

    /// Gives a member as who did something with this device.
    pub(crate) fn person_by(&self, member: MemberId, device: Option<DeviceId>) -> Person {
        Person { hand: self.hand(&member, device), ..self.person(member) }
    }

    /// Gives who signed an entry.
    pub(crate) fn signed_by(&self, entry: &EntryHash) -> Option<Person> {
        let held = self.home.journals().entry(entry)?;
        let by = self.home.roster().owner_of_journal(&held.value().journal)?;
        Some(self.person_by(by, Some(held.signer())))
    }

    /// Gives who made a record, and which of their colleagues have written into it since.
    pub(crate) fn written_by(&self, member: MemberId, written: &Written) -> (Person, Vec<Hand>) {
        let mut hands = self.home.board().hands_of(&member, written).iter().copied();
        let first = self.person_by(member, hands.next());
        (first, hands.filter_map(|device| self.hand(&member, Some(device))).collect())
    }

    /// Gives a party of a deal as who of them has last signed something about it; before that, as the member alone.
    pub(crate) fn party(&self, deal: &DealRow, member: MemberId) -> Person {
        if !self.is_organisation(&member) {
            return self.person(member);
        }
        let (roster, journals) = (self.home.roster(), self.home.journals());
        let mut backwards = deal.entries.iter().rev().filter_map(|hash| journals.entry(hash));
        match backwards.find(|entry| roster.owner_of_journal(&entry.value().journal) == Some(member)) {
            Some(last) => self.person_by(member, Some(last.signer())),
            None => self.person(member),
        }
    }

    /// Lists who works at which device of an organisation: who works there now first, then by name.
    pub(crate) fn staff(&self, member: &MemberId) -> Vec<StaffRow> {
        if !self.is_organisation(member) {
            return Vec::new();
        }
        let (roster, board) = (self.home.roster(), self.home.board());
        let in_use = roster.member(member).map(|member| member.devices.clone()).unwrap_or_default();
        let linked = roster.linked_of(member);
        let ever: BTreeSet<DeviceId> = roster.ever_of(member).into_iter().chain(linked.iter().copied()).collect();
        // A device that was closed and never named is nobody who could be shown.
        let shown = ever.into_iter().filter(|device| {
            in_use.contains(device) || linked.contains(device) || board.staff_at(member, device).is_some()
        });
        let mut rows: Vec<StaffRow> = shown
            .map(|device| {
                let staff = board.staff_at(member, &device);
                let left_at = staff.and_then(|staff| staff.left_at);
                let hands = board.hands_of(member, &Written::Staff(StaffId::from(device)));
                StaffRow {
                    device: Hex(device),
                    name: staff.map(|staff| staff.name.clone()).unwrap_or_default(),
                    post: staff.map(|staff| staff.post.clone()).unwrap_or_default(),
                    left_at: left_at.map(|at| at.0),
                    works: left_at.is_none() && (in_use.contains(&device) || linked.contains(&device)),
                    by_itself: hands.iter().all(|hand| *hand == device),
                    alike: false,
                }
            })
            .collect();
        let looks: Vec<String> = rows.iter().map(|row| skeleton(&row.name)).collect();
        for (row, look) in rows.iter_mut().zip(&looks) {
            row.alike = !look.is_empty() && looks.iter().filter(|other| *other == look).count() > 1;
        }
        rows.sort_by(|a, b| {
            (!a.works, a.name.is_empty(), &a.name, a.device).cmp(&(!b.works, b.name.is_empty(), &b.name, b.device))
        });
        rows
    }
}
