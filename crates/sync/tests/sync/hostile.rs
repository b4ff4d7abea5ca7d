//! What a neighbour may do wrong, in every phase of a session.

use kaifong_domain::Instant;
use kaifong_domain::charter::Charter;
use kaifong_sync::{ItemId, Message, PROTOCOL_VERSION, Parcel, Progress, Session, SessionOutput, WireError};
use kaifong_trust::entry::{Genesis, SealKey};
use kaifong_trust::{DeviceKey, PublicPage};
use proptest::prelude::*;

use crate::model::{BUILDING, Notes, PAST, Replica, document};

const SALT: [u8; 16] = [9; 16];
const SESSION: u32 = 5;

/// Aiguo's and Meiling's phones: each is ahead in some documents, and in one both are.
fn aiguo() -> Replica {
    let mut replica = Replica::default();
    (0..40).for_each(|n| replica.write(document(n), vec![1; 30]));
    replica
}

fn meiling() -> Replica {
    let mut replica = aiguo();
    replica.write(document(3), vec![3; 30]);
    replica.write(document(4), vec![3; 30]);
    replica.hold_entry(60);
    replica
}

fn aiguo_later() -> Replica {
    let mut replica = aiguo();
    replica.write(document(4), vec![4; 30]);
    replica.write(document(5), vec![4; 30]);
    replica
}

fn step_of(message: &Message) -> Vec<u8> {
    match message {
        Message::Reconcile { step, .. } | Message::ReconcileReply { step, .. } => step.clone(),
        other => panic!("{} has no step", other.kind()),
    }
}

fn sent(outputs: Vec<SessionOutput>) -> Vec<Message> {
    let message = |output| match output {
        SessionOutput::Send(message) => Some(message),
        _ => None,
    };
    outputs.into_iter().filter_map(message).collect()
}

/// Aiguo's session with Meiling, and hers with him, in each phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Asking,
    Answering,
    Fetching,
    Serving,
    Finished,
    Broken,
}

const PHASES: [(At, &str); 6] = [
    (At::Asking, "waiting for an answer to its step"),
    (At::Answering, "waiting for a step or a fetch"),
    (At::Fetching, "fetching"),
    (At::Serving, "serving"),
    (At::Finished, "finished"),
    (At::Broken, "broken"),
];

fn session_at(at: At) -> (Session, Replica) {
    let (ours, theirs) = (aiguo_later(), meiling());
    let (mut asking, first) = Session::start(SESSION, SALT, &ours);
    if at == At::Asking {
        return (asking, ours);
    }
    let (mut answering, reply) = Session::accept(SESSION, SALT, &step_of(&first), &theirs).unwrap();
    if at == At::Answering {
        return (answering, theirs);
    }
    let fetch = sent(asking.on(reply, &ours).unwrap()).remove(0);
    match at {
        At::Fetching => return (asking, ours),
        At::Serving => {
            answering.on(fetch, &theirs).unwrap();
        }
        At::Finished => {
            let done = Message::Done { session: SESSION };
            assert_eq!(answering.on(done, &theirs), Ok(vec![SessionOutput::Finished]));
        }
        _ => {
            answering.on(Message::Applied, &theirs).unwrap_err();
        }
    }
    (answering, theirs)
}

fn progress(items_done: u32, items_all: u32, bytes_done: u64) -> Progress {
    Progress { items_done, items_all, bytes_done, bytes_all: 1000 }
}

fn one_parcel() -> Vec<Parcel> {
    vec![Parcel::Envelope(PAST.envelopes[0].clone())]
}

/// One message of each kind that is well formed by itself.
fn one_of_each() -> Vec<Message> {
    let key = DeviceKey::from_seed([8; 32]);
    let genesis = Genesis {
        name: "幸福里".to_owned(),
        founded_at: Instant(1),
        founder_seal: SealKey([0; 32]),
        charter: Charter::default(),
        nonce: [0; 16],
    };
    let genesis = key.sign(genesis).signed().clone();
    let session = SESSION;
    vec![
        Message::Hello { version: PROTOCOL_VERSION, building: Some(BUILDING) },
        Message::Public(PublicPage { genesis, evidence: vec![PAST.entries[0].signed.clone()] }),
        Message::Apply { proof: [1; 32], envelopes: PAST.envelopes.clone() },
        Message::Applied,
        Message::Refused { code: "cut-off".to_owned(), sentence: "This device was cut off.".to_owned() },
        Message::Reconcile { session, salt: SALT, step: vec![0x61] },
        Message::ReconcileReply { session, step: vec![0x61] },
        Message::Fetch { session, need: Vec::new(), mine: Vec::new() },
        Message::Parcels { session, parcels: one_parcel(), progress: progress(1, 2, 500) },
        Message::Wants { session, wants: Vec::new() },
        Message::Done { session },
        Message::News(vec![Parcel::Fork(PAST.forks[0].clone())]),
        Message::Ask { items: vec![(ItemId::Document(document(1)), vec![[1; 32]])] },
        Message::Acked(vec![[1; 32]]),
        Message::Invited { proof: [1; 32] },
        Message::LastHeard { held: vec![[1; 32]; 64], lacking: vec![[2; 32]; 64] },
    ]
}

#[test]
fn every_kind_of_message_survives_the_wire() {
    for message in one_of_each() {
        let bytes = message.encode();
        assert_eq!(Message::decode(&bytes), Ok(message.clone()), "{}", message.kind());
        assert_eq!(message.size_bytes(), bytes.len());
        let longer = [bytes.as_slice(), &[0]].concat();
        assert_eq!(Message::decode(&longer), Err(WireError::Malformed), "a byte too many: {}", message.kind());
        for cut in 0..bytes.len() {
            assert_eq!(Message::decode(&bytes[..cut]), Err(WireError::Malformed), "cut short: {}", message.kind());
        }
    }
}

#[test]
fn guests_hear_and_say_nothing_of_the_building() {
    let for_guests = one_of_each().into_iter().filter(Message::is_for_guests);
    let kinds: Vec<&str> = for_guests.map(|message| message.kind()).collect();
    assert_eq!(kinds, ["Hello", "Public", "Apply", "Applied", "Refused", "Invited", "LastHeard"]);
    // A guest may say that it knows nothing, and gets no more than sealed letters.
    let ask = |items| Message::Ask { items }.is_for_guests();
    assert_eq!((ask(vec![]), ask(vec![(ItemId::Document(document(1)), vec![])])), (true, false));
}

#[test]
fn an_ask_for_one_thing_many_times_is_refused() {
    let mut two = [1, 2].map(|n| (ItemId::Document(document(n)), vec![]));
    two.sort_unstable();
    let [one, other] = two;
    assert!(Message::decode(&Message::Ask { items: vec![one.clone(), other.clone()] }.encode()).is_ok());
    for items in [vec![one.clone(), one.clone()], vec![other, one]] {
        let bytes = Message::Ask { items }.encode();
        assert_eq!(Message::decode(&bytes), Err(WireError::Unordered { list: "asks" }));
    }
}

#[test]
fn each_phase_takes_its_messages_and_no_others() {
    let in_turn: [(At, &[&str]); 6] = [
        (At::Asking, &["ReconcileReply"]),
        (At::Answering, &["Reconcile", "Fetch", "Done"]),
        (At::Fetching, &["Parcels", "Wants"]),
        (At::Serving, &["Parcels", "Wants", "Done"]),
        (At::Finished, &[]),
        (At::Broken, &[]),
    ];
    for ((at, phase), (same, kinds)) in PHASES.into_iter().zip(in_turn) {
        assert_eq!(at, same);
        for message in one_of_each() {
            let (mut session, replica) = session_at(at);
            let kind = message.kind();
            let result = session.on(message, &replica);
            if kinds.contains(&kind) {
                assert!(result.is_ok(), "{kind} while {phase}: {result:?}");
            } else {
                assert_eq!(result, Err(WireError::OutOfTurn { message: kind, phase }));
                let next = session.on(Message::Done { session: SESSION }, &replica);
                assert_eq!(
                    next,
                    Err(WireError::OutOfTurn { message: "Done", phase: "broken" }),
                    "there is no way back"
                );
                assert!(!session.is_done());
            }
        }
    }
}

#[test]
fn what_is_said_twice_is_out_of_turn() {
    let session = SESSION;
    let receipt = Message::Parcels { session, parcels: Vec::new(), progress: Progress::default() };
    let wants = || Message::Wants { session, wants: Vec::new() };
    let done = || Message::Done { session };
    let parcels = Message::Parcels { session, parcels: one_parcel(), progress: progress(1, 1, 500) };
    for (at, said, again) in [
        (At::Fetching, None, receipt.clone()),
        (At::Serving, None, receipt),
        (At::Fetching, Some(wants()), wants()),
        (At::Serving, Some(wants()), wants()),
        (At::Serving, Some(done()), done()),
        (At::Serving, Some(done()), wants()),
        (At::Serving, Some(done()), parcels),
    ] {
        let (mut session, replica) = session_at(at);
        let kind = again.kind();
        if let Some(said) = said {
            session.on(said, &replica).unwrap();
        }
        let result = session.on(again, &replica);
        assert!(matches!(result, Err(WireError::OutOfTurn { message, .. }) if message == kind), "{at:?} {result:?}");
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let session = SESSION;
    let document = |n| ItemId::Document(document(n));
    let fetch = |need, mine| Message::Fetch { session, need, mine };
    let wants = |wants| Message::Wants { session, wants };
    let parcels = |progress| Message::Parcels { session, parcels: one_parcel(), progress };
    let step = |step| Message::ReconcileReply { session, step };
    for (at, message, error) in [
        (At::Asking, Message::Done { session: 6 }, WireError::WrongSession { expected: 5, found: 6 }),
        (At::Answering, Message::Done { session: 6 }, WireError::WrongSession { expected: 5, found: 6 }),
        (At::Answering, Message::Reconcile { session, salt: [1; 16], step: vec![0x61] }, WireError::SaltChanged),
        (At::Answering, Message::Reconcile { session, salt: SALT, step: vec![] }, WireError::BadStep),
        (At::Answering, Message::Reconcile { session, salt: SALT, step: vec![0x11] }, WireError::BadStep),
        (At::Asking, step(vec![0x62]), WireError::BadStep),
        (At::Asking, step(vec![0x61, 1, 2, 3]), WireError::BadStep),
        // An id whose second half is not zero is none of ours.
        (At::Asking, step([&[0x61, 0, 1, 0, 1, 2, 1][..], &[7; 32]].concat()), WireError::BadStep),
        (At::Asking, step([0, 255].repeat(4000)), WireError::BadStep),
        (At::Answering, fetch(vec![[1; 16]], vec![]), WireError::UnknownElement),
        (At::Answering, fetch(vec![[2; 16], [1; 16]], vec![]), WireError::Unordered { list: "needs" }),
        (At::Answering, fetch(vec![[1; 16]; 2], vec![]), WireError::Unordered { list: "needs" }),
        (
            At::Answering,
            fetch(vec![], vec![(document(1), vec![]), (document(1), vec![])]),
            WireError::Unordered { list: "offers" },
        ),
        (
            At::Fetching,
            wants(vec![(document(1), vec![]), (document(1), vec![])]),
            WireError::Unordered { list: "wants" },
        ),
        (At::Fetching, wants(vec![(document(7), vec![])]), WireError::NotOffered),
        (At::Serving, wants(vec![(document(1), vec![])]), WireError::NotOffered),
        (At::Fetching, parcels(progress(2, 1, 10)), WireError::BadProgress),
        (At::Fetching, parcels(progress(1, 10_000, 10)), WireError::BadProgress),
        (At::Serving, parcels(progress(1, 10_000, 10)), WireError::BadProgress),
        (At::Fetching, parcels(progress(1, 2, 0)), WireError::BadProgress),
        (At::Fetching, parcels(progress(1, 2, 1001)), WireError::BadProgress),
    ] {
        let (mut session, replica) = session_at(at);
        assert_eq!(session.on(message, &replica), Err(error), "{at:?}");
    }
}

#[test]
fn an_end_before_all_that_was_announced_has_come_is_noticed() {
    let (mut session, replica) = session_at(At::Serving);
    let progress = progress(0, 1, 10);
    session.on(Message::Parcels { session: SESSION, parcels: one_parcel(), progress }, &replica).unwrap();
    assert_eq!(session.on(Message::Done { session: SESSION }, &replica), Err(WireError::BadProgress));
}

#[test]
fn a_neighbour_that_never_agrees_is_left_after_64_rounds() {
    let replica = aiguo();
    let most = WireError::TooManyRounds { most: 64 };
    // It answers every step with a fingerprint of everything that fits nothing.
    let (mut session, _) = Session::start(SESSION, SALT, &replica);
    let step = [&[0x61, 0, 1, 0, 1, 1][..], &[7; 16]].concat();
    for round in 1.. {
        match session.on(Message::ReconcileReply { session: SESSION, step: step.clone() }, &replica) {
            Ok(outputs) => assert!(matches!(outputs[0], SessionOutput::Send(Message::Reconcile { .. }))),
            Err(error) => {
                assert_eq!((round, error), (65, most));
                break;
            }
        }
    }
    let (mut session, _) = Session::accept(SESSION, SALT, &step, &replica).unwrap();
    for round in 2.. {
        match session.on(Message::Reconcile { session: SESSION, salt: SALT, step: step.clone() }, &replica) {
            Ok(outputs) => assert_eq!(outputs.len(), 1),
            Err(error) => {
                assert_eq!((round, error), (65, most));
                break;
            }
        }
    }
}

#[test]
fn a_neighbour_that_never_stops_sending_is_left() {
    let (mut session, replica) = session_at(At::Fetching);
    for frame in 1.. {
        let progress = Progress { items_done: 0, items_all: 1, bytes_done: frame, bytes_all: u64::MAX };
        let message = Message::Parcels { session: SESSION, parcels: vec![Parcel::Entries(vec![])], progress };
        if let Err(error) = session.on(message, &replica) {
            assert_eq!((frame, error), (16 * 1024 + 1, WireError::TooManyParcels { most: 16 * 1024 }));
            break;
        }
    }
}

#[test]
fn a_neighbour_that_sends_no_receipts_gets_eight_frames_and_no_more() {
    let mut full = Replica::default();
    (0..900).for_each(|n| full.write(document(n), vec![1; 4000]));
    let newcomer = Replica::default();
    let (mut ours, first) = Session::start(SESSION, SALT, &newcomer);
    let (mut theirs, reply) = Session::accept(SESSION, SALT, &step_of(&first), &full).unwrap();
    let fetch = sent(ours.on(reply, &newcomer).unwrap()).remove(0);
    let frames = sent(theirs.on(fetch, &full).unwrap());
    let with_parcels = frames.iter().filter(|message| matches!(message, Message::Parcels { .. })).count();
    assert_eq!((with_parcels, frames.len()), (8, 9), "the wants, and eight frames");
    assert!(frames.iter().all(|message| message.size_bytes() < 300 * 1024));
}

#[test]
fn a_different_protocol_within_the_step_is_answered_and_ends_there() {
    // Negentropy answers a newer version with its own; the initiator then gives up.
    let replica = aiguo();
    let (_, reply) = Session::accept(SESSION, SALT, &[0x62, 1, 2], &replica).unwrap();
    assert_eq!(step_of(&reply), [0x61]);
}

fn any_item() -> impl Strategy<Value = ItemId> {
    prop_oneof![
        (0_usize..45).prop_map(|n| ItemId::Document(document(n))),
        (0_usize..30).prop_map(|n| ItemId::Journal(crate::model::journal(n))),
        any::<[u8; 32]>().prop_map(ItemId::Fork),
        any::<[u8; 32]>().prop_map(ItemId::Envelope),
    ]
}

fn any_items() -> impl Strategy<Value = Vec<(ItemId, Vec<[u8; 32]>)>> {
    let heads = proptest::collection::vec(any::<[u8; 32]>(), 0..3);
    proptest::collection::btree_map(any_item(), heads, 0..6).prop_map(|items| items.into_iter().collect())
}

/// Bytes that are sometimes a sound step.
fn any_step() -> impl Strategy<Value = Vec<u8>> {
    let noise = proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(2), any::<u8>()], 0..200);
    prop_oneof![
        noise.clone(),
        noise.prop_map(|noise| [&[0x61][..], &noise].concat()),
        any::<(u8, u8)>().prop_map(|(place, byte)| {
            let mut step = step_of(&Session::start(SESSION, SALT, &meiling()).1);
            let place = usize::from(place) % step.len();
            step[place] ^= byte;
            step
        }),
    ]
}

fn any_message() -> impl Strategy<Value = Message> {
    let session = SESSION;
    let progress = (0_u32..4, 0_u32..4, 0_u64..400, 0_u64..400).prop_map(|(items_done, items_all, done, all)| {
        Progress { items_done, items_all, bytes_done: done, bytes_all: all }
    });
    prop_oneof![
        any_step().prop_map(move |step| Message::Reconcile { session, salt: SALT, step }),
        any_step().prop_map(move |step| Message::ReconcileReply { session, step }),
        (proptest::collection::btree_set(any::<[u8; 16]>(), 0..2), any_items())
            .prop_map(move |(need, mine)| Message::Fetch { session, need: need.into_iter().collect(), mine }),
        (any::<bool>(), progress).prop_map(move |(empty, progress)| Message::Parcels {
            session,
            parcels: if empty { Vec::new() } else { one_parcel() },
            progress,
        }),
        any_items().prop_map(move |wants| Message::Wants { session, wants }),
        Just(Message::Done { session }),
        proptest::sample::select(one_of_each()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_are_a_message_or_an_error(
        kind in 0_u8..16, noise in proptest::collection::vec(prop_oneof![0_u8..4, any::<u8>()], 0..300),
    ) {
        let bytes = [&[kind][..], &noise].concat();
        if let Ok(message) = Message::decode(&bytes) {
            prop_assert_eq!(Message::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn a_damaged_message_is_a_message_or_an_error(which in 0_usize..15, place: usize, byte: u8) {
        let mut bytes = one_of_each()[which].encode();
        let place = place % bytes.len();
        bytes[place] ^= byte;
        if let Ok(message) = Message::decode(&bytes) {
            prop_assert_eq!(Message::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn no_sequence_of_messages_breaks_a_session(
        phase in 0_usize..6, messages in proptest::collection::vec(any_message(), 1..6),
    ) {
        let (mut session, mut replica) = session_at(PHASES[phase].0);
        let mut broken = false;
        for message in messages {
            match session.on(message, &replica) {
                Ok(outputs) => {
                    prop_assert!(!broken, "a broken session takes nothing more");
                    for output in outputs {
                        if let SessionOutput::Take(parcels) = output {
                            replica.take(parcels, &mut Notes::default());
                        }
                    }
                }
                Err(error) => {
                    broken = true;
                    prop_assert!(!session.is_done() && !error.to_string().is_empty());
                }
            }
        }
    }

    #[test]
    fn arbitrary_first_steps_are_answered_or_refused(step in any_step()) {
        let _ = Session::accept(SESSION, SALT, &step, &meiling());
    }
}

#[test]
fn an_error_is_a_sentence_about_the_neighbour() {
    let errors = [
        WireError::TooLarge { found: 9_000_000, most: 8_388_608 },
        WireError::Malformed,
        WireError::WrongSession { expected: 1, found: 2 },
        WireError::SaltChanged,
        WireError::OutOfTurn { message: "Done", phase: "fetching" },
        WireError::BadStep,
        WireError::TooManyRounds { most: 64 },
        WireError::Unordered { list: "needs" },
        WireError::UnknownElement,
        WireError::NotOffered,
        WireError::BadProgress,
        WireError::TooManyParcels { most: 9 },
    ];
    assert!(errors.iter().all(|error| error.to_string().starts_with("the neighbour")));
    let frame = vec![0; kaifong_sync::FRAME_BYTES_MAX + 1];
    let (found, most) = (frame.len(), kaifong_sync::FRAME_BYTES_MAX);
    assert_eq!(Message::decode(&frame), Err(WireError::TooLarge { found, most }));
}
