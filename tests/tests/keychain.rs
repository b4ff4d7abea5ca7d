//! The device key in a real keychain: Debian's, on a bus of its own, with the real binary.
#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use kaifong_tests::bin;
use kaifong_tests::household::Household;
use serde_json::{Value, json};

/// Why there is no keychain to be had on this machine; `None` when there is.
fn locked_out() -> Option<&'static str> {
    let there = |program: &str| {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders).any(|folder| folder.join(program).exists())
    };
    (!there("dbus-daemon") || !there("gnome-keyring-daemon"))
        .then_some("needs dbus-daemon and gnome-keyring-daemon (scripts/tools test)")
}

/// How the keychain of a session is.
#[derive(Clone, Copy, Debug)]
enum Keychain {
    /// Its owner has logged in.
    Unlocked,
    /// Its owner's password was not typed, and there is no window that could ask for it.
    Locked,
    /// Another owner's: what was put there is not in it.
    Empty,
}

/// A login session: a message bus that starts a keychain when somebody asks for it, as a desktop's does.
struct Session {
    bus: Child,
    address: String,
    _runtime: tempfile::TempDir,
}

impl Session {
    fn begin(home: &Path, keychain: Keychain) -> Self {
        // Its owner's alone: the keychain uses no other.
        let private = fs::Permissions::from_mode(0o700);
        let runtime = tempfile::Builder::new().prefix("session").permissions(private).tempdir_in(home).unwrap();
        let path = |name: &str| runtime.path().join(name).display().to_string();
        let (owner, unlock) = match keychain {
            Keychain::Unlocked => ("chen", "--unlock"),
            Keychain::Locked => ("chen", ""),
            Keychain::Empty => ("ma", "--unlock"),
        };
        let data = home.join(owner).display().to_string();
        fs::create_dir_all(path("services")).unwrap();
        let daemon = format!(
            "printf password | HOME={data} XDG_DATA_HOME={data} exec gnome-keyring-daemon --foreground {unlock} \
             --components=secrets --control-directory={} >/dev/null\n",
            runtime.path().display()
        );
        fs::write(path("keyring.sh"), daemon).unwrap();
        let service = format!("[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/sh {}\n", path("keyring.sh"));
        fs::write(path("services/secrets.service"), service).unwrap();
        let config = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen><servicedir>{}</servicedir>\
             <policy context=\"default\"><allow send_destination=\"*\"/><allow receive_sender=\"*\"/>\
             <allow own=\"*\"/></policy></busconfig>",
            path("bus"),
            path("services")
        );
        fs::write(path("bus.conf"), config).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .args(["--nofork", "--print-address", "--config-file", &path("bus.conf")])
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdout(Stdio::piped())
            .stderr(fs::File::create(path("bus.log")).unwrap())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { bus, address: address.trim().to_owned(), _runtime: runtime }
    }

    /// Gives the binary as somebody in this session starts it.
    fn kaifong(&self) -> Command {
        let mut kaifong = Command::new(bin("kaifong"));
        kaifong.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        kaifong
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The keychain ends with its bus.
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

/// Gives the binary as cron or a plain login starts it.
fn without_session() -> Command {
    let mut kaifong = Command::new(bin("kaifong"));
    kaifong.env_remove("DBUS_SESSION_BUS_ADDRESS");
    kaifong
}

fn status(mut kaifong: Command, data: &Path) -> Output {
    kaifong.arg("--data").arg(data).args(["--json", "status"]).output().unwrap()
}

fn told(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Asserts that the folder is not opened, says what people are told, and finds everything as it was.
fn is_refused(kaifong: Command, data: &Path, says: &str) {
    let file = fs::read(data.join("device.key")).unwrap();
    let output = status(kaifong, data);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error.get("code"), Some(&json!("store-unusable")));
    let sentence = error.get("sentence").and_then(Value::as_str).unwrap();
    assert!(sentence.contains("系统钥匙串") && sentence.contains(says), "{sentence}");
    assert_eq!(fs::read(data.join("device.key")).unwrap(), file);
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    // Short, because a socket's path has to fit into about a hundred bytes.
    let work = tempfile::Builder::new().prefix("kf").tempdir().unwrap();
    let data = work.path().join("chen-data");
    (work, data)
}

const OPTIONS: [&str; 5] = ["--keychain", "--no-lan", "--interface", "lo", "--bind=127.0.0.1:0"];

#[test]
fn a_key_in_the_keychain_opens_its_folder_in_its_owners_session_and_nowhere_else() {
    if let Some(why) = locked_out() {
        return println!("skipped: {why}");
    }
    let (work, data) = folder();
    let session = Session::begin(work.path(), Keychain::Unlocked);
    let mut chen = Household::new("陈姨", &data);
    chen.start(session.kaifong(), &OPTIONS).unwrap();
    chen.ask("found", &json!({"building": "榕荫里", "name": "陈姨", "block": "502", "about": ""})).unwrap();
    let running = chen.ask("status", &json!({})).unwrap();
    assert_eq!(running.get("key_kept"), Some(&json!("keychain")));
    let device = running.get("device").cloned().unwrap();
    chen.stop().unwrap();
    let refers = format!("kaifong-keychain 1 {}\n", device.as_str().unwrap());
    assert_eq!(fs::read_to_string(data.join("device.key")).unwrap(), refers);

    // A command that nobody told where the key lies.
    let again = told(&status(session.kaifong(), &data));
    assert_eq!((again.get("device"), again.get("name")), (Some(&device), Some(&json!("榕荫里"))));
    assert_eq!(again.get("key_kept"), Some(&json!("keychain")));
    let shown = session.kaifong().arg("--data").arg(&data).arg("status").output().unwrap();
    assert!(String::from_utf8_lossy(&shown.stdout).contains("在系统钥匙串里"), "{shown:?}");

    is_refused(without_session(), &data, "没有钥匙串");
    drop(session);
    for (keychain, says) in [(Keychain::Locked, "锁着"), (Keychain::Empty, "没有这一把")] {
        let session = Session::begin(work.path(), keychain);
        is_refused(session.kaifong(), &data, says);
    }
    let session = Session::begin(work.path(), Keychain::Unlocked);
    assert_eq!(told(&status(session.kaifong(), &data)).get("device"), Some(&device));
}

#[test]
fn without_a_keychain_a_new_key_goes_into_the_file_and_that_is_said() {
    let (_work, data) = folder();
    let mut chen = Household::new("陈姨", &data);
    chen.start(without_session(), &OPTIONS).unwrap();
    assert_eq!(chen.ask("status", &json!({})).unwrap().get("key_kept"), Some(&json!("file")));
    chen.stop().unwrap();
    assert_eq!(fs::read(data.join("device.key")).unwrap().len(), 32);
    let log = fs::read_to_string(data.with_extension("log")).unwrap();
    assert_eq!(log.matches("kept in a file").count(), 1, "{log}");
    assert!(log.contains("no D-Bus") && log.contains("--keychain"), "{log}");
}
