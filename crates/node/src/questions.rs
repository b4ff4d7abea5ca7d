//! A reviewer's questions to an applicant, and the answers. Both are seen by all reviewers, and by nobody else.

use kaifong_domain::{DeviceId, QuestionId, Refusal, text};
use kaifong_trust::entry::SealKey;
use kaifong_trust::envelope::{ANSWER_CHARS_MAX, Letter, QUESTION_CHARS_MAX, seal};
use rand_core::Rng;

use crate::event::{Done, NodeError, Tag};
use crate::guest::ApplicationState;
use crate::letters::Asked;
use crate::node::Node;

/// How many questions one applicant is asked, by all reviewers together.
pub const QUESTIONS_MAX: usize = 3;

impl Node {
    /// Gives what reviewers have asked about this device's own application, the first first.
    pub fn questions(&self) -> &[Asked] {
        self.guest.as_ref().map_or(&[], |guest| guest.asked.as_slice())
    }

    /// Asks an applicant something, and tells the other reviewers.
    pub(crate) fn ask(&mut self, device: DeviceId, question: String) -> Result<Done, NodeError> {
        self.require_reviewer()?;
        text::prose("question", &question, QUESTION_CHARS_MAX, false)?;
        let mut waiting = self.letters.request(&device).cloned().ok_or(Refusal::RequestUnknown)?;
        if waiting.asked.len() >= QUESTIONS_MAX {
            return Err(Refusal::AskedEnough { most: QUESTIONS_MAX }.into());
        }
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        let (id, own) = (QuestionId(id), self.key.id());
        self.send_letter(device, &waiting.request.seal, &Letter::Question { id, text: question.clone() })?;
        let reviewers = self.require_home()?.roster().reviewers();
        let others: Vec<(DeviceId, SealKey)> =
            reviewers.filter(|(other, _)| *other != own).map(|(other, at)| (other, at.seal)).collect();
        for (other, to_seal) in others {
            // The applicant was asked: a reviewer for whom there is no room hears of it from the answer alone.
            let _ = self.send_letter(other, &to_seal, &Letter::Asked { newcomer: device, id, text: question.clone() });
        }
        waiting.asked.push(Asked { id, by: own, text: question, at: self.now, answer: None });
        self.letters.keep_request(waiting, &mut self.step.batch);
        self.arrival.tags.insert(Tag::Requests);
        Ok(Done::Saved)
    }

    /// Answers a question about the own application: to every reviewer whom it was sealed to, and to who asked.
    pub(crate) fn answer_question(&mut self, question: QuestionId, answer: String) -> Result<Done, NodeError> {
        text::prose("answer", &answer, ANSWER_CHARS_MAX, false)?;
        let building = self.require_home()?.id();
        let (now, Some(guest)) = (self.now, self.guest.as_mut()) else { return Err(Refusal::QuestionUnknown.into()) };
        if guest.state != ApplicationState::Sent {
            return Err(Refusal::QuestionUnknown.into());
        }
        let asked = guest.asked.iter_mut().find(|asked| asked.id == question && asked.answer.is_none());
        let asked = asked.ok_or(Refusal::QuestionUnknown)?;
        let letter = Letter::Answer { id: question, text: answer.clone() };
        let mut sealed = Vec::new();
        for (reviewer, to_seal) in &guest.reviewers {
            let envelope = seal(&self.key, *reviewer, to_seal, building, now, &letter, &mut self.rng);
            sealed.push(envelope.map_err(|why| NodeError::NotSaved(why.to_string()))?.signed().clone());
        }
        asked.answer = Some((answer, now));
        guest.answers.extend(sealed);
        guest.keep(&mut self.step.batch);
        self.arrival.tags.insert(Tag::Application);
        let met: Vec<_> = self.links.iter().filter(|(_, link)| link.shown.is_some()).map(|(id, _)| *id).collect();
        met.into_iter().for_each(|connection| self.hand_in_answers(connection));
        Ok(Done::Saved)
    }

    /// An applicant reads a question. Only who may review the application may ask about it.
    pub(crate) fn read_question(&mut self, sender: &DeviceId, id: QuestionId, text: String) {
        let (now, by) = (self.now, *sender);
        let Some(guest) = self.guest.as_mut().filter(|guest| guest.was_sealed_to(sender)) else { return };
        let known = guest.asked.iter().any(|asked| asked.id == id);
        if known || guest.asked.len() >= QUESTIONS_MAX || guest.state != ApplicationState::Sent {
            return;
        }
        guest.asked.push(Asked { id, by, text, at: now, answer: None });
        guest.keep(&mut self.step.batch);
        self.arrival.tags.insert(Tag::Application);
    }

    /// A reviewer reads an applicant's answer; `false` when the request or the question has not come here yet.
    pub(crate) fn read_answer(&mut self, sender: &DeviceId, id: QuestionId, text: String) -> bool {
        let settled = self.home.as_ref().is_some_and(|home| home.roster().settled(sender).is_some());
        let Some(mut waiting) = self.letters.request(sender).cloned() else { return settled };
        let Some(asked) = waiting.asked.iter_mut().find(|asked| asked.id == id) else { return false };
        if asked.answer.is_none() {
            asked.answer = Some((text, self.now));
            self.letters.keep_request(waiting, &mut self.step.batch);
            self.arrival.tags.insert(Tag::Requests);
        }
        true
    }

    /// A reviewer reads what another one has asked; `false` when the request has not come here yet.
    pub(crate) fn read_asked(&mut self, sender: &DeviceId, newcomer: &DeviceId, id: QuestionId, text: String) -> bool {
        let Some(home) = &self.home else { return false };
        if !home.roster().reviewers().any(|(device, _)| device == *sender) {
            return true;
        }
        let settled = home.roster().settled(newcomer).is_some();
        let Some(mut waiting) = self.letters.request(newcomer).cloned() else { return settled };
        if waiting.asked.len() < QUESTIONS_MAX && waiting.asked.iter().all(|asked| asked.id != id) {
            waiting.asked.push(Asked { id, by: *sender, text, at: self.now, answer: None });
            self.letters.keep_request(waiting, &mut self.step.batch);
            self.arrival.tags.insert(Tag::Requests);
            // The answer may have come before the question.
            self.read_letters_again();
        }
        true
    }
}
