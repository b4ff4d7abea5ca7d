//! Real households on a LAN without internet: no default route, no server, no addresses given.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::path::Path;

use kaifong_tests::household::{Household, Wanted};
use kaifong_tests::lan::Lan;
use kaifong_tests::scenes::*;
use serde_json::json;

const LI: usize = 0;
const CHEN: usize = 1;
const XIAO: usize = 2;
const MA: usize = 3;
const LU: usize = 4;

fn start(lan: &Lan, host: usize, household: &mut Household) {
    household.start(lan.command(host, kaifong_tests::bin("kaifong")), &[]).unwrap();
}

fn need(kind: &str, title: &str, points: u32) -> serde_json::Value {
    json!({"side": "need", "kind": kind, "title": title, "points": points})
}

fn offer(kind: &str, mode: Option<&str>, title: &str, points: u32) -> serde_json::Value {
    json!({"side": "offer", "kind": kind, "mode": mode, "title": title, "points": points})
}

/// The founder makes the building; three neighbours join, one by the ticket's text, two by the typed code.
fn found_and_join(all: &mut [Household], lan: &Lan) -> (String, String) {
    for (host, household) in all.iter_mut().enumerate() {
        start(lan, host, household);
    }
    does(&mut all[LI], "found", &json!({"building": "红棉里", "name": "李叔", "block": "3栋"})).unwrap();
    // The ticket carries no address: whoever scans it finds the building by looking around on the LAN.
    let invited = does(&mut all[LI], "invite", &json!({"valid_ms": 3_600_000, "addresses": []})).unwrap();
    let (ticket, code) = (text(&invited, "/ticket").unwrap(), text(&invited, "/code").unwrap());
    let (founder, others) = all.split_first_mut().unwrap();
    joins(&mut others[CHEN - 1], founder, &ticket, "person", "3栋").unwrap();
    joins(&mut others[XIAO - 1], founder, &code.to_lowercase(), "person", "3栋").unwrap();
    joins(&mut others[MA - 1], founder, &code, "person", "5栋").unwrap();
    (ticket, code)
}

/// 黄阿姨's tap: a need, 我可以帮助你, agreed, and the bridge goes down before anybody confirms.
fn tap_until_agreed(all: &mut [Household]) -> String {
    let tap = posts(&mut all[CHEN], need("skill", "厨房水龙头滴水", 10)).unwrap();
    let skill = posts(&mut all[LI], offer("skill", None, "修水龙头、通下水道", 10)).unwrap();
    sees(&mut all[LI], &tap).unwrap();
    sees(&mut all[CHEN], &skill).unwrap();
    let fits = does(&mut all[CHEN], "matches", &json!({ "listing": tap })).unwrap();
    assert_eq!(fits["rows"][0]["listing"]["id"], json!(skill), "the offer that fits comes first: {fits:#}");
    assert!(!fits["rows"][0]["why"].as_str().unwrap().is_empty(), "and the reason is said: {fits:#}");
    let answered = does(&mut all[LI], "answer", &json!({ "listing": tap })).unwrap();
    let deal = text(&answered, "/deal").unwrap();
    sees_deal(&mut all[CHEN], &deal, "answered").unwrap();
    does(&mut all[CHEN], "agree", &json!({ "deal": deal })).unwrap();
    sees_deal(&mut all[LI], &deal, "agreed").unwrap();
    deal
}

/// 马乐 borrows 肖阿姨's tool box and brings it back.
fn lend(all: &mut [Household]) {
    let tools = posts(&mut all[XIAO], offer("item", Some("share"), "家用工具箱", 0)).unwrap();
    sees(&mut all[MA], &tools).unwrap();
    let answer = json!({"listing": tools, "due_at": 4_000_000_000_000_u64});
    let deal = text(&does(&mut all[MA], "answer", &answer).unwrap(), "/deal").unwrap();
    sees_deal(&mut all[XIAO], &deal, "answered").unwrap();
    does(&mut all[XIAO], "agree", &json!({ "deal": deal })).unwrap();
    sees_deal(&mut all[MA], &deal, "agreed").unwrap();
    for (step, stage) in [("hand_over", "on-loan"), ("return", "done")] {
        does(&mut all[XIAO], step, &json!({ "deal": deal })).unwrap();
        does(&mut all[MA], step, &json!({ "deal": deal })).unwrap();
        sees_deal(&mut all[XIAO], &deal, stage).unwrap();
        sees_deal(&mut all[MA], &deal, stage).unwrap();
    }
    does(&mut all[MA], "review", &json!({"deal": deal, "stars": 5, "text": "工具齐全，肖阿姨人好"})).unwrap();
}

fn households(names: &[&str], folder: &Path) -> Vec<Household> {
    let at = |(number, name): (usize, &&str)| Household::new(name, &folder.join(format!("home{number}")));
    names.iter().enumerate().map(at).collect()
}

// proves: A2 A11 A15 A22 A23 A28 A30 B5 B14 B21 F8 F11 G2
#[test]
fn households_find_each_other_trade_lose_the_network_and_end_equal() {
    let lan = match Lan::new(5) {
        Ok(lan) => lan,
        Err(skipped) => return println!("skipped: {}", skipped.0),
    };
    let folder = tempfile::tempdir().unwrap();
    let mut all = households(&["李叔", "陈姨", "肖阿姨", "马乐"], folder.path());
    let (ticket, _) = found_and_join(&mut all, &lan);
    let deal = tap_until_agreed(&mut all);

    lan.cut_bridge();
    // Apart, everybody goes on: one side of the deal confirms and pays, the other confirms, others post.
    does(&mut all[CHEN], "done", &json!({ "deal": deal })).unwrap();
    does(&mut all[LI], "done", &json!({ "deal": deal })).unwrap();
    let apart = posts(&mut all[MA], offer("knowledge", None, "教老人家用手机挂号", 0)).unwrap();
    assert_eq!(is_refused(&mut all[CHEN], "done", &json!({ "deal": deal })).unwrap(), "already-confirmed");
    lan.heal();

    sees_deal(&mut all[CHEN], &deal, "done").unwrap();
    has_points(&mut all[LI], 10).unwrap();
    has_points(&mut all[CHEN], -10).unwrap();
    sees(&mut all[XIAO], &apart).unwrap();
    does(&mut all[CHEN], "review", &json!({"deal": deal, "stars": 5, "text": "手艺好"})).unwrap();
    does(&mut all[LI], "review", &json!({"deal": deal, "stars": 5, "text": "爽快"})).unwrap();
    lend(&mut all);

    // A household that was off catches up by itself.
    all[MA].stop().unwrap();
    let missed = posts(&mut all[XIAO], offer("item", Some("share"), "人字梯一架", 0)).unwrap();
    start(&lan, MA, &mut all[MA]);
    sees(&mut all[MA], &missed).unwrap();

    // A fifth joins late, and has everything.
    let mut late = Household::new("卢阿姨", &folder.path().join("home4"));
    start(&lan, LU, &mut late);
    joins(&mut late, &mut all[LI], &ticket, "person", "5栋").unwrap();
    all.push(late);
    let goal = hold_the_same(&mut all).unwrap();
    for household in &mut all {
        let audit = does(household, "audit", &json!({})).unwrap();
        assert_eq!((&audit["ok"], &audit["ledger_sum"], &audit["projection"]), (&json!(true), &json!(0), &json!(goal)));
    }
    let record = does(&mut all[LU], "members", &json!({})).unwrap();
    assert_eq!(record["rows"].as_array().map(Vec::len), Some(5));
    for mut household in all {
        household.stop().unwrap();
    }
}

// proves: G2
#[test]
fn a_wrong_or_withdrawn_code_admits_nobody_and_says_so() {
    let lan = match Lan::new(2) {
        Ok(lan) => lan,
        Err(skipped) => return println!("skipped: {}", skipped.0),
    };
    let folder = tempfile::tempdir().unwrap();
    let mut all = households(&["李叔", "陈姨"], folder.path());
    for (host, household) in all.iter_mut().enumerate() {
        start(&lan, host, household);
    }
    does(&mut all[LI], "found", &json!({"building": "红棉里", "name": "李叔"})).unwrap();
    let invited = does(&mut all[LI], "invite", &json!({"valid_ms": 3_600_000, "addresses": []})).unwrap();
    does(&mut all[LI], "withdraw_invites", &json!({})).unwrap();
    let ticket = text(&invited, "/ticket").unwrap();
    let wanted = application(&all[CHEN], &ticket, "person", "3栋");
    does(&mut all[CHEN], "apply", &wanted).unwrap();
    let told = all[CHEN].wait("application", json!({}), "/state", Wanted::Is(json!("refused"))).unwrap();
    assert_eq!((&told["refused_by"], &told["reason"]), (&json!("withdrawn"), &json!("这个邀请被收回了")), "{told}");
    let misread = application(&all[CHEN], "ABCD-EFGH", "person", "3栋");
    assert_eq!(is_refused(&mut all[CHEN], "apply", &misread).unwrap(), "bad-arguments");
    assert_eq!(is_refused(&mut all[CHEN], "post", &need("skill", "水龙头", 0)).unwrap(), "not-yet-member");
}
