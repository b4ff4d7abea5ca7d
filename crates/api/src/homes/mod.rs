//! An installation: the buildings that one device of a person holds, each with its own key, store, node and notices.
//!
//! * A **home** is one data folder: a building, or room for one. The installation's folder itself is the first home, so a
//!   folder from before there were several goes on as it was; `homes/` holds one folder for each further home.
//! * Every row of the [table](crate::table) is asked of one home; [`NAMES`] are the installation's own. Where there is one
//!   home, it need not be named. Where there are several and none is named, nothing is done: `home-untold`.
//! * Homes share this process, the day's notices and who was let in, and nothing else: no key, no row, no draft.
//!
//! Why it is so: `docs/decisions/0016-several-buildings.md`.

mod folders;
mod locking;
mod opening;
mod refound;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use kaifong_node::trust::invite::Ticket;
use kaifong_node::{Options, building_beside};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::dto::*;
use crate::notices::{Tally, Timing};
use crate::table::{Answer, Event, Host, Row, answer, call};
use crate::{ApiError, Asker, Code, Hex, NodeHost};

use locking::Locking;
pub use opening::{Opener, Opening};
pub(crate) use table::row_schemas;
pub use table::{NAMES, rows};

/// How many homes one installation may have: each keeps a network and a store open.
pub const HOMES_MAX: u32 = 8;
/// How many events may wait for a slow listener.
const EVENTS_QUEUED_MAX: usize = 256;
/// How few digits of an id are enough to name a home.
const PREFIX_DIGITS_MIN: usize = 4;

/// Something that happened, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The home; `None` when it may have been any of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<HomeId>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// The buildings of one device, open in this process.
#[derive(Clone, Debug)]
pub struct Installation(Arc<Inner>);

struct Inner {
    root: PathBuf,
    options: Options,
    timing: Timing,
    tally: Arc<Tally>,
    homes: Mutex<BTreeMap<HomeId, Kept>>,
    /// Homes come and go one at a time.
    changing: tokio::sync::Mutex<()>,
    locking: Locking,
    events: broadcast::Sender<Told>,
    telling: AtomicBool,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Installation").field("root", &self.root).finish_non_exhaustive()
    }
}

/// A home, open or not. One that does not open keeps none of the others from opening.
#[derive(Clone, Debug)]
enum Kept {
    Open(NodeHost),
    Shut(ApiError),
}

impl Installation {
    /// Opens all homes of a folder: their stores, loops and networks.
    ///
    /// # Errors
    /// `store-unusable` or `not-reachable` when none can be opened, or one is in use by another process; nothing runs then.
    pub async fn open(options: Options) -> Result<Self, ApiError> {
        Self::open_at(options, Timing::default()).await
    }

    /// The same where another clock goes, for what notices go by.
    ///
    /// # Errors
    /// `store-unusable` or `not-reachable`; nothing runs then.
    pub async fn open_at(options: Options, timing: Timing) -> Result<Self, ApiError> {
        let root = options.data.clone();
        let found = folders::find(&root).map_err(|error| {
            ApiError::new(Code::STORE_UNUSABLE, format!("数据目录打不开：{error}")).hinted("内容没有动过")
        })?;
        let (events, _) = broadcast::channel(EVENTS_QUEUED_MAX);
        let inner = Inner {
            root,
            options,
            timing,
            tally: Arc::default(),
            homes: Mutex::default(),
            changing: tokio::sync::Mutex::default(),
            locking: Locking::default(),
            events,
            telling: AtomicBool::new(false),
        };
        let installation = Self(Arc::new(inner));
        let (mut opened, mut first_error) = (false, None);
        for home in found {
            match installation.open_home(home).await {
                Ok(()) => opened = true,
                Err(error) => {
                    let busy = error.is_busy();
                    first_error = first_error.or(Some(error.clone()));
                    if busy {
                        // Another process has this folder: it is waited for as a whole.
                        opened = false;
                        first_error = Some(error);
                        break;
                    }
                    installation.homes().insert(home, Kept::Shut(error));
                }
            }
        }
        match first_error {
            Some(error) if !opened => {
                // What was opened holds nothing that could be lost.
                let _ = installation.shutdown().await;
                Err(error)
            }
            _ => {
                for (home, kept) in &*installation.homes() {
                    if let Kept::Shut(error) = kept {
                        tracing::error!(%error, %home, "a building does not open; the others do");
                    }
                }
                Ok(installation)
            }
        }
    }

    /// Gives the folder.
    pub fn root(&self) -> &Path {
        &self.0.root
    }

    /// Gives the homes that are open, the oldest first.
    pub fn open_homes(&self) -> Vec<(HomeId, NodeHost)> {
        let open = |(home, kept): (&HomeId, &Kept)| match kept {
            Kept::Open(host) => Some((*home, host.clone())),
            Kept::Shut(_) => None,
        };
        self.homes().iter().filter_map(open).collect()
    }

    /// Gives the home that is meant; the only one if none is told.
    ///
    /// # Errors
    /// `home-unknown`, `home-untold`, or why it is not open.
    pub fn home(&self, told: Option<&str>) -> Result<(HomeId, NodeHost), ApiError> {
        let homes = self.homes();
        let (home, kept) = match told {
            Some(told) => {
                let known = HomeId::from_str(told).ok().and_then(|home| homes.get_key_value(&home));
                known.ok_or_else(unknown)?
            }
            None if homes.len() > 1 => return Err(untold()),
            None => homes.first_key_value().ok_or_else(unknown)?,
        };
        match kept {
            Kept::Open(host) => Ok((*home, host.clone())),
            Kept::Shut(error) => Err(error.clone()),
        }
    }

    /// Asks one row by its name, as a program: of the installation, or of the home that is told.
    ///
    /// # Errors
    /// `unknown-name`, `bad-arguments`, `home-unknown`, `home-untold`, or what the row's own answer says.
    pub fn ask<'a>(&'a self, home: Option<&'a str>, name: &'a str, args: Value) -> Answer<'a> {
        self.ask_as(Asker::Program, home, name, args)
    }

    fn ask_openly<'a>(&'a self, home: Option<&'a str>, name: &'a str, args: Value) -> Answer<'a> {
        if name == rows::homes::NAME {
            return answer(args, |NoArgs {}| self.list());
        }
        if NAMES.contains(&name) {
            return self.to_its_end(name.to_owned(), args);
        }
        Box::pin(async move {
            let (home, host) = self.home(home)?;
            if matches!(name, "apply" | "further_device") {
                self.check_elsewhere(home, &args).await?;
            }
            call(&host, name, args).await
        })
    }

    /// Asks a row after which homes may come or go. It goes on when whoever asked hangs up, so that none stays half open.
    fn to_its_end(&self, name: String, args: Value) -> Answer<'static> {
        let one = self.clone();
        let asking = async move {
            let answered = match name.as_str() {
                rows::add_home::NAME => answer(args, |NoArgs {}| one.add()),
                rows::forget_home::NAME => answer(args, |HomeArgs { home }| one.forget(home)),
                name => one.ask_about_two(name, args),
            };
            answered.await
        };
        Box::pin(async move {
            tokio::spawn(asking).await.unwrap_or_else(|broken| match broken.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(ended) => Err(ApiError::new(Code::NOT_REACHABLE, ended.to_string())),
            })
        })
    }

    /// Gives the events of all homes from now on. Who falls behind misses some and should read everything again.
    pub fn events(&self) -> broadcast::Receiver<Told> {
        self.0.events.subscribe()
    }

    /// Tells notices from now on, in every home; for whoever can show them.
    pub fn tell_notices(&self) {
        self.0.telling.store(true, Ordering::SeqCst);
        for (_, host) in self.open_homes() {
            host.tell_notices();
        }
    }

    /// Waits until no node is running any more.
    pub async fn ended(&self) {
        loop {
            let open = self.open_homes();
            for (_, host) in &open {
                host.ended().await;
            }
            let known = |homes: &[(HomeId, NodeHost)]| homes.iter().map(|(home, _)| *home).collect::<Vec<_>>();
            if known(&self.open_homes()) == known(&open) {
                return;
            }
        }
    }

    /// Closes all networks and stores in order.
    ///
    /// # Errors
    /// `store-unusable`, for the first that could not be closed; the others are closed all the same.
    pub async fn shutdown(&self) -> Result<(), ApiError> {
        let _alone = self.0.changing.lock().await;
        let mut closed = Ok(());
        for (_, host) in self.open_homes() {
            closed = closed.and(host.shutdown().await);
        }
        closed
    }

    /// What a thread that broke off left behind is whole: homes come and go in one step.
    fn homes(&self) -> MutexGuard<'_, BTreeMap<HomeId, Kept>> {
        self.0.homes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn open_home(&self, home: HomeId) -> Result<(), ApiError> {
        let mut options = self.0.options.clone();
        options.data = folders::folder(&self.0.root, home);
        if self.homes().values().any(|kept| matches!(kept, Kept::Open(_))) {
            // A port is one node's; the others take any at the same address.
            options.bind = options.bind.map(|address| SocketAddr::new(address.ip(), 0));
        }
        let host = NodeHost::open_among(options, self.0.timing.clone(), Arc::clone(&self.0.tally)).await?;
        self.join_lock(home, &host).await?;
        tokio::spawn(forward(home, host.events(), Arc::downgrade(&self.0)));
        if self.0.telling.load(Ordering::SeqCst) {
            host.tell_notices();
        }
        self.homes().insert(home, Kept::Open(host));
        Ok(())
    }

    async fn list(&self) -> Result<Homes, ApiError> {
        let homes: Vec<_> = self.homes().iter().map(|(home, kept)| (*home, kept.clone())).collect();
        let counted = homes.len() > 1;
        let mut rows = Vec::new();
        for (home, kept) in homes {
            rows.push(self.row(home, &kept, counted).await);
        }
        Ok(Homes { rows, homes_max: HOMES_MAX })
    }

    /// Shows a home; one that is shut, or just closing, by what lies beside its store.
    async fn row(&self, home: HomeId, kept: &Kept, counted: bool) -> Home {
        let shut = match kept {
            Kept::Open(host) => match open_row(home, host, counted).await {
                Ok(row) => return row,
                Err(error) => error,
            },
            Kept::Shut(error) => error.clone(),
        };
        let beside = building_beside(&folders::folder(&self.0.root, home));
        let (building, name) = beside.unzip();
        Home {
            home,
            building: building.map(Hex),
            name,
            person: None,
            application: ApplicationState::None,
            turns: 0,
            requests: 0,
            shut: Some(shut.sentence),
        }
    }

    async fn add(&self) -> Result<Home, ApiError> {
        let _alone = self.0.changing.lock().await;
        // Room that nobody has used yet is used before more is made.
        let homes = self.list().await?.rows;
        let free =
            |row: &&Home| row.shut.is_none() && row.building.is_none() && row.application == ApplicationState::None;
        if let Some(row) = homes.iter().find(free) {
            return Ok(row.clone());
        }
        if homes.len() >= HOMES_MAX as usize {
            let why = format!("这台设备上最多 {HOMES_MAX} 栋楼");
            return Err(ApiError::new(Code::HOMES_FULL, why).hinted("先把不住的那栋收起来"));
        }
        let home = folders::make(&self.0.root, now_ms()).map_err(not_moved)?;
        self.open_home(home).await?;
        self.tell(home);
        let (_, host) = self.home(Some(&home.to_string()))?;
        open_row(home, &host, true).await
    }

    async fn forget(&self, home: HomeId) -> Result<Forgotten, ApiError> {
        let _alone = self.0.changing.lock().await;
        let kept = self.homes().remove(&home).ok_or_else(unknown)?;
        if let Kept::Open(host) = kept
            && let Err(error) = host.shutdown().await
        {
            tracing::warn!(%error, %home, "not closed in order; what was acknowledged is durable all the same");
        }
        self.0.locking.part(home);
        let aside = match folders::set_aside(&self.0.root, home, now_ms()) {
            Ok(aside) => aside,
            Err(error) => {
                let told = not_moved(error);
                // A first home may have been moved in part: that is ended at the next start, and not looked at before.
                let reopened = if home == HomeId::FIRST { Err(told.clone()) } else { self.open_home(home).await };
                if let Err(shut) = reopened {
                    self.homes().insert(home, Kept::Shut(shut));
                }
                return Err(told);
            }
        };
        // Never none: whoever has no building any more is asked how to go on.
        let none = self.homes().is_empty();
        if none && let Err(shut) = self.open_home(HomeId::FIRST).await {
            self.homes().insert(HomeId::FIRST, Kept::Shut(shut));
        }
        self.tell(home);
        Ok(Forgotten { aside: aside.display().to_string() })
    }

    /// Says that everything of a home may be otherwise now.
    fn tell(&self, home: HomeId) {
        let event = Event::Changed(Changed { tags: Tag::ALL.to_vec() });
        // Nobody may be listening.
        let _ = self.0.events.send(Told { home: Some(home), event });
    }

    /// Nobody asks to join a building at whose door they stand already, by another key.
    async fn check_elsewhere(&self, here: HomeId, args: &Value) -> Result<(), ApiError> {
        let said = args.get("invitation").and_then(Value::as_str).unwrap_or_default();
        // A short code tells no building.
        let Ok(ticket) = Ticket::from_str(said) else { return Ok(()) };
        for row in self.list().await?.rows {
            if row.home != here && row.building.is_some_and(|building| building.0 == ticket.building) {
                let name = row.name.unwrap_or_default();
                let why = format!("这台设备上已经有「{name}」了");
                return Err(ApiError::new(Code::ALREADY_HOME, why).hinted("换到那栋楼去看"));
            }
        }
        Ok(())
    }
}

async fn open_row(home: HomeId, host: &NodeHost, counted: bool) -> Result<Home, ApiError> {
    let standing = host.standing().await?;
    let application = host.application(NoArgs {}).await?.state;
    let person = host.me(NoArgs {}).await?.person;
    // Who is no neighbour there has no turns.
    let today = if counted && person.is_some() { host.today(TodayArgs { since: None }).await.ok() } else { None };
    let (turns, requests) = today.map_or((0, 0), |today| (today.turns_total, today.requests));
    let Status { building, name, .. } = standing;
    Ok(Home { home, building, name, person, application, turns, requests, shut: None })
}

/// Passes a home's events on, with its building's name where a person could take it for another's. Ends with the home.
async fn forward(home: HomeId, mut heard: broadcast::Receiver<Event>, installation: Weak<Inner>) {
    loop {
        let mut event = match heard.recv().await {
            Ok(event) => event,
            // What was missed may have touched anything.
            Err(RecvError::Lagged(_)) => Event::Changed(Changed { tags: Tag::ALL.to_vec() }),
            Err(RecvError::Closed) => return,
        };
        let Some(installation) = installation.upgrade().map(Installation) else { return };
        if let Event::Notice(notice) = &mut event {
            let several = installation.homes().len() > 1;
            let host = installation.home(Some(&home.to_string())).ok().filter(|_| several);
            if let Some((_, host)) = host {
                notice.building = host.standing().await.ok().and_then(|status| status.name);
            }
        }
        // Nobody may be listening.
        let _ = installation.0.events.send(Told { home: Some(home), event });
    }
}

/// Finds the home that somebody typed: a building's name, or the first digits of its id or of the home's.
///
/// # Errors
/// `home-unknown` for none, `home-untold` for several; both list what there is.
pub fn find(homes: &[Home], said: &str) -> Result<HomeId, ApiError> {
    let digits = said.len() >= PREFIX_DIGITS_MIN && said.bytes().all(|b| b.is_ascii_hexdigit());
    let prefix = said.to_ascii_lowercase();
    let begins = |id: String| digits && id.starts_with(&prefix);
    let fits = |row: &&Home| {
        row.name.as_deref() == Some(said)
            || begins(row.home.to_string())
            || row.building.is_some_and(|building| begins(building.to_string()))
    };
    let found: Vec<&Home> = homes.iter().filter(fits).collect();
    let (code, why) = match found.as_slice() {
        [one] => return Ok(one.home),
        [] => (Code::HOME_UNKNOWN, format!("这台设备上没有「{said}」")),
        _ => (Code::HOME_UNTOLD, format!("「{said}」不止一栋")),
    };
    let listed = if found.is_empty() { homes.iter().collect() } else { found };
    let names = listed.iter().map(|row| format!("{}（{}）", row.name.as_deref().unwrap_or("还没有进楼"), row.home));
    Err(ApiError::new(code, why).hinted(format!("写楼名或编号：{}", names.collect::<Vec<_>>().join("、"))))
}

fn unknown() -> ApiError {
    ApiError::new(Code::HOME_UNKNOWN, "这台设备上没有这栋楼").hinted("kaifong buildings 列出全部")
}

fn untold() -> ApiError {
    ApiError::new(Code::HOME_UNTOLD, "这台设备上不止一栋楼")
        .hinted("加上 --building，写楼名或编号；kaifong buildings 列出全部")
}

fn not_moved(error: std::io::Error) -> ApiError {
    ApiError::new(Code::NOT_SAVED, format!("数据目录里写不了：{error}"))
        .hinted("什么都没有丢；看看磁盘和权限，再试一次")
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
