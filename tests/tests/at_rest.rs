//! What a household's data folder tells somebody who has the disk and not the device: nothing that was said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kaifong_tests::bin;
use kaifong_tests::household::Household;
use kaifong_tests::scenes::{does, posts};
use serde_json::{Value, json};

const OPTIONS: [&str; 3] = ["--no-lan", "--bind", "127.0.0.1:0"];
/// Everything here that nobody else is to read, as it was typed.
const SAID: [&str; 6] = ["木棉苑", "欧阳阿姨", "会修樟木箱", "樟木箱的铜锁片", "13926041857", "老花镜放在灶台上"];

fn begins(folder: &Path) -> Household {
    let mut li = Household::new("欧阳阿姨", folder);
    li.start(Command::new(bin("kaifong")), &OPTIONS).unwrap();
    li
}

/// A household that has said something.
fn lives(folder: &Path) -> Household {
    let mut li = begins(folder);
    does(&mut li, "found", &json!({"building": "木棉苑", "name": "欧阳阿姨", "about": "会修樟木箱"})).unwrap();
    let body = "打电话13926041857，老花镜放在灶台上。";
    posts(&mut li, json!({"side": "offer", "kind": "skill", "title": "樟木箱的铜锁片", "body": body})).unwrap();
    // Enough to be cut into pieces.
    for _ in 0..3 {
        posts(&mut li, json!({"side": "offer", "kind": "skill", "title": "樟木箱的铜锁片", "body": body.repeat(30)}))
            .unwrap();
    }
    does(&mut li, "set_notices", &json!({"turn": true, "request": true, "fit": false})).unwrap();
    li
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let (path, kind) = (entry.as_ref().unwrap().path(), entry.unwrap().file_type().unwrap());
        if kind.is_dir() {
            found.extend(files(&path));
        } else if kind.is_file() {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// Finds what was said in any file of the folder.
fn lies_open(folder: &Path) -> Vec<String> {
    let found = files(folder);
    let needles = SAID.iter().map(|said| (*said, said.as_bytes())).chain([("a switch's name", b"\"fit\"".as_slice())]);
    let has = |bytes: &[u8], needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    needles
        .flat_map(|(said, needle)| {
            let found = found.iter().filter(move |(_, bytes)| has(bytes, needle));
            found.map(move |(path, _)| format!("{said} in {}", path.display()))
        })
        .collect()
}

fn shows_everything(li: &mut Household) {
    let listings = does(li, "listings", &json!({"mine": true})).unwrap();
    let rows = listings["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    let text = listings.to_string() + &does(li, "me", &json!({})).unwrap().to_string();
    let first = rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
    let bodies: String =
        first.iter().map(|id| does(li, "listing", &json!({"listing": id})).unwrap().to_string()).collect();
    let status = does(li, "status", &json!({})).unwrap();
    let all = format!("{text}{bodies}{status}");
    for said in SAID {
        assert!(all.contains(said), "{said} is there again: {all}");
    }
    assert_eq!(status["aside"], Value::Null);
    assert_eq!(does(li, "audit", &json!({})).unwrap()["ok"], json!(true));
    assert_eq!(does(li, "notices", &json!({})).unwrap()["settings"]["fit"], json!(false));
}

// proves: A28
#[test]
fn a_data_folder_shows_nothing_that_was_said_and_its_own_device_shows_all_of_it() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("li");
    let mut li = lives(&folder);
    assert_eq!(lies_open(&folder), Vec::<String>::new(), "while it runs");
    li.stop().unwrap();
    assert_eq!(lies_open(&folder), Vec::<String>::new(), "after it has ended");
    let names: Vec<_> = files(&folder).into_keys().collect();
    assert!(names.contains(&folder.join("building")) && names.contains(&folder.join("notices.json")), "{names:?}");
    let mut li = begins(&folder);
    shows_everything(&mut li);
    // A kill leaves no more behind than an orderly end.
    li.kill();
    assert_eq!(lies_open(&folder), Vec::<String>::new(), "after a kill");
    shows_everything(&mut begins(&folder));
}

// proves: A28
#[test]
fn another_key_does_not_open_the_folder_says_so_and_harms_nothing() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("li");
    lives(&folder).stop().unwrap();
    let key = fs::read(folder.join("device.key")).unwrap();
    let status =
        || Command::new(bin("kaifong")).arg("--data").arg(&folder).args(["--json", "status"]).output().unwrap();

    fs::write(folder.join("device.key"), [9; 32]).unwrap();
    let before = files(&folder);
    let refused = status();
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    let error: Value = serde_json::from_slice(&refused.stderr).unwrap();
    assert_eq!(error["code"], json!("store-unusable"));
    assert!(error["sentence"].as_str().unwrap().contains("另一把钥匙"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("device.key"), "{error}");
    assert!(files(&folder) == before, "not a byte changed");
    assert!(begins_not(&folder).contains("另一把钥匙"));
    assert!(files(&folder) == before, "not a byte changed");

    // Without any key no second one is made.
    fs::remove_file(folder.join("device.key")).unwrap();
    let refused = status();
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    assert!(!folder.join("device.key").exists());
    fs::write(folder.join("device.key"), key).unwrap();
    shows_everything(&mut begins(&folder));
}

/// Gives what a household that does not come up says.
fn begins_not(folder: &Path) -> String {
    let run = Command::new(bin("kaifong")).arg("--data").arg(folder).arg("run").args(OPTIONS).output().unwrap();
    assert_eq!(run.status.code(), Some(3), "{run:?}");
    String::from_utf8(run.stderr).unwrap()
}
