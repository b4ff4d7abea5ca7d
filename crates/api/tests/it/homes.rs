//! Several buildings on one device: each with its own key, rows and notices, and the road that names which.

use std::path::Path;
use std::time::Duration;

use kaifong_api::local::Client;
use kaifong_api::{Event, HomeId, Installation};
use serde_json::{Value, json};

use crate::browser::{Browser, Frame, Serving};
use crate::{installed, installed_at_home, offline};

const NEVER: Duration = Duration::from_secs(3_600);
const FIRST: &str = "0000000000000000";

async fn asks(installation: &Installation, home: Option<&str>, name: &str, args: Value) -> Value {
    installation.ask(home, name, args).await.unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

async fn refused(installation: &Installation, home: Option<&str>, name: &str, args: Value) -> String {
    installation.ask(home, name, args).await.unwrap_err().code.to_string()
}

/// 侯叔 lives in 榕荫里 and is at home in 梧桐苑 too, where his parents live; gives the second home.
async fn hou_in_two(data: &Path) -> (Installation, String) {
    let (installation, _) = installed_at_home(data).await;
    let home = asks(&installation, None, "add_home", Value::Null).await["home"].as_str().unwrap().to_owned();
    let founded = json!({"building": "梧桐苑", "name": "小侯", "block": "101"});
    asks(&installation, Some(&home), "found", founded).await;
    (installation, home)
}

#[tokio::test]
async fn a_folder_of_one_building_is_asked_without_naming_it() {
    let dir = tempfile::tempdir().unwrap();
    let (installation, host) = installed_at_home(dir.path()).await;
    let homes = asks(&installation, None, "homes", Value::Null).await;
    let rows = homes["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["home"], &rows[0]["name"]), (1, &json!(FIRST), &json!("榕荫里")));
    assert_eq!(rows[0]["person"]["name"], "陈姨");
    let status = asks(&installation, None, "status", Value::Null).await;
    assert_eq!(status, asks(&installation, Some(FIRST), "status", Value::Null).await);
    assert_eq!(status["device"], serde_json::to_value(host.standing().await.unwrap()).unwrap()["device"]);
    assert!(!dir.path().join("homes").exists(), "nothing was added to a folder of today");
    installation.shutdown().await.unwrap();
}

#[tokio::test]
async fn two_buildings_share_no_key_and_no_row_and_are_both_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (installation, parents) = hou_in_two(dir.path()).await;
    let draft = |title: &str| json!({"side": "offer", "kind": "item", "mode": "share", "title": title});
    asks(&installation, Some(FIRST), "post", draft("人字梯")).await;
    asks(&installation, Some(&parents), "post", draft("轮椅")).await;
    for (home, own, foreign) in [(FIRST, "人字梯", "轮椅"), (parents.as_str(), "轮椅", "人字梯")] {
        let listed = asks(&installation, Some(home), "listings", json!({})).await.to_string();
        assert!(listed.contains(own) && !listed.contains(foreign), "{home}: {listed}");
    }
    let keys = async |installation: &Installation| {
        let mut keys = Vec::new();
        for home in [FIRST, &parents] {
            let status = asks(installation, Some(home), "status", Value::Null).await;
            keys.push((status["device"].clone(), status["building"].clone(), status["member"].clone()));
        }
        keys
    };
    let before = keys(&installation).await;
    assert!(before[0].0 != before[1].0 && before[0].1 != before[1].1 && before[0].2 != before[1].2, "{before:?}");
    let files = [dir.path().join("device.key"), dir.path().join("homes").join(&parents).join("device.key")];
    let [here, there] = files.map(|file| std::fs::read(file).unwrap());
    assert_ne!(here, there, "each has a key of its own");
    installation.shutdown().await.unwrap();
    let (again, _) = installed(dir.path()).await;
    assert_eq!(keys(&again).await, before);
    again.shutdown().await.unwrap();
}

#[tokio::test]
async fn where_there_are_two_nothing_is_done_in_the_wrong_one() {
    let dir = tempfile::tempdir().unwrap();
    let (installation, parents) = hou_in_two(dir.path()).await;
    for name in ["status", "post", "withdraw_invites", "nonsense"] {
        assert_eq!(refused(&installation, None, name, Value::Null).await, "home-untold", "{name}");
    }
    let long = "a".repeat(10_000);
    for wrong in
        ["", "..", "../homes", "0", "00000000000000zz", "ffffffffffffffff", "榕荫里", parents.get(..8).unwrap(), &long]
    {
        assert_eq!(refused(&installation, Some(wrong), "status", Value::Null).await, "home-unknown", "{wrong}");
    }
    assert_eq!(refused(&installation, Some(FIRST), "nonsense", Value::Null).await, "unknown-name");
    // Who is in a building asks to join it from no other home, and hears so before anything leaves the device.
    let invited =
        asks(&installation, Some(FIRST), "invite", json!({"valid_ms": 3_600_000, "addresses": ["127.0.0.1:9"]}));
    let ticket = invited.await["ticket"].clone();
    let third = asks(&installation, None, "add_home", Value::Null).await["home"].as_str().unwrap().to_owned();
    let applies = json!({"invitation": ticket, "name": "侯叔", "household": "706", "real_name": "侯志明"});
    assert_eq!(refused(&installation, Some(&third), "apply", applies).await, "already-home");
    assert_eq!(asks(&installation, Some(&third), "application", Value::Null).await["state"], "none");
    installation.shutdown().await.unwrap();
}

#[tokio::test]
async fn room_is_used_before_more_is_made_and_there_is_an_end_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let (installation, _) = installed_at_home(dir.path()).await;
    let mut made = Vec::new();
    for number in 0..7 {
        let home = asks(&installation, None, "add_home", Value::Null).await["home"].clone();
        assert_eq!(asks(&installation, None, "add_home", Value::Null).await["home"], home, "nobody has used it yet");
        let founded = json!({"building": format!("楼 {number}"), "name": "侯叔"});
        asks(&installation, home.as_str(), "found", founded).await;
        made.push(home);
    }
    made.sort_by_key(ToString::to_string);
    made.dedup();
    assert_eq!(made.len(), 7);
    assert_eq!(refused(&installation, None, "add_home", Value::Null).await, "homes-full");
    installation.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_home_that_a_page_asked_for_and_did_not_wait_for_opens_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (installation, _) = installed_at_home(dir.path()).await;
    let mut events = installation.events();
    {
        let mut asked = installation.ask(None, "add_home", Value::Null);
        // Asked once, and dropped before there is an answer.
        tokio::select! {
            biased;
            _ = &mut asked => panic!("answered at once"),
            () = std::future::ready(()) => {}
        }
    }
    let added = loop {
        let told = tokio::time::timeout(NEVER, events.recv()).await.unwrap().unwrap();
        if let Some(home) = told.home.filter(|home| home.to_string() != FIRST) {
            break home.to_string();
        }
    };
    let founded = json!({"building": "梧桐苑", "name": "小侯", "block": "101"});
    asks(&installation, Some(&added), "found", founded).await;
    installation.shutdown().await.unwrap();
    let (again, _) = installed(dir.path()).await;
    assert_eq!(asks(&again, Some(&added), "status", Value::Null).await["name"], "梧桐苑");
    again.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_forgotten_building_lies_aside_and_the_others_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let (installation, parents) = hou_in_two(dir.path()).await;
    let gone = "00000000000000ff";
    assert_eq!(refused(&installation, None, "forget_home", json!({"home": gone})).await, "home-unknown");
    assert_eq!(refused(&installation, None, "forget_home", json!({"home": "../x"})).await, "bad-arguments");
    let key = std::fs::read(dir.path().join("device.key")).unwrap();
    let forgotten = asks(&installation, None, "forget_home", json!({"home": FIRST})).await;
    let aside = Path::new(forgotten["aside"].as_str().unwrap()).to_owned();
    assert!(aside.starts_with(dir.path().join("forgotten")) && !dir.path().join("device.key").exists());
    assert_eq!(std::fs::read(aside.join("device.key")).unwrap(), key);
    assert_eq!(refused(&installation, Some(FIRST), "status", Value::Null).await, "home-unknown");
    // The other is the only one now, here and for the next process.
    assert_eq!(asks(&installation, None, "status", Value::Null).await["name"], "梧桐苑");
    installation.shutdown().await.unwrap();
    let installation = Installation::open(offline(dir.path())).await.unwrap();
    assert_eq!(asks(&installation, None, "status", Value::Null).await["name"], "梧桐苑");
    // Without any, one is asked how to go on.
    asks(&installation, None, "forget_home", json!({"home": parents})).await;
    let homes = asks(&installation, None, "homes", Value::Null).await;
    assert_eq!((homes["rows"].as_array().unwrap().len(), &homes["rows"][0]["building"]), (1, &Value::Null));
    installation.shutdown().await.unwrap();
    // What lies aside is a whole data folder.
    let (back, _) = installed(&aside).await;
    assert_eq!(asks(&back, None, "status", Value::Null).await["name"], "榕荫里");
    back.shutdown().await.unwrap();
}

#[tokio::test]
async fn one_that_does_not_open_keeps_no_other_from_opening() {
    let dir = tempfile::tempdir().unwrap();
    let (installation, parents) = hou_in_two(dir.path()).await;
    installation.shutdown().await.unwrap();
    std::fs::remove_file(dir.path().join("homes").join(&parents).join("device.key")).unwrap();
    let (installation, _) = installed(dir.path()).await;
    let homes = asks(&installation, None, "homes", Value::Null).await;
    // Without its key nothing of it can be read, its name neither.
    assert_eq!((&homes["rows"][0]["shut"], &homes["rows"][1]["name"]), (&Value::Null, &Value::Null), "{homes}");
    assert!(homes["rows"][1]["shut"].as_str().unwrap().contains("钥匙"), "{homes}");
    assert_eq!(refused(&installation, Some(&parents), "today", Value::Null).await, "store-unusable");
    asks(&installation, Some(FIRST), "today", Value::Null).await;
    installation.shutdown().await.unwrap();
}

#[tokio::test]
async fn the_path_names_the_building_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let (installation, parents) = hou_in_two(dir.path()).await;
    let (_, host) = installation.home(Some(FIRST)).unwrap();
    let serving = Serving::on(dir.path(), (installation, host), NEVER).await;
    let hou = serving.let_in().await;
    assert_eq!(hou.post(&format!("{FIRST}/me"), &json!({})).await.json()["person"]["name"], "陈姨");
    assert_eq!(hou.post(&format!("{parents}/me"), &json!({})).await.json()["person"]["name"], "小侯");
    assert_eq!(hou.post("homes", &json!({})).await.json()["rows"].as_array().unwrap().len(), 2);
    let untold = hou.post("me", &json!({})).await;
    assert_eq!((untold.status, untold.code().as_str()), (409, "home-untold"));
    for wrong in
        ["ffffffffffffffff/me", "../me", "..%2f..%2fdevice.key/me", "%2e%2e/me", "homes%2f../me", "/me", "%00/me"]
    {
        let answer = hou.post(wrong, &json!({})).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "home-unknown"), "{wrong}");
    }
    for deeper in [format!("{FIRST}/{parents}/me"), format!("{FIRST}/../me"), format!("{FIRST}%2f../me")] {
        let answer = hou.post(&deeper, &json!({})).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "unknown-name"), "{deeper}");
    }
    // The guard looks at these paths as at all others, and the cookie is one for the installation.
    let json = ("Content-Type", "application/json");
    let foreign = hou.send(&format!("{parents}/me"), &[json, ("Origin", "https://evil.example")], b"{}").await;
    assert_eq!((foreign.status, foreign.code().as_str()), (403, "foreign-page"));
    let stranger = Browser { port: serving.port, cookie: None };
    for path in [format!("{parents}/me"), "homes".into(), "add_home".into(), "ffffffffffffffff/me".into()] {
        let refused = stranger.post(&path, &json!({})).await;
        assert_eq!((refused.status, refused.code().as_str()), (401, "no-session"), "{path}");
    }
    serving.end().await;
}

#[tokio::test]
async fn the_cookie_of_another_installation_opens_nothing() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (installation, _) = hou_in_two(one.path()).await;
    let (_, host) = installation.home(Some(FIRST)).unwrap();
    let here = Serving::on(one.path(), (installation, host), NEVER).await;
    let there = Serving::on(other.path(), installed_at_home(other.path()).await, NEVER).await;
    let let_in = there.let_in().await;
    // The secret of the other's cookie, under this one's name and under its own.
    let cookie = let_in.cookie.clone().unwrap();
    let secret = cookie.split_once('=').unwrap().1.to_owned();
    for cookie in [cookie, format!("kaifong_{}={secret}", here.port)] {
        let brought = Browser { port: here.port, cookie: Some(cookie) };
        for path in ["homes".to_owned(), format!("{FIRST}/me")] {
            assert_eq!(brought.post(&path, &json!({})).await.status, 401, "{path}");
        }
    }
    assert_eq!(let_in.post(&format!("{FIRST}/me"), &json!({})).await.status, 200);
    here.end().await;
    there.end().await;
}

#[tokio::test]
async fn every_event_says_where_it_happened() {
    let dir = tempfile::tempdir().unwrap();
    let (installation, parents) = hou_in_two(dir.path()).await;
    let (_, host) = installation.home(Some(FIRST)).unwrap();
    let serving = Serving::on(dir.path(), (installation, host), NEVER).await;
    let hou = serving.let_in().await;
    let mut watching = hou.watch().await;
    let mut client = Client::connect(dir.path()).await.unwrap().unwrap();
    assert_eq!(client.subscribe().await.unwrap_err().code.as_str(), "home-untold");
    client.at_home(Some(FIRST.parse::<HomeId>().unwrap()));
    client.subscribe().await.unwrap();
    let need = |title: &str| json!({"side": "need", "title": title});
    hou.post(&format!("{parents}/post"), &need("陪诊")).await;
    hou.post(&format!("{FIRST}/post"), &need("换灯泡")).await;
    let mut from = Vec::new();
    while !from.contains(&json!(FIRST)) || !from.contains(&json!(parents)) {
        let Frame::Event(event) = watching.next().await else { panic!("the page was left") };
        assert_eq!(event["event"], "changed");
        if event["payload"]["tags"].as_array().unwrap().contains(&json!("listings")) {
            from.push(event["home"].clone());
        }
    }
    // The socket tells of one home: the first change there is the second thing that happened.
    let Event::Changed(changed) = client.next_event().await.unwrap() else { panic!("no notice is told here") };
    assert!(!changed.tags.is_empty());
    let listed = client.ask("listings", json!({})).await.unwrap();
    assert_eq!((&listed["total"], &listed["rows"][0]["title"]), (&json!(1), &json!("换灯泡")));
    serving.end().await;
}
