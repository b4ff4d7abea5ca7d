//! A member's own devices: closing one, handing over to another, the recovery sheet, and coming back (rule M6).

use std::cmp::Reverse;

use kaifong_domain::{DeviceId, EntryHash, MemberId, Points, Refusal};
use kaifong_net::ConnectionId;
use kaifong_sync::Message;
use kaifong_trust::entry::{Approval, Basis, Body, CUTS_MAX, Cut, Link, Recovery};
use kaifong_trust::page::Building;
use kaifong_trust::paper::SheetSecret;
use kaifong_trust::recovery::{Claim, Declaration};
use kaifong_trust::roster::Device;
use kaifong_trust::{Distrust, Signed};

use crate::event::{Done, NodeError, Tag, Way};
use crate::guest::{APPLICATIONS_PER_LINK_MAX, Guest, Purpose};
use crate::links::Standing;
use crate::node::Node;

/// What a closed device hears from neighbours.
pub(crate) const CLOSED_CODE: &str = "device-closed";

/// What neighbours say of a device that is no neighbour's to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Its member has closed it.
    Closed,
    /// Whoever certified its member was removed; another reviewer has to.
    Uncertified,
}

impl Node {
    /// Becomes a member as soon as a certificate or link names this device.
    pub(crate) fn look_for_own_certificate(&mut self) -> bool {
        if self.me.is_some() {
            return false;
        }
        self.me = self.own_device().map(|device| device.member);
        self.me.is_some()
    }

    /// Gives whom this device writes for already: whose its own journal is, while the word that it was opened on counts. Of
    /// two members whose it could be, a new start thereby takes the one that it was before.
    pub(crate) fn writes_for(&self) -> Option<MemberId> {
        let home = self.home.as_ref().filter(|home| !home.roster().is_shut(&self.key.id()))?;
        let own = home.journals.journal(&self.own_journal()?)?;
        home.journals.counts(&own.opened_by).then_some(own.member)
    }

    /// Gives this device's own membership: by a certificate or by what it has opened a journal on, or else by the link of
    /// the one member whose device it wants to be. Anybody can link a stranger's device; that alone makes nobody theirs.
    pub(crate) fn own_device(&self) -> Option<Device> {
        let (roster, own) = (self.home.as_ref()?.roster(), self.key.id());
        let wanted = || self.guest.as_ref().and_then(Guest::further_of);
        let back = || {
            let given = roster.given(&own)?;
            let sheet = self.guest.as_ref().and_then(Guest::sheet_key);
            let of_sheet = sheet.and_then(|key| roster.sheet_with(&key)).map(|(member, ..)| member);
            let of_sheet = of_sheet.or_else(|| self.guest.as_ref().and_then(Guest::back_as));
            // With its own sheet a device knows whose it is; else it is for two reviewers to say.
            (matches!(given.basis, Basis::Reapprove(_)) || of_sheet == Some(given.member)).then_some(given)
        };
        roster.settled(&own).or_else(|| roster.linked_by(&own, &wanted()?)).or_else(back)
    }

    /// What a neighbour has said since the start of this device. Its word alone changes nothing.
    pub fn was_told(&self) -> Option<Told> {
        self.told.filter(|_| self.me().is_some())
    }

    pub(crate) fn note_told(&mut self, told: Option<Told>) {
        if self.told != told {
            self.told = told;
            self.arrival.tags.insert(Tag::Members);
        }
    }

    pub(crate) fn close_device(&mut self, device: DeviceId, disown: bool) -> Result<Done, NodeError> {
        let cut = self.cut_of(device, disown)?;
        self.write(Body::Cut(cut))?;
        Ok(Done::Saved)
    }

    /// Moves the rights of this device's journal as far as the quota lets them go, then closes this device.
    pub(crate) fn change_device(&mut self, to: DeviceId) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let own = self.device();
        let roster = self.require_home()?.roster();
        if to == own || roster.settled(&to).is_none_or(|device| device.member != me) {
            return Err(Refusal::DeviceUnknown.into());
        }
        let theirs = self.require_home()?.journals_in_use(&me);
        let to = theirs.into_iter().find(|own| own.device == to).ok_or(Refusal::DeviceUnknown)?.journal;
        let points = self.can_move();
        if points.0 > 0 {
            self.transfer(to, points, None)?;
        }
        self.close_device(own, false)
    }

    /// Tells how many points this device's journal could give to another one now; what is more stays in it.
    pub fn can_move(&self) -> Points {
        let (Some(home), Some(tip)) = (self.home(), self.tip()) else { return Points(0) };
        let quota = home.roster().now().charter.quota;
        let stamp = home.ledger().newest_stamp(&tip);
        let fits = |points: u32| home.ledger().check_transfer(&tip, stamp.as_ref(), Points(points), quota).is_ok();
        // Whatever fits, less does.
        let (mut least, mut most) = (0, quota.0.min(Points::MAX.0));
        while least < most {
            let middle = least + (most - least).div_ceil(2);
            if fits(middle) {
                least = middle;
            } else {
                most = middle - 1;
            }
        }
        Points(least)
    }

    pub(crate) fn make_sheet(&mut self) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let secret = SheetSecret::generate(&mut self.rng);
        let home = self.require_home()?;
        let (building, number) = (home.id(), home.roster().next_sheet(&me));
        self.write(Body::Sheet(Declaration::of(&secret, building, me, number)))?;
        Ok(Done::Sheet(secret))
    }

    /// Looks for the building of the member whose recovery sheet this is.
    pub(crate) fn recover(&mut self, way: Way, sheet: SheetSecret) -> Result<Done, NodeError> {
        self.seek(way, Purpose::Recover { sheet })
    }

    /// Closes all devices of the member whose sheet this is, and carries the claim itself.
    pub(crate) fn close_by_sheet(&mut self, secret: &SheetSecret) -> Result<Done, NodeError> {
        self.require_me()?;
        let key = secret.key();
        let home = self.require_home()?;
        let (member, sheet, valid) = home.roster().sheet_with(&key.id()).ok_or(Refusal::SheetUnknown)?;
        if !valid {
            return Err(Refusal::SheetSpent.into());
        }
        let building = home.id();
        let mut cuts = self.cuts_of(&member);
        cuts.truncate(CUTS_MAX);
        cuts.sort_unstable_by_key(|cut| cut.device);
        if cuts.is_empty() {
            return Err(Refusal::DeviceUnknown.into());
        }
        let claim = key.try_sign(Claim { building, new: None, cuts });
        let claim = claim.map_err(|why| NodeError::NotSaved(why.to_string()))?.signed().clone();
        self.write(Body::Recover(Recovery { sheet, claim }))?;
        Ok(Done::Saved)
    }

    /// As a reviewer, says that a member goes on with another device. Who comes second takes up the first one's word.
    pub(crate) fn reapprove(&mut self, member: MemberId, device: Option<DeviceId>) -> Result<Done, NodeError> {
        self.require_reviewer()?;
        let me = self.require_me()?;
        let waiting = device.map(|device| self.letters.request(&device).cloned().ok_or(Refusal::RequestUnknown));
        let waiting = waiting.transpose()?;
        let mut cuts = self.cuts_of(&member);
        cuts.truncate(CUTS_MAX);
        cuts.sort_unstable_by_key(|cut| cut.device);
        let now = self.now;
        let home = self.require_home()?;
        if home.roster().member(&member).is_none() || member == me {
            return Err(Refusal::MemberUnknown.into());
        }
        let new = waiting.map(|waiting| Link { device: waiting.device, seal: waiting.request.seal });
        let closed: Vec<DeviceId> = cuts.iter().map(|cut| cut.device).collect();
        let asked = home.journals.reapprovals(&member);
        let other = asked.iter().rev().find(|row| row.new == new && !row.is_decided() && !row.by.contains(&me));
        let approval = match other {
            Some(other) => {
                // The same question, or the two words would not be one.
                let mut cuts: Vec<Cut> = cuts.into_iter().filter(|cut| other.cut.contains(&cut.device)).collect();
                let named = |device: &DeviceId| cuts.iter().any(|cut| cut.device == *device);
                let rest: Vec<_> = other.cut.iter().filter(|device| !named(device)).copied().collect();
                let left = |device| Cut { device, tips: home.journals.tips_before_going(&member, &device, now) };
                cuts.extend(rest.into_iter().map(left));
                cuts.sort_unstable_by_key(|cut| cut.device);
                Approval { member, new, generation: other.generation, cuts, seconds: Some(other.entry) }
            }
            None if new.is_none() && closed.is_empty() => return Err(Refusal::DeviceUnknown.into()),
            None => {
                let generation = home.roster().next_generation(&member);
                Approval { member, new, generation, cuts, seconds: None }
            }
        };
        let second = approval.seconds.is_some();
        self.write(Body::Reapprove(approval))?;
        if let Some(new) = new.filter(|_| second) {
            self.forget_request(&new.device);
        }
        Ok(Done::Saved)
    }

    pub(crate) fn object(&mut self, approval: EntryHash) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let asked = self.require_home()?.journals.entry(&approval).map(|entry| entry.value().body.clone());
        match asked {
            Some(Body::Reapprove(asked)) if asked.member == me => {
                self.write(Body::Object { approval }).map(|_| Done::Saved)
            }
            _ => Err(Refusal::ApprovalUnknown.into()),
        }
    }

    /// Hands the claim of a recovery sheet to a neighbour; `false` when this device does not come back with one.
    pub(crate) fn claim(&mut self, connection: ConnectionId, building: &Building) -> bool {
        let Some(guest) = &self.guest else { return false };
        let Purpose::Recover { sheet } = &guest.purpose else { return false };
        let new = Link { device: self.key.id(), seal: self.seal.public() };
        let claim = sheet.key().sign(Claim { building: building.id, new: Some(new), cuts: Vec::new() });
        guest.keep(&mut self.step.batch);
        self.send(connection, &Message::Recover(claim.signed().clone()));
        true
    }

    /// Tells whether this device has come back with a sheet and has not closed the lost ones yet.
    pub(crate) fn has_to_close_the_lost(&self) -> bool {
        self.guest.as_ref().is_some_and(|guest| matches!(guest.purpose, Purpose::Back { closes: true, .. }))
    }

    /// Notes that it has.
    pub(crate) fn note_lost_closed(&mut self) {
        if let Some(guest) = &mut self.guest {
            if let Purpose::Back { closes, .. } = &mut guest.purpose {
                *closes = false;
            }
            guest.keep(&mut self.step.batch);
        }
    }

    /// A neighbour carries what somebody has signed with a recovery sheet: whose device that is, is for the sheet to say.
    pub(crate) fn carry_claim(&mut self, connection: ConnectionId, claim: Signed<Claim>) {
        let Some(link) = self.links.get_mut(&connection) else { return };
        link.applications += 1;
        if link.applications > APPLICATIONS_PER_LINK_MAX {
            return self.close(connection, "applies too often");
        }
        let device = link.device;
        let message = match self.judge_claim(&device, claim) {
            Ok(()) => {
                let now = self.now;
                self.links.get_mut(&connection).into_iter().for_each(|link| link.conduct.admit(now));
                Message::Applied
            }
            Err(NodeError::Refused(why)) => Message::Refused { code: why.code().to_owned(), sentence: why.to_string() },
            Err(why) => return tracing::warn!(%why, "a claim was not carried"),
        };
        self.send(connection, &message);
    }

    fn judge_claim(&mut self, device: &DeviceId, claim: Signed<Claim>) -> Result<(), NodeError> {
        self.require_me()?;
        let home = self.require_home()?;
        let unknown = |_: Distrust| NodeError::Refused(Refusal::SheetUnknown);
        let verified = claim.clone().verify().map_err(unknown)?;
        let value = verified.value();
        let own = value.building == home.id() && value.new.is_some_and(|new| new.device == *device);
        let found = home.roster().sheet_with(&verified.signer()).filter(|_| own && value.cuts.is_empty());
        let (member, sheet, valid) = found.ok_or(Refusal::SheetUnknown)?;
        let given = home.roster().given(device).is_some_and(|device| device.member == member);
        if given {
            return Ok(());
        }
        // A second use suspends both; a third would only add words.
        if !valid || home.roster().is_used_up(&sheet) {
            return Err(Refusal::SheetSpent.into());
        }
        self.write(Body::Recover(Recovery { sheet, claim })).map(|_| ())
    }

    /// After coming back with the sheet: closes the member's other devices, once this one knows what they have written.
    pub(crate) fn close_the_lost(&mut self) -> Result<(), NodeError> {
        let caught_up = self.links.values().any(|link| link.last_sync.is_some());
        let Some(me) = self.me().filter(|_| caught_up && self.has_to_close_the_lost()) else { return Ok(()) };
        let own = self.device();
        for cut in self.cuts_of(&me).into_iter().filter(|cut| cut.device != own) {
            self.write(Body::Cut(cut))?;
        }
        self.note_lost_closed();
        Ok(())
    }

    /// Links the further devices again that fell with the certificate of this one, now that there is another one.
    pub(crate) fn link_the_fallen(&mut self) -> Result<(), NodeError> {
        let Some((me, home)) = self.me().zip(self.home()) else { return Ok(()) };
        for (device, seal) in home.roster().fallen_of(&me) {
            self.write(Body::Link(Link { device, seal }))?;
        }
        Ok(())
    }

    /// Tells a closed device that it is, and turns it away.
    pub(crate) fn turn_away_closed(&mut self, connection: ConnectionId) {
        let sentence = "its member has closed this device".to_owned();
        self.send(connection, &Message::Refused { code: CLOSED_CODE.to_owned(), sentence });
        self.close(connection, "was closed by its member");
    }

    /// Hears from a neighbour that this device was closed.
    pub(crate) fn told_closed(&mut self, connection: ConnectionId) {
        let device = self.links.get(&connection).map(|link| link.device);
        let roster = self.home().map(crate::Home::roster);
        let neighbour = device.is_some_and(|device| roster.is_some_and(|roster| roster.settled(&device).is_some()));
        if neighbour && self.me().is_some() {
            self.note_told(Some(Told::Closed));
        }
        self.close(connection, "says that this device was closed");
    }

    /// Ends connections to devices that were closed meanwhile.
    pub(crate) fn close_links_of_closed(&mut self) {
        let Some(roster) = self.home().filter(|_| self.me().is_some()).map(crate::Home::roster) else { return };
        let shut = |device: &DeviceId| roster.is_shut(device);
        let links = self.links.iter().filter(|(_, link)| link.standing == Standing::Neighbour && shut(&link.device));
        let closed: Vec<_> = links.map(|(connection, _)| *connection).collect();
        for connection in closed {
            let device = self.links.get(&connection).map(|link| link.device);
            let roster = self.home().map(crate::Home::roster);
            if device.is_some_and(|device| roster.is_some_and(|roster| roster.is_uncertified(&device))) {
                // It is welcome as a stranger, and comes again as one.
                self.close(connection, "is certified no longer");
            } else {
                self.turn_away_closed(connection);
            }
        }
    }

    fn cut_of(&mut self, device: DeviceId, disown: bool) -> Result<Cut, NodeError> {
        let me = self.require_me()?;
        let now = self.now;
        let home = self.require_home()?;
        if home.roster().device(&device).is_none_or(|device| device.member != me) {
            return Err(Refusal::DeviceUnknown.into());
        }
        let tips = match disown {
            true => home.journals.tips_before_going(&me, &device, now),
            false => home.journals.tips_of(&me, &device),
        };
        Ok(Cut { device, tips })
    }

    /// Cuts that leave a member's devices what they have written as far as it is known here, but for words by which the
    /// member is gone: they are coming back. Those that have written most come first, and then those that were linked and
    /// have not spoken yet: a thief may have linked some.
    fn cuts_of(&self, member: &MemberId) -> Vec<Cut> {
        let Some(home) = self.home() else { return Vec::new() };
        let mut devices = home.roster().linked_of(member);
        devices.extend(home.roster().member(member).into_iter().flat_map(|member| &member.devices));
        let cut = |device| Cut { device, tips: home.journals().tips_before_going(member, &device, self.now) };
        let mut cuts: Vec<Cut> = devices.into_iter().map(cut).collect();
        cuts.sort_by_key(|cut| Reverse(cut.tips.iter().map(|tip| tip.seq.saturating_add(1)).sum::<u64>()));
        cuts
    }
}

impl Guest {
    /// Gives the member as whom this device has come back.
    pub(crate) fn back_as(&self) -> Option<MemberId> {
        match self.purpose {
            Purpose::Back { member, .. } => Some(member),
            _ => None,
        }
    }

    /// Gives the public key of the sheet with which this device wants to come back.
    pub(crate) fn sheet_key(&self) -> Option<DeviceId> {
        match &self.purpose {
            Purpose::Recover { sheet } => Some(sheet.key().id()),
            _ => None,
        }
    }
}
