//! One simulated device: a real node over a disk that can fail, with a clock of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use kaifong_domain::{DealId, DeviceId, EntryHash, Instant, ListingId, MemberId};
use kaifong_node::{Node, Past};
use kaifong_store::{Batch, MemoryStore, Store, StoreError};
use kaifong_trust::DeviceKey;
use rand_chacha::{ChaCha8Rng, ChaCha20Rng};
use rand_core::SeedableRng;

use crate::dice::Dice;
use crate::double_spend::Part;
use crate::plan::Clock;

/// What all clocks would show at the start if they were right: a day in 2026, in milliseconds.
const START_MS: i64 = 1_780_000_000_000;

/// Something that a device has acknowledged, and that must therefore be there for ever (I6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kept {
    /// An entry of a journal: an act, a transfer, a certificate.
    Entry(EntryHash),
    /// A listing.
    Listing(MemberId, ListingId),
    /// A review of a deal.
    Review(MemberId, DealId),
}

/// What a person has asked of a device.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    /// Anything that is told by this line alone.
    Said(&'static str),
    /// Posts a listing.
    Post,
    /// Reviews a deal.
    Review(DealId),
    /// Asks for an invitation.
    Invite,
    /// Prints a recovery sheet.
    Sheet,
}

/// One simulated device.
pub(crate) struct Device {
    /// As the story calls it.
    pub(crate) name: String,
    /// Its place among the people.
    pub(crate) owner: usize,
    /// Its key, which outlives its disk.
    pub(crate) key: DeviceKey,
    /// Its disk.
    pub(crate) store: MemoryStore,
    /// The node; `None` while the power is off.
    pub(crate) node: Option<Node>,
    /// Counts its starts: what was on its way to an earlier life does not arrive.
    pub(crate) life: u32,
    /// How its clock is wrong.
    pub(crate) clock: Clock,
    /// Until when it sleeps, if it does.
    pub(crate) asleep_until_ms: Option<u64>,
    /// Whether it breaks the rules.
    pub(crate) hostile: bool,
    /// Whether it has gone on from an old image: it may have forked itself by mistake, and is not counted as honest.
    pub(crate) doubtful: bool,
    /// Whether it is lost for good, and its disk with it.
    pub(crate) gone: bool,
    /// What its building announces it by.
    pub(crate) tag: Option<[u8; 8]>,
    /// The genesis as the runner keeps it beside the store.
    pub(crate) genesis: Option<Vec<u8>>,
    /// Whether a commit is to come.
    pub(crate) open_step: bool,
    /// The first writes of a node that started again after a failed commit; they go with its next.
    pub(crate) marks: Batch,
    /// The newest wish to be woken.
    pub(crate) wake: u64,
    /// Commands that wait for their reply.
    pub(crate) wishes: BTreeMap<u64, Wish>,
    /// What it has acknowledged.
    pub(crate) kept: Vec<Kept>,
    /// Parts of double spends that their payees have not answered.
    pub(crate) parts: Vec<Part>,
}

impl Device {
    /// Makes a device that has never been switched on.
    pub(crate) fn new(name: String, owner: usize, clock: Clock, hostile: bool, dice: &mut ChaCha8Rng) -> Self {
        Self {
            name,
            owner,
            key: DeviceKey::from_seed(dice.seed()),
            store: MemoryStore::new(),
            node: None,
            life: 0,
            clock,
            asleep_until_ms: None,
            hostile,
            doubtful: false,
            gone: false,
            tag: None,
            genesis: None,
            open_step: false,
            marks: Batch::new(),
            wake: 0,
            wishes: BTreeMap::new(),
            kept: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Gives its id.
    pub(crate) fn id(&self) -> DeviceId {
        self.key.id()
    }

    /// Gives what its clock shows.
    pub(crate) fn clock_at(&self, now_ms: u64) -> Instant {
        let gained = now_ms.cast_signed() / 1000 * self.clock.drift_ppm / 1000;
        let shown = START_MS + self.clock.ahead_ms + now_ms.cast_signed() + gained;
        Instant(shown.max(0).cast_unsigned())
    }

    /// Switches it on.
    ///
    /// # Errors
    /// What the node says of the disk.
    pub(crate) fn boot(&mut self, now_ms: u64, doubt: bool, dice: &mut ChaCha8Rng) -> Result<(), StoreError> {
        self.life += 1;
        self.open_step = false;
        self.marks = Batch::new();
        self.tag = None;
        self.wishes.clear();
        let store: Arc<dyn Store> = Arc::new(self.store.reopen().store);
        let rng = ChaCha20Rng::from_seed(dice.seed());
        let past = Past { doubt, aside: None, genesis: self.genesis.clone() };
        self.node = Some(Node::open(store, self.key.clone(), rng, self.clock_at(now_ms), past)?);
        Ok(())
    }

    /// Tells whether it can be reached by others now.
    pub(crate) fn is_up(&self) -> bool {
        self.node.is_some() && self.asleep_until_ms.is_none()
    }

    /// Tells whether it keeps to the rules and its disk has never gone back in time.
    pub(crate) fn is_honest(&self) -> bool {
        !self.hostile && !self.doubtful
    }

    /// Gives the member that it writes for, once it is certified.
    pub(crate) fn me(&self) -> Option<MemberId> {
        self.node.as_ref()?.me()
    }

    /// Tells whether something acknowledged is there.
    pub(crate) fn has(&self, kept: &Kept) -> bool {
        let Some(home) = self.node.as_ref().and_then(Node::home) else { return false };
        match kept {
            Kept::Entry(entry) => home.journals().entry(entry).is_some(),
            Kept::Listing(owner, listing) => home.board().listing(owner, listing).is_some(),
            Kept::Review(by, deal) => home.board().reviews().any(|row| row.by == *by && row.review.deal == *deal),
        }
    }
}
