//! A whole node over a memory store, and frames from a stranger, a guest and a certified hostile neighbour.
#![no_main]

use kaifong_fuzz::households::{GUEST, HOSTILE, Street, VICTIM, draft};
use kaifong_fuzz::messages::Pool;
use kaifong_fuzz::street::{self, Past, key};
use kaifong_fuzz::{Mode, Unstructured, below, bend, chance, open, papers, pick, run};
use kaifong_net::ConnectionId;
use kaifong_node::{Command, Node};
use kaifong_replica::Document;
use kaifong_sync::{ItemId, Message, Parcel};
use kaifong_trust::PublicPage;

const STEPS_MAX: usize = 40;
/// A device that nobody has certified.
const STRANGER: u8 = 5;

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    let mut street = Street::prepared();
    let mut ends =
        [street.connect(VICTIM, HOSTILE), street.connect(VICTIM, GUEST), street.connect_stranger(VICTIM, STRANGER)];
    if mode == Mode::Raw {
        let end = *pick(&mut u, &ends).unwrap_or(&ends[0]);
        for frame in u.take_rest().chunks(256) {
            street.frame(VICTIM, end, frame.to_vec());
        }
        return street.check(VICTIM);
    }
    let mut hostile = Hostile::of(&street);
    for _ in 0..STEPS_MAX {
        if u.is_empty() {
            break;
        }
        step(&mut u, mode, &mut street, &mut ends, &mut hostile);
    }
    street.settle();
    street.check(VICTIM);
}

fn step(
    u: &mut Unstructured<'_>,
    mode: Mode,
    street: &mut Street,
    ends: &mut [ConnectionId; 3],
    hostile: &mut Hostile,
) {
    match below(u, 10) {
        0..3 => {
            if let Some((house, connection, mut frame)) = street.queue.pop_front() {
                if mode == Mode::Bent && house == VICTIM && chance(u, 3) {
                    bend(u, &mut frame);
                }
                street.frame(house, connection, frame);
            }
        }
        3 | 4 => {
            let session = below(u, 6) as u32;
            let message = hostile.pool.message(u, session);
            let end = *pick(u, ends).unwrap_or(&ends[0]);
            let mut frame = message.encode();
            if mode == Mode::Bent && chance(u, 4) {
                bend(u, &mut frame);
            }
            street.frame(VICTIM, end, frame);
        }
        5 => {
            let parcels = hostile.news(u);
            street.frame(VICTIM, ends[0], Message::News(parcels).encode());
        }
        6 => {
            street.now_ms += [1_000, 70_000, 200_000, 40 * 24 * 3_600_000][below(u, 4)];
            street.tick();
        }
        7 => {
            let house = if chance(u, 2) { HOSTILE } else { VICTIM };
            let _ = street.command(house, Command::Post(draft("锤子")));
        }
        8 => {
            let at = below(u, 3);
            if !street.stands(VICTIM, ends[at]) {
                ends[at] = match at {
                    0 => street.connect(VICTIM, HOSTILE),
                    1 => street.connect(VICTIM, GUEST),
                    _ => street.connect_stranger(VICTIM, STRANGER),
                };
            }
        }
        _ => {
            // Whatever was on its way is lost.
            street.queue.pop_front();
        }
    }
}

/// What the hostile neighbour knows, and signs.
struct Hostile {
    past: Past,
    document: Document,
    pool: Pool,
}

impl Hostile {
    fn of(street: &Street) -> Self {
        let node: &Node = &street.houses[HOSTILE].node;
        let home = node.home().expect("it is a neighbour");
        let own: Vec<_> = home.journals().entries().filter(|entry| entry.signer() == node.device()).collect();
        let own: Vec<_> = own.into_iter().map(|entry| &**entry).collect();
        let member = node.me().expect("it is a neighbour");
        let mut pool = Pool { building: Some(home.id()), ..Pool::default() };
        pool.entries = home.journals().entries().map(|entry| entry.signed().clone()).collect();
        pool.items = home
            .journals()
            .journals()
            .map(|journal| {
                let tips = journal.tips().iter().map(|tip| tip.0).collect();
                (ItemId::Journal(journal.id), tips)
            })
            .collect();
        pool.items.push((ItemId::Document(member), Vec::new()));
        // A page of this building under the genesis of another, and an honest one of another building.
        let other = street::street();
        let journals = other.journals();
        let honest = PublicPage::compose(&other.genesis, &journals, journals.roster(), &other.genesis.signer());
        pool.pages.push(PublicPage::compose(&other.genesis, home.journals(), home.roster(), &node.device()));
        pool.pages.push(honest);
        let document = Document::new(home.id(), member);
        Self { past: Past::of(home.id(), &own, HOSTILE as u8), document, pool }
    }

    fn news(&mut self, u: &mut Unstructured<'_>) -> Vec<Parcel> {
        match below(u, 3) {
            0 => {
                let entries: Vec<_> = (0..=below(u, 4)).map(|_| self.past.entry(u).signed().clone()).collect();
                self.pool.entries.extend(entries.iter().cloned());
                vec![Parcel::Entries(entries)]
            }
            1 => {
                // An actor that nobody has heard of, forked now and then.
                let mut document = self.document.clone();
                let nonce = [below(u, 3) as u8; 8];
                let Ok(delivery) = document.edit(&key(HOSTILE as u8), nonce, &papers::edit(u)) else {
                    return Vec::new();
                };
                if !chance(u, 3) {
                    self.document = document;
                }
                self.pool.deliveries.push(delivery.clone());
                vec![Parcel::Document(delivery)]
            }
            _ => self.pool.deliveries.iter().cloned().map(Parcel::Document).collect(),
        }
    }
}
