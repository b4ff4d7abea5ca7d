//! A node that keeps running, and looking on while it does.

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

use kaifong_api::dto::KeyKept;
use kaifong_api::http::{Settings, Web};
use kaifong_api::local::{Client, Door, Listening, Opened};
use kaifong_api::{ApiError, Event, NodeHost};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::args::NetArgs;
use crate::out::Out;
use crate::road::options;
use crate::show;
use crate::ui::Ui;

/// Runs until it is told to stop; with `web` a browser of this machine can use it, at a port that may be told.
pub(crate) async fn run(data: &Path, net: &NetArgs, web: Option<Option<u16>>, out: Out) -> Result<(), ApiError> {
    // Before anything is opened: who is told to stop while starting stops in order too.
    let mut stop = pin!(stopped()?);
    let host = tokio::select! {
        biased;
        host = NodeHost::open(options(data, Some(net))) => host?,
        // The keychain may be waiting for a person; nothing was said to be done yet.
        () = &mut stop => return Ok(()),
    };
    if net.keychain && host.key_kept() == KeyKept::File {
        Out::remark("这台设备的钥匙在数据目录的文件里；--keychain 只管新做的钥匙，也要系统钥匙串肯收");
    }
    let served = serve(data, host.clone(), web, stop, out).await;
    host.shutdown().await.and(served)
}

async fn serve(
    data: &Path,
    host: NodeHost,
    port: Option<Option<u16>>,
    stop: impl Future<Output = ()>,
    out: Out,
) -> Result<(), ApiError> {
    let mut listening = Listening::open(data)?;
    let web = match port {
        Some(port) => Some(Web::open(data, Ui, Settings { port, ..Settings::default() }).await?),
        None => None,
    };
    if let Some(web) = &web {
        listening = listening.with_door(web.links());
    }
    let status = host.standing().await?;
    let up = json!({
        "up": true,
        "building": status.building,
        "name": status.name,
        "member": status.member,
        "device": status.device,
        "addresses": status.addresses,
        "socket": listening.path(),
    });
    out.tell(&up, |_| show::up(&status))?;
    if let Some(aside) = &status.aside {
        tracing::warn!(aside, "the store would not open; it was moved aside and nothing of it is lost");
    }
    let host = Arc::new(host);
    match web {
        None => listening.serve(host, stop).await,
        Some(web) => {
            tell_opened(&web.links().open(None)?, out)?;
            // One wish to stop ends both.
            let (stopping, mut told) = watch::channel(());
            let told = async move {
                let _ = told.changed().await;
            };
            let local = async {
                listening.serve(Arc::clone(&host), stop).await;
                drop(stopping);
            };
            tokio::join!(local, web.serve(Arc::clone(&host), told));
        }
    }
    tracing::info!("stopping");
    Ok(())
}

/// Asks the running process for its interface, and tells the link.
pub(crate) async fn open(data: &Path, to: Option<String>, out: Out) -> Result<(), ApiError> {
    let mut client = Client::connect(data).await?.ok_or_else(|| {
        ApiError::not_reachable("这个数据目录没有在运行的 kaifong").hinted("先在另一个窗口里 kaifong serve")
    })?;
    tell_opened(&client.open(to).await?, out)
}

/// Tells a link on a line of its own, or that the window is open.
fn tell_opened(opened: &Opened, out: Out) -> Result<(), ApiError> {
    out.tell(opened, |opened| opened.link.clone().unwrap_or_else(|| "在窗口里打开了".to_owned()))
}

/// Tells every change, until it was told often enough.
pub(crate) async fn watch(data: &Path, events: Option<u64>, out: Out) -> Result<(), ApiError> {
    let stop = stopped()?;
    let mut client = Client::connect(data).await?.ok_or_else(|| {
        ApiError::not_reachable("这个数据目录没有在运行的 kaifong").hinted("先在另一个窗口里 kaifong run")
    })?;
    client.subscribe().await?;
    let told = async {
        let mut left = events;
        while left != Some(0) {
            let event = client.next_event().await?;
            out.tell(&event, |event| match event {
                Event::Changed(changed) => show::changed(changed),
                Event::Notice(notice) => show::notice(notice),
            })?;
            left = left.map(|left| left - 1);
        }
        Ok(())
    };
    tokio::select! {
        told = told => told,
        () = stop => Ok(()),
    }
}

/// Waits for the wish to stop: Ctrl-C, or the system's.
fn stopped() -> Result<impl Future<Output = ()>, ApiError> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ApiError::not_reachable)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(ApiError::not_reachable)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
