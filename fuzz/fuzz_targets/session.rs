//! Both roles of a sync session, with a neighbour who says anything at any time.
#![no_main]

use std::collections::{BTreeMap, VecDeque};

use kaifong_domain::{JournalId, MemberId};
use kaifong_fuzz::messages::Pool;
use kaifong_fuzz::street::street;
use kaifong_fuzz::{Mode, Unstructured, below, bend, chance, open, papers, run};
use kaifong_sync::{Heads, Holdings, ItemId, Message, Parcel, Session, SessionOutput};
use kaifong_trust::{Envelope, Signed};

const TURNS_MAX: usize = 120;

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

/// What one side holds: items in a state each, and something to send for each of them.
#[derive(Default)]
struct Shelf {
    items: BTreeMap<ItemId, u8>,
    envelope: Option<Signed<Envelope>>,
}

impl Shelf {
    fn draw(u: &mut Unstructured<'_>, most: usize) -> Self {
        let mut items = BTreeMap::new();
        for _ in 0..below(u, most) {
            let name = u.arbitrary::<u8>().unwrap_or(0) % 48;
            let item = match name % 4 {
                0 => ItemId::Journal(JournalId([name; 32])),
                1 => ItemId::Document(MemberId([name; 16])),
                2 => ItemId::Fork([name; 32]),
                _ => ItemId::Envelope([name; 32]),
            };
            items.insert(item, u.arbitrary::<u8>().unwrap_or(0) % 3);
        }
        Self { items, envelope: Some(Pool::default().envelope(u)) }
    }
}

impl Holdings for Shelf {
    fn items(&self, each: &mut dyn FnMut(ItemId, [u8; 32])) {
        self.items.iter().for_each(|(item, state)| each(*item, [*state; 32]));
    }

    fn heads(&self, item: &ItemId) -> Heads {
        self.items.get(item).map(|state| vec![[*state; 32]]).unwrap_or_default()
    }

    fn knows(&self, item: &ItemId, head: &[u8; 32]) -> bool {
        self.items.get(item).is_some_and(|state| *head <= [*state; 32])
    }

    fn parcels(&self, wanted: &[(ItemId, Heads)], _: usize) -> Vec<Parcel> {
        let (document, deliveries) = papers::ground();
        let parcel = |item: &ItemId| match item {
            ItemId::Journal(_) => {
                Some(Parcel::Entries(street().entries.iter().take(3).map(|entry| entry.signed().clone()).collect()))
            }
            ItemId::Document(id) if id.0[0] % 8 == 1 => document.missing(&[]).map(Parcel::Document),
            ItemId::Document(_) => deliveries.first().cloned().map(Parcel::Document),
            ItemId::Fork(_) => papers::forked().0.forks().first().cloned().map(Parcel::Fork),
            ItemId::Envelope(_) => self.envelope.clone().map(Parcel::Envelope),
        };
        wanted.iter().filter(|(item, _)| self.items.contains_key(item)).filter_map(|(item, _)| parcel(item)).collect()
    }
}

/// One side of the wire: its shelf, its part in the session, and what is on its way to it.
struct Side {
    shelf: Shelf,
    session: Option<Session>,
    inbox: VecDeque<Message>,
    broken: bool,
}

impl Side {
    fn take(&mut self, message: Message, other: &mut VecDeque<Message>) {
        let outputs = match (&mut self.session, message) {
            (Some(session), message) => session.on(message, &self.shelf),
            (None, Message::Reconcile { session, salt, step }) => Session::accept(session, salt, &step, &self.shelf)
                .map(|(session, reply)| {
                    self.session = Some(session);
                    vec![SessionOutput::Send(reply)]
                }),
            (None, _) => return,
        };
        if self.broken {
            assert!(outputs.is_err(), "a session that is over takes nothing more");
        }
        self.broken |= outputs.is_err() && self.session.is_some();
        for output in outputs.unwrap_or_default() {
            if let SessionOutput::Send(message) = output {
                other.push_back(message);
            }
        }
    }

    fn is_done(&self) -> bool {
        self.session.as_ref().is_some_and(Session::is_done)
    }
}

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    let most = if mode == Mode::Raw { 1 } else { 40 };
    let side = |u: &mut Unstructured<'_>| Side {
        shelf: Shelf::draw(u, most),
        session: None,
        inbox: VecDeque::new(),
        broken: false,
    };
    let mut sides = [side(&mut u), side(&mut u)];
    let (session, first) = Session::start(4, [9; 16], &sides[0].shelf);
    sides[0].session = Some(session);
    if mode == Mode::Raw {
        let [ours, theirs] = &mut sides;
        let bytes = u.take_rest();
        theirs.take(first, &mut ours.inbox);
        for frame in bytes.chunks(64) {
            if let Ok(message) = Message::decode(frame) {
                ours.take(message.clone(), &mut theirs.inbox);
                theirs.take(message, &mut ours.inbox);
            }
        }
        return;
    }
    sides[1].inbox.push_back(first);
    let mut tampered = false;
    let street = street();
    let pool = Pool {
        building: Some(street.building),
        entries: street.entries.iter().map(|entry| entry.signed().clone()).collect(),
        deliveries: papers::ground().1.clone(),
        forks: papers::forked().0.forks().to_vec(),
        items: sides.iter().flat_map(|side| side.shelf.items.keys().map(|item| (*item, vec![[1; 32]]))).collect(),
        ..Pool::default()
    };
    for _ in 0..TURNS_MAX {
        let to = if sides[0].inbox.is_empty() {
            1
        } else if sides[1].inbox.is_empty() {
            0
        } else {
            below(&mut u, 2)
        };
        if sides[0].inbox.is_empty() && sides[1].inbox.is_empty() && u.is_empty() {
            break;
        }
        let [ours, theirs] = &mut sides;
        let (side, other) = if to == 0 { (ours, theirs) } else { (theirs, ours) };
        let message = match u.arbitrary::<u8>().unwrap_or(0) {
            0..200 => side.inbox.pop_front(),
            200..225 => {
                tampered = true;
                Some(pool.message(&mut u, 4))
            }
            225..250 if mode == Mode::Bent => {
                tampered = true;
                let mut bytes = side.inbox.pop_front().map(|message| message.encode()).unwrap_or_default();
                bend(&mut u, &mut bytes);
                Message::decode(&bytes).ok()
            }
            _ => {
                tampered |= !side.inbox.is_empty();
                if chance(&mut u, 2) { side.inbox.pop_back() } else { side.inbox.front().cloned() }
            }
        };
        if let Some(message) = message {
            side.take(message, &mut other.inbox);
        }
    }
    if !tampered {
        assert!(sides.iter().all(|side| !side.broken), "nobody broke the protocol");
        if sides.iter().all(|side| side.inbox.is_empty()) {
            assert!(sides.iter().all(Side::is_done), "both say all there is to say");
        }
    }
}
