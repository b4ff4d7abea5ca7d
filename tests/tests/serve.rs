//! `kaifong serve` as a real process: its link, its page, and a kill that a browser outlives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use kaifong_tests::bin;
use serde_json::{Value, json};

/// A process that serves, and what it says.
struct Serving {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Serving {
    fn on(data: &Path, args: &[&str]) -> Self {
        let mut child = kaifong(data)
            .args([&["serve", "--no-lan", "--bind", "127.0.0.1:0"], args].concat())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"))
    }

    /// Gives the link, once the building is open.
    fn link(&mut self) -> String {
        let link = self.line()["link"].as_str().unwrap().to_owned();
        assert_eq!(self.line()["up"], true);
        link
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn kaifong(data: &Path) -> Command {
    let mut command = Command::new(bin("kaifong"));
    command.arg("--data").arg(data).arg("--json");
    command
}

fn does(data: &Path, args: &[&str]) -> (i32, Value) {
    let output = kaifong(data).args(args).output().unwrap();
    let told = if output.status.success() { &output.stdout } else { &output.stderr };
    (output.status.code().unwrap(), serde_json::from_slice(told).unwrap())
}

/// Sends a request to a host as it stands, and gives the whole answer.
fn asked(host: &str, line: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    let head =
        format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Opens a link; gives the cookie, if it let somebody in.
fn enter(link: &str) -> (String, Option<String>) {
    let (host, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let answer = asked(host, &format!("GET /{path}"), "Accept: text/html\r\n", "");
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: "));
    (host.to_owned(), cookie.map(|cookie| cookie.split(';').next().unwrap().to_owned()))
}

fn name(host: &str, cookie: &str) -> String {
    let headers = format!("Cookie: {cookie}\r\nOrigin: http://{host}\r\nContent-Type: application/json\r\n");
    asked(host, "POST /api/me", &headers, "{}")
}

#[test]
fn a_browser_is_let_in_and_outlives_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("chen");
    assert_eq!(does(&data, &["found", "榕荫里", "--name", "陈姨"]).0, 0);
    let (code, error) = does(&data, &["open"]);
    assert_eq!((code, &error["code"]), (3, &json!("not-reachable")), "nobody serves yet");

    let mut serving = Serving::on(&data, &[]);
    let link = serving.link();
    let (host, cookie) = enter(&link);
    let cookie = cookie.expect("the link opens");
    assert_eq!(enter(&link).1, None, "once");
    assert!(name(&host, &cookie).contains("陈姨"));
    let (code, opened) = does(&data, &["open", "--to", "/desk"]);
    assert_eq!(code, 0);
    assert!(enter(opened["link"].as_str().unwrap()).1.is_some(), "{opened}");
    // Built or not, the front page is a page, and the way to the files beside the interface is closed.
    let page = asked(&host, "GET /", &format!("Cookie: {cookie}\r\nAccept: text/html\r\n"), "");
    assert!(page.contains("text/html") && page.contains("content-security-policy"), "{page}");
    assert!(asked(&host, "GET /../package.json", "", "").starts_with("HTTP/1.1 404"));

    drop(serving);
    let mut serving = Serving::on(&data, &[]);
    serving.link();
    assert!(name(&host, &cookie).contains("陈姨"), "the same port, the same browser");

    let other = dir.path().join("hou");
    let port = host.rsplit_once(':').unwrap().1;
    let taken = kaifong(&other).args(["serve", "--no-lan", "--bind", "127.0.0.1:0", "--port", port]).output().unwrap();
    let error: Value = serde_json::from_slice(taken.stderr.split(|byte| *byte == b'\n').rev().nth(1).unwrap()).unwrap();
    assert_eq!((taken.status.code(), &error["code"]), (Some(3), &json!("not-reachable")), "{error}");
    assert!(error["sentence"].as_str().unwrap().contains(port), "{error}");
}

#[test]
fn a_node_without_a_page_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut household = kaifong_tests::household::Household::new("陈姨", dir.path());
    household.start(Command::new(bin("kaifong")), &["--no-lan", "--bind", "127.0.0.1:0"]).unwrap();
    let (code, error) = does(dir.path(), &["open"]);
    assert_eq!((code, &error["code"]), (3, &json!("not-reachable")));
    assert!(error["hint"].as_str().unwrap().contains("kaifong serve"), "{error}");
    household.kill();
}
