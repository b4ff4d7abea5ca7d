//! Our side: whole devices as the app runs them, each with its own store on disk, over iroh on loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant as Clock, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use kaifong_domain::{DeviceId, Instant, JournalId, MemberId};
use kaifong_node::{Event, Handle, KeyPlace, Options};
use kaifong_store::{Batch, SledStore, Space, Store, StoreKey};
use kaifong_trust::DeviceKey;
use tokio::time::timeout;

use crate::world::{World, founder_key, member_key};

/// How long anything of ours may take before the row gives up.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Copies a folder with everything in it.
///
/// # Errors
/// When a file cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(from.join(&folder))? {
            let entry = entry?;
            let inner = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                std::fs::create_dir_all(to.join(&inner))?;
                folders.push(inner);
            } else {
                std::fs::copy(entry.path(), to.join(&inner))?;
            }
        }
    }
    Ok(())
}

/// Makes the folder of a member's device that holds all that the founder's holds, as after a long life together.
///
/// # Errors
/// When the copy cannot be made.
pub fn clone_as_member(world: &World, number: usize, to: &Path) -> Result<DeviceKey> {
    copy(&world.home, to)?;
    let key = member_key(number);
    std::fs::write(to.join("device.key"), key.seed())?;
    let store =
        sealed_anew(&to.join("store"), &StoreKey::of_secret(&founder_key().seed()), &StoreKey::of_secret(&key.seed()))?;
    std::fs::write(to.join("building"), [])?;
    let member = MemberId::derive(&world.building, &key.id());
    let journal = JournalId::derive(&world.building, &member, &key.id(), 0);
    let mut batch = Batch::new();
    // This device's own pen and actor instead of the founder's.
    batch.put(Space::Meta, b"journal".as_slice(), journal.0);
    batch.delete(Space::Meta, b"actor".as_slice());
    store.commit(batch)?;
    store.close()?;
    Ok(key)
}

/// Seals a copied store with another device's key: it opens with its own alone.
fn sealed_anew(folder: &Path, old: &StoreKey, new: &StoreKey) -> Result<SledStore> {
    let copied = SledStore::open(folder, old)?.store;
    let fresh = folder.with_extension("fresh");
    let store = SledStore::open(&fresh, new)?.store;
    for space in Space::ALL {
        for pairs in copied.scan(space, b"")?.chunks(5_000) {
            let mut batch = Batch::new();
            pairs.iter().for_each(|(key, value)| batch.put(space, key.as_slice(), value.as_slice()));
            store.commit(batch)?;
        }
    }
    store.close()?;
    drop(copied);
    std::fs::remove_dir_all(folder)?;
    std::fs::rename(&fresh, folder)?;
    Ok(SledStore::open(folder, new)?.store)
}

/// Opens a device on loopback.
///
/// # Errors
/// When it cannot be opened.
pub async fn open(data: &Path) -> Result<Handle> {
    let bind = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let (data, new_key) = (data.to_owned(), KeyPlace::File);
    let options = Options { data, new_key, lan: false, bind, interfaces: None, relay: None, offline: false };
    Ok(Handle::open(options).await?)
}

/// Tells a device where another one is, as LAN discovery would; it dials at once.
///
/// # Errors
/// When the device is shutting down, or the other one has no address.
pub async fn introduce(to: &Handle, device: DeviceId, addresses: Vec<SocketAddr>) -> Result<()> {
    if addresses.is_empty() {
        bail!("the other device says no address");
    }
    let told = to.read(move |node| {
        let building_tag = node.home().map(|home| kaifong_node::building_tag(&home.id()));
        node.handle(now(), Event::Discovered { device, addresses, building_tag });
    });
    told.await.context("the device is shutting down")
}

/// Waits until a question to the node has the answer yes; asks after each change of rows, and every 50 ms.
///
/// # Errors
/// After [`PATIENCE`].
pub async fn until(
    handle: &Handle,
    what: &str,
    question: impl Fn(&mut kaifong_node::Node) -> bool + Clone + Send + 'static,
) -> Result<Clock> {
    let mut changes = handle.changes();
    let asked = async {
        loop {
            let question = question.clone();
            match handle.read(move |node| question(node)).await {
                Some(true) => return Ok(Clock::now()),
                Some(false) => {}
                None => bail!("the device is shutting down"),
            }
            // A tick is as good as a change; missed changes do not matter.
            let _ = timeout(Duration::from_millis(50), changes.recv()).await;
        }
    };
    timeout(PATIENCE, asked).await.with_context(|| format!("{what} did not come within {} s", PATIENCE.as_secs()))?
}

/// Gives what a screen shows of the whole building, as one hash.
pub async fn projection(handle: &Handle) -> Option<[u8; 32]> {
    handle.read(|node| node.home().map(|home| home.projection())).await.flatten()
}

/// Gives the wall clock in milliseconds.
pub fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
