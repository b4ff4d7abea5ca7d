//! A node that keeps running, and looking on while it does.

use std::path::Path;
use std::sync::Arc;

use kaifong_api::dto::NoArgs;
use kaifong_api::local::{Client, Listening};
use kaifong_api::{ApiError, Event, Host, NodeHost};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::NetArgs;
use crate::out::Out;
use crate::road::options;
use crate::show;

/// Runs until it is told to stop.
pub(crate) async fn run(data: &Path, net: &NetArgs, out: Out) -> Result<(), ApiError> {
    // Before anything is opened: who is told to stop while starting stops in order too.
    let stop = stopped()?;
    let host = NodeHost::open(options(data, Some(net))).await?;
    let served = serve(data, host.clone(), stop, out).await;
    host.shutdown().await.and(served)
}

async fn serve(data: &Path, host: NodeHost, stop: impl Future<Output = ()>, out: Out) -> Result<(), ApiError> {
    let listening = Listening::open(data)?;
    let status = host.status(NoArgs {}).await?;
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
    listening.serve(Arc::new(host), stop).await;
    tracing::info!("stopping");
    Ok(())
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
            out.tell(&event, |Event::Changed(changed)| show::changed(changed))?;
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
