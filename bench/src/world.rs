//! The building that every row is measured on: made once from a fixed seed, with real signatures, and kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use kaifong_domain::record::{Edit, Listing, Profile};
use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, MemberId, Points};
use kaifong_net::{ConnectionId, PathKind};
use kaifong_node::{Command, Effect, Event, Node, Past};
use kaifong_replica::{Content, Delivery, Document};
use kaifong_store::{SledStore, Store, StoreKey};
use kaifong_sync::{Message, PROTOCOL_VERSION, Parcel};
use kaifong_trust::DeviceKey;
use kaifong_trust::entry::{Basis, Body, Certificate, MemberKind, NO_ENTRY};
use kaifong_trust::envelope::SealSecret;
use kaifong_trust::pen::Pen;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

use crate::text::{self, Dice};

/// The seed of everything.
pub const SEED: u64 = 20_260_101;
/// Listings of each member.
pub const LISTINGS_EACH: u64 = 25;
/// Later edits of each member.
const EDITS_EACH: u64 = 50;
/// When the building was founded, and the time of the first change.
const FOUNDED_AT: Instant = Instant(1_760_000_000_000);
/// When everything in it has been said.
pub const NOW: Instant = Instant(1_770_000_000_000);
/// How many parcels go into one frame while the store is filled.
const PARCELS_AT_ONCE: usize = 64;

/// The building on disk, and what the peers need of it.
pub struct World {
    /// How many members have a full document.
    pub members: usize,
    /// The founder's device folder: every document and journal, closed in order.
    pub home: PathBuf,
    /// The building.
    pub building: BuildingId,
    /// The saved documents, in order of member number.
    pub saved: Vec<Delivery>,
    /// Changes in all saved documents.
    pub changes: u64,
    /// Where things of this world may be cached.
    pub folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    building: BuildingId,
    saved: Vec<Delivery>,
    changes: u64,
}

impl World {
    /// Opens the world of so many members, or makes it, which takes some minutes for 2,000.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub fn open(target: &Path, members: usize) -> Result<Self> {
        let made_of = sources(
            &["domain", "trust", "replica", "store", "node", "sync"],
            &["bench/src/world.rs", "bench/src/text.rs"],
        )?;
        let folder = target.join(format!("world-{members}-{}", &made_of[..12]));
        let kept = folder.join("saved");
        if !kept.exists() {
            // Worlds of other sources are of no use any more.
            for entry in std::fs::read_dir(target).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy().starts_with(&format!("world-{members}-")) {
                    std::fs::remove_dir_all(entry.path())?;
                }
            }
            std::fs::create_dir_all(&folder)?;
            let begun = std::time::Instant::now();
            eprintln!("making the building of {members} members, once …");
            let world = make(&folder, members)?;
            std::fs::write(&kept, kaifong_trust::encode(&world))?;
            eprintln!("made in {:.0} s", begun.elapsed().as_secs_f64());
        }
        let bytes = std::fs::read(&kept)?;
        let Kept { building, saved, changes } = postcard::from_bytes(&bytes).context("the kept building")?;
        Ok(Self { members, home: folder.join("home"), building, saved, changes, folder })
    }

    /// Gives the bytes of each saved document.
    pub fn documents(&self) -> impl Iterator<Item = &[u8]> {
        self.saved.iter().map(|delivery| match &delivery.content {
            Content::Snapshot(bytes) => bytes.as_slice(),
            Content::Changes(_) => &[],
        })
    }

    /// Gives what all saved documents take, in bytes.
    pub fn saved_bytes(&self) -> u64 {
        self.documents().map(|bytes| bytes.len() as u64).sum()
    }

    /// Takes up one member's document, as on that member's own device.
    ///
    /// # Errors
    /// When the gate refuses it, which is a bug.
    pub fn document(&self, number: usize) -> Result<Document> {
        let delivery = self.saved.get(number).context("no such member")?;
        let mut document = Document::new(self.building, delivery.document);
        document.judge(delivery, &AllOwned(self.building)).map_err(|why| anyhow!("{why}"))?;
        Ok(document)
    }

    /// Makes one more change of one member, as it travels: a new listing.
    ///
    /// # Errors
    /// When the edit is refused, which is a bug.
    pub fn change(&self, number: usize, purpose: u64) -> Result<Delivery> {
        let mut document = self.document(number)?;
        let listing = text::listing(&mut Dice::new(SEED ^ purpose, number as u64), NOW);
        let delivery = document.edit(&member_key(number), nonce(number), &Edit::PutListing(listing));
        delivery.map_err(|why| anyhow!("{why}"))
    }
}

/// Gives the key of a member's device.
pub fn member_key(number: usize) -> DeviceKey {
    key("member", number as u64)
}

/// Gives the key of the founder's first device.
pub fn founder_key() -> DeviceKey {
    key("founder", 0)
}

fn key(role: &str, number: u64) -> DeviceKey {
    let material = [role.as_bytes(), &SEED.to_le_bytes(), &number.to_le_bytes()].concat();
    DeviceKey::from_seed(blake3::derive_key("kaifong bench device key", &material))
}

/// The actor of a member's first device.
fn nonce(number: usize) -> [u8; 8] {
    Dice::new(SEED, 7 + number as u64).next().to_le_bytes()
}

/// Says that each device belongs to the member that is derived from it.
pub struct AllOwned(pub BuildingId);

impl kaifong_replica::Owners for AllOwned {
    fn may_write(&self, device: &DeviceId, member: &MemberId) -> bool {
        MemberId::derive(&self.0, device) == *member
    }

    fn may_name_staff(&self, _: &MemberId) -> bool {
        false
    }
}

/// Hashes the sources that decide what some kept bytes are: of crates, and single files.
///
/// # Errors
/// When they cannot be read.
pub fn sources(crates: &[&str], files: &[&str]) -> Result<String> {
    let root = crate::root();
    let mut files: Vec<PathBuf> = files.iter().map(|file| root.join(file)).collect();
    for name in crates {
        let mut folders = vec![root.join("crates").join(name).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
                let path = entry?.path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
    }
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for file in files {
        hasher.update(&std::fs::read(file)?);
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Makes the whole history of one member's document.
fn history(building: BuildingId, number: usize) -> Result<Document> {
    let key = member_key(number);
    let mut document = Document::new(building, MemberId::derive(&building, &key.id()));
    let mut dice = Dice::new(SEED, 1_000 + number as u64);
    let profile = Profile {
        name: text::name(&mut dice),
        block: text::block(&mut dice),
        about: text::about(&mut dice),
        place: None,
    };
    let mut listings: Vec<Listing> = Vec::new();
    let mut edits = vec![Edit::SetProfile(profile)];
    let step_ms = (NOW.0 - FOUNDED_AT.0) / (LISTINGS_EACH + EDITS_EACH + 1);
    for n in 0..LISTINGS_EACH + EDITS_EACH {
        let at = Instant(FOUNDED_AT.0 + n * step_ms + dice.below(step_ms));
        // Two edits follow each new listing, on any of those there are.
        if n % 3 == 0 {
            listings.push(text::listing(&mut dice, at));
            edits.extend(listings.last().cloned().map(Edit::PutListing));
            continue;
        }
        let which = usize::try_from(dice.below(listings.len() as u64)).unwrap_or(0);
        let Some(listing) = listings.get_mut(which) else { continue };
        match dice.below(10) {
            0..=3 => listing.points = Some(Points(u32::try_from(n).unwrap_or(1) + 1)),
            4..=7 => listing.body = text::sentence(&mut dice),
            8 => listing.title = format!("{}（{}）", listing.title.split('（').next().unwrap_or_default(), n),
            // Few are closed, so that most stand on the list.
            _ if dice.below(3) == 0 && listing.closed_at.is_none() => listing.closed_at = Some(at),
            _ => listing.points = Some(Points(u32::try_from(n).unwrap_or(1) + 1)),
        }
        edits.push(Edit::PutListing(listing.clone()));
    }
    for edit in &edits {
        document.edit(&key, nonce(number), edit).map_err(|why| anyhow!("{why}"))?;
    }
    Ok(document)
}

/// Makes all documents on as many threads as there are cores.
fn histories(building: BuildingId, members: usize) -> Result<Vec<Document>> {
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|first| {
                scope.spawn(move || {
                    (first..members)
                        .step_by(threads)
                        .map(|n| Ok((n, history(building, n)?)))
                        .collect::<Result<Vec<_>>>()
                })
            })
            .collect();
        let mut all = Vec::new();
        for worker in workers {
            all.extend(worker.join().map_err(|_| anyhow!("a worker panicked"))??);
        }
        all.sort_by_key(|(n, _)| *n);
        Ok(all.into_iter().map(|(_, document)| document).collect())
    })
}

/// The founder's node without a network, fed by hand.
pub struct Bare {
    node: Node,
    store: Arc<SledStore>,
    commands: u64,
}

/// The connection over which the building is fed in.
const FEED: ConnectionId = ConnectionId(1);

impl Bare {
    /// Opens the device in this folder. Its key must be there.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub fn open(home: &Path, key: DeviceKey) -> Result<Self> {
        let store = Arc::new(SledStore::open(&home.join("store"), &StoreKey::of_secret(&key.seed()))?.store);
        let shared: Arc<dyn Store> = Arc::clone(&store) as Arc<dyn Store>;
        let rng = ChaCha20Rng::from_seed(blake3::derive_key("kaifong bench node", &key.seed()));
        let node = Node::open(shared, key, rng, FOUNDED_AT, Past::default())?;
        Ok(Self { node, store, commands: 0 })
    }

    /// Handles one event and makes it durable; gives the effects.
    fn handle(&mut self, at: Instant, event: Event) -> Result<Vec<Effect>> {
        self.node.handle(at, event);
        let step = self.node.take();
        self.store.commit(step.batch)?;
        self.node.committed();
        Ok(step.effects)
    }

    fn command(&mut self, command: Command) -> Result<()> {
        self.commands += 1;
        let id = self.commands;
        for effect in self.handle(FOUNDED_AT, Event::Command { id, command })? {
            if let Effect::Reply { result, .. } = effect {
                result?;
            }
        }
        Ok(())
    }

    /// Connects a neighbour's device, which then feeds parcels.
    ///
    /// # Errors
    /// When the store fails.
    pub fn meet(&mut self, device: DeviceId) -> Result<()> {
        self.handle(NOW, Event::Connected { connection: FEED, device, path: PathKind::Direct })?;
        let building = self.node.home().map(|home| home.id());
        let hello = Message::Hello { version: PROTOCOL_VERSION, building }.encode();
        self.handle(NOW, Event::Frame { connection: FEED, bytes: hello })?;
        Ok(())
    }

    /// Feeds parcels in as news; they go through the gate like any other.
    ///
    /// # Errors
    /// When the device was sent away, or the store fails.
    pub fn feed(&mut self, parcels: Vec<Parcel>) -> Result<()> {
        for message in kaifong_sync::news(parcels) {
            for effect in self.handle(NOW, Event::Frame { connection: FEED, bytes: message.encode() })? {
                if let Effect::Close { reason, .. } = effect {
                    bail!("the node sent the feed away: {reason}");
                }
            }
        }
        Ok(())
    }

    /// Gives how many changes all documents have.
    pub fn changes(&self) -> u64 {
        self.node.home().map_or(0, |home| home.documents().changes())
    }

    /// Closes the store in order.
    ///
    /// # Errors
    /// When the store fails.
    pub fn close(self) -> Result<()> {
        let Self { node, store, .. } = self;
        drop(node);
        let store = Arc::try_unwrap(store).map_err(|_| anyhow!("the store is still in use"))?;
        Ok(store.close()?)
    }
}

fn make(folder: &Path, members: usize) -> Result<Kept> {
    let home = folder.join("home");
    std::fs::create_dir_all(&home)?;
    let founder = founder_key();
    std::fs::write(home.join("device.key"), founder.seed())?;
    std::fs::write(home.join("building"), [])?;
    let mut bare = Bare::open(&home, founder)?;
    let profile = Profile { name: "关姨".into(), block: "一栋".into(), about: String::new(), place: None };
    bare.command(Command::Found { building: "红叶新天地".into(), profile })?;
    let building = bare.node.home().map(|home| home.id()).context("it was founded")?;
    // The founder's second device certifies everybody: it holds a journal of its own, so that the first one's pen is
    // not held twice.
    let second = key("founder's second", 0);
    bare.command(Command::LinkDevice { device: second.id(), seal: SealSecret::of(&second).public() })?;
    let link = bare.node.tip().context("the link is written")?;
    bare.meet(second.id())?;
    feed_journals(&mut bare, building, &second, link, members)?;

    let documents = histories(building, members)?;
    let changes = documents.iter().map(Document::changes).sum();
    let saved: Vec<Delivery> = documents.iter().filter_map(|document| document.missing(&[])).collect();
    let mut snapshots = 0;
    for some in saved.chunks(PARCELS_AT_ONCE) {
        bare.feed(some.iter().cloned().map(Parcel::Document).collect())?;
        snapshots += some.iter().filter(|delivery| matches!(delivery.content, Content::Snapshot(_))).count();
    }
    if snapshots != members || bare.changes() < changes {
        bail!("{snapshots} snapshots and {} of {changes} changes are there", bare.changes());
    }
    bare.close()?;
    Ok(Kept { building, saved, changes })
}

/// Certifies every member, and opens every member's journal.
fn feed_journals(
    bare: &mut Bare,
    building: BuildingId,
    second: &DeviceKey,
    link: EntryHash,
    members: usize,
) -> Result<()> {
    let owner = MemberId::derive(&building, &founder_key().id());
    let (mut pen, open) = Pen::open(second.clone(), building, owner, 0, Basis::Link(link), NO_ENTRY, FOUNDED_AT);
    let mut parcels = vec![Parcel::Entries(vec![open.signed().clone()])];
    for number in 0..members {
        let key = member_key(number);
        let certificate = Certificate {
            member: MemberId::derive(&building, &key.id()),
            device: key.id(),
            seal: SealSecret::of(&key).public(),
            kind: MemberKind::Person,
            commitment: [0; 32],
            household: Default::default(),
        };
        let certified = pen.write(NO_ENTRY, FOUNDED_AT, Body::Certify(certificate));
        let basis = Basis::Certificate(EntryHash(certified.hash()));
        let (_, open) = Pen::open(key, building, certificate.member, 0, basis, NO_ENTRY, FOUNDED_AT);
        parcels.push(Parcel::Entries(vec![certified.signed().clone(), open.signed().clone()]));
    }
    for some in parcels.chunks(PARCELS_AT_ONCE) {
        bare.feed(some.to_vec())?;
    }
    Ok(())
}
