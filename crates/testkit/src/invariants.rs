//! What must hold: after every commit, after every start, and when everything has healed.
//!
//! I1 convergence, I2 authority (in `council.rs`), I3 the sum is zero, I4 no honest overdraft, I6 an acknowledged write
//! survives, I8 private stays private (in `private.rs`), and what was erased is
//! gone from every device that has heard of it; I9 a lent thing is with one neighbour at a time. I7's "no panic, bounded memory" is checked along the way. I5 (no honest
//! payee loses) and what cheats may win at most are in `accounts.rs`. The rest of I7 has its place in [`World::check_now`] and
//! [`World::check_end`] and comes with the stages that complete the rules it is about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kaifong_domain::{DeviceId, EntryHash, MemberId};
use kaifong_ledger::{Line, LineState};
use kaifong_node::{Home, Node};
use kaifong_store::{Space, Store};
use kaifong_trust::Verified;
use kaifong_trust::entry::{Basis, Body, Entry};

use crate::device::{Device, Kept};
use crate::run::Planted;
use crate::world::World;

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `I1` … `I9`, or `panic`.
    pub invariant: &'static str,
    /// What was found, in one sentence.
    pub what: String,
}

/// What a run consisted of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events handled by nodes.
    pub events: u64,
    /// Commits.
    pub commits: u64,
    /// Frames sent.
    pub frames: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Connections made.
    pub connections: u64,
    /// Crashes.
    pub crashes: u64,
    /// Partitions and healings.
    pub partitions: u64,
    /// Commands done.
    pub done: u64,
    /// Commands refused.
    pub refused: u64,
    /// What hostile devices did.
    pub pranks: u64,
    /// How often two cheats have helped each other.
    pub collusions: u64,
    /// Devices that were members in the end.
    pub members: u64,
    /// Points that had moved in the end: the sum of all positive balances.
    pub points: u64,
    /// Entries of journals in the end.
    pub entries: u64,
    /// Deals that were finished in the end.
    pub deals_done: u64,
    /// Members who had erased what they said, in the end.
    pub erased: u64,
    /// Journals that were forked in the end.
    pub forks: u64,
    /// Whether it had a council in the end, for sums over seeds.
    pub councils: u64,
    /// What that council had decided, the founder's epochs included.
    pub epochs: u64,
    /// Whether two decisions of that council stood against each other, for sums over seeds.
    pub two_decisions: u64,
    /// How often a hostile seat of that council voted both ways.
    pub two_faced: u64,
    /// Grants from the fund that counted in the end.
    pub grants: u64,
    /// How many phones were lost for good.
    pub lost_phones: u64,
    /// Devices that were closed in the end.
    pub closed: u64,
    /// Devices with which somebody had come back, by a sheet or by two reviewers, in the end.
    pub came_back: u64,
    /// Drafts of epochs that cut a reviewer off, in the end.
    pub cutoffs: u64,
    /// Buildings that this one was founded anew as, and followers of those, in the end.
    pub followers: u64,
    /// Closed journals that were handed over, in the end.
    pub handed_over: u64,
    /// What the fund has borne for them, in points.
    pub borne: u64,
    /// Days of recurring help that both had confirmed in the end.
    pub help_days: u64,
    /// What was taken for them, in points.
    pub help_points: u64,
    /// What cheats had won in the end, in points.
    pub lost: u64,
    /// The most that they could have won by what they did.
    pub lost_most: u64,
    /// How often each invariant was checked: I1, I2, I3, I4, I6, I8, I5.
    pub checks: [u64; 7],
}

impl World {
    pub(crate) fn fail(&mut self, invariant: &'static str, what: impl FnOnce() -> String) {
        if self.failure.is_none() {
            let what = what();
            self.tell(|_| format!("!! {invariant}: {what}"));
            self.failure = Some(Failure { invariant, what });
        }
    }

    /// Gives the members whose every device is honest.
    pub(crate) fn honest(&self) -> BTreeSet<MemberId> {
        let planted = self.options.planted == Some(Planted::CountsHostileAsHonest);
        let trusted = |device: &Device| device.is_honest() || planted && !device.doubtful;
        let mut honest = BTreeSet::new();
        let mut others = BTreeSet::new();
        for (_, device, node) in self.nodes() {
            let Some(me) = node.me() else { continue };
            if trusted(device) {
                honest.insert(me)
            } else {
                others.insert(me)
            };
        }
        // A device that is off, or closed, may be a dishonest one of somebody whose other device is honest.
        let off = self.devices.iter().filter(|device| device.me().is_none() && !trusted(device));
        let owners: BTreeSet<usize> = off.map(|device| device.owner).collect();
        let doubted = self.nodes().filter(|(_, device, _)| owners.contains(&device.owner));
        others.extend(doubted.filter_map(|(_, _, node)| node.me()));
        honest.difference(&others).copied().collect()
    }

    /// Checks what must hold at all times, on the device that has just saved.
    pub(crate) fn check_now(&mut self, device: usize) {
        let Some(home) = self.devices.get(device).and_then(|at| at.node.as_ref()).and_then(|node| node.home()) else {
            return;
        };
        let mut sum = home.ledger().sum();
        if self.options.planted == Some(Planted::TampersWithSum) && home.ledger().balances().values().any(|b| *b > 20) {
            sum += 1;
        }
        let lowest = home.ledger().balances().values().copied().min().unwrap_or(0);
        let line = i64::from(home.roster().now().charter.credit_line.0);
        let waiting = home.journals().waiting();
        let [_, _, i3, i4, ..] = &mut self.counts.checks;
        *i3 += 1;
        *i4 += 1;
        if sum != 0 {
            let name = self.name(device).to_owned();
            return self.fail("I3", || format!("on {name} the balances add up to {sum}"));
        }
        if waiting > kaifong_trust::journals::WAITING_MAX {
            let name = self.name(device).to_owned();
            return self.fail("I7", || format!("on {name} {waiting} entries wait"));
        }
        if lowest < -line {
            self.check_overdraft(device, line);
        }
        self.check_fund(device);
        self.check_erased(device);
    }

    /// Checks that a device which has heard of an erasure holds nothing of what was erased (I8).
    fn check_erased(&mut self, device: usize) {
        let Some(at) = self.devices.get(device) else { return };
        let Some(home) = at.node.as_ref().and_then(Node::home) else { return };
        let kept = |member: &MemberId| {
            let parts = [Space::Documents, Space::Rows].map(|space| at.store.scan(space, &member.0));
            home.board().profile(member).is_some()
                || parts.iter().any(|parts| parts.as_ref().is_ok_and(|p| !p.is_empty()))
        };
        let left = home.journals().erased().map(|(member, _)| member).find(kept);
        if let Some(member) = left {
            let name = at.name.clone();
            self.fail("I8", || format!("{name} holds what {} has erased", member.short()));
        }
    }

    /// Tells whether a member has erased what they said, as anybody here has heard.
    fn has_erased(&self, member: &MemberId) -> bool {
        let mut homes = self.nodes().filter_map(|(_, _, node)| node.home());
        homes.any(|home| home.journals().whereabouts(member).erased.is_some())
    }

    /// Tells whether a device's member has moved out, as anybody here has heard: it is a neighbour's no longer, and need
    /// not hear what the others hear.
    pub(crate) fn has_gone(&self, device: &Device) -> bool {
        self.member_of(device).is_some_and(|member| self.has_moved_out(&member))
    }

    /// Gives the member that a device writes for, by itself or, while it is down, by what anybody here has heard.
    pub(crate) fn member_of(&self, device: &Device) -> Option<MemberId> {
        let id = device.id();
        let known = || self.nodes().find_map(|(_, _, node)| node.home()?.roster().device(&id));
        device.me().or_else(|| Some(known()?.member))
    }

    fn has_moved_out(&self, member: &MemberId) -> bool {
        let mut homes = self.nodes().filter_map(|(_, _, node)| Some((node.home()?, node.now())));
        homes.any(|(home, now)| home.journals().whereabouts(member).has_left(now))
    }

    /// Tells whether something acknowledged has to be on a device: words are for ever, until their member erases them, and
    /// but for what somebody says who has moved out by others' clocks and not yet by their own. A review is shown as long as
    /// its deal is done: what one party's closed device had signed apart may be missing there.
    fn must_have(&self, at: &Device, kept: &Kept) -> bool {
        match kept {
            Kept::Entry(_) => true,
            Kept::Listing(by, _) => !self.has_erased(by) && !self.has_moved_out(by),
            Kept::Review(by, deal) => {
                let row = at.node.as_ref().and_then(Node::home).and_then(|home| home.board().deal(deal));
                let done = row.is_some_and(|row| row.stage == kaifong_domain::rows::Stage::Done);
                !self.has_erased(by) && !self.has_moved_out(by) && done
            }
        }
    }

    fn check_overdraft(&mut self, device: usize, line: i64) {
        let honest = self.honest();
        let name = self.name(device).to_owned();
        let Some(home) = self.devices.get(device).and_then(|at| at.node.as_ref()).and_then(|node| node.home()) else {
            return;
        };
        let below = |(member, balance): (&MemberId, &i64)| {
            (honest.contains(member) && *balance < -line).then(|| (called(home, member), *balance))
        };
        if let Some((who, balance)) = home.ledger().balances().iter().find_map(below) {
            self.fail("I4", || format!("on {name} the honest {who} has a balance of {balance}"));
        }
    }

    /// Tells whether words of this member may be taken back: one of their devices has gone on from an old image, or is
    /// hostile, and a fork in a document is cut there. What was done, in journals, stays all the same.
    fn may_be_cut(&self, owner: usize) -> bool {
        self.devices.iter().any(|device| device.owner == owner && !device.is_honest())
    }

    /// Checks that a device which has just started holds all that it has acknowledged.
    pub(crate) fn check_kept(&mut self, device: usize) {
        let [.., i6, _, _] = &mut self.counts.checks;
        *i6 += 1;
        self.check_private(device);
        let Some(at) = self.devices.get(device) else { return };
        let cut = self.may_be_cut(at.owner);
        let counts = |kept: &Kept| !cut || matches!(kept, Kept::Entry(_));
        if let Some(kept) = at.kept.iter().find(|kept| counts(kept) && !at.has(kept) && self.must_have(at, kept)) {
            let (name, kept) = (at.name.clone(), kept.clone());
            self.fail("I6", || format!("{name} had said \"saved\" and after its start lacks {kept:?}"));
        }
    }

    /// Tells what the honest members' devices disagree about; `None` when they have converged.
    pub(crate) fn disagreement(&self) -> Option<String> {
        let certified = |device: &Device| {
            let (_, _, founder) = self.nodes().next()?;
            // A bare link binds nobody: a device that lost its wish with its store is asked by its person again.
            founder.home()?.roster().settled(&device.id())
        };
        let mut first: Option<(&str, Sight)> = None;
        let here = |device: &Device| {
            !device.hostile
                && !self.has_gone(device)
                && !self.is_closed(device)
                && !self.was_let_in_by_a_closed_one(device)
        };
        // Who has lost their store hears of it from a neighbour, if one is left who still has the building.
        let is_known = self.nodes().any(|(_, device, node)| here(device) && node.me().is_some());
        for (_, device, node) in self.nodes().filter(|(_, device, _)| here(device)) {
            if is_known && certified(device).is_some() && node.me().is_none() {
                return Some(format!("{} belongs to the building and does not know it", device.name));
            }
            let Some(home) = node.home().filter(|_| node.me().is_some()) else { continue };
            let sight = Sight::of(home);
            match &first {
                None => first = Some((&device.name, sight)),
                Some((_, same)) if *same == sight => {}
                Some((name, other)) => {
                    return Some(format!("{name} and {} differ in {}", device.name, other.differs(&sight)));
                }
            }
        }
        None
    }

    /// Checks what must hold when everything has healed.
    pub(crate) fn check_end(&mut self) {
        let [i1, .., i6, _] = &mut self.counts.checks;
        *i1 += 1;
        *i6 += 1;
        (0..self.devices.len()).for_each(|device| self.check_private(device));
        let mut lost = None;
        for device in self.devices.iter().filter(|device| !device.hostile && !self.is_closed(device)) {
            let cut = self.may_be_cut(device.owner);
            for kept in device.kept.iter().filter(|kept| !cut || matches!(kept, Kept::Entry(_))) {
                let hears = |at: &Device| {
                    let out = self.has_gone(at) || self.is_closed(at) || self.was_let_in_by_a_closed_one(at);
                    !at.hostile && !out
                };
                let lacks = |at: &Device| hears(at) && !at.has(kept) && self.must_have(at, kept);
                let lacks = self.nodes().find(|(_, at, node)| node.me().is_some() && lacks(at));
                if let Some((_, at, _)) = lacks {
                    lost = Some((device.name.clone(), at.name.clone(), kept.clone()));
                }
            }
        }
        if let Some((by, on, kept)) = lost {
            let why = self.what_it_waits_for(&kept, &on);
            self.fail("I6", || format!("{kept:?}, which {by} has acknowledged, never came to {on}{why}"));
        }
        let audit = self.nodes().find(|(_, device, node)| !device.hostile && node.me().is_some());
        let faults = audit.map(|(_, device, node)| (device.name.clone(), node.audit()));
        if let Some((name, audit)) = faults.filter(|(_, audit)| !audit.ok) {
            let fault = audit.first_fault.unwrap_or_default();
            self.fail("I1", || format!("the audit of {name} finds: {fault}"));
        }
        self.check_loans();
        self.sum_up();
        self.check_recurring();
        self.check_accounts();
    }

    /// Tells what an entry says, and which of the entries that it rests on a device lacks, and those in turn.
    fn what_it_waits_for(&self, kept: &Kept, on: &str) -> String {
        let Kept::Entry(first) = kept else { return String::new() };
        let homes = || self.nodes().filter_map(|(_, at, node)| Some((at, node.home()?)));
        let there = homes().find(|(at, _)| at.name == on).map(|(_, home)| home);
        let (mut told, mut next) = (String::new(), vec![*first]);
        let mut seen = BTreeSet::new();
        while let Some(hash) = next.pop() {
            if !seen.insert(hash) {
                continue;
            }
            let entry = homes().find_map(|(_, home)| home.journals().entry(&hash));
            let Some(entry) = entry.map(|entry| entry.value()) else { continue };
            let body: String = format!("{:?}", entry.body).chars().take(120).collect();
            told += &format!("\n  lacks {} {} of {}: {body}", hash.short(), entry.seq, entry.journal.short());
            let rests_on = [entry.prev, entry.epoch].into_iter().chain(entry.body.names());
            let lacks = |hash: &EntryHash| there.is_some_and(|home| home.journals().entry(hash).is_none());
            next.extend(rests_on.filter(lacks));
            if told.len() > 4_000 {
                break;
            }
        }
        told
    }

    /// A thing that is lent is with one neighbour at a time, on every device. Whose devices were apart may have lent it
    /// twice, as far as their entries tell; with one device nobody does.
    fn check_loans(&mut self) {
        let honest = self.honest();
        let twice = self.nodes().filter(|(_, device, _)| !device.hostile).find_map(|(_, device, node)| {
            let home = node.home()?;
            // One that was closed since lent out, too.
            let mut devices = BTreeMap::<MemberId, BTreeSet<DeviceId>>::new();
            for journal in home.journals().journals() {
                if let Some(owner) = home.roster().owner_of_journal(&journal.id) {
                    devices.entry(owner).or_default().insert(journal.device);
                }
            }
            let alone =
                |member: &MemberId| honest.contains(member) && devices.get(member).is_some_and(|own| own.len() == 1);
            let had = crate::loans::had_twice(home, alone)?;
            Some((device.name.clone(), had))
        });
        if let Some((name, had)) = twice {
            self.fail("I9", || format!("on {name} {had}"));
        }
    }

    fn sum_up(&mut self) {
        let Some((_, _, node)) = self.nodes().next() else { return };
        let Some(home) = node.home() else { return };
        let points = home.ledger().balances().values().filter(|balance| **balance > 0).sum::<i64>();
        let entries = home.journals().len() as u64;
        let done = home.board().deals().filter(|row| row.stage == kaifong_domain::rows::Stage::Done).count() as u64;
        let forks = home.journals().journals().filter(|journal| journal.forked_at().is_some()).count() as u64;
        let erased = home.journals().erased().count() as u64;
        let roster = home.roster();
        let closed = self.devices.iter().filter(|at| roster.is_shut(&at.id())).count() as u64;
        let back = |basis: &Basis| matches!(basis, Basis::Recover(_) | Basis::Reapprove(_));
        let came_back = roster.devices().filter(|(_, device)| back(&device.basis)).count() as u64;
        let cuts = |entry: &&Arc<Verified<Entry>>| matches!(entry.value().body, Body::EpochCutting(_));
        let cutoffs = home.journals().entries().filter(cuts).count() as u64;
        let anew = home.journals().refoundings();
        let followers = anew.values().map(|anew| 1 + anew.followers.len() as u64).sum();
        let members = self.nodes().filter(|(_, _, node)| node.me().is_some()).count() as u64;
        let fund = home.ledger().statement(&home.fund());
        let counted = |line: &&Line| line.purpose.is_some() && line.state == LineState::Accepted;
        let grants = fund.iter().filter(counted).count() as u64;
        let legacies = home.ledger().legacies();
        let borne: i64 = legacies.values().map(|legacy| legacy.spent.saturating_add(legacy.twice)).sum();
        let handed_over = legacies.len() as u64;
        self.counts.grants = grants;
        self.counts.points = points.unsigned_abs();
        self.counts.entries = entries;
        self.counts.deals_done = done;
        self.counts.erased = erased;
        self.counts.forks = forks;
        self.counts.members = members;
        self.counts.closed = closed;
        self.counts.came_back = came_back;
        self.counts.cutoffs = cutoffs;
        self.counts.followers = followers;
        self.counts.handed_over = handed_over;
        self.counts.borne = borne.unsigned_abs();
    }
}

/// All that replicas must agree on.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sight {
    journals: [u8; 32],
    documents: [u8; 32],
    projection: [u8; 32],
}

impl Sight {
    fn of(home: &Home) -> Self {
        let mut journals = blake3::Hasher::new();
        home.journals().digest(&mut journals);
        let mut documents = blake3::Hasher::new();
        home.documents().digest(&mut documents);
        Self {
            journals: *journals.finalize().as_bytes(),
            documents: *documents.finalize().as_bytes(),
            projection: home.projection(),
        }
    }

    fn differs(&self, other: &Self) -> &'static str {
        match (self.journals == other.journals, self.documents == other.documents) {
            (false, false) => "journals and documents",
            (false, true) => "journals",
            (true, false) => "documents",
            (true, true) => "rows, although journals and documents are equal",
        }
    }
}

pub(crate) fn called(home: &Home, member: &MemberId) -> String {
    home.board().profile(member).map_or_else(|| member.short(), |profile| profile.name.clone())
}
