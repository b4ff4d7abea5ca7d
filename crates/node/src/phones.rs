//! Phone numbers by mutual consent: who of the two parties of a deal would exchange them, and the numbers themselves.
//!
//! Nothing of it is in a document or a journal. A word travels in an envelope to each device of the other party, and a
//! number only after both have said that they would. What arrives late or twice changes nothing: a sender's rounds are
//! counted, and a later one replaces an earlier one.

use std::collections::BTreeMap;

use kaifong_domain::rows::{DealRow, Stage};
use kaifong_domain::{DealId, DeviceId, MemberId, Refusal, text};
use kaifong_store::{Batch, Space, Store, StoreError};
use kaifong_sync::Parcel;
use kaifong_trust::Envelope;
use kaifong_trust::Verified;
use kaifong_trust::envelope::{Letter, PhoneLetter, PhoneSays, seal};
use serde::{Deserialize, Serialize};

use crate::event::{Done, NodeError, Tag};
use crate::node::{Fresh, Node};

/// In how many deals numbers are exchanged at most.
pub(crate) const TALKS_MAX: usize = 256;
/// To how many devices of one member a word is sent at most.
const DEVICES_MAX: usize = 8;
const PREFIX: &[u8] = b"phone/";

/// How it stands with the exchange of numbers in one deal, as one of the two sees it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PhoneStand {
    /// The number that one offers oneself; `None` when one does not, or no longer.
    pub mine: Option<String>,
    /// Whether the other would exchange numbers.
    pub offered: bool,
    /// The other's number, once both would and it has arrived.
    pub theirs: Option<String>,
    /// Whether one has taken one's offer back.
    pub withdrawn: bool,
    /// Whether the other has.
    pub they_withdrew: bool,
}

/// What one of the two has said last.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Word {
    round: u64,
    stand: Stand,
}

#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
enum Stand {
    /// Nothing yet.
    #[default]
    Silent,
    /// Would exchange; the number as far as it is known here.
    Offers(Option<String>),
    Withdrawn,
}

/// All that is known here of one deal's exchange.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Talk {
    mine: Word,
    theirs: Word,
    /// For which of one's own and of the other's rounds this device has sent the number.
    sent_for: Option<(u64, u64)>,
    /// The envelopes that carry the number, to be let go when the offer is taken back.
    letters: Vec<[u8; 32]>,
}

impl Talk {
    fn stand(&self) -> PhoneStand {
        let mine = match &self.mine.stand {
            Stand::Offers(number) => number.clone(),
            _ => None,
        };
        let (offered, theirs) = match &self.theirs.stand {
            Stand::Offers(number) => (true, number.clone()),
            _ => (false, None),
        };
        PhoneStand {
            theirs: theirs.filter(|_| mine.is_some()),
            mine,
            offered,
            withdrawn: self.mine.stand == Stand::Withdrawn,
            they_withdrew: self.theirs.stand == Stand::Withdrawn,
        }
    }

    /// Gives the number that the other is owed now, with the rounds that it is owed for.
    fn owed(&self) -> Option<(String, (u64, u64))> {
        let rounds = (self.mine.round, self.theirs.round);
        match (&self.mine.stand, &self.theirs.stand) {
            (Stand::Offers(Some(number)), Stand::Offers(_)) if self.sent_for != Some(rounds) => {
                Some((number.clone(), rounds))
            }
            _ => None,
        }
    }

    /// Hears the other party.
    fn hear(&mut self, letter: PhoneLetter) -> bool {
        let before = self.theirs.clone();
        let later = letter.round > self.theirs.round;
        let now = letter.round == self.theirs.round;
        let stand = match (letter.says, &self.theirs.stand) {
            (PhoneSays::Offers, _) if later => Stand::Offers(None),
            // Who has taken the own offer back keeps no number that was on its way.
            (PhoneSays::Number(_), _) if self.mine.stand == Stand::Withdrawn && (later || now) => Stand::Offers(None),
            (PhoneSays::Number(number), _) if later => Stand::Offers(Some(number)),
            (PhoneSays::Number(number), Stand::Offers(None)) if now => Stand::Offers(Some(number)),
            (PhoneSays::Withdraws, _) if later => Stand::Withdrawn,
            _ => return false,
        };
        self.theirs = Word { round: letter.round, stand };
        self.theirs != before
    }

    /// Hears another device of one's own.
    fn hear_own(&mut self, letter: PhoneLetter) -> bool {
        if letter.round <= self.mine.round {
            return false;
        }
        match letter.says {
            PhoneSays::Own(number) => self.mine = Word { round: letter.round, stand: Stand::Offers(Some(number)) },
            PhoneSays::Withdraws => self.withdraw(letter.round),
            PhoneSays::Offers | PhoneSays::Number(_) => return false,
        }
        true
    }

    /// Takes the own offer back: neither number stays here.
    fn withdraw(&mut self, round: u64) {
        self.mine = Word { round, stand: Stand::Withdrawn };
        if let Stand::Offers(number) = &mut self.theirs.stand {
            *number = None;
        }
    }
}

/// All exchanges on this device.
#[derive(Debug, Default)]
pub(crate) struct Phones {
    talks: BTreeMap<DealId, Talk>,
}

impl Phones {
    pub(crate) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut phones = Self::default();
        store.visit(Space::Private, PREFIX, &mut |key, bytes| {
            let deal = key.strip_prefix(PREFIX).and_then(|id| DealId::try_from(id).ok());
            if let (Some(deal), Ok(talk)) = (deal, postcard::from_bytes::<Talk>(bytes)) {
                phones.talks.insert(deal, talk);
            }
        })?;
        Ok(phones)
    }

    fn keep(&self, deal: &DealId, batch: &mut Batch) {
        let key = [PREFIX, deal.as_bytes().as_slice()].concat();
        match self.talks.get(deal) {
            Some(talk) => batch.put(Space::Private, key, kaifong_trust::encode(talk)),
            None => batch.delete(Space::Private, key),
        }
    }
}

impl Node {
    /// Tells how it stands with the exchange of numbers in a deal.
    pub fn phone_stand(&self, deal: &DealId) -> PhoneStand {
        self.phones.talks.get(deal).map(Talk::stand).unwrap_or_default()
    }

    /// Offers to exchange numbers. The number leaves this member's devices once the other has offered too.
    pub(crate) fn offer_phone(&mut self, deal: DealId, number: &str) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        text::phone("phone", number)?;
        let number = number.trim().to_owned();
        let row = self.party(&me, &deal)?;
        if !matches!(row.stage, Stage::Agreed | Stage::OnLoan) {
            return Err(Refusal::WrongStage { stage: row.stage.name() }.into());
        }
        if self.phone_stand(&deal).mine.as_ref() == Some(&number) {
            return Ok(Done::Saved);
        }
        if !self.phones.talks.contains_key(&deal) && self.phones.talks.len() >= TALKS_MAX {
            return Err(Refusal::InboxFull.into());
        }
        self.has_room(&me, &row)?;
        let talk = self.phones.talks.entry(deal).or_default();
        let round = talk.mine.round.saturating_add(1);
        talk.mine = Word { round, stand: Stand::Offers(Some(number.clone())) };
        self.tell_phone(&me, &row, PhoneLetter { deal, round, says: PhoneSays::Offers });
        self.tell_own(&me, PhoneLetter { deal, round, says: PhoneSays::Own(number) });
        self.exchange(deal);
        self.phones.keep(&deal, &mut self.step.batch);
        self.arrival.tags.insert(Tag::Deals);
        Ok(Done::Saved)
    }

    /// Takes the offer back: nothing more is sent, and neither number stays on this member's devices.
    pub(crate) fn withdraw_phone(&mut self, deal: DealId) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let row = self.party(&me, &deal)?;
        let Some(mine) = self.phones.talks.get(&deal).map(|talk| talk.mine.clone()) else { return Ok(Done::Saved) };
        if !matches!(mine.stand, Stand::Offers(_)) {
            return Ok(Done::Saved);
        }
        let round = mine.round.saturating_add(1);
        self.forget_number_letters(&deal);
        if let Some(talk) = self.phones.talks.get_mut(&deal) {
            talk.withdraw(round);
        }
        let letter = PhoneLetter { deal, round, says: PhoneSays::Withdraws };
        self.tell_phone(&me, &row, letter.clone());
        self.tell_own(&me, letter);
        self.phones.keep(&deal, &mut self.step.batch);
        self.arrival.tags.insert(Tag::Deals);
        Ok(Done::Saved)
    }

    /// Reads a letter about numbers; `false` when it has to be read again later, because its deal is not known here yet.
    pub(crate) fn read_phone_letter(&mut self, envelope: &Verified<Envelope>, letter: PhoneLetter) -> bool {
        let (Some(me), Some(home)) = (self.me(), &self.home) else { return false };
        let sender = home.roster().settled(&envelope.signer()).map(|device| device.member);
        let (Some(sender), Some(row)) = (sender, home.board().deal(&letter.deal)) else { return false };
        let parties = row.is_party(&me) && row.is_party(&sender);
        match row.stage {
            _ if !parties => return true,
            Stage::Agreed | Stage::OnLoan | Stage::Done => {}
            // The agreement may be on its way.
            Stage::Answered => return false,
            Stage::CalledOff | Stage::Lost => return true,
        }
        let deal = letter.deal;
        if !self.phones.talks.contains_key(&deal) && self.phones.talks.len() >= TALKS_MAX {
            tracing::warn!("no room for another exchange of phone numbers");
            return true;
        }
        let talk = self.phones.talks.entry(deal).or_default();
        let withdrawn = matches!(letter.says, PhoneSays::Withdraws);
        let news = if sender == me { talk.hear_own(letter) } else { talk.hear(letter) };
        if news {
            if withdrawn {
                self.forget_number_letters(&deal);
            }
            self.exchange(deal);
            self.phones.keep(&deal, &mut self.step.batch);
            self.arrival.tags.insert(Tag::Deals);
        }
        true
    }

    /// Forgets the exchanges of deals that came to nothing, sends what there was no room for before, and reads again what
    /// waited for its deal.
    pub(crate) fn tend_phones(&mut self) {
        let Some(home) = &self.home else { return };
        let stage = |deal: &DealId| home.board().deal(deal).map(|row| row.stage);
        let dead = |deal: &&DealId| matches!(stage(deal), Some(Stage::CalledOff | Stage::Lost));
        let dead: Vec<DealId> = self.phones.talks.keys().filter(dead).copied().collect();
        for deal in dead {
            self.forget_number_letters(&deal);
            self.phones.talks.remove(&deal);
            self.phones.keep(&deal, &mut self.step.batch);
        }
        let owed: Vec<DealId> =
            self.phones.talks.iter().filter(|(_, talk)| talk.owed().is_some()).map(|(deal, _)| *deal).collect();
        for deal in owed {
            self.exchange(deal);
            self.phones.keep(&deal, &mut self.step.batch);
        }
        self.tend_passes();
        self.read_letters_again();
    }

    /// Sends the own number if both would exchange theirs and it was not sent for that yet.
    fn exchange(&mut self, deal: DealId) {
        let Some(me) = self.me() else { return };
        let owed = self.phones.talks.get(&deal).and_then(Talk::owed);
        let (Some((number, rounds)), Ok(row)) = (owed, self.party(&me, &deal)) else { return };
        if self.has_room(&me, &row).is_err() {
            return;
        }
        let letter = PhoneLetter { deal, round: rounds.0, says: PhoneSays::Number(number) };
        let letters = self.tell_phone(&me, &row, letter);
        if let Some(talk) = self.phones.talks.get_mut(&deal) {
            talk.sent_for = Some(rounds);
            talk.letters = letters;
        }
    }

    fn forget_number_letters(&mut self, deal: &DealId) {
        let letters = self.phones.talks.get_mut(deal).map(|talk| std::mem::take(&mut talk.letters));
        for hash in letters.unwrap_or_default() {
            self.letters.drop_envelope(hash, &mut self.step.batch);
        }
    }

    fn party(&self, me: &MemberId, deal: &DealId) -> Result<DealRow, NodeError> {
        let home = self.home.as_ref().ok_or(NodeError::NoBuilding)?;
        let row = home.board().deal(deal).ok_or(Refusal::DealUnknown)?;
        if row.is_party(me) { Ok(row.clone()) } else { Err(Refusal::NotAParty.into()) }
    }

    /// Refuses what could not be put on its way now.
    fn has_room(&self, me: &MemberId, row: &DealRow) -> Result<(), NodeError> {
        let other = row.other(me).ok_or(Refusal::NotAParty)?;
        // An offer may have the number follow it at once.
        let needed = 2 * self.devices_of(&other).len() + self.devices_of(me).len();
        if self.letters.has_room_for(needed) { Ok(()) } else { Err(Refusal::InboxFull.into()) }
    }

    /// The devices of a member that letters go to, this one aside.
    fn devices_of(&self, member: &MemberId) -> Vec<(DeviceId, kaifong_trust::entry::SealKey)> {
        let (own, Some(home)) = (self.key.id(), &self.home) else { return Vec::new() };
        let Some(row) = home.roster().member(member) else { return Vec::new() };
        let devices = row.devices.iter().filter(|device| **device != own).take(DEVICES_MAX);
        devices.filter_map(|device| Some((*device, home.roster().settled(device)?.seal))).collect()
    }

    /// Seals a word to each device of the other party; gives the envelopes' hashes.
    fn tell_phone(&mut self, me: &MemberId, row: &DealRow, letter: PhoneLetter) -> Vec<[u8; 32]> {
        let Some(other) = row.other(me) else { return Vec::new() };
        self.post_to(&other, letter)
    }

    fn tell_own(&mut self, me: &MemberId, letter: PhoneLetter) {
        self.post_to(me, letter);
    }

    fn post_to(&mut self, member: &MemberId, letter: PhoneLetter) -> Vec<[u8; 32]> {
        self.post_letter(member, &Letter::Phone(letter))
    }

    /// Tells to how many devices of a member a letter goes.
    pub(crate) fn letters_to(&self, member: &MemberId) -> usize {
        self.devices_of(member).len()
    }

    /// Seals a letter to each device of a member but this one; gives the envelopes' hashes.
    pub(crate) fn post_letter(&mut self, member: &MemberId, letter: &Letter) -> Vec<[u8; 32]> {
        let Some(building) = self.home.as_ref().map(|home| home.id()) else { return Vec::new() };
        let mut posted = Vec::new();
        for (device, to_seal) in self.devices_of(member) {
            let sealed = seal(&self.key, device, &to_seal, building, self.now, letter, &mut self.rng);
            let envelope = match sealed {
                Ok(envelope) => envelope,
                Err(why) => {
                    // Their own fault: a device that names a key to which nothing can be sealed hears nothing.
                    tracing::warn!(%why, device = %device.short(), "a letter could not be sealed");
                    continue;
                }
            };
            if self.letters.carry_own(&envelope, self.now, &mut self.step.batch) {
                posted.push(envelope.hash());
                self.fresh.push(Fresh { parcel: Parcel::Envelope(envelope.signed().clone()), from: None });
            }
        }
        posted
    }
}

#[cfg(test)]
mod tests;
