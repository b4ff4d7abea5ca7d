//! The lock of the screens: what a locked one hears, what opens it, and what outlives the process.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kaifong_api::dto::{Changed, Notice, NoticeKind, Tag};
use kaifong_api::notices::{LocalTime, Timing};
use kaifong_api::{Asker, Event, HomeId, Installation, Told, homes, table};
use serde_json::{Value, json};

use crate::browser::Serving;
use crate::{at_home, installed, offline};

const MINUTE_MS: u64 = 60_000;
const NOON: u64 = 1_800_000_000_000;
const PHONE: Asker = Asker::Screen([7; 32]);
const LOCK_ROWS: [&str; 7] = ["lock", "touch", "lock_now", "unlock", "unlock_by_sheet", "set_lock", "remove_lock"];

/// A clock that goes when it is set.
#[derive(Clone)]
struct Wall(Arc<AtomicU64>);

impl Wall {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(NOON)))
    }

    fn pass(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    async fn open(&self, data: &Path) -> Installation {
        let at_ms = Arc::clone(&self.0);
        let clock = Arc::new(move || LocalTime { at_ms: at_ms.load(Ordering::SeqCst), ahead_s: 0 });
        Installation::open_at(offline(data), Timing { clock, gather: Duration::ZERO }).await.unwrap()
    }
}

async fn asks(installation: &Installation, asker: Asker, name: &str, args: Value) -> Result<Value, String> {
    let answered = installation.ask_as(asker, None, name, args).await;
    answered.map_err(|error| error.code.to_string())
}

async fn opens(installation: &Installation, asker: Asker, pin: &str) -> Result<Value, String> {
    asks(installation, asker, "unlock", json!({ "pin": pin })).await
}

/// 陈姨's device in 榕荫里, with a recovery sheet; gives its digits.
async fn chen(data: &Path, wall: &Wall) -> (Installation, String) {
    at_home(data).await.shutdown().await.unwrap();
    let installation = wall.open(data).await;
    let digits = asks(&installation, Asker::WINDOW, "make_sheet", Value::Null).await.unwrap()["digits"].clone();
    (installation, digits.as_str().unwrap().to_owned())
}

/// The same with the PIN 2580 after five minutes.
async fn chen_locks(data: &Path, wall: &Wall) -> (Installation, String) {
    let (installation, digits) = chen(data, wall).await;
    let set = json!({ "new_pin": "2580", "idle_min": 5 });
    asks(&installation, Asker::WINDOW, "set_lock", set).await.unwrap();
    (installation, digits)
}

#[tokio::test]
async fn a_locked_screen_hears_of_nothing_but_the_lock() {
    let (dir, wall) = (tempfile::tempdir().unwrap(), Wall::new());
    let (installation, _) = chen_locks(dir.path(), &wall).await;
    let names = table::COMMANDS.iter().chain(table::QUERIES).chain(homes::NAMES);
    for name in names.filter(|name| !LOCK_ROWS.contains(name)).chain(&["nonsense", ""]) {
        for home in [None, Some("0000000000000000"), Some("ffffffffffffffff")] {
            let error = installation.ask_as(PHONE, home, name, json!({})).await.unwrap_err();
            assert_eq!(error.code.to_string(), "locked", "{name}");
        }
    }
    let note = asks(&installation, PHONE, "lock", Value::Null).await.unwrap();
    let wanted = json!({"set": true, "locked": true, "idle_min": 5, "left_ms": 0, "wait_ms": 0, "sheet": true});
    assert_eq!(note, wanted);
    for (name, args) in [("set_lock", json!({"idle_min": 9})), ("remove_lock", json!({"pin": "2580"}))] {
        assert_eq!(asks(&installation, PHONE, name, args).await, Err("locked".into()), "{name}");
    }
    assert!(asks(&installation, Asker::Program, "me", Value::Null).await.is_ok(), "programs need no screen");
    assert!(asks(&installation, Asker::WINDOW, "me", Value::Null).await.is_ok(), "who set it is in");
    installation.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_screen_locks_when_nobody_has_touched_it_when_told_and_at_each_start() {
    let (dir, wall) = (tempfile::tempdir().unwrap(), Wall::new());
    let (installation, _) = chen_locks(dir.path(), &wall).await;
    let is_in = async |installation: &Installation| asks(installation, Asker::WINDOW, "me", Value::Null).await.is_ok();
    wall.pass(4 * MINUTE_MS);
    // A page that asks by itself is nobody's touch.
    assert!(is_in(&installation).await);
    let touched = asks(&installation, Asker::WINDOW, "touch", Value::Null).await.unwrap();
    assert_eq!(touched["left_ms"], 5 * MINUTE_MS);
    wall.pass(5 * MINUTE_MS - 1);
    assert!(is_in(&installation).await);
    wall.pass(1);
    assert!(!is_in(&installation).await);
    let touched = asks(&installation, Asker::WINDOW, "touch", Value::Null).await.unwrap();
    assert_eq!((&touched["left_ms"], is_in(&installation).await), (&json!(0), false), "a touch opens nothing");

    opens(&installation, Asker::WINDOW, "2580").await.unwrap();
    opens(&installation, PHONE, "2580").await.unwrap();
    asks(&installation, Asker::WINDOW, "lock_now", Value::Null).await.unwrap();
    assert!(!is_in(&installation).await);
    assert_eq!(asks(&installation, PHONE, "me", Value::Null).await, Err("locked".into()), "all of them");
    opens(&installation, PHONE, "2580").await.unwrap();
    assert_eq!(asks(&installation, Asker::WINDOW, "lock_now", Value::Null).await, Err("locked".into()));
    assert!(asks(&installation, PHONE, "me", Value::Null).await.is_ok(), "a locked screen shuts no other");
    installation.shutdown().await.unwrap();

    let again = wall.open(dir.path()).await;
    assert_eq!(asks(&again, PHONE, "me", Value::Null).await, Err("locked".into()));
    opens(&again, PHONE, "2580").await.unwrap();
    assert!(asks(&again, PHONE, "me", Value::Null).await.is_ok());
    again.shutdown().await.unwrap();
}

#[tokio::test]
async fn wrong_pins_make_the_next_wait_whichever_screen_they_come_from_and_over_a_restart() {
    let (dir, wall) = (tempfile::tempdir().unwrap(), Wall::new());
    let (installation, _) = chen_locks(dir.path(), &wall).await;
    for number in 0..5_u8 {
        assert_eq!(opens(&installation, Asker::Screen([number; 32]), "1357").await, Err("pin-wrong".into()));
    }
    assert_eq!(opens(&installation, PHONE, "2580").await, Err("pin-too-soon".into()));
    let error = installation.ask_as(PHONE, None, "unlock", json!({"pin": "2580"})).await.unwrap_err();
    assert_eq!(error.details["wait_ms"], 30_000);
    installation.shutdown().await.unwrap();

    let again = wall.open(dir.path()).await;
    assert_eq!(asks(&again, PHONE, "lock", Value::Null).await.unwrap()["wait_ms"], 30_000);
    assert_eq!(opens(&again, PHONE, "2580").await, Err("pin-too-soon".into()), "to start anew helps nobody");
    wall.pass(30_000);
    opens(&again, PHONE, "2580").await.unwrap();
    // Whoever sits at an open screen guesses no better: changing and taking off count too.
    for (name, args) in [
        ("set_lock", json!({"pin": "1357", "new_pin": "8024", "idle_min": 5})),
        ("set_lock", json!({"new_pin": "8024", "idle_min": 5})),
        ("remove_lock", json!({"pin": "1357"})),
        ("remove_lock", json!({})),
        ("remove_lock", json!({"pin": "0258"})),
    ] {
        assert_eq!(asks(&again, PHONE, name, args).await, Err("pin-wrong".into()), "{name}");
    }
    assert_eq!(asks(&again, PHONE, "remove_lock", json!({"pin": "2580"})).await, Err("pin-too-soon".into()));
    again.shutdown().await.unwrap();
}

#[tokio::test]
async fn who_has_forgotten_the_pin_has_a_sheet_and_nobody_else_s_opens_it() {
    let (dir, wall) = (tempfile::tempdir().unwrap(), Wall::new());
    let (installation, old) = chen_locks(dir.path(), &wall).await;
    let newer = asks(&installation, Asker::WINDOW, "make_sheet", Value::Null).await.unwrap()["digits"].clone();
    let elsewhere = tempfile::tempdir().unwrap();
    let (wang, foreign) = chen(elsewhere.path(), &wall).await;
    wang.shutdown().await.unwrap();
    for digits in [old, foreign] {
        let told = asks(&installation, PHONE, "unlock_by_sheet", json!({ "digits": digits })).await;
        assert_eq!(told, Err("sheet-unknown".into()));
    }
    let told = asks(&installation, PHONE, "unlock_by_sheet", json!({ "digits": "12345" })).await;
    assert_eq!(told, Err("sheet-mistyped".into()));
    assert_eq!(asks(&installation, PHONE, "me", Value::Null).await, Err("locked".into()));
    asks(&installation, PHONE, "unlock_by_sheet", json!({ "digits": newer })).await.unwrap();
    assert_eq!(asks(&installation, PHONE, "lock", Value::Null).await.unwrap()["set"], false);
    installation.shutdown().await.unwrap();
    let again = wall.open(dir.path()).await;
    assert!(asks(&again, PHONE, "me", Value::Null).await.is_ok(), "it is off for good");
    again.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_pin_is_set_only_where_there_is_a_way_back_and_only_by_who_knows_the_one_before() {
    let (dir, wall) = (tempfile::tempdir().unwrap(), Wall::new());
    at_home(dir.path()).await.shutdown().await.unwrap();
    let installation = wall.open(dir.path()).await;
    let set = |pin: &str, minutes: u64| json!({"new_pin": pin, "idle_min": minutes});
    let sets = async |args: Value| asks(&installation, Asker::WINDOW, "set_lock", args).await;
    assert_eq!(sets(set("1234", 5)).await, Err("pin-weak".into()));
    assert_eq!(sets(set("2580", 241)).await, Err("bad-arguments".into()));
    assert_eq!(sets(set("2580", 5)).await, Err("lock-needs-sheet".into()));
    asks(&installation, Asker::WINDOW, "make_sheet", Value::Null).await.unwrap();
    assert_eq!(sets(json!({"idle_min": 5})).await, Err("bad-arguments".into()), "no PIN at all");
    assert_eq!(asks(&installation, PHONE, "lock", Value::Null).await.unwrap()["set"], false);
    assert!(!dir.path().join("screen-lock").exists(), "nothing was added to a folder without a lock");
    sets(set("2580", 5)).await.unwrap();
    let before = std::fs::read(dir.path().join("screen-lock")).unwrap();
    assert!(!before.windows(4).any(|bytes| bytes == b"2580" || bytes == b"salt"), "it is sealed");
    // Not by itself, then the minutes alone, and then the PIN.
    sets(json!({"pin": "2580", "idle_min": 0})).await.unwrap();
    wall.pass(1_000 * 60 * MINUTE_MS);
    assert!(asks(&installation, Asker::WINDOW, "me", Value::Null).await.is_ok(), "it shuts when told to");
    sets(json!({"pin": "2580", "idle_min": 60})).await.unwrap();
    sets(json!({"pin": "2580", "new_pin": "8024", "idle_min": 60})).await.unwrap();
    assert_eq!(opens(&installation, PHONE, "2580").await, Err("pin-wrong".into()));
    opens(&installation, PHONE, "8024").await.unwrap();
    // A program takes it off without: it could put the file away just as well.
    asks(&installation, Asker::Program, "remove_lock", json!({})).await.unwrap();
    assert!(asks(&installation, Asker::Screen([9; 32]), "me", Value::Null).await.is_ok());
    installation.shutdown().await.unwrap();
}

#[tokio::test]
async fn one_pin_locks_all_buildings_and_stays_when_one_is_put_away_or_its_copy_is_damaged() {
    let (dir, wall) = (tempfile::tempdir().unwrap(), Wall::new());
    let (installation, _) = chen_locks(dir.path(), &wall).await;
    let home = asks(&installation, Asker::WINDOW, "add_home", Value::Null).await.unwrap()["home"].clone();
    let home = home.as_str().unwrap().to_owned();
    let second = dir.path().join("homes").join(&home).join("screen-lock");
    assert!(second.exists(), "room for one more is locked too");
    let named = async |home: &str| installation.ask_as(PHONE, Some(home), "status", Value::Null).await;
    assert_eq!(named(&home).await.unwrap_err().code.to_string(), "locked");
    installation.shutdown().await.unwrap();

    std::fs::write(dir.path().join("screen-lock"), b"kaifong-sealed 1\nrubbish").unwrap();
    let damaged = wall.open(dir.path()).await;
    assert_eq!(opens(&damaged, PHONE, "1357").await, Err("pin-wrong".into()), "the other copy is whole");
    opens(&damaged, PHONE, "2580").await.unwrap();
    let first = HomeId::FIRST.to_string();
    asks(&damaged, PHONE, "forget_home", json!({ "home": first })).await.unwrap();
    damaged.shutdown().await.unwrap();
    let again = wall.open(dir.path()).await;
    assert_eq!(asks(&again, PHONE, "homes", Value::Null).await, Err("locked".into()));
    again.shutdown().await.unwrap();

    std::fs::write(&second, b"").unwrap();
    let lost = wall.open(dir.path()).await;
    let told = lost.ask_as(PHONE, None, "unlock", json!({"pin": "2580"})).await.unwrap_err();
    assert_eq!(told.code.to_string(), "store-unusable", "no copy is whole: it stays shut and says so");
    asks(&lost, Asker::Program, "remove_lock", json!({})).await.unwrap();
    assert!(asks(&lost, PHONE, "homes", Value::Null).await.is_ok());
    lost.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_locked_screen_hears_at_once_that_it_is_and_afterwards_neither_what_changed_nor_what_a_notice_is_about() {
    let (dir, wall) = (tempfile::tempdir().unwrap(), Wall::new());
    let (installation, _) = chen_locks(dir.path(), &wall).await;
    let mut heard = installation.events();
    let mut lock_is_told = async || {
        while !matches!(heard.recv().await.unwrap().event, Event::Changed(Changed { tags }) if tags == [Tag::Lock]) {}
    };
    opens(&installation, PHONE, "1357").await.unwrap_err();
    lock_is_told().await;
    opens(&installation, PHONE, "2580").await.unwrap();
    lock_is_told().await;
    asks(&installation, PHONE, "lock_now", Value::Null).await.unwrap();
    lock_is_told().await;

    let home = Some(HomeId::FIRST);
    let changed = |tags: &[Tag]| Told { home, event: Event::Changed(Changed { tags: tags.to_vec() }) };
    let (kind, place, building) = (NoticeKind::Turn, "/deal/ab12".to_owned(), Some("榕荫里".to_owned()));
    let notice = Told { home, event: Event::Notice(Notice { kind, count: 3, place, building }) };
    assert_eq!(installation.heard_as(PHONE, changed(&[Tag::Deals, Tag::Points])), None);
    let all = installation.heard_as(PHONE, changed(Tag::ALL)).unwrap();
    assert_eq!(serde_json::to_value(all).unwrap(), json!({"event": "changed", "payload": {"tags": ["lock"]}}));
    let hidden = installation.heard_as(PHONE, notice.clone()).unwrap();
    assert_eq!(serde_json::to_value(hidden).unwrap(), json!({"event": "hidden", "payload": {}}));
    assert_eq!(installation.heard_as(Asker::Program, notice.clone()), Some(notice.clone()));
    opens(&installation, PHONE, "2580").await.unwrap();
    assert_eq!(installation.heard_as(PHONE, notice.clone()), Some(notice));
    installation.shutdown().await.unwrap();
}

#[tokio::test]
async fn each_browser_is_a_screen_of_its_own_and_a_new_link_opens_none() {
    let dir = tempfile::tempdir().unwrap();
    at_home(dir.path()).await.shutdown().await.unwrap();
    let serving = Serving::on(dir.path(), installed(dir.path()).await, Duration::from_secs(3_600)).await;
    let (desk, phone) = (serving.let_in().await, serving.let_in().await);
    assert_eq!(desk.post("make_sheet", &Value::Null).await.status, 200);
    assert_eq!(desk.post("set_lock", &json!({"new_pin": "2580", "idle_min": 5})).await.status, 200);
    assert_eq!(desk.post("me", &Value::Null).await.status, 200);
    let refused = phone.post("me", &Value::Null).await;
    assert_eq!((refused.status, refused.code().as_str()), (423, "locked"));
    let fresh = serving.let_in().await;
    assert_eq!(fresh.post("export", &Value::Null).await.code(), "locked", "a link lets in, and opens nothing");
    for _ in 0..4 {
        assert_eq!(phone.post("unlock", &json!({"pin": "1357"})).await.code(), "pin-wrong");
    }
    assert_eq!(phone.post("unlock", &json!({"pin": "2580"})).await.status, 200);
    assert_eq!(phone.post("me", &Value::Null).await.json()["person"]["name"], "陈姨");
    assert_eq!(fresh.post("me", &Value::Null).await.status, 423);
    serving.end().await;
}
