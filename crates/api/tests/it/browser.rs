//! As much of a browser as the tests need, byte by byte: a real one would not send most of what is tried here.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kaifong_api::http::{Links, Pages, Settings, Web};
use kaifong_api::local::Listening;
use kaifong_api::{Installation, NodeHost};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// An interface of three files.
pub(crate) struct Few;

pub(crate) const INDEX: &str = "<!doctype html><script>start()</script>";

impl Pages for Few {
    fn file(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        match path {
            "index.html" => Some(INDEX.as_bytes().into()),
            "_app/immutable/a.js" => Some(b"start = () => {}".as_slice().into()),
            "icon.svg" => Some(b"<svg/>".as_slice().into()),
            _ => None,
        }
    }
}

/// A node that answers browsers, and on its socket, until told to stop.
pub(crate) struct Serving {
    pub(crate) installation: Installation,
    pub(crate) port: u16,
    pub(crate) links: Links,
    /// What time it is there.
    pub(crate) now: Arc<AtomicU64>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    local: JoinHandle<()>,
}

impl Serving {
    pub(crate) async fn on(data: &Path, opened: (Installation, NodeHost), ping: Duration) -> Self {
        let (installation, _) = opened;
        let now = Arc::new(AtomicU64::new(1_000_000));
        let clock = Arc::clone(&now);
        let clock = Arc::new(move || clock.load(Ordering::Relaxed));
        let web = Web::open(data, Few, Settings { port: None, ping, clock }).await.unwrap();
        let (port, links) = (web.port(), web.links());
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(web.serve(installation.clone(), async {
            let _ = stopped.await;
        }));
        let listening = Listening::open(data).unwrap().with_door(links.clone());
        let local = tokio::spawn(listening.serve(installation.clone(), std::future::pending()));
        Self { installation, port, links, now, stop, served, local }
    }

    pub(crate) async fn end(self) {
        let _ = self.stop.send(());
        self.served.await.unwrap();
        self.local.abort();
        let _ = self.local.await;
        self.installation.shutdown().await.unwrap();
    }

    /// A browser that was let in.
    pub(crate) async fn let_in(&self) -> Browser {
        let mut browser = Browser { port: self.port, cookie: None };
        let entered = browser.enter(&self.links.make(None).unwrap()).await;
        assert_eq!((entered.status, entered.header("location")), (303, Some("/")), "{entered:?}");
        browser
    }
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

/// Reads one answer; a bare one has no body, whatever length it tells.
async fn answer(stream: &mut BufReader<TcpStream>, bare: bool) -> Answer {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    let status = head[0].split(' ').nth(1).unwrap().parse().unwrap();
    let pairs = head[1..].iter().map(|line| line.split_once(": ").unwrap());
    let headers: Vec<_> = pairs.map(|(key, value)| (key.to_lowercase(), value.to_owned())).collect();
    let mut answer = Answer { status, headers, body: String::new() };
    let length = answer.header("content-length").filter(|_| !bare);
    let bytes = length.map_or(0, |bytes| bytes.parse().unwrap());
    let mut body = vec![0; bytes];
    stream.read_exact(&mut body).await.unwrap();
    answer.body = String::from_utf8(body).unwrap();
    answer
}

/// Sends a whole request as it stands, and gives the answer.
pub(crate) async fn raw(port: u16, request: &[u8]) -> Answer {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    stream.write_all(request).await.unwrap();
    answer(&mut stream, request.starts_with(b"HEAD ")).await
}

/// A browser with at most one cookie.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) port: u16,
    pub(crate) cookie: Option<String>,
}

impl Browser {
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Writes a request's head, with the host and the cookie.
    pub(crate) fn head(&self, line: &str, more: &[(&str, &str)]) -> String {
        let mut head = format!("{line} HTTP/1.1\r\n");
        if !more.iter().any(|(name, _)| *name == "Host") {
            head += &format!("Host: 127.0.0.1:{}\r\n", self.port);
        }
        if let Some(cookie) = &self.cookie {
            head += &format!("Cookie: theme=dark; {cookie}\r\n");
        }
        for (name, value) in more {
            head += &format!("{name}: {value}\r\n");
        }
        head + "\r\n"
    }

    pub(crate) async fn ask(&self, line: &str, more: &[(&str, &str)]) -> Answer {
        raw(self.port, self.head(line, more).as_bytes()).await
    }

    /// Goes to a place, as somebody who types it.
    pub(crate) async fn go(&self, path: &str) -> Answer {
        let typed = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Site", "none")];
        self.ask(&format!("GET {path}"), &typed).await
    }

    /// Opens a link, and keeps the cookie.
    pub(crate) async fn enter(&mut self, link: &str) -> Answer {
        let path = link.strip_prefix(&self.origin()).unwrap();
        let answer = self.go(path).await;
        if let Some(cookie) = answer.header("set-cookie") {
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        }
        answer
    }

    /// Asks a row of the table, as the app's own page does.
    pub(crate) async fn post(&self, name: &str, args: &Value) -> Answer {
        let origin = self.origin();
        self.send(name, &[("Origin", &origin), ("Content-Type", "application/json")], args.to_string().as_bytes()).await
    }

    pub(crate) async fn send(&self, name: &str, more: &[(&str, &str)], body: &[u8]) -> Answer {
        let length = body.len().to_string();
        let more = [more, &[("Content-Length", &length)]].concat();
        let mut request = self.head(&format!("POST /api/{name}"), &more).into_bytes();
        request.extend_from_slice(body);
        raw(self.port, &request).await
    }

    /// Asks for events; what was answered, and the connection.
    pub(crate) async fn listen(&self, more: &[(&str, &str)]) -> (Answer, Watching) {
        let mut headers = vec![
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        headers.extend_from_slice(more);
        let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", self.port)).await.unwrap());
        stream.write_all(self.head("GET /events", &headers).as_bytes()).await.unwrap();
        let answer = answer(&mut stream, false).await;
        (answer, Watching { stream })
    }

    /// Hears events, as the app's own page does.
    pub(crate) async fn watch(&self) -> Watching {
        let origin = self.origin();
        let (answer, watching) = self.listen(&[("Origin", &origin), ("Sec-Fetch-Site", "same-origin")]).await;
        assert_eq!(answer.status, 101, "{answer:?}");
        watching
    }
}

/// The page's end of a WebSocket (RFC 6455).
pub(crate) struct Watching {
    pub(crate) stream: BufReader<TcpStream>,
}

/// What one frame was.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    Event(Value),
    Ping,
    End,
}

impl Watching {
    pub(crate) async fn next(&mut self) -> Frame {
        let mut head = [0; 2];
        if self.stream.read_exact(&mut head).await.is_err() {
            return Frame::End;
        }
        let bytes = match head[1] {
            126 => usize::from(self.stream.read_u16().await.unwrap()),
            127 => usize::try_from(self.stream.read_u64().await.unwrap()).unwrap(),
            few => usize::from(few),
        };
        let mut body = vec![0; bytes];
        self.stream.read_exact(&mut body).await.unwrap();
        match head[0] & 0x0F {
            1 => Frame::Event(serde_json::from_slice(&body).unwrap()),
            9 => Frame::Ping,
            8 => Frame::End,
            other => panic!("a frame of kind {other}"),
        }
    }

    /// Sends a frame with an empty mask.
    pub(crate) async fn send(&mut self, kind: u8, body: &[u8]) {
        let mut frame = vec![0x80 | kind, 0x80 | 127];
        frame.extend_from_slice(&(body.len() as u64).to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(body);
        // The server may have closed in the middle.
        let _ = self.stream.write_all(&frame).await;
    }
}
