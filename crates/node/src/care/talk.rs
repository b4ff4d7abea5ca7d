//! Conversations: what the two of a deal, or two who were introduced, say to each other.
//!
//! A message stands with who can show it: the one it was written to. It is signed, so a third can verify it; nothing else of
//! the conversation leaves the devices of the two.

use std::collections::BTreeMap;

use kaifong_domain::care::{CareRefusal, Thread};
use kaifong_domain::rows::Stage;
use kaifong_domain::{Instant, MemberId, Refusal, text};
use kaifong_store::{Batch, Space, Store, StoreError};
use kaifong_trust::care::{CareLetter, MESSAGE_CHARS_MAX, PICTURE_BYTES_MAX, Said, check_picture};
use kaifong_trust::envelope::Letter;
use kaifong_trust::{Envelope, Signed, Verified};
use serde::{Deserialize, Serialize};

use super::{IntroductionStage, Post, Talks, put, visit};
use crate::event::{Done, NodeError, Tag};
use crate::node::Node;

/// How many conversations a device keeps; beyond them, the one in which nothing was said for the longest time goes, of the
/// member with whom there are most.
const THREADS_MAX: usize = 128;
/// How many messages of each of the two a conversation keeps, the newest.
const MESSAGES_MAX: usize = 60;
/// How many words of mediators it keeps.
const NOTES_MAX: usize = 20;
const SAID: &[u8] = b"said/";
const NOTE: &[u8] = b"note/";

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// By which it is named: the hash of what was signed.
    pub hash: [u8; 32],
    /// Who says it.
    pub by: MemberId,
    /// When, as their device claims.
    pub at: Instant,
    /// What.
    pub text: String,
    /// The other of the two.
    other: MemberId,
    pub(super) signed: Signed<Said>,
    /// The envelopes to the other's devices, if this device wrote it.
    letters: Vec<[u8; 32]>,
}

impl Message {
    /// Gives the JPEG that goes with it; empty where there is none.
    pub fn picture(&self) -> Vec<u8> {
        picture_of(&self.signed)
    }
}

/// Reads the picture of what was verified before.
pub(super) fn picture_of(signed: &Signed<Said>) -> Vec<u8> {
    signed.clone().recall_from_own_store().map(|said| said.value().picture.clone()).unwrap_or_default()
}

/// What a mediator has said to this member about a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    thread: Thread,
    /// Which mediator.
    pub by: MemberId,
    /// When, as their device claims.
    pub at: Instant,
    /// What.
    pub text: String,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Talk {
    messages: BTreeMap<[u8; 32], Message>,
    notes: BTreeMap<[u8; 32], Note>,
}

/// A message as it lies in the store.
#[derive(Serialize, Deserialize)]
struct Kept {
    by: MemberId,
    other: MemberId,
    signed: Signed<Said>,
    letters: Vec<[u8; 32]>,
}

impl Talk {
    fn last(&self) -> Instant {
        self.messages.values().map(|message| message.at).max().unwrap_or_default()
    }

    fn other(&self) -> Option<MemberId> {
        self.messages.values().next().map(|message| message.other)
    }

    fn forget(&self, batch: &mut Batch) {
        self.messages.keys().for_each(|hash| batch.delete(Space::Private, [SAID, hash].concat()));
        self.notes.keys().for_each(|hash| batch.delete(Space::Private, [NOTE, hash].concat()));
    }
}

impl Talks {
    pub(super) fn load_threads(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        visit(store, SAID, |_, kept: Kept| {
            if let Ok(said) = kept.signed.recall_from_own_store() {
                let message = message(&said, kept.by, kept.other, kept.letters);
                self.threads.entry(said.value().thread).or_default().messages.insert(said.hash(), message);
            }
        })?;
        visit(store, NOTE, |id, note: Note| {
            if let Ok(id) = id.try_into() {
                self.threads.entry(note.thread).or_default().notes.insert(id, note);
            }
        })
    }

    pub(super) fn message(&self, thread: &Thread, hash: &[u8; 32]) -> Option<&Message> {
        self.threads.get(thread)?.messages.get(hash)
    }

    /// Makes room for one more conversation.
    fn make_room(&mut self, batch: &mut Batch) {
        if self.threads.len() < THREADS_MAX {
            return;
        }
        let mut with: BTreeMap<Option<MemberId>, usize> = BTreeMap::new();
        self.threads.values().for_each(|talk| *with.entry(talk.other()).or_default() += 1);
        let most = with.into_iter().max_by_key(|(_, talks)| *talks).map(|(other, _)| other);
        let of_most = self.threads.iter().filter(|(_, talk)| Some(talk.other()) == most);
        let oldest = of_most.min_by_key(|(thread, talk)| (talk.last(), **thread)).map(|(thread, _)| *thread);
        if let Some(talk) = oldest.and_then(|thread| self.threads.remove(&thread)) {
            talk.forget(batch);
        }
    }

    fn keep(&mut self, thread: Thread, message: Message, batch: &mut Batch) {
        if !self.threads.contains_key(&thread) {
            self.make_room(batch);
        }
        let Message { by, other, signed, letters, hash, .. } = &message;
        let kept = Kept { by: *by, other: *other, signed: signed.clone(), letters: letters.clone() };
        put(batch, SAID, hash, &kept);
        let (by, talk) = (*by, self.threads.entry(thread).or_default());
        talk.messages.insert(message.hash, message);
        // Whoever says much takes up their own places alone.
        let theirs = talk.messages.values().filter(|message| message.by == by);
        if theirs.clone().count() > MESSAGES_MAX
            && let Some(oldest) = theirs.min_by_key(|message| (message.at, message.hash)).map(|message| message.hash)
        {
            talk.messages.remove(&oldest);
            batch.delete(Space::Private, [SAID, &oldest].concat());
        }
    }
}

fn message(said: &Verified<Said>, by: MemberId, other: MemberId, letters: Vec<[u8; 32]>) -> Message {
    let Said { at, text, .. } = said.value();
    Message { hash: said.hash(), by, at: *at, text: text.clone(), other, signed: said.signed().clone(), letters }
}

impl Node {
    /// What was said in a conversation, the first first.
    pub fn messages(&self, thread: &Thread) -> Vec<&Message> {
        let mut messages: Vec<_> =
            self.talks.threads.get(thread).into_iter().flat_map(|talk| talk.messages.values()).collect();
        messages.sort_by_key(|message| (message.at, message.hash));
        messages
    }

    /// What mediators have said to this member about a conversation, the first first.
    pub fn notes(&self, thread: &Thread) -> Vec<&Note> {
        let mut notes: Vec<_> =
            self.talks.threads.get(thread).into_iter().flat_map(|talk| talk.notes.values()).collect();
        notes.sort_by_key(|note| (note.at, note.by));
        notes
    }

    /// The last message of each conversation in which the other has spoken last.
    pub fn unanswered(&self) -> Vec<(Thread, [u8; 32])> {
        let last = |talk: &Talk| {
            let last = talk.messages.values().max_by_key(|message| (message.at, message.hash));
            last.map(|message| (message.by, message.hash))
        };
        let threads = self.talks.threads.iter().filter_map(|(thread, talk)| Some((*thread, last(talk)?)));
        threads.filter(|(_, (by, _))| Some(*by) != self.me()).map(|(thread, (_, hash))| (thread, hash)).collect()
    }

    /// Tells whether none of the other's devices has a message yet, as far as this device knows.
    pub fn is_under_way(&self, message: &Message) -> bool {
        let carried = |hash| self.letters.envelope(hash).is_some();
        !message.letters.is_empty() && message.letters.iter().all(carried)
    }

    /// Gives the other of the two of a conversation, and whether one can say something in it now.
    ///
    /// # Errors
    /// [`Refusal::DealUnknown`], [`Refusal::NotAParty`], [`CareRefusal::ThreadUnknown`].
    pub fn partner(&self, thread: &Thread) -> Result<(MemberId, bool), NodeError> {
        let me = self.require_me()?;
        match thread {
            Thread::Deal(deal) => {
                let row = self.home().and_then(|home| home.board().deal(deal)).ok_or(Refusal::DealUnknown)?;
                let other = row.other(&me).ok_or(Refusal::NotAParty)?;
                Ok((other, !matches!(row.stage, Stage::CalledOff | Stage::Lost)))
            }
            Thread::Introduced(id) => {
                let met = self.talks.introductions.get(id).and_then(|row| row.met(&me));
                Ok((met.ok_or(CareRefusal::ThreadUnknown)?, true))
            }
        }
    }

    pub(super) fn say(&mut self, thread: Thread, words: String, picture: Vec<u8>) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        check_picture(&picture).map_err(|_| CareRefusal::PictureUnfit { most: PICTURE_BYTES_MAX })?;
        text::prose("message", &words, MESSAGE_CHARS_MAX, !picture.is_empty())?;
        let (other, open) = self.partner(&thread)?;
        if !open {
            return Err(Refusal::WrongStage { stage: Stage::CalledOff.name() }.into());
        }
        self.require_not_blocked(&other)?;
        self.require_not_gone(&other)?;
        let building = self.require_home()?.id();
        if self.letters_to(&other) == 0 {
            return Err(Refusal::DeviceUnknown.into());
        }
        if !self.letters.has_room_for(self.letters_to(&other) + self.letters_to(&me)) {
            return Err(Refusal::InboxFull.into());
        }
        let text = words.trim().to_owned();
        let said = self.key.sign(Said { building, thread, to: other, at: self.now, text, picture });
        let letter = Letter::Care(CareLetter::Said(said.signed().clone()));
        let letters = self.post_letter(&other, &letter);
        self.post_letter(&me, &letter);
        self.talks.keep(thread, message(&said, me, other, letters), &mut self.step.batch);
        self.arrival.tags.insert(Tag::Care);
        Ok(Done::Saved)
    }

    /// Hears a message; `false` when its conversation is not known here yet.
    pub(super) fn read_said(&mut self, envelope: &Verified<Envelope>, post: &Post, said: Signed<Said>) -> bool {
        // Whoever hands on what another device wrote is no party.
        if said.claimed_signer() != envelope.signer() {
            return true;
        }
        let Ok(said) = said.verify() else { return true };
        let (value, me) = (said.value(), post.me);
        let other = if post.sender == me { value.to } else { post.sender };
        let Some(home) = self.home() else { return false };
        if value.building != home.id()
            || other == me
            || (post.sender != me && value.to != me)
            || home.has_blocked(&other)
        {
            return true;
        }
        let thread = value.thread;
        let known = match thread {
            Thread::Deal(deal) => home.board().deal(&deal).map(|row| row.is_party(&me) && row.is_party(&other)),
            Thread::Introduced(id) => self.talks.introductions.get(&id).and_then(|row| match row.stage {
                IntroductionStage::Met => Some(row.met(&me) == Some(other)),
                IntroductionStage::Failed => Some(false),
                _ => None,
            }),
        };
        match known {
            None => return false,
            Some(true) if self.talks.message(&thread, &said.hash()).is_none() => {
                let message = message(&said, post.sender, other, Vec::new());
                self.talks.keep(thread, message, &mut self.step.batch);
                self.arrival.tags.insert(Tag::Care);
            }
            Some(_) => {}
        }
        true
    }

    /// Hears a mediator about a conversation of one's own; `false` when nobody knows here yet that they mediate.
    pub(super) fn read_mediates(&mut self, post: &Post, thread: Thread, to: MemberId, words: String) -> bool {
        if to != post.me || post.sender == post.me {
            return true;
        }
        let Ok((other, _)) = self.partner(&thread) else { return true };
        if post.sender == other || !self.hears_reports_about(&post.me).contains(&post.sender) {
            return post.sender == other;
        }
        if !self.talks.threads.contains_key(&thread) {
            self.talks.make_room(&mut self.step.batch);
        }
        let talk = self.talks.threads.entry(thread).or_default();
        if talk.notes.len() < NOTES_MAX {
            let note = Note { thread, by: post.sender, at: post.at, text: words };
            put(&mut self.step.batch, NOTE, &post.hash, &note);
            talk.notes.insert(post.hash, note);
            self.arrival.tags.insert(Tag::Care);
        }
        true
    }
}
