//! The table answered by a real node, in this process and over the socket.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[cfg(unix)]
mod browser;
#[cfg(unix)]
mod homes;
mod household;
#[cfg(unix)]
mod lock;
mod notices;
mod places;
mod profile;
#[cfg(unix)]
mod socket;
mod verify;
#[cfg(unix)]
mod web;

use std::path::Path;

use kaifong_api::{ApiError, Installation, KeyPlace, NodeHost, Options, call};
use serde_json::{Value, json};

/// How a device without a network is opened.
pub(crate) fn offline(data: &Path) -> Options {
    let (data, new_key) = (data.to_owned(), KeyPlace::File);
    Options { data, new_key, lan: false, bind: None, interfaces: None, relay: None, offline: true }
}

/// Opens a device without a network.
pub(crate) async fn open(data: &Path) -> NodeHost {
    NodeHost::open(offline(data)).await.unwrap()
}

/// Opens an installation without a network, and gives its first building.
pub(crate) async fn installed(data: &Path) -> (Installation, NodeHost) {
    let installation = Installation::open(offline(data)).await.unwrap();
    let (_, host) = installation.home(Some("0000000000000000")).unwrap();
    (installation, host)
}

/// The same after its household has founded 榕荫里.
pub(crate) async fn installed_at_home(data: &Path) -> (Installation, NodeHost) {
    at_home(data).await.shutdown().await.unwrap();
    installed(data).await
}

/// Opens a device whose household has founded 榕荫里.
pub(crate) async fn at_home(data: &Path) -> NodeHost {
    let host = open(data).await;
    let founded = json!({"building": "榕荫里", "name": "陈姨", "block": "502", "about": "会修拉链"});
    ask(&host, "found", founded).await.unwrap();
    host
}

pub(crate) async fn ask(host: &NodeHost, name: &str, args: Value) -> Result<Value, ApiError> {
    call(host, name, args).await
}

/// Asks what is to be refused, and gives the code.
pub(crate) async fn refused(host: &NodeHost, name: &str, args: Value) -> String {
    ask(host, name, args).await.unwrap_err().code.to_string()
}
