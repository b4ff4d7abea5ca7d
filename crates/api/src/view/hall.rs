//! What is before the hall, and what came of it.

use kaifong_domain::hall::{self, MatterKey, MatterRow, ResponseKind, Said};
use kaifong_domain::staff::Written;
use kaifong_domain::{MatterId, MemberId, Refusal};
use kaifong_node::Speakers;

use super::View;
use super::listings::page;
use crate::dto::{
    Addressee, Matter, MatterDetail, MatterPlace, MatterSaid, MatterShow, MatterStage, MatterTurn, Matters,
    MattersArgs, PutMatterArgs, PutTo, Speaking, Tally,
};
use crate::export::ResponsePart;
use crate::{ApiError, Hex};

const PAGE_ROWS: u32 = 50;
const PAGE_ROWS_MAX: u32 = 200;

impl View<'_> {
    /// Gives one page of what is before the hall.
    ///
    /// # Errors
    /// `bad-arguments`; `not-yet-member` for what is one's own.
    pub(crate) fn matters(&self, args: &MattersArgs) -> Result<Matters, ApiError> {
        let limit = page(args.limit, PAGE_ROWS, PAGE_ROWS_MAX)?;
        if matches!(args.show, MatterShow::Mine | MatterShow::ToMe) {
            self.require_me()?;
        }
        let hall = self.home.speakers();
        let rows = self.matter_rows(&hall);
        let tally = self.tally(&rows, &hall);
        let text = args.text.as_deref().map(kaifong_node::matching::fold);
        let mut wanted: Vec<&MatterRow> = rows
            .iter()
            .filter(|row| {
                let stands = match args.show {
                    MatterShow::All => row.stage != hall::MatterStage::Withdrawn,
                    MatterShow::Mine => self.me == Some(row.asker),
                    MatterShow::ToMe => self.waits_for_me(row, &hall),
                    MatterShow::Waiting => row.stage.wants_answer(),
                    MatterShow::Solved => row.stage == hall::MatterStage::Solved,
                };
                let says = |text: &String| kaifong_node::matching::fold(&row.matter.text).contains(text);
                stands && text.as_ref().is_none_or(says)
            })
            .collect();
        wanted.sort_by_key(|row| place_of(row));
        let total = wanted.len() as u64;
        let shown = wanted.into_iter().skip(args.skip as usize).take(limit);
        Ok(Matters { rows: shown.map(|row| self.matter(row, &hall)).collect(), total, tally })
    }

    /// Gives every matter that one may see: not those of who has gone, and of those withdrawn one's own alone.
    fn matter_rows(&self, hall: &Speakers<'_>) -> Vec<MatterRow> {
        let keys = self.home.board().hall().keys().into_iter();
        let rows = keys.filter(|key| !self.is_gone(&key.0)).filter_map(|key| hall.matter_row(&key));
        rows.filter(|row| self.is_seen(row)).collect()
    }

    /// Gives what waits for this member: matters to answer, and own ones to judge, the longest waiting first.
    pub(super) fn matters_for(&self, me: MemberId, hall: &Speakers<'_>) -> Vec<MatterRow> {
        let mut rows = self.matter_rows(hall);
        rows.retain(|row| self.waits_for_me(row, hall) || waits_for_verdict(row, Some(me)));
        rows.sort_by_key(place_of);
        rows
    }

    /// Tells whether one may see it: what was withdrawn only its asker may.
    fn is_seen(&self, row: &MatterRow) -> bool {
        row.stage != hall::MatterStage::Withdrawn || self.me == Some(row.asker)
    }

    fn waits_for_me(&self, row: &MatterRow, hall: &Speakers<'_>) -> bool {
        let to_me = |me: MemberId| self.is_here(&me) && hall.is_put_to(&me, row);
        row.stage.wants_answer() && self.me.is_some_and(to_me)
    }

    fn tally(&self, rows: &[MatterRow], hall: &Speakers<'_>) -> Tally {
        let count = |stage| rows.iter().filter(|row| row.stage == stage).count() as u64;
        // By their own clocks some answer before they are asked: that says nothing of how long it took.
        let took = |row: &MatterRow| row.first_answered_at.and_then(|at| at.0.checked_sub(row.matter.put_at.0));
        let shown = rows.iter().filter(|row| row.stage != hall::MatterStage::Withdrawn);
        let mut took_ms: Vec<u64> = shown.filter_map(took).collect();
        took_ms.sort_unstable();
        Tally {
            waiting: count(hall::MatterStage::Waiting),
            heard: count(hall::MatterStage::Heard),
            answered: count(hall::MatterStage::Answered),
            // What nobody had answered was not solved here.
            solved: rows.iter().filter(|row| row.stage == hall::MatterStage::Solved && row.answers > 0).count() as u64,
            to_me: rows.iter().filter(|row| self.waits_for_me(row, hall)).count() as u64,
            answer_ms_median: took_ms.get(took_ms.len().saturating_sub(1) / 2).copied(),
        }
    }

    pub(crate) fn matter(&self, row: &MatterRow, hall: &Speakers<'_>) -> Matter {
        let matter = &row.matter;
        Matter {
            id: Hex(matter.id),
            asker: self.written_by(row.asker, &Written::Matter(matter.id)).0,
            mine: self.me == Some(row.asker),
            kind: matter.kind.into(),
            text: matter.text.clone(),
            to: matter.to.map(|to| self.put_to(to)),
            place: matter.place.map(|place| {
                let name = self.home.roster().now().places.place(&place).map(|place| place.name());
                MatterPlace { place: place.0, name }
            }),
            stage: row.stage.into(),
            put_at: matter.put_at.0,
            open_since: row.open_since.0,
            reopened: row.reopened,
            heard_at: row.first_heard_at.map(|at| at.0),
            answered_at: row.first_answered_at.map(|at| at.0),
            solved_at: row.solved_at.map(|at| at.0),
            answers: row.answers,
            replies: row.replies,
            waits_for_me: self.waits_for_me(row, hall),
            waits_for_verdict: waits_for_verdict(row, self.me),
        }
    }

    /// Gives what a member has put, withdrawn or not, the newest first.
    pub(crate) fn own_matters(&self, me: MemberId) -> Vec<MatterDetail> {
        let mut keys: Vec<_> = self.home.board().hall().keys().into_iter().filter(|key| key.0 == me).collect();
        let put_at = |key: &MatterKey| self.home.board().hall().matter(key).map(|matter| matter.put_at);
        keys.sort_by_key(|key| (std::cmp::Reverse(put_at(key)), key.1));
        keys.into_iter().filter_map(|(asker, id)| self.matter_detail(Some(asker), &id).ok()).collect()
    }

    /// Gives what a member has said to the matters of others, the newest first.
    pub(crate) fn own_responses(&self, me: MemberId) -> Vec<ResponsePart> {
        let mut rows: Vec<_> = self.home.board().hall().said_to_others(&me).collect();
        rows.sort_by_key(|response| (std::cmp::Reverse(response.at), response.id));
        let part = |response: &hall::Response| ResponsePart {
            asker: self.person(response.asker),
            matter: Hex(response.matter),
            said: match response.kind {
                ResponseKind::TakeUp => MatterSaid::TakeUp,
                ResponseKind::Answer => MatterSaid::Answer,
                ResponseKind::Reply => MatterSaid::Reply,
            },
            text: response.text.clone(),
            at: response.at.0,
        };
        rows.into_iter().map(part).collect()
    }

    fn put_to(&self, to: hall::Addressee) -> PutTo {
        let (to, person) = match to {
            hall::Addressee::Member(member) => (Addressee::Member, Some(self.person(member))),
            hall::Addressee::Officials => (Addressee::Officials, None),
            hall::Addressee::PropertyFirm => (Addressee::PropertyFirm, None),
            hall::Addressee::CommitteeOffice => (Addressee::CommitteeOffice, None),
            hall::Addressee::Answerers => (Addressee::Answerers, None),
        };
        PutTo { to, person }
    }

    /// Finds a matter that one may see.
    ///
    /// # Errors
    /// `matter-unknown`.
    pub(crate) fn matter_key(&self, asker: Option<MemberId>, id: &MatterId) -> Result<MatterKey, ApiError> {
        let keys = match asker {
            Some(asker) => vec![(asker, *id)],
            None => self.home.board().hall().keys().into_iter().filter(|key| key.1 == *id).collect(),
        };
        let rows = keys.into_iter().filter(|key| !self.is_gone(&key.0)).filter_map(|key| self.home.matter_row(&key));
        let mut found = rows.filter(|row| self.is_seen(row)).map(|row| row.key());
        match (found.next(), found.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(Refusal::MatterUnknown.into()),
            // Anybody can copy an id.
            (Some(_), Some(_)) => Err(ApiError::bad_arguments("不止一位街坊提过编号是这个的事，要写上是谁提的")),
        }
    }

    /// Gives one matter with all that was said of it.
    ///
    /// # Errors
    /// `matter-unknown`.
    pub(crate) fn matter_detail(&self, asker: Option<MemberId>, id: &MatterId) -> Result<MatterDetail, ApiError> {
        let key = self.matter_key(asker, id)?;
        let row = self.home.matter_row(&key).ok_or(Refusal::MatterUnknown)?;
        let board = self.home.board().hall();
        let open = row.stage != hall::MatterStage::Withdrawn;
        let other = self.me.filter(|me| *me != key.0 && open);
        let can_answer = other.is_some_and(|me| self.home.may_answer(&me, &row.matter));
        let can_take_up = can_answer
            && row.stage == hall::MatterStage::Waiting
            && other.is_some_and(|me| {
                !board.has_taken_up(&key, &me) && board.responses_by(&key, &me) < hall::RESPONSES_MAX
            });
        let mine = self.me == Some(key.0);
        let said = board.turns(&key).into_iter();
        // What somebody who does not speak calls their taking up says nothing.
        let turns = said.filter_map(|turn| self.turn(&row.matter, turn)).collect();
        Ok(MatterDetail {
            turns,
            can_take_up,
            can_answer,
            can_say: other.is_some_and(|me| board.responses_by(&key, &me) < hall::RESPONSES_MAX),
            can_solve: mine && row.stage.is_open(),
            can_reopen: mine && matches!(row.stage, hall::MatterStage::Answered | hall::MatterStage::Solved),
            matter: self.matter(&row, &self.home.speakers()),
        })
    }

    fn turn(&self, matter: &hall::Matter, turn: hall::Turn) -> Option<MatterTurn> {
        let voices = match turn.said {
            Said::Judged(_) => Vec::new(),
            Said::Response(_) => self.home.voices_on(&turn.by, matter),
        };
        let said = match turn.said {
            Said::Judged(hall::Judged::Solved) => MatterSaid::Solved,
            Said::Judged(hall::Judged::NotYet) => MatterSaid::NotYet,
            Said::Response(ResponseKind::TakeUp) if voices.is_empty() => return None,
            Said::Response(ResponseKind::TakeUp) => MatterSaid::TakeUp,
            Said::Response(ResponseKind::Answer) if !voices.is_empty() => MatterSaid::Answer,
            Said::Response(ResponseKind::Answer | ResponseKind::Reply) => MatterSaid::Reply,
        };
        let voices = voices.into_iter().map(|one| Speaking { voice: one.voice.into(), now: one.now }).collect();
        Some(MatterTurn { by: self.written_by(turn.by, &turn.record).0, said, text: turn.text, at: turn.at.0, voices })
    }
}

impl PutMatterArgs {
    /// Reads whom a matter is put to.
    ///
    /// # Errors
    /// `bad-arguments` where a member is told and not meant, or meant and not told.
    pub(crate) fn addressee(&self) -> Result<Option<hall::Addressee>, ApiError> {
        Ok(match (self.to, self.member) {
            (None, None) => None,
            (Some(Addressee::Member), Some(member)) => Some(hall::Addressee::Member(member.0)),
            (Some(Addressee::Officials), None) => Some(hall::Addressee::Officials),
            (Some(Addressee::PropertyFirm), None) => Some(hall::Addressee::PropertyFirm),
            (Some(Addressee::CommitteeOffice), None) => Some(hall::Addressee::CommitteeOffice),
            (Some(Addressee::Answerers), None) => Some(hall::Addressee::Answerers),
            _ => return Err(ApiError::bad_arguments("member 和 to: member 要一起写")),
        })
    }
}

fn waits_for_verdict(row: &MatterRow, me: Option<MemberId>) -> bool {
    me == Some(row.asker) && row.stage == hall::MatterStage::Answered
}

/// Where a row stands in the list: what nobody has taken up first, the longest waiting before the others; then what was
/// answered and solved, the newest first.
fn place_of(row: &MatterRow) -> (MatterStage, u64, MatterKey) {
    let newest_first = |at: Option<kaifong_domain::Instant>| u64::MAX - at.unwrap_or(row.open_since).0;
    let at = match row.stage {
        hall::MatterStage::Waiting | hall::MatterStage::Heard => row.open_since.0,
        hall::MatterStage::Answered => newest_first(row.answered_at),
        hall::MatterStage::Solved => newest_first(row.solved_at),
        hall::MatterStage::Withdrawn => newest_first(row.matter.withdrawn_at),
    };
    (row.stage.into(), at, row.key())
}
