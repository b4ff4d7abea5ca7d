//! One household on one device.

use kaifong_api::ApiError;
use kaifong_api::table::{COMMANDS, QUERIES};
use serde_json::{Value, json};

use crate::{ask, at_home, open, refused};

#[tokio::test]
async fn before_there_is_a_building_everything_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let host = open(dir.path()).await;
    let status = ask(&host, "status", Value::Null).await.unwrap();
    assert!(status["building"].is_null() && status["projection"].is_null() && status["member"].is_null());
    assert_eq!(status["device"].as_str().unwrap().len(), 64);
    assert_eq!(ask(&host, "application", Value::Null).await.unwrap()["state"], "none");
    assert!(ask(&host, "me", Value::Null).await.unwrap()["person"].is_null());
    for name in ["building", "members", "listings", "deals", "today", "points", "requests", "invites"] {
        assert_eq!(refused(&host, name, Value::Null).await, "no-building", "{name}");
    }
    let post = json!({"side": "need", "title": "借人字梯"});
    assert_eq!(refused(&host, "post", post).await, "no-building");
    host.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_founded_building_is_told_in_plain_data() {
    let dir = tempfile::tempdir().unwrap();
    let host = at_home(dir.path()).await;
    let building = ask(&host, "building", Value::Null).await.unwrap();
    assert_eq!(building["name"], "榕荫里");
    assert_eq!(building["founder"]["name"], "陈姨");
    assert_eq!((&building["members"], &building["charter"]["quota"]), (&json!(1), &json!(100)));
    let me = ask(&host, "me", Value::Null).await.unwrap();
    assert_eq!((&me["about"], &me["reviewer"]), (&json!("会修拉链"), &json!(true)));
    let member = me["person"]["member"].as_str().unwrap();
    let shown = ask(&host, "member", json!({"member": member})).await.unwrap();
    assert!(shown["verified_by"].is_null() && shown["record"]["stars"].is_null());
    let account = ask(&host, "points", Value::Null).await.unwrap();
    assert_eq!((&account["balance"], &account["rights"]), (&json!(0), &json!(100)));
    let audit = ask(&host, "audit", Value::Null).await.unwrap();
    assert_eq!((&audit["ok"], &audit["ledger_sum"], &audit["first_fault"]), (&json!(true), &json!(0), &Value::Null));
    assert_eq!(audit["projection"], ask(&host, "status", Value::Null).await.unwrap()["projection"]);
    assert_eq!(refused(&host, "found", json!({"building": "再来一栋", "name": "陈姨"})).await, "already-home");
    host.shutdown().await.unwrap();
    // What was told survives, for the next process.
    let host = open(dir.path()).await;
    assert_eq!(ask(&host, "building", Value::Null).await.unwrap(), building);
    host.shutdown().await.unwrap();
}

#[tokio::test]
async fn listings_are_posted_changed_paged_and_closed() {
    let dir = tempfile::tempdir().unwrap();
    let host = at_home(dir.path()).await;
    let mut posted = Vec::new();
    for number in 0..5 {
        let draft = json!({"side": "offer", "kind": "item", "mode": "share", "title": format!("人字梯 {number}")});
        posted.push(ask(&host, "post", draft).await.unwrap()["listing"].clone());
    }
    ask(&host, "post", json!({"side": "need", "title": "修單車", "points": 10})).await.unwrap();
    assert_eq!(ask(&host, "needs", json!({})).await.unwrap()["total"], 1);
    // 繁 and 简 meet.
    assert_eq!(ask(&host, "listings", json!({"text": "修单车"})).await.unwrap()["total"], 1);

    let first = ask(&host, "offers", json!({"limit": 2})).await.unwrap();
    assert!(first["newer"].is_null() && first["total"] == 5, "{first}");
    let second = ask(&host, "offers", json!({"limit": 2, "after": first["older"]})).await.unwrap();
    let third = ask(&host, "offers", json!({"limit": 2, "after": second["older"]})).await.unwrap();
    assert!(third["older"].is_null() && third["rows"].as_array().unwrap().len() == 1, "{third}");
    let back = ask(&host, "offers", json!({"limit": 2, "before": third["newer"]})).await.unwrap();
    assert_eq!(back["rows"], second["rows"]);
    let back = ask(&host, "offers", json!({"limit": 2, "before": back["newer"]})).await.unwrap();
    assert_eq!((&back["rows"], &back["newer"]), (&first["rows"], &Value::Null));

    let listing = &posted[0];
    let words = json!({"side": "offer", "kind": "item", "mode": "donate", "title": "送人字梯"});
    ask(&host, "edit_listing", json!({"listing": listing, "words": words})).await.unwrap();
    let shown = ask(&host, "listing", json!({"listing": listing})).await.unwrap();
    assert_eq!((&shown["listing"]["title"], &shown["listing"]["mode"]), (&json!("送人字梯"), &json!("donate")));
    assert_eq!((&shown["listing"]["mine"], &shown["answers"]), (&json!(true), &json!(0)));
    ask(&host, "close_listing", json!({"listing": listing})).await.unwrap();
    assert_eq!(ask(&host, "offers", json!({"open": true})).await.unwrap()["total"], 4);
    let digits: String = listing.as_str().unwrap().chars().take(12).collect();
    assert_eq!(ask(&host, "resolve", json!({"what": "listing", "prefix": digits})).await.unwrap()["id"], *listing);
    // Nobody is told of their own.
    let fits = ask(&host, "matches", json!({"listing": posted[1]})).await.unwrap();
    assert_eq!(fits["rows"], json!([]));
    let found = ask(&host, "search", json!({"text": "梯子"})).await.unwrap();
    assert_eq!(found["rows"].as_array().unwrap().len(), 4, "{found}");
    assert_eq!(ask(&host, "today", Value::Null).await.unwrap()["news_total"], 0);
    host.shutdown().await.unwrap();
}

#[tokio::test]
async fn each_refusal_comes_with_its_code() {
    let dir = tempfile::tempdir().unwrap();
    let host = at_home(dir.path()).await;
    let offer = |title: &str| json!({"side": "offer", "kind": "skill", "title": title});
    let listing = ask(&host, "post", offer("教书法")).await.unwrap()["listing"].clone();
    let (id, member) = ("00".repeat(16), ask(&host, "me", Value::Null).await.unwrap()["person"]["member"].clone());
    for (name, args, code) in [
        ("post", offer(""), "text-empty"),
        ("post", offer(&"字".repeat(61)), "text-too-long"),
        ("post", offer("a\u{202e}b"), "text-unprintable"),
        ("post", json!({"side": "offer", "title": "没有类别"}), "kind-missing"),
        ("post", json!({"side": "offer", "kind": "item", "title": "没有给法"}), "mode-mismatch"),
        ("post", json!({"side": "offer", "kind": "time", "title": "太多", "points": 1_000_001}), "out-of-range"),
        ("close_listing", json!({"listing": id}), "listing-unknown"),
        ("answer", json!({"listing": listing}), "own-listing"),
        ("agree", json!({"deal": id}), "deal-unknown"),
        ("review", json!({"deal": id, "stars": 6}), "out-of-range"),
        ("give", json!({"to": member, "points": 1}), "transfer-malformed"),
        ("approve", json!({"device": "00".repeat(32)}), "request-unknown"),
        ("member", json!({"member": id}), "member-unknown"),
        ("deal", json!({"deal": id}), "deal-unknown"),
        ("deal", json!({"deal": "xyz"}), "bad-arguments"),
        ("deal", json!({}), "bad-arguments"),
        ("status", json!({"extra": 1}), "bad-arguments"),
        ("apply", json!({"invitation": "?", "name": "a", "household": "b", "real_name": "c"}), "bad-arguments"),
        ("link_device", json!({"device": "00".repeat(32), "seal": "7"}), "bad-arguments"),
        ("invite", json!({"valid_ms": 60_000, "addresses": ["here"]}), "bad-arguments"),
        ("listings", json!({"limit": 0}), "bad-arguments"),
        ("resolve", json!({"what": "deal", "prefix": "abc"}), "bad-arguments"),
        ("subscribe", json!({}), "unknown-name"),
        ("lisitngs", json!({}), "unknown-name"),
    ] {
        assert_eq!(refused(&host, name, args.clone()).await, code, "{name} {args}");
    }
    let near: ApiError = ask(&host, "listin", Value::Null).await.unwrap_err();
    assert!(near.hint.unwrap().contains("listings"));
    host.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_invitation_is_listed_until_it_is_withdrawn() {
    let dir = tempfile::tempdir().unwrap();
    let host = at_home(dir.path()).await;
    let invited =
        ask(&host, "invite", json!({"valid_ms": 3_600_000, "addresses": ["192.168.1.7:4400"]})).await.unwrap();
    assert!(invited["ticket"].as_str().unwrap().starts_with("KAIFONG1"));
    assert_eq!(invited["code"].as_str().unwrap().len(), 14);
    assert_eq!((&invited["building"], &invited["addresses"]), (&json!("榕荫里"), &json!(["192.168.1.7:4400"])));
    let listed = ask(&host, "invites", Value::Null).await.unwrap()["rows"][0].clone();
    assert_eq!((&listed["open"], &listed["expires_at"]), (&json!(true), &invited["expires_at"]));
    ask(&host, "withdraw_invites", Value::Null).await.unwrap();
    assert_eq!(ask(&host, "invites", Value::Null).await.unwrap()["rows"][0]["open"], false);
    host.shutdown().await.unwrap();
}

#[tokio::test]
async fn whoever_waits_is_woken_by_the_change() {
    let dir = tempfile::tempdir().unwrap();
    let host = at_home(dir.path()).await;
    let waits = |wanted: Value| {
        let host = host.clone();
        tokio::spawn(async move { ask(&host, "wait", wanted).await })
    };
    let one = waits(json!({"query": "needs", "at": "/total", "least": 1, "timeout_ms": 60_000}));
    let any = waits(json!({"tags": ["listings"], "timeout_ms": 60_000}));
    // Both have their turn to listen before the change; a later listener would find the need posted.
    tokio::task::yield_now().await;
    ask(&host, "post", json!({"side": "need", "title": "借人字梯"})).await.unwrap();
    let met = one.await.unwrap().unwrap();
    assert_eq!((&met["met"], &met["result"]["total"]), (&json!(true), &json!(1)));
    assert_eq!(any.await.unwrap().unwrap()["met"], true);
    let late =
        ask(&host, "wait", json!({"query": "needs", "at": "/total", "least": 2, "timeout_ms": 1})).await.unwrap();
    assert_eq!((&late["met"], &late["result"]["total"]), (&json!(false), &json!(1)));
    host.shutdown().await.unwrap();
}

#[tokio::test]
async fn every_name_of_the_table_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let host = open(dir.path()).await;
    for name in COMMANDS.iter().chain(QUERIES) {
        // Whatever it says, it is not that there is no such name.
        let answer = ask(&host, name, json!({"no": "such argument"})).await.unwrap_err();
        assert_eq!(answer.code.as_str(), "bad-arguments", "{name}");
    }
    host.shutdown().await.unwrap();
}
