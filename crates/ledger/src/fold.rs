//! The fold: one entry at a time, in any causal order.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use kaifong_domain::charter::Charter;
use kaifong_domain::fund::Fund;
use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, JournalId, MemberId, Points, ReasonId};
use kaifong_trust::Verified;
use kaifong_trust::entry::{Basis, Body, Certificate, Entry, NO_ENTRY, Open, Role, Stamp, Transfer};

use crate::few::Few;
use crate::fund::{Granted, Listed, Seconded, figure};
use crate::outcome::{Effect, NotCited, NotCounted, Outcome, Uncovered};
use crate::succession::{Estate, Succeeded};
use crate::tree::{At, Fact, JournalAt, Movement, PaymentAt, Rest, Tree};

/// What the fold needs to know of the roster. For an entry that was admitted the answers never change: they depend on
/// the epoch named and what lies in its causal past.
pub trait Rights {
    /// Gives the charter of an epoch: of the genesis for [`NO_ENTRY`]; `None` for what is not an epoch.
    fn charter(&self, epoch: &EntryHash) -> Option<Charter>;
    /// Tells whether an epoch names a device as a witness.
    fn is_witness(&self, epoch: &EntryHash, device: &DeviceId) -> bool;
    /// Gives what an epoch says of the community fund; without it there is none.
    fn fund(&self, _epoch: &EntryHash) -> Option<&Fund> {
        None
    }
    /// Tells whether a member holds a role in an epoch. Asked of grants alone.
    fn holds(&self, _epoch: &EntryHash, _member: &MemberId, _role: Role) -> bool {
        false
    }
}

/// The state of all accounts: a pure function of the set of entries that were added.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub(crate) tree: Tree,
    pub(crate) journals: Vec<Journal>,
    journal_places: HashMap<JournalId, JournalAt>,
    pub(crate) payments: Vec<Payment>,
    certificates: Vec<Credit>,
    pub(crate) stamps: Vec<Given>,
    pub(crate) lists: Vec<Listed>,
    pub(crate) seconds: Vec<Seconded>,
    pub(crate) successions: Vec<Succeeded>,
    /// Successions by the journal that goes on.
    pub(crate) handed_to: HashMap<JournalId, Vec<u32>>,
    /// What became of closed journals.
    pub(crate) estates: BTreeMap<JournalAt, Estate>,
    /// Grants by reason.
    pub(crate) granted: HashMap<ReasonId, Vec<PaymentAt>>,
    /// For each entry of a fund journal the figure that its branch rests on.
    pub(crate) given: HashMap<At, i64>,
    /// Accepts that count, by journal and reason.
    pub(crate) reasons: HashMap<(JournalAt, ReasonId), Vec<At>>,
    /// Accepts that count, by payee's and payer's journal, each with the deepest transfer its branch has accepted so far.
    /// All that a branch has accepted of one payer lies on one line, so the deepest stands for all.
    pub(crate) lines: HashMap<(JournalAt, JournalAt), Few<(At, At)>>,
    pub(crate) members: BTreeMap<MemberId, Vec<JournalAt>>,
    pub(crate) balances: BTreeMap<MemberId, i64>,
}

/// What is known of one journal. One that was only named as a payee has no owner yet.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    pub(crate) id: JournalId,
    pub(crate) owner: Option<(MemberId, DeviceId)>,
    /// Of a fund journal, which the fund owns: the treasurer who keeps it.
    pub(crate) keeper: Option<MemberId>,
    /// Whether it is a member's first journal, to which the credit line belongs.
    pub(crate) first: bool,
    /// The entry that was added last: mostly the one that the next follows.
    newest: Option<At>,
    pub(crate) forked: bool,
    /// Transfers that it signed.
    pub(crate) sent: Vec<PaymentAt>,
    /// Transfers that name it and that no branch of it has answered.
    pub(crate) waiting: BTreeSet<PaymentAt>,
    /// Transfers that name it and that some branch of it has answered.
    pub(crate) answered: Vec<PaymentAt>,
    /// Its own transfers that were declined and that no branch of it has reclaimed.
    pub(crate) returned: BTreeSet<PaymentAt>,
    /// Its own transfers that some branch of it has reclaimed.
    pub(crate) reclaimed: Vec<PaymentAt>,
    /// Stamps for it by witnesses, by seq and entry.
    pub(crate) stamps: BTreeMap<(u64, EntryHash), u32>,
}

/// A transfer with its answers.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    /// The transfer.
    pub(crate) at: At,
    pub(crate) to: JournalAt,
    pub(crate) points: Points,
    pub(crate) reason: Option<ReasonId>,
    /// What the fund gives, and to whom.
    pub(crate) grant: Option<Granted>,
    pub(crate) signed_at: Instant,
    pub(crate) covered: Result<(), Uncovered>,
    /// Accepts that count. Several only when the payee's journal is forked.
    pub(crate) accepts: Few<At>,
    /// Declines that hold. Several only when the payee's journal is forked.
    pub(crate) declines: Few<At>,
    /// Reclaims that hold. Several only when the payer's journal is forked.
    pub(crate) reclaims: Few<At>,
    /// The rule at which the accept of it that came furthest has failed.
    pub(crate) refused: Option<NotCounted>,
}

/// A stamp as a witness gave it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given {
    pub(crate) stamp: Stamp,
    /// The entry that holds it.
    pub(crate) at: At,
    /// Whether its signer was a witness.
    pub(crate) witness: bool,
}

/// What a certificate gives its member's first journal.
#[derive(Clone, Copy, Debug)]
struct Credit {
    member: MemberId,
    device: DeviceId,
    line: Points,
}

impl Ledger {
    /// Makes a ledger without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an admitted entry; adding it twice changes nothing. Everything that it cites must have been added before
    /// (`prev`, `basis`, the accepted, declined or reclaimed entry, the cited stamp, what a succession names), else it is an
    /// [`Outcome::Orphan`] and nothing changes. The roster must know the epoch that it names.
    pub fn add(&mut self, entry: &Verified<Entry>, rights: &dyn Rights) -> Effect {
        let hash = EntryHash(entry.hash());
        if self.tree.find(&hash).is_some() {
            return Effect { outcome: Outcome::Known, accounts: Vec::new() };
        }
        let body = entry.value();
        let added = match &body.body {
            Body::Open(open) => self.open(hash, body, open, entry.signer(), rights),
            _ => self.follow(hash, body, entry.signer(), rights),
        };
        let (outcome, mut accounts) = added.unwrap_or((Outcome::Orphan, Vec::new()));
        accounts.sort_unstable();
        accounts.dedup();
        Effect { outcome, accounts }
    }

    /// A journal begins (L2): the member's first with the credit line, resting on its certificate; others with nothing,
    /// resting on nobody.
    fn open(
        &mut self,
        hash: EntryHash,
        entry: &Entry,
        open: &Open,
        signer: DeviceId,
        rights: &dyn Rights,
    ) -> Option<(Outcome, Vec<MemberId>)> {
        if entry.seq != 0 || entry.prev != NO_ENTRY {
            return None;
        }
        let line = match open.basis {
            Basis::Genesis => rights.charter(&NO_ENTRY).map(|charter| charter.credit_line),
            Basis::Certificate(certificate) => match self.tree.node(self.tree.find(&certificate)?).fact {
                Fact::Certificate(place) => self
                    .certificates
                    .get(place as usize)
                    .filter(|credit| (credit.member, credit.device) == (open.member, signer))
                    .map(|credit| credit.line),
                _ => None,
            },
            Basis::Link(word) | Basis::Recover(word) | Basis::Reapprove(word) => {
                self.tree.find(&word)?;
                None
            }
        };
        let line = line.filter(|_| open.nonce == 0);
        let place = self.journal_place(&entry.journal)?;
        let fund = open.is_fund();
        let owner = if fund { MemberId::fund(&entry.building) } else { open.member };
        // A fund journal starts with what the epoch gives it, and rests on that.
        let figure = if fund { figure(rights, &entry.epoch, &entry.journal) } else { 0 };
        let starts = line.map_or(figure, |line| i64::from(line.0));
        let at = self.tree.plant(hash, place, starts, line.is_some() || fund)?;
        if fund {
            self.given.insert(at, figure);
        }
        let journal = self.journals.get_mut(place.0 as usize)?;
        journal.forked |= journal.owner.is_some();
        journal.first |= line.is_some();
        journal.newest = Some(at);
        journal.keeper = fund.then_some(open.member);
        if journal.owner.replace((owner, signer)).is_none() {
            self.members.entry(owner).or_default().push(place);
        }
        self.balances.entry(owner).or_default();
        // Those who have paid into it before anybody knew whose it is now see a name.
        let waiting = self.journal(place)?.waiting.iter().filter_map(|paid| self.payment(*paid));
        let payers = waiting.filter_map(|paid| self.member_at(self.tree.node(paid.at).journal));
        let accounts = payers.chain([owner]).collect();
        Some((Outcome::Opened, accounts))
    }

    /// An entry follows another of its journal.
    fn follow(
        &mut self,
        hash: EntryHash,
        entry: &Entry,
        signer: DeviceId,
        rights: &dyn Rights,
    ) -> Option<(Outcome, Vec<MemberId>)> {
        let newest = self.find_journal(&entry.journal).and_then(|place| self.journal(place)?.newest);
        let newest = newest.filter(|at| self.tree.node(*at).hash == entry.prev);
        let tip = newest.or_else(|| self.tree.find(&entry.prev))?;
        let before = self.tree.node(tip);
        let journal = self.journals.get(before.journal.0 as usize)?;
        if journal.id != entry.journal || entry.seq != u64::from(before.seq).checked_add(1)? {
            return None;
        }
        let raised = self.raised(before.journal, tip, &entry.epoch, rights);
        let step = Step { hash, tip, journal: before.journal, raised };
        let (outcome, payment) = match &entry.body {
            Body::Transfer(transfer) => self.add_transfer(step, transfer, entry, rights)?,
            Body::Accept { transfer } => self.add_accept(step, transfer, &entry.building)?,
            Body::Decline { transfer } => self.add_decline(step, transfer)?,
            Body::Reclaim { decline } => self.add_reclaim(step, decline)?,
            Body::Stamp(stamp) => (self.add_stamp(step, stamp, rights.is_witness(&entry.epoch, &signer))?, None),
            Body::Cite { stamp } => (self.add_cite(step, stamp)?, None),
            Body::Grant(grant) => self.add_grant(step, grant, entry, rights)?,
            Body::GrantList(list) => self.add_list(step, list)?,
            Body::Second { list } => self.add_second(step, list, &entry.epoch, rights)?,
            Body::Unlist { list } => self.add_unlist(step, list)?,
            Body::Succeed(said) => self.add_succeed(step, said, &entry.epoch, rights)?,
            Body::Inherit { succession } => (self.add_inherit(step, succession, entry)?, None),
            Body::Certify(certificate) => (self.add_certify(step, certificate, rights.charter(&entry.epoch))?, None),
            _ => {
                self.push(step, Movement::default(), Fact::Aside, None)?;
                (Outcome::Aside, None)
            }
        };
        Some((outcome, self.touched(step.journal, entry, outcome, payment)))
    }

    /// Names whose balance, standing or statement an entry may have changed.
    fn touched(
        &self,
        journal: JournalAt,
        entry: &Entry,
        outcome: Outcome,
        payment: Option<PaymentAt>,
    ) -> Vec<MemberId> {
        // A stamp may be here before the entry that it stamps: then that entry turns earlier lines to "stamped".
        let stamp = (entry.seq, NO_ENTRY)..(entry.seq.saturating_add(1), NO_ENTRY);
        let awaited = || self.journal(journal).is_some_and(|own| own.stamps.range(stamp).next().is_some());
        let own = (outcome != Outcome::Aside || awaited()).then_some(journal);
        let payment = payment.and_then(|place| self.payment(place));
        let ends = payment.map(|payment| [payment.to, self.tree.node(payment.at).journal]);
        let stamped = match &entry.body {
            Body::Stamp(stamp) => self.find_journal(&stamp.journal),
            _ => None,
        };
        let places = own.into_iter().chain(ends.into_iter().flatten()).chain(stamped);
        let beyond = payment.is_some_and(|payment| self.is_beyond(payment.at));
        let borne = beyond || outcome == Outcome::Inherited(Ok(()));
        let fund = borne.then(|| MemberId::fund(&entry.building));
        places.filter_map(|place| self.member_at(place)).chain(fund).collect()
    }

    /// L1, L3: a transfer lowers its journal's figures, covered or not, unless it is malformed.
    fn add_transfer(&mut self, step: Step, transfer: &Transfer, entry: &Entry, rights: &dyn Rights) -> Option<Added> {
        let Transfer { to, points, reason } = *transfer;
        let to = self.journal_place(&to)?;
        let quota = rights.charter(&entry.epoch).map_or(Points(0), |charter| charter.quota);
        // What the fund gives is a grant.
        let fund = self.journal(step.journal)?.keeper.is_some();
        let covered = if to == step.journal || fund {
            Err(Uncovered::Malformed)
        } else {
            self.tree.figures(step.tip).cover(points, quota)
        };
        let place = self.add_payment(step, (to, points, reason), covered, entry.at)?;
        Some((Outcome::Offered(covered), Some(place)))
    }

    /// Points leave a journal, covered or not; malformed ones stay.
    pub(crate) fn add_payment(
        &mut self,
        step: Step,
        (to, points, reason): (JournalAt, Points, Option<ReasonId>),
        covered: Result<(), Uncovered>,
        signed_at: Instant,
    ) -> Option<PaymentAt> {
        let amount = if covered == Err(Uncovered::Malformed) { 0 } else { i64::from(points.0) };
        let place = PaymentAt(u32::try_from(self.payments.len()).ok()?);
        let moved = Movement { net: amount.checked_neg()?, out: amount };
        let at = self.push(step, moved, Fact::Transfer(place), None)?;
        self.payments.push(Payment {
            at,
            to,
            points,
            reason,
            grant: None,
            signed_at,
            covered,
            accepts: Few::None,
            declines: Few::None,
            reclaims: Few::None,
            refused: None,
        });
        self.journals.get_mut(step.journal.0 as usize)?.sent.push(place);
        if covered != Err(Uncovered::Malformed) {
            self.journals.get_mut(to.0 as usize)?.waiting.insert(place);
        }
        Some(place)
    }

    /// L4, L5: an accept that counts gives its own journal the rights, and moves the balances the first time.
    fn add_accept(&mut self, step: Step, transfer: &EntryHash, building: &BuildingId) -> Option<Added> {
        let cited = self.tree.find(transfer)?;
        let judged = self.judge_accept(step.tip, cited);
        let points = judged.ok().and_then(|grounds| self.payment(grounds.payment)).map_or(0, |paid| paid.points.0);
        let at = self.push(step, Movement { net: i64::from(points), out: 0 }, Fact::Aside, None)?;
        let grounds = match judged {
            Ok(grounds) => grounds,
            Err(why) => {
                let Fact::Transfer(place) = self.tree.node(cited).fact else {
                    return Some((Outcome::Accepted(Err(why)), None));
                };
                let payment = self.payments.get_mut(place.0 as usize)?;
                // Somebody else's accept says nothing about the transfer.
                if payment.to == step.journal {
                    payment.refused = Some(payment.refused.map_or(why, |other| other.max(why)));
                }
                return Some((Outcome::Accepted(Err(why)), Some(place)));
            }
        };
        let payment = self.payments.get_mut(grounds.payment.0 as usize)?;
        let first = payment.accepts.is_empty();
        payment.accepts.push(at);
        let reason = payment.reason;
        if let Some(reason) = reason {
            self.reasons.entry((step.journal, reason)).or_default().push(at);
        }
        self.lines.entry((step.journal, grounds.payer)).or_default().push((at, grounds.deepest));
        self.answered(step.journal, grounds.payment)?;
        if first {
            self.count(grounds.payer, step.journal, points)?;
            self.count_beyond(grounds.payment, MemberId::fund(building))?;
        }
        Some((Outcome::Accepted(Ok(())), Some(grounds.payment)))
    }

    /// L5: from one account to another, so that the sum stays zero; within one account nothing moves.
    fn count(&mut self, payer: JournalAt, payee: JournalAt, points: u32) -> Option<()> {
        let (payer, payee) = (self.member_at(payer)?, self.member_at(payee)?);
        let points = i64::from(points);
        // Each transfer counts once, so both stay within 2^32 · 10^6, far from i64's end.
        if payer != payee {
            let balance = self.balances.entry(payer).or_default();
            *balance = balance.saturating_sub(points);
            let balance = self.balances.entry(payee).or_default();
            *balance = balance.saturating_add(points);
        }
        Some(())
    }

    /// A decline closes the transfer on this branch, so that the payer can reclaim.
    fn add_decline(&mut self, step: Step, transfer: &EntryHash) -> Option<Added> {
        let judged = self.judge_answer(step.tip, self.tree.find(transfer)?);
        let fact = judged.map_or(Fact::Aside, Fact::Decline);
        let at = self.push(step, Movement::default(), fact, None)?;
        let place = match judged {
            Ok(place) => place,
            Err(why) => return Some((Outcome::Declined(Err(why)), None)),
        };
        let payment = self.payments.get_mut(place.0 as usize)?;
        payment.declines.push(at);
        let (sent, unclaimed) = (payment.at, payment.reclaims.is_empty());
        self.answered(step.journal, place)?;
        let payer = self.tree.node(sent).journal;
        if unclaimed {
            self.journals.get_mut(payer.0 as usize)?.returned.insert(place);
        }
        Some((Outcome::Declined(Ok(())), Some(place)))
    }

    /// A reclaim gives the rights of a declined transfer back to the branch that signed it, once.
    fn add_reclaim(&mut self, step: Step, decline: &EntryHash) -> Option<Added> {
        let judged = self.judge_reclaim(step.tip, self.tree.find(decline)?);
        let points = judged.ok().and_then(|place| self.payment(place)).map_or(0, |payment| payment.points.0);
        let at = self.push(step, Movement { net: i64::from(points), out: 0 }, Fact::Aside, None)?;
        let place = match judged {
            Ok(place) => place,
            Err(why) => return Some((Outcome::Reclaimed(Err(why)), None)),
        };
        self.payments.get_mut(place.0 as usize)?.reclaims.push(at);
        let journal = self.journals.get_mut(step.journal.0 as usize)?;
        if journal.returned.remove(&place) {
            journal.reclaimed.push(place);
        }
        Some((Outcome::Reclaimed(Ok(())), Some(place)))
    }

    /// J4: whether its signer is a witness is settled here; whether it fits a branch, when a branch cites it.
    fn add_stamp(&mut self, step: Step, stamp: &Stamp, witness: bool) -> Option<Outcome> {
        let place = u32::try_from(self.stamps.len()).ok()?;
        let of = self.journal_place(&stamp.journal)?;
        let at = self.push(step, Movement::default(), Fact::Stamp(place), None)?;
        self.stamps.push(Given { stamp: *stamp, at, witness });
        if !witness {
            return Some(Outcome::Stamped(Err(NotCited::NotAWitness)));
        }
        self.journals.get_mut(of.0 as usize)?.stamps.insert((stamp.seq, step.hash), place);
        Some(Outcome::Stamped(Ok(())))
    }

    /// J4: from here on the branch's figures rest on the stamp.
    fn add_cite(&mut self, step: Step, stamp: &EntryHash) -> Option<Outcome> {
        let judged = self.judge_cite(step.tip, self.tree.find(stamp)?);
        self.push(step, Movement::default(), Fact::Aside, judged.ok())?;
        Some(Outcome::Cited(judged.map(|_| ())))
    }

    /// L2: a certificate carries the credit line of the epoch that its entry names.
    fn add_certify(&mut self, step: Step, certificate: &Certificate, charter: Option<Charter>) -> Option<Outcome> {
        let place = u32::try_from(self.certificates.len()).ok()?;
        self.push(step, Movement::default(), Fact::Certificate(place), None)?;
        let Certificate { member, device, .. } = *certificate;
        self.certificates.push(Credit {
            member,
            device,
            line: charter.map_or(Points(0), |charter| charter.credit_line),
        });
        Some(Outcome::Aside)
    }

    /// Adds the entry to its branch; a second one after the same entry is a fork (J3).
    pub(crate) fn push(&mut self, step: Step, moved: Movement, fact: Fact, rest: Option<Rest>) -> Option<At> {
        let moved = Movement { net: moved.net.saturating_add(step.raised), ..moved };
        let (at, fork) = self.tree.push(step.hash, step.tip, moved, fact, rest)?;
        if let Some(given) = self.given.get(&step.tip).copied() {
            self.given.insert(at, given.saturating_add(step.raised));
        }
        let journal = self.journals.get_mut(step.journal.0 as usize)?;
        journal.forked |= fork;
        journal.newest = Some(at);
        Some(at)
    }

    /// Moves a transfer from those that no branch of its payee has answered to those that one has.
    fn answered(&mut self, payee: JournalAt, place: PaymentAt) -> Option<()> {
        let journal = self.journals.get_mut(payee.0 as usize)?;
        if journal.waiting.remove(&place) {
            journal.answered.push(place);
        }
        Some(())
    }

    /// Finds a journal, or makes room for one that was only named so far. `None` when four billion are held.
    pub(crate) fn journal_place(&mut self, id: &JournalId) -> Option<JournalAt> {
        if let Some(place) = self.find_journal(id) {
            return Some(place);
        }
        let place = JournalAt(u32::try_from(self.journals.len()).ok()?);
        self.journal_places.insert(*id, place);
        self.journals.push(Journal {
            id: *id,
            owner: None,
            keeper: None,
            first: false,
            newest: None,
            forked: false,
            sent: Vec::new(),
            waiting: BTreeSet::new(),
            answered: Vec::new(),
            returned: BTreeSet::new(),
            reclaimed: Vec::new(),
            stamps: BTreeMap::new(),
        });
        Some(place)
    }

    pub(crate) fn find_journal(&self, id: &JournalId) -> Option<JournalAt> {
        self.journal_places.get(id).copied()
    }

    pub(crate) fn journal(&self, place: JournalAt) -> Option<&Journal> {
        self.journals.get(place.0 as usize)
    }

    pub(crate) fn payment(&self, place: PaymentAt) -> Option<&Payment> {
        self.payments.get(place.0 as usize)
    }

    pub(crate) fn member_at(&self, place: JournalAt) -> Option<MemberId> {
        Some(self.journal(place)?.owner?.0)
    }

    pub(crate) fn device_at(&self, place: JournalAt) -> Option<DeviceId> {
        Some(self.journal(place)?.owner?.1)
    }
}

/// What became of an entry, and the payment that it is about.
pub(crate) type Added = (Outcome, Option<PaymentAt>);

/// Where an entry goes.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub(crate) hash: EntryHash,
    pub(crate) tip: At,
    pub(crate) journal: JournalAt,
    /// What the epoch that it names adds to the rights of a fund journal.
    pub(crate) raised: i64,
}
