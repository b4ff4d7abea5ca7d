//! Deals and loans.

use std::cmp::Reverse;

use kaifong_domain::deal::DealAct;
use kaifong_domain::rows::{DealRow, Stage};
use kaifong_domain::{DealId, EntryHash, Refusal};
use kaifong_node::trust::entry::Body;
use kaifong_node::{Node, PhoneStand};

use super::View;
use super::listings::page;
use crate::dto::{Act, DealDetail, Deals, DealsArgs, Lost, Phone, Voucher, WonBy};
use crate::{ApiError, Hex, words};

impl View<'_> {
    pub(crate) fn deals(&self, args: &DealsArgs) -> Result<Deals, ApiError> {
        let limit = page(args.limit, 50, 200)?;
        let rows = self.all_deals(args)?;
        let total = rows.len() as u64;
        Ok(Deals { rows: rows.into_iter().take(limit).map(|row| self.deal(row)).collect(), total })
    }

    /// All deals that are wanted, the last changed first.
    pub(crate) fn all_deals(&self, args: &DealsArgs) -> Result<Vec<&DealRow>, ApiError> {
        let board = self.home.board();
        let wanted = |row: &&DealRow| {
            !self.is_hushed(row)
                && args.live.is_none_or(|live| live == row.stage.is_live())
                && args.listing.is_none_or(|listing| listing.0 == row.terms.listing)
                && args.member.is_none_or(|member| row.is_party(&member.0))
        };
        let mut rows: Vec<&DealRow> = match (args.member, args.all) {
            (Some(member), _) => board.deals_with(&member.0).filter(wanted).collect(),
            (None, true) => board.deals().filter(wanted).collect(),
            (None, false) => board.deals_with(&self.require_me()?).filter(wanted).collect(),
        };
        rows.sort_unstable_by_key(|row| (Reverse(row.changed_at), row.id));
        Ok(rows)
    }

    fn deal_detail(&self, id: &DealId, phone: &PhoneStand) -> Result<DealDetail, ApiError> {
        let board = self.home.board();
        let row = board.deal(id).ok_or(Refusal::DealUnknown)?;
        let said = [row.giver, row.receiver].into_iter().flat_map(|about| board.reviews_about(&about));
        let payments = self.home.ledger().statement(&row.receiver);
        let payments = payments.iter().filter(|line| self.pays(line, id));
        Ok(DealDetail {
            deal: self.deal(row),
            vouchers: self.entries_of(row).iter().filter_map(|entry| self.voucher(row, entry)).collect(),
            payments: payments.map(|line| self.line(row.receiver, line)).collect(),
            reviews: said.filter(|said| said.review.deal == *id).map(|said| self.review(said)).collect(),
            lost: self.lost(row),
            phone: self.me.filter(|me| row.is_party(me)).map(|_| phone_of(row, phone)),
            turn_to: self.me.and_then(|me| row.other(&me)).map(|other| self.turn_to(&other)).unwrap_or_default(),
        })
    }

    fn voucher(&self, deal: &DealRow, hash: &EntryHash) -> Option<Voucher> {
        let held = self.home.journals().entry(hash)?;
        let (entry, entry_by) = (held.value(), held.signer());
        let by = self.home.roster().owner_of_journal(&entry.journal);
        let what = match &entry.body {
            Body::Deal(DealAct::Answer { .. }) => Act::Answer,
            Body::Deal(DealAct::Agree { .. }) => Act::Agree,
            Body::Deal(DealAct::CallOff { .. }) => Act::CallOff,
            Body::Deal(DealAct::HandOver { .. } | DealAct::HandedOver { .. }) => Act::HandOver,
            Body::Deal(DealAct::Return { .. } | DealAct::Returned { .. }) => Act::Return,
            Body::Deal(DealAct::Extend { .. }) => Act::Extend,
            Body::Deal(DealAct::KeepDay { .. }) => Act::KeepDay,
            Body::Deal(DealAct::Done { .. }) => Act::Done,
            Body::Say(_) => Act::Say,
            Body::Rule(_) => Act::Rule,
            _ => return None,
        };
        Some(Voucher {
            entry: Hex(*hash),
            by: by.map(|by| self.person_by(by, Some(entry_by))),
            at: entry.at.0,
            what,
            points: match &entry.body {
                Body::Say(word) | Body::Rule(word) => Some(word.points.0),
                _ => None,
            },
            day: self.voucher_day(deal, by, entry),
            condition: match &entry.body {
                Body::Deal(DealAct::Returned { condition, .. }) => condition.map(Into::into),
                _ => None,
            }
            .filter(|_| self.sees_terms(deal)),
            word: words::act(what, by == Some(deal.giver)).to_owned(),
        })
    }

    fn lost(&self, row: &DealRow) -> Option<Lost> {
        let board = self.home.board();
        let winner = board.winner_of(&row.id)?;
        let by = if winner.further { WonBy::Further } else { WonBy::Number };
        let with = board.deal(&winner.deal).map(|won| self.person(won.answerer));
        let whom = with.as_ref().map(|with| with.shown()).unwrap_or_else(|| "另一家".to_owned());
        let why = format!("这一条已经和{whom}约好了：{}", by.word());
        Some(Lost { winner: Hex(winner.deal), with, by, why })
    }
}

/// Shows one deal, and to its two parties how it stands with their phone numbers.
///
/// # Errors
/// `no-building`, `deal-unknown`.
pub(crate) fn deal_detail(node: &Node, id: &DealId) -> Result<DealDetail, ApiError> {
    View::of(node)?.deal_detail(id, &node.phone_stand(id))
}

fn phone_of(row: &DealRow, stand: &PhoneStand) -> Phone {
    let PhoneStand { mine, offered, theirs, withdrawn, they_withdrew } = stand.clone();
    let can_offer = matches!(row.stage, Stage::Agreed | Stage::OnLoan);
    Phone { can_offer, mine, offered, theirs, withdrawn, they_withdrew }
}
