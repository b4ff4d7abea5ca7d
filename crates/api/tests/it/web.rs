//! The HTTP road: who is let in, what is refused, and that pages hear what changed.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kaifong_api::Opening;
use kaifong_api::http::{LINK_VALID_MS, Settings, Web};
use kaifong_api::local::{Client, REQUEST_BYTES_MAX};
use serde_json::{Value, json};
use tokio::time::{Instant, advance, pause};

use crate::browser::{Browser, Few, Frame, INDEX, Serving, raw};
use crate::{at_home, installed, installed_at_home};

/// Longer than any test.
const NEVER: Duration = Duration::from_secs(3_600);

async fn serving(data: &Path) -> Serving {
    Serving::on(data, installed_at_home(data).await, NEVER).await
}

#[tokio::test]
async fn a_link_lets_one_browser_in_once() {
    let dir = tempfile::tempdir().unwrap();
    let serving = serving(dir.path()).await;
    let link = serving.links.make(Some("/deals/ab?x=1")).unwrap();
    let mut chen = Browser { port: serving.port, cookie: None };
    let entered = chen.enter(&link).await;
    assert_eq!((entered.status, entered.header("location")), (303, Some("/deals/ab?x=1")));
    let cookie = entered.header("set-cookie").unwrap();
    let (named, said) = cookie.split_once("; ").unwrap();
    assert!(named.starts_with(&format!("kaifong_{}=", serving.port)) && named.len() > 64, "{cookie}");
    assert_eq!(said, "HttpOnly; SameSite=Strict; Path=/");
    assert_eq!(chen.post("me", &Value::Null).await.json()["person"]["name"], "陈姨");

    let mut thief = Browser { port: serving.port, cookie: None };
    let refused = thief.enter(&link).await;
    assert_eq!((refused.status, refused.header("set-cookie")), (403, None));
    for said in ["一个链接只能打开一次", "A link opens once", "kaifong --data DIR open"] {
        assert!(refused.body.contains(said), "{said}");
    }
    serving.end().await;
}

#[tokio::test]
async fn a_link_that_cannot_be_opened_lets_nobody_in() {
    let dir = tempfile::tempdir().unwrap();
    let serving = serving(dir.path()).await;
    let browser = Browser { port: serving.port, cookie: None };
    for path in ["/enter", "/enter?t=", "/enter?t=%zz", &format!("/enter?t={}", "0".repeat(64))] {
        assert_eq!(browser.go(path).await.status, 403, "{path}");
    }
    // Who looks ahead does not use it up.
    let link = serving.links.make(None).unwrap();
    let path = link.strip_prefix(&browser.origin()).unwrap();
    assert_eq!(browser.ask(&format!("HEAD {path}"), &[]).await.header("set-cookie"), None);
    let ahead = browser.ask(&format!("GET {path}"), &[("Sec-Purpose", "prefetch;prerender")]).await;
    assert_eq!((ahead.status, ahead.header("set-cookie")), (403, None));
    // A place elsewhere is not led to.
    let entered = browser.go(&format!("{path}&to=%2f%2fevil.example")).await;
    assert_eq!((entered.status, entered.header("location")), (303, Some("/")));
    let old = serving.links.make(None).unwrap();
    serving.now.fetch_add(LINK_VALID_MS, Ordering::Relaxed);
    assert_eq!(browser.clone().enter(&old).await.status, 403, "too old");
    serving.end().await;
}

#[tokio::test]
async fn a_link_is_asked_for_over_the_socket() {
    let dir = tempfile::tempdir().unwrap();
    let serving = serving(dir.path()).await;
    let mut client = Client::connect(dir.path()).await.unwrap().unwrap();
    let opened = client.open(Some("/desk".into())).await.unwrap();
    assert_eq!(opened.valid_ms, Some(LINK_VALID_MS));
    let mut browser = Browser { port: serving.port, cookie: None };
    assert_eq!(browser.enter(opened.link.as_deref().unwrap()).await.header("location"), Some("/desk"));
    assert_eq!(client.open(Some("https://evil.example".into())).await.unwrap_err().code.as_str(), "bad-arguments");
    serving.end().await;
}

#[tokio::test]
async fn what_a_foreign_page_sends_is_refused_before_anything_else() {
    let dir = tempfile::tempdir().unwrap();
    let serving = serving(dir.path()).await;
    let chen = serving.let_in().await;
    let (own, port) = (chen.origin(), serving.port);
    let other = format!("rebound.example:{port}");
    let json = ("Content-Type", "application/json");
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);
    let cases: &[Case<'_>] = &[
        ("own", &[json, ("Origin", &own)], 200),
        ("a charset", &[("Content-Type", "Application/JSON; charset=utf-8"), ("Origin", &own)], 200),
        ("another host", &[json, ("Host", &other), ("Origin", &format!("http://{other}"))], 421),
        ("another port's host", &[json, ("Host", "127.0.0.1:1"), ("Origin", &own)], 421),
        ("another origin", &[json, ("Origin", "https://evil.example")], 403),
        ("another port's origin", &[json, ("Origin", "http://127.0.0.1:1")], 403),
        ("no origin", &[json], 403),
        ("null", &[json, ("Origin", "null")], 403),
        ("same site", &[json, ("Origin", &own), ("Sec-Fetch-Site", "same-site")], 403),
        ("a form", &[("Content-Type", "text/plain"), ("Origin", &own)], 415),
        ("a form without a type", &[("Origin", &own)], 415),
    ];
    for (what, headers, status) in cases {
        let answer = chen.send("me", headers, b"{}").await;
        assert_eq!(answer.status, *status, "{what}: {answer:?}");
    }
    let code = chen.send("me", &[json, ("Origin", "https://evil.example")], b"{}").await.code();
    assert_eq!(code, "foreign-page");
    for site in ["cross-site", "same-site"] {
        for path in ["/", "/deals", "/enter?t=00", "/_app/immutable/a.js"] {
            let led = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Site", site)];
            let answer = chen.ask(&format!("GET {path}"), &led).await;
            assert!(answer.status == 403 && answer.body.contains("Other pages cannot"), "{site} {path}: {answer:?}");
        }
    }
    for (what, headers) in [
        ("no origin", &[][..]),
        ("another origin", &[("Origin", "http://evil.example")][..]),
        ("cross site", &[("Origin", own.as_str()), ("Sec-Fetch-Site", "cross-site")][..]),
    ] {
        assert_eq!(chen.listen(headers).await.0.status, 403, "{what}");
    }
    assert_eq!(chen.listen(&[("Host", &other), ("Origin", &format!("http://{other}"))]).await.0.status, 421);
    serving.end().await;
}

#[tokio::test]
async fn nothing_is_allowed_to_other_origins() {
    let dir = tempfile::tempdir().unwrap();
    let serving = serving(dir.path()).await;
    let chen = serving.let_in().await;
    let own = chen.origin();
    for origin in ["https://evil.example", own.as_str()] {
        let preflight = [
            ("Origin", origin),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "content-type"),
        ];
        for path in ["/api/post", "/events", "/", "/enter"] {
            let answer = chen.ask(&format!("OPTIONS {path}"), &preflight).await;
            assert!([403, 405].contains(&answer.status), "{path}: {answer:?}");
            let said = answer.headers.iter().find(|(name, _)| name.starts_with("access-control"));
            assert_eq!(said, None, "{path}");
        }
    }
    serving.end().await;
}

#[tokio::test]
async fn who_was_not_let_in_learns_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let serving = serving(dir.path()).await;
    let name = format!("kaifong_{}", serving.port);
    for cookie in [None, Some(format!("{name}=")), Some(format!("{name}={}", "0".repeat(64))), Some("x".into())] {
        let stranger = Browser { port: serving.port, cookie };
        let answer = stranger.post("me", &Value::Null).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "no-session"), "{stranger:?}");
        // Not even which names there are.
        assert_eq!(stranger.post("nothing", &Value::Null).await.status, 401);
        let origin = stranger.origin();
        assert_eq!(stranger.listen(&[("Origin", &origin)]).await.0.status, 401);
        let page = stranger.go("/").await;
        assert!(page.status == 401 && page.body.contains("open"), "{page:?}");
    }
    serving.end().await;
}

#[tokio::test]
async fn answers_have_the_status_of_their_code() {
    let dir = tempfile::tempdir().unwrap();
    let serving = serving(dir.path()).await;
    let chen = serving.let_in().await;
    let origin = chen.origin();
    let own = [("Origin", origin.as_str()), ("Content-Type", "application/json")];
    for (name, args, status, code) in [
        ("nothing", "{}", 404, "unknown-name"),
        ("a/b", "{}", 404, "home-unknown"),
        ("post", "{", 400, "bad-arguments"),
        ("post", "[[[[", 400, "bad-arguments"),
        ("post", "{\"side\": \"need\"}", 400, "bad-arguments"),
        ("found", "{\"building\": \"再来一栋\", \"name\": \"陈姨\"}", 409, "already-home"),
        ("agree", "{\"deal\": \"00000000000000000000000000000000\"}", 422, "deal-unknown"),
    ] {
        let answer = chen.send(name, &own, args.as_bytes()).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{name} {args}: {answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    assert_eq!(chen.send("me", &own, b"").await.status, 200, "no arguments are none");
    let whole = format!("{{{}}}", " ".repeat(REQUEST_BYTES_MAX - 2));
    assert_eq!(chen.send("me", &own, whole.as_bytes()).await.status, 200, "just as much as is allowed");
    let get = chen.ask("GET /api/me", &[]).await;
    assert_eq!((get.status, get.code().as_str()), (405, "bad-arguments"));
    serving.end().await;
}

#[tokio::test]
async fn what_is_too_large_is_refused_unread() {
    let dir = tempfile::tempdir().unwrap();
    let serving = serving(dir.path()).await;
    let chen = serving.let_in().await;
    let origin = chen.origin();
    let own = [("Origin", origin.as_str()), ("Content-Type", "application/json")];
    let announced = (REQUEST_BYTES_MAX + 1).to_string();
    let head = chen.head("POST /api/me", &[&own[..], &[("Content-Length", &announced)]].concat());
    assert_eq!(raw(serving.port, head.as_bytes()).await.status, 413, "announced");
    let head = chen.head("POST /api/me", &[&own[..], &[("Transfer-Encoding", "chunked")]].concat());
    let bytes = REQUEST_BYTES_MAX + 1;
    let body = format!("{head}{bytes:x}\r\n{}", " ".repeat(bytes));
    assert_eq!(raw(serving.port, body.as_bytes()).await.status, 413, "not announced");
    serving.end().await;
}

#[tokio::test]
async fn a_page_hears_what_another_has_changed() {
    let dir = tempfile::tempdir().unwrap();
    let serving = serving(dir.path()).await;
    let (chen, desk) = (serving.let_in().await, serving.let_in().await);
    let mut watching = desk.watch().await;
    // What a page says here is heard by nobody.
    watching.send(1, b"{\"name\": \"post\"}").await;
    let posted = chen.post("post", &json!({"side": "need", "title": "借人字梯"})).await;
    assert_eq!(posted.status, 200, "{posted:?}");
    loop {
        let Frame::Event(event) = watching.next().await else { panic!("the page was left") };
        assert_eq!(event["event"], "changed");
        if event["payload"]["tags"].as_array().unwrap().contains(&json!("listings")) {
            break;
        }
    }
    let needs = desk.post("needs", &json!({})).await.json();
    assert_eq!(needs["rows"][0]["id"], posted.json()["listing"]);
    // A page that says too much is let go.
    watching.send(1, &vec![b'x'; 64 * 1024]).await;
    while watching.next().await != Frame::End {}
    // The others are told when the server closes.
    let mut other = desk.watch().await;
    serving.end().await;
    while other.next().await != Frame::End {}
}

#[tokio::test]
async fn a_page_that_has_gone_silent_is_let_go_and_one_that_answers_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::on(dir.path(), installed_at_home(dir.path()).await, Duration::from_millis(300)).await;
    let browser = serving.let_in().await;
    let (mut silent, mut there) = (browser.watch().await, browser.watch().await);
    let left = async { while silent.next().await != Frame::End {} };
    let answered = async {
        for _ in 0..5 {
            loop {
                match there.next().await {
                    Frame::Ping => break,
                    Frame::Event(_) => {}
                    Frame::End => panic!("it had answered"),
                }
            }
            there.send(10, b"").await;
        }
    };
    tokio::join!(left, answered);
    serving.end().await;
}

#[tokio::test]
async fn a_page_left_open_for_days_hears_that_kaifong_is_there_and_then_what_changes() {
    let dir = tempfile::tempdir().unwrap();
    let every = Settings::default().ping;
    let serving = Serving::on(dir.path(), crate::installed_at_home(dir.path()).await, every).await;
    let chen = serving.let_in().await;
    let mut watching = chen.watch().await;
    pause();
    let (begun, days) = (Instant::now(), Duration::from_secs(3 * 24 * 3_600));
    let mut told = 0;
    while begun.elapsed() < days {
        advance(every).await;
        loop {
            match watching.next().await {
                Frame::Ping => watching.send(10, b"").await,
                Frame::Event(event) if event == json!({}) => break,
                other => panic!("{other:?} after {:?}", begun.elapsed()),
            }
        }
        told += 1;
    }
    tokio::time::resume();
    // A page takes the connection for dead after 65 seconds (`ui/src/backend/http.ts`).
    assert!(told >= days.as_secs() / 60, "{told}");
    serving.now.fetch_add(u64::try_from(days.as_millis()).unwrap(), Ordering::Relaxed);
    let posted = chen.post("post", &json!({"side": "need", "title": "借人字梯"})).await;
    assert_eq!(posted.status, 200, "its cookie still counts: {posted:?}");
    loop {
        let Frame::Event(event) = watching.next().await else { panic!("the page was left") };
        if event["event"] == "changed" {
            break;
        }
    }
    serving.end().await;
}

#[tokio::test]
async fn only_so_many_pages_hear_events() {
    let dir = tempfile::tempdir().unwrap();
    let serving = serving(dir.path()).await;
    let browser = serving.let_in().await;
    let mut watching = Vec::new();
    for _ in 0..64 {
        watching.push(browser.watch().await);
    }
    let origin = browser.origin();
    assert_eq!(browser.listen(&[("Origin", &origin)]).await.0.status, 503);
    serving.end().await;
}

#[tokio::test]
async fn a_browser_stays_let_in_when_the_process_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let first = serving(dir.path()).await;
    let (chen, port, unused) = (first.let_in().await, first.port, first.links.make(None).unwrap());
    first.end().await;
    let again = Serving::on(dir.path(), installed(dir.path()).await, NEVER).await;
    assert_eq!(again.port, port, "the same port");
    again.now.fetch_add(400 * 24 * 3_600_000, Ordering::Relaxed);
    assert_eq!(chen.post("me", &Value::Null).await.json()["person"]["name"], "陈姨");
    assert_eq!(chen.clone().enter(&unused).await.status, 403, "links do not outlive the process");
    // Another process has the port now: told to use it, one says so; left alone, it finds another.
    let elsewhere = tempfile::tempdir().unwrap();
    let settings = Settings { port: Some(port), ..Settings::default() };
    let error = Web::open(elsewhere.path(), Few, settings).await.unwrap_err();
    assert!(error.code.as_str() == "not-reachable" && error.sentence.contains(&port.to_string()), "{error:?}");
    let other = Web::open(dir.path(), Few, Settings::default()).await.unwrap();
    assert_ne!(other.port(), port);
    drop(other);
    again.end().await;
}

#[tokio::test]
async fn a_page_is_there_before_its_building_and_what_it_asks_waits() {
    let dir = tempfile::tempdir().unwrap();
    at_home(dir.path()).await.shutdown().await.unwrap();
    let web = Web::open(dir.path(), Few, Settings::default()).await.unwrap();
    let (port, links) = (web.port(), web.links());
    let (opener, opening) = Opening::begin();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(web.serve(opening, async {
        let _ = stopped.await;
    }));
    let mut chen = Browser { port, cookie: None };
    assert_eq!(chen.enter(&links.make(None).unwrap()).await.status, 303);
    assert_eq!(chen.go("/").await.body, INDEX);
    assert!(!dir.path().join("web.json").exists(), "the folder may be another process's");
    let asked = tokio::spawn({
        let chen = chen.clone();
        async move { chen.post("me", &Value::Null).await }
    });
    chen.go("/").await;
    assert!(!asked.is_finished());
    let (installation, _) = installed(dir.path()).await;
    opener.done(Ok(installation.clone()));
    assert_eq!(asked.await.unwrap().json()["person"]["name"], "陈姨");
    stop.send(()).unwrap();
    served.await.unwrap();
    assert!(dir.path().join("web.json").exists(), "who was let in is remembered");
    installation.shutdown().await.unwrap();
}

#[tokio::test]
async fn files_are_given_and_places_are_the_one_pages() {
    let dir = tempfile::tempdir().unwrap();
    let serving = serving(dir.path()).await;
    let chen = serving.let_in().await;
    let index = chen.go("/").await;
    assert_eq!((index.status, index.body.as_str()), (200, INDEX));
    let policy = index.header("content-security-policy").unwrap();
    for said in ["default-src 'self'", "script-src 'self' 'sha256-", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(said), "{said}: {policy}");
    }
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(self), microphone=(), geolocation=()"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(index.header(name), Some(value), "{name}");
    }
    let script = chen.ask("GET /_app/immutable/a.js", &[]).await;
    assert_eq!((script.status, script.header("content-type")), (200, Some("text/javascript; charset=utf-8")));
    assert!(script.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(chen.ask("GET /icon.svg", &[]).await.header("cache-control"), Some("no-cache"));
    for place in ["/deals", "/deals/5a90e1b7", "/search/%E6%A2%AF"] {
        assert_eq!(chen.go(place).await.body, INDEX, "{place}");
        assert_eq!(chen.ask(&format!("GET {place}"), &[]).await.status, 404, "{place} is no file");
    }
    for missing in [
        "/_app/immutable/b.js",
        "/_app/x",
        "/missing.css",
        "/../web.json",
        "/_app/../../web.json",
        "/%2e%2e/web.json",
        "/..%2f..%2fweb.json",
        "/.web.json",
        "//evil.example",
        "/a%00",
        "/%5c..%5cweb.json",
    ] {
        let answer = chen.go(missing).await;
        assert!(answer.status == 404 && !answer.body.contains("sessions"), "{missing}: {answer:?}");
    }
    serving.end().await;
}
