//! 核对: what was signed about a deal or a payment, verified once more.

use std::path::Path;

use kaifong_api::{KeyPlace, NodeHost, Options};
use serde_json::{Value, json};

use crate::{ask, at_home, refused};

/// Opens a device that others on this machine reach.
async fn reachable(data: &Path) -> NodeHost {
    let (data, new_key, bind) = (data.to_owned(), KeyPlace::File, "127.0.0.1:0".parse().ok());
    let options = Options { data, new_key, lan: false, bind, interfaces: None, relay: None, offline: false };
    NodeHost::open(options).await.unwrap()
}

async fn does(host: &NodeHost, name: &str, args: Value) -> Value {
    ask(host, name, args.clone()).await.unwrap_or_else(|error| panic!("{name} {args}: {error:?}"))
}

/// Waits until a part of a query's result is as wanted.
async fn waits(host: &NodeHost, query: &str, args: Value, at: &str, is: Value) {
    let wanted = json!({"query": query, "args": args, "at": at, "is": is, "timeout_ms": 60_000});
    assert_eq!(does(host, "wait", wanted.clone()).await["met"], true, "{wanted}");
}

fn says(verified: &Value) -> Vec<&str> {
    verified["papers"].as_array().unwrap().iter().map(|paper| paper["says"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_deal_and_its_payment_are_verified_from_their_bytes_on_both_sides() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (chen, hou) = (reachable(one.path()).await, reachable(two.path()).await);
    does(&chen, "found", json!({"building": "榕荫里", "name": "陈姨"})).await;
    let invited = does(&chen, "invite", json!({"valid_ms": 3_600_000})).await;
    let asks = json!({"invitation": invited["ticket"], "name": "侯叔", "household": "706", "real_name": "侯志明"});
    does(&hou, "apply", asks).await;
    does(&chen, "wait", json!({"query": "requests", "at": "/rows", "least": 1, "timeout_ms": 60_000})).await;
    let device = does(&chen, "requests", Value::Null).await["rows"][0]["device"].clone();
    does(&chen, "approve", json!({"device": device})).await;
    let me = does(&chen, "me", Value::Null).await["person"]["member"].clone();
    does(&chen, "set_witness", json!({"member": me, "named": true})).await;
    waits(&hou, "application", json!({}), "/state", json!("approved")).await;

    let offer = json!({"side": "offer", "kind": "skill", "title": "通渠", "points": 12});
    let listing = does(&chen, "post", offer).await["listing"].clone();
    waits(&hou, "listing", json!({"listing": listing}), "/listing/id", listing.clone()).await;
    let deal = does(&hou, "answer", json!({"listing": listing})).await["deal"].clone();
    let this = json!({"deal": deal});
    waits(&chen, "deal", this.clone(), "/deal/stage", json!("answered")).await;
    does(&chen, "agree", this.clone()).await;
    waits(&hou, "deal", this.clone(), "/deal/stage", json!("agreed")).await;
    does(&chen, "done", this.clone()).await;
    waits(&hou, "deal", this.clone(), "/deal/giver_confirmed", json!(true)).await;
    does(&hou, "done", this.clone()).await;
    for host in [&chen, &hou] {
        // The founder's device stamps by itself what others pay; nobody stamps an own journal.
        let stamped = json!({"query": "verify", "args": this, "at": "/papers", "least": 7, "timeout_ms": 60_000});
        assert_eq!(does(host, "wait", stamped).await["met"], true);
        let verified = does(host, "verify", this.clone()).await;
        assert_eq!(verified["ok"], true, "{verified}");
        let said = says(&verified);
        assert_eq!(said, ["answer", "agree", "done", "done", "transfer", "accept", "stamp"], "{verified}");
        assert_eq!((&verified["journals"], &verified["devices"]), (&json!(2), &json!(2)), "{verified}");
        // Besides the seven: at least the opening entries and the newcomer's certificate.
        assert!(verified["signatures"].as_u64().unwrap() >= 10, "{verified}");
        let papers = verified["papers"].as_array().unwrap();
        let by = |at: usize| papers[at]["by"]["name"].as_str().unwrap();
        assert_eq!([by(0), by(1), by(4), by(5), by(6)], ["侯叔", "陈姨", "侯叔", "陈姨", "陈姨"]);
        assert_eq!((&papers[0]["cites"], &papers[1]["cites"]), (&Value::Null, &papers[0]["entry"]));
        assert_eq!((&papers[4]["points"], &papers[5]["cites"]), (&json!(12), &papers[4]["entry"]));

        let alone = does(host, "verify", json!({"entry": papers[4]["entry"]})).await;
        assert_eq!((says(&alone), &alone["ok"]), (vec!["transfer", "accept", "stamp"], &json!(true)));
        let one = does(host, "verify", json!({"entry": papers[1]["entry"]})).await;
        assert_eq!(says(&one), ["agree"]);
    }
    chen.shutdown().await.unwrap();
    hou.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_verified_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let host = at_home(dir.path()).await;
    let (deal, entry) = ("00".repeat(16), "00".repeat(32));
    assert_eq!(refused(&host, "verify", json!({"deal": deal})).await, "deal-unknown");
    for args in [json!({}), json!({"entry": entry}), json!({"deal": deal, "entry": entry})] {
        assert_eq!(refused(&host, "verify", args).await, "bad-arguments");
    }
    host.shutdown().await.unwrap();
}
