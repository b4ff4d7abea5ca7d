//! One's own account.

use kaifong_domain::{EntryHash, JournalId, MemberId, Refusal};
use kaifong_node::faces::{FaceError, Shown};
use kaifong_node::ledger::{self, NotCounted, Uncovered};
use kaifong_node::{Face, Node};

use super::View;
use super::listings::page;
use crate::dto::{
    Account, FaceCode, FaceStage, Faced, Hand, Line, LineState, Person, PhonesNote, Statement, StatementArgs,
};
use crate::{ApiError, Code, Hex};

const NEWEST_LINES: usize = 20;

impl View<'_> {
    pub(crate) fn account(&self, node: &Node) -> Result<Account, ApiError> {
        let me = self.require_me()?;
        let ledger = self.home.ledger();
        let standing = node.tip().and_then(|tip| ledger.standing(&tip));
        let charter = self.home.roster().now().charter;
        let mut lines = self.lines()?;
        let lines_total = lines.len() as u64;
        lines.truncate(NEWEST_LINES);
        Ok(Account {
            balance: ledger.balance(&me),
            // What is contested is there and is left unspent; see the ledger.
            rights: standing.map_or(0, |at| at.rights.saturating_sub_unsigned(at.contested)),
            unseen: standing.map_or(0, |at| at.unseen),
            quota: charter.quota.0,
            credit_line: charter.credit_line.0,
            lines,
            lines_total,
        })
    }

    pub(crate) fn statement(&self, args: &StatementArgs) -> Result<Statement, ApiError> {
        let limit = page(args.limit, 100, 500)?;
        let lines = self.lines()?;
        let total = lines.len() as u64;
        let from = match args.after {
            Some(entry) => lines.iter().rposition(|line| line.entry == entry).map_or(lines.len(), |place| place + 1),
            None => 0,
        };
        Ok(Statement { lines: lines.into_iter().skip(from).take(limit).collect(), total })
    }

    /// Shows one line of somebody's statement.
    pub(super) fn line(&self, of: MemberId, line: &ledger::Line) -> Line {
        let (state, why) = match state_of(line.state) {
            (LineState::Accepted, why) if line.stamped => (LineState::Stamped, why),
            other => other,
        };
        let deal = line.reason.and_then(|reason| self.home.deal_paid(&reason));
        let corrects = deal.is_some_and(|deal| line.reason != Some(deal.id.into()));
        let (counterpart, hand) = self.sides(of, line);
        let listing = deal.and_then(|deal| self.home.board().listing(&deal.terms.owner, &deal.terms.listing));
        Line {
            at: line.signed_at.0,
            entry: Hex::<EntryHash>(line.entry),
            direction: line.direction.into(),
            counterpart,
            hand,
            points: line.points.0,
            deal: deal.map(|deal| Hex(deal.id)),
            title: listing.map(|row| row.listing.title.clone()),
            corrects,
            bought: line.reason.and_then(|reason| self.bought(reason)),
            fund: line.counterpart == Some(self.home.fund()),
            purpose: line.purpose.as_ref().map(super::fund::purpose),
            activity: self.line_activity(line.reason),
            recurring: self.line_recurring(line.reason),
            help: self.help_with(line),
            slip: line.reason.and_then(|reason| self.slip_number(&reason)),
            phones: match line.counterpart == Some(of) {
                true => Some(PhonesNote::Own),
                false => line.borne.then_some(PhonesNote::Borne),
            },
            state,
            why,
        }
    }

    pub(crate) fn face_payee(&self, node: &Node) -> Result<FaceCode, ApiError> {
        self.require_me()?;
        Ok(FaceCode { text: text_of(&node.face_payee()?)?, most: node.face_left() })
    }

    /// Whose journal it is, and who of an organisation.
    fn holder(&self, journal: &JournalId) -> Option<Person> {
        let journal = self.home.journals().journal(journal)?;
        Some(self.person_by(journal.member, Some(journal.device)))
    }

    pub(crate) fn faced(&self, face: Face) -> Result<Faced, ApiError> {
        let empty = Faced {
            stage: FaceStage::Payee,
            person: None,
            journal: None,
            entry: None,
            points: None,
            state: None,
            why: None,
            text: None,
        };
        Ok(match face {
            Face::Payee { journal, .. } => {
                Faced { person: self.holder(&journal), journal: Some(Hex(journal)), ..empty }
            }
            Face::Lacking { member, shows } => Faced {
                stage: FaceStage::Lacking,
                person: member.map(|member| self.person(member)),
                text: Some(text_of(&shows)?),
                ..empty
            },
            Face::Transfer { entry, row, paying, shows } => {
                let other = if paying { row.payee } else { row.payer };
                let (state, why) = state_of(row.state);
                let stage = match (paying, &shows) {
                    (true, Some(_)) => FaceStage::Paying,
                    (true, None) => FaceStage::Settled,
                    (false, Some(_)) => FaceStage::Taken,
                    (false, None) => FaceStage::Waiting,
                };
                Faced {
                    stage,
                    person: self.holder(&other),
                    entry: Some(Hex(entry)),
                    points: Some(row.points.0),
                    state: Some(state),
                    why,
                    text: shows.map(|shows| text_of(&shows)).transpose()?,
                    ..empty
                }
            }
        })
    }

    /// Gives the other side of a transfer, and who of an organisation it was on the statement's own. The payer's device has signed; the
    /// payee's is known only where a deal is paid, for the payment goes to the journal of who acted in it.
    fn sides(&self, of: MemberId, line: &ledger::Line) -> (Option<Person>, Option<Hand>) {
        let (journals, ledger) = (self.home.journals(), self.home.ledger());
        let payer = journals.entry(&line.entry).map(|entry| entry.signer());
        let paid = line.reason.and_then(|_| ledger.transfer(&line.entry)).map(|transfer| transfer.payee);
        let payee = paid.and_then(|journal| journals.journal(&journal)).map(|journal| journal.device);
        let (own, other) = match line.direction {
            ledger::Direction::Out => (payer, payee),
            ledger::Direction::In => (payee, payer),
        };
        let counterpart = line.counterpart.map(|member| match other {
            Some(device) => self.person_by(member, Some(device)),
            None => self.person(member),
        });
        (counterpart, own.and_then(|device| self.hand(&of, Some(device))))
    }

    /// One's own lines, the newest first.
    pub(crate) fn lines(&self) -> Result<Vec<Line>, ApiError> {
        let me = self.require_me()?;
        let lines = self.home.ledger().statement(&me);
        Ok(lines.iter().rev().map(|line| self.line(me, line)).collect())
    }
}

pub(super) fn text_of(shown: &Shown) -> Result<String, ApiError> {
    shown.text().ok_or_else(|| Refusal::ShownTooLong.into())
}

fn state_of(state: ledger::LineState) -> (LineState, Option<String>) {
    match state {
        ledger::LineState::Signed => (LineState::Signed, None),
        ledger::LineState::NotCounted(why) => (LineState::NotCounted, Some(not_counted(why).to_owned())),
        ledger::LineState::Declined => (LineState::Declined, None),
        ledger::LineState::Accepted => (LineState::Accepted, None),
    }
}

/// Reads what was scanned or pasted.
///
/// # Errors
/// `unreadable-code`.
pub(crate) fn read_code(text: &str) -> Result<Shown, ApiError> {
    Shown::read(text).map_err(|why| unread(why, "这不是当面付、当面收的码"))
}

/// Says why a text is no code.
pub(crate) fn unread(why: FaceError, foreign: &'static str) -> ApiError {
    let sentence = match why {
        FaceError::Foreign => foreign,
        FaceError::Damaged => "这张码不完整",
        FaceError::TooLarge => "这段文字太长，不是这里的码",
    };
    ApiError::new(Code::UNREADABLE_CODE, sentence).hinted("请对方重新打开码，再扫一次")
}

fn not_counted(why: NotCounted) -> &'static str {
    match why {
        NotCounted::Unknown => "这里还没有这一笔",
        NotCounted::NotATransfer => "它指的不是一笔积分",
        NotCounted::NotYours => "这一笔是给别的账本的",
        NotCounted::NotForYou => "这一笔是发给别的街坊的",
        NotCounted::NotCovered(Uncovered::NotTreasurer) => "发的人当时不管街坊基金",
        NotCounted::NotCovered(Uncovered::OffRate) => "和当时的分数表对不上",
        NotCounted::NotCovered(Uncovered::NotSeconded) => "要第二个人确认的，没有确认过",
        NotCounted::NotCovered(_) => "付的人当时的积分不够",
        NotCounted::AlreadyAccepted => "已经收过了",
        NotCounted::AlreadyDeclined => "已经退回了",
        NotCounted::ReasonTaken => "同一件事已经收过一笔",
        NotCounted::ConflictingBranch => "付的人的账本分了岔，另一边已经收过",
    }
}
