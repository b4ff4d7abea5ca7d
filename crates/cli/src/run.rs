//! A node that keeps running, and looking on while it does.

use std::path::Path;
use std::pin::pin;

use kaifong_api::dto::KeyKept;
use kaifong_api::http::{Links, Settings, Web};
use kaifong_api::local::{Client, Door, Listening, Opened};
use kaifong_api::{ApiError, Event, Installation, Opener, Opening};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::args::NetArgs;
use crate::out::Out;
use crate::road::{Meant, Road, options};
use crate::show;
use crate::ui::Ui;

/// Runs until it is told to stop; with `web` a browser of this machine can use it, at a port that may be told.
pub(crate) async fn run(meant: &Meant, net: &NetArgs, web: Option<Option<u16>>, out: Out) -> Result<(), ApiError> {
    if meant.building.is_some() {
        return Err(ApiError::bad_arguments("run 和 serve 开的是这台设备上全部的楼").hinted("去掉 --building"));
    }
    // Before anything is opened: who is told to stop while starting stops in order too.
    let mut stop = pin!(stopped()?);
    // A page is there before the buildings are open, unless another process has them.
    let early = match web {
        Some(port) if Client::connect(&meant.data).await?.is_none() => Some(Page::show(&meant.data, port, out).await?),
        _ => None,
    };
    let installation = tokio::select! {
        biased;
        opened = Installation::open(options(&meant.data, Some(net))) => opened?,
        // The keychain may be waiting for a person; nothing was said to be done yet.
        () = &mut stop => return Ok(()),
    };
    let in_files = installation.open_homes().iter().any(|(_, host)| host.key_kept() == KeyKept::File);
    if net.keychain && in_files {
        Out::remark("这台设备的钥匙在数据目录的文件里；--keychain 只管新做的钥匙，也要系统钥匙串肯收");
    }
    let page = match (early, web) {
        (None, Some(port)) => Some(Page::show(&meant.data, port, out).await?),
        (early, _) => early,
    };
    let page = page.map(|page| page.opened(installation.clone()));
    let served = serve(&installation, page, stop, out).await;
    installation.shutdown().await.and(served)
}

async fn serve(
    installation: &Installation,
    page: Option<Page>,
    stop: impl Future<Output = ()>,
    out: Out,
) -> Result<(), ApiError> {
    let mut listening = Listening::open(installation.root())?;
    if let Some(page) = &page {
        listening = listening.with_door(page.links.clone());
    }
    let mut all = Vec::new();
    for (home, host) in installation.open_homes() {
        all.push((home, host.standing().await?));
    }
    let up = json!({
        "up": true,
        "building": all.first().map(|(_, status)| status.building),
        "name": all.first().map(|(_, status)| status.name.clone()),
        "member": all.first().map(|(_, status)| status.member),
        "device": all.first().map(|(_, status)| status.device),
        "addresses": all.first().map(|(_, status)| status.addresses.clone()),
        "homes": all.iter().map(|(home, status)| json!({ "home": home, "name": status.name })).collect::<Vec<_>>(),
        "socket": listening.path(),
    });
    out.tell(&up, |_| all.iter().map(|(_, status)| show::up(status)).collect::<Vec<_>>().join("；"))?;
    for aside in all.iter().filter_map(|(_, status)| status.aside.as_ref()) {
        tracing::warn!(aside, "the store would not open; it was moved aside and nothing of it is lost");
    }
    match page {
        None => listening.serve(installation.clone(), stop).await,
        Some(Page { stopping, served, .. }) => {
            listening.serve(installation.clone(), stop).await;
            // One wish to stop ends both.
            drop(stopping);
            served.await.map_err(ApiError::not_reachable)?;
        }
    }
    tracing::info!("stopping");
    Ok(())
}

/// The page, which is there before the buildings are open.
struct Page {
    links: Links,
    /// Until it is said how opening went.
    opener: Option<Opener>,
    stopping: watch::Sender<()>,
    served: JoinHandle<()>,
}

impl Page {
    /// Opens a port for browsers and tells the link. What they ask waits for the buildings.
    async fn show(data: &Path, port: Option<u16>, out: Out) -> Result<Self, ApiError> {
        let web = Web::open(data, Ui, Settings { port, ..Settings::default() }).await?;
        let (opener, opening) = Opening::begin();
        let (stopping, mut told) = watch::channel(());
        let links = web.links();
        tell_opened(&links.open(None)?, out)?;
        let served = tokio::spawn(web.serve(opening, async move {
            let _ = told.changed().await;
        }));
        Ok(Self { links, opener: Some(opener), stopping, served })
    }

    /// Lets in who waits.
    fn opened(self, installation: Installation) -> Self {
        if let Some(opener) = self.opener {
            opener.done(Ok(installation));
        }
        Self { opener: None, ..self }
    }
}

/// Asks the running process for its interface, and tells the link.
pub(crate) async fn open(meant: &Meant, to: Option<String>, out: Out) -> Result<(), ApiError> {
    let to = match &meant.building {
        None => to,
        Some(_) => {
            let road = Road::find(meant, None).await?;
            let home = road.home();
            road.leave().await?;
            home.map(|home| format!("/in/{home}{}", to.as_deref().unwrap_or("/"))).or(to)
        }
    };
    let mut client = Client::connect(&meant.data).await?.ok_or_else(|| {
        ApiError::not_reachable("这个数据目录没有在运行的 kaifong").hinted("先在另一个窗口里 kaifong serve")
    })?;
    tell_opened(&client.open(to).await?, out)
}

/// Tells a link on a line of its own, or that the window is open.
fn tell_opened(opened: &Opened, out: Out) -> Result<(), ApiError> {
    out.tell(opened, |opened| opened.link.clone().unwrap_or_else(|| "在窗口里打开了".to_owned()))
}

/// Tells every change, until it was told often enough.
pub(crate) async fn watch(meant: &Meant, events: Option<u64>, out: Out) -> Result<(), ApiError> {
    let stop = stopped()?;
    let mut client = Client::connect(&meant.data).await?.ok_or_else(|| {
        ApiError::not_reachable("这个数据目录没有在运行的 kaifong").hinted("先在另一个窗口里 kaifong run")
    })?;
    if meant.building.is_some() {
        client.at_home(Road::find(meant, None).await?.home());
    }
    client.subscribe().await?;
    let told = async {
        let mut left = events;
        while left != Some(0) {
            let event = client.next_event().await?;
            out.tell(&event, |event| match event {
                Event::Changed(changed) => show::changed(changed),
                Event::Notice(notice) => show::notice(notice),
                Event::Hidden(_) => "锁着：有新的提醒".to_owned(),
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
