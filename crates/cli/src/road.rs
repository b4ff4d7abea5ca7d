//! The way to the node: through the process that runs it, or by opening it here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kaifong_api::dto::{IdKind, ResolveArgs};
use kaifong_api::local::Client;
use kaifong_api::{ApiError, Hex, HexId, KeyPlace, NodeHost, Options, Row, call, rows};
use serde_json::Value;

use crate::args::NetArgs;

/// How often, and with what pause, a data folder is asked again that another process is just using.
const TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_millis(100);

/// A way to the node.
#[derive(Debug)]
pub(crate) enum Road {
    /// Another process runs it.
    Running(Client),
    /// It is open in this process.
    Here(NodeHost),
}

impl Road {
    /// Finds the running node, or opens it here; without `net` it stays offline.
    ///
    /// Another short command may hold the store for a moment: that is waited for.
    ///
    /// # Errors
    /// `store-unusable`, `not-reachable`.
    pub(crate) async fn find(data: &Path, net: Option<&NetArgs>) -> Result<Self, ApiError> {
        let mut tries = 0;
        loop {
            if let Some(client) = Client::connect(data).await? {
                return Ok(Self::Running(client));
            }
            match NodeHost::open(options(data, net)).await {
                Err(error) if error.is_busy() && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                opened => return opened.map(Self::Here),
            }
        }
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
        match self {
            Self::Running(client) => client.ask(name, args).await,
            Self::Here(host) => call(host, name, args).await,
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
        match self {
            Self::Running(_) => Ok(()),
            Self::Here(host) => host.shutdown().await,
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
