//! The socket: several clients, and what no honest client sends.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use kaifong_api::dto::Tag;
use kaifong_api::local::{Client, FILE_REQUEST_BYTES_MAX, Listening, REQUEST_BYTES_MAX};
use kaifong_api::{Event, NodeHost};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::installed_at_home;

/// A node that answers on its socket until told to stop.
struct Running {
    host: NodeHost,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Running {
    async fn on(data: &Path) -> Self {
        let (installation, host) = installed_at_home(data).await;
        let (stop, stopped) = oneshot::channel();
        let listening = Listening::open(data).unwrap();
        let served = tokio::spawn(listening.serve(installation, async {
            let _ = stopped.await;
        }));
        Self { host, stop, served }
    }

    async fn end(self) {
        let _ = self.stop.send(());
        self.served.await.unwrap();
        self.host.shutdown().await.unwrap();
    }
}

async fn client(data: &Path) -> Client {
    Client::connect(data).await.unwrap().expect("a node runs")
}

#[tokio::test]
async fn two_clients_ask_and_both_hear_what_changed() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Client::connect(dir.path()).await.unwrap().is_none(), "nobody answers yet");
    let running = Running::on(dir.path()).await;
    let (mut one, mut two) = (client(dir.path()).await, client(dir.path()).await);
    two.subscribe().await.unwrap();
    let posted = one.ask("post", json!({"side": "need", "title": "借人字梯"})).await.unwrap();
    // The change that founded the building may still be on its way to whoever subscribes just then.
    loop {
        let Event::Changed(changed) = two.next_event().await.unwrap() else { continue };
        if changed.tags.contains(&Tag::Listings) {
            break;
        }
    }
    // Its own questions go on beside the events.
    let needs = two.ask("needs", Value::Null).await.unwrap();
    assert_eq!(needs["rows"][0]["id"], posted["listing"]);
    let error = one.ask("agree", json!({"deal": "00".repeat(16)})).await.unwrap_err();
    assert_eq!(error.code.as_str(), "deal-unknown");
    assert_eq!(one.ask("nothing", Value::Null).await.unwrap_err().code.as_str(), "unknown-name");
    running.end().await;
    assert_eq!(one.ask("status", Value::Null).await.unwrap_err().code.as_str(), "not-reachable");
    assert!(!dir.path().join("kaifong.sock").exists(), "the socket is gone with its process");
}

#[tokio::test]
async fn a_bad_line_is_answered_and_the_next_one_is_heard() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::on(dir.path()).await;
    let stream = UnixStream::connect(dir.path().join("kaifong.sock")).await.unwrap();
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    for bad in ["", "hello", "{}", "[1]", r#"{"id":"x","name":"status"}"#, "\u{0}\u{1}"] {
        writer.write_all(format!("{bad}\n").as_bytes()).await.unwrap();
        let reply: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
        assert_eq!((&reply["id"], &reply["error"]["code"]), (&Value::Null, &json!("bad-arguments")), "{bad}");
    }
    writer.write_all(b"{\"id\":9,\"name\":\"me\"}\n").await.unwrap();
    let reply: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
    assert_eq!((&reply["id"], &reply["ok"]["person"]["name"]), (&json!(9), &json!("陈姨")));
    running.end().await;
}

#[tokio::test]
async fn a_line_without_end_is_cut_off_and_nobody_else_notices() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::on(dir.path()).await;
    let mut stream = UnixStream::connect(dir.path().join("kaifong.sock")).await.unwrap();
    // The server stops reading at its bound, so that not all of this may be taken.
    let _ = stream.write_all(&vec![b'x'; FILE_REQUEST_BYTES_MAX + 64 * 1024]).await;
    let mut told = String::new();
    // The rest that was never read makes the system cut the connection; the answer may come first or not at all.
    let _ = stream.read_to_string(&mut told).await;
    assert!(told.is_empty() || told.contains("bad-arguments"), "{told}");
    let mut other = client(dir.path()).await;
    assert_eq!(other.ask("me", Value::Null).await.unwrap()["person"]["name"], "陈姨");
    let long = other.ask("search", json!({"text": "x".repeat(REQUEST_BYTES_MAX)})).await.unwrap_err();
    assert_eq!(long.code.as_str(), "bad-arguments", "what is too long is not even sent");
    running.end().await;
}

#[tokio::test]
async fn a_client_that_asks_a_lot_at_once_gets_every_answer() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::on(dir.path()).await;
    let stream = UnixStream::connect(dir.path().join("kaifong.sock")).await.unwrap();
    let (reader, mut writer) = stream.into_split();
    let asked = 200;
    let asking = tokio::spawn(async move {
        for id in 0..asked {
            writer.write_all(format!("{{\"id\":{id},\"name\":\"me\"}}\n").as_bytes()).await.unwrap();
        }
        // Closing this half is no reason to leave questions unanswered.
        writer.shutdown().await.unwrap();
    });
    let mut lines = BufReader::new(reader).lines();
    let mut ids = std::collections::BTreeSet::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        ids.insert(serde_json::from_str::<Value>(&line).unwrap()["id"].as_u64().unwrap());
    }
    asking.await.unwrap();
    assert_eq!(ids, (0..asked).collect());
    running.end().await;
}

#[tokio::test]
async fn the_socket_is_for_its_owner_and_a_stale_one_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kaifong.sock");
    // A process that was killed leaves its socket behind.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists() && Client::connect(dir.path()).await.unwrap().is_none());
    let listening = Listening::open(dir.path()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let second = Listening::open(dir.path()).unwrap_err();
    assert_eq!(second.code.as_str(), "not-reachable", "one that answers is left alone");
    drop(listening);
    assert!(!path.exists());
    // What is not a socket is nobody's to remove.
    std::fs::write(&path, "a letter").unwrap();
    assert_eq!(Listening::open(dir.path()).unwrap_err().code.as_str(), "not-reachable");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "a letter");
}
