//! A council that decides while some sleep, some lose their phones, and some sign both ways.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::charter::Charter;
use kaifong_domain::{EntryHash, MemberId};
use kaifong_trust::council::SeatNumber;
use kaifong_trust::entry::{
    Basis, Body, Decision, Entry, Epoch, Instance, MemberKind, NO_ENTRY, Post, Promise, Proposal, Replace, Replacement,
    Role, Seat,
};
use kaifong_trust::{DeviceKey, Distrust, Journals, Pen, Verified};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::street::{Street, key, offer_all, roster_digest};

const NAMES: [&str; 7] = ["肖阿姨", "黄阿姨", "马乐", "卢阿姨", "周伯", "梁姐", "阿强"];

fn paper(name: &str) -> DeviceKey {
    DeviceKey::from_seed(blake3::derive_key("a paper key in a test", name.as_bytes()))
}

fn seats(street: &Street, names: &[&str]) -> Vec<Seat> {
    let seat = |(number, name): (usize, &&str)| Seat {
        member: street.member(name),
        post: if number == 0 { Post::Lead } else { Post::Residents },
        device: key(name).id(),
        paper: paper(name).id(),
    };
    names.iter().enumerate().map(seat).collect()
}

fn draft(number: u32, prev: EntryHash, seats: Vec<Seat>, roles: Vec<(MemberId, Role)>) -> Body {
    Body::Epoch(Epoch { number, prev, roles, witnesses: Vec::new(), charter: Charter::default(), seats })
}

/// A building whose founder has handed over to a council of so many.
struct Chamber {
    street: Street,
    /// The first council's epoch.
    first: EntryHash,
    pens: BTreeMap<&'static str, Pen>,
}

impl Chamber {
    fn of(count: usize) -> Self {
        let mut street = Street::founded_by("李叔");
        let mut founder = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
        let names = &NAMES[..count];
        let certified: Vec<_> =
            names.iter().map(|name| street.certify(&mut founder, NO_ENTRY, name, MemberKind::Person)).collect();
        let council = draft(1, NO_ENTRY, seats(&street, names), Vec::new());
        let first = street.write(&mut founder, NO_ENTRY, council);
        let mut pens = BTreeMap::from([("李叔", founder)]);
        for (name, certificate) in names.iter().zip(certified) {
            pens.insert(name, street.open(name, name, 0, Basis::Certificate(certificate), first));
        }
        Self { street, first, pens }
    }

    fn write(&mut self, name: &'static str, body: Body) -> EntryHash {
        let first = self.first;
        self.street.write(self.pens.get_mut(name).unwrap(), first, body)
    }

    fn draft(&mut self, name: &'static str, role: Role) -> EntryHash {
        let member = self.street.member(name);
        let body = draft(2, self.first, seats(&self.street, &NAMES[..self.pens.len() - 1]), vec![(member, role)]);
        self.write(name, body)
    }

    fn propose(&mut self, name: &'static str, attempt: u32, draft: EntryHash, promises: &[EntryHash]) -> EntryHash {
        let mut promises = promises.to_vec();
        promises.sort_unstable();
        let instance = Instance::after(self.first);
        self.write(name, Body::Propose(Proposal { instance, attempt, draft, promises, seat: None }))
    }

    fn promise(&mut self, name: &'static str, attempt: u32, signed: Option<EntryHash>) -> EntryHash {
        let instance = Instance::after(self.first);
        self.write(name, Body::Promise(Promise { instance, attempt, signed, seat: None }))
    }

    fn sign(&mut self, name: &'static str, proposal: EntryHash) -> EntryHash {
        self.write(name, Body::Sign { proposal, seat: None })
    }

    fn decide(&mut self, name: &'static str, signs: &[EntryHash]) -> EntryHash {
        let mut signs = signs.to_vec();
        signs.sort_unstable();
        self.write(name, Body::Decide(Decision { signs }))
    }

    fn number(&self) -> u32 {
        self.street.replica().roster().now().number
    }
}

#[test]
fn a_majority_of_signatures_decides_and_one_less_does_not() {
    let mut chamber = Chamber::of(5);
    let draft = chamber.draft("肖阿姨", Role::Reviewer);
    let proposal = chamber.propose("肖阿姨", 0, draft, &[]);
    let signs: Vec<_> = ["肖阿姨", "黄阿姨", "马乐"].map(|name| chamber.sign(name, proposal)).into();
    chamber.decide("肖阿姨", &signs[..2]);
    assert_eq!(chamber.number(), 1, "two of five");
    let decided = chamber.decide("周伯", &signs);
    let roster = chamber.street.replica();
    let roster = roster.roster();
    assert_eq!((roster.now().number, roster.newest_epoch()), (2, decided));
    let xiao = chamber.street.member("肖阿姨");
    assert!(roster.held(&decided, &xiao, Role::Reviewer));
    assert!(!roster.held(&decided, &roster.founder(), Role::Reviewer), "the founder is no longer trusted above all");
}

#[test]
fn the_founder_decides_nothing_once_there_is_a_council() {
    let mut chamber = Chamber::of(3);
    let body = draft(2, chamber.first, Vec::new(), Vec::new());
    let mine = chamber.write("李叔", body);
    assert_eq!(chamber.number(), 1);
    assert!(chamber.street.replica().roster().epoch_at(&mine).is_none(), "it is a draft");
}

#[test]
fn a_founder_who_has_handed_over_does_not_take_it_back() {
    let mut chamber = Chamber::of(3);
    let draft_of_theirs = chamber.draft("肖阿姨", Role::Reviewer);
    let proposal = chamber.propose("肖阿姨", 0, draft_of_theirs, &[]);
    let signs = ["肖阿姨", "黄阿姨"].map(|name| chamber.sign(name, proposal));
    let decided = chamber.decide("肖阿姨", &signs);
    // On another device that still names the genesis, and beside the epoch that handed over.
    let linked = chamber.write("李叔", crate::street::link("李叔的旧手机"));
    let mut old = chamber.street.open("李叔的旧手机", "李叔", 1, Basis::Link(linked), NO_ENTRY);
    let mut prev = NO_ENTRY;
    for number in 1..6 {
        let body = draft(number, prev, Vec::new(), Vec::new());
        prev = chamber.street.write(&mut old, NO_ENTRY, body);
    }
    assert_eq!(chamber.street.replica().roster().newest_epoch(), decided);
}

#[test]
fn one_seat_that_promises_far_ahead_leads_nobody_there() {
    let mut chamber = Chamber::of(3);
    chamber.promise("马乐", u32::MAX, None);
    let journals = chamber.street.replica();
    let (instance, electorate) = journals.roster().instance().unwrap();
    let agenda = journals.roster().agenda(&instance, &electorate);
    let lead = agenda.lead(&key("黄阿姨").id(), &chamber.pens["黄阿姨"].tip());
    assert!(matches!(lead, Some(Body::Promise(Promise { attempt: 1, .. }))), "{lead:?}");
    assert_eq!(agenda.next_vote(&key("黄阿姨").id(), &chamber.pens["黄阿姨"].tip(), &BTreeSet::new(), None), None);
}

#[test]
fn a_lead_who_sleeps_holds_nobody_up() {
    let mut chamber = Chamber::of(5);
    let draft = chamber.draft("黄阿姨", Role::Organiser);
    let promises = ["黄阿姨", "马乐", "卢阿姨"].map(|name| chamber.promise(name, 1, None));
    chamber.propose("马乐", 1, draft, &promises);
    let proposal = chamber.propose("黄阿姨", 1, draft, &promises);
    let signs = ["黄阿姨", "马乐", "卢阿姨"].map(|name| chamber.sign(name, proposal));
    chamber.decide("马乐", &signs);
    assert_eq!(chamber.number(), 2);
}

#[test]
fn what_may_have_been_decided_is_proposed_again() {
    let mut chamber = Chamber::of(3);
    let [mine, others] =
        [("肖阿姨", Role::Reviewer), ("黄阿姨", Role::Mediator)].map(|(name, role)| chamber.draft(name, role));
    let proposal = chamber.propose("肖阿姨", 0, mine, &[]);
    let signed = chamber.sign("马乐", proposal);
    let promises = [chamber.promise("黄阿姨", 1, None), chamber.promise("马乐", 1, Some(signed))];
    let another = chamber.propose("黄阿姨", 1, others, &promises);
    let signs = ["黄阿姨", "马乐"].map(|name| chamber.sign(name, another));
    chamber.decide("黄阿姨", &signs);
    assert_eq!(chamber.number(), 1, "马乐 has signed the other draft, and perhaps 卢阿姨 has too");
    let again = chamber.propose("黄阿姨", 1, mine, &promises);
    let signs = ["黄阿姨", "马乐"].map(|name| chamber.sign(name, again));
    let decided = chamber.decide("黄阿姨", &signs);
    assert_eq!(chamber.street.replica().roster().newest_epoch(), decided);
}

#[test]
fn a_vote_that_breaks_the_own_word_has_no_effect() {
    type Deed = fn(&mut Chamber) -> [EntryHash; 2];
    let deeds: [(&str, Deed); 7] = [
        ("signs below its promise", |c| {
            let draft = c.draft("肖阿姨", Role::Reviewer);
            let proposal = c.propose("肖阿姨", 0, draft, &[]);
            c.promise("马乐", 1, None);
            [c.sign("肖阿姨", proposal), c.sign("马乐", proposal)]
        }),
        ("hides what it has signed", |c| {
            let [one, other] = [Role::Reviewer, Role::Mediator].map(|role| c.draft("肖阿姨", role));
            let proposal = c.propose("肖阿姨", 0, one, &[]);
            c.sign("马乐", proposal);
            let promises = [c.promise("马乐", 1, None), c.promise("黄阿姨", 1, None)];
            let another = c.propose("黄阿姨", 1, other, &promises);
            [c.sign("黄阿姨", another), c.sign("马乐", another)]
        }),
        ("is not its turn", |c| {
            let draft = c.draft("黄阿姨", Role::Reviewer);
            let proposal = c.propose("黄阿姨", 0, draft, &[]);
            [c.sign("黄阿姨", proposal), c.sign("马乐", proposal)]
        }),
        ("lacks a majority's promises", |c| {
            let draft = c.draft("黄阿姨", Role::Reviewer);
            let promise = c.promise("黄阿姨", 1, None);
            let proposal = c.propose("黄阿姨", 1, draft, &[promise]);
            [c.sign("黄阿姨", proposal), c.sign("马乐", proposal)]
        }),
        ("signs for a seat that it has not", |c| {
            let draft = c.draft("肖阿姨", Role::Reviewer);
            let proposal = c.propose("肖阿姨", 0, draft, &[]);
            [c.sign("肖阿姨", proposal), c.sign("李叔", proposal)]
        }),
        ("signs twice", |c| {
            let draft = c.draft("肖阿姨", Role::Reviewer);
            let proposal = c.propose("肖阿姨", 0, draft, &[]);
            [c.sign("肖阿姨", proposal), c.sign("肖阿姨", proposal)]
        }),
        ("skips a number", |c| {
            let body = draft(3, c.first, Vec::new(), Vec::new());
            let draft = c.write("肖阿姨", body);
            let proposal = c.propose("肖阿姨", 0, draft, &[]);
            [c.sign("肖阿姨", proposal), c.sign("马乐", proposal)]
        }),
    ];
    for (what, deed) in deeds {
        let mut chamber = Chamber::of(3);
        let signs = deed(&mut chamber);
        let named = chamber.decide("马乐", &signs);
        assert_eq!(chamber.number(), 1, "whoever {what}");
        let body = draft(3, named, Vec::new(), Vec::new());
        let resting = chamber.street.write(chamber.pens.get_mut("马乐").unwrap(), named, body);
        let replica = chamber.street.replica();
        assert!(replica.entry(&resting).is_none(), "nothing rests on it: {what}");
    }
}

#[test]
fn the_key_on_paper_names_the_next_phone_and_nothing_else() {
    let mut chamber = Chamber::of(3);
    let member = chamber.street.member("黄阿姨");
    let link = crate::street::link("黄阿姨的新手机");
    let linked = chamber.write("黄阿姨", link);
    let first = chamber.first;
    let mut phone = chamber.street.open("黄阿姨的新手机", "黄阿姨", 1, Basis::Link(linked), first);
    let word = |by: &DeviceKey, building| {
        let device = key("黄阿姨的新手机").id();
        Body::Replace(Replace {
            epoch: first,
            word: by.sign(Replacement { building, epoch: first, device }).signed().clone(),
        })
    };
    let draft = chamber.draft("肖阿姨", Role::Reviewer);
    let proposal = chamber.propose("肖阿姨", 0, draft, &[]);
    let mine = chamber.sign("肖阿姨", proposal);
    let building = chamber.street.building;
    let elsewhere = kaifong_domain::BuildingId([9; 32]);
    for (by, building, counts) in
        [(paper("马乐"), elsewhere, false), (key("黄阿姨"), building, false), (paper("黄阿姨"), building, true)]
    {
        let body = word(&by, building);
        let replaced = chamber.write("马乐", body);
        let theirs = chamber.street.write(&mut phone, first, Body::Sign { proposal, seat: Some(replaced) });
        chamber.decide("肖阿姨", &[mine, theirs]);
        assert_eq!(chamber.number() == 2, counts);
    }
    assert!(chamber.street.replica().roster().member(&member).is_some());
}

#[test]
fn the_next_council_keeps_the_phone_that_paper_named_last_if_it_is_the_members_own() {
    let mut chamber = Chamber::of(3);
    let first = chamber.first;
    let names = ["黄阿姨的新手机", "黄阿姨的平板"];
    for name in names {
        let linked = chamber.write("黄阿姨", crate::street::link(name));
        chamber.street.open(name, "黄阿姨", 1, Basis::Link(linked), first);
    }
    let building = chamber.street.building;
    let name = |chamber: &mut Chamber, device: DeviceKey| {
        let word = Replacement { building, epoch: first, device: device.id() };
        let word = paper("黄阿姨").sign(word).signed().clone();
        chamber.write("马乐", Body::Replace(Replace { epoch: first, word }));
        chamber.street.replica().roster().seats_to_keep()[1]
    };
    let sat = seats(&chamber.street, &NAMES[..3])[1];
    for device in names.map(key) {
        let kept = name(&mut chamber, device.clone());
        assert_eq!(kept, Seat { device: device.id(), ..sat }, "the last word counts");
    }
    // Another's phone, a stranger's, and a key on paper are no device of hers: nobody could seat them.
    for stranger in [key("马乐"), key("路人"), paper("肖阿姨"), paper("黄阿姨")] {
        assert_eq!(name(&mut chamber, stranger).device, sat.device);
    }
}

#[test]
fn two_decisions_stand_against_each_other_until_the_honest_ones_decide_anew() {
    let mut chamber = Chamber::of(7);
    let [one, other] = [Role::Reviewer, Role::Mediator].map(|role| chamber.draft("肖阿姨", role));
    // 肖阿姨 and 黄阿姨 sign both ways, on two branches of their journals.
    let mut twins: Vec<(&'static str, Pen)> = Vec::new();
    let replica = chamber.street.replica();
    for name in ["肖阿姨", "黄阿姨"] {
        twins.push((name, Pen::resume(key(name), &replica, &chamber.pens[name].journal()).unwrap()));
    }
    let proposal = chamber.propose("肖阿姨", 0, one, &[]);
    let mut signs: Vec<_> = ["肖阿姨", "黄阿姨", "马乐", "卢阿姨"].map(|name| chamber.sign(name, proposal)).into();
    let first = chamber.decide("马乐", &signs);
    for (name, twin) in twins {
        chamber.pens.insert(name, twin);
    }
    let another = chamber.propose("肖阿姨", 0, other, &[]);
    signs = ["肖阿姨", "黄阿姨", "周伯", "梁姐"].map(|name| chamber.sign(name, another)).into();
    let second = chamber.decide("周伯", &signs);
    let journals = chamber.street.replica();
    assert_eq!(journals.roster().newest_epoch(), chamber.first, "neither leads on");
    let (instance, electorate) = journals.roster().instance().unwrap();
    assert_eq!(instance.void, BTreeSet::from([first, second]).into_iter().collect::<Vec<_>>());
    assert_eq!(electorate.seats.keys().copied().collect::<Vec<SeatNumber>>(), [2, 3, 4, 5, 6], "those who signed once");
    let draft = chamber.draft("马乐", Role::Volunteer);
    let body = Body::Propose(Proposal { instance, attempt: 0, draft, promises: Vec::new(), seat: None });
    let proposal = chamber.write("马乐", body);
    let signs = ["马乐", "周伯", "阿强"].map(|name| chamber.sign(name, proposal));
    let decided = chamber.decide("阿强", &signs);
    assert_eq!(chamber.street.replica().roster().newest_epoch(), decided);
}

#[test]
fn a_council_has_at_most_thirteen_seats_and_nobody_two() {
    let street = Street::founded_by("李叔");
    let many: Vec<Seat> = (0_u8..14)
        .map(|number| Seat {
            member: MemberId([number; 16]),
            post: Post::Residents,
            device: key(&format!("{number}")).id(),
            paper: paper(&format!("{number}")).id(),
        })
        .collect();
    let twice = vec![many[0], Seat { paper: paper("x").id(), ..many[0] }];
    let same_keys = vec![many[0], Seat { paper: many[0].device, ..many[1] }];
    let two_leads = many[..3].iter().map(|seat| Seat { post: Post::Lead, ..*seat }).collect();
    let (pen, open) = Pen::open(
        key("李叔"),
        street.building,
        street.member("李叔"),
        0,
        Basis::Genesis,
        NO_ENTRY,
        street.entry_time(),
    );
    for (seats, fine) in
        [(many[..13].to_vec(), true), (many, false), (twice, false), (same_keys, false), (two_leads, false)]
    {
        let mut journals = street.empty();
        journals.offer(open.clone()).unwrap();
        let mut pen = Pen::resume(key("李叔"), &journals, &pen.journal()).unwrap();
        let offered = journals.offer(pen.write(NO_ENTRY, street.entry_time(), draft(1, NO_ENTRY, seats, Vec::new())));
        assert_eq!(!matches!(offered, Err(Distrust::Rule { .. })), fine);
    }
}

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
