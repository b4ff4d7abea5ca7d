//! What holds for any acts and records whatever, by anybody, in any order.

use std::collections::BTreeMap;

use kaifong_domain::deal::{Condition, DealAct, Direction, Hold, SignedAct, Terms};
use kaifong_domain::record::{Kind, Listing, Mode, Records, Reply, Review, Side};
use kaifong_domain::rows::{DealRow, ListingStage, Stage};
use kaifong_domain::{Board, Changed, DealId, EntryHash, Instant, JournalId, ListingId, MemberId, Points};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::people::{digest, listing, records};

const MEMBERS: u8 = 4;
const LISTINGS: u8 = 2;

fn member(n: u8) -> MemberId {
    MemberId([n; 16])
}

/// The entry of the act with this number; the deal of an answer follows from it.
fn entry(number: usize) -> EntryHash {
    EntryHash(*blake3::hash(&number.to_le_bytes()).as_bytes())
}

fn journal(by: MemberId, nonce: u8) -> JournalId {
    JournalId(*blake3::hash(&[&by.0[..], &[nonce]].concat()).as_bytes())
}

fn some_deal() -> impl Strategy<Value = DealId> {
    // Small numbers are likely answers of the same run; others are not, or not yet.
    (0usize..9).prop_map(|number| entry(number).into())
}

fn some_terms() -> impl Strategy<Value = Terms> {
    (0..LISTINGS, 0..MEMBERS / 2, any::<bool>(), any::<bool>(), 0u32..40).prop_map(
        |(listing, owner, gives, loan, points)| Terms {
            listing: ListingId([listing; 16]),
            owner: member(owner),
            direction: if gives { Direction::OwnerGives } else { Direction::AnswererGives },
            points: if points == 39 { Points(u32::MAX) } else { Points(points) },
            due_at: loan.then_some(Instant(7)),
            counterpart: None,
        },
    )
}

fn some_hold() -> impl Strategy<Value = Hold> {
    prop_oneof![
        1 => Just(Hold::Many),
        4 => Just(Hold::Once { after: None }),
        2 => some_deal().prop_map(|deal| Hold::Once { after: Some(deal) }),
    ]
}

fn some_act() -> impl Strategy<Value = DealAct> {
    prop_oneof![
        1 => some_terms().prop_map(|terms| DealAct::Answer { terms }),
        4 => (some_deal(), some_hold()).prop_map(|(deal, hold)| DealAct::Agree { deal, hold }),
        1 => some_deal().prop_map(|deal| DealAct::CallOff { deal }),
        3 => some_deal().prop_map(|deal| DealAct::HandOver { deal }),
        3 => some_deal().prop_map(|deal| DealAct::Return { deal }),
        3 => some_deal().prop_map(|deal| DealAct::Done { deal }),
        2 => (some_deal(), 0u64..9).prop_map(|(deal, on)| DealAct::HandedOver { deal, on: Instant(on) }),
        2 => (some_deal(), prop::option::of(0u64..9)).prop_map(|(deal, on)| {
            DealAct::Returned { deal, on: on.map(Instant), condition: Some(Condition::Worn) }
        }),
        3 => (some_deal(), 0u16..4).prop_map(|(deal, days)| DealAct::Extend { deal, days }),
        1 => (some_deal(), 0u16..4).prop_map(|(deal, days)| DealAct::KeepDay { deal, days }),
    ]
}

fn some_acts() -> impl Strategy<Value = Vec<SignedAct>> {
    prop_oneof![3 => scattered(), 1 => rivals()]
}

/// Answers on one listing, most of them agreed while apart, and what the owner and the answerers sign of these.
fn rivals() -> impl Strategy<Value = Vec<SignedAct>> {
    let answers = prop::collection::vec((1..MEMBERS, prop::bool::weighted(0.9)), 2..6);
    let rest = prop::collection::vec((0usize..6, 0u8..4, any::<bool>(), 0u8..2, 0u64..10), 0..16);
    (answers, rest, any::<bool>()).prop_map(|(answers, rest, loan)| {
        let owner = member(0);
        let terms = Terms {
            listing: ListingId([0; 16]),
            owner,
            direction: if loan { Direction::OwnerGives } else { Direction::AnswererGives },
            points: Points(0),
            due_at: loan.then_some(Instant(7)),
            counterpart: None,
        };
        let mut acts = Vec::new();
        let mut sign = |by: MemberId, nonce: u8, seq: u64, act: DealAct| {
            let entry = entry(acts.len());
            acts.push(SignedAct { by, entry, journal: journal(by, nonce), seq, at: Instant(1), act });
            DealId::from(entry)
        };
        let deals: Vec<_> = answers
            .into_iter()
            .map(|(by, agreed)| (sign(member(by), 0, 0, DealAct::Answer { terms }), member(by), agreed))
            .collect();
        for (deal, _, _) in deals.iter().filter(|(.., agreed)| *agreed) {
            sign(owner, 0, 0, DealAct::Agree { deal: *deal, hold: Hold::Once { after: None } });
        }
        for (number, step, by_owner, nonce, seq) in rest {
            let (deal, answerer, _) = deals[number % deals.len()];
            let act = match step {
                0 => DealAct::CallOff { deal },
                1 if loan => DealAct::Return { deal },
                _ if loan => DealAct::HandOver { deal },
                _ => DealAct::Done { deal },
            };
            sign(if by_owner { owner } else { answerer }, nonce, seq, act);
        }
        acts
    })
}

/// Acts of which the first ones are answers, and most of the rest are by a party of the deal that they are about.
fn scattered() -> impl Strategy<Value = Vec<SignedAct>> {
    let by = || 0..MEMBERS;
    let answers = prop::collection::vec((by(), some_terms()), 0..9);
    // Two journals each, and places at random: what is written in one twice is a fork.
    let place = || (0u8..2, 0u64..40);
    let rest = prop::collection::vec((some_act(), by(), 0u8..8, any::<u64>(), place()), 0..160);
    (answers, rest).prop_map(|(answers, rest)| {
        let mut acts: Vec<SignedAct> = Vec::new();
        for (by, terms) in answers {
            let (by, entry, journal) = (member(by), entry(acts.len()), journal(member(by), 0));
            acts.push(SignedAct { by, entry, journal, seq: 0, at: Instant(1), act: DealAct::Answer { terms } });
        }
        for (act, by, role, at, (nonce, seq)) in rest {
            let (by, entry) = (member(by), entry(acts.len()));
            let mut act = SignedAct { by, entry, journal: journal(by, nonce), seq, at: Instant(at), act };
            let opened = acts.iter().find(|answer| answer.deal() == act.deal());
            act.by = match (opened, act.act, role) {
                (Some(SignedAct { act: DealAct::Answer { terms }, .. }), DealAct::Agree { .. }, 1..) => terms.owner,
                (Some(SignedAct { act: DealAct::Answer { terms }, .. }), _, 1..=4) => terms.owner,
                (Some(answer), _, 5..) => answer.by,
                _ => act.by,
            };
            act.journal = journal(act.by, nonce);
            acts.push(act);
        }
        acts
    })
}

fn some_listing() -> impl Strategy<Value = Listing> {
    (0..LISTINGS, any::<bool>(), any::<bool>(), prop::bool::weighted(0.15)).prop_map(|(id, offer, item, closed)| {
        let (side, kind, mode) = match (offer, item) {
            (true, true) => (Side::Offer, Kind::Item, Some(Mode::Share)),
            (true, false) => (Side::Offer, Kind::Skill, None),
            (false, true) => (Side::Need, Kind::Item, None),
            (false, false) => (Side::Need, Kind::Time, None),
        };
        let listing = listing(ListingId([id; 16]), side, Some(kind), mode, "t");
        Listing { closed_at: closed.then_some(Instant(3)), ..listing }
    })
}

fn some_records() -> impl Strategy<Value = Records> {
    let review =
        (some_deal(), 1u8..=5).prop_map(|(deal, stars)| Review { deal, stars, text: String::new(), at: Instant(1) });
    let reply = (some_deal(), "[ 谢]{0,2}").prop_map(|(deal, text)| Reply { deal, text, at: Instant(2) });
    let lists = (prop::collection::vec(review, 0..6), prop::collection::vec(reply, 0..4));
    ("[a-c]", prop::collection::vec(some_listing(), 0..3), lists)
        .prop_map(|(name, listings, (reviews, replies))| Records { reviews, replies, ..records(&name, listings) })
}

/// One thing that reaches a board.
#[derive(Clone, Debug)]
enum Event {
    Act(SignedAct),
    Says(MemberId, Box<Records>),
}

fn apply(board: &mut Board, event: &Event) -> Changed {
    match event {
        Event::Act(act) => board.add_act(*act),
        Event::Says(who, records) => board.set_records(*who, records.as_ref().clone()),
    }
}

fn build(events: &[Event]) -> Board {
    let mut board = Board::new();
    for event in events {
        apply(&mut board, event);
    }
    board
}

/// Acts and each member's final records, and the same things shuffled with some of them twice.
fn some_events() -> impl Strategy<Value = (Vec<Event>, Vec<Event>)> {
    let said = prop::collection::vec(some_records(), usize::from(MEMBERS));
    (some_acts(), said).prop_flat_map(|(acts, said)| {
        let says = (0..MEMBERS).zip(said).map(|(n, records)| Event::Says(member(n), Box::new(records)));
        let events: Vec<Event> = acts.into_iter().map(Event::Act).chain(says).collect();
        let again = prop::sample::subsequence(events.clone(), 0..=events.len());
        (Just(events), again).prop_flat_map(|(events, again)| {
            let twice: Vec<Event> = events.iter().cloned().chain(again).collect();
            (Just(events), Just(twice).prop_shuffle())
        })
    })
}

type Rows = (
    BTreeMap<(MemberId, ListingId), String>,
    BTreeMap<DealId, String>,
    BTreeMap<MemberId, String>,
    BTreeMap<MemberId, String>,
);

fn rows(board: &Board) -> Rows {
    let mut reviews = BTreeMap::<MemberId, String>::new();
    for row in board.reviews() {
        reviews.entry(row.about).or_default().push_str(&format!("{row:?}"));
    }
    (
        board.listings().map(|row| ((row.owner, row.listing.id), format!("{row:?}"))).collect(),
        board.deals().map(|row| (row.id, format!("{row:?}"))).collect(),
        reviews,
        board.profiles().map(|(who, profile)| (*who, format!("{profile:?}"))).collect(),
    )
}

fn differing<K: Ord + Copy>(a: &BTreeMap<K, String>, b: &BTreeMap<K, String>) -> std::collections::BTreeSet<K> {
    a.keys().chain(b.keys()).filter(|key| a.get(key) != b.get(key)).copied().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_order_and_repetition_gives_the_same_board((events, shuffled) in some_events()) {
        let (a, b) = (build(&events), build(&shuffled));
        prop_assert_eq!(rows(&a), rows(&b));
        prop_assert_eq!(digest(&a), digest(&b));
        for deal in a.deals() {
            prop_assert_eq!(a.winner_of(&deal.id), b.winner_of(&deal.id));
        }
        for n in 0..MEMBERS {
            let deals = |board: &Board| board.deals_with(&member(n)).map(|d| d.id).collect::<Vec<_>>();
            prop_assert_eq!(deals(&a), deals(&b));
            for l in 0..LISTINGS {
                let (owner, id) = (member(n), ListingId([l; 16]));
                let deals = |board: &Board| board.deals_of(&owner, &id).map(|d| d.id).collect::<Vec<_>>();
                prop_assert_eq!(deals(&a), deals(&b));
                prop_assert_eq!(a.last_hold(&owner, &id), b.last_hold(&owner, &id));
            }
        }
    }

    /// Whatever one member signs or says, the deals between others, and what others say, stay as they are.
    #[test]
    fn a_hostile_member_changes_nothing_between_two_others(
        (events, _) in some_events(),
        hostile in some_acts(),
        said in some_records(),
    ) {
        let outsider = member(0x55);
        let honest = build(&events);
        let mut board = honest.clone();
        for (i, act) in hostile.into_iter().enumerate() {
            let entry = match act.act {
                DealAct::Answer { .. } => entry(1_000 + i),
                _ => act.entry,
            };
            board.add_act(SignedAct { by: outsider, entry, ..act });
        }
        board.set_records(outsider, said);
        for deal in honest.deals() {
            prop_assert_eq!(board.deal(&deal.id), Some(deal));
        }
        for review in honest.reviews() {
            prop_assert!(board.reviews_about(&review.about).any(|row| row == review));
        }
        for deal in board.deals() {
            prop_assert!(honest.deal(&deal.id).is_some() || deal.answerer == outsider);
        }
        // A stranger's answer can make a listing answered, never held.
        for row in honest.listings() {
            let now = board.listing(&row.owner, &row.listing.id);
            prop_assert_eq!(now.map(|now| now.deal), Some(row.deal));
            let only_answered =
                (row.stage, now.map(|now| now.stage)) == (ListingStage::Open, Some(ListingStage::Answered));
            prop_assert!(only_answered || now.map(|now| now.stage) == Some(row.stage));
        }
    }

    /// Every act that passes the checks does something, and every act that is refused as the second does not.
    #[test]
    fn what_is_allowed_counts_and_the_rows_are_coherent((events, _) in some_events(), next in some_acts()) {
        let mut board = build(&events);
        for (i, act) in next.into_iter().enumerate() {
            let act = SignedAct { entry: entry(2_000 + i), ..act };
            let allowed = board.check(act.by, &act.act).is_ok();
            let changed = board.add_act(act);
            prop_assert!(!allowed || !changed.deals.is_empty(), "{act:?} was allowed and did nothing");
            prop_assert!(!allowed || board.check(act.by, &act.act).is_err(), "{act:?} is asked for twice");
            for deal in board.deals() {
                prop_assert!(deal.giver != deal.receiver && deal.is_party(&deal.answerer));
                let winner = board.winner_of(&deal.id);
                prop_assert_eq!(winner.is_some(), deal.stage == Stage::Lost);
                let waits = deal.waits_for();
                prop_assert_eq!(waits.is_empty(), !deal.stage.is_live());
                if let Some(winner) = winner {
                    prop_assert!(board.deal(&winner.deal).is_some_and(|w| w.stage != Stage::Lost));
                }
            }
        }
    }

    /// Who is neither the owner nor the answerer of a deal cannot make it lost, whatever he signs and in which of his
    /// journals, unless the owner has confirmed a deal with him that neither of the two has called off.
    #[test]
    fn nobody_but_the_owner_takes_a_listing_from_a_third_person(
        acts in rivals(),
        hostile in rivals(),
        who in 1..MEMBERS,
    ) {
        let who = member(who);
        let events: Vec<Event> = acts.into_iter().map(Event::Act).collect();
        let honest = build(&events);
        let mut board = honest.clone();
        for (i, act) in hostile.into_iter().enumerate() {
            board.add_act(SignedAct { by: who, entry: entry(4_000 + i), journal: journal(who, (i % 3) as u8), ..act });
        }
        let given_up = |deal: &&DealRow| {
            let by_a_party = |act: &SignedAct| act.deal() == deal.id && [deal.terms.owner, deal.answerer].contains(&act.by);
            events.iter().any(|event| {
                matches!(event, Event::Act(act) if matches!(act.act, DealAct::CallOff { .. }) && by_a_party(act))
            })
        };
        // Who has given the place up, counted or not, stands behind everybody, and beside others who have (decision 0003).
        let held = honest.deals().filter(|deal| deal.terms.owner != who && deal.answerer != who && !given_up(deal));
        for deal in held {
            let owner = deal.terms.owner;
            let backed = honest.deals_of(&owner, &deal.terms.listing).filter(|own| own.answerer == who).any(|own| {
                let acts = || events.iter().filter_map(|event| match event {
                    Event::Act(act) if act.deal() == own.id && own.is_party(&act.by) => Some(act),
                    _ => None,
                });
                let called_off = acts().any(|act| matches!(act.act, DealAct::CallOff { .. }));
                let step = |act: &DealAct| {
                    matches!(act, DealAct::HandOver { .. } | DealAct::Return { .. } | DealAct::Done { .. })
                };
                !called_off && acts().any(|act| act.by == owner && step(&act.act))
            });
            let lost = board.deal(&deal.id).is_some_and(|now| now.stage == Stage::Lost);
            prop_assert!(backed || !lost || deal.stage == Stage::Lost, "{deal:?} is lost");
        }
    }

    /// What both have confirmed stays, whatever else arrives.
    #[test]
    fn a_finished_deal_stays_finished((events, _) in some_events(), more in some_acts()) {
        let mut board = build(&events);
        let done: Vec<DealId> = board.deals().filter(|d| d.stage == Stage::Done).map(|d| d.id).collect();
        for (i, act) in more.into_iter().enumerate() {
            board.add_act(SignedAct { entry: entry(3_000 + i), ..act });
        }
        for deal in done {
            prop_assert_eq!(board.deal(&deal).map(|d| d.stage), Some(Stage::Done));
        }
    }
}

proptest! {
    // Compares all rows after every step: slower.
    #![proptest_config(ProptestConfig::with_cases(80))]

    /// Records that were replaced or removed leave no trace, and what is said to have changed is what has.
    #[test]
    fn step_by_step_equals_from_scratch_and_tells_exactly_what_changed(
        (events, shuffled) in some_events(),
        earlier in prop::collection::vec((0..MEMBERS, some_records()), 0..6),
    ) {
        let mut board = Board::new();
        let earlier = earlier.into_iter().map(|(n, records)| Event::Says(member(n), Box::new(records)));
        let mut story: Vec<Event> = shuffled.clone();
        for (i, event) in earlier.enumerate() {
            story.insert((i * 7).min(story.len()), event);
        }
        story.extend(shuffled.into_iter().filter(|event| matches!(event, Event::Says(..))));
        for event in &story {
            let before = rows(&board);
            let changed = apply(&mut board, event);
            let after = rows(&board);
            prop_assert!(!matches!(event, Event::Act(_)) || changed.deals.len() <= 3, "{changed:?}");
            prop_assert_eq!(&changed.listings, &differing(&before.0, &after.0));
            prop_assert_eq!(&changed.deals, &differing(&before.1, &after.1));
            prop_assert_eq!(&changed.reviews_about, &differing(&before.2, &after.2));
            prop_assert_eq!(&changed.profiles, &differing(&before.3, &after.3));
        }
        prop_assert_eq!(rows(&board), rows(&build(&events)));
        prop_assert_eq!(digest(&board), digest(&build(&events)));
    }
}

/// The laws above say something only if their acts lead everywhere.
#[test]
fn the_acts_of_the_laws_reach_every_stage() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = BTreeMap::<String, usize>::new();
    for _ in 0..400 {
        let (events, _) = some_events().new_tree(&mut runner).unwrap().current();
        let board = build(&events);
        for deal in board.deals() {
            *seen.entry(format!("{:?}", deal.stage)).or_default() += 1;
        }
        for listing in board.listings() {
            *seen.entry(format!("listing {:?}", listing.stage)).or_default() += 1;
        }
        *seen.entry("reviews".into()).or_default() += board.reviews().count();
    }
    for place in ["Answered", "Agreed", "OnLoan", "Done", "CalledOff", "Lost"] {
        assert!(seen.get(place) > Some(&20), "{place}: {seen:?}");
    }
    for place in ["listing Open", "listing Answered", "listing Agreed", "listing Done", "listing Closed", "reviews"] {
        assert!(seen.get(place) > Some(&5), "{place}: {seen:?}");
    }
}

/// A building of 50,000 listings: what one member says or does touches their rows only.
#[test]
fn a_change_touches_what_it_is_about_and_nothing_else() {
    let mut board = Board::new();
    for n in 0..1_000u32 {
        let mut who = [0; 16];
        who[..4].copy_from_slice(&n.to_le_bytes());
        let listings = (0..50u8).map(|l| {
            let mut id = who;
            id[15] = l;
            listing(ListingId(id), Side::Offer, Some(Kind::Skill), None, "t")
        });
        board.set_records(MemberId(who), records("n", listings.collect()));
    }
    assert_eq!(board.listings().count(), 50_000);
    let row = board.listings().nth(25_000).unwrap().clone();
    let mut own: Vec<Listing> = board.listings_of(&row.owner).map(|row| row.listing.clone()).collect();
    assert_eq!(own.len(), 50);
    own[7].title = "新".into();
    let changed = board.set_records(row.owner, records("n", own));
    assert_eq!((changed.listings.len(), changed.profiles.len()), (1, 0));
}
