//! Joining: what a newcomer does, and how neighbours and reviewers answer.

use std::collections::BTreeSet;

use kaifong_domain::record::Profile;
use kaifong_domain::{DeviceId, MemberId, Refusal};
use kaifong_net::ConnectionId;
use kaifong_store::{Batch, Space, Store, StoreError};
use kaifong_sync::{Message, Parcel};
use kaifong_trust::entry::{Genesis, Role, SealKey};
use kaifong_trust::envelope::{JoinRequest, Letter, seal};
use kaifong_trust::invite::{Code, Door, proof, proof_fits};
use kaifong_trust::page::Building;
use kaifong_trust::paper::SheetSecret;
use kaifong_trust::{Envelope, Signed, Verified};
use rand_core::Rng;
use serde::{Deserialize, Serialize};

use crate::event::{Application, Done, NodeError, Tag, Way};
use crate::letters::Asked;
use crate::links::Standing;
use crate::node::{Fresh, Node};
use crate::places::Placing;

mod again;
mod state;

pub(crate) use again::UNCERTIFIED_CODE;
pub use state::ApplicationState;

pub(crate) const GUEST_KEY: &[u8] = b"guest";
/// How many applications one connection may bring.
pub(crate) const APPLICATIONS_PER_LINK_MAX: u32 = 16;
/// How many envelopes one application may have.
pub(crate) const ENVELOPES_PER_APPLICATION_MAX: usize = 16;

/// An application on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Guest {
    code: Code,
    building: Option<kaifong_domain::BuildingId>,
    /// The device that made the ticket, and so knows its code.
    inviter: Option<DeviceId>,
    pub(crate) purpose: Purpose,
    envelopes: Vec<Signed<Envelope>>,
    pub(crate) state: ApplicationState,
    /// The reviewers whom it was sealed to: they are answered, too.
    pub(crate) reviewers: Vec<(DeviceId, SealKey)>,
    /// What reviewers have asked, and what was answered.
    pub(crate) asked: Vec<Asked>,
    /// The answers on their way.
    pub(crate) answers: Vec<Signed<Envelope>>,
    /// Whether the newcomer has picked where they live; kept under a key of its own.
    #[serde(skip)]
    pub(crate) placing: Placing,
}

/// What this device wants to become.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// A newcomer's first device: a reviewer decides.
    Newcomer {
        request: Box<JoinRequest>,
        #[serde(with = "crate::places::words")]
        profile: Profile,
    },
    /// A further device of this member: the member links it.
    Further { member: MemberId },
    /// A member's new device: the member's recovery sheet says so.
    Recover { sheet: SheetSecret },
    /// It has come back, and closes what was lost as soon as it knows what that has written.
    Back { member: MemberId, closes: bool },
}

impl Guest {
    pub(crate) fn load(store: &dyn Store) -> Result<Option<Self>, StoreError> {
        let bytes = store.get(Space::Private, GUEST_KEY)?;
        let guest: Option<Self> = bytes.and_then(|bytes| postcard::from_bytes(&bytes).ok());
        guest.map(|guest| Ok(Self { placing: Placing::load(store)?, ..guest })).transpose()
    }

    /// Gives the member whose further device this one wants to be.
    pub(crate) fn further_of(&self) -> Option<MemberId> {
        match self.purpose {
            Purpose::Newcomer { .. } | Purpose::Recover { .. } | Purpose::Back { .. } => None,
            Purpose::Further { member } => Some(member),
        }
    }

    pub(crate) fn keep(&self, batch: &mut Batch) {
        batch.put(Space::Private, GUEST_KEY, kaifong_trust::encode(self));
        self.placing.keep(batch);
    }
}

impl Node {
    /// What this device told the reviewers of its owner, if it was the one that asked to join.
    pub fn told_reviewers(&self) -> Option<&JoinRequest> {
        match &self.guest.as_ref()?.purpose {
            Purpose::Newcomer { request, .. } => Some(request),
            Purpose::Further { .. } | Purpose::Recover { .. } | Purpose::Back { .. } => None,
        }
    }

    /// Where this device's own application stands.
    pub fn application_state(&self) -> ApplicationState {
        let (own, roster) = (self.device(), self.home().map(crate::Home::roster));
        let was = roster
            .filter(|roster| self.me().is_none() && roster.is_shut(&own) && !roster.is_uncertified(&own))
            .and_then(|roster| Some((roster, roster.was(&own)?)));
        let waits = self.guest.as_ref().is_some_and(|guest| guest.waits());
        if let Some((roster, was)) = was.filter(|_| !waits) {
            let disputed = roster.is_disputed(&was.member, &own);
            return if disputed { ApplicationState::Disputed } else { ApplicationState::Closed };
        }
        match (&self.guest, self.me()) {
            (_, Some(_)) if self.guest.is_some() => ApplicationState::Approved,
            (Some(guest), _) => guest.state.clone(),
            (None, _) => ApplicationState::None,
        }
    }

    /// Keeps an application; it is handed in as soon as a neighbour of the building is met.
    pub(crate) fn apply(&mut self, application: Application) -> Result<Done, NodeError> {
        let Application { way, kind, profile, household, real_name, phone } = application;
        profile.check()?;
        kaifong_domain::text::line("household", &household, 60, false)?;
        kaifong_domain::text::line("real name", &real_name, 60, false)?;
        kaifong_domain::text::line("phone", &phone, 30, true)?;
        let mut salt = [0; 16];
        self.rng.fill_bytes(&mut salt);
        let display_name = profile.name.clone();
        let seal = self.seal.public();
        let invite = match &way {
            Way::Code(code) => code.key(),
            Way::Ticket(ticket) => ticket.code.key(),
        };
        let request = JoinRequest { seal, kind, display_name, household, real_name, phone, salt, invite };
        self.seek(way, Purpose::Newcomer { request: Box::new(request), profile })
    }

    /// Looks for the building of a member who will link this device. No other member's link is taken.
    pub(crate) fn become_further_device(&mut self, way: Way, member: MemberId) -> Result<Done, NodeError> {
        self.seek(way, Purpose::Further { member })
    }

    pub(crate) fn seek(&mut self, way: Way, purpose: Purpose) -> Result<Done, NodeError> {
        if self.me().is_some() {
            return Err(Refusal::AlreadyMember.into());
        }
        let (code, building, inviter) = match way {
            Way::Code(code) => (code, None, None),
            Way::Ticket(ticket) => {
                let inviter = ticket.doors.first().map(|door| door.device);
                for Door { device, addresses } in ticket.doors {
                    self.peers.learn(device, addresses, self.now);
                }
                (ticket.code, Some(ticket.building), inviter)
            }
        };
        if building.is_some() && self.home.as_ref().is_some_and(|home| Some(home.id()) != building) {
            return Err(NodeError::AlreadyHome);
        }
        let (envelopes, state) = (Vec::new(), ApplicationState::Searching);
        let (reviewers, asked, answers) = (Vec::new(), Vec::new(), Vec::new());
        let placing = Placing::default();
        let guest = Guest { code, building, inviter, purpose, envelopes, state, reviewers, asked, answers, placing };
        guest.keep(&mut self.step.batch);
        self.guest = Some(guest);
        self.arrival.tags.insert(Tag::Application);
        self.ask_anew();
        Ok(Done::Applied)
    }

    /// Asks those who were met already again from the start, under what the application says now.
    pub(crate) fn ask_anew(&mut self) {
        let met: Vec<_> = self.links.keys().copied().collect();
        met.into_iter().for_each(|connection| self.close(connection, "applies anew"));
        self.peers.forgive(self.now);
        self.dial_due();
    }

    /// A guest meets a node that has proven to be a neighbour of a building.
    pub(crate) fn page_for_guest(&mut self, connection: ConnectionId, genesis: Signed<Genesis>, building: &Building) {
        let Some(guest) = &self.guest else { return };
        let wanted = guest.building.is_none_or(|wanted| wanted == building.id);
        let refused = matches!(guest.state, ApplicationState::Refused { .. });
        if wanted && refused && self.home.is_some() {
            // One reviewer said no; another may have said yes since, and then this neighbour answers.
            if let Some(link) = self.links.get_mut(&connection) {
                link.standing = Standing::Neighbour;
            }
            return self.reconcile(connection);
        }
        if !wanted || refused {
            return self.close(connection, "is not the building that this newcomer looks for");
        }
        // With a ticket the building is known before, and its reviewers may read the request. A typed code first has to
        // be known at the other end, or anybody on the LAN could found a building and collect names and phone numbers.
        let known = guest.building.is_some();
        if known
            && self.home.is_none()
            && let Ok(genesis) = genesis.clone().verify()
        {
            self.move_in(genesis);
        }
        if let Some(link) = self.links.get_mut(&connection) {
            link.standing = Standing::Neighbour;
            link.page_of = Some(genesis);
            link.shown = Some(building.clone());
        }
        self.hand_in(connection, building, known);
    }

    /// A guest hears that the neighbour knows the typed code: now it may have the requests.
    pub(crate) fn invited(&mut self, connection: ConnectionId, theirs: &[u8; 32]) {
        let Some(link) = self.links.get(&connection) else { return };
        let (device, shown) = (link.device, link.shown.clone());
        let (Some(guest), Some(building)) = (&mut self.guest, shown) else { return };
        let fits = proof_fits(theirs, &guest.code.key(), &building.id, &device, &self.key.id());
        if !fits {
            return;
        }
        match (&guest.purpose, guest.building) {
            (Purpose::Newcomer { .. }, None) => {
                guest.building = Some(building.id);
                self.hand_in(connection, &building, true);
            }
            // Nobody has to decide: the member links this device whenever they like.
            (Purpose::Further { .. }, wanted) if wanted.is_none_or(|wanted| wanted == building.id) => {
                guest.building = Some(building.id);
                self.application_taken(connection);
            }
            (Purpose::Recover { .. }, None) => {
                guest.building = Some(building.id);
                self.hand_in(connection, &building, true);
            }
            // What it is after is known already, or another building.
            (_, _) => {}
        }
    }

    fn hand_in(&mut self, connection: ConnectionId, building: &Building, with_requests: bool) {
        if with_requests && self.is_to_pick(building) {
            return;
        }
        let envelopes = if with_requests { self.requests_to_reviewers(building) } else { Vec::new() };
        let Some(device) = self.links.get(&connection).map(|link| link.device) else { return };
        if with_requests && self.claim(connection, building) {
            return;
        }
        let Some(guest) = &mut self.guest else { return };
        let proof = proof(&guest.code.key(), &building.id, &self.key.id(), &device);
        if with_requests {
            guest.envelopes.clone_from(&envelopes);
            guest.reviewers = building.reviewers.iter().take(ENVELOPES_PER_APPLICATION_MAX).copied().collect();
            guest.keep(&mut self.step.batch);
        }
        self.send(connection, &Message::Apply { proof, envelopes });
        if with_requests {
            self.hand_in_answers(connection);
        }
    }

    /// Asks a newcomer to pick where they live, where the building has a map; their request is sealed only then.
    fn is_to_pick(&mut self, building: &Building) -> bool {
        let Some(guest) = &mut self.guest else { return false };
        // Whose request is on its way already is not asked again, whatever map somebody shows.
        let asks = matches!(guest.state, ApplicationState::Searching | ApplicationState::PickPlace);
        let newcomer = matches!(guest.purpose, Purpose::Newcomer { .. });
        if !asks || !newcomer || !guest.placing.waits_for(&building.places) {
            return false;
        }
        guest.placing = Placing::Asked(building.places.clone());
        guest.state = ApplicationState::PickPlace;
        guest.keep(&mut self.step.batch);
        self.arrival.tags.insert(Tag::Application);
        true
    }

    /// Gives a neighbour the answers to what reviewers have asked.
    pub(crate) fn hand_in_answers(&mut self, connection: ConnectionId) {
        let Some(device) = self.links.get(&connection).map(|link| link.device) else { return };
        let Some(Guest { code, building: Some(building), answers, .. }) = &self.guest else { return };
        let proof = proof(&code.key(), building, &self.key.id(), &device);
        let parts = answers.chunks(ENVELOPES_PER_APPLICATION_MAX);
        let parts: Vec<_> = parts.map(|part| Message::Apply { proof, envelopes: part.to_vec() }).collect();
        parts.iter().for_each(|part| self.send(connection, part));
    }

    /// A guest hears that its request was taken. Who says so without having shown that it knows a typed code is not heard:
    /// else anybody on the LAN could have the request sealed to reviewers of their own.
    pub(crate) fn application_taken(&mut self, connection: ConnectionId) {
        let page = self.links.get(&connection).and_then(|link| link.page_of.clone());
        let (Some(guest), Some(genesis)) = (&mut self.guest, page.and_then(|page| page.verify().ok())) else { return };
        let building = kaifong_domain::BuildingId(genesis.hash());
        if guest.building != Some(building) {
            return;
        }
        if guest.state == ApplicationState::Searching {
            guest.state = ApplicationState::Sent;
            self.arrival.tags.insert(Tag::Application);
        }
        guest.keep(&mut self.step.batch);
        if self.home.is_none() {
            self.move_in(genesis);
        }
    }

    /// A guest hears that its code does not admit it here.
    pub(crate) fn application_refused(&mut self, connection: ConnectionId, code: &str, sentence: &str) {
        let heard = self.links.get(&connection).map(|link| (link.device, link.shown.as_ref().map(|shown| shown.id)));
        let (Some(guest), Some((device, shown))) = (&mut self.guest, heard) else { return };
        // Only a neighbour of the wanted building can say no for it. One that does not know the code may merely not have
        // heard of the invitation yet, unless it is the one that made it; a full one leaves room elsewhere.
        let of_building = guest.building.is_some() && guest.building == shown;
        let recovers = guest.sheet_key().is_some();
        let final_word = match code {
            code if code == Refusal::SheetSpent.code() => recovers,
            code if code == Refusal::InviteExpired.code() || code == Refusal::InviteWithdrawn.code() => true,
            code if code == Refusal::InviteUnknown.code() => guest.inviter == Some(device),
            _ => false,
        };
        if of_building && final_word && guest.state == ApplicationState::Searching {
            let state = ApplicationState::Refused { code: code.to_owned(), reason: sentence.to_owned() };
            guest.state = state;
            guest.keep(&mut self.step.batch);
            self.arrival.tags.insert(Tag::Application);
        }
        self.close(connection, "said no to the application");
    }

    /// A neighbour hears a guest's application.
    pub(crate) fn application(&mut self, connection: ConnectionId, shown: [u8; 32], envelopes: Vec<Signed<Envelope>>) {
        let Some(link) = self.links.get_mut(&connection) else { return };
        link.applications += 1;
        let (device, neighbour) = (link.device, link.standing == Standing::Neighbour);
        if link.applications > APPLICATIONS_PER_LINK_MAX || envelopes.len() > ENVELOPES_PER_APPLICATION_MAX {
            return self.close(connection, "applies too often");
        }
        let settled = self.home.as_ref().is_some_and(|home| home.roster().settled(&device).is_some());
        let answer = match self.check_proof(&device, &shown) {
            Ok((building, key)) if envelopes.is_empty() => {
                Ok(Message::Invited { proof: proof(&key, &building, &self.key.id(), &device) })
            }
            // It was certified in the meantime, and hears so by catching up, whatever its code is worth by now. One that was
            // only linked may want to be a neighbour of its own, and asks like everybody.
            Ok(_) | Err(_) if settled => Ok(Message::Applied),
            Ok((_, key)) if !self.letters.admits(key, &device) => Err(Refusal::InboxFull),
            Ok(_) => self.take_application(&device, envelopes).map(|()| Message::Applied),
            // Who came while it was open may still answer what reviewers ask.
            Err(Refusal::InviteExpired | Refusal::InviteWithdrawn) if self.letters.carries_from(&device) => {
                self.take_application(&device, envelopes).map(|()| Message::Applied)
            }
            Err(refusal) => Err(refusal),
        };
        let message = match answer {
            Ok(message) => {
                if let Some(link) = self.links.get_mut(&connection) {
                    link.conduct.admit(self.now);
                }
                message
            }
            Err(refusal) => Message::Refused { code: refusal.code().to_owned(), sentence: refusal.to_string() },
        };
        self.send(connection, &message);
        if neighbour {
            self.reconcile_anew(connection);
        }
    }

    /// Reads a letter that is addressed to this device; `false` when it has to be read again later, because it is a
    /// request for which there is no room or which this device may not review yet.
    pub(crate) fn read_letter(&mut self, envelope: &Verified<Envelope>) -> bool {
        let sender = envelope.signer();
        match self.seal.open(envelope) {
            Ok(Letter::Join(request)) => return self.read_request(envelope, request, None),
            Ok(Letter::JoinAt { request, residence }) => return self.read_request(envelope, request, Some(residence)),
            Ok(Letter::Refused { reason }) => self.read_refusal(&sender, reason),
            Ok(Letter::Kin { with, round, wishes }) => {
                let read = self.read_kin(envelope, with, round, wishes);
                return self.done_with(envelope, read);
            }
            Ok(Letter::Care(letter)) => {
                let read = self.read_care(envelope, letter);
                return self.done_with(envelope, read);
            }
            Ok(Letter::Invite { to }) => {
                let read = self.read_invitation(&sender, to);
                return self.done_with(envelope, read);
            }
            Ok(Letter::Family(letter)) => {
                let read = self.read_family(envelope, letter);
                return self.done_with(envelope, read);
            }
            Ok(Letter::Phone(letter)) => {
                let read = self.read_phone_letter(envelope, letter);
                return self.done_with(envelope, read);
            }
            Ok(Letter::Question { id, text }) => self.read_question(&sender, id, text),
            Ok(Letter::Answer { id, text }) => return self.read_answer(&sender, id, text),
            Ok(Letter::Asked { newcomer, id, text }) => return self.read_asked(&sender, &newcomer, id, text),
            Ok(letter @ (Letter::Opened | Letter::Complaint { .. } | Letter::ComplaintAnswer { .. })) => {
                return self.read_confided(envelope, letter);
            }
            Err(why) => tracing::warn!(%why, "a letter could not be read"),
        }
        true
    }

    /// Drops a letter that was read: nobody needs to carry it any longer, this device least of all.
    fn done_with(&mut self, envelope: &Verified<Envelope>, read: bool) -> bool {
        if read {
            self.letters.drop_envelope(envelope.hash(), &mut self.step.batch);
        }
        read
    }

    /// Seals a letter and sends it on its way: at once to who is there, and with whoever carries it.
    pub(crate) fn send_letter(&mut self, to: DeviceId, to_seal: &SealKey, letter: &Letter) -> Result<(), NodeError> {
        let building = self.require_home()?.id();
        let sealed = seal(&self.key, to, to_seal, building, self.now, letter, &mut self.rng);
        let envelope = sealed.map_err(|why| NodeError::NotSaved(why.to_string()))?;
        if !self.letters.carry_own(&envelope, self.now, &mut self.step.batch) {
            return Err(Refusal::InboxFull.into());
        }
        let parcel = Parcel::Envelope(envelope.signed().clone());
        let there = self.links.iter().filter(|(_, link)| link.device == to).map(|(id, _)| *id);
        for connection in there.collect::<Vec<_>>() {
            self.send(connection, &Message::News(vec![parcel.clone()]));
        }
        self.fresh.push(Fresh { parcel, from: None });
        Ok(())
    }

    /// Forgets letters and requests of newcomers who have become neighbours, and one's own application.
    pub(crate) fn tidy_applications(&mut self, newly: &BTreeSet<DeviceId>) {
        self.remember_units(newly);
        for device in newly {
            self.forget_request(device);
        }
    }

    /// Gives the profile of one's own application, once, when it was approved.
    pub(crate) fn profile_to_publish(&mut self) -> Option<Profile> {
        let own = self.key.id();
        let roster = self.home.as_ref().map(|home| home.roster());
        // Whoever comes back has a profile.
        let given = roster.and_then(|roster| roster.given(&own)).map(|device| device.member);
        let guest = self.guest.as_mut()?;
        let first = guest.state != ApplicationState::Approved;
        guest.state = ApplicationState::Approved;
        guest.envelopes.clear();
        // The sheet has done its work; its digits stay on paper.
        if let Some(member) = given.filter(|_| guest.sheet_key().is_some()) {
            guest.purpose = Purpose::Back { member, closes: true };
        }
        guest.keep(&mut self.step.batch);
        match &guest.purpose {
            Purpose::Newcomer { profile, .. } if first && given.is_none() => Some(profile.clone()),
            _ => None,
        }
    }

    pub(crate) fn forget_request(&mut self, device: &DeviceId) {
        let decided = self.letters.decided(device, &mut self.step.batch).is_some();
        self.letters.drop_from(device, &mut self.step.batch);
        if decided {
            self.arrival.tags.insert(Tag::Requests);
            // One for which there was no room may come up now.
            self.read_letters_again();
        }
    }

    pub(crate) fn reviews(&self) -> bool {
        let (Some(home), Some(me)) = (&self.home, self.me()) else { return false };
        home.roster().held(&home.roster().newest_epoch(), &me, Role::Reviewer)
    }

    pub(crate) fn require_reviewer(&self) -> Result<(), NodeError> {
        self.require_me()?;
        if self.reviews() { Ok(()) } else { Err(Refusal::RoleMissing { role: "reviewer" }.into()) }
    }

    pub(crate) fn take_application(
        &mut self,
        guest: &DeviceId,
        envelopes: Vec<Signed<Envelope>>,
    ) -> Result<(), Refusal> {
        let Some(home) = &self.home else { return Err(Refusal::InviteUnknown) };
        let building = home.id();
        let reviewers: BTreeSet<DeviceId> = home.roster().reviewers().map(|(device, _)| device).collect();
        let mut taken = false;
        for envelope in envelopes {
            let known = self.letters.has_seen(&envelope.hash());
            let Ok(envelope) = envelope.verify() else { continue };
            let (value, own) = (envelope.value(), envelope.value().to == self.key.id());
            if value.building != building || envelope.signer() != *guest || !reviewers.contains(&value.to) {
                continue;
            }
            taken |= known;
            if !known && self.letters.carry(&envelope, self.now, &mut self.step.batch) {
                taken = true;
                if own {
                    self.read_letter(&envelope);
                }
                self.fresh.push(Fresh { parcel: Parcel::Envelope(envelope.signed().clone()), from: None });
            }
        }
        if taken { Ok(()) } else { Err(Refusal::InboxFull) }
    }

    /// Seals one request to each reviewer's device; the same bytes as before where they were sealed before.
    fn requests_to_reviewers(&mut self, building: &Building) -> Vec<Signed<Envelope>> {
        let Some(guest) = &self.guest else { return Vec::new() };
        let Purpose::Newcomer { request, .. } = &guest.purpose else { return Vec::new() };
        let request = JoinRequest::clone(request);
        let letter = match guest.placing.residence().cloned() {
            Some(residence) => Letter::JoinAt { request, residence },
            None => Letter::Join(request),
        };
        let before: Vec<Verified<Envelope>> =
            guest.envelopes.iter().filter_map(|envelope| envelope.clone().verify().ok()).collect();
        // A page may be an old one, and be shown by somebody who reviewed then. Whoever was a neighbour before seals to those
        // alone whom they know to review; a newcomer knows nobody, and has the page.
        let roster = self.home.as_ref().filter(|home| home.id() == building.id).map(|home| home.roster());
        let own = self.key.id();
        let known = roster.filter(|roster| roster.was(&own).is_some());
        let reviews = |device: &DeviceId| {
            known.is_none_or(|roster| {
                let member = roster.device(device).map(|device| device.member);
                member.is_some_and(|member| roster.held(&roster.newest_epoch(), &member, Role::Reviewer))
            })
        };
        let reviewers: Vec<_> = building.reviewers.iter().filter(|(device, _)| reviews(device)).copied().collect();
        let mut envelopes = Vec::new();
        for (device, to_seal) in reviewers.iter().take(ENVELOPES_PER_APPLICATION_MAX) {
            let fits = |old: &&Verified<Envelope>| old.value().to == *device && old.value().building == building.id;
            let envelope = match before.iter().find(fits) {
                Some(old) => Ok(old.clone()),
                None => seal(&self.key, *device, to_seal, building.id, self.now, &letter, &mut self.rng),
            };
            envelopes.extend(envelope.ok().map(|envelope| envelope.signed().clone()));
        }
        envelopes
    }

    fn read_refusal(&mut self, sender: &DeviceId, reason: String) {
        let vouched = self.links.values().any(|link| link.device == *sender)
            || self.home.as_ref().is_some_and(|home| home.roster().device(sender).is_some())
            || self.guest.as_ref().is_some_and(|guest| guest.was_sealed_to(sender));
        if let Some(guest) = self.guest.as_mut().filter(|guest| vouched && guest.state != ApplicationState::Approved) {
            guest.state = ApplicationState::Refused { code: "reviewer".into(), reason };
            guest.keep(&mut self.step.batch);
            self.arrival.tags.insert(Tag::Application);
        }
    }
}

impl Guest {
    /// Tells whether its answer is still to come.
    fn waits(&self) -> bool {
        self.state != ApplicationState::Approved
    }

    /// Tells whether this device was asked to review the application.
    pub(crate) fn was_sealed_to(&self, reviewer: &DeviceId) -> bool {
        let envelopes = self.envelopes.iter().filter_map(|envelope| envelope.clone().verify().ok());
        envelopes.into_iter().any(|envelope| envelope.value().to == *reviewer)
    }
}

#[cfg(test)]
mod tests;
