//! 请人引见: somebody asks an organiser or a reviewer to introduce them to a neighbour, who is asked first.
//!
//! Until the other has said yes they learn of each other only what the one who introduces tells them, and on a no the one who
//! asked reads that it did not work out, and not why.

use kaifong_domain::care::CareRefusal;
use kaifong_domain::{Instant, IntroductionId, MemberId, Refusal, text};
use kaifong_store::{Store, StoreError};
use kaifong_trust::care::{CareLetter, Introduces, SENTENCE_CHARS_MAX};
use kaifong_trust::envelope::Letter;
use rand_core::Rng;
use serde::{Deserialize, Serialize};

use super::{Post, Talks, put, visit};
use crate::event::{Done, NodeError, Tag};
use crate::node::Node;

/// How many introductions a device keeps, and how many that one member asks for.
const INTRODUCTIONS_MAX: usize = 128;
const OF_ONE_MAX: usize = 8;
const INTRODUCTION: &[u8] = b"introduction/";

/// Where an introduction stands, as one of the three knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum IntroductionStage {
    /// Somebody was asked to introduce.
    Asked,
    /// The other was asked.
    Proposed,
    /// The other has said yes; the one who asked hears of it from the one who introduces.
    Agreed,
    /// The other has said no.
    Declined,
    /// Both have heard, and can talk.
    Met,
    /// It did not work out.
    Failed,
}

impl IntroductionStage {
    /// Tells whether nothing comes of it any more, or all has; see also [`IntroductionRow::is_over`].
    pub fn is_over(self) -> bool {
        matches!(self, Self::Met | Self::Failed)
    }
}

/// One introduction, as one of the three knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntroductionRow {
    /// Who would be introduced.
    pub asker: MemberId,
    /// Who introduces.
    pub introducer: MemberId,
    /// To whom, as far as that is known here.
    pub whom: Option<MemberId>,
    /// Whether the one who asked has named them.
    pub named: bool,
    /// What the one who asked says, for the one who introduces; to the other, what that one says.
    pub text: String,
    /// Where it stands.
    pub stage: IntroductionStage,
    /// When it began here.
    pub at: Instant,
}

impl IntroductionRow {
    /// Tells whether nothing comes of it any more for a member, or all has: who has said no is asked no more, while who
    /// introduces may ask somebody else.
    pub fn is_over(&self, me: &MemberId) -> bool {
        self.stage.is_over() || (self.stage == IntroductionStage::Declined && self.whom == Some(*me))
    }

    /// Gives whom a member has met by it.
    pub(super) fn met(&self, me: &MemberId) -> Option<MemberId> {
        match self.stage {
            IntroductionStage::Met if self.asker == *me => self.whom,
            IntroductionStage::Met if self.whom == Some(*me) => Some(self.asker),
            _ => None,
        }
    }
}

impl Talks {
    pub(super) fn load_introductions(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        visit(store, INTRODUCTION, |id, row| {
            if let Ok(id) = IntroductionId::try_from(id) {
                self.introductions.insert(id, row);
            }
        })
    }

    /// Makes room for one more that a member asks for: an old one that is over goes.
    fn room_for(&mut self, me: &MemberId, asker: &MemberId, batch: &mut kaifong_store::Batch) -> bool {
        let of_one = |row: &IntroductionRow| row.asker == *asker && !row.is_over(me);
        if self.introductions.values().filter(|row| of_one(row)).count() >= OF_ONE_MAX {
            return false;
        }
        if self.introductions.len() < INTRODUCTIONS_MAX {
            return true;
        }
        let over = self.introductions.iter().filter(|(_, row)| row.is_over(me));
        let Some(oldest) = over.min_by_key(|(id, row)| (row.at, **id)).map(|(id, _)| *id) else { return false };
        self.introductions.remove(&oldest);
        batch.delete(kaifong_store::Space::Private, [INTRODUCTION, &oldest.0].concat());
        true
    }
}

impl Node {
    /// The introductions that this member asks for, is asked for or makes, the last first.
    pub fn introductions(&self) -> Vec<(IntroductionId, &IntroductionRow)> {
        let mut rows: Vec<_> = self.talks.introductions.iter().map(|(id, row)| (*id, row)).collect();
        let over = |row: &IntroductionRow| self.me().map_or(row.stage.is_over(), |me| row.is_over(&me));
        rows.sort_by_key(|(id, row)| (over(row), std::cmp::Reverse(row.at), *id));
        rows
    }

    pub(super) fn ask_introduction(
        &mut self,
        introducer: MemberId,
        whom: Option<MemberId>,
        words: String,
    ) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        text::prose("sentence", &words, SENTENCE_CHARS_MAX, false)?;
        let home = self.require_home()?;
        if introducer == me || !home.introduces(&introducer) {
            return Err(CareRefusal::NotAnIntroducer.into());
        }
        if whom.is_some_and(|whom| whom == me || whom == introducer || home.roster().member(&whom).is_none()) {
            return Err(Refusal::MemberUnknown.into());
        }
        self.require_here(&introducer)?;
        if let Some(whom) = whom {
            self.require_not_blocked(&whom)?;
            self.require_here(&whom)?;
        }
        self.require_not_blocked(&introducer)?;
        self.has_room_for_two(&introducer)?;
        if !self.talks.room_for(&me, &me, &mut self.step.batch) {
            return Err(CareRefusal::CareFull { most: OF_ONE_MAX }.into());
        }
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        let id = IntroductionId(id);
        self.tell(id, introducer, Introduces::Asks { whom, text: words.clone() });
        let (named, stage, at) = (whom.is_some(), IntroductionStage::Asked, self.now);
        self.keep_introduction(id, IntroductionRow { asker: me, introducer, whom, named, text: words, stage, at });
        Ok(Done::Saved)
    }

    pub(super) fn introduce_to(&mut self, id: IntroductionId, to: MemberId, words: String) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        text::prose("sentence", &words, SENTENCE_CHARS_MAX, false)?;
        let mut row = self.own_introduction(&id, |row| {
            row.introducer == me && matches!(row.stage, IntroductionStage::Asked | IntroductionStage::Declined)
        })?;
        let named = row.whom.filter(|_| row.named);
        let known = self.require_home()?.roster().member(&to).is_some();
        if !known || to == me || to == row.asker || named.is_some_and(|whom| whom != to) {
            return Err(Refusal::MemberUnknown.into());
        }
        self.require_here(&to)?;
        self.has_room_for_two(&to)?;
        self.tell(id, to, Introduces::Proposes { asker: row.asker, text: words });
        (row.whom, row.stage) = (Some(to), IntroductionStage::Proposed);
        self.keep_introduction(id, row);
        Ok(Done::Saved)
    }

    pub(super) fn reply_introduction(&mut self, id: IntroductionId, yes: bool) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let mut row =
            self.own_introduction(&id, |row| row.whom == Some(me) && row.stage == IntroductionStage::Proposed)?;
        self.has_room_for_two(&row.introducer)?;
        self.tell(id, row.introducer, Introduces::Replies(yes));
        row.stage = if yes { IntroductionStage::Agreed } else { IntroductionStage::Declined };
        self.keep_introduction(id, row);
        if yes {
            // Another own device may have said so before, and the answer to that may wait.
            self.read_letters_again();
        }
        Ok(Done::Saved)
    }

    /// Ends an introduction: as who introduces, or as who has asked for it.
    pub(super) fn fail_introduction(&mut self, id: IntroductionId) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let own = |row: &IntroductionRow| (row.introducer == me || row.asker == me) && !row.is_over(&me);
        let mut row = self.own_introduction(&id, own)?;
        let other = if row.asker == me { row.introducer } else { row.asker };
        let asked = row.whom.filter(|_| row.introducer == me && row.stage == IntroductionStage::Proposed);
        for to in asked.into_iter().chain([other]) {
            self.has_room_for_two(&to)?;
        }
        for to in asked.into_iter().chain([other]) {
            self.tell(id, to, Introduces::Fails);
        }
        row.stage = IntroductionStage::Failed;
        self.keep_introduction(id, row);
        Ok(Done::Saved)
    }

    /// Reads a word about an introduction; `false` when what it is about is not known here yet.
    pub(super) fn read_introduction(
        &mut self,
        post: &Post,
        id: IntroductionId,
        to: MemberId,
        says: Introduces,
    ) -> bool {
        let (me, own) = (post.me, post.sender == post.me);
        if !own && to != me {
            return true;
        }
        match says {
            Introduces::Asks { whom, text } => self.read_asks(post, id, to, whom, text),
            Introduces::Proposes { asker, text } => self.read_proposes(post, id, to, asker, text),
            says => {
                let Some(mut row) = self.talks.introductions.get(&id).cloned() else { return false };
                if row.is_over(&me) {
                    return true;
                }
                let asked = row.whom == Some(me) && row.stage == IntroductionStage::Proposed;
                if asked && matches!(says, Introduces::Meets { .. }) && post.sender == row.introducer {
                    // Another own device has said yes, and its word is on its way.
                    return false;
                }
                let before = row.clone();
                match says {
                    Introduces::Replies(yes) => self.hear_reply(post, id, &mut row, yes),
                    Introduces::Meets { with } => self.hear_meeting(post, &mut row, with),
                    _ => self.hear_failure(post, id, &mut row),
                }
                if row != before {
                    let again = matches!(row.stage, IntroductionStage::Met | IntroductionStage::Agreed);
                    self.keep_introduction(id, row);
                    if again {
                        // The other may have been quicker to say something, and who introduces to answer.
                        self.read_letters_again();
                    }
                }
                true
            }
        }
    }

    fn read_asks(
        &mut self,
        post: &Post,
        id: IntroductionId,
        to: MemberId,
        whom: Option<MemberId>,
        text: String,
    ) -> bool {
        let Some(home) = self.home() else { return false };
        let known = self.talks.introductions.contains_key(&id);
        if known || to == post.sender || whom == Some(to) || whom == Some(post.sender) || home.has_blocked(&post.sender)
        {
            return true;
        }
        // This device may not know yet that it introduces.
        if !home.introduces(&to) || !self.talks.room_for(&post.me, &post.sender, &mut self.step.batch) {
            return false;
        }
        let (named, stage, at) = (whom.is_some(), IntroductionStage::Asked, post.at);
        let row = IntroductionRow { asker: post.sender, introducer: to, whom, named, text, stage, at };
        self.keep_introduction(id, row);
        true
    }

    fn read_proposes(&mut self, post: &Post, id: IntroductionId, to: MemberId, asker: MemberId, text: String) -> bool {
        let known = self.talks.introductions.get(&id).cloned();
        if post.sender == post.me {
            // Another device of the one who introduces.
            let Some(mut row) = known else { return false };
            if row.introducer == post.me && !row.is_over(&post.me) {
                (row.whom, row.stage) = (Some(to), IntroductionStage::Proposed);
                self.keep_introduction(id, row);
            }
            return true;
        }
        let Some(home) = self.home() else { return false };
        if known.is_some() || asker == post.me || asker == post.sender {
            return true;
        }
        if !home.introduces(&post.sender) {
            return false;
        }
        if home.has_blocked(&asker) || home.has_blocked(&post.sender) {
            // The same no as anybody's.
            self.tell(id, post.sender, Introduces::Replies(false));
            return true;
        }
        if !self.talks.room_for(&post.me, &asker, &mut self.step.batch) {
            return false;
        }
        let (whom, stage, at) = (Some(to), IntroductionStage::Proposed, post.at);
        let row = IntroductionRow { asker, introducer: post.sender, whom, named: true, text, stage, at };
        self.keep_introduction(id, row);
        // Another own device may have answered before.
        self.read_letters_again();
        true
    }

    fn hear_reply(&mut self, post: &Post, id: IntroductionId, row: &mut IntroductionRow, yes: bool) {
        if row.whom != Some(post.sender) || row.stage != IntroductionStage::Proposed {
            return;
        }
        if post.sender == post.me {
            row.stage = if yes { IntroductionStage::Agreed } else { IntroductionStage::Declined };
        } else if row.introducer == post.me && yes {
            self.tell(id, row.asker, Introduces::Meets { with: post.sender });
            self.tell(id, post.sender, Introduces::Meets { with: row.asker });
            row.stage = IntroductionStage::Met;
        } else if row.introducer == post.me {
            row.stage = if row.named { IntroductionStage::Failed } else { IntroductionStage::Declined };
            if row.named {
                self.tell(id, row.asker, Introduces::Fails);
            }
        }
    }

    /// Who introduces ends it, and who has asked, whose word the one who introduces passes on.
    fn hear_failure(&mut self, post: &Post, id: IntroductionId, row: &mut IntroductionRow) {
        let asker = post.sender == row.asker && (post.me == row.asker || post.me == row.introducer);
        if !asker && post.sender != row.introducer {
            return;
        }
        let proposed = post.me == row.introducer && row.stage == IntroductionStage::Proposed;
        if let Some(whom) = row.whom.filter(|_| asker && proposed) {
            self.tell(id, whom, Introduces::Fails);
        }
        row.stage = IntroductionStage::Failed;
    }

    fn hear_meeting(&self, post: &Post, row: &mut IntroductionRow, with: MemberId) {
        let fits = match post.me {
            _ if post.sender != row.introducer => false,
            me if me == row.introducer => true,
            me if me == row.asker => with != me && (!row.named || row.whom == Some(with)),
            _ => with == row.asker && row.stage == IntroductionStage::Agreed,
        };
        if !fits {
            return;
        }
        if self.home().is_some_and(|home| home.has_blocked(&with)) {
            row.stage = IntroductionStage::Failed;
            return;
        }
        if post.me == row.asker {
            row.whom = Some(with);
        }
        row.stage = IntroductionStage::Met;
    }

    fn own_introduction(
        &self,
        id: &IntroductionId,
        fits: impl Fn(&IntroductionRow) -> bool,
    ) -> Result<IntroductionRow, NodeError> {
        let row = self.talks.introductions.get(id).filter(|row| fits(row));
        Ok(row.cloned().ok_or(CareRefusal::IntroductionUnknown)?)
    }

    fn has_room_for_two(&self, to: &MemberId) -> Result<(), NodeError> {
        let own = self.me().map_or(0, |me| self.letters_to(&me));
        let room = self.letters.has_room_for(self.letters_to(to) + own);
        if room { Ok(()) } else { Err(Refusal::InboxFull.into()) }
    }

    /// Sends a word to a member's devices, and to one's own further ones.
    fn tell(&mut self, id: IntroductionId, to: MemberId, says: Introduces) {
        let letter = Letter::Care(CareLetter::Introduction { id, to, says });
        self.post_letter(&to, &letter);
        if let Some(me) = self.me() {
            self.post_letter(&me, &letter);
        }
    }

    fn keep_introduction(&mut self, id: IntroductionId, row: IntroductionRow) {
        put(&mut self.step.batch, INTRODUCTION, &id.0, &row);
        self.talks.introductions.insert(id, row);
        self.arrival.tags.insert(Tag::Care);
    }
}
