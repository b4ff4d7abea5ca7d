//! The nodes behind the window.

use std::path::Path;
use std::time::Duration;

use kaifong_api::dto::{Changed, Tag};
use kaifong_api::local::{Client, Door, Listening, Opened};
use kaifong_api::{ApiError, Asker, Event, Installation, KeyPlace, Opener, Opening, Options, Told};
use serde_json::Value;
use tauri::{AppHandle, Emitter, Manager, State};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use crate::launch::Launch;
use crate::{events, window};

/// How often, and with what pause, a data folder is asked again that another process is just using.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// The node, from the moment when it is open; or why it does not open.
pub(crate) struct House {
    node: Opening,
    /// Told when the window goes: the socket is let go, and then nobody hears this any more.
    closing: watch::Sender<bool>,
}

impl House {
    /// Begins to open the node; who asks meanwhile waits.
    pub(crate) fn open(app: &AppHandle, launch: &Launch) -> Self {
        let (opener, node) = Opening::begin();
        let (closing, told) = watch::channel(false);
        tauri::async_runtime::spawn(live(app.clone(), launch.clone(), opener, told));
        Self { node, closing }
    }

    /// Closes socket, network and store in order. What cannot be closed is told; what was acknowledged is durable all the
    /// same.
    pub(crate) async fn close(&self) {
        self.closing.send_replace(true);
        self.closing.closed().await;
        if let Ok(node) = self.node.wait().await
            && let Err(error) = node.shutdown().await
        {
            tracing::error!(%error, "not closed in order");
        }
    }
}

/// Asks one row of the table, of the home that is told; or one of the installation's own.
#[tauri::command]
pub(crate) async fn ask(
    house: State<'_, House>,
    home: Option<String>,
    name: String,
    args: Value,
) -> Result<Value, ApiError> {
    house.node.wait().await?.ask_as(Asker::WINDOW, home.as_deref(), &name, args).await
}

/// Begins to tell notices, which the interface asks for once it hears them: one that nobody hears would be lost.
#[tauri::command]
pub(crate) async fn listening(house: State<'_, House>) -> Result<(), ApiError> {
    house.node.wait().await?.tell_notices();
    Ok(())
}

/// Shows the window of a process that runs on this data folder already; whether there is one. A process without a window,
/// one that is just ending, and a socket that cannot be used are told by the node that does not open.
pub(crate) async fn show_running(data: &Path, place: Option<String>) -> bool {
    match Client::connect(data).await {
        Ok(Some(mut running)) => running.open(place).await.is_ok_and(|opened| opened.link.is_none()),
        _ => false,
    }
}

/// Ends when the system says so, as if the window had been closed.
pub(crate) async fn end_when_told(app: AppHandle) {
    let told = async {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        std::io::Result::Ok(())
    };
    match told.await {
        Ok(()) => {
            app.state::<House>().close().await;
            app.exit(0);
        }
        Err(error) => tracing::warn!(%error, "the system's wish to end cannot be heard"),
    }
}

async fn live(app: AppHandle, launch: Launch, opener: Opener, closing: watch::Receiver<bool>) {
    let (mut opening, serving) = (closing.clone(), closing);
    let options = Options {
        data: launch.data.clone(),
        lan: true,
        bind: None,
        interfaces: launch.interfaces,
        relay: None,
        offline: false,
        new_key: KeyPlace::Keychain,
    };
    // A keychain may wait for a person meanwhile; who closes the window does not wait for that.
    let node = tokio::select! {
        node = open(&app, options, launch.place) => node,
        _ = opening.wait_for(|closing| *closing) => Err(ApiError::not_reachable("窗口关了")),
    };
    drop(opening);
    let told = node.as_ref().map(|node| (node.clone(), node.events())).map_err(ApiError::clone);
    opener.done(node);
    let (node, mut heard) = match told {
        Ok(told) => told,
        Err(error) => return tracing::error!(%error, "the node does not open"),
    };
    let (ended, window) = (node.clone(), node.clone());
    match Listening::open(&launch.data) {
        Ok(listening) => {
            let listening = listening.with_door(Window(app.clone()));
            tauri::async_runtime::spawn(serve(listening, node, serving));
        }
        // The window works without it.
        Err(error) => {
            drop(serving);
            tracing::warn!(%error, "other programs of this person cannot reach this node");
        }
    }
    let telling = async {
        loop {
            let event = match heard.recv().await {
                Ok(event) => event,
                // What was missed may have touched anything, anywhere.
                Err(RecvError::Lagged(_)) => {
                    Told { home: None, event: Event::Changed(Changed { tags: Tag::ALL.to_vec() }) }
                }
                Err(RecvError::Closed) => return,
            };
            if let Some(event) = window.heard_as(Asker::WINDOW, event) {
                tell(&app, events::KAIFONG, event);
            }
        }
    };
    tokio::select! {
        () = telling => {}
        () = ended.ended() => {}
    }
    tell(&app, events::STOPPED, ());
}

/// Answers on the socket until the window goes. Who waits for that hears it when the socket is gone, not before.
async fn serve(listening: Listening, node: Installation, closing: watch::Receiver<bool>) {
    let mut told = closing.clone();
    let stop = async move {
        // Whoever would say so may be gone: that is the end too.
        let _ = told.wait_for(|closing| *closing).await;
    };
    listening.serve(node, stop).await;
    drop(closing);
}

/// Opens the node. Another process may hold the folder: a window that was just closed is waited for, and nothing tells when
/// that is over; one that is just opening shows itself as soon as it can, and this one ends.
async fn open(app: &AppHandle, options: Options, place: Option<String>) -> Result<Installation, ApiError> {
    let mut tries = 0;
    loop {
        match Installation::open(options.clone()).await {
            Err(error) if error.is_busy() && tries < TRIES => {
                if show_running(&options.data, place.clone()).await {
                    app.exit(0);
                    return Err(error);
                }
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            opened => return opened,
        }
    }
}

fn tell(app: &AppHandle, name: &str, what: impl serde::Serialize + Clone) {
    if let Err(error) = app.emit(name, what) {
        tracing::warn!(%error, name, "the interface did not hear");
    }
}

/// The window as what others ask to be shown.
struct Window(AppHandle);

impl Door for Window {
    fn open(&self, to: Option<&str>) -> Result<Opened, ApiError> {
        if !to.is_none_or(kaifong_api::http::parts::is_own_place) {
            return Err(ApiError::bad_arguments("要一个以 / 开头的路径").hinted("比如 --to /points"));
        }
        if !window::show(&self.0, to.map(str::to_owned)) {
            return Err(ApiError::not_reachable("窗口正在关").hinted("再开一次"));
        }
        Ok(Opened::default())
    }
}
