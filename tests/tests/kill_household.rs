//! Real households that lose their power, and one whose disk is full: what was acknowledged is there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use kaifong_tests::household::{Household, Refused};
use kaifong_tests::scenes::{does, posts, text};
use serde_json::{Value, json};

const KILLS: usize = 50;

fn alone() -> Command {
    Command::new(kaifong_tests::bin("kaifong"))
}

fn offer(title: &str) -> Value {
    json!({"side": "offer", "kind": "item", "mode": "share", "title": title})
}

fn founded(folder: &Path) -> Household {
    let mut li = Household::new("李叔", folder);
    li.start(alone(), &["--no-lan", "--bind", "127.0.0.1:0"]).unwrap();
    does(&mut li, "found", &json!({"building": "红棉里", "name": "李叔"})).unwrap();
    li
}

fn shown(household: &mut Household) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut after = Value::Null;
    loop {
        let page = does(household, "listings", &json!({"mine": true, "limit": 200, "after": after})).unwrap();
        let rows = page["rows"].as_array().unwrap();
        all.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        after = page["older"].clone();
        if rows.is_empty() || after.is_null() {
            return all;
        }
    }
}

// proves: A28
#[test]
fn fifty_kills_while_posting_lose_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut li = founded(&folder.path().join("home"));
    let mut saved = BTreeSet::new();
    for kill in 0..KILLS {
        // The killer strikes after some acknowledgements, a different number each time, while the next write is under way.
        let strike_after = kill % 7;
        let pid = li.pid().unwrap();
        let (acked, acks) = mpsc::channel::<()>();
        let killer = std::thread::spawn(move || {
            for _ in 0..strike_after {
                if acks.recv_timeout(Duration::from_secs(30)).is_err() {
                    break;
                }
            }
            Command::new("kill").arg("-KILL").arg(pid.to_string()).status().unwrap();
        });
        for number in 0.. {
            match li.ask("post", &offer(&format!("第{kill}次第{number}件"))) {
                Ok(posted) => saved.insert(text(&posted, "/listing").unwrap()),
                Err(lost) => {
                    assert_eq!(lost.code, "test-lost", "{lost:?}");
                    break;
                }
            };
            let _ = acked.send(());
        }
        killer.join().unwrap();
        li.kill();
        li.start(alone(), &["--no-lan", "--bind", "127.0.0.1:0"]).unwrap();
    }
    let found = shown(&mut li);
    let lost: Vec<_> = saved.difference(&found).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged listings are gone: {lost:?}", lost.len(), saved.len());
    let audit = does(&mut li, "audit", &json!({})).unwrap();
    assert_eq!(audit["ok"], json!(true), "{audit}");
    assert!(saved.len() >= KILLS, "too few writes for the test to mean anything: {}", saved.len());
    li.stop().unwrap();
}

/// A small disk of its own, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "kaifong-test"]).arg(folder.path());
        mount.output().is_ok_and(|done| done.status.success()).then_some(Self(folder))
    }

    fn grow(&self, size: &str) {
        let grown = Command::new("mount").args(["-o", &format!("remount,size={size}")]).arg(self.0.path()).status();
        assert!(grown.unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

// proves: A28
#[test]
fn a_full_disk_is_told_plainly_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount("12m") else { return println!("skipped: needs root and mount") };
    let mut li = founded(&disk.0.path().join("home"));
    let body = "写得很长的说明。".repeat(200);
    let mut saved = BTreeSet::new();
    let refused: Refused = loop {
        let mut long = offer(&format!("第{}件", saved.len()));
        long["body"] = json!(body);
        match li.ask("post", &long) {
            Ok(posted) => saved.insert(text(&posted, "/listing").unwrap()),
            Err(refused) => break refused,
        };
        assert!(saved.len() < 20_000, "the disk never filled");
    };
    assert_eq!(refused.code, "not-saved", "{refused:?}");
    assert!(!refused.sentence.is_empty());
    // It still answers, and shows everything that it has acknowledged.
    assert!(saved.is_subset(&shown(&mut li)), "reading goes on with a full disk");
    // Room again: it goes on by itself, or at the latest after a start.
    disk.grow("64m");
    if li.ask("post", &offer("又有地方了")).is_err() {
        li.stop().unwrap();
        li.start(alone(), &["--no-lan", "--bind", "127.0.0.1:0"]).unwrap();
        posts(&mut li, offer("又有地方了")).unwrap();
    }
    assert!(saved.is_subset(&shown(&mut li)));
    assert_eq!(does(&mut li, "audit", &json!({})).unwrap()["ok"], json!(true));
    li.stop().unwrap();
}
