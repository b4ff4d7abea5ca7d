//! Connections: who is at the other end, what they may ask, and the reconcile with them.
//!
//! A device without a certificate gets the public page and the reviewers' inbox, nothing else. A neighbour whose
//! certificate has not arrived here yet shows its own public page, which proves it.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, MemberId};
use kaifong_net::{ConnectionId, PathKind};
use kaifong_sync::{Holdings, Message, PROTOCOL_VERSION, Parcel, Session, SessionOutput, WireError};
use kaifong_trust::entry::Genesis;
use kaifong_trust::page::Building;
use kaifong_trust::{PublicPage, Signed};
use rand_core::Rng;

use crate::event::{Effect, Tag};
use crate::guest::UNCERTIFIED_CODE;
use crate::holdings::Shelves;
use crate::node::{Node, building_tag};
use crate::own_devices::{CLOSED_CODE, Told};
use crate::strangers::Conduct;

/// How often neighbours reconcile although nothing seems to be missing, in milliseconds.
pub const RECONCILE_EVERY_MS: u64 = 60_000;
/// How long a reconcile may stand still before it is begun anew, in milliseconds.
const SESSION_STILL_MS_MAX: u64 = 120_000;
/// How many items one question may be about.
const ASKED_AT_ONCE_MAX: usize = 4;
/// About how large a parcel is, in bytes.
pub(crate) const PARCEL_BYTES: usize = 512 * 1024;

/// What the device at the other end has shown itself to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing is known yet.
    Unknown,
    /// Not a neighbour (yet).
    Stranger,
    /// A neighbour, by the roster or by the public page it has shown.
    Neighbour,
}

/// One connection.
pub(crate) struct Link {
    pub(crate) device: DeviceId,
    pub(crate) path: PathKind,
    pub(crate) standing: Standing,
    pub(crate) last_sync: Option<Instant>,
    pub(crate) refusals: u64,
    pub(crate) applications: u32,
    /// Whether this device has handed in its own request there once more, since its certificate is said not to count.
    pub(crate) asked_again: bool,
    /// The genesis that a neighbour has shown this guest.
    pub(crate) page_of: Option<Signed<Genesis>>,
    /// What the neighbour's page says of its building.
    pub(crate) shown: Option<Building>,
    pub(crate) conduct: Conduct,
    greeted: bool,
    shown_page: bool,
    /// If it was asked for its last words and has not answered yet: what was said to be lacking.
    pub(crate) owes_last_words: Option<BTreeSet<EntryHash>>,
    /// Something arrived elsewhere that this neighbour may lack and was too much to push.
    pub(crate) behind: bool,
    mine: Option<Running>,
    theirs: Option<Running>,
    next_session: u32,
}

/// A reconcile that is under way.
struct Running {
    number: u32,
    session: Session,
    /// When something last happened in it.
    at: Instant,
}

/// A neighbour in reach.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its device.
    pub device: DeviceId,
    /// Whose it is, if known here.
    pub member: Option<MemberId>,
    /// How it is reached.
    pub path: PathKind,
    /// When the last reconcile with it ended.
    pub last_sync: Option<Instant>,
    /// How many of its parcels were refused on this connection.
    pub refused: u64,
}

impl Node {
    /// Neighbours and guests in reach, by connection.
    pub fn peers(&self) -> Vec<Peer> {
        let roster = self.home.as_ref().map(|home| home.roster());
        let peer = |link: &Link| Peer {
            device: link.device,
            member: roster.and_then(|roster| roster.device(&link.device)).map(|device| device.member),
            path: link.path,
            last_sync: link.last_sync,
            refused: link.refusals,
        };
        self.links.values().map(peer).collect()
    }

    pub(crate) fn connected(&mut self, connection: ConnectionId, device: DeviceId, path: PathKind) {
        self.peers.connected(device, self.now);
        let link = Link {
            device,
            path,
            standing: Standing::Unknown,
            last_sync: None,
            refusals: 0,
            applications: 0,
            asked_again: false,
            page_of: None,
            shown: None,
            conduct: Conduct::since(self.now),
            greeted: false,
            shown_page: false,
            owes_last_words: None,
            behind: false,
            mine: None,
            theirs: None,
            // The two sides number their sessions apart, so that a number alone tells whose session it is.
            next_session: u32::from(self.key.id() > device),
        };
        self.links.insert(connection, link);
        self.bound_strangers(connection);
        self.arrival.tags.insert(Tag::Peers);
        let building = self.home.as_ref().map(|home| home.id());
        self.send(connection, &Message::Hello { version: PROTOCOL_VERSION, building });
    }

    pub(crate) fn disconnected(&mut self, connection: ConnectionId) {
        if let Some(link) = self.links.remove(&connection) {
            self.peers.disconnected(&link.device, self.now);
            self.arrival.tags.insert(Tag::Peers);
        }
    }

    pub(crate) fn discovered(&mut self, device: DeviceId, addresses: Vec<SocketAddr>, tag: Option<[u8; 8]>) {
        let mine = self.home.as_ref().map(|home| building_tag(&home.id()));
        // A guest who knows no building asks everybody; a neighbour does not dial guests and strangers.
        let ours = match (mine, tag) {
            (Some(mine), Some(theirs)) => mine == theirs,
            (None, Some(_)) => true,
            _ => false,
        };
        if ours && device != self.key.id() {
            let known = self.home.as_ref().is_some_and(|home| home.roster().device(&device).is_some());
            let batch = if known { Some(&mut self.step.batch) } else { None };
            self.peers.hear(device, addresses, self.now, batch);
            self.dial_due();
        }
    }

    /// Learns by hand where a neighbour can be reached; it is dialled with the next tick.
    pub fn learn_door(&mut self, device: DeviceId, addresses: Vec<SocketAddr>) {
        self.peers.learn(device, addresses, self.now);
        self.wake();
    }

    /// Tells whether a device was tried, and turned away or lost since.
    pub fn knows_door(&self, device: &DeviceId) -> bool {
        self.peers.was_tried(device)
    }

    /// Gives the number of sealed letters that this device carries.
    pub fn carried_letters(&self) -> usize {
        self.letters.carried().count()
    }

    pub(crate) fn tick(&mut self) {
        self.close_idle_strangers();
        self.dial_due();
        self.letters.drop_old(self.now, &mut self.step.batch);
        let due: Vec<_> =
            self.links.iter().filter(|(_, link)| link.wants_reconcile(self.now)).map(|(id, _)| *id).collect();
        due.into_iter().for_each(|connection| self.reconcile(connection));
    }

    pub(crate) fn dial_due(&mut self) {
        let roster = self.home.as_ref().map(|home| home.roster());
        let is_neighbour = |device: &DeviceId| roster.is_some_and(|roster| roster.device(device).is_some());
        for (device, addresses) in self.peers.due(self.now, is_neighbour) {
            self.step.effects.push(Effect::Dial { device, addresses });
        }
    }

    /// Asks for a tick when the next thing is due.
    pub(crate) fn wake(&mut self) {
        let reconciles = self.links.values().filter_map(|link| link.next_reconcile_at(self.now));
        let strangers = self.links.values().filter_map(|link| link.gives_up_at());
        let next = reconciles.chain(strangers).chain(self.peers.next_at()).chain(self.leaves_at()).min();
        if let Some(at) = next {
            self.step.effects.retain(|effect| !matches!(effect, Effect::Wake(_)));
            self.step.effects.push(Effect::Wake(at.max(Instant(self.now.0 + 1))));
        }
    }

    pub(crate) fn send(&mut self, connection: ConnectionId, message: &Message) {
        let neighbour = self.links.get(&connection).is_some_and(|link| link.standing == Standing::Neighbour);
        if !neighbour && !message.is_for_guests() {
            return tracing::error!(kind = message.kind(), "kept from a stranger");
        }
        self.step.effects.push(Effect::Send { connection, frame: message.encode() });
    }

    pub(crate) fn close(&mut self, connection: ConnectionId, reason: &'static str) {
        if let Some(link) = self.links.remove(&connection) {
            self.peers.disconnected(&link.device, self.now);
            self.peers.shun(&link.device, self.now);
            self.arrival.tags.insert(Tag::Peers);
            tracing::info!(device = %link.device.short(), reason, "connection closed");
        }
        self.step.effects.push(Effect::Close { connection, reason });
    }

    pub(crate) fn frame(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let Some(link) = self.links.get(&connection) else { return };
        let (standing, greeted, device) = (link.standing, link.greeted, link.device);
        let message = match Message::decode(bytes) {
            Ok(message) => message,
            Err(error) => return self.wire_error(connection, &error),
        };
        if greeted && !self.bears(connection, &message) {
            return;
        }
        match (message, standing) {
            (Message::Hello { version, building }, _) if !greeted => self.hello(connection, version, building),
            (_, Standing::Unknown) => self.close(connection, "spoke before saying hello"),
            (Message::Public(page), _) => self.page(connection, page),
            (Message::Apply { proof, envelopes }, _) => self.application(connection, proof, envelopes),
            (Message::Invited { proof }, _) => self.invited(connection, &proof),
            (Message::Applied, _) => self.application_taken(connection),
            (Message::Recover(claim), _) => self.carry_claim(connection, claim),
            (Message::Refused { code, .. }, _) if code == CLOSED_CODE => self.told_closed(connection),
            (Message::Refused { code, .. }, _) if code == UNCERTIFIED_CODE => self.told_uncertified(connection),
            (Message::Refused { code, sentence }, _) => self.application_refused(connection, &code, &sentence),
            (message, Standing::Neighbour) => self.neighbour_says(connection, message),
            (Message::News(parcels), _) if self.is_gone(&device) => self.hear_last_words(connection, parcels),
            // A neighbour that has not heard of this device's certificate is shown it again, once.
            (_, Standing::Stranger) => self.show_page(connection),
        }
    }

    fn neighbour_says(&mut self, connection: ConnectionId, message: Message) {
        match message {
            Message::News(parcels) => {
                let waiting = self.take_parcels(parcels, connection);
                if waiting {
                    self.reconcile(connection);
                }
            }
            // A guest that does not know yet that it was approved, or a neighbour that has lost its store.
            Message::Ask { items } if items.is_empty() => self.show_page(connection),
            // Much is not gathered at once; a reconcile sends it in slices.
            Message::Ask { items } if items.len() > ASKED_AT_ONCE_MAX => self.reconcile(connection),
            Message::Ask { items } => {
                let parcels = self.shelves().map(|shelves| shelves.parcels(&items, PARCEL_BYTES)).unwrap_or_default();
                kaifong_sync::news(parcels).iter().for_each(|message| self.send(connection, message));
            }
            Message::Acked(hashes) => {
                // Only the addressee may say that a letter arrived.
                let Some(device) = self.links.get(&connection).map(|link| link.device) else { return };
                let arrived: Vec<_> = {
                    let to_them: Vec<_> = self.letters.to(&device).iter().map(Signed::hash).collect();
                    hashes.into_iter().filter(|hash| to_them.contains(hash)).collect()
                };
                arrived.into_iter().for_each(|hash| self.letters.drop_envelope(hash, &mut self.step.batch));
            }
            Message::LastHeard { held, lacking } => self.tell_last_words(connection, &held, &lacking),
            message => self.in_session(connection, message),
        }
    }

    fn wire_error(&mut self, connection: ConnectionId, error: &WireError) {
        if let Some(link) = self.links.get(&connection) {
            tracing::warn!(device = %link.device.short(), %error, "sent away");
        }
        self.close(connection, "does not keep to the protocol");
    }

    fn hello(&mut self, connection: ConnectionId, version: u16, building: Option<BuildingId>) {
        if version != PROTOCOL_VERSION {
            return self.close(connection, "speaks another version of the protocol");
        }
        let own = self.home.as_ref().map(|home| home.id());
        if own.is_some() && building.is_some() && own != building {
            return self.close(connection, "belongs to another building");
        }
        let gone = self.links.get(&connection).is_some_and(|link| self.is_gone(&link.device));
        let Some(link) = self.links.get_mut(&connection) else { return };
        link.greeted = true;
        let device = link.device;
        let roster = self.home.as_ref().map(|home| home.roster());
        let certified = roster.is_some_and(|roster| roster.device(&device).is_some());
        if self.me.is_some() && roster.is_some_and(|roster| roster.is_shut(&device) && !roster.is_uncertified(&device))
        {
            return self.turn_away_closed(connection);
        }
        let certified = certified && !gone;
        link.standing = if certified { Standing::Neighbour } else { Standing::Stranger };
        match (self.me().is_some(), certified) {
            (true, true) => self.welcome(connection, self.key.id() < device),
            (true, false) => {
                self.show_page(connection);
                if gone {
                    self.ask_last_words(connection);
                }
                self.tell_uncertified(connection);
            }
            // A guest may have been approved while it was away, and a device that has lost its store knows nobody: a
            // neighbour who takes it for one shows it the page when it asks for nothing in particular.
            (false, _) => self.send(connection, &Message::Ask { items: Vec::new() }),
        }
    }

    /// Shows this device's public page, once a connection.
    fn show_page(&mut self, connection: ConnectionId) {
        let device = self.key.id();
        let Some(home) = self.home.as_ref().filter(|home| home.roster().device(&device).is_some()) else { return };
        if let Some(link) = self.links.get_mut(&connection).filter(|link| !link.shown_page) {
            let page = PublicPage::compose(&home.genesis, &home.journals, home.roster(), &device);
            link.shown_page = true;
            let to = link.device;
            self.send(connection, &Message::Public(page));
            // Letters for a guest wait here until it shows up.
            let letters = self.letters.to(&to);
            if !letters.is_empty() {
                self.send(connection, &Message::News(letters.into_iter().map(Parcel::Envelope).collect()));
            }
        }
    }

    fn page(&mut self, connection: ConnectionId, page: PublicPage) {
        let Some(device) = self.links.get(&connection).map(|link| link.device) else { return };
        let genesis = page.genesis.clone();
        let Ok(building) = page.verify(&device) else {
            return self.close(connection, "showed a page that proves nothing");
        };
        if self.home.as_ref().is_some_and(|home| home.id() != building.id) {
            return self.close(connection, "belongs to another building");
        }
        // A page does not know of cutoffs.
        let uncertified = self.home.as_ref().is_some_and(|home| home.roster().is_uncertified(&device));
        if self.is_gone(&device) || (uncertified && self.me().is_some()) {
            return;
        }
        if self.me().is_some() {
            // It is a neighbour that had not heard of us: show ours, and catch up with each other.
            if let Some(link) = self.links.get_mut(&connection) {
                link.standing = Standing::Neighbour;
                link.page_of = Some(genesis);
                link.shown = Some(building);
            }
            self.show_page(connection);
            self.welcome(connection, true);
        } else if self.guest.is_some() {
            self.page_for_guest(connection, genesis, &building);
        } else if self.home.is_some() {
            if let Some(link) = self.links.get_mut(&connection) {
                link.standing = Standing::Neighbour;
            }
            self.reconcile(connection);
        }
    }

    /// Begins to share with a neighbour.
    pub(crate) fn welcome(&mut self, connection: ConnectionId, begin: bool) {
        let Some(link) = self.links.get_mut(&connection) else { return };
        link.standing = Standing::Neighbour;
        let device = link.device;
        let letters = self.letters.to(&device);
        if !letters.is_empty() {
            self.send(connection, &Message::News(letters.into_iter().map(Parcel::Envelope).collect()));
        }
        if begin {
            self.reconcile(connection);
        }
    }

    /// Promotes guests in reach as soon as their certificate is known.
    pub(crate) fn promote_guests(&mut self) {
        let (Some(home), Some(_)) = (&self.home, self.me()) else { return };
        let gone: BTreeSet<DeviceId> =
            self.links.values().map(|link| link.device).filter(|device| self.is_gone(device)).collect();
        let certified = |link: &&mut Link| {
            !gone.contains(&link.device)
                && link.greeted
                && link.standing == Standing::Stranger
                && home.roster().device(&link.device).is_some()
        };
        let mut promoted = Vec::new();
        for (connection, link) in &mut self.links {
            if certified(&link) {
                link.standing = Standing::Neighbour;
                promoted.push(*connection);
            }
        }
        promoted.into_iter().for_each(|connection| self.welcome(connection, true));
    }

    /// Reconciles with a device that did not know the building until now: what was begun with it before was lost on it.
    pub(crate) fn reconcile_anew(&mut self, connection: ConnectionId) {
        if let Some(link) = self.links.get_mut(&connection) {
            link.mine = None;
        }
        self.reconcile(connection);
    }

    pub(crate) fn reconcile(&mut self, connection: ConnectionId) {
        let mut salt = [0; 16];
        self.rng.fill_bytes(&mut salt);
        let now = self.now;
        let (Some(home), Some(link)) = (&self.home, self.links.get_mut(&connection)) else { return };
        if link.standing != Standing::Neighbour {
            return;
        }
        // The session under way froze its summary before: what is wanted now is looked for right after it.
        let under_way = link.mine.as_ref().is_some_and(|mine| now.0.saturating_sub(mine.at.0) < SESSION_STILL_MS_MAX);
        if under_way || !link.conduct.our_sessions.take(now) {
            link.behind = true;
            return;
        }
        let shelves = Shelves { home, letters: &self.letters, store: &*self.store };
        let number = link.next_session;
        link.next_session = link.next_session.wrapping_add(2);
        link.behind = false;
        let (session, opening) = Session::start(number, salt, &shelves);
        link.mine = Some(Running { number, session, at: now });
        self.send(connection, &opening);
    }

    /// Gives a message to the session it belongs to: theirs when it opens or continues one of theirs, else ours.
    fn in_session(&mut self, connection: ConnectionId, message: Message) {
        let now = self.now;
        let (Some(home), Some(link)) = (&self.home, self.links.get_mut(&connection)) else { return };
        let shelves = Shelves { home, letters: &self.letters, store: &*self.store };
        let Some(number) = message.session() else { return };
        let for_mine = number % 2 == link.next_session % 2;
        let outputs = if let Message::Reconcile { session, salt, step } = &message
            && !for_mine
            && link.theirs.as_ref().is_none_or(|theirs| theirs.number != *session)
        {
            if !link.conduct.their_sessions.take(now) {
                return self.charge(connection, 1);
            }
            Session::accept(number, *salt, step, &shelves).map(|(session, reply)| {
                link.theirs = Some(Running { number, session, at: now });
                vec![SessionOutput::Send(reply)]
            })
        } else {
            let slot = if for_mine { &mut link.mine } else { &mut link.theirs };
            match slot {
                Some(running) if running.number == number => {
                    running.at = now;
                    running.session.on(message, &shelves)
                }
                // The rest of a session that was begun anew.
                _ => return,
            }
        };
        match outputs {
            Ok(outputs) => self.session_outputs(connection, outputs, for_mine),
            Err(error) => self.wire_error(connection, &error),
        }
    }

    fn session_outputs(&mut self, connection: ConnectionId, outputs: Vec<SessionOutput>, mine: bool) {
        for output in outputs {
            match output {
                SessionOutput::Send(message) => self.send(connection, &message),
                SessionOutput::Take(parcels) => {
                    self.take_parcels(parcels, connection);
                }
                SessionOutput::Finished => {
                    let Some(link) = self.links.get_mut(&connection) else { return };
                    link.last_sync = Some(self.now);
                    let slot = if mine { &mut link.mine } else { &mut link.theirs };
                    if let Some(running) = slot.take() {
                        tracing::debug!(device = %link.device.short(), stats = ?running.session.stats(), "reconciled");
                    }
                    let again = link.behind;
                    if self.told == Some(Told::Uncertified) {
                        // Who reconciles with it has heard that it is certified again.
                        self.note_told(None);
                    }
                    self.arrival.tags.insert(Tag::Peers);
                    if again {
                        self.reconcile(connection);
                    }
                }
            }
        }
    }

    pub(crate) fn shelves(&self) -> Option<Shelves<'_>> {
        self.home.as_ref().map(|home| Shelves { home, letters: &self.letters, store: &*self.store })
    }
}

impl Link {
    /// Tells whether a reconcile that the neighbour began is under way.
    pub(crate) fn is_asked_by_them(&self) -> bool {
        self.theirs.is_some()
    }

    /// Makes a stranger of the other end: its member has gone.
    pub(crate) fn part(&mut self, now: Instant) {
        (self.standing, self.mine, self.theirs) = (Standing::Stranger, None, None);
        self.owes_last_words = None;
        self.conduct = Conduct::since(now);
    }

    #[cfg(test)]
    pub(crate) fn end_own_session(&mut self) {
        self.mine = None;
    }

    fn next_reconcile_at(&self, now: Instant) -> Option<Instant> {
        if self.standing != Standing::Neighbour {
            return None;
        }
        let begun = self.mine.as_ref().map(|mine| Instant(mine.at.0 + SESSION_STILL_MS_MAX));
        let again = self.last_sync.map(|at| Instant(at.0 + RECONCILE_EVERY_MS));
        match (begun, self.behind) {
            (Some(at), _) => Some(at),
            (None, true) => Some(self.conduct.our_sessions.next_at(now)),
            (None, false) => again,
        }
    }

    fn wants_reconcile(&self, now: Instant) -> bool {
        self.next_reconcile_at(now).is_some_and(|at| at <= now)
    }
}
