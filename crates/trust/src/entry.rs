//! What devices sign: the genesis, journal entries, document heads.
//!
//! A journal holds what we do. It carries ids, amounts and hashes, no names and no prose, so that it can outlive an
//! erased document under a pseudonymous id.

mod capacity;
mod council;
mod devices;
mod fund;
mod head;
mod life;
mod points;
mod slips;
mod succession;

use std::sync::LazyLock;

use blake3::hazmat::{ContextKey, hash_derive_key_context};
use kaifong_domain::activity::ActivityAct;
use kaifong_domain::charter::Charter;
use kaifong_domain::deal::DealAct;
use kaifong_domain::dispute::Word;
use kaifong_domain::place::PlaceId;
use kaifong_domain::recurring::RecurringAct;
use kaifong_domain::shop::ShopAct;
use kaifong_domain::slip::Slip;
use kaifong_domain::space::SpaceAct;
use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, JournalId, MemberId, Points, text};
use serde::{Deserialize, Serialize};

use crate::recovery::Declaration;
use crate::refounding::{Following, Refounding};
use crate::signed::{Distrust, Signable};

pub use capacity::{Capacity, Opinion, Vouch};
pub use council::{
    CUTOFFS_MAX, Cutoff, Decision, Epoch, EpochCutting, Instance, Post, Promise, Proposal, Replace, Replacement,
    SEATS_MAX, SEATS_MIN, SEATS_WHOLE, Seat,
};
pub use devices::{Approval, CUTS_MAX, Cut, Link, Recovery, Sheet, TIPS_MAX, Tip};
pub use fund::{FUND_NONCE, Grant, GrantList, LIST_MAX, Terms};
pub use head::{ActorKey, Head};
pub use life::{Kin, Leave, Mark, Marked};
pub use points::{Stamp, Transfer};
pub use slips::Assist;
pub use succession::Succession;

/// The public half of a device's sealing key (X25519), to which envelopes are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SealKey(pub [u8; 32]);

/// The first statement of a building. Its hash is the building's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Genesis {
    /// The building's name, 1 to 40 characters.
    pub name: String,
    /// When it was founded, as the founder's device claims.
    pub founded_at: Instant,
    /// Where envelopes to the founder are sealed to. The founder's device is the signer of the genesis.
    pub founder_seal: SealKey,
    /// The numbers that the building starts with.
    pub charter: Charter,
    /// Random, so that two buildings of one name differ.
    pub nonce: [u8; 16],
}

/// The longest name of a building, in characters.
pub const BUILDING_NAME_CHARS_MAX: usize = 40;

impl Signable for Genesis {
    const CONTEXT: &'static str = "kaifong 1 genesis";
    const SIZE_BYTES_MAX: usize = 1024;

    fn check(&self) -> Result<(), Distrust> {
        // A guest shows this name before anybody has vouched for anything.
        if text::line("building", &self.name, BUILDING_NAME_CHARS_MAX, false).is_err() {
            return broken("a building's name is 1 to 40 characters that can be shown");
        }
        check_charter(&self.charter)
    }
}

/// One link of a journal: a hash chain that one device writes (rule J1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The building.
    pub building: BuildingId,
    /// The journal.
    pub journal: JournalId,
    /// Its place, from 0.
    pub seq: u64,
    /// The entry before it; all zero for the first.
    pub prev: EntryHash,
    /// The newest epoch its device knew: the entry that holds it, or all zero for the genesis.
    pub epoch: EntryHash,
    /// When, as the device claims.
    pub at: Instant,
    /// What was done.
    pub body: Body,
}

impl Signable for Entry {
    const CONTEXT: &'static str = "kaifong 1 journal entry";
    const SIZE_BYTES_MAX: usize = 16 * 1024;

    fn context_key() -> ContextKey {
        static KEY: LazyLock<ContextKey> = LazyLock::new(|| hash_derive_key_context(Entry::CONTEXT));
        *KEY
    }

    fn check(&self) -> Result<(), Distrust> {
        let first = (self.seq == 0, self.prev == NO_ENTRY);
        match &self.body {
            Body::Open(_) if first != (true, true) => return broken("an opening entry stands first"),
            Body::Open(_) => {}
            _ if first != (false, false) => return broken("only an opening entry stands first"),
            _ => {}
        }
        if self.body.names().any(|named| named == NO_ENTRY) {
            return broken("an entry names the entry that it rests on or answers");
        }
        match &self.body {
            Body::Epoch(epoch) => epoch.check(),
            Body::EpochCutting(epoch) => epoch.check(),
            Body::Promise(promise) => promise.instance.check(),
            Body::Propose(proposal) => {
                ascending(&proposal.promises, "a proposal's promises ascend without repeats, one for a seat at most")?;
                proposal.instance.check()
            }
            Body::Decide(decision) => {
                ascending(&decision.signs, "a decision's signatures ascend without repeats, one for a seat at most")
            }
            Body::Cut(cut) => cut.check(),
            Body::Sheet(declaration) => declaration.check(self.building),
            // The sheet's own signature is a part of the entry's form: nobody carries a claim that nobody has made.
            Body::Recover(recovery) => recovery.claim.clone().verify().map(|_| ()),
            Body::Reapprove(approval) => approval.check(),
            Body::Refound(refounding) => refounding.check(),
            Body::GrantList(list) => list.check(),
            Body::Activity(act) => act.check().or_else(broken),
            Body::Space(act) => act.check().or_else(broken),
            Body::Recurring(act) => act.check().or_else(broken),
            Body::Slip(slip) => slip.check(self.at).or_else(broken),
            Body::Shop(act) if !act.is_well_formed() => broken("an order has from 1 piece and from 1 point"),
            Body::Leave(Leave { number: 0, .. })
            | Body::Mark(Mark { number: 0, .. })
            | Body::Kin(Kin { number: 0, .. })
            | Body::Vouch(Vouch { number: 0, .. })
            | Body::Say(Word { number: 0, .. })
            | Body::Rule(Word { number: 0, .. }) => broken("words of one kind are numbered from 1"),
            _ => Ok(()),
        }
    }
}

/// What one entry does. New kinds are added at the end: the order is the wire format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// Opens the journal; always and only its first entry.
    Open(Open),
    /// A reviewer certifies a newcomer.
    Certify(Certificate),
    /// A device of the member adds another device of the same member.
    Link(Link),
    /// The next epoch. Under three seats the founder is trusted and signs alone; from three seats on it is a draft, which
    /// counts once it is decided.
    Epoch(Epoch),
    /// A step of a deal.
    Deal(DealAct),
    /// Pays points into another member's journal (rule L1).
    Transfer(Transfer),
    /// Takes a transfer that names this journal.
    Accept {
        /// The transfer.
        transfer: EntryHash,
    },
    /// Refuses a transfer that names this journal.
    Decline {
        /// The transfer.
        transfer: EntryHash,
    },
    /// Takes back the rights of an own transfer that was declined.
    Reclaim {
        /// The decline.
        decline: EntryHash,
    },
    /// A witness states what it recomputed of another journal (rule J4).
    Stamp(Stamp),
    /// Rests this journal on a stamp that a witness gave it.
    Cite {
        /// The stamp's entry in the witness's journal.
        stamp: EntryHash,
    },
    /// A seat will sign nothing of an earlier attempt any more, and tells what it has signed last (rule M2).
    Promise(Promise),
    /// The seat whose turn it is lays a draft before the others.
    Propose(Proposal),
    /// A seat signs what was proposed.
    Sign {
        /// The proposal.
        proposal: EntryHash,
        /// The paper key's word, where the device sits by it.
        seat: Option<EntryHash>,
    },
    /// Names the signatures of a majority: from here on the draft is the epoch. Whoever has them can write it, and whoever
    /// rests on the epoch names this entry.
    Decide(Decision),
    /// A seat's paper key lets another device speak for the seat.
    Replace(Replace),
    /// A member would sit in the council: with this device, and with this key on paper. Others may seat them.
    Stand {
        /// The public half of the paper key.
        paper: DeviceId,
    },
    /// A device of the member closes a device of the member (rule M6).
    Cut(Cut),
    /// Declares the recovery sheet that its member has printed.
    Sheet(Declaration),
    /// Carries what was signed with a recovery sheet; in anybody's journal.
    Recover(Recovery),
    /// A reviewer lets a member go on with a new device, or closes lost ones; it takes two.
    Reapprove(Approval),
    /// A living device of the member objects to a re-approval.
    Object {
        /// The re-approval.
        approval: EntryHash,
    },
    /// The next epoch, where it cuts somebody off; otherwise like [`Body::Epoch`].
    EpochCutting(EpochCutting),
    /// A member has founded the building anew (rule M3).
    Refound(Refounding),
    /// A member follows into a building that was founded anew.
    Follow(Following),
    /// A member says when they leave the building, or that they stay after all.
    Leave(Leave),
    /// A reviewer says that a member is away, deceased, or back; it takes two.
    Mark(Mark),
    /// A member says that they are here, whatever was said of them.
    Here {
        /// A reviewer's marking that this answers; those before it are answered too.
        mark: EntryHash,
    },
    /// A member names who sees what is on loan when they cannot.
    Kin(Kin),
    /// A member erases what they have said: their document, on every replica, for good (rule M7).
    Erase,
    /// A reviewer's word on what a member is known as.
    Vouch(Vouch),
    /// The community fund gives points to a member.
    Grant(Grant),
    /// A treasurer lays grants before a second person.
    GrantList(GrantList),
    /// A second person agrees to a list of grants, as it is.
    Second {
        /// The list.
        list: EntryHash,
    },
    /// A treasurer takes a list of their own back: nothing is granted by it from here on.
    Unlist {
        /// The list.
        list: EntryHash,
    },
    /// One of the two of a deal says how many points are right for it.
    Say(Word),
    /// A mediator says so, where the two say different numbers.
    Rule(Word),
    /// A step about an activity.
    Activity(ActivityAct),
    /// Whoever keeps the desk enters a slip of paper; its payer alone makes it a payment.
    Slip(Slip),
    /// The payer of an entered slip says that it is none of theirs, or whoever entered it takes it back.
    Disown {
        /// The entry that holds the slip.
        slip: EntryHash,
    },
    /// A desk names the volunteer who helped with an act of a journal that it keeps for somebody without a phone.
    Assist(Assist),
    /// A member lets a desk keep this journal for them.
    Keep {
        /// The desk.
        desk: MemberId,
    },
    /// Orders a good of a shop, hands it out, or calls it off.
    Shop(ShopAct),
    /// A reviewer hands a closed journal over to another one of its member; it takes two (rule L7).
    Succeed(Succession),
    /// Takes into this journal what two reviewers have handed over to it.
    Inherit {
        /// The second reviewer's entry.
        succession: EntryHash,
    },
    /// A step about a space by the hour.
    Space(SpaceAct),
    /// A step about recurring help.
    Recurring(RecurringAct),
}

impl Body {
    /// Gives the epoch that this entry holds, with whom it cuts off.
    pub fn epoch(&self) -> Option<(&Epoch, &[Cutoff])> {
        match self {
            Self::Epoch(epoch) => Some((epoch, &[])),
            Self::EpochCutting(EpochCutting { epoch, cutoffs }) => Some((epoch, cutoffs)),
            _ => None,
        }
    }

    /// Gives the entries that this one rests on or answers, where its kind names any. Where an epoch is named, the genesis
    /// may be meant, and that is no entry.
    pub fn names(&self) -> impl Iterator<Item = EntryHash> {
        let one = std::slice::from_ref;
        let named: [&[EntryHash]; 4] = match self {
            Self::Open(Open {
                basis: Basis::Certificate(hash) | Basis::Link(hash) | Basis::Recover(hash) | Basis::Reapprove(hash),
                ..
            })
            | Self::Recover(Recovery { sheet: hash, .. })
            | Self::Object { approval: hash }
            | Self::Follow(Following { refounding: hash, .. })
            | Self::Accept { transfer: hash }
            | Self::Decline { transfer: hash }
            | Self::Reclaim { decline: hash }
            | Self::Stamp(Stamp { hash, .. })
            | Self::Cite { stamp: hash }
            | Self::Here { mark: hash }
            | Self::Grant(Grant { second: Some(hash), .. })
            | Self::Second { list: hash }
            | Self::Unlist { list: hash }
            | Self::Disown { slip: hash }
            | Self::Assist(Assist { entry: hash, .. })
            | Self::Shop(ShopAct::PickUp { order: hash, .. } | ShopAct::CallOff { order: hash })
            | Self::Inherit { succession: hash }
            | Self::Replace(Replace { epoch: hash, .. }) => [one(hash), &[], &[], &[]],
            Self::Activity(act) => [act.booking().map_or(&[], one), &[], &[], &[]],
            Self::Space(SpaceAct::Lose { booking, to }) => [one(booking), one(to), &[], &[]],
            Self::Space(SpaceAct::Grant { booking } | SpaceAct::Decline { booking } | SpaceAct::Cancel { booking }) => {
                [one(booking), &[], &[], &[]]
            }
            Self::Recurring(act) => [act.rests_on().map_or(&[], one), &[], &[], &[]],
            Self::Epoch(Epoch { prev, .. }) | Self::EpochCutting(EpochCutting { epoch: Epoch { prev, .. }, .. })
                if *prev != NO_ENTRY =>
            {
                [one(prev), &[], &[], &[]]
            }
            Self::Promise(Promise { instance, signed, seat, .. }) => {
                [one(&instance.prev), &instance.void, signed.as_slice(), seat.as_slice()]
            }
            Self::Propose(Proposal { instance, draft, promises, seat, .. }) => {
                // The draft names the epoch before it; what stands against each other does too.
                [one(draft), &instance.void, promises, seat.as_slice()]
            }
            Self::Sign { proposal, seat } => [one(proposal), seat.as_slice(), &[], &[]],
            Self::Decide(Decision { signs }) => [signs, &[], &[], &[]],
            Self::Reapprove(Approval { seconds, .. }) => [seconds.as_slice(), &[], &[], &[]],
            Self::Succeed(Succession { last, seconds, .. }) => [one(last), seconds.as_slice(), &[], &[]],
            Self::Open(Open { basis: Basis::Genesis, .. })
            | Self::Epoch(_)
            | Self::EpochCutting(_)
            | Self::Certify(_)
            | Self::Link(_)
            | Self::Deal(_)
            | Self::Transfer(_)
            | Self::Space(SpaceAct::Ask { .. })
            | Self::Stand { .. }
            | Self::Cut(_)
            | Self::Sheet(_)
            | Self::Refound(_)
            | Self::Leave(_)
            | Self::Mark(_)
            | Self::Kin(_)
            | Self::Erase
            | Self::Vouch(_)
            | Self::Say(_)
            | Self::Rule(_)
            | Self::Shop(ShopAct::Order(_))
            | Self::Grant(Grant { second: None, .. })
            | Self::GrantList(_)
            | Self::Slip(_)
            | Self::Keep { .. } => [&[]; 4],
        };
        named.into_iter().flatten().copied()
    }

    /// Gives the devices that this entry closes, with what of theirs still counts.
    pub fn cuts(&self) -> Vec<Cut> {
        match self {
            Self::Cut(cut) => vec![cut.clone()],
            Self::Recover(recovery) => recovery.claim.peek(|claim| claim.cuts.clone()),
            Self::Reapprove(approval) => approval.cuts.clone(),
            _ => Vec::new(),
        }
    }

    /// Gives the entries at which this one cuts devices or members off, and the device where one is meant; each is known
    /// before this one is admitted.
    pub fn tips(&self) -> Vec<(MemberOf, Option<DeviceId>, Tip)> {
        let all = |of: MemberOf, cuts: &[Cut]| {
            let each = |cut: &Cut| cut.tips.iter().map(|tip| (of, Some(cut.device), *tip)).collect::<Vec<_>>();
            cuts.iter().flat_map(each).collect()
        };
        match self {
            Self::Cut(cut) => all(MemberOf::Writer, std::slice::from_ref(cut)),
            Self::Recover(recovery) => recovery.claim.peek(|claim| all(MemberOf::Sheet(recovery.sheet), &claim.cuts)),
            Self::Reapprove(approval) => all(MemberOf::Named(approval.member), &approval.cuts),
            Self::EpochCutting(epoch) => {
                let of = |cutoff: &Cutoff| {
                    let named = MemberOf::Named(cutoff.member);
                    cutoff.tips.iter().map(|tip| (named, None, *tip)).collect::<Vec<_>>()
                };
                epoch.cutoffs.iter().flat_map(of).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Whose devices an entry may cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberOf {
    /// Those of the member who writes it.
    Writer,
    /// Those of the member who has declared this sheet.
    Sheet(EntryHash),
    /// This member's.
    Named(MemberId),
}

/// The first entry of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Whose journal it is.
    pub member: MemberId,
    /// Which of the device's journals: 0 for the member's first; even for a fund journal, [`FUND_NONCE`] for the first; odd and
    /// random for those opened after a doubt (rule J2).
    pub nonce: u64,
    /// Why this device may write for the member.
    pub basis: Basis,
}

impl Open {
    /// Tells whether it opens a fund journal: its points are the community fund's, and a treasurer's device keeps it.
    pub fn is_fund(&self) -> bool {
        self.nonce != 0 && self.nonce.is_multiple_of(2)
    }
}

/// Why a device may write for a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Basis {
    /// It signed the genesis.
    Genesis,
    /// A reviewer's `Certify` entry names it.
    Certificate(EntryHash),
    /// A `Link` entry of the same member names it.
    Link(EntryHash),
    /// A `Recover` entry with a claim of the member's sheet names it.
    Recover(EntryHash),
    /// The second reviewer's `Reapprove` entry names it.
    Reapprove(EntryHash),
}

/// What kind of member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MemberKind {
    /// A resident.
    Person,
    /// An organisation of none of the kinds below.
    Organisation,
    /// The share-room's desk.
    Desk,
    /// The firm that manages the building.
    PropertyFirm,
    /// A shop.
    Shop,
    /// A company.
    Company,
    /// The office of the residents' or the neighbourhood's committee.
    CommitteeOffice,
    /// An organisation that gives things to the building.
    Donor,
    /// An organisation of social work: 社会组织.
    SocialOrganisation,
    /// A community foundation: 社区基金会.
    Foundation,
}

impl MemberKind {
    /// Tells whether it is an organisation of any kind: one member, and a person at each of its devices.
    pub fn is_organisation(self) -> bool {
        !matches!(self, Self::Person | Self::Desk)
    }
}

/// A reviewer's word that a device belongs to a real neighbour. It is the first stamp of the member's first journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The new member: derived from building and device.
    pub member: MemberId,
    /// Their first device.
    pub device: DeviceId,
    /// Where envelopes to it are sealed to.
    pub seal: SealKey,
    /// What kind of member.
    pub kind: MemberKind,
    /// A salted commitment to household, name and phone, which only the reviewers have read.
    pub commitment: [u8; 32],
    /// What of the household everybody may know.
    #[serde(default, skip_serializing_if = "crate::tail::is_silent", with = "crate::tail")]
    pub household: PublicHousehold,
}

/// A household's pseudonym: random, drawn by the reviewer who first gives one of it the vote. Which unit it is only reviewers
/// know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HouseholdTag(pub [u8; 16]);

/// What a certificate says of a household.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PublicHousehold {
    /// The block that the reviewer has compared, where the member lets it be seen.
    pub block: Option<PlaceId>,
    /// The household whose vote the member holds. Those of one household who hold none have no mark that others could tell
    /// them by.
    pub votes_for: Option<HouseholdTag>,
}

/// What a member may do for the building.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Approves newcomers.
    Reviewer,
    /// Runs activities.
    Organiser,
    /// Keeps the desk.
    Volunteer,
    /// Settles disputes.
    Mediator,
    /// Grants from the fund.
    Treasurer,
    /// Answers questions in the hall.
    Answerer,
}

/// The hash that stands where there is no entry: before the first one, and for the genesis as an epoch.
pub const NO_ENTRY: EntryHash = EntryHash([0; 32]);

fn check_charter(charter: &Charter) -> Result<(), Distrust> {
    let Charter { points_per_hour, credit_line, quota } = charter;
    if [points_per_hour, credit_line, quota].into_iter().any(|points| *points > Points::MAX) {
        return broken("a charter's numbers are at most a million");
    }
    Ok(())
}

fn ascend<T: Ord>(all: &[T], rule: &'static str) -> Result<(), Distrust> {
    if all.is_sorted_by(|one, next| one < next) { Ok(()) } else { broken(rule) }
}

fn ascending(votes: &[EntryHash], rule: &'static str) -> Result<(), Distrust> {
    if votes.len() > SEATS_MAX { broken(rule) } else { ascend(votes, rule) }
}

fn broken(rule: &'static str) -> Result<(), Distrust> {
    Err(Distrust::Rule { rule })
}
