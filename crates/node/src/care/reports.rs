//! What one of the two of a conversation shows the mediators: the messages of the other that they have chosen, and a sentence.
//!
//! A report is a complaint with messages. Mediators alone hear it, and each message is verified where it arrives: it is the
//! other's, it was said to the one who reports, and in this conversation.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::care::{CareRefusal, Thread};
use kaifong_domain::{ComplaintId, Instant, MemberId, Refusal, text};
use kaifong_trust::Signed;
use kaifong_trust::care::{CareLetter, SENTENCE_CHARS_MAX, Said};
use kaifong_trust::entry::Role;
use kaifong_trust::envelope::{ANSWER_CHARS_MAX, Letter};
use rand_core::Rng;
use serde::{Deserialize, Serialize};

use super::Post;
use crate::confided::{Complaint, devices_of, hearers, id_of};
use crate::event::{Done, NodeError};
use crate::home::Home;
use crate::node::Node;

/// How many messages one report shows.
pub const REPORT_MESSAGES_MAX: usize = 10;

/// What a report shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Of which conversation.
    pub thread: Thread,
    /// The messages, by their hashes.
    shown: BTreeMap<[u8; 32], Shown>,
}

/// One message that is shown: it was verified to be the other's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// When it was said, as the writer's device claims.
    pub at: Instant,
    /// What.
    pub text: String,
    /// As it was signed.
    signed: Signed<Said>,
}

impl Shown {
    /// The JPEG that goes with it; empty where there is none.
    pub fn picture(&self) -> Vec<u8> {
        super::talk::picture_of(&self.signed)
    }
}

impl Report {
    /// Gives the messages, the first first.
    pub fn shown(&self) -> Vec<&Shown> {
        let mut shown: Vec<_> = self.shown.values().collect();
        shown.sort_by_key(|one| one.at);
        shown
    }
}

/// Who hears a report about a member: the mediators except that member; where there is none, who hears complaints.
pub(crate) fn mediators(home: &Home, about: &MemberId) -> BTreeSet<MemberId> {
    let roles = home.roster().now().roles.iter().filter(|(_, role)| *role == Role::Mediator);
    let mut mediators: BTreeSet<MemberId> = roles.map(|(member, _)| *member).collect();
    mediators.retain(|member| member != about && home.roster().member(member).is_some());
    if mediators.is_empty() { hearers(home, about) } else { mediators }
}

impl Node {
    /// Who would hear a report of this member about another one.
    pub fn hears_reports_about(&self, about: &MemberId) -> BTreeSet<MemberId> {
        self.home().map(|home| mediators(home, about)).unwrap_or_default()
    }

    pub(super) fn report(&mut self, thread: Thread, shown: &[[u8; 32]], words: String) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        text::prose("sentence", &words, SENTENCE_CHARS_MAX, false)?;
        let (about, _) = self.partner(&thread)?;
        let chosen: BTreeSet<[u8; 32]> = shown.iter().copied().collect();
        let found = chosen.iter().filter_map(|hash| self.talks.message(&thread, hash));
        let found: Vec<_> = found.filter(|message| message.by == about).cloned().collect();
        if found.is_empty() || found.len() != chosen.len() || found.len() > REPORT_MESSAGES_MAX {
            return Err(CareRefusal::NothingShown { most: REPORT_MESSAGES_MAX }.into());
        }
        let own = self.key.id();
        let home = self.require_home()?;
        let mut to = mediators(home, &about);
        to.remove(&me);
        if to.is_empty() {
            return Err(Refusal::NobodyToHear.into());
        }
        to.insert(me);
        let devices = devices_of(home, &to, &own);
        let room = self.letters.has_room_for(devices.len().saturating_mul(found.len() + 1));
        if !room || !self.confided.has_room_for(&me) {
            return Err(Refusal::InboxFull.into());
        }
        let mut drawn = [0; 16];
        self.rng.fill_bytes(&mut drawn);
        let drawn = ComplaintId(drawn);
        for (device, seal) in devices {
            let report = CareLetter::Report { id: drawn, about, thread, text: words.clone() };
            let shows = found.iter().map(|message| CareLetter::Shown { id: drawn, said: message.signed.clone() });
            for letter in std::iter::once(report).chain(shows) {
                self.send_letter(device, &seal, &Letter::Care(letter))?;
            }
        }
        let shown = |message: super::Message| {
            (message.hash, Shown { at: message.at, text: message.text, signed: message.signed })
        };
        let report = Report { thread, shown: found.into_iter().map(shown).collect() };
        let complaint = Complaint::new(me, about, words, self.now, Some(report));
        self.keep_complaint(id_of(&me, &drawn), complaint);
        Ok(Done::Saved)
    }

    /// Hears a report; `false` when it has to be read again, because this member does not hear any yet.
    pub(super) fn read_report(
        &mut self,
        post: &Post,
        drawn: ComplaintId,
        about: MemberId,
        thread: Thread,
        words: String,
    ) -> bool {
        let Some(home) = self.home() else { return false };
        let id = id_of(&post.sender, &drawn);
        let hears = post.sender == post.me || mediators(home, &about).contains(&post.me);
        if about == post.me || about == post.sender || self.confided.complaint(&id).is_some() {
            return true;
        }
        if !hears || !self.confided.has_room_for(&post.sender) {
            return false;
        }
        let report = Report { thread, shown: BTreeMap::new() };
        let complaint = Complaint::new(post.sender, about, words, post.at, Some(report));
        self.keep_complaint(id, complaint);
        // What is shown with it may have come before it.
        self.read_letters_again();
        true
    }

    /// Takes in one message that a report shows, if it is what it is said to be; `false` when the report is not here yet.
    pub(super) fn read_shown(&mut self, post: &Post, drawn: ComplaintId, said: Signed<Said>) -> bool {
        let id = id_of(&post.sender, &drawn);
        let Some(mut complaint) = self.confided.complaint(&id).cloned() else { return false };
        let Ok(said) = said.verify() else { return true };
        let Some(home) = self.home() else { return false };
        // What a device said that was closed since was said.
        let device = home.roster().settled(&said.signer()).or_else(|| home.roster().was(&said.signer()));
        let value = said.value();
        let theirs = device.is_some_and(|device| device.member == complaint.about);
        let to_reporter = value.to == complaint.by && value.building == home.id();
        let Some(report) = complaint.report.as_mut() else { return true };
        let fits = theirs && to_reporter && value.thread == report.thread;
        if fits && report.shown.len() < REPORT_MESSAGES_MAX && !report.shown.contains_key(&said.hash()) {
            let shown = Shown { at: value.at, text: value.text.clone(), signed: said.signed().clone() };
            report.shown.insert(said.hash(), shown);
            self.keep_complaint(id, complaint);
        }
        true
    }

    /// Answers who reported as any complaint is answered, and says the same to the one it is about.
    pub(super) fn answer_both(&mut self, id: ComplaintId, words: String) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        text::prose("answer", &words, ANSWER_CHARS_MAX, false)?;
        let complaint = self.confided.complaint(&id).ok_or(Refusal::ComplaintUnknown)?;
        let (about, thread) = (complaint.about, complaint.report.as_ref().map(|report| report.thread));
        let thread = thread.ok_or(Refusal::ComplaintUnknown)?;
        if complaint.by == me || !self.hears_reports_about(&about).contains(&me) {
            return Err(Refusal::RoleMissing { role: "mediator" }.into());
        }
        if !self.letters.has_room_for(self.letters_to(&about)) {
            return Err(Refusal::InboxFull.into());
        }
        let done = self.answer_complaint(id, words.clone())?;
        self.post_letter(&about, &Letter::Care(CareLetter::Mediates { thread, to: about, text: words }));
        Ok(done)
    }
}
