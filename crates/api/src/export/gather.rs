//! What a device holds of its owner.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::BASE64;
use kaifong_domain::{DeviceId, EntryHash, JournalId};
use kaifong_node::Node;
use kaifong_node::trust::Verified;
use kaifong_node::trust::entry::{Basis, Body, Entry};

use super::{BuildingPart, DealPart, Document, FORMAT, JournalPart, Owner, Told, VERSION};
use crate::dto::DealsArgs;
use crate::view::{self, View};
use crate::{ApiError, Hex};

/// Gathers everything of the owner of this device; `now` is in milliseconds since 1970.
///
/// # Errors
/// `no-building`, `not-yet-member`.
pub(crate) fn gather(node: &Node, now: u64) -> Result<Document, ApiError> {
    let view = View::of(node)?;
    let me = view.require_me()?;
    let (roster, board) = (view.home.roster(), view.home.board());
    let shown = view.member(&me)?;
    let mut listings: Vec<_> = board.listings_of(&me).map(|row| view.listing(row)).collect();
    listings.sort_by_key(|listing| (std::cmp::Reverse(listing.posted_at), listing.id));
    let wanted = DealsArgs { all: false, live: None, listing: None, member: None, limit: None };
    let deals = view.all_deals(&wanted)?;
    let deals: Vec<DealPart> = deals
        .into_iter()
        .map(|row| DealPart {
            deal: view.deal(row),
            entries: row.entries.iter().copied().map(Hex).collect(),
            my_phone: node.phone_stand(&row.id).mine,
        })
        .collect();
    let given = board.reviews().filter(|row| row.by == me).map(|row| view.review(row)).collect();
    let evidence = Evidence::of(&view, &deals)?;
    let devices = roster.member(&me).map(|member| member.devices.iter().copied().map(Hex).collect());
    Ok(Document {
        format: FORMAT.to_owned(),
        version: VERSION,
        exported_at: now,
        building: BuildingPart {
            id: Hex(view.home.id()),
            name: roster.name().to_owned(),
            genesis: BASE64.encode(&view.home.genesis().signed().to_bytes()),
        },
        owner: Owner {
            block_kept: view::me(node).block_kept,
            devices: devices.unwrap_or_default(),
            device: Hex(node.device()),
            told_reviewers: node.told_reviewers().map(|request| Told {
                household: view::household(&roster.now().places, &request.household, node.told_residence()),
                real_name: request.real_name.clone(),
                phone: request.phone.clone(),
            }),
            person: shown.person,
            about: shown.about,
            kind: shown.kind,
            since: shown.since,
            verified_by: shown.verified_by,
            roles: shown.roles,
            record: shown.record,
            staff: shown.staff,
        },
        listings,
        deals,
        statement: view.lines()?,
        balance: view.home.ledger().balance(&me),
        reviews_given: given,
        reviews_received: view.reviews(&me),
        matters: view.own_matters(me),
        responses: view.own_responses(me),
        activities: view.own_activities(me),
        journals: evidence.journals,
        proofs: evidence.proofs.into_values().collect(),
        void: evidence.void.into_iter().map(Hex).collect(),
    })
}

/// The signed entries that the rest is proven by.
#[derive(Default)]
struct Evidence {
    journals: Vec<JournalPart>,
    own: BTreeSet<EntryHash>,
    proofs: BTreeMap<EntryHash, String>,
    opened: BTreeSet<JournalId>,
    void: BTreeSet<EntryHash>,
}

impl Evidence {
    fn of(view: &View<'_>, deals: &[DealPart]) -> Result<Self, ApiError> {
        let me = view.require_me()?;
        let journals = view.home.journals();
        let mut evidence = Self::default();
        let mine: BTreeMap<JournalId, _> =
            journals.journals().filter(|journal| journal.member == me).map(|journal| (journal.id, journal)).collect();
        for (id, journal) in &mine {
            // All branches, if there are several: a fork is for whoever checks to see.
            let hashes: Vec<_> = (0..=journal.len() as u64).flat_map(|seq| journal.at_seq(seq)).collect();
            let entries = hashes.iter().filter_map(|hash| journals.entry(hash)).map(|entry| written(entry)).collect();
            evidence.journals.push(JournalPart { journal: Hex(*id), device: Hex(journal.device), entries });
            evidence.own.extend(hashes);
        }
        let moved: BTreeSet<EntryHash> = view.home.ledger().statement(&me).iter().map(|line| line.entry).collect();
        let of_deals = deals.iter().flat_map(|deal| deal.entries.iter().map(|entry| entry.0));
        for hash in of_deals.chain(moved.iter().copied()) {
            evidence.take(view, &hash);
        }
        for entry in journals.since(0) {
            let speaks = match &entry.value().body {
                Body::Accept { transfer } | Body::Decline { transfer } => moved.contains(transfer),
                Body::Stamp(stamp) => mine.contains_key(&stamp.journal),
                _ => false,
            };
            if speaks {
                evidence.take(view, &EntryHash(entry.hash()));
            }
        }
        let opened: Vec<JournalId> = mine.keys().copied().collect();
        opened.iter().for_each(|journal| evidence.open(view, journal));
        evidence.leave_out(view);
        Ok(evidence)
    }

    /// Names the steps of deals that closed devices have signed, with what closed them.
    fn leave_out(&mut self, view: &View<'_>) {
        let journals = view.home.journals();
        let all = self.own.iter().chain(self.proofs.keys()).filter_map(|hash| journals.entry(hash));
        let void: Vec<_> = all
            .filter(|entry| matches!(entry.value().body, Body::Deal(_)) && !journals.counts(&EntryHash(entry.hash())))
            .collect();
        let closed: BTreeSet<DeviceId> = void.iter().map(|entry| entry.signer()).collect();
        self.void = void.iter().map(|entry| EntryHash(entry.hash())).collect();
        for entry in journals.since(0) {
            let body = &entry.value().body;
            if body.cuts().iter().any(|cut| closed.contains(&cut.device)) {
                self.take(view, &EntryHash(entry.hash()));
                body.names().for_each(|hash| self.take(view, &hash));
            }
        }
    }

    /// Takes one entry, and what shows whose journal it stands in.
    fn take(&mut self, view: &View<'_>, hash: &EntryHash) {
        if self.own.contains(hash) || self.proofs.contains_key(hash) {
            return;
        }
        let Some(entry) = view.home.journals().entry(hash) else { return };
        self.proofs.insert(*hash, written(entry));
        self.open(view, &entry.value().journal);
    }

    /// Takes a journal's first entry and the certificate or link that it rests on.
    fn open(&mut self, view: &View<'_>, journal: &JournalId) {
        if !self.opened.insert(*journal) {
            return;
        }
        let Some(row) = view.home.journals().journal(journal) else { return };
        row.at_seq(0).for_each(|first| self.take(view, &first));
        if let Basis::Certificate(basis) | Basis::Link(basis) | Basis::Recover(basis) | Basis::Reapprove(basis) =
            row.open.basis
        {
            self.take(view, &basis);
            // A recovery rests on its sheet, a re-approval on the one that it seconds.
            let named = view.home.journals().entry(&basis).map(|entry| entry.value().body.names().collect::<Vec<_>>());
            named.into_iter().flatten().for_each(|hash| self.take(view, &hash));
        }
    }
}

fn written(entry: &Verified<Entry>) -> String {
    BASE64.encode(&entry.signed().to_bytes())
}
