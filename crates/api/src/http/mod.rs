//! The table over HTTP and a WebSocket on loopback: how a browser of the same person reaches a running node.
//!
//! * `GET /enter?t=…`: a one-time link ([`Links`]); the browser gets a cookie and is let in.
//! * `POST /api/HOME/NAME` with JSON arguments: the result as JSON, or an [`ApiError`] with a status of its own. Without
//!   `HOME/` it is asked of the only building, or of the installation ([`homes::NAMES`](crate::homes::NAMES)).
//! * `GET /events`: a WebSocket that tells every event of every building as JSON ([`Told`](crate::Told)), and `{}`
//!   now and then.
//! * everything else: the interface's files ([`Pages`]).
//!
//! Other pages in the same browser can send requests here too, and other names can be made to lead here. So before
//! anything else `Host`, `Origin` and `Sec-Fetch-Site` are looked at (`guard`), and nothing is ever allowed to other
//! origins. Only 127.0.0.1 is listened on.

mod answer;
mod door;
mod events;
mod guard;
mod pages;
pub mod parts;

use std::fmt;
use std::future::Future;
use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Bytes, HttpBody};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Path as PathPart, Request, State};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, body::Body, middleware};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::table::{REQUEST_BYTES_MAX, request_bytes_max};
use crate::{ApiError, Asker, Code, Opening};
use door::Sessions;
use guard::Place;
use pages::{NOTICE_OUTSIDE, NOTICE_SPENT};

pub use door::{Clock, LINK_VALID_MS, Links};
pub use pages::Pages;

/// Where events are told.
const EVENTS_PATH: &str = "/events";
/// How many connections are open at a time; browsers take six each.
const CONNECTIONS_MAX: usize = 256;
/// How many pages hear events at a time.
const WATCHERS_MAX: usize = 64;
/// The longest message that a page may send where nothing is asked, in bytes.
const HEARD_BYTES_MAX: usize = 4 * 1024;
/// How long a request's head, and then its body, may take.
const HEAD_PATIENCE: Duration = Duration::from_secs(60);
const BODY_PATIENCE: Duration = Duration::from_secs(30);
/// How much of a request's head is held, in bytes, and how many lines it may have.
const HEAD_BYTES_MAX: usize = 64 * 1024;
const HEAD_LINES_MAX: usize = 64;

/// How a server is opened.
#[derive(Clone)]
pub struct Settings {
    /// The port; `None`: that of the last time if it is free, else any. 0: any.
    pub port: Option<u16>,
    /// How often a page that hears events is asked whether it is there.
    pub ping: Duration,
    /// What time it is.
    pub clock: Clock,
}

impl Default for Settings {
    fn default() -> Self {
        let clock = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        };
        Self { port: None, ping: Duration::from_secs(20), clock: Arc::new(clock) }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("port", &self.port).field("ping", &self.ping).finish_non_exhaustive()
    }
}

/// A port on loopback that waits for browsers.
pub struct Web {
    listener: TcpListener,
    place: Place,
    links: Links,
    sessions: Sessions,
    pages: Box<dyn Pages>,
    ping: Duration,
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").field("port", &self.port()).finish_non_exhaustive()
    }
}

impl Web {
    /// Opens the port. Who was let in by an earlier process on this data folder still is.
    ///
    /// # Errors
    /// `not-reachable`: another program has the port that was asked for, or the system refuses.
    pub async fn open(data: &Path, pages: impl Pages, settings: Settings) -> Result<Self, ApiError> {
        let Settings { port: asked, ping, clock } = settings;
        let sessions = Sessions::open(data);
        let wanted = asked.or(sessions.port()).unwrap_or(0);
        let listener = match bind(wanted).await {
            Err(error) if asked.is_none() => {
                tracing::warn!(%error, port = wanted, "the port of the last time is taken; pages opened then must be opened anew");
                bind(0).await
            }
            bound => bound,
        };
        let listener = listener.map_err(|error| taken(wanted, &error))?;
        let port = listener.local_addr().map_err(ApiError::not_reachable)?.port();
        let links = Links::new(format!("http://127.0.0.1:{port}"), clock);
        Ok(Self { listener, place: Place::new(port), links, sessions, pages: Box::new(pages), ping })
    }

    /// Gives the port.
    pub fn port(&self) -> u16 {
        self.place.port()
    }

    /// Gives what makes links.
    pub fn links(&self) -> Links {
        self.links.clone()
    }

    /// Answers browsers until `stop` is over. What is being answered then is let go: a command that was begun is done and
    /// durable all the same. While the installation is opening, the interface is there and what it asks waits.
    pub async fn serve(self, installation: impl Into<Opening>, stop: impl Future<Output = ()>) {
        let Self { listener, place, links, sessions, pages, ping } = self;
        let opening = installation.into();
        // Dropped at the end: pages that hear events are told to go.
        let (_open, closing) = watch::channel(());
        let watchers = Arc::new(Semaphore::new(WATCHERS_MAX));
        let port = place.port();
        let cookie = format!("kaifong_{port}");
        let sessions = Arc::new(sessions);
        let house = House {
            opening: opening.clone(),
            port,
            cookie,
            links,
            sessions: Arc::clone(&sessions),
            pages,
            watchers,
            closing,
            ping,
        };
        let router = router(Arc::new(house), place);
        // Whoever has the stores has the folder; before that, another process may.
        let mut held = false;
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                biased;
                opened = opening.wait(), if !held => {
                    held = true;
                    if opened.is_ok() {
                        sessions.hold(port);
                    }
                }
                () = &mut stop => return,
                Some(_) = connections.join_next() => {}
                accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(attend(stream, router.clone()));
                    }
                    Err(error) => {
                        // Out of file descriptors, most likely: it passes.
                        tracing::warn!(%error, "a browser could not be let in");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
            }
        }
    }
}

/// What every answer needs.
struct House {
    opening: Opening,
    port: u16,
    /// The cookie's name. Cookies know no ports, so it has the port in it.
    cookie: String,
    links: Links,
    sessions: Arc<Sessions>,
    pages: Box<dyn Pages>,
    watchers: Arc<Semaphore>,
    closing: watch::Receiver<()>,
    ping: Duration,
}

impl House {
    /// Whether the browser was let in.
    fn knows(&self, headers: &HeaderMap) -> bool {
        self.screen(headers).is_some()
    }

    /// Gives the browser that was let in, as the screen that it is.
    fn screen(&self, headers: &HeaderMap) -> Option<Asker> {
        self.brought(headers).find_map(|secret| self.sessions.screen(secret)).map(Asker::Screen)
    }

    /// The cookies that it brings; another program on this machine may have put some of this name beside ours.
    fn brought<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| parts::cookies(line, &self.cookie)).take(8)
    }
}

async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

fn taken(port: u16, error: &io::Error) -> ApiError {
    if error.kind() == io::ErrorKind::AddrInUse {
        let why = format!("127.0.0.1:{port} 已经有别的程序在用");
        return ApiError::not_reachable(why).hinted("换一个 --port；不写就自己找一个空着的");
    }
    ApiError::not_reachable(format_args!("127.0.0.1:{port} 用不了：{error}"))
}

async fn attend(stream: TcpStream, router: Router) {
    // Small answers are not to wait for each other.
    let _ = stream.set_nodelay(true);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEAD_LINES_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    if let Err(error) = served.await {
        tracing::debug!(%error, "a browser was cut off");
    }
}

fn router(house: Arc<House>, place: Place) -> Router {
    Router::new()
        .route("/enter", get(enter))
        .route("/api/{*name}", post(ask).fallback(not_so))
        .route(EVENTS_PATH, get(listen).fallback(not_so))
        .fallback(page)
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::new(place), guard::guard))
        .with_state(house)
}

async fn not_so() -> Response {
    answer::json(StatusCode::METHOD_NOT_ALLOWED, &ApiError::bad_arguments("这里只答 POST /api/楼/名字 和 GET /events"))
}

async fn page(State(house): State<Arc<House>>, request: Request) -> Response {
    pages::serve(&*house.pages, house.port, &request, house.knows(request.headers()))
}

/// Lets a browser in by a link, once.
async fn enter(State(house): State<Arc<House>>, request: Request) -> Response {
    // Who only looks ahead would use the link up.
    let ahead = request.headers().get("sec-purpose").is_some() || *request.method() != Method::GET;
    let query = request.uri().query().unwrap_or_default();
    let spent = !ahead && parts::query(query, "t").is_some_and(|secret| house.links.spend(&secret));
    if !spent {
        return NOTICE_SPENT.page();
    }
    let to = parts::query(query, "to").filter(|to| parts::is_own_place(to)).unwrap_or_else(|| "/".to_owned());
    let session = house.sessions.begin(house.brought(request.headers()));
    let cookie = format!("{}={session}; HttpOnly; SameSite=Strict; Path=/", house.cookie);
    let (Ok(to), Ok(mut cookie)) = (HeaderValue::try_from(to), HeaderValue::try_from(cookie)) else {
        return NOTICE_OUTSIDE.page();
    };
    cookie.set_sensitive(true);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(LOCATION, to);
    response.headers_mut().insert(SET_COOKIE, cookie);
    response
}

/// Asks one row of the table, of the home that the path names.
async fn ask(State(house): State<Arc<House>>, PathPart(name): PathPart<String>, mut request: Request) -> Response {
    let Some(screen) = house.screen(request.headers()) else {
        return answer::refused(&no_session());
    };
    // What names no home is looked up like one that is not there: nothing of a path ever reaches the disk.
    let (home, name) = name.split_once('/').map_or((None, name.as_str()), |(home, name)| (Some(home), name));
    let most = request_bytes_max(name);
    DefaultBodyLimit::max(most).apply(&mut request);
    let args = match arguments(request, most).await {
        Ok(args) => args,
        Err((status, error)) => return answer::json(status, &error),
    };
    let answered = match house.opening.wait().await {
        Ok(installation) => installation.ask_as(screen, home, name, args).await,
        Err(error) => Err(error),
    };
    match answered {
        Ok(result) => answer::json(StatusCode::OK, &result),
        Err(error) => answer::refused(&error),
    }
}

async fn arguments(request: Request, most: usize) -> Result<Value, (StatusCode, ApiError)> {
    let wrong = |status, why: &str| (status, ApiError::bad_arguments(why));
    let told = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = told.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(wrong(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type 要是 application/json"));
    }
    let too_large = || wrong(StatusCode::PAYLOAD_TOO_LARGE, &format!("一次最多 {most} 字节"));
    // What announces itself as too large is not waited for.
    if request.body().size_hint().lower() > most as u64 {
        return Err(too_large());
    }
    let body = match tokio::time::timeout(BODY_PATIENCE, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => body,
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => return Err(too_large()),
        Ok(Err(rejection)) => return Err(wrong(StatusCode::BAD_REQUEST, &rejection.body_text())),
        Err(_) => return Err(wrong(StatusCode::REQUEST_TIMEOUT, "没有发完")),
    };
    parse_arguments(&body).map_err(|error| (StatusCode::BAD_REQUEST, error))
}

/// Reads the arguments that a page sent; nothing at all is no arguments.
///
/// # Errors
/// `bad-arguments` for what is not JSON, however hostile; never a panic.
pub fn parse_arguments(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|error| ApiError::bad_arguments(format_args!("读不懂：{error}")))
}

/// Tells events from now on.
async fn listen(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Some(screen) = house.screen(&headers) else {
        return answer::refused(&no_session());
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let Ok(place) = Arc::clone(&house.watchers).try_acquire_owned() else {
        return answer::refused(&ApiError::not_reachable("开着的页面太多了").hinted("关掉几个再试"));
    };
    let installation = match house.opening.wait().await {
        Ok(installation) => installation,
        Err(error) => return answer::refused(&error),
    };
    // Listening comes before the answer: who has it misses nothing from then on.
    let (events, closing, ping) = (installation.events(), house.closing.clone(), house.ping);
    upgrade.max_message_size(HEARD_BYTES_MAX).max_frame_size(HEARD_BYTES_MAX).on_upgrade(async move |socket| {
        events::tell(socket, events, |told| installation.heard_as(screen, told), closing, ping).await;
        drop(place);
    })
}

fn no_session() -> ApiError {
    ApiError::new(Code::NO_SESSION, "这个页面还没有凭链接进来").hinted("kaifong --data DIR open 给一个新的链接")
}
