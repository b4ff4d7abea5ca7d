//! Envelopes on their way, and what this device has read of those addressed to it.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{DeviceId, Instant, QuestionId};
use kaifong_store::{Batch, Space, Store, StoreError};
use kaifong_trust::envelope::{ENVELOPE_AGE_MS_MAX, JoinRequest, Residence};
use kaifong_trust::{Envelope, Signed, Verified};
use serde::{Deserialize, Serialize};

/// How many envelopes a device carries for others and itself.
pub(crate) const CARRIED_MAX: usize = 1024;
/// How many of one sender.
pub(crate) const CARRIED_PER_SENDER_MAX: usize = 64;
/// How many requests wait for a reviewer.
pub(crate) const REQUESTS_MAX: usize = 256;
/// How many of them by one invitation: a poster that was photographed and spread leaves room for who comes by another.
pub(crate) const REQUESTS_PER_INVITE_MAX: usize = 64;
/// Of how many invitations it is remembered how many came.
const INVITES_MAX: usize = 512;
/// How many envelopes are remembered as seen and gone.
const SEEN_MAX: usize = 4096;

/// A request that waits for this reviewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRequest {
    /// The newcomer's device.
    pub device: DeviceId,
    /// What they say of themselves.
    pub request: JoinRequest,
    /// When it was sealed, as the newcomer's device claims.
    pub at: Instant,
    /// What reviewers have asked the newcomer, the first first.
    pub asked: Vec<Asked>,
    /// Where they live by the building's map, if it has one.
    #[serde(default, skip_serializing_if = "kaifong_trust::tail::is_silent", with = "kaifong_trust::tail")]
    pub residence: Option<Residence>,
}

/// One question to an applicant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Which.
    pub id: QuestionId,
    /// The reviewer's device.
    pub by: DeviceId,
    /// What was asked.
    pub text: String,
    /// When it came here.
    pub at: Instant,
    /// The answer, and when it came here.
    pub answer: Option<(String, Instant)>,
}

/// All envelopes on this device.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    carried: BTreeMap<[u8; 32], (Signed<Envelope>, DeviceId, Instant)>,
    /// Gone ones, oldest first by the number they were given.
    seen: BTreeMap<[u8; 32], u64>,
    next_seen: u64,
    requests: BTreeMap<DeviceId, WaitingRequest>,
    /// How many came before this reviewer by each invitation, and the reason for which all who come by it are refused.
    came: BTreeMap<[u8; 32], CameBy>,
    /// Whose letters are carried, by the invitation that they have shown.
    guests: BTreeMap<[u8; 32], BTreeSet<DeviceId>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct CameBy {
    came: u64,
    turned_away: Option<String>,
}

impl Letters {
    /// Reads the letters back. Their age counts from when they came here: the sender's clock proves nothing. If that is
    /// ahead of this device's clock, the clock was set back, and they count from now on.
    pub(crate) fn load(store: &dyn Store, now: Instant) -> Result<Self, StoreError> {
        let mut letters = Self::default();
        store.visit(Space::Envelopes, &[], &mut |_, bytes| {
            let Some((at, bytes)) = bytes.split_first_chunk() else { return };
            let envelope = Signed::<Envelope>::from_bytes(bytes).and_then(Signed::recall_from_own_store);
            if let Ok(envelope) = envelope {
                letters.put(&envelope, Instant(u64::from_be_bytes(*at)).min(now));
            }
        })?;
        store.visit(Space::Private, b"request/", &mut |_, bytes| {
            if let Ok(request) = postcard::from_bytes::<WaitingRequest>(bytes) {
                letters.requests.insert(request.device, request);
            }
        })?;
        store.visit(Space::Private, b"came/", &mut |key, bytes| {
            let invite = key.get(5..).and_then(|invite| <[u8; 32]>::try_from(invite).ok());
            if let (Some(invite), Ok(came)) = (invite, postcard::from_bytes::<CameBy>(bytes)) {
                letters.came.insert(invite, came);
            }
        })?;
        store.visit(Space::Private, b"seen/", &mut |key, _| {
            if let Some(hash) = key.get(5..).and_then(|hash| <[u8; 32]>::try_from(hash).ok()) {
                letters.seen.insert(hash, letters.next_seen);
                letters.next_seen += 1;
            }
        })?;
        Ok(letters)
    }

    pub(crate) fn carried(&self) -> impl Iterator<Item = [u8; 32]> {
        self.carried.keys().copied()
    }

    pub(crate) fn envelope(&self, hash: &[u8; 32]) -> Option<&Signed<Envelope>> {
        self.carried.get(hash).map(|(signed, ..)| signed)
    }

    /// Tells whether anything from this sender is carried here.
    pub(crate) fn carries_from(&self, sender: &DeviceId) -> bool {
        self.carried.values().any(|(signed, ..)| signed.claimed_signer() == *sender)
    }

    /// Tells whether there is room for one more who comes by this invitation: as many at a time as a reviewer's inbox takes.
    pub(crate) fn admits(&mut self, invite: [u8; 32], guest: &DeviceId) -> bool {
        let mut guests = self.guests.remove(&invite).unwrap_or_default();
        if guests.len() >= REQUESTS_PER_INVITE_MAX && !guests.contains(guest) {
            guests.retain(|guest| self.carries_from(guest) || self.requests.contains_key(guest));
        }
        let room = guests.len() < REQUESTS_PER_INVITE_MAX || guests.contains(guest);
        if room {
            guests.insert(*guest);
        }
        self.guests.insert(invite, guests);
        room
    }

    /// Gives what is addressed to one device.
    pub(crate) fn to(&self, device: &DeviceId) -> Vec<Signed<Envelope>> {
        self.carried.values().filter(|(_, to, _)| to == device).map(|(signed, ..)| signed.clone()).collect()
    }

    pub(crate) fn has_seen(&self, hash: &[u8; 32]) -> bool {
        self.carried.contains_key(hash) || self.seen.contains_key(hash)
    }

    /// Tells whether the envelope was here and has been let go.
    pub(crate) fn is_done_with(&self, hash: &[u8; 32]) -> bool {
        self.seen.contains_key(hash) && !self.carried.contains_key(hash)
    }

    pub(crate) fn requests(&self) -> impl Iterator<Item = &WaitingRequest> {
        self.requests.values()
    }

    pub(crate) fn request(&self, device: &DeviceId) -> Option<&WaitingRequest> {
        self.requests.get(device)
    }

    /// Tells whether so many more envelopes can be carried.
    pub(crate) fn has_room_for(&self, envelopes: usize) -> bool {
        self.carried.len().saturating_add(envelopes) <= CARRIED_MAX
    }

    /// Takes an envelope to carry; `false` when it is known, gone, or there is no room for it.
    pub(crate) fn carry(&mut self, envelope: &Verified<Envelope>, now: Instant, batch: &mut Batch) -> bool {
        let of_sender = self.carried.values().filter(|(signed, ..)| signed.claimed_signer() == envelope.signer());
        of_sender.count() < CARRIED_PER_SENDER_MAX && self.carry_own(envelope, now, batch)
    }

    /// Takes an own envelope to carry; `false` when it is known, gone, or there is no room for it.
    pub(crate) fn carry_own(&mut self, envelope: &Verified<Envelope>, now: Instant, batch: &mut Batch) -> bool {
        let hash = envelope.hash();
        if self.has_seen(&hash) || self.carried.len() >= CARRIED_MAX {
            return false;
        }
        self.put(envelope, now);
        batch.put(Space::Envelopes, hash, [now.0.to_be_bytes().as_slice(), &envelope.signed().to_bytes()].concat());
        true
    }

    /// Lets an envelope go: it arrived, or it is too old. It is not taken up again.
    pub(crate) fn drop_envelope(&mut self, hash: [u8; 32], batch: &mut Batch) {
        if self.carried.remove(&hash).is_some() {
            batch.delete(Space::Envelopes, hash);
        }
        if self.seen.len() >= SEEN_MAX
            && let Some(oldest) = self.seen.iter().min_by_key(|(_, number)| **number).map(|(hash, _)| *hash)
        {
            self.seen.remove(&oldest);
            batch.delete(Space::Private, [b"seen/".as_slice(), &oldest].concat());
        }
        if self.seen.insert(hash, self.next_seen).is_none() {
            self.next_seen += 1;
            batch.put(Space::Private, [b"seen/".as_slice(), &hash].concat(), []);
        }
    }

    /// Lets go of everything from one sender (whose request was decided).
    pub(crate) fn drop_from(&mut self, sender: &DeviceId, batch: &mut Batch) {
        let from = self.carried.iter().filter(|(_, (signed, ..))| signed.claimed_signer() == *sender);
        for hash in from.map(|(hash, _)| *hash).collect::<Vec<_>>() {
            self.drop_envelope(hash, batch);
        }
    }

    /// Lets go of what has been here for 30 days by this device's clock.
    pub(crate) fn drop_old(&mut self, now: Instant, batch: &mut Batch) {
        let old = |at: &Instant| now.0.saturating_sub(at.0) > ENVELOPE_AGE_MS_MAX;
        let gone: Vec<_> = self.carried.iter().filter(|(_, (_, _, at))| old(at)).map(|(hash, _)| *hash).collect();
        gone.into_iter().for_each(|hash| self.drop_envelope(hash, batch));
    }

    /// Puts a request before the reviewer; `false` when the inbox is full, or has as many by the same invitation as it takes.
    pub(crate) fn ask(&mut self, mut request: WaitingRequest, batch: &mut Batch) -> bool {
        let invite = request.request.invite;
        if let Some(before) = self.requests.get(&request.device) {
            request.asked.clone_from(&before.asked);
        } else {
            let by_invite = self.requests.values().filter(|waiting| waiting.request.invite == invite).count();
            if self.requests.len() >= REQUESTS_MAX || by_invite >= REQUESTS_PER_INVITE_MAX {
                return false;
            }
            self.count(invite, batch);
        }
        self.keep_request(request, batch);
        true
    }

    /// Writes a request that has changed, or a new one.
    pub(crate) fn keep_request(&mut self, request: WaitingRequest, batch: &mut Batch) {
        batch.put(Space::Private, request_key(&request.device), kaifong_trust::encode(&request));
        self.requests.insert(request.device, request);
    }

    /// Tells how many came before this reviewer by each invitation.
    pub(crate) fn came(&self) -> impl Iterator<Item = (&[u8; 32], u64)> {
        self.came.iter().map(|(invite, by)| (invite, by.came))
    }

    /// Gives the reason for which all who come by this invitation are refused, if they are.
    pub(crate) fn turned_away(&self, invite: &[u8; 32]) -> Option<&str> {
        self.came.get(invite)?.turned_away.as_deref()
    }

    /// Has all who come by this invitation refused from now on.
    pub(crate) fn turn_away(&mut self, invite: [u8; 32], reason: String, batch: &mut Batch) {
        let by = self.came.entry(invite).or_default();
        by.turned_away = Some(reason);
        batch.put(Space::Private, came_key(&invite), kaifong_trust::encode(by));
    }

    fn count(&mut self, invite: [u8; 32], batch: &mut Batch) {
        if self.came.len() >= INVITES_MAX && !self.came.contains_key(&invite) {
            return;
        }
        let by = self.came.entry(invite).or_default();
        by.came += 1;
        batch.put(Space::Private, came_key(&invite), kaifong_trust::encode(by));
    }

    /// Takes a request away after it was decided.
    pub(crate) fn decided(&mut self, device: &DeviceId, batch: &mut Batch) -> Option<WaitingRequest> {
        let request = self.requests.remove(device)?;
        batch.delete(Space::Private, request_key(device));
        Some(request)
    }

    fn put(&mut self, envelope: &Verified<Envelope>, now: Instant) {
        let value = (envelope.signed().clone(), envelope.value().to, now);
        self.carried.insert(envelope.hash(), value);
    }
}

fn request_key(device: &DeviceId) -> Vec<u8> {
    [b"request/".as_slice(), &device.0].concat()
}

fn came_key(invite: &[u8; 32]) -> Vec<u8> {
    [b"came/".as_slice(), invite].concat()
}
