//! Checks an export from its bytes alone: every signature, every journal from its first entry, and what it says of deals and
//! payments against what was signed.
//!
//! What it cannot know without the building: whether the reviewer who certified the owner was one. It says who it was.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::BASE64;
use kaifong_domain::deal::SignedAct;
use kaifong_domain::rows::Stage as DealStage;
use kaifong_domain::{Board, BuildingId, DealId, EntryHash, JournalId, MemberId};
use kaifong_node::trust::entry::{Basis, Body, Cut, Entry, Genesis, Grant, NO_ENTRY, Open, Transfer};
use kaifong_node::trust::{Signed, Verified};
use serde::Serialize;

use super::{DOCUMENT, DealPart, Document, FORMAT, JournalPart, VERSION, files, open, unpack};
use crate::dto::{Direction, Line, LineState, Stage};
use crate::{ApiError, Code, Hex};

/// The most signed entries of an export that is checked.
const ENTRIES_MAX: usize = 1_000_000;

/// What an export that holds was found to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Always `true`: what does not hold is an error.
    pub ok: bool,
    /// The building.
    pub building: Hex<BuildingId>,
    /// Its name, as its founder signed it.
    pub name: String,
    /// Whose export it is.
    pub member: Hex<MemberId>,
    /// What neighbours call them, as the export says; names are not signed in journals.
    pub shown: String,
    /// When it was made.
    pub exported_at: u64,
    /// Own journals, each whole from its first entry.
    pub journals: u64,
    /// Own signed entries.
    pub entries: u64,
    /// Others' signed entries.
    pub proofs: u64,
    /// Deals whose state follows from the signed entries.
    pub deals: u64,
    /// Payments that are as they were signed.
    pub payments: u64,
    /// Whether the founder of the building certified the owner, or the owner is the founder. Else the reviewer's standing is
    /// for the building to tell.
    pub vouched_by_founder: bool,
    /// Whether tables and page say what `kaifong.json` says. Another version may have written them in other words.
    pub pages_match: bool,
}

/// What is wrong with an export.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is no `.zip`, or a damaged one.
    #[error("这不是街坊导出的文件，或者文件坏了")]
    NotAnExport,
    /// It is larger than any export.
    #[error("这个文件太大，不像街坊导出的")]
    TooLarge,
    /// There is no `kaifong.json` in it, or none that can be read.
    #[error("里面的 kaifong.json 读不懂：{0}")]
    Document(String),
    /// It is of a later version.
    #[error("这是更新的版本导出的（格式 {found}，这里只认到 {VERSION}）")]
    Newer {
        /// The version found.
        found: u32,
    },
    /// The building is not the one whose founder signed it.
    #[error("楼的编号和创建时签的对不上")]
    Building,
    /// A signed entry is not as it was signed.
    #[error("第 {place} 笔签名对不上（{whose}）")]
    Signature {
        /// Its place in the list, from 1.
        place: usize,
        /// Whose list.
        whose: &'static str,
    },
    /// An entry is missing from a journal, is there twice, or stands in the wrong place.
    #[error("账本 {journal} 的第 {seq} 笔接不上")]
    Chain {
        /// The journal, shortened.
        journal: String,
        /// The place, from 0.
        seq: u64,
    },
    /// A journal is not the owner's.
    #[error("账本 {journal} 不是他本人的")]
    Stranger {
        /// The journal, shortened.
        journal: String,
    },
    /// Nothing shows whose entry it is.
    #[error("凭证 {entry} 看不出是谁签的")]
    Unowned {
        /// The entry, shortened.
        entry: String,
    },
    /// A deal is not as its signed entries say.
    #[error("约定 {deal} 和签过的凭证对不上")]
    Deal {
        /// The deal, shortened.
        deal: String,
    },
    /// An entry is said to count for nothing, and nothing shows that its device was closed before it.
    #[error("凭证 {entry} 说是不算数，却没有关掉那台设备的凭证")]
    Unclosed {
        /// The entry, shortened.
        entry: String,
    },
    /// A payment is not as it was signed.
    #[error("积分流水里 {entry} 这一笔和签过的对不上")]
    Payment {
        /// The entry, shortened.
        entry: String,
    },
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let readable =
            !matches!(fault, Fault::NotAnExport | Fault::TooLarge | Fault::Document(_) | Fault::Newer { .. });
        let code = if readable { Code::STORE_UNUSABLE } else { Code::BAD_ARGUMENTS };
        let hint = match &fault {
            Fault::Newer { .. } => "请更新 kaifong 再核对",
            _ if readable => "这份资料导出以后被改过；请本人重新导出一份",
            _ => "请用「我的」里导出的那个 .zip 文件",
        };
        ApiError::new(code, fault.to_string()).hinted(hint)
    }
}

/// Checks the bytes of an export.
///
/// # Errors
/// The first [`Fault`] that is found.
pub fn verify(bytes: &[u8]) -> Result<Report, Fault> {
    let mut archive = open(bytes)?;
    let json = unpack(&mut archive, DOCUMENT)?.ok_or(Fault::NotAnExport)?;
    let document = read(&json)?;
    let mut report = verify_document(&document)?;
    report.pages_match = true;
    for (name, written) in files(&document).map_err(|error| Fault::Document(error.sentence))? {
        let found = unpack(&mut archive, name)?;
        report.pages_match &= name == DOCUMENT || found.as_ref() == Some(&written);
    }
    Ok(report)
}

fn read(json: &[u8]) -> Result<Document, Fault> {
    /// What every version says of itself.
    #[derive(serde::Deserialize)]
    struct Mark {
        format: String,
        version: u32,
    }
    let unreadable = |error: serde_json::Error| Fault::Document(error.to_string());
    let mark: Mark = serde_json::from_slice(json).map_err(unreadable)?;
    if mark.format != FORMAT {
        return Err(Fault::NotAnExport);
    }
    if mark.version > VERSION {
        return Err(Fault::Newer { found: mark.version });
    }
    serde_json::from_slice(json).map_err(unreadable)
}

/// Checks `kaifong.json` by itself; `pages_match` is `false` then, as there are no pages.
///
/// # Errors
/// The first [`Fault`] that is found.
pub fn verify_document(document: &Document) -> Result<Report, Fault> {
    let genesis = read_genesis(document)?;
    let building = BuildingId(genesis.hash());
    let (own, proofs) = read_entries(document, building)?;
    let ledger = Signatures::of(&genesis, document.owner.person.member.0, &own, &proofs)?;
    for (part, entries) in document.journals.iter().zip(&own) {
        ledger.check_journal(part, entries)?;
    }
    let void: BTreeSet<EntryHash> = document.void.iter().map(|hash| hash.0).collect();
    ledger.check_void(&void)?;
    let board = ledger.board(&void);
    for part in &document.deals {
        ledger.check_deal(&board, part)?;
    }
    for line in &document.statement {
        ledger.check_line(line)?;
    }
    let many = |n: usize| n as u64;
    Ok(Report {
        ok: true,
        building: Hex(building),
        name: genesis.value().name.clone(),
        member: document.owner.person.member,
        shown: document.owner.person.shown(),
        exported_at: document.exported_at,
        journals: many(own.len()),
        entries: many(own.iter().map(Vec::len).sum()),
        proofs: many(proofs.len()),
        deals: many(document.deals.len()),
        payments: many(document.statement.len()),
        vouched_by_founder: ledger.vouched_by_founder(),
        pages_match: false,
    })
}

fn read_genesis(document: &Document) -> Result<Verified<Genesis>, Fault> {
    let bytes = BASE64.decode(document.building.genesis.as_bytes()).map_err(|_| Fault::Building)?;
    let genesis = Signed::<Genesis>::from_bytes(&bytes).and_then(Signed::verify).map_err(|_| Fault::Building)?;
    let same = genesis.hash() == document.building.id.0.0 && genesis.value().name == document.building.name;
    if same { Ok(genesis) } else { Err(Fault::Building) }
}

type Entries = Vec<Verified<Entry>>;

fn read_entries(document: &Document, building: BuildingId) -> Result<(Vec<Entries>, Entries), Fault> {
    let total = document.journals.iter().map(|part| part.entries.len()).sum::<usize>() + document.proofs.len();
    if total > ENTRIES_MAX {
        return Err(Fault::TooLarge);
    }
    let all = |texts: &[String], whose: &'static str| -> Result<Entries, Fault> {
        let each = texts.iter().enumerate();
        each.map(|(at, text)| verified(text, building).ok_or(Fault::Signature { place: at + 1, whose })).collect()
    };
    let own = document.journals.iter().map(|part| all(&part.entries, "自己签的")).collect::<Result<_, _>>()?;
    Ok((own, all(&document.proofs, "别人签的")?))
}

fn verified(text: &str, building: BuildingId) -> Option<Verified<Entry>> {
    let bytes = BASE64.decode(text.as_bytes()).ok()?;
    let entry = Signed::<Entry>::from_bytes(&bytes).and_then(Signed::verify).ok()?;
    (entry.value().building == building).then_some(entry)
}

/// All verified entries, and whose each is.
struct Signatures<'a> {
    owner: MemberId,
    founder: MemberId,
    founder_journal: JournalId,
    own: BTreeSet<JournalId>,
    entries: BTreeMap<EntryHash, (&'a Verified<Entry>, MemberId)>,
}

impl<'a> Signatures<'a> {
    fn of(
        genesis: &Verified<Genesis>,
        owner: MemberId,
        own: &'a [Entries],
        proofs: &'a Entries,
    ) -> Result<Self, Fault> {
        let building = BuildingId(genesis.hash());
        let founder = MemberId::derive(&building, &genesis.signer());
        let all = || own.iter().flatten().chain(proofs);
        // A journal's id says whose it is, once its first entry says member and nonce.
        let mut opened: BTreeMap<JournalId, MemberId> = BTreeMap::new();
        for entry in all() {
            if let Body::Open(Open { member, nonce, .. }) = &entry.value().body
                && JournalId::derive(&building, member, &entry.signer(), *nonce) == entry.value().journal
            {
                opened.insert(entry.value().journal, *member);
            }
        }
        let mut entries = BTreeMap::new();
        for entry in all() {
            let (hash, journal) = (EntryHash(entry.hash()), entry.value().journal);
            let first = MemberId::derive(&building, &entry.signer());
            let by = opened.get(&journal).copied();
            let by =
                by.or_else(|| (JournalId::derive(&building, &first, &entry.signer(), 0) == journal).then_some(first));
            entries.insert(hash, (entry, by.ok_or_else(|| Fault::Unowned { entry: hash.short() })?));
        }
        Ok(Self {
            owner,
            founder,
            founder_journal: JournalId::derive(&building, &founder, &genesis.signer(), 0),
            own: own.iter().flatten().map(|entry| entry.value().journal).collect(),
            entries,
        })
    }

    /// Follows one of the owner's journals from its first entry.
    fn check_journal(&self, part: &JournalPart, entries: &[Verified<Entry>]) -> Result<(), Fault> {
        let journal = part.journal.0;
        let stranger = || Fault::Stranger { journal: journal.short() };
        // Where the device has forked it, several branches go on from one entry.
        let mut places: BTreeMap<EntryHash, u64> = BTreeMap::new();
        for entry in entries {
            let value = entry.value();
            if value.journal != journal || entry.signer() != part.device.0 {
                return Err(stranger());
            }
            let follows = places.get(&value.prev).map_or(0, |before| before + 1);
            let first = value.prev == NO_ENTRY;
            let twice = places.insert(EntryHash(entry.hash()), value.seq).is_some();
            if twice || value.seq != follows || (value.seq == 0) != first {
                return Err(Fault::Chain { journal: journal.short(), seq: value.seq });
            }
        }
        let Some(Body::Open(open)) = entries.first().map(|entry| &entry.value().body) else { return Err(stranger()) };
        if open.member == self.owner && self.is_based(part, open) { Ok(()) } else { Err(stranger()) }
    }

    /// Tells whether the device may write for the owner: by the genesis, a certificate, a link of the owner's own, the owner's
    /// recovery sheet, or a re-approval.
    fn is_based(&self, part: &JournalPart, open: &Open) -> bool {
        let word = |hash: &EntryHash| self.entries.get(hash).map(|(entry, by)| (&entry.value().body, *by));
        match open.basis {
            Basis::Genesis => self.owner == self.founder,
            Basis::Certificate(hash) => matches!(word(&hash), Some((Body::Certify(certificate), _))
                if certificate.device == part.device.0 && certificate.member == self.owner),
            Basis::Link(hash) => {
                matches!(word(&hash), Some((Body::Link(link), by)) if link.device == part.device.0 && by == self.owner)
            }
            Basis::Recover(hash) => match word(&hash) {
                // The claim's signature is a part of the entry's form.
                Some((Body::Recover(recovery), _)) => {
                    let claim = recovery.claim.clone().verify().ok();
                    let new = claim.as_ref().and_then(|claim| claim.value().new);
                    new.is_some_and(|link| link.device == part.device.0)
                        && matches!(word(&recovery.sheet), Some((Body::Sheet(declared), by))
                            if by == self.owner && declared.sheet.key == recovery.claim.claimed_signer())
                }
                _ => false,
            },
            Basis::Reapprove(hash) => matches!(word(&hash), Some((Body::Reapprove(approval), _))
                if approval.member == self.owner && approval.new.is_some_and(|link| link.device == part.device.0)),
        }
    }

    fn vouched_by_founder(&self) -> bool {
        let by_founder = |(entry, by): &(&Verified<Entry>, MemberId)| {
            let certifies = matches!(&entry.value().body, Body::Certify(word) if word.member == self.owner);
            certifies && *by == self.founder && entry.value().journal == self.founder_journal
        };
        self.owner == self.founder || self.entries.values().any(by_founder)
    }

    /// Checks that what is said to count for nothing was signed by a device beyond what its member has left of it.
    fn check_void(&self, void: &BTreeSet<EntryHash>) -> Result<(), Fault> {
        let of = |hash: &EntryHash| self.entries.get(hash).map(|(_, by)| *by);
        for hash in void {
            let unclosed = || Fault::Unclosed { entry: hash.short() };
            let (entry, member) = self.entries.get(hash).ok_or_else(unclosed)?;
            let (device, value) = (entry.signer(), entry.value());
            let closes = |(by_entry, by): &(&Verified<Entry>, MemberId)| {
                let body = &by_entry.value().body;
                let may = match body {
                    Body::Recover(recovery) => of(&recovery.sheet) == Some(*member),
                    Body::Reapprove(approval) => approval.member == *member,
                    _ => by == member,
                };
                let left = |cut: &Cut| cut.tips.iter().any(|tip| tip.journal == value.journal && tip.seq >= value.seq);
                may && body.cuts().iter().any(|cut| cut.device == device && !left(cut))
            };
            if !self.entries.values().any(closes) {
                return Err(unclosed());
            }
        }
        Ok(())
    }

    /// Plays all acts again that count.
    fn board(&self, void: &BTreeSet<EntryHash>) -> Board {
        let mut board = Board::new();
        for (hash, (entry, by)) in self.entries.iter().filter(|(hash, _)| !void.contains(*hash)) {
            let value = entry.value();
            if let Body::Deal(act) = value.body {
                let (entry, journal, seq, at) = (*hash, value.journal, value.seq, value.at);
                board.add_act(SignedAct { by: *by, entry, journal, seq, at, act });
            }
        }
        board
    }

    fn check_deal(&self, board: &Board, part: &DealPart) -> Result<(), Fault> {
        let deal = &part.deal;
        let wrong = || Fault::Deal { deal: deal.id.0.short() };
        let row = board.deal(&deal.id.0).ok_or_else(wrong)?;
        let parties = row.giver == deal.giver.member.0 && row.receiver == deal.receiver.member.0;
        let terms = row.terms.points.0 == deal.points
            && row.due_at.map(|at| at.0) == deal.due_at
            && row.terms.listing == deal.listing.0;
        // Which of two agreed deals won is decided among all deals of a listing, and these are one person's.
        let contested = deal.stage == Stage::Lost || row.stage == DealStage::Lost;
        let stands = contested || Stage::from(row.stage) == deal.stage;
        let in_time = board.returned_in_time(&row.id) == deal.returned_in_time;
        let proven = part.entries.iter().all(|hash| {
            let body = self.entries.get(&hash.0).map(|(entry, _)| &entry.value().body);
            matches!(body, Some(Body::Deal(act)) if about(act, hash.0) == deal.id.0)
        });
        let owns = row.is_party(&self.owner);
        if parties && terms && stands && in_time && proven && owns { Ok(()) } else { Err(wrong()) }
    }

    fn check_line(&self, line: &Line) -> Result<(), Fault> {
        let wrong = || Fault::Payment { entry: line.entry.0.short() };
        let (entry, by) = self.entries.get(&line.entry.0).ok_or_else(wrong)?;
        let (transfer, grant) = match &entry.value().body {
            Body::Transfer(transfer) => (*transfer, false),
            // Out of the fund, though it is a treasurer who signs: perhaps the owner.
            Body::Grant(Grant { terms, .. }) if terms.member == self.owner => {
                (Transfer { to: terms.to, points: terms.points, reason: Some(terms.reason()) }, true)
            }
            _ => return Err(wrong()),
        };
        let (out, mine) = (*by == self.owner && !grant, self.own.contains(&transfer.to));
        let direction = match line.direction {
            Direction::Out => out,
            Direction::In => mine && !out,
        };
        let accepted = || {
            let takes = |entry: &Verified<Entry>| {
                matches!(entry.value().body, Body::Accept { transfer: of } if of == line.entry.0)
                    && entry.value().journal == transfer.to
            };
            self.entries.values().any(|(entry, _)| takes(entry))
        };
        let state = !matches!(line.state, LineState::Accepted | LineState::Stamped) || accepted();
        let deal = line.deal.is_none_or(|deal| transfer.reason == Some(deal.0.into()));
        if direction && state && deal && transfer.points.0 == line.points { Ok(()) } else { Err(wrong()) }
    }
}

/// The deal that an act in this entry is about.
fn about(act: &kaifong_domain::deal::DealAct, entry: EntryHash) -> DealId {
    let nowhere = JournalId([0; 32]);
    let by = MemberId([0; 16]);
    SignedAct { by, entry, journal: nowhere, seq: 0, at: kaifong_domain::Instant(0), act: *act }.deal()
}
