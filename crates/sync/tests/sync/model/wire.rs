//! Two replicas on one cable: every message is encoded, carried and decoded; the cable may be cut.

use std::collections::VecDeque;

use kaifong_sync::{Holdings, Message, Progress, Session, SessionOutput, Stats};

use super::{Notes, Replica};

/// How messages get across.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cable {
    /// After so many messages nothing gets across any more.
    pub cut_after: Option<usize>,
    /// Which side is served first, over and over, bit by bit.
    pub interleaving: u64,
}

/// What came of one session.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub finished: bool,
    pub messages: usize,
    pub parcel_bytes: usize,
    pub initiator: Stats,
    pub responder: Stats,
    pub notes: [Notes; 2],
    /// What the frames with parcels said, in the order in which they crossed.
    pub progress: Vec<Progress>,
}

impl Outcome {
    /// All bytes that crossed the cable.
    pub fn bytes(&self) -> u64 {
        self.initiator.bytes_sent + self.responder.bytes_sent
    }

    /// All bytes but the parcels themselves.
    pub fn bytes_of_talk(&self) -> u64 {
        self.bytes() - u64::try_from(self.parcel_bytes).unwrap()
    }
}

pub fn sync(initiator: &mut Replica, responder: &mut Replica) -> Outcome {
    sync_with(initiator, responder, Cable::default())
}

pub fn sync_with(initiator: &mut Replica, responder: &mut Replica, cable: Cable) -> Outcome {
    let mut outcome = Outcome::default();
    let (mut ours, first) = Session::start(5, [9; 16], initiator);
    let mut to_responder: VecDeque<Vec<u8>> = [first.encode()].into();
    let mut to_initiator: VecDeque<Vec<u8>> = VecDeque::new();
    let mut theirs: Option<Session> = None;
    let mut finished = [false; 2];
    while cable.cut_after.is_none_or(|most| outcome.messages < most) {
        let turn = cable.interleaving.rotate_right(u32::try_from(outcome.messages % 64).unwrap()) & 1 == 1;
        let for_responder = if turn { to_initiator.is_empty() } else { !to_responder.is_empty() };
        let queue = if for_responder { &mut to_responder } else { &mut to_initiator };
        let Some(frame) = queue.pop_front() else { break };
        outcome.messages += 1;
        let message = Message::decode(&frame).unwrap();
        assert_eq!(message.encode(), frame);
        assert_eq!(message.size_bytes(), frame.len());
        if let Message::Parcels { parcels, progress, .. } = &message
            && !parcels.is_empty()
        {
            outcome.progress.push(*progress);
            outcome.parcel_bytes += parcels.iter().map(|parcel| parcel.size_bytes()).sum::<usize>();
        }
        let (outputs, replica, side) = match (for_responder, &mut theirs, message) {
            (true, None, Message::Reconcile { session, salt, step }) => {
                let (session, reply) = Session::accept(session, salt, &step, responder).unwrap();
                theirs = Some(session);
                (vec![SessionOutput::Send(reply)], &mut *responder, 1)
            }
            (true, session, message) => (session.as_mut().unwrap().on(message, responder).unwrap(), &mut *responder, 1),
            (false, _, message) => (ours.on(message, initiator).unwrap(), &mut *initiator, 0),
        };
        for output in outputs {
            assert!(!finished[side], "nothing comes after the end");
            match output {
                SessionOutput::Send(message) if side == 0 => to_responder.push_back(message.encode()),
                SessionOutput::Send(message) => to_initiator.push_back(message.encode()),
                SessionOutput::Take(parcels) => replica.take(parcels, &mut outcome.notes[side]),
                SessionOutput::Finished => finished[side] = true,
            }
        }
    }
    if cable.cut_after.is_none() {
        assert!(finished[0] && finished[1], "both finish: {ours:?} {theirs:?}");
        assert!(ours.is_done() && theirs.as_ref().is_some_and(Session::is_done));
        let (a, b) = (ours.stats(), theirs.as_ref().unwrap().stats());
        assert_eq!((a.bytes_sent, a.bytes_received, a.rounds), (b.bytes_received, b.bytes_sent, b.rounds));
    }
    outcome.finished = finished[0] && finished[1];
    outcome.initiator = ours.stats();
    outcome.responder = theirs.map(|session| session.stats()).unwrap_or_default();
    outcome
}

/// Lets a replica fetch from holdings that cannot take anything; gives the responder's figures.
pub fn sync_holdings(initiator: &mut Replica, responder: &dyn Holdings, notes: &mut Notes) -> Stats {
    let (mut ours, first) = Session::start(5, [9; 16], initiator);
    let Message::Reconcile { session, salt, step } = first else { panic!("a session opens with a step") };
    let (mut theirs, reply) = Session::accept(session, salt, &step, responder).unwrap();
    let mut to_initiator: VecDeque<Message> = [reply].into();
    while let Some(message) = to_initiator.pop_front() {
        for output in ours.on(message, initiator).unwrap() {
            match output {
                SessionOutput::Send(message) => {
                    let answers = theirs.on(message, responder).unwrap();
                    to_initiator.extend(answers.into_iter().filter_map(|output| match output {
                        SessionOutput::Send(message) => Some(message),
                        _ => None,
                    }));
                }
                SessionOutput::Take(parcels) => initiator.take(parcels, notes),
                SessionOutput::Finished => {}
            }
        }
    }
    assert!(ours.is_done() && theirs.is_done());
    theirs.stats()
}
