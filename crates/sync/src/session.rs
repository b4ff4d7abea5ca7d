//! One session between two neighbours: reconcile, fetch, done.

use std::collections::{BTreeMap, BTreeSet};

use crate::bounded::{HEADS_MAX, ITEMS_MAX};
use crate::error::WireError;
use crate::exchange::{Incoming, Outgoing};
use crate::item::{Heads, Holdings, ItemId, Parcel};
use crate::summary::Summary;
use crate::wire::{Element, Message};

/// How many round trips a reconcile may take. Four suffice for a million items with few differences; each further one
/// tells of some 16,000 differences.
const ROUNDS_MAX: u32 = 64;
/// How large a list of items may grow, in bytes; with the rest of its message it stays within a frame.
const LIST_BYTES_MAX: usize = 6 * 1024 * 1024;

/// What the node does next, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionOutput {
    /// Sends a message to the neighbour.
    Send(Message),
    /// Judges parcels, in their order, before the next output.
    Take(Vec<Parcel>),
    /// Forgets the session: both sides have said all.
    Finished,
}

/// What a session cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Round trips of the reconcile; the fetch adds one.
    pub rounds: u32,
    /// Bytes of all messages sent.
    pub bytes_sent: u64,
    /// Bytes of all messages received.
    pub bytes_received: u64,
    /// Items that the two sides held differently, as far as this side has learnt.
    pub items_differing: u32,
    /// Parcels of this side that fit into no frame and stayed here; 0 unless the holdings make such parcels.
    pub parcels_withheld: u32,
}

/// One session between two neighbours over a frozen summary.
pub struct Session {
    number: u32,
    salt: [u8; 16],
    phase: Phase,
    stats: Stats,
}

enum Phase {
    /// The initiator waits for an answer to its step.
    Asking(Summary),
    /// The responder waits for a step, or for the fetch.
    Answering(Summary),
    /// The initiator knows the differences.
    Fetching(Fetching),
    /// The responder knows them, too.
    Serving(Serving),
    Finished,
    /// The neighbour broke the protocol.
    Broken,
}

#[derive(Default)]
struct Fetching {
    outgoing: Outgoing,
    incoming: Incoming,
    /// What the neighbour was told that this side holds.
    offered: BTreeSet<ItemId>,
    has_wants: bool,
    /// Items of which both sides hold something that the other lacks.
    diverged: Vec<ItemId>,
    has_said_done: bool,
}

#[derive(Default)]
struct Serving {
    outgoing: Outgoing,
    incoming: Incoming,
    /// What this side wants; the neighbour may want its part of the same items.
    wanted: BTreeSet<ItemId>,
    has_wants: bool,
    neighbour_is_done: bool,
}

impl Session {
    /// Opens a session. The number is unused among those that this side has opened on the connection; the salt is
    /// random.
    pub fn start(session: u32, salt: [u8; 16], holdings: &dyn Holdings) -> (Session, Message) {
        let summary = Summary::freeze(&salt, holdings);
        let step = summary.first_step();
        let mut this = Self { number: session, salt, phase: Phase::Asking(summary), stats: Stats::default() };
        let message = Message::Reconcile { session, salt, step };
        this.count_sent(&message);
        (this, message)
    }

    /// Answers the [`Message::Reconcile`] that opens a session.
    ///
    /// # Errors
    /// [`WireError::BadStep`].
    pub fn accept(
        session: u32,
        salt: [u8; 16],
        step: &[u8],
        holdings: &dyn Holdings,
    ) -> Result<(Session, Message), WireError> {
        let summary = Summary::freeze(&salt, holdings);
        let mut this = Self { number: session, salt, phase: Phase::Broken, stats: Stats::default() };
        this.count_received(&Message::Reconcile { session, salt, step: step.to_vec() });
        let message = this.answer(summary, step)?;
        this.count_sent(&message);
        Ok((this, message))
    }

    /// Takes one message of the neighbour.
    ///
    /// # Errors
    /// What the neighbour did wrong. The session is over then and takes no further message.
    pub fn on(&mut self, message: Message, holdings: &dyn Holdings) -> Result<Vec<SessionOutput>, WireError> {
        self.count_received(&message);
        let outputs = self.take(message, holdings)?;
        for output in &outputs {
            if let SessionOutput::Send(message) = output {
                self.count_sent(message);
            }
        }
        Ok(outputs)
    }

    /// Tells whether both sides have said all.
    pub fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Finished)
    }

    /// Gives what the session has cost so far.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// Leaves the phase at [`Phase::Broken`] when it fails: each arm puts the next phase in place as its last step.
    fn take(&mut self, message: Message, holdings: &dyn Holdings) -> Result<Vec<SessionOutput>, WireError> {
        let phase = std::mem::replace(&mut self.phase, Phase::Broken);
        match message.session() {
            Some(found) if found != self.number => {
                return Err(WireError::WrongSession { expected: self.number, found });
            }
            _ => {}
        }
        match (phase, message) {
            (Phase::Asking(summary), Message::ReconcileReply { step, .. }) => self.ask_on(summary, &step, holdings),
            (Phase::Answering(summary), Message::Reconcile { salt, step, .. }) => {
                if salt != self.salt {
                    return Err(WireError::SaltChanged);
                }
                Ok(vec![SessionOutput::Send(self.answer(summary, &step)?)])
            }
            (Phase::Answering(summary), Message::Fetch { need, mine, .. }) => {
                self.serve(&summary, &need, &mine, holdings)
            }
            (Phase::Answering(_), Message::Done { .. }) => {
                self.phase = Phase::Finished;
                Ok(vec![SessionOutput::Finished])
            }
            (Phase::Fetching(state), message) => self.on_fetching(state, message, holdings),
            (Phase::Serving(state), message) => self.on_serving(state, message, holdings),
            (phase, message) => Err(out_of_turn(&phase, &message)),
        }
    }

    fn answer(&mut self, summary: Summary, step: &[u8]) -> Result<Message, WireError> {
        self.count_round()?;
        let step = summary.answer(step)?;
        self.phase = Phase::Answering(summary);
        Ok(Message::ReconcileReply { session: self.number, step })
    }

    fn ask_on(
        &mut self,
        mut summary: Summary,
        reply: &[u8],
        holdings: &dyn Holdings,
    ) -> Result<Vec<SessionOutput>, WireError> {
        let session = self.number;
        self.count_round()?;
        // Beyond the bound there is no use in knowing more: this session fetches so many, the next one the rest.
        if let Some(step) = summary.next_step(reply)?
            && summary.need_len() < ITEMS_MAX
        {
            self.phase = Phase::Asking(summary);
            return Ok(vec![SessionOutput::Send(Message::Reconcile { session, salt: self.salt, step })]);
        }
        let mut differences = summary.differences();
        differences.need.truncate(ITEMS_MAX);
        self.stats.items_differing = count(differences.items);
        if differences.items == 0 {
            self.phase = Phase::Finished;
            return Ok(vec![SessionOutput::Send(Message::Done { session }), SessionOutput::Finished]);
        }
        let mine = with_heads(&differences.mine, holdings);
        let mut state = Fetching { offered: mine.iter().map(|(item, _)| *item).collect(), ..Fetching::default() };
        state.incoming.ask(differences.need.len());
        self.phase = Phase::Fetching(state);
        Ok(vec![SessionOutput::Send(Message::Fetch { session, need: differences.need, mine })])
    }

    /// The responder learns the differences: it sends what the initiator is behind in, and wants what it does not know.
    fn serve(
        &mut self,
        summary: &Summary,
        need: &[Element],
        mine: &[(ItemId, Heads)],
        holdings: &dyn Holdings,
    ) -> Result<Vec<SessionOutput>, WireError> {
        check_ascending(need, "needs")?;
        check_items(mine, "offers")?;
        let mut needed = BTreeSet::new();
        for element in need {
            needed.insert(summary.item(element).ok_or(WireError::UnknownElement)?);
        }
        let theirs: BTreeMap<&ItemId, &Heads> = mine.iter().map(|(item, heads)| (item, heads)).collect();
        let mut lacking = Vec::new();
        for item in &needed {
            match theirs.get(item) {
                None => lacking.push((*item, Heads::new())),
                Some(heads) if knows_all(holdings, item, heads) => lacking.push((*item, Heads::clone(heads))),
                // Who is ahead shows when this side's heads reach the initiator with the wants.
                Some(_) => {}
            }
        }
        let unknown: Vec<ItemId> = mine.iter().filter(|held| lacks(holdings, held)).map(|(item, _)| *item).collect();
        let wants = with_heads(&unknown, holdings);
        self.stats.items_differing = count(needed.iter().chain(theirs.into_keys()).collect::<BTreeSet<_>>().len());

        let mut state = Serving { wanted: wants.iter().map(|(item, _)| *item).collect(), ..Serving::default() };
        state.incoming.ask(wants.len());
        state.outgoing.add(lacking);
        let session = self.number;
        let mut outputs = vec![SessionOutput::Send(Message::Wants { session, wants })];
        self.go_on_serving(state, holdings, &mut outputs);
        Ok(outputs)
    }

    fn on_fetching(
        &mut self,
        mut state: Fetching,
        message: Message,
        holdings: &dyn Holdings,
    ) -> Result<Vec<SessionOutput>, WireError> {
        let session = self.number;
        let mut outputs = Vec::new();
        match message {
            Message::Parcels { parcels, progress, .. } if !parcels.is_empty() => {
                let receipt_due = state.incoming.count(progress)?;
                outputs.push(SessionOutput::Take(parcels));
                outputs.extend(receipt_due.then(|| receipt(session, &state.incoming)));
            }
            Message::Parcels { .. } if state.outgoing.on_receipt() => {}
            Message::Wants { wants, .. } if !state.has_wants => {
                check_items(&wants, "wants")?;
                if !wants.iter().all(|(item, _)| state.offered.contains(item)) {
                    return Err(WireError::NotOffered);
                }
                let diverged = wants.iter().filter(|(item, heads)| !knows_all(holdings, item, heads));
                state.diverged = diverged.map(|(item, _)| *item).collect();
                state.has_wants = true;
                state.outgoing.add(wants);
            }
            Message::Done { .. } if state.has_said_done => {
                if !state.incoming.is_complete() {
                    return Err(WireError::BadProgress);
                }
                self.phase = Phase::Finished;
                return Ok(vec![SessionOutput::Finished]);
            }
            message => return Err(out_of_turn(&Phase::Fetching(state), &message)),
        }
        outputs.extend(state.outgoing.frames(session, holdings).into_iter().map(SessionOutput::Send));
        if state.has_wants && state.outgoing.is_empty() && !state.has_said_done {
            // By now the neighbour knows this side's heads, so that it can tell exactly what is lacking here.
            let wants = with_heads(&std::mem::take(&mut state.diverged), holdings);
            if !wants.is_empty() {
                state.incoming.ask(wants.len());
                outputs.push(SessionOutput::Send(Message::Wants { session, wants }));
            }
            outputs.push(SessionOutput::Send(Message::Done { session }));
            state.has_said_done = true;
        }
        self.stats.parcels_withheld = state.outgoing.withheld();
        self.phase = Phase::Fetching(state);
        Ok(outputs)
    }

    fn on_serving(
        &mut self,
        mut state: Serving,
        message: Message,
        holdings: &dyn Holdings,
    ) -> Result<Vec<SessionOutput>, WireError> {
        let mut outputs = Vec::new();
        match message {
            Message::Parcels { parcels, progress, .. } if !parcels.is_empty() && !state.neighbour_is_done => {
                let receipt_due = state.incoming.count(progress)?;
                outputs.push(SessionOutput::Take(parcels));
                outputs.extend(receipt_due.then(|| receipt(self.number, &state.incoming)));
            }
            Message::Parcels { parcels, .. } if parcels.is_empty() && state.outgoing.on_receipt() => {}
            Message::Wants { wants, .. } if !state.has_wants && !state.neighbour_is_done => {
                check_items(&wants, "wants")?;
                if !wants.iter().all(|(item, _)| state.wanted.contains(item)) {
                    return Err(WireError::NotOffered);
                }
                state.has_wants = true;
                state.outgoing.add(wants);
            }
            Message::Done { .. } if !state.neighbour_is_done => {
                if !state.incoming.is_complete() {
                    return Err(WireError::BadProgress);
                }
                state.neighbour_is_done = true;
            }
            message => return Err(out_of_turn(&Phase::Serving(state), &message)),
        }
        self.go_on_serving(state, holdings, &mut outputs);
        Ok(outputs)
    }

    fn go_on_serving(&mut self, mut state: Serving, holdings: &dyn Holdings, outputs: &mut Vec<SessionOutput>) {
        let session = self.number;
        outputs.extend(state.outgoing.frames(session, holdings).into_iter().map(SessionOutput::Send));
        self.stats.parcels_withheld = state.outgoing.withheld();
        // The responder is the last to speak, so that no message arrives in a session that has been forgotten.
        if state.neighbour_is_done && state.outgoing.is_settled() {
            outputs.extend([SessionOutput::Send(Message::Done { session }), SessionOutput::Finished]);
            self.phase = Phase::Finished;
        } else {
            self.phase = Phase::Serving(state);
        }
    }

    fn count_round(&mut self) -> Result<(), WireError> {
        self.stats.rounds += 1;
        if self.stats.rounds > ROUNDS_MAX { Err(WireError::TooManyRounds { most: ROUNDS_MAX }) } else { Ok(()) }
    }

    fn count_sent(&mut self, message: &Message) {
        self.stats.bytes_sent += u64::try_from(message.size_bytes()).unwrap_or_default();
    }

    fn count_received(&mut self, message: &Message) {
        self.stats.bytes_received += u64::try_from(message.size_bytes()).unwrap_or_default();
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({}, {}, {:?})", self.number, self.phase.name(), self.stats)
    }
}

impl Phase {
    fn name(&self) -> &'static str {
        match self {
            Phase::Asking(_) => "waiting for an answer to its step",
            Phase::Answering(_) => "waiting for a step or a fetch",
            Phase::Fetching(_) => "fetching",
            Phase::Serving(_) => "serving",
            Phase::Finished => "finished",
            Phase::Broken => "broken",
        }
    }
}

fn out_of_turn(phase: &Phase, message: &Message) -> WireError {
    WireError::OutOfTurn { message: message.kind(), phase: phase.name() }
}

fn receipt(session: u32, incoming: &Incoming) -> SessionOutput {
    SessionOutput::Send(Message::Parcels { session, parcels: Vec::new(), progress: incoming.progress() })
}

/// Tells whether a side that names these heads holds something of the item that is not here.
fn lacks(holdings: &dyn Holdings, (item, heads): &(ItemId, Heads)) -> bool {
    if heads.is_empty() { holdings.heads(item).is_empty() } else { !knows_all(holdings, item, heads) }
}

fn knows_all(holdings: &dyn Holdings, item: &ItemId, heads: &[[u8; 32]]) -> bool {
    heads.iter().all(|head| holdings.knows(item, head))
}

/// Adds this side's heads, within the bounds of one message; what is beyond them waits for the next session.
fn with_heads(items: &[ItemId], holdings: &dyn Holdings) -> Vec<(ItemId, Heads)> {
    let mut size_bytes = 0;
    let bounded = items.iter().take(ITEMS_MAX).map(|item| {
        let mut heads = holdings.heads(item);
        heads.truncate(HEADS_MAX);
        (*item, heads)
    });
    bounded
        .take_while(|(_, heads)| {
            size_bytes += 40 + 32 * heads.len();
            size_bytes <= LIST_BYTES_MAX
        })
        .collect()
}

/// Refuses a list that does not ascend, or names something twice.
pub(crate) fn check_items(items: &[(ItemId, Heads)], list: &'static str) -> Result<(), WireError> {
    let is_ascending = items.iter().zip(items.iter().skip(1)).all(|((one, _), (next, _))| one < next);
    if is_ascending { Ok(()) } else { Err(WireError::Unordered { list }) }
}

fn check_ascending(elements: &[Element], list: &'static str) -> Result<(), WireError> {
    let is_ascending = elements.iter().zip(elements.iter().skip(1)).all(|(one, next)| one < next);
    if is_ascending { Ok(()) } else { Err(WireError::Unordered { list }) }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}
