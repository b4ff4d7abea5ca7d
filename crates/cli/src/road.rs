//! The way to the node: through the process that runs it, or by opening it here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kaifong_api::dto::{HomeId, IdKind, NoArgs, ResolveArgs};
use kaifong_api::local::Client;
use kaifong_api::{ApiError, Hex, HexId, Installation, KeyPlace, Options, Row, homes, rows};
use serde_json::Value;

use crate::args::NetArgs;

/// How often, and with what pause, a data folder is asked again that another process is just using.
const TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_millis(100);

/// Which building of which installation is meant.
#[derive(Debug)]
pub(crate) struct Meant {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The building, as it was typed.
    pub(crate) building: Option<String>,
}

/// A way to the node.
#[derive(Debug)]
pub(crate) struct Road {
    way: Way,
    home: Option<HomeId>,
}

#[derive(Debug)]
enum Way {
    /// Another process runs it.
    Running(Client),
    /// It is open in this process.
    Here(Installation),
}

impl Road {
    /// Finds the running node, or opens it here; without `net` it stays offline.
    ///
    /// Another short command may hold the store for a moment: that is waited for.
    ///
    /// # Errors
    /// `store-unusable`, `not-reachable`; `home-unknown` and `home-untold` for a building that is not one of this device's.
    pub(crate) async fn find(meant: &Meant, net: Option<&NetArgs>) -> Result<Self, ApiError> {
        let mut road = Self { way: Way::find(&meant.data, net).await?, home: None };
        let Some(building) = &meant.building else { return Ok(road) };
        match road.home_of(building).await {
            Ok(home) => {
                road.home = Some(home);
                Ok(road)
            }
            Err(error) => road.leave().await.and(Err(error)),
        }
    }

    /// Finds the home of a building that was typed.
    ///
    /// # Errors
    /// `home-unknown`, `home-untold`.
    pub(crate) async fn home_of(&mut self, building: &str) -> Result<HomeId, ApiError> {
        homes::find(&self.ask(homes::rows::homes, NoArgs {}).await?.rows, building)
    }

    /// Gives the home that is asked; `None` for the only one.
    pub(crate) fn home(&self) -> Option<HomeId> {
        self.home
    }

    /// Whether another process runs the node.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.way, Way::Running(_))
    }

    /// Asks one row.
    ///
    /// # Errors
    /// What the node says; `not-reachable` when its answer cannot be read.
    pub(crate) async fn ask<R: Row>(&mut self, _: R, args: R::Args) -> Result<R::Result, ApiError> {
        let args = serde_json::to_value(args).map_err(ApiError::bad_arguments)?;
        let answer = self.ask_by_name(R::NAME, args).await?;
        serde_json::from_value(answer).map_err(ApiError::not_reachable)
    }

    /// Asks one row by its name.
    ///
    /// # Errors
    /// What the node says.
    pub(crate) async fn ask_by_name(&mut self, name: &str, args: Value) -> Result<Value, ApiError> {
        match &mut self.way {
            Way::Running(client) => {
                client.at_home(self.home);
                client.ask(name, args).await
            }
            Way::Here(installation) => {
                let home = self.home.map(|home| home.to_string());
                installation.ask(home.as_deref(), name, args).await
            }
        }
    }

    /// Finds the id that somebody typed, perhaps only its first digits.
    ///
    /// # Errors
    /// `bad-arguments` for too few digits or several ids, `…-unknown` for none.
    pub(crate) async fn id<T: HexId>(&mut self, what: IdKind, typed: &str) -> Result<Hex<T>, ApiError> {
        if let Ok(id) = typed.parse() {
            return Ok(id);
        }
        let resolved = self.ask(rows::resolve, ResolveArgs { what, prefix: typed.to_owned() }).await?;
        resolved.id.parse().map_err(ApiError::not_reachable)
    }

    /// Leaves; a node that was opened here is closed in order.
    ///
    /// # Errors
    /// `store-unusable`.
    pub(crate) async fn leave(self) -> Result<(), ApiError> {
        match self.way {
            Way::Running(_) => Ok(()),
            Way::Here(installation) => installation.shutdown().await,
        }
    }
}

impl Way {
    async fn find(data: &Path, net: Option<&NetArgs>) -> Result<Self, ApiError> {
        let mut tries = 0;
        loop {
            if let Some(client) = Client::connect(data).await? {
                return Ok(Self::Running(client));
            }
            match Installation::open(options(data, net)).await {
                Err(error) if error.is_busy() && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                opened => return opened.map(Self::Here),
            }
        }
    }
}

/// Gives how a node is opened on a data folder.
pub(crate) fn options(data: &Path, net: Option<&NetArgs>) -> Options {
    let (data, new_key) = (PathBuf::from(data), KeyPlace::File);
    match net {
        None => Options { data, new_key, lan: false, bind: None, interfaces: None, relay: None, offline: true },
        Some(net) => Options {
            data,
            new_key: if net.keychain { KeyPlace::Keychain } else { new_key },
            lan: !net.no_lan,
            bind: net.bind,
            interfaces: (!net.interfaces.is_empty()).then(|| net.interfaces.clone()),
            relay: net.relay.clone(),
            offline: false,
        },
    }
}
