//! What neighbours read of one, what stays at home, and what one can take along.

use std::collections::BTreeMap;
use std::path::Path;

use data_encoding::BASE64;
use kaifong_api::Event;
use kaifong_api::dto::Tag;
use kaifong_api::{Host, export};
use serde_json::{Value, json};

use crate::{ask, at_home, refused};

/// Every file of the store with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => BTreeMap::from([(path.display().to_string(), std::fs::read(&path).unwrap())]),
        })
        .collect()
}

// proves: A5
#[tokio::test]
async fn looking_at_a_profile_writes_nothing_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let host = at_home(dir.path()).await;
    let mut events = host.events();
    ask(&host, "post", json!({"side": "offer", "kind": "skill", "title": "修拉链"})).await.unwrap();
    // What was done is told a moment after it was answered; nothing is to be told after that.
    while !matches!(events.recv().await, Ok(Event::Changed(changed)) if changed.tags.contains(&Tag::Listings)) {}
    let me = ask(&host, "me", Value::Null).await.unwrap();
    let member = json!({"member": me["person"]["member"]});
    let standing = ask(&host, "audit", Value::Null).await.unwrap();
    let before = files(dir.path());
    for _ in 0..3 {
        ask(&host, "member", member.clone()).await.unwrap();
        ask(&host, "members", Value::Null).await.unwrap();
        ask(&host, "reviews", member.clone()).await.unwrap();
        ask(&host, "deals", member.clone()).await.unwrap();
        ask(&host, "export", Value::Null).await.unwrap();
    }
    let told = events.try_recv();
    assert!(told.is_err(), "nobody is told that somebody looked: {told:?}");
    assert!(before == files(dir.path()), "a file of the data folder is another after looking");
    let mut after = ask(&host, "audit", Value::Null).await.unwrap();
    after["ms"] = standing["ms"].clone();
    assert_eq!(after, standing);
    // The same look does see a change: what was compared can differ.
    ask(&host, "post", json!({"side": "need", "title": "借人字梯"})).await.unwrap();
    assert!(before != files(dir.path()), "what was compared does not tell one state from another");
    events.recv().await.unwrap();
    host.shutdown().await.unwrap();
}

#[tokio::test]
async fn where_one_lives_leaves_the_document_and_stays_at_home() {
    let dir = tempfile::tempdir().unwrap();
    let host = at_home(dir.path()).await;
    let seen = async || {
        let me = ask(&host, "me", Value::Null).await.unwrap();
        let row = ask(&host, "members", Value::Null).await.unwrap()["rows"][0]["person"]["block"].clone();
        assert_eq!(me["person"]["block"], row);
        (row, me["block_kept"].clone())
    };
    assert_eq!(seen().await, (json!("502"), json!("502")));
    let hidden = json!({"name": "陈姨", "block": "502", "about": "会修拉链", "show_block": false});
    ask(&host, "set_profile", hidden).await.unwrap();
    assert_eq!(seen().await, (json!(""), json!("502")));
    let long = json!({"name": "陈姨", "block": "5".repeat(31), "show_block": false});
    assert_eq!(refused(&host, "set_profile", long).await, "text-too-long");
    assert_eq!(seen().await, (json!(""), json!("502")), "a no loses nothing");
    ask(&host, "set_profile", json!({"name": "陈姨", "block": "502"})).await.unwrap();
    assert_eq!(seen().await, (json!("502"), json!("502")));
    host.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_one_takes_along_verifies_and_says_what_is_here() {
    let dir = tempfile::tempdir().unwrap();
    let host = at_home(dir.path()).await;
    ask(&host, "post", json!({"side": "offer", "kind": "skill", "title": "修拉链", "points": 5})).await.unwrap();
    let exported = ask(&host, "export", Value::Null).await.unwrap();
    let zip = BASE64.decode(exported["zip"].as_str().unwrap().as_bytes()).unwrap();
    let report = export::verify(&zip).unwrap();
    assert!(report.ok && report.pages_match && report.vouched_by_founder);
    assert_eq!((report.name.as_str(), report.shown.as_str(), report.journals), ("榕荫里", "502 陈姨", 1));
    let me = ask(&host, "me", Value::Null).await.unwrap();
    assert_eq!(json!(report.member), me["person"]["member"]);
    assert_eq!(exported["bytes"], zip.len());
    let text = String::from_utf8_lossy(&zip);
    assert!(["index.html", "kaifong.json", "listings.csv"].iter().all(|name| text.contains(name)));
    assert_eq!(refused(&host, "offer_phone", json!({"deal": "00".repeat(16), "number": "110"})).await, "deal-unknown");
    assert_eq!(refused(&host, "reply", json!({"deal": "00".repeat(16), "text": "谢"})).await, "deal-unknown");
    host.shutdown().await.unwrap();
}
