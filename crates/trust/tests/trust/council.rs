//! A council that decides while some sleep, some lose their phones, and some sign both ways.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::charter::Charter;
use kaifong_domain::{DeviceId, EntryHash, MemberId};
use kaifong_trust::council::SeatNumber;
use kaifong_trust::entry::{
    Basis, Body, Cut, Decision, Epoch, Instance, MemberKind, NO_ENTRY, Post, Promise, Proposal, Replace, Replacement,
    Role, Seat, Tip,
};
use kaifong_trust::page::EVIDENCE_MAX;
use kaifong_trust::{DeviceKey, Distrust, Pen, PublicPage};

use crate::street::{Street, key};

pub(crate) const NAMES: [&str; 7] = ["肖阿姨", "黄阿姨", "马乐", "卢阿姨", "周伯", "梁姐", "阿强"];

pub(crate) fn paper(name: &str) -> DeviceKey {
    DeviceKey::from_seed(blake3::derive_key("a paper key in a test", name.as_bytes()))
}

pub(crate) fn seats(street: &Street, names: &[&str]) -> Vec<Seat> {
    let seat = |(number, name): (usize, &&str)| Seat {
        member: street.member(name),
        post: if number == 0 { Post::Lead } else { Post::Residents },
        device: key(name).id(),
        paper: paper(name).id(),
    };
    names.iter().enumerate().map(seat).collect()
}

pub(crate) fn draft(number: u32, prev: EntryHash, seats: Vec<Seat>, roles: Vec<(MemberId, Role)>) -> Body {
    Body::Epoch(Epoch {
        number,
        prev,
        roles,
        witnesses: Vec::new(),
        charter: Charter::default(),
        seats,
        places: Default::default(),
        fund: Default::default(),
    })
}

/// A building whose founder has handed over to a council of so many.
pub(crate) struct Chamber {
    pub(crate) street: Street,
    /// The first council's epoch.
    first: EntryHash,
    pub(crate) pens: BTreeMap<&'static str, Pen>,
}

impl Chamber {
    pub(crate) fn of(count: usize) -> Self {
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
            word: by.sign(Replacement { building, epoch: first, device, number: 1 }).signed().clone(),
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
        let number = chamber.street.replica().roster().next_paper_word(1);
        let word = Replacement { building, epoch: first, device: device.id(), number };
        let word = paper("黄阿姨").sign(word).signed().clone();
        chamber.write("马乐", Body::Replace(Replace { epoch: first, word }));
        chamber.street.replica().roster().seats_to_keep()[1]
    };
    let sat = seats(&chamber.street, &NAMES[..3])[1];
    for device in names.map(key) {
        let kept = name(&mut chamber, device.clone());
        assert_eq!(kept, Seat { device: device.id(), ..sat }, "the last word counts");
    }
    let words = chamber.street.entries.iter().filter(|entry| matches!(entry.value().body, Body::Replace(_)));
    let carried = words.map(|entry| entry.value().body.clone()).next().unwrap();
    chamber.write("李叔", carried);
    let kept = chamber.street.replica().roster().seats_to_keep()[1];
    assert_eq!(kept.device, key(names[1]).id(), "an old word that somebody carries again is an old word");
    // Another's phone, a stranger's, and a key on paper are no device of hers: nobody could seat them.
    for stranger in [key("马乐"), key("路人"), paper("肖阿姨"), paper("黄阿姨")] {
        assert_eq!(name(&mut chamber, stranger).device, sat.device);
    }
}

#[test]
fn a_closed_phone_stands_for_nothing_and_keeps_no_seat() {
    let mut chamber = Chamber::of(3);
    let first = chamber.first;
    let linked = chamber.write("黄阿姨", crate::street::link("黄阿姨的平板"));
    let mut tablet = chamber.street.open("黄阿姨的平板", "黄阿姨", 1, Basis::Link(linked), first);
    let of_thief = paper("小偷").id();
    let tip = Tip { journal: chamber.pens["黄阿姨"].journal(), seq: 1, hash: linked };
    chamber.write("黄阿姨", Body::Stand { paper: of_thief });
    let device = key("黄阿姨").id();
    let cut = Body::Cut(Cut { device, tips: vec![tip] });
    chamber.street.write(&mut tablet, first, cut);
    let fresh = paper("黄阿姨的新纸").id();
    chamber.street.write(&mut tablet, first, Body::Stand { paper: fresh });
    let journals = chamber.street.replica();
    let stand = journals.roster().stands()[&chamber.street.member("黄阿姨")];
    assert_eq!((stand.device, stand.paper), (key("黄阿姨的平板").id(), fresh), "whatever the thief's clock says");
    let kept = journals.roster().seats_to_keep()[1];
    assert_eq!((kept.device, kept.paper), (stand.device, stand.paper));
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

/// The page that a neighbour shows, and the reviewers whom a stranger reads off it.
fn reviewers_shown(street: &Street, node: &str) -> Result<BTreeSet<DeviceId>, Distrust> {
    let journals = street.replica();
    let page = PublicPage::compose(&street.genesis, &journals, journals.roster(), &key(node).id());
    assert!(page.evidence.len() <= EVIDENCE_MAX);
    Ok(page.verify(&key(node).id())?.reviewers.into_iter().map(|(device, _)| device).collect())
}

#[test]
fn a_stranger_believes_the_council_and_no_longer_the_founder() {
    let mut chamber = Chamber::of(5);
    let draft = chamber.draft("肖阿姨", Role::Reviewer);
    let proposal = chamber.propose("肖阿姨", 0, draft, &[]);
    let signs = ["肖阿姨", "黄阿姨", "马乐"].map(|name| chamber.sign(name, proposal));
    let decided = chamber.decide("马乐", &signs);
    let xiao = chamber.pens.get_mut("肖阿姨").unwrap();
    let certified = chamber.street.certify(xiao, decided, "小林", MemberKind::Person);
    chamber.street.open("小林", "小林", 0, Basis::Certificate(certified), decided);
    for node in ["李叔", "周伯", "小林"] {
        let shown = reviewers_shown(&chamber.street, node);
        assert_eq!(shown, Ok(BTreeSet::from([key("肖阿姨").id()])), "{node}");
    }
}

#[test]
fn a_stranger_believes_no_council_that_too_few_have_signed_for() {
    let mut chamber = Chamber::of(5);
    let draft = chamber.draft("肖阿姨", Role::Reviewer);
    let proposal = chamber.propose("肖阿姨", 0, draft, &[]);
    let signs = ["肖阿姨", "黄阿姨", "马乐"].map(|name| chamber.sign(name, proposal));
    let decided = chamber.decide("马乐", &signs);
    let journals = chamber.street.replica();
    let whole = PublicPage::compose(&chamber.street.genesis, &journals, journals.roster(), &key("周伯").id());
    let shown = |page: &PublicPage| page.clone().verify(&key("周伯").id()).unwrap().reviewers;
    assert_eq!(shown(&whole), [(key("肖阿姨").id(), crate::street::seal_of("肖阿姨"))]);
    // Without any one of what the decision rests on it is not believed, and the epoch before names nobody.
    for missing in [decided, draft, proposal, signs[0], signs[1], signs[2]] {
        let mut torn = whole.clone();
        torn.evidence.retain(|entry| entry.hash() != missing.0);
        assert_eq!(shown(&torn), []);
    }
    // Two signatures, one of them told twice by two entries, are no majority of five.
    let again = chamber.sign("黄阿姨", proposal);
    let few = chamber.decide("马乐", &[signs[0], signs[1], again]);
    let mut forged = whole.clone();
    forged.evidence.retain(|entry| ![decided, signs[2]].map(|gone| gone.0).contains(&entry.hash()));
    forged.evidence.extend([again, few].map(|hash| chamber.street.entry(hash).signed().clone()));
    assert_eq!(shown(&forged), []);
}

#[test]
fn a_council_that_decides_for_years_can_still_be_shown() {
    let mut chamber = Chamber::of(7);
    let xiao = chamber.street.member("肖阿姨");
    let mut known = chamber.first;
    for number in 2..60 {
        let roles = vec![(xiao, if number % 2 == 0 { Role::Reviewer } else { Role::Organiser })];
        let body = draft(number, known, seats(&chamber.street, &NAMES), roles);
        let draft = chamber.write("肖阿姨", body);
        let instance = Instance::after(known);
        let laid = Proposal { instance, attempt: 0, draft, promises: Vec::new(), seat: None };
        let proposal = chamber.write("肖阿姨", Body::Propose(laid));
        let signs = ["肖阿姨", "黄阿姨", "马乐", "梁姐"].map(|name| chamber.sign(name, proposal));
        known = chamber.decide("马乐", &signs);
    }
    assert_eq!(chamber.number(), 59);
    assert_eq!(reviewers_shown(&chamber.street, "阿强"), Ok(BTreeSet::new()), "the last one names no reviewer");
    let journals = chamber.street.replica();
    let page = PublicPage::compose(&chamber.street.genesis, &journals, journals.roster(), &key("阿强").id());
    assert!(page.evidence.len() < 20, "{}", page.evidence.len());
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
