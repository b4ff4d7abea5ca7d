//! 核对: what was signed about one deal or one payment, or by one household, verified once more from its stored bytes.

use std::collections::BTreeSet;
use std::time::Instant;

use kaifong_domain::activity::ActivityAct;
use kaifong_domain::deal::DealAct;
use kaifong_domain::shop::ShopAct;
use kaifong_domain::{DealId, EntryHash, JournalId, Refusal};
use kaifong_node::Node;
use kaifong_node::ledger::{Direction, Line};
use kaifong_node::trust::Verified as Known;
use kaifong_node::trust::entry::{Basis, Body, Entry, NO_ENTRY, Open};

use super::View;
use super::listings::page;
use crate::dto::{Audit, Flaw, Paper, Says, Trail, TrailArgs, Verified, VerifyArgs, Vouched};
use crate::{ApiError, Hex};

/// How many payments of one deal are looked at: an honest receiver makes one.
const PAYMENTS_MAX: usize = 16;

/// Verifies everything on this device.
pub(crate) fn audit(node: &Node) -> Audit {
    let begun = Instant::now();
    let audit = node.audit();
    Audit {
        ok: audit.ok,
        documents: audit.documents,
        changes: audit.changes,
        signatures: audit.signatures,
        entries: audit.entries,
        ledger_sum: audit.ledger_sum,
        projection: super::hex(&audit.projection),
        ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        first_fault: audit.first_fault,
    }
}

impl View<'_> {
    /// Verifies the entries of a deal with its payments, or one entry; with each payment what answers it and the first
    /// stamp on either side.
    pub(crate) fn verify(&self, args: &VerifyArgs) -> Result<Verified, ApiError> {
        let begun = Instant::now();
        let mut about = match (args.deal, args.entry) {
            (Some(deal), None) => {
                let row = self.home.board().deal(&deal.0).ok_or(Refusal::DealUnknown)?;
                let payments = self.home.ledger().statement(&row.receiver);
                // Anybody can name this deal as the reason of a transfer; what moved between the two is what counts.
                let between = |line: &&Line| line.direction == Direction::Out && line.counterpart == Some(row.giver);
                let payments = payments.iter().filter(between).filter(|line| self.pays(line, &deal.0));
                let payments = payments.take(PAYMENTS_MAX);
                self.entries_of(row).into_iter().chain(payments.map(|line| line.entry)).collect::<Vec<_>>()
            }
            (None, Some(entry)) => {
                self.home.journals().entry(&entry.0).ok_or_else(|| ApiError::bad_arguments("这里没有这一笔"))?;
                vec![entry.0]
            }
            _ => return Err(ApiError::bad_arguments("要说是哪个约定，或者哪一笔：deal 和 entry 说一样")),
        };
        let paid: Vec<_> = about.iter().copied().filter(|hash| self.home.ledger().transfer(hash).is_some()).collect();
        let agreed: Vec<_> = paid.iter().flat_map(|transfer| self.agreed_to(transfer)).collect();
        about.splice(0..0, agreed);
        for transfer in paid {
            about.extend(self.what_became_of(&transfer));
        }
        let mut seen = BTreeSet::new();
        about.retain(|hash| seen.insert(*hash));

        let mut check = Check { view: self, signed: BTreeSet::new(), chained: BTreeSet::new() };
        let papers: Vec<Paper> = about.iter().filter_map(|hash| check.paper(hash)).collect();
        let shown: BTreeSet<_> = papers.iter().map(|paper| paper.entry.0).collect();
        Ok(Verified {
            ok: papers.len() == about.len() && papers.iter().all(|paper| paper.flaw.is_none()),
            links: check.chained.difference(&shown).count() as u64,
            signatures: check.signed.len() as u64,
            journals: papers.iter().map(|paper| paper.journal).collect::<BTreeSet<_>>().len() as u64,
            devices: papers.iter().map(|paper| paper.device).collect::<BTreeSet<_>>().len() as u64,
            papers,
            us: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
        })
    }

    /// Shows all that this household has signed, on each of its devices, the newest first; each is verified once more.
    pub(crate) fn trail(&self, args: &TrailArgs) -> Result<Trail, ApiError> {
        let limit = page(args.limit, 50, 200)?;
        let (me, journals) = (self.require_me()?, self.home.journals());
        let own: BTreeSet<JournalId> =
            journals.journals().filter(|journal| journal.member == me).map(|journal| journal.id).collect();
        let signed = journals.entries().filter(|entry| own.contains(&entry.value().journal));
        let mut signed: Vec<_> = signed
            .map(|entry| (entry.value().at, entry.value().seq, EntryHash(entry.hash()), entry.signer()))
            .collect();
        signed.sort_unstable_by(|one, next| next.cmp(one));
        let from = match args.after {
            Some(after) => signed.iter().position(|(_, _, hash, _)| *hash == after.0).map_or(signed.len(), |at| at + 1),
            None => 0,
        };
        let mut check = Check { view: self, signed: BTreeSet::new(), chained: BTreeSet::new() };
        let shown = signed.iter().skip(from).take(limit);
        Ok(Trail {
            papers: shown.filter_map(|(_, _, hash, _)| check.paper(hash)).collect(),
            total: signed.len() as u64,
            devices: signed.iter().map(|(.., device)| device).collect::<BTreeSet<_>>().len() as u64,
        })
    }

    /// Gives the list that a grant stands in and the second person's word for it, where it needed one.
    fn agreed_to(&self, grant: &EntryHash) -> Vec<EntryHash> {
        let journals = self.home.journals();
        let named = |hash: &EntryHash| journals.entry(hash).map(|entry| entry.value().body.names().collect::<Vec<_>>());
        let grants = journals.entry(grant).is_some_and(|entry| matches!(entry.value().body, Body::Grant(_)));
        let seconds = if grants { named(grant).unwrap_or_default() } else { Vec::new() };
        let lists: Vec<_> = seconds.iter().filter_map(named).flatten().collect();
        lists.into_iter().chain(seconds).collect()
    }

    /// Gives the answer to a transfer, if there is one, and for each of the two the stamp that vouches for it.
    fn what_became_of(&self, transfer: &EntryHash) -> Vec<EntryHash> {
        let (journals, roster) = (self.home.journals(), self.home.roster());
        let (Some(row), Some(place)) = (self.home.ledger().transfer(transfer), journals.place(transfer)) else {
            return Vec::new();
        };
        let later = || journals.since(place.saturating_add(1));
        let answers = later().filter(|entry| {
            let answers = matches!(entry.value().body, Body::Accept { transfer: of } | Body::Decline { transfer: of } if of == *transfer);
            answers && entry.value().journal == row.payee
        });
        let answer = answers.map(|entry| (entry.value().seq, EntryHash(entry.hash()))).min().map(|(_, hash)| hash);
        let stamp_on = |hash: EntryHash| {
            let entry = journals.entry(&hash)?.value();
            let stamps = later().filter_map(|held| {
                let Body::Stamp(stamp) = held.value().body else { return None };
                let counts =
                    roster.epoch_at(&held.value().epoch).is_some_and(|epoch| epoch.witnesses.contains(&held.signer()));
                let covers = stamp.journal == entry.journal && stamp.seq >= entry.seq;
                let on_branch = || journals.branch(&stamp.hash).any(|before| before.hash() == hash.0);
                (counts && covers && on_branch()).then(|| (stamp.seq, EntryHash(held.hash())))
            });
            stamps.min().map(|(_, stamp)| stamp)
        };
        let stamps = [Some(*transfer), answer].map(|hash| hash.and_then(stamp_on));
        [answer].into_iter().chain(stamps).flatten().collect()
    }
}

/// What was verified in one go, so that nothing is verified twice.
struct Check<'a> {
    view: &'a View<'a>,
    /// Entries whose signature holds.
    signed: BTreeSet<EntryHash>,
    /// Entries that follow one another down to the beginning of their journal.
    chained: BTreeSet<EntryHash>,
}

impl Check<'_> {
    fn paper(&mut self, hash: &EntryHash) -> Option<Paper> {
        let home = self.view.home;
        let held = home.journals().entry(hash)?;
        let entry = held.value();
        let points = match &entry.body {
            Body::Transfer(transfer) => Some(transfer.points.0),
            Body::Say(word) | Body::Rule(word) => Some(word.points.0),
            _ => None,
        };
        let vouches = match &entry.body {
            Body::Vouch(vouch) => Some(Vouched {
                person: self.view.person(vouch.member),
                capacity: vouch.capacity.into(),
                opinion: vouch.opinion.into(),
            }),
            _ => None,
        };
        let cites = match &entry.body {
            // What a deal's act is about was opened by the entry whose first half is the deal's id.
            Body::Deal(act) => act_on(act).and_then(|deal| self.view.opened(deal)),
            Body::Say(word) | Body::Rule(word) => self.view.opened(&word.deal),
            body => body.names().next(),
        };
        Some(Paper {
            entry: Hex(*hash),
            says: says(&entry.body),
            by: self.view.signed_by(hash),
            device: Hex(held.signer()),
            at: entry.at.0,
            journal: Hex(entry.journal),
            seq: entry.seq,
            prev: Hex(entry.prev),
            cites: cites.map(Hex),
            points,
            vouches,
            flaw: self.flaw(*hash, held).err(),
        })
    }

    /// Looks for what is wrong with an entry: its signature, its hash, its journal down to the first entry, and the
    /// certificate or the link by which its device writes there.
    fn flaw(&mut self, hash: EntryHash, held: &Known<Entry>) -> Result<(), Flaw> {
        let journals = self.view.home.journals();
        let mine = journals.journal(&held.value().journal).ok_or(Flaw::Chain)?;
        self.signature(hash, held)?;
        if held.signer() != mine.device {
            return Err(Flaw::Signer);
        }
        if mine.forked_at().is_some_and(|seq| seq <= held.value().seq) {
            return Err(Flaw::Fork);
        }
        let mut walked = vec![hash];
        let (mut at, mut opening) = (held, held);
        while at.value().prev != NO_ENTRY && !self.chained.contains(&at.value().prev) {
            let prev = at.value().prev;
            let before = journals.entry(&prev).ok_or(Flaw::Chain)?;
            if before.signed().hash() != prev.0 {
                return Err(Flaw::Hash);
            }
            let follows = before.value().seq.checked_add(1) == Some(at.value().seq);
            if !follows || before.value().journal != at.value().journal {
                return Err(Flaw::Chain);
            }
            if before.signer() != mine.device {
                return Err(Flaw::Signer);
            }
            walked.push(prev);
            (at, opening) = (before, before);
        }
        if opening.value().prev == NO_ENTRY {
            let Body::Open(Open { basis, .. }) = &opening.value().body else { return Err(Flaw::Chain) };
            self.signature(EntryHash(opening.hash()), opening)?;
            if let Basis::Certificate(basis) | Basis::Link(basis) | Basis::Recover(basis) | Basis::Reapprove(basis) =
                basis
            {
                let word = journals.entry(basis).ok_or(Flaw::Chain)?;
                self.signature(*basis, word)?;
                let named = match &word.value().body {
                    Body::Certify(certificate) => certificate.device,
                    Body::Link(link) => link.device,
                    Body::Reapprove(approval) => approval.new.ok_or(Flaw::Signer)?.device,
                    // The sheet's own signature is checked with the entry's form.
                    Body::Recover(recovery) => {
                        let claim = recovery.claim.clone().verify().map_err(|_| Flaw::Signature)?;
                        claim.value().new.ok_or(Flaw::Signer)?.device
                    }
                    _ => return Err(Flaw::Signer),
                };
                if named != mine.device {
                    return Err(Flaw::Signer);
                }
            }
        }
        self.chained.extend(walked);
        Ok(())
    }

    fn signature(&mut self, hash: EntryHash, held: &Known<Entry>) -> Result<(), Flaw> {
        if self.signed.contains(&hash) {
            return Ok(());
        }
        if held.signed().hash() != hash.0 {
            return Err(Flaw::Hash);
        }
        let again = held.signed().clone().verify().map_err(|_| Flaw::Signature)?;
        // What is shown is what was signed.
        if again.value() != held.value() {
            return Err(Flaw::Hash);
        }
        self.signed.insert(hash);
        Ok(())
    }
}

impl View<'_> {
    fn opened(&self, deal: &DealId) -> Option<EntryHash> {
        let row = self.home.board().deal(deal)?;
        row.entries.iter().copied().find(|entry| DealId::from(*entry) == *deal)
    }
}

/// The deal that an act is about; the answer that opens it is about none.
fn act_on(act: &DealAct) -> Option<&DealId> {
    match act {
        DealAct::Answer { .. } => None,
        DealAct::Agree { deal, .. }
        | DealAct::CallOff { deal }
        | DealAct::HandOver { deal }
        | DealAct::Return { deal }
        | DealAct::Done { deal }
        | DealAct::HandedOver { deal, .. }
        | DealAct::Returned { deal, .. }
        | DealAct::Extend { deal, .. }
        | DealAct::KeepDay { deal, .. } => Some(deal),
    }
}

fn says(body: &Body) -> Says {
    match body {
        Body::Deal(DealAct::Answer { .. }) => Says::Answer,
        Body::Deal(DealAct::Agree { .. }) => Says::Agree,
        Body::Deal(DealAct::CallOff { .. }) => Says::CallOff,
        Body::Deal(DealAct::HandOver { .. } | DealAct::HandedOver { .. }) => Says::HandOver,
        Body::Deal(DealAct::Return { .. } | DealAct::Returned { .. }) => Says::Return,
        Body::Deal(DealAct::Extend { .. }) => Says::Extend,
        Body::Deal(DealAct::KeepDay { .. }) => Says::KeepDay,
        Body::Deal(DealAct::Done { .. }) => Says::Done,
        Body::Transfer(_) => Says::Transfer,
        Body::Accept { .. } => Says::Accept,
        Body::Decline { .. } => Says::Decline,
        Body::Stamp(_) => Says::Stamp,
        Body::Certify(_) => Says::Certify,
        Body::Open(_) => Says::Open,
        Body::Link(_) => Says::Link,
        Body::Epoch(_) => Says::Epoch,
        Body::Promise(_) | Body::Propose(_) | Body::Sign { .. } => Says::Vote,
        Body::Decide(_) => Says::Decide,
        Body::Reclaim { .. } => Says::Reclaim,
        Body::Cite { .. } => Says::Cite,
        Body::Stand { .. } => Says::Stand,
        Body::Cut(_) => Says::Cut,
        Body::Sheet(_) => Says::Sheet,
        Body::Recover(_) | Body::Reapprove(_) => Says::Back,
        Body::Object { .. } => Says::Object,
        Body::Vouch(_) => Says::Vouch,
        Body::Grant(_) => Says::Grant,
        Body::GrantList(_) => Says::GrantList,
        Body::Second { .. } => Says::Second,
        Body::Unlist { .. } => Says::Unlist,
        Body::Say(_) => Says::Say,
        Body::Rule(_) => Says::Rule,
        Body::Activity(ActivityAct::Book { .. }) => Says::Book,
        Body::Activity(ActivityAct::Place { .. }) => Says::GivePlace,
        Body::Activity(ActivityAct::Cancel { .. }) => Says::CancelBooking,
        Body::Activity(ActivityAct::Free { .. }) => Says::FreePlace,
        Body::Activity(ActivityAct::Attend { .. }) => Says::Attend,
        Body::Activity(ActivityAct::Contest { .. }) => Says::Contest,
        Body::Recurring(_) => Says::Recurring,
        Body::Slip(_) => Says::Slip,
        Body::Disown { .. } => Says::Disown,
        Body::Assist(_) => Says::Assist,
        Body::Keep { .. } => Says::Keep,
        Body::Shop(ShopAct::Order(_)) => Says::Order,
        Body::Shop(ShopAct::PickUp { .. }) => Says::PickUp,
        Body::Shop(ShopAct::CallOff { .. }) => Says::CallOff,
        Body::Succeed(_) => Says::Succeed,
        Body::Inherit { .. } => Says::Inherit,
        _ => Says::Other,
    }
}
