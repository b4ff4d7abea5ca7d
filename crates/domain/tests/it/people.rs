//! The neighbours of the tests and the device on which they act.

use kaifong_domain::deal::{DealAct, Direction, Hold, SignedAct, Terms};
use kaifong_domain::record::{Kind, Listing, Mode, Profile, Records, Side};
use kaifong_domain::{Board, DealId, EntryHash, Instant, JournalId, ListingId, MemberId, Points, Refusal};

pub(crate) const MA_LE: MemberId = MemberId([1; 16]);
pub(crate) const AUNT_XIAO: MemberId = MemberId([2; 16]);
pub(crate) const AUNT_HUANG: MemberId = MemberId([3; 16]);
pub(crate) const MASTER_WANG: MemberId = MemberId([4; 16]);
pub(crate) const STRANGER: MemberId = MemberId([9; 16]);

pub(crate) const TOOL_BOX: ListingId = ListingId([11; 16]);
pub(crate) const TAP: ListingId = ListingId([12; 16]);
pub(crate) const CALLIGRAPHY: ListingId = ListingId([13; 16]);
pub(crate) const BOOKS: ListingId = ListingId([14; 16]);
pub(crate) const FRIDAY: Instant = Instant(1_700_000_000_000);

pub(crate) fn listing(id: ListingId, side: Side, kind: Option<Kind>, mode: Option<Mode>, title: &str) -> Listing {
    Listing { kind, mode, ..Listing::of(id, side, title, Instant(1)) }
}

pub(crate) fn tool_box() -> Listing {
    listing(TOOL_BOX, Side::Offer, Some(Kind::Item), Some(Mode::Share), "共享工具箱")
}

pub(crate) fn tap() -> Listing {
    listing(TAP, Side::Need, Some(Kind::Skill), None, "水龙头漏水")
}

pub(crate) fn calligraphy() -> Listing {
    listing(CALLIGRAPHY, Side::Offer, Some(Kind::Skill), None, "教书法")
}

pub(crate) fn books() -> Listing {
    listing(BOOKS, Side::Offer, Some(Kind::Item), Some(Mode::Donate), "送一箱儿童书")
}

pub(crate) fn records(name: &str, listings: Vec<Listing>) -> Records {
    let profile = Profile { name: name.into(), ..Profile::default() };
    Records { profile, listings, ..Records::default() }
}

/// Terms that fit a listing: a loan until Friday where it is a loan, ten points otherwise.
pub(crate) fn terms(owner: MemberId, listing: &Listing) -> Terms {
    let (direction, loan) = match listing.side {
        Side::Offer => (Direction::OwnerGives, listing.is_loan()),
        Side::Need => (Direction::AnswererGives, listing.is_loan()),
    };
    Terms {
        listing: listing.id,
        owner,
        direction,
        points: Points(if loan { 0 } else { 10 }),
        due_at: loan.then_some(FRIDAY),
        counterpart: None,
    }
}

/// A board on which people act through the checks, as a device does; keeps every act.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) board: Board,
    pub(crate) acts: Vec<SignedAct>,
    name: &'static str,
}

impl Device {
    /// A device that knows the building: 肖阿姨's tool box, 黄阿姨's tap, 王师傅's calligraphy lessons and books.
    pub(crate) fn new(name: &'static str) -> Self {
        let mut board = Board::new();
        board.set_records(MA_LE, records("马乐", vec![]));
        board.set_records(AUNT_XIAO, records("肖阿姨", vec![tool_box()]));
        board.set_records(AUNT_HUANG, records("黄阿姨", vec![tap()]));
        board.set_records(MASTER_WANG, records("王师傅", vec![calligraphy(), books()]));
        Self { board, acts: Vec::new(), name }
    }

    /// Checks an act and does it. The entry hash is that of the device's name and the act's number.
    pub(crate) fn does(&mut self, by: MemberId, act: DealAct) -> Result<DealId, Refusal> {
        self.board.check(by, &act)?;
        Ok(self.forces(by, act))
    }

    /// Does an act without asking, as a hostile device would. Each member has one journal on each device.
    pub(crate) fn forces(&mut self, by: MemberId, act: DealAct) -> DealId {
        self.forces_at(by, self.acts.len() as u64, act)
    }

    /// Does an act in a place of the journal that may lie before what is there: on another branch of it.
    pub(crate) fn forces_at(&mut self, by: MemberId, seq: u64, act: DealAct) -> DealId {
        let number = self.acts.len();
        let hash = |text: String| *blake3::hash(text.as_bytes()).as_bytes();
        let entry = EntryHash(hash(format!("{} {number}", self.name)));
        let journal = JournalId(hash(format!("{} of {by}", self.name)));
        let signed = SignedAct { by, entry, journal, seq, at: Instant(1_000 + number as u64), act };
        self.board.add_act(signed);
        self.acts.push(signed);
        signed.deal()
    }

    pub(crate) fn answers(&mut self, by: MemberId, owner: MemberId, listing: &Listing) -> Result<DealId, Refusal> {
        self.does(by, DealAct::Answer { terms: terms(owner, listing) })
    }

    /// The owner agrees, with the hold that the board proposes.
    pub(crate) fn agrees(&mut self, by: MemberId, deal: DealId) -> Result<DealId, Refusal> {
        self.does(by, DealAct::Agree { deal, hold: self.hold(deal) })
    }

    pub(crate) fn hold(&self, deal: DealId) -> Hold {
        let Some(row) = self.board.deal(&deal) else { return Hold::Many };
        let (owner, id) = (row.terms.owner, row.terms.listing);
        match self.board.listing(&owner, &id) {
            Some(row) => row.listing.hold(self.board.last_hold(&owner, &id)),
            None => Hold::Many,
        }
    }

    /// Hears everything that another device has done.
    pub(crate) fn hears(&mut self, other: &Device) {
        for act in &other.acts {
            self.board.add_act(*act);
            self.acts.push(*act);
        }
    }
}

pub(crate) fn digest(board: &Board) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    board.digest(&mut hasher);
    hasher.finalize()
}
