//! Commands about the hall, and who speaks there.
//!
//! Whether an answer counts is told from the roster, never from what it says of itself. Who has once been vouched for, held the
//! role or was certified as such an office speaks: what was answered stays answered when that ends. A device lets nobody answer
//! anew who does not speak *now*, and every screen shows which of the two it is.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;

use kaifong_domain::hall::{
    Addressee, Judged, Judgement, Matter, MatterKey, MatterKind, MatterRow, Response, ResponseKind,
};
use kaifong_domain::place::PlaceId;
use kaifong_domain::{JudgementId, MatterId, MemberId, Refusal, ResponseId};
use kaifong_trust::entry::{Capacity, MemberKind, Role};
use rand_core::Rng;

use crate::event::{Done, NodeError};
use crate::home::Home;
use crate::node::Node;

/// What a person can do in the hall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HallCommand {
    /// Puts a matter to the hall; answered by [`Done::Put`].
    Put {
        /// What kind.
        kind: MatterKind,
        /// 1 to 1,000 characters.
        text: String,
        /// Whom it is put to; `None` for everybody who answers.
        to: Option<Addressee>,
        /// The zone or block that it is about.
        place: Option<PlaceId>,
    },
    /// Takes an own matter back.
    Withdraw {
        /// Which.
        matter: MatterId,
    },
    /// Takes a neighbour's matter up: 受理.
    TakeUp {
        /// Who has put it, and which.
        matter: MatterKey,
        /// What there is to say already, at most 1,000 characters; may be empty.
        text: String,
    },
    /// Answers a neighbour's matter, or replies to it as a neighbour where one does not speak for the building.
    Respond {
        /// Who has put it, and which.
        matter: MatterKey,
        /// 1 to 1,000 characters.
        text: String,
    },
    /// Says of an own matter whether it is solved.
    Judge {
        /// Which.
        matter: MatterId,
        /// Solved or not.
        judged: Judged,
        /// At most 300 characters; may be empty.
        remark: String,
    },
}

/// As what somebody speaks in the hall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Voice {
    /// Vouched for as an official, by as many reviewers as that takes.
    Official,
    /// Named by the council to answer.
    Answerer,
    /// The firm that manages the building.
    PropertyFirm,
    /// The office of a committee.
    CommitteeOffice,
    /// Whom the asker has put it to.
    Addressed,
}

/// A voice, and whether it still is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speaking {
    /// As what.
    pub voice: Voice,
    /// Whether still.
    pub now: bool,
}

impl Home {
    /// Tells as what a member speaks, whatever the matter, now or once.
    pub fn voices(&self, member: &MemberId) -> Vec<Speaking> {
        let roster = self.roster();
        let mut voices = Vec::new();
        let stands = || {
            let said = roster.capacities(member);
            said.iter().any(|standing| standing.capacity == Capacity::Official && standing.stands())
        };
        if roster.was_vouched(member, Capacity::Official) {
            voices.push(Speaking { voice: Voice::Official, now: stands() });
        }
        if roster.ever_held(member, Role::Answerer) {
            let now = roster.held(&roster.newest_epoch(), member, Role::Answerer);
            voices.push(Speaking { voice: Voice::Answerer, now });
        }
        let kind = roster.member(member).map(|member| member.kind);
        let offices =
            [(MemberKind::PropertyFirm, Voice::PropertyFirm), (MemberKind::CommitteeOffice, Voice::CommitteeOffice)];
        for (office, voice) in offices.into_iter().filter(|(office, _)| roster.was_certified_as(member, *office)) {
            voices.push(Speaking { voice, now: kind == Some(office) });
        }
        voices
    }

    /// Tells as what a member speaks to this matter, now or once.
    pub fn voices_on(&self, member: &MemberId, matter: &Matter) -> Vec<Speaking> {
        let mut voices = self.voices(member);
        if matter.to == Some(Addressee::Member(*member)) {
            voices.push(Speaking { voice: Voice::Addressed, now: true });
        }
        voices
    }

    /// Tells whether a member may take this matter up and answer it.
    pub fn may_answer(&self, member: &MemberId, matter: &Matter) -> bool {
        self.voices_on(member, matter).iter().any(|speaking| speaking.now)
    }

    /// Gives a matter as a row.
    pub fn matter_row(&self, key: &MatterKey) -> Option<MatterRow> {
        self.speakers().matter_row(key)
    }

    /// Looks at many matters: who speaks is asked once for each member.
    pub fn speakers(&self) -> Speakers<'_> {
        Speakers { home: self, known: RefCell::default() }
    }
}

/// Who speaks in a building's hall, as it stands now.
#[derive(Debug)]
pub struct Speakers<'a> {
    home: &'a Home,
    known: RefCell<BTreeMap<MemberId, Vec<Speaking>>>,
}

impl Speakers<'_> {
    fn any(&self, member: &MemberId, fits: impl Fn(&Speaking) -> bool) -> bool {
        let mut known = self.known.borrow_mut();
        known.entry(*member).or_insert_with(|| self.home.voices(member)).iter().any(fits)
    }

    /// Gives a matter as a row.
    pub fn matter_row(&self, key: &MatterKey) -> Option<MatterRow> {
        let hall = self.home.board().hall();
        let to = hall.matter(key)?.to;
        hall.row(key, |by| to == Some(Addressee::Member(*by)) || self.any(by, |_| true))
    }

    /// Tells whether a matter waits for this member's answer: they speak, and it is put to them, to what they are, or to
    /// everybody who answers.
    pub fn is_put_to(&self, member: &MemberId, row: &MatterRow) -> bool {
        let speaks = |voice: Voice| self.any(member, |speaking| speaking.now && speaking.voice == voice);
        row.asker != *member
            && match row.matter.to {
                None => self.any(member, |speaking| speaking.now),
                Some(Addressee::Member(other)) => other == *member,
                Some(Addressee::Officials) => speaks(Voice::Official),
                Some(Addressee::PropertyFirm) => speaks(Voice::PropertyFirm),
                Some(Addressee::CommitteeOffice) => speaks(Voice::CommitteeOffice),
                Some(Addressee::Answerers) => speaks(Voice::Answerer),
            }
    }
}

impl Node {
    pub(crate) fn hall(&mut self, command: HallCommand) -> Result<Done, NodeError> {
        match command {
            HallCommand::Put { kind, text, to, place } => self.put_matter(kind, text, to, place),
            HallCommand::Withdraw { matter } => self.withdraw_matter(matter),
            HallCommand::TakeUp { matter, text } => self.respond(matter, text, true),
            HallCommand::Respond { matter, text } => self.respond(matter, text, false),
            HallCommand::Judge { matter, judged, remark } => self.judge(matter, judged, remark),
        }
    }

    fn put_matter(
        &mut self,
        kind: MatterKind,
        text: String,
        to: Option<Addressee>,
        place: Option<PlaceId>,
    ) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let id = MatterId(self.drawn());
        let matter = Matter { id, kind, text: text.trim().to_owned(), to, place, put_at: self.now, withdrawn_at: None };
        let home = self.require_home()?;
        home.board().hall().check_put(&me, &matter)?;
        if let Some(Addressee::Member(member)) = to {
            if member == me {
                return Err(Refusal::OwnMatter.into());
            }
            home.roster().member(&member).ok_or(Refusal::MemberUnknown)?;
            self.require_not_gone(&member)?;
        }
        self.check_place(place)?;
        self.edit(&kaifong_domain::record::Edit::PutMatter(matter))?;
        Ok(Done::Put(id))
    }

    fn withdraw_matter(&mut self, id: MatterId) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let matter = self.require_home()?.board().hall().matter(&(me, id)).cloned().ok_or(Refusal::MatterUnknown)?;
        if matter.withdrawn_at.is_none() {
            let withdrawn = Matter { withdrawn_at: Some(now), ..matter };
            self.edit(&kaifong_domain::record::Edit::PutMatter(withdrawn))?;
        }
        Ok(Done::Saved)
    }

    fn respond(&mut self, key: MatterKey, text: String, takes_up: bool) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let id = ResponseId(self.drawn());
        let home = self.require_home()?;
        let hall = home.board().hall();
        let matter = hall.matter(&key).ok_or(Refusal::MatterUnknown)?;
        let speaks = home.may_answer(&me, matter);
        let kind = match (takes_up, speaks) {
            (true, _) => ResponseKind::TakeUp,
            (false, true) => ResponseKind::Answer,
            (false, false) => ResponseKind::Reply,
        };
        let text = text.trim().to_owned();
        let response = Response { id, asker: key.0, matter: key.1, kind, after: hall.after(&key), text, at: now };
        hall.check_response(&me, &response, speaks)?;
        self.require_not_gone(&key.0)?;
        self.edit(&kaifong_domain::record::Edit::PutResponse(response))?;
        Ok(Done::Saved)
    }

    fn judge(&mut self, matter: MatterId, judged: Judged, remark: String) -> Result<Done, NodeError> {
        let (me, at) = (self.require_me()?, self.now);
        let id = JudgementId(self.drawn());
        let key = (me, matter);
        let home = self.require_home()?;
        let hall = home.board().hall();
        let (number, remark) = (hall.next_judgement(&key), remark.trim().to_owned());
        let judgement = Judgement { id, matter, number, judged, remark, at };
        hall.check_judgement(&me, &judgement, home.matter_row(&key).as_ref())?;
        self.edit(&kaifong_domain::record::Edit::PutJudgement(judgement))?;
        Ok(Done::Saved)
    }

    fn drawn(&mut self) -> [u8; 16] {
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        id
    }
}
