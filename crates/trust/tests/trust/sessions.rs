//! Councils at random: whoever hears what when, leads, drafts or sleeps.

use std::collections::BTreeSet;

use kaifong_domain::EntryHash;
use kaifong_trust::entry::{Body, Entry, Role};
use kaifong_trust::{Journals, Verified};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::council::{Chamber, NAMES, draft};
use crate::street::{key, offer_all, roster_digest};

/// A council of devices that hear each other in a random order, with some asleep and some that lie.
struct Session {
    chamber: Chamber,
    replicas: Vec<Journals>,
    heard: Vec<usize>,
    agreed: Vec<BTreeSet<EntryHash>>,
    log: Vec<Verified<Entry>>,
    rng: ChaCha8Rng,
}

impl Session {
    fn of(count: usize, seed: u64) -> Self {
        let chamber = Chamber::of(count);
        let log = chamber.street.entries.clone();
        let replicas = (0..count)
            .map(|_| {
                let mut journals = chamber.street.empty();
                offer_all(&mut journals, log.iter().cloned());
                journals
            })
            .collect();
        let (heard, agreed) = (vec![log.len(); count], vec![BTreeSet::new(); count]);
        Self { chamber, replicas, heard, agreed, log, rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.rng.next_u32()).unwrap() % end
    }

    fn write(&mut self, seat: usize, body: Body) -> EntryHash {
        let epoch = self.replicas[seat].roster().newest_epoch();
        let pen = self.chamber.pens.get_mut(NAMES[seat]).unwrap();
        let entry = pen.write(epoch, kaifong_domain::Instant(1), body);
        self.replicas[seat].offer(entry.clone()).unwrap();
        self.log.push(entry);
        self.chamber.pens[NAMES[seat]].tip()
    }

    /// A seat hears some of what it has missed.
    fn hear(&mut self, seat: usize, all: bool) {
        let missed = self.log.len() - self.heard[seat];
        let count = if all { missed } else { self.below(missed + 1) };
        let from = self.heard[seat];
        let entries: Vec<_> = self.log[from..from + count].to_vec();
        self.heard[seat] += count;
        offer_all(&mut self.replicas[seat], entries);
    }

    /// A person drafts.
    fn draft(&mut self, seat: usize) {
        let roster = self.replicas[seat].roster();
        let member = self.chamber.street.member(NAMES[seat]);
        let (prev, number) = (roster.newest_epoch(), roster.now().number + 1);
        let roles = [Role::Reviewer, Role::Organiser, Role::Mediator];
        let (role, seats) = (roles[seat % 3], roster.now().seats.clone());
        let hash = self.write(seat, draft(number, prev, seats, vec![(member, role)]));
        self.agreed[seat].insert(hash);
    }

    /// A seat's device does what is next by itself; `lead`: its person wants to go on without the one whose turn it is.
    fn act(&mut self, seat: usize, lead: bool) -> bool {
        let roster = self.replicas[seat].roster();
        let device = key(NAMES[seat]).id();
        let tip = self.chamber.pens[NAMES[seat]].tip();
        let Some((instance, electorate)) = roster.instance() else { return false };
        let agenda = roster.agenda(&instance, &electorate);
        // Everybody can live with every draft.
        let agreed: BTreeSet<_> = agenda.drafts().iter().map(|draft| draft.hash).collect();
        let wanted =
            agenda.drafts().iter().find(|draft| self.agreed[seat].contains(&draft.hash)).map(|draft| draft.hash);
        let next = agenda.next_vote(&device, &tip, &agreed, wanted);
        let next = next.or_else(|| if lead { agenda.lead(&device, &tip) } else { None });
        match next {
            Some(body) => {
                self.write(seat, body);
                true
            }
            None => false,
        }
    }

    /// The awake ones talk until nobody has anything to add.
    fn settle(&mut self, awake: &[usize]) {
        for round in 0.. {
            assert!(round < 200, "the council talks without end");
            awake.iter().for_each(|seat| self.hear(*seat, true));
            let acted = awake.iter().filter(|seat| self.act(**seat, false)).count();
            if acted == 0 && awake.iter().all(|seat| self.heard[*seat] == self.log.len()) {
                return;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Rule M2: whatever is heard when and whoever leads how often, one epoch has one successor, and a majority that is
    /// awake gets one.
    #[test]
    fn an_honest_council_decides_once_and_never_freezes(count in 3_usize..=7, seed: u64) {
        let mut session = Session::of(count, seed);
        for _ in 0..60 {
            let seat = session.below(count);
            match session.below(6) {
                0 => session.draft(seat),
                1 => _ = session.act(seat, true),
                2 | 3 => _ = session.act(seat, false),
                _ => session.hear(seat, false),
            }
        }
        let majority = count / 2 + 1;
        let first = session.below(count);
        let awake: Vec<usize> = (0..majority).map(|next| (first + next) % count).collect();
        session.settle(&awake);
        let before = session.replicas[awake[0]].roster().now().number;
        // Somebody awake wants something and leads.
        session.draft(awake[0]);
        session.settle(&awake);
        session.act(awake[0], true);
        session.settle(&awake);
        prop_assert!(session.replicas[awake[0]].roster().now().number > before, "the majority went on");
        let everybody: Vec<usize> = (0..count).collect();
        session.settle(&everybody);
        for replica in &session.replicas {
            prop_assert_eq!(roster_digest(replica), roster_digest(&session.replicas[0]));
            let (instance, _) = replica.roster().instance().unwrap();
            prop_assert!(instance.void.is_empty(), "nothing stood against each other");
        }
    }

    /// Every order of arrival that keeps causes first comes to the same council.
    #[test]
    fn a_council_is_the_same_in_any_order_of_arrival(seed: u64, shuffle: u64) {
        let mut session = Session::of(5, seed);
        for _ in 0..80 {
            let seat = session.below(5);
            match session.below(6) {
                0 => session.draft(seat),
                1 => _ = session.act(seat, true),
                2 | 3 => _ = session.act(seat, false),
                _ => session.hear(seat, false),
            }
        }
        let mut rng = ChaCha8Rng::seed_from_u64(shuffle);
        let mut entries = session.log.clone();
        for at in (1..entries.len()).rev() {
            entries.swap(at, usize::try_from(rng.next_u32()).unwrap() % (at + 1));
        }
        let mut shuffled = session.chamber.street.empty();
        offer_all(&mut shuffled, entries);
        let mut straight = session.chamber.street.empty();
        offer_all(&mut straight, session.log.clone());
        prop_assert_eq!(shuffled.waiting(), 0);
        prop_assert_eq!(roster_digest(&shuffled), roster_digest(&straight));
    }
}
