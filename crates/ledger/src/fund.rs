//! The community fund: an account whose rights epochs give, and grants as transfers out of it.
//!
//! A *fund journal* is opened by a treasurer's device with an even nonce; its points are the fund's and not the treasurer's.
//! It starts with nothing and rests on the epochs themselves, so no stamp has to open it. Its rights at an entry are
//!
//! > the greatest figure that an epoch named by an entry of the branch, this one included, gives to this journal,
//! > minus what the branch has granted, plus what it has accepted and taken back.
//!
//! Figures are cumulative: an epoch that gives 500 after one that gave 300 adds 200, and one that a device never heard of
//! adds nothing. So rights depend on the causal past alone, and an epoch that is void or that somebody forked can neither
//! take back what was counted nor be added to another one: of two figures the greater counts, never their sum.
//!
//! A [`Body::Grant`](kaifong_trust::entry::Body::Grant) pays out of a fund journal and a
//! [`Body::Transfer`](kaifong_trust::entry::Body::Transfer) out of all others; the other way round each is malformed. A fund
//! journal takes gifts as any journal does. What a grant needs beyond L3, in the order of asking:
//!
//! 1. from 1 to a million points, into another journal, and not for the fund itself, else it is malformed;
//! 2. its journal's member is a treasurer in the epoch that the grant names ([`Uncovered::NotTreasurer`]);
//! 3. its points are what that epoch's table says of its purpose; an opening balance has no rate ([`Uncovered::OffRate`]);
//! 4. a second person's word ([`Uncovered::NotSeconded`]), if it is above what that epoch lets a treasurer grant alone, for
//!    the treasurer's own account, or an opening balance. The word is a `Second` entry that the grant cites; its signer was
//!    an organiser, treasurer or reviewer in the epoch that the word's entry names, is not the treasurer, and is not the
//!    payee unless the list is of opening balances. It names a list of grants of this very branch, which has these terms
//!    and was not taken back on it;
//! 5. rights and quota as L3 says, with the quota that the epoch named gives to fund journals ([`Fund::quota`]). A grant with
//!    a second person's word may go beyond it, and counts towards it for those that follow. Witnesses stamp fund journals
//!    and the journals cite the stamps as all others do: a treasurer who forks wins the fund's quota for each journal that takes
//!    from a branch, as any other member wins the charter's, and not the whole budget; besides that, what somebody else has
//!    agreed to.
//!
//! An accept counts as L4 says, in a journal of the member that the grant names. The reason is made of member and occasion
//! ([`Purpose::reason`]), so nobody chooses it: each journal takes one starter grant, one opening balance, and one grant for an
//! act on a day, whichever treasurer gives it.

use kaifong_domain::fund::{Fund, Purpose};
use kaifong_domain::{EntryHash, JournalId, MemberId, Points, ReasonId, Refusal};
use kaifong_trust::entry::{Entry, Grant, GrantList, Role, Terms};

use crate::fold::{Added, Ledger, Payment, Rights, Step};
use crate::outcome::{Outcome, Uncovered};
use crate::tree::{At, Fact, Figures, JournalAt, Movement};

/// A list of grants as a fund journal laid it out.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) at: At,
    pub(crate) terms: Vec<Terms>,
    /// The entries that took it back.
    unlisted: Vec<At>,
}

/// A second person's word for a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconded {
    list: u32,
    by: MemberId,
    /// Whether its signer held a role for it.
    may: bool,
}

/// A grant as payments carry it.
pub(crate) type Granted = Box<Terms>;

impl Ledger {
    /// What the epoch that an entry names adds to its journal's rights; 0 where points are not the fund's.
    pub(crate) fn raised(&self, journal: JournalAt, tip: At, epoch: &EntryHash, rights: &dyn Rights) -> i64 {
        let Some(own) = self.journal(journal).filter(|own| own.keeper.is_some()) else { return 0 };
        let figure = figure(rights, epoch, &own.id);
        figure.saturating_sub(self.given.get(&tip).copied().unwrap_or(0)).max(0)
    }

    /// A grant lowers its journal's figures, covered or not, unless it is malformed.
    pub(crate) fn add_grant(&mut self, step: Step, grant: &Grant, entry: &Entry, rights: &dyn Rights) -> Option<Added> {
        let Terms { to, points, .. } = grant.terms;
        let second = match grant.second {
            Some(second) => Some(self.tree.find(&second)?),
            None => None,
        };
        let to = self.journal_place(&to)?;
        let mut figures = self.tree.figures(step.tip);
        figures.rights = figures.rights.saturating_add(step.raised);
        let judged = self.judge_grant(step, to, &grant.terms, second, &entry.epoch, rights);
        let covered = judged.and_then(|quota| figures.cover(points, quota));
        let place = self.add_payment(step, (to, points, Some(grant.terms.reason())), covered, entry.at)?;
        self.payments.get_mut(place.0 as usize)?.grant = Some(Box::new(grant.terms));
        if covered != Err(Uncovered::Malformed) {
            self.granted.entry(grant.terms.reason()).or_default().push(place);
        }
        Some((Outcome::Offered(covered), Some(place)))
    }

    /// A list is kept where it can be granted from: in a fund journal.
    pub(crate) fn add_list(&mut self, step: Step, list: &GrantList) -> Option<Added> {
        let place = u32::try_from(self.lists.len()).ok()?;
        let keeps = self.journal(step.journal)?.keeper.is_some();
        let fact = if keeps { Fact::List(place) } else { Fact::Aside };
        let at = self.push(step, Movement::default(), fact, None)?;
        if keeps {
            self.lists.push(Listed { at, terms: list.terms.clone(), unlisted: Vec::new() });
        }
        Some((Outcome::Aside, None))
    }

    /// A second person's word, with a role for it or not.
    pub(crate) fn add_second(
        &mut self,
        step: Step,
        list: &EntryHash,
        epoch: &EntryHash,
        rights: &dyn Rights,
    ) -> Option<Added> {
        let named = self.tree.node(self.tree.find(list)?).fact;
        let by = self.member_at(step.journal)?;
        let fact = match named {
            Fact::List(list) => {
                let place = u32::try_from(self.seconds.len()).ok()?;
                self.seconds.push(Seconded { list, by, may: may_second(rights, epoch, &by) });
                Fact::Second(place)
            }
            _ => Fact::Aside,
        };
        self.push(step, Movement::default(), fact, None)?;
        Some((Outcome::Aside, None))
    }

    /// A list is taken back on the branch that laid it out.
    pub(crate) fn add_unlist(&mut self, step: Step, list: &EntryHash) -> Option<Added> {
        let named = self.tree.node(self.tree.find(list)?).fact;
        let at = self.push(step, Movement::default(), Fact::Aside, None)?;
        if let Fact::List(list) = named {
            let list = self.lists.get_mut(list as usize)?;
            // On another journal it says nothing.
            if self.tree.node(list.at).journal == step.journal {
                list.unlisted.push(at);
            }
        }
        Some((Outcome::Aside, None))
    }

    /// What a grant needs beyond L3; gives the quota that L3 then asks for.
    fn judge_grant(
        &self,
        step: Step,
        to: JournalAt,
        terms: &Terms,
        second: Option<At>,
        epoch: &EntryHash,
        rights: &dyn Rights,
    ) -> Result<Points, Uncovered> {
        let own = self.journal(step.journal).ok_or(Uncovered::Malformed)?;
        let keeper = own.keeper.ok_or(Uncovered::Malformed)?;
        let itself = own.owner.is_some_and(|(fund, _)| fund == terms.member);
        if to == step.journal || itself || terms.points.0 == 0 || terms.points > Points::MAX {
            return Err(Uncovered::Malformed);
        }
        if !rights.holds(epoch, &keeper, Role::Treasurer) {
            return Err(Uncovered::NotTreasurer);
        }
        let none = Fund::default();
        let fund = rights.fund(epoch).unwrap_or(&none);
        if terms.purpose != Purpose::Opening && fund.earned(&terms.purpose) != Some(terms.points) {
            return Err(Uncovered::OffRate);
        }
        let seconded = second.is_some_and(|second| self.is_seconded(step.tip, second, &keeper, terms));
        match needs_second(fund, &keeper, terms) {
            // Budgets end far below it.
            _ if seconded => Ok(Points(u32::MAX)),
            true => Err(Uncovered::NotSeconded),
            false => Ok(fund.quota),
        }
    }

    fn is_seconded(&self, tip: At, second: At, keeper: &MemberId, terms: &Terms) -> bool {
        let Fact::Second(place) = self.tree.node(second).fact else { return false };
        let Some(word) = self.seconds.get(place as usize) else { return false };
        let Some(list) = self.lists.get(word.list as usize) else { return false };
        let impartial = word.by != *keeper && (word.by != terms.member || terms.purpose == Purpose::Opening);
        word.may
            && impartial
            && self.tree.runs_through(tip, list.at)
            && !self.on_branch(tip, &list.unlisted)
            && list.terms.contains(terms)
    }

    /// Tells what a grant, signed after `tip` and naming `epoch`, would be refused for. A device that knows a newer stamp
    /// cites it first, and passes it here.
    ///
    /// # Errors
    /// [`Refusal::NotYetMember`] for an unknown tip; [`Refusal::TransferMalformed`], [`Refusal::RoleMissing`],
    /// [`Refusal::OffRate`], [`Refusal::SecondNeeded`], [`Refusal::BudgetSpent`] or [`Refusal::BeyondQuota`], in this order.
    pub fn check_grant(
        &self,
        tip: &EntryHash,
        newest_stamp: Option<&EntryHash>,
        grant: &Grant,
        epoch: &EntryHash,
        rights: &dyn Rights,
    ) -> Result<(), Refusal> {
        let at = self.tree.find(tip).ok_or(Refusal::NotYetMember)?;
        let journal = self.tree.node(at).journal;
        let raised = self.raised(journal, at, epoch, rights);
        let step = Step { hash: *tip, tip: at, journal, raised };
        let second = grant.second.and_then(|second| self.tree.find(&second));
        // A journal that nobody has heard of is another one than this.
        let to = self.find_journal(&grant.terms.to).unwrap_or(JournalAt(u32::MAX));
        let judged = self.judge_grant(step, to, &grant.terms, second, epoch, rights);
        let cited = newest_stamp.and_then(|stamp| self.judge_cite(at, self.tree.find(stamp)?).ok());
        let mut figures = cited.map_or_else(|| self.tree.figures(at), |rest| self.tree.figures_from(at, rest));
        figures.rights = self.spendable(at, figures).saturating_add(raised);
        let needed = grant.terms.points;
        match judged.and_then(|quota| figures.cover(needed, quota).map(|()| quota)) {
            Ok(_) => Ok(()),
            Err(Uncovered::Malformed) => Err(Refusal::TransferMalformed),
            Err(Uncovered::NotTreasurer) => Err(Refusal::RoleMissing { role: "treasurer" }),
            Err(Uncovered::OffRate) => Err(Refusal::OffRate),
            Err(Uncovered::NotSeconded) => Err(Refusal::SecondNeeded),
            Err(Uncovered::BelowZero) if figures.rights < i64::from(needed.0) => {
                Err(Refusal::BudgetSpent { left: figures.rights.max(0), needed })
            }
            Err(Uncovered::BelowZero | Uncovered::NotOpened) => Err(Refusal::BeyondQuota { left: 0, needed }),
            Err(Uncovered::BeyondQuota) => {
                let quota = rights.fund(epoch).map_or(0, |fund| i64::from(fund.quota.0));
                Err(Refusal::BeyondQuota { left: quota.saturating_sub(figures.unseen).max(0), needed })
            }
        }
    }

    /// Beyond what L3 asks: an honest device leaves unspent what it may yet turn out to owe.
    pub(crate) fn spendable(&self, tip: At, figures: Figures) -> i64 {
        figures.rights.saturating_sub(self.contested(tip))
    }

    /// Gives who keeps a fund journal; `None` for any other journal.
    pub fn keeper(&self, journal: &JournalId) -> Option<MemberId> {
        self.journal(self.find_journal(journal)?)?.keeper
    }

    /// Gives the figure that a branch of a fund journal rests on: the greatest of the epochs that it has named, in points.
    pub fn given(&self, tip: &EntryHash) -> i64 {
        self.tree.find(tip).and_then(|at| self.given.get(&at)).copied().unwrap_or(0)
    }

    /// Lists what the fund has granted for an occasion of a member: every covered grant with this reason that no branch of its
    /// payee has declined, by hash.
    pub fn grants_for(&self, occasion: &ReasonId) -> Vec<EntryHash> {
        let same = self.granted.get(occasion).into_iter().flatten().filter_map(|place| self.payment(*place));
        let open = |paid: &&Payment| paid.covered.is_ok() && (paid.declines.is_empty() || !paid.accepts.is_empty());
        self.hashes(same.filter(open).map(|paid| paid.at))
    }

    /// Tells whether a fund journal has ever granted just this, whatever became of it.
    pub fn was_granted(&self, journal: &JournalId, terms: &Terms) -> bool {
        let journal = self.find_journal(journal);
        let same = self.granted.get(&terms.reason()).into_iter().flatten().filter_map(|place| self.payment(*place));
        same.into_iter().any(|paid| {
            let ours = Some(self.tree.node(paid.at).journal) == journal;
            ours && paid.grant.as_deref() == Some(terms)
        })
    }

    /// Tells whether a branch has taken a list of its own back.
    pub fn is_unlisted(&self, tip: &EntryHash, list: &EntryHash) -> bool {
        let found = self.tree.find(tip).zip(self.tree.find(list));
        found.is_some_and(|(tip, list)| match self.tree.node(list).fact {
            Fact::List(place) => self.lists.get(place as usize).is_some_and(|list| self.on_branch(tip, &list.unlisted)),
            _ => false,
        })
    }
}

/// Tells whether an epoch lets somebody second a grant.
pub fn may_second(rights: &dyn Rights, epoch: &EntryHash, member: &MemberId) -> bool {
    [Role::Organiser, Role::Treasurer, Role::Reviewer].into_iter().any(|role| rights.holds(epoch, member, role))
}

/// Tells whether a grant by this treasurer takes a second person's word.
pub fn needs_second(fund: &Fund, treasurer: &MemberId, terms: &Terms) -> bool {
    terms.points > fund.alone || terms.member == *treasurer || terms.purpose == Purpose::Opening
}

/// Gives what an epoch gives to a journal in all.
pub(crate) fn figure(rights: &dyn Rights, epoch: &EntryHash, journal: &JournalId) -> i64 {
    rights.fund(epoch).map_or(0, |fund| i64::try_from(fund.given(journal)).unwrap_or(i64::MAX))
}
