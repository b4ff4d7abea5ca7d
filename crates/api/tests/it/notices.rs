//! Notices: what is told outside the window, when, and how often.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kaifong_api::dto::Notice;
use kaifong_api::notices::{LocalTime, Timing};
use kaifong_api::{Event, Host, Installation, KeyPlace, NodeHost, Options, Told};
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::{ask, refused};

const PATIENCE: Duration = Duration::from_secs(30);

/// A clock eight hours ahead of UTC that goes when it is set, and knows how often it was asked.
#[derive(Clone)]
struct Wall {
    at_ms: Arc<AtomicU64>,
    asked: watch::Sender<u64>,
}

impl Wall {
    fn at(day: u64, hour: u64) -> Self {
        let wall = Self { at_ms: Arc::default(), asked: watch::Sender::new(0) };
        wall.set(day, hour);
        wall
    }

    fn set(&self, day: u64, hour: u64) {
        self.at_ms.store(((20_000 + day) * 24 + hour - 8) * 3_600_000, Ordering::SeqCst);
    }

    fn timing(&self) -> Timing {
        let wall = self.clone();
        let clock = Arc::new(move || {
            wall.asked.send_modify(|asked| *asked += 1);
            LocalTime { at_ms: wall.at_ms.load(Ordering::SeqCst), ahead_s: 8 * 3_600 }
        });
        Timing { clock, gather: Duration::ZERO }
    }

    /// Waits until so many looks are over on a device that nobody else wakes: each asks the time when it begins and again
    /// when it is over.
    async fn looks(&self, count: u64) {
        let mut asked = self.asked.subscribe();
        timeout(PATIENCE, asked.wait_for(|asked| *asked >= 2 * count)).await.expect("a look").unwrap();
    }
}

fn options(data: &Path, offline: bool) -> Options {
    let bind = (!offline).then(|| "127.0.0.1:0".parse().unwrap());
    let (data, new_key) = (data.to_owned(), KeyPlace::File);
    Options { data, new_key, lan: false, bind, interfaces: None, relay: None, offline }
}

async fn open(data: &Path, offline: bool, wall: &Wall) -> NodeHost {
    NodeHost::open_at(options(data, offline), wall.timing()).await.unwrap()
}

/// Waits until a query says what is wanted.
async fn until(host: &NodeHost, wanted: Value) -> Value {
    let mut all = json!({"timeout_ms": PATIENCE.as_millis() as u64});
    all.as_object_mut().unwrap().extend(wanted.as_object().unwrap().clone());
    let waited = ask(host, "wait", all).await.unwrap();
    assert_eq!(waited["met"], true, "{wanted}");
    waited["result"].clone()
}

async fn next(events: &mut Receiver<Event>) -> Notice {
    let notice = async {
        loop {
            if let Event::Notice(notice) = events.recv().await.unwrap() {
                return notice;
            }
        }
    };
    timeout(PATIENCE, notice).await.expect("a notice")
}

/// The notices that were told by now.
fn told(events: &mut Receiver<Event>) -> Vec<Notice> {
    let mut all = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let Event::Notice(notice) = event {
            all.push(notice);
        }
    }
    all
}

fn notice(kind: &str, place: &str) -> Notice {
    Notice { kind: kind.parse().unwrap(), count: 1, place: place.to_owned(), building: None }
}

/// 陈姨 founds the building, and 侯叔 asks to join.
async fn chen_and_hou_at_the_door(chen: &NodeHost, hou: &NodeHost) {
    ask(chen, "found", json!({"building": "榕荫里", "name": "陈姨", "block": "502"})).await.unwrap();
    let invited = ask(chen, "invite", json!({"valid_ms": 3_600_000})).await.unwrap();
    let application =
        json!({"invitation": invited["ticket"], "name": "侯叔", "household": "3栋301", "real_name": "侯大明"});
    ask(hou, "apply", application).await.unwrap();
}

/// 陈姨 founds the building and lets 侯叔 in; gives who he is.
async fn chen_lets_hou_in(chen: &NodeHost, hou: &NodeHost) -> Value {
    chen_and_hou_at_the_door(chen, hou).await;
    let requests = until(chen, json!({"query": "requests", "at": "/rows", "least": 1})).await;
    ask(chen, "approve", json!({"device": requests["rows"][0]["device"]})).await.unwrap();
    until(hou, json!({"query": "me", "at": "/person/member"})).await["person"]["member"].clone()
}

/// Leaves a data folder of 陈姨's behind, with one request in it that was never told.
async fn with_a_request(data: &Path) {
    let (wall, elsewhere) = (Wall::at(1, 10), tempfile::tempdir().unwrap());
    let (chen, hou) = (open(data, false, &wall).await, open(elsewhere.path(), false, &wall).await);
    chen_and_hou_at_the_door(&chen, &hou).await;
    until(&chen, json!({"query": "requests", "at": "/rows", "least": 1})).await;
    chen.shutdown().await.unwrap();
    hou.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_an_answer_and_what_fits_are_each_told_once() {
    let (chens, hous, wall) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Wall::at(1, 10));
    let (chen, hou) = (open(chens.path(), false, &wall).await, open(hous.path(), false, &wall).await);
    chen.tell_notices();
    hou.tell_notices();
    let (mut to_chen, mut to_hou) = (chen.events(), hou.events());
    chen_and_hou_at_the_door(&chen, &hou).await;
    assert_eq!(next(&mut to_chen).await, notice("request", "/neighbours/requests"));
    let device =
        until(&chen, json!({"query": "requests", "at": "/rows", "least": 1})).await["rows"][0]["device"].clone();
    ask(&chen, "approve", json!({"device": device})).await.unwrap();
    until(&hou, json!({"query": "me", "at": "/person/member"})).await;

    let post = json!({"side": "offer", "kind": "skill", "title": "修水龙头", "points": 10});
    let tap = ask(&chen, "post", post).await.unwrap()["listing"].clone();
    let post = json!({"side": "offer", "kind": "item", "mode": "share", "title": "人字梯"});
    let ladder = ask(&chen, "post", post).await.unwrap()["listing"].clone();
    until(&hou, json!({"query": "offers", "at": "/total", "least": 2})).await;
    let deal = ask(&hou, "answer", json!({"listing": tap})).await.unwrap()["deal"].clone();
    let place = format!("/deal/{}", deal.as_str().unwrap());
    assert_eq!(next(&mut to_chen).await, notice("turn", &place));
    ask(&chen, "agree", json!({"deal": deal})).await.unwrap();
    assert_eq!(next(&mut to_hou).await, notice("turn", &place));
    // That it is 陈姨's turn to confirm is her own doing: the next that she hears of is the need, on another day, because
    // what fits leaves one of today's.
    wall.set(2, 10);
    ask(&hou, "post", json!({"side": "need", "title": "借人字梯"})).await.unwrap();
    assert_eq!(next(&mut to_chen).await, notice("fit", &format!("/share/{}", ladder.as_str().unwrap())));
    assert_eq!(ask(&chen, "notices", Value::Null).await.unwrap()["told_today"], 1);
    hou.shutdown().await.unwrap();
    chen.shutdown().await.unwrap();

    let wall = Wall::at(3, 10);
    let chen = open(chens.path(), true, &wall).await;
    let mut to_chen = chen.events();
    chen.tell_notices();
    wall.looks(1).await;
    assert_eq!(told(&mut to_chen), []);
    assert_eq!(ask(&chen, "notices", Value::Null).await.unwrap()["told_today"], 0);
    chen.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_that_hou_shu_has_to_pay_stands_on_his_first_page_and_is_told_once() {
    let (chens, hous, wall) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Wall::at(1, 10));
    let (chen, hou) = (open(chens.path(), false, &wall).await, open(hous.path(), false, &wall).await);
    let payer = chen_lets_hou_in(&chen, &hou).await;
    let payee = ask(&chen, "me", Value::Null).await.unwrap()["person"]["member"].clone();
    ask(&chen, "set_role", json!({"member": payee, "role": "volunteer", "held": true})).await.unwrap();
    hou.tell_notices();
    let mut to_hou = hou.events();
    let number = ask(&chen, "blank_slips", json!({"count": 1})).await.unwrap()["numbers"][0].clone();
    let slip = json!({"number": number, "payer": payer, "payee": payee, "points": 10});
    let entered = ask(&chen, "enter_slip", slip.clone()).await.unwrap()["slip"].clone();
    assert_eq!(next(&mut to_hou).await, notice("turn", "/points/slips"));
    let today = ask(&hou, "today", json!({})).await.unwrap();
    assert_eq!((&today["slips_total"], &today["slips"][0]["number"]), (&json!(1), &number));
    // 陈姨 takes it back, and enters the same once more: it stands there, and is not told anew.
    let row = ask(&chen, "slips", Value::Null).await.unwrap()["rows"][0].clone();
    assert_eq!((&row["state"], &row["mine_to_take_back"]), (&json!("waiting"), &json!(true)));
    ask(&chen, "disown_slip", json!({"slip": entered})).await.unwrap();
    assert_eq!(ask(&chen, "slips", Value::Null).await.unwrap()["rows"][0]["state"], "taken-back");
    until(&hou, json!({"query": "slips", "at": "/rows/0/state", "is": "taken-back"})).await;
    assert_eq!(ask(&hou, "today", json!({})).await.unwrap()["slips_total"], 0);
    ask(&chen, "enter_slip", slip).await.unwrap();
    until(&hou, json!({"query": "today", "args": {}, "at": "/slips", "least": 1})).await;
    assert_eq!(ask(&hou, "notices", Value::Null).await.unwrap()["told_today"], 1);
    hou.shutdown().await.unwrap();
    chen.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_to_oneself_and_an_answer_to_ones_own_question_are_each_told_once_a_round() {
    let (chens, hous, wall) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Wall::at(1, 10));
    let (chen, hou) = (open(chens.path(), false, &wall).await, open(hous.path(), false, &wall).await);
    let asker = chen_lets_hou_in(&chen, &hou).await;
    chen.tell_notices();
    hou.tell_notices();
    let (mut to_chen, mut to_hou) = (chen.events(), hou.events());

    // While the building is being founded, its founder answers.
    let put = ask(&hou, "put_matter", json!({"kind": "question", "text": "电梯几时修好？"})).await.unwrap();
    let matter = json!({"matter": put["matter"], "asker": asker});
    let place = format!("/hall/{}/{}", asker.as_str().unwrap(), put["matter"].as_str().unwrap());
    assert_eq!(next(&mut to_chen).await, notice("turn", &place));
    ask(&chen, "take_up_matter", matter.clone()).await.unwrap();
    let answer = json!({"matter": put["matter"], "asker": asker, "text": "师傅下午到"});
    ask(&chen, "respond_to_matter", answer.clone()).await.unwrap();
    assert_eq!(next(&mut to_hou).await, notice("turn", &place));
    let judged = json!({"matter": put["matter"], "solved": false, "remark": "还停着"});
    wall.set(2, 10);
    ask(&hou, "judge_matter", judged).await.unwrap();
    assert_eq!(next(&mut to_chen).await, notice("turn", &place), "it waits again");
    assert_eq!(told(&mut to_chen), [], "that she took it up was no news to her");
    let detail = ask(&chen, "matter", matter).await.unwrap();
    assert_eq!((&detail["matter"]["stage"], &detail["matter"]["reopened"]), (&json!("waiting"), &json!(1)));
    let refusal = ask(&chen, "judge_matter", json!({"matter": put["matter"], "solved": true})).await.unwrap_err();
    assert_eq!(refusal.code.as_str(), "matter-unknown", "only its asker judges it");
    chen.shutdown().await.unwrap();
    hou.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_that_is_called_off_stays_in_sight_of_who_signed_up_and_is_told_once() {
    let (chens, hous, wall) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Wall::at(1, 10));
    let (chen, hou) = (open(chens.path(), false, &wall).await, open(hous.path(), false, &wall).await);
    chen_lets_hou_in(&chen, &hou).await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
    // So far ahead that it would not stand among what is up yet.
    let class = json!({"title": "书法课", "starts_at": now + 10 * 24 * 3_600_000, "hours": 2, "to": "host"});
    let id = ask(&chen, "announce_activity", class).await.unwrap()["activity"].clone();
    until(&hou, json!({"query": "activities", "at": "/total", "least": 1})).await;
    ask(&hou, "step_on_activity", json!({"activity": id, "step": "book"})).await.unwrap();
    let placed =
        json!({"query": "activity", "args": {"activity": id}, "at": "/activity/booking/stage", "is": "placed"});
    let host = until(&hou, placed).await["activity"]["host"]["member"].clone();
    assert_eq!(ask(&hou, "today", json!({})).await.unwrap()["activities_total"], 0);
    hou.tell_notices();
    let mut to_hou = hou.events();
    wall.looks(1).await;
    assert_eq!(told(&mut to_hou), [], "he got his place at once");

    ask(&chen, "step_on_activity", json!({"activity": id, "step": "call-off"})).await.unwrap();
    let place = format!("/activities/{}/{}", host.as_str().unwrap(), id.as_str().unwrap());
    assert_eq!(next(&mut to_hou).await, notice("turn", &place));
    let today = ask(&hou, "today", json!({})).await.unwrap();
    assert_eq!((&today["activities"][0]["id"], today["activities"][0]["called_off_at"].is_u64()), (&id, true));
    for (who, show, total) in [(&hou, "to-come", 1), (&hou, "past", 0), (&chen, "to-come", 0), (&chen, "past", 1)] {
        assert_eq!(ask(who, "activities", json!({"show": show})).await.unwrap()["total"], total, "{show}");
    }
    ask(&hou, "post", json!({"side": "need", "title": "借人字梯"})).await.unwrap();
    assert_eq!(ask(&hou, "notices", Value::Null).await.unwrap()["told_today"], 1);
    chen.shutdown().await.unwrap();
    hou.shutdown().await.unwrap();
}

// proves: B7 G15
#[tokio::test(flavor = "multi_thread")]
async fn an_activity_is_told_to_everybody_who_has_not_signed_up_and_once() {
    let (chens, hous, wall) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Wall::at(1, 10));
    let (chen, hou) = (open(chens.path(), false, &wall).await, open(hous.path(), false, &wall).await);
    chen_lets_hou_in(&chen, &hou).await;
    chen.tell_notices();
    hou.tell_notices();
    wall.looks(2).await;
    let (mut to_chen, mut to_hou) = (chen.events(), hou.events());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
    let announce = async |title: &str, days: u64| {
        let class = json!({"title": title, "starts_at": now + days * 24 * 3_600_000, "hours": 2, "to": "host"});
        ask(&chen, "announce_activity", class).await.unwrap()["activity"].clone()
    };
    let class = announce("书法课", 10).await;
    let host = ask(&chen, "me", Value::Null).await.unwrap()["person"]["member"].clone();
    let place = format!("/activities/{}/{}", host.as_str().unwrap(), class.as_str().unwrap());
    assert_eq!(next(&mut to_hou).await, notice("activity", &place));
    let today = ask(&hou, "today", json!({})).await.unwrap();
    assert_eq!((&today["announced_total"], &today["announced"][0]["id"]), (&json!(1), &class));
    ask(&hou, "step_on_activity", json!({"activity": class, "step": "book"})).await.unwrap();
    assert_eq!(ask(&hou, "today", json!({})).await.unwrap()["announced"], json!([]));

    // Whoever does not want to hear of it still sees it on the first page; its host is told nothing.
    let fewer = json!({"turn": true, "request": true, "fit": true, "activity": false});
    ask(&hou, "set_notices", fewer).await.unwrap();
    wall.set(2, 10);
    announce("晨练", 5).await;
    until(&hou, json!({"query": "today", "args": {}, "at": "/announced", "least": 1})).await;
    assert_eq!(ask(&hou, "notices", Value::Null).await.unwrap()["told_today"], 0);
    assert_eq!(ask(&chen, "today", json!({})).await.unwrap()["announced_total"], 0);
    assert_eq!((told(&mut to_hou), told(&mut to_chen)), (vec![], vec![]));
    chen.shutdown().await.unwrap();
    hou.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_are_two_buildings_a_notice_names_its_own() {
    let (dir, aside, wall) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Wall::at(1, 10));
    with_a_request(dir.path()).await;
    let chen = Installation::open_at(options(dir.path(), false), wall.timing()).await.unwrap();
    let home = chen.ask(None, "add_home", Value::Null).await.unwrap()["home"].clone();
    let parents = home.as_str();
    chen.ask(parents, "found", json!({"building": "梧桐苑", "name": "小陈"})).await.unwrap();
    let mut events = chen.events();
    chen.tell_notices();
    let mut next = async || {
        let notice = async {
            loop {
                if let Told { home, event: Event::Notice(notice) } = events.recv().await.unwrap() {
                    return (home.unwrap().to_string(), notice.building.unwrap());
                }
            }
        };
        timeout(PATIENCE, notice).await.expect("a notice")
    };
    assert_eq!(next().await, ("0000000000000000".to_owned(), "榕荫里".to_owned()));
    // Somebody knocks at the other building too.
    let zhou = open(aside.path(), false, &wall).await;
    let invited = chen.ask(parents, "invite", json!({"valid_ms": 3_600_000})).await.unwrap();
    let application = json!({"invitation": invited["ticket"], "name": "周姨", "household": "203", "real_name": "周敏"});
    ask(&zhou, "apply", application).await.unwrap();
    assert_eq!(next().await, (parents.unwrap().to_owned(), "梧桐苑".to_owned()));
    for home in [Some("0000000000000000"), parents] {
        let notices = chen.ask(home, "notices", Value::Null).await.unwrap();
        assert_eq!(notices["told_today"], 2, "the day's notices are one person's");
    }
    chen.shutdown().await.unwrap();
    zhou.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_at_night_is_told_in_the_morning() {
    let (dir, wall) = (tempfile::tempdir().unwrap(), Wall::at(1, 22));
    with_a_request(dir.path()).await;
    let chen = open(dir.path(), true, &wall).await;
    let mut events = chen.events();
    chen.tell_notices();
    wall.looks(1).await;
    assert_eq!(told(&mut events), []);
    wall.set(2, 7);
    ask(&chen, "post", json!({"side": "need", "title": "借人字梯"})).await.unwrap();
    wall.looks(2).await;
    assert_eq!(told(&mut events), []);
    wall.set(2, 8);
    // Anything that stirs has the clock looked at.
    ask(&chen, "set_profile", json!({"name": "陈姨", "block": "502", "about": "早"})).await.unwrap();
    assert_eq!(next(&mut events).await, notice("request", "/neighbours/requests"));
    chen.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_switched_off_is_not_told_and_is_not_poured_out_later() {
    let (dir, wall) = (tempfile::tempdir().unwrap(), Wall::at(1, 10));
    with_a_request(dir.path()).await;
    let chen = open(dir.path(), true, &wall).await;
    let mut events = chen.events();
    let fewer = json!({"turn": true, "request": false, "fit": true, "activity": true});
    assert_eq!(ask(&chen, "set_notices", fewer.clone()).await.unwrap()["saved"], true);
    chen.tell_notices();
    wall.looks(1).await;
    assert_eq!(told(&mut events), []);
    let all = json!({"turn": true, "request": true, "fit": true, "activity": true});
    ask(&chen, "set_notices", all.clone()).await.unwrap();
    wall.looks(2).await;
    assert_eq!(told(&mut events), []);
    ask(&chen, "set_notices", fewer.clone()).await.unwrap();
    chen.shutdown().await.unwrap();
    let chen = open(dir.path(), true, &wall).await;
    let notices = ask(&chen, "notices", Value::Null).await.unwrap();
    let wanted =
        json!({"settings": fewer, "quiet_from_hour": 21, "quiet_until_hour": 8, "per_day_max": 3, "told_today": 0});
    assert_eq!(notices, wanted);
    chen.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_tells_nothing_again_and_a_broken_file_stops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    with_a_request(dir.path()).await;
    let request = notice("request", "/neighbours/requests");
    for (broken, wanted) in [(false, vec![request.clone()]), (false, vec![]), (true, vec![request]), (false, vec![])] {
        if broken {
            std::fs::write(dir.path().join("notices.json"), "{\"off\": [\"turn\", ").unwrap();
        }
        let wall = Wall::at(1, 11);
        let chen = open(dir.path(), true, &wall).await;
        let mut events = chen.events();
        chen.tell_notices();
        // Who asks twice is told once.
        chen.clone().tell_notices();
        wall.looks(1).await;
        assert_eq!(told(&mut events), wanted, "{broken}");
        let settings = ask(&chen, "notices", Value::Null).await.unwrap()["settings"].clone();
        assert_eq!(settings, json!({"turn": true, "request": true, "fit": true, "activity": true}));
        chen.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn switches_are_kept_or_it_is_said_that_they_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let host = crate::open(dir.path()).await;
    for wrong in [json!({}), json!({"turn": true}), json!({"turn": 1, "request": true, "fit": true})] {
        assert_eq!(refused(&host, "set_notices", wrong).await, "bad-arguments");
    }
    let mut events = host.events();
    // Something stands where the new file is to be written.
    std::fs::create_dir(dir.path().join("notices.new")).unwrap();
    let none = json!({"turn": false, "request": false, "fit": false, "activity": false});
    assert_eq!(refused(&host, "set_notices", none.clone()).await, "store-unusable");
    assert_eq!(ask(&host, "notices", Value::Null).await.unwrap()["settings"]["turn"], true);
    std::fs::remove_dir(dir.path().join("notices.new")).unwrap();
    ask(&host, "set_notices", none.clone()).await.unwrap();
    let Event::Changed(changed) = events.recv().await.unwrap() else { panic!("no change") };
    assert_eq!(serde_json::to_value(changed.tags).unwrap(), json!(["notices"]));
    assert_eq!(ask(&host, "notices", Value::Null).await.unwrap()["settings"], none);
    host.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_task_ends_with_its_host() {
    for in_order in [true, false] {
        let (dir, wall) = (tempfile::tempdir().unwrap(), Wall::at(1, 10));
        let host = open(dir.path(), true, &wall).await;
        let mut events = host.events();
        host.tell_notices();
        wall.looks(1).await;
        if in_order {
            host.shutdown().await.unwrap();
        } else {
            drop(host);
        }
        // The last who could tell is gone.
        let end = async { while events.recv().await != Err(RecvError::Closed) {} };
        timeout(PATIENCE, end).await.expect("an end");
    }
}
