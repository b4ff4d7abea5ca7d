//! Conversations, introductions, drives and thanks, as one of the building looks at them.

use std::cmp::Reverse;

use data_encoding::BASE64;
use kaifong_domain::care::{self, CareRefusal, DriveKey, Thread};
use kaifong_domain::rows::{DealRow, ListingRow, ListingStage, Stage};
use kaifong_domain::{EntryHash, MemberId};
use kaifong_node::{IntroductionRow, Node};

use super::View;
use crate::dto::{
    Blocked, Donor, Drive, DriveDetail, Drives, Introduction, IntroductionStage, Introductions, Person, Talk,
    TalkMessage, TalkNote, ThanksRow, Wall,
};
use crate::{ApiError, Hex};

/// How many notes the wall shows.
const WALL_MAX: usize = 200;

/// Shows a conversation to one of its two.
///
/// # Errors
/// `no-building`, `not-yet-member`, `deal-unknown`, `not-a-party`, `thread-unknown`.
pub(crate) fn talk(node: &Node, thread: &Thread) -> Result<Talk, ApiError> {
    let view = View::of(node)?;
    let me = view.require_me()?;
    let (other, open) = node.partner(thread)?;
    let blocked = view.home.has_blocked(&other);
    let messages = node.messages(thread).into_iter().map(|message| TalkMessage {
        message: Hex(EntryHash(message.hash)),
        mine: message.by == me,
        text: message.text.clone(),
        picture: picture(&message.picture()),
        at: message.at.0,
        under_way: node.is_under_way(message),
    });
    let notes = node.notes(thread).into_iter().map(|note| TalkNote {
        by: view.person(note.by),
        text: note.text.clone(),
        at: note.at.0,
    });
    let hearers = node.hears_reports_about(&other).into_iter().filter(|member| *member != me);
    Ok(Talk {
        other: view.person(other),
        open: open && !blocked && !view.is_gone(&other),
        blocked,
        hearers: hearers.map(|member| view.person(member)).collect(),
        messages: messages.collect(),
        notes: notes.collect(),
    })
}

/// Gives a picture as pages take it; `None` where there is none.
pub(super) fn picture(jpeg: &[u8]) -> Option<String> {
    (!jpeg.is_empty()).then(|| BASE64.encode(jpeg))
}

/// Lists the introductions that one has to do with.
///
/// # Errors
/// `no-building`, `not-yet-member`.
pub(crate) fn introductions(node: &Node) -> Result<Introductions, ApiError> {
    let view = View::of(node)?;
    let me = view.require_me()?;
    let rows = node.introductions().into_iter().map(|(id, row)| Introduction {
        introduction: Hex(id),
        asker: view.person(row.asker),
        introducer: view.person(row.introducer),
        // Whom the one who introduces has thought of, the one who asked learns after a yes.
        whom: row.whom.filter(|whom| known_to(row, me, whom)).map(|whom| view.person(whom)),
        named: row.named,
        text: row.text.clone(),
        stage: row.stage.into(),
        at: row.at.0,
        turn: is_turn(row, me),
    });
    let members = view.home.roster().members().map(|(member, _)| *member);
    let introducers = members.filter(|member| *member != me && view.home.introduces(member) && view.is_here(member));
    let introducers: Vec<Person> =
        introducers.filter(|member| !view.home.has_blocked(member)).map(|member| view.person(member)).collect();
    Ok(Introductions { rows: rows.collect(), introducers })
}

fn known_to(row: &IntroductionRow, me: MemberId, whom: &MemberId) -> bool {
    row.named || row.introducer == me || *whom == me || row.stage == kaifong_node::IntroductionStage::Met
}

pub(super) fn is_turn(row: &IntroductionRow, me: MemberId) -> bool {
    match IntroductionStage::from(row.stage) {
        IntroductionStage::Asked | IntroductionStage::Declined => row.introducer == me,
        IntroductionStage::Proposed => row.whom == Some(me),
        _ => false,
    }
}

/// Tells whom one has blocked.
///
/// # Errors
/// `no-building`.
pub(crate) fn blocked(node: &Node) -> Result<Blocked, ApiError> {
    let view = View::of(node)?;
    Ok(Blocked { rows: node.blocked().into_iter().map(|member| view.person(member)).collect() })
}

impl View<'_> {
    /// Tells whether a deal is an answer by somebody with whom the one who looks would have nothing to do: it is not shown, as
    /// if it had not come.
    pub(super) fn is_hushed(&self, deal: &DealRow) -> bool {
        deal.stage == Stage::Answered && self.me == Some(deal.terms.owner) && self.home.has_blocked(&deal.answerer)
    }

    /// Gives where a listing stands for the one who looks: one's own whose only answers are hushed is open.
    pub(super) fn stage_shown(&self, row: &ListingRow) -> ListingStage {
        let mut answers = self.home.board().deals_of(&row.owner, &row.listing.id);
        let hushed = row.stage == ListingStage::Answered
            && self.me == Some(row.owner)
            && answers.all(|deal| deal.stage != Stage::Answered || self.is_hushed(deal));
        if hushed { ListingStage::Open } else { row.stage }
    }

    fn drive_row(&self, (owner, id): &DriveKey, drive: &care::Drive) -> Drive {
        let progress = self.home.care().progress(&(*owner, *id));
        Drive {
            owner: self.person(*owner),
            drive: Hex(*id),
            mine: self.me == Some(*owner),
            title: drive.title.clone(),
            body: drive.body.clone(),
            target: drive.target,
            unit: drive.unit.clone(),
            pledged: progress.pledged,
            received: progress.received,
            until: drive.until.0,
            put_at: drive.put_at.0,
            closed_at: drive.closed.as_ref().map(|closed| closed.at.0),
            report: drive.closed.as_ref().map(|closed| closed.report.clone()).unwrap_or_default(),
            open: drive.is_open(self.now),
        }
    }

    /// Lists all drives.
    pub(crate) fn drives(&self) -> Drives {
        let mut rows: Vec<_> = self.home.care().drives().map(|(key, drive)| self.drive_row(key, drive)).collect();
        rows.sort_by_key(|row| (!row.open, row.closed_at.is_some(), Reverse(row.put_at), row.drive.0));
        Drives { rows }
    }

    /// Shows one drive with its donors.
    pub(crate) fn drive(&self, key: &DriveKey) -> Result<DriveDetail, ApiError> {
        let drive = self.home.care().drive(key).ok_or(kaifong_domain::Refusal::from(CareRefusal::DriveUnknown))?;
        let mine = self.home.care().donors(key).find(|donor| Some(donor.member) == self.me);
        let (my_pledge, my_note) =
            mine.map(|donor| (donor.pledge.count, donor.pledge.note.clone())).unwrap_or_default();
        let mut donors: Vec<_> = self
            .home
            .care()
            .donors(key)
            .map(|donor| Donor {
                member: self.person(donor.member),
                pledged: donor.pledge.count,
                note: donor.pledge.note.clone(),
                said: donor.receipt.map(|receipt| receipt.count),
                received: donor.received(),
                at: donor.pledge.at.0,
            })
            .collect();
        donors.sort_by_key(|donor| (donor.at, donor.member.member));
        Ok(DriveDetail { drive: self.drive_row(key, drive), donors, my_pledge, my_note })
    }

    /// Shows the wall.
    pub(crate) fn wall(&self) -> Wall {
        let mut all: Vec<_> = self.home.care().thanks().collect();
        let total = all.len() as u64;
        all.sort_by_key(|(by, thanks)| (Reverse(thanks.at), thanks.id, *by));
        let rows = all.into_iter().take(WALL_MAX).map(|(by, thanks)| {
            let board = self.home.board();
            let deal = thanks.deal.and_then(|deal| board.deal(&deal));
            let deal = deal.filter(|row| row.stage == Stage::Done && row.other(&by) == Some(thanks.to));
            let listing = deal.and_then(|row| board.listing(&row.terms.owner, &row.terms.listing));
            let listing = listing.filter(|row| !row.listing.is_discreet()).map(|row| &row.listing);
            let on_behalf = listing.and_then(|listing| match &listing.aside {
                Some(care::Aside::OnBehalf(of)) => Some(of.clone()),
                _ => None,
            });
            ThanksRow {
                thanks: Hex(thanks.id),
                by: self.person(by),
                to: self.person(thanks.to),
                title: listing.map(|listing| listing.title.clone()),
                signed: deal.is_some(),
                // Only whoever has posted for another thanks for them.
                on_behalf: on_behalf.filter(|_| deal.is_some_and(|row| row.terms.owner == by)),
                text: thanks.text.clone(),
                at: thanks.at.0,
                mine: self.me == Some(by),
            }
        });
        Wall { rows: rows.collect(), total }
    }
}
