//! The binary as people and scripts use it: subcommands in, JSON and exit codes out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use kaifong_tests::bin;
use kaifong_tests::household::Household;
use serde_json::{Value, json};

/// How long anything may take before it counts as never, in seconds.
const PATIENCE_S: u64 = 60;

/// What a command came to.
#[derive(Debug)]
struct Came {
    code: i32,
    told: Value,
    complained: Value,
}

fn command(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(bin("kaifong"));
    command.arg("--data").arg(data).arg("--json").args(args);
    command
}

fn came(output: &Output) -> Came {
    let value = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Value::Null);
    let code = output.status.code().expect("it was not killed");
    Came { code, told: value(&output.stdout), complained: value(&output.stderr) }
}

fn cli(data: &Path, args: &[&str]) -> Came {
    came(&command(data, args).output().unwrap())
}

/// Does what must succeed.
fn does(data: &Path, args: &[&str]) -> Value {
    let came = cli(data, args);
    assert_eq!(came.code, 0, "{args:?}: {came:?}");
    came.told
}

/// Waits until a part of a query's result is as wanted.
fn waits(data: &Path, wanted: Value) -> Value {
    let mut wanted = wanted;
    wanted["timeout_ms"] = json!(PATIENCE_S * 1000);
    let waited = does(data, &["query", "wait", &wanted.to_string()]);
    assert_eq!(waited["met"], true, "{wanted}: {waited}");
    waited["result"].clone()
}

fn sees_deal(data: &Path, deal: &str, stage: &str) {
    waits(data, json!({"query": "deal", "args": {"deal": deal}, "at": "/deal/stage", "is": stage}));
}

fn has_confirmed(data: &Path, deal: &str, who: &str) {
    let at = format!("/deal/{who}_confirmed");
    waits(data, json!({"query": "deal", "args": {"deal": deal}, "at": at, "is": true}));
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap()
}

/// Two households: the founder and one who joins by the ticket.
struct Two {
    folder: tempfile::TempDir,
    _running: [Household; 2],
}

impl Two {
    fn chen(&self) -> std::path::PathBuf {
        self.folder.path().join("chen")
    }

    fn hou(&self) -> std::path::PathBuf {
        self.folder.path().join("hou")
    }

    fn neighbours() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (chen, hou) = (folder.path().join("chen"), folder.path().join("hou"));
        let founded = does(&chen, &["found", "榕荫里", "--name", "陈姨", "--block", "502"]);
        assert_eq!(text(&founded["building"]).len(), 64);
        let mut running = [Household::new("陈姨", &chen), Household::new("侯叔", &hou)];
        for household in &mut running {
            household.start(Command::new(bin("kaifong")), &["--interface", "lo", "--no-lan"]).unwrap();
        }
        let ticket = does(&chen, &["invite", "--valid", "1h"]);
        assert!(!ticket["addresses"].as_array().unwrap().is_empty(), "{ticket}");
        let wait = PATIENCE_S.to_string();
        let mut join = vec!["join", text(&ticket["ticket"]), "--name", "侯叔", "--block", "706", "--wait", &wait];
        join.extend(["--household", "3栋706", "--real-name", "侯志明", "--phone", "1380000"]);
        let joining = command(&hou, &join).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let requests = waits(&chen, json!({"query": "requests", "at": "/rows", "least": 1}));
        let request = &requests["rows"][0];
        assert_eq!((&request["household"], &request["real_name"]), (&json!("3栋706"), &json!("侯志明")));
        does(&chen, &["approve", short(text(&request["device"]))]);
        let joined = came(&joining.wait_with_output().unwrap());
        assert_eq!((joined.code, &joined.told["state"]), (0, &json!("approved")), "{joined:?}");
        // The newcomer catches up by itself.
        waits(&hou, json!({"query": "members", "at": "/rows", "least": 2}));
        waits(&hou, json!({"query": "building", "at": "/name", "is": "榕荫里"}));
        Self { folder, _running: running }
    }
}

// proves: A2 A11 A15 A22 A23 A30 B5 B14 B21 F8 F11 G2
#[test]
fn two_households_trade_lend_and_thank_each_other_from_the_shell() {
    let two = Two::neighbours();
    let (chen, hou) = (two.chen(), two.hou());

    let post = ["offer", "--kind", "skill", "--title", "通渠、换水龙头", "--points", "12"];
    let offer = does(&chen, &post)["listing"].clone();
    let need = does(&hou, &["need", "--title", "厨房下水道堵了，求疏通"])["listing"].clone();
    waits(&hou, json!({"query": "matches", "args": {"listing": need}, "at": "/rows/0/listing/id", "is": offer}));
    let fits = does(&hou, &["matches", short(text(&need))]);
    assert!(!text(&fits["rows"][0]["why"]).is_empty(), "{fits}");
    let found = does(&hou, &["search", "水龙頭"]);
    assert_eq!(found["rows"][0]["listing"]["id"], offer);

    let deal = does(&hou, &["answer", short(text(&offer)), "--with", text(&need)])["deal"].clone();
    let deal = text(&deal);
    sees_deal(&chen, deal, "answered");
    let today = does(&chen, &["today"]);
    assert_eq!((&today["turns"][0]["id"], &today["turns"][0]["my_verb"]), (&json!(deal), &json!("答应")));
    let agreed = does(&chen, &["agree", short(deal)]);
    assert_eq!((&agreed["saved"], &agreed["deal"]["stage"]), (&json!(true), &json!("agreed")));
    sees_deal(&hou, deal, "agreed");
    does(&chen, &["done", deal]);
    has_confirmed(&hou, deal, "giver");
    assert_eq!(does(&hou, &["deal", deal])["deal"]["my_verb"], "确认办好");
    let done = does(&hou, &["done", deal]);
    assert_eq!(done["deal"]["stage"], "done");
    waits(&chen, json!({"query": "points", "at": "/balance", "is": 12}));
    waits(&hou, json!({"query": "points", "at": "/balance", "is": -12}));
    let line = &does(&chen, &["points"])["lines"][0];
    assert_eq!((&line["direction"], &line["points"], &line["deal"]), (&json!("in"), &json!(12), &json!(deal)));
    does(&hou, &["review", deal, "5", "很快就通了"]);
    let vouchers = does(&chen, &["deal", deal])["vouchers"].clone();
    let said: Vec<_> = vouchers.as_array().unwrap().iter().map(|voucher| text(&voucher["what"])).collect();
    assert_eq!(said, ["answer", "agree", "done", "done"]);

    lends(&chen, &hou);

    let hou_id = does(&hou, &["query", "me"])["person"]["member"].clone();
    does(&chen, &["give", short(text(&hou_id)), "5"]);
    waits(&hou, json!({"query": "points", "at": "/balance", "is": -7}));
    waits(&chen, json!({"query": "points", "at": "/balance", "is": 7}));

    let record = json!({"query": "member", "args": {"member": hou_id}, "at": "/record/loans_returned", "is": 1});
    assert_eq!(waits(&chen, record)["record"]["completed"], 2);
    let shown = waits(&hou, json!({"query": "members", "at": "/rows/0/record/stars", "is": 5.0}));
    assert_eq!(shown["rows"][0]["person"]["name"], "陈姨");
    for home in [&chen, &hou] {
        let audit = does(home, &["audit"]);
        assert_eq!((&audit["ok"], &audit["ledger_sum"]), (&json!(true), &json!(0)), "{audit}");
    }
    let projection = does(&chen, &["status"])["projection"].clone();
    waits(&hou, json!({"query": "status", "at": "/projection", "is": projection}));
}

/// A ladder goes out and comes back.
fn lends(chen: &Path, hou: &Path) {
    let post = ["offer", "--kind", "物品", "--mode", "共享", "--title", "人字梯，两米"];
    let ladder = does(chen, &post)["listing"].clone();
    waits(hou, json!({"query": "listing", "args": {"listing": ladder}, "at": "/listing/id"}));
    let without_day = cli(hou, &["answer", text(&ladder)]);
    assert_eq!((without_day.code, &without_day.complained["code"]), (1, &json!("due-mismatch")));
    let loan = does(hou, &["answer", text(&ladder), "--due", "3d"])["deal"].clone();
    let loan = text(&loan);
    sees_deal(chen, loan, "answered");
    does(chen, &["agree", loan]);
    sees_deal(hou, loan, "agreed");
    does(chen, &["hand-over", loan]);
    does(hou, &["hand-over", loan]);
    sees_deal(hou, loan, "on-loan");
    sees_deal(chen, loan, "on-loan");
    assert_eq!(
        does(chen, &["query", "listing", &json!({"listing": ladder}).to_string()])["listing"]["stage"],
        "agreed"
    );
    does(hou, &["return", loan]);
    has_confirmed(chen, loan, "receiver");
    assert_eq!(does(chen, &["return", loan])["deal"]["stage"], "done");
    sees_deal(hou, loan, "done");
    // A lent thing is there again for the next.
    waits(hou, json!({"query": "listing", "args": {"listing": ladder}, "at": "/listing/stage", "is": "open"}));
}

#[test]
fn who_is_refused_learns_why_and_may_ask_again() {
    let folder = tempfile::tempdir().unwrap();
    let (chen, ma) = (folder.path().join("chen"), folder.path().join("ma"));
    does(&chen, &["found", "榕荫里", "--name", "陈姨"]);
    let mut running = Household::new("陈姨", &chen);
    running.start(Command::new(bin("kaifong")), &["--interface", "lo", "--no-lan"]).unwrap();
    let ticket = does(&chen, &["invite"]);
    let wait = PATIENCE_S.to_string();
    // Nobody runs a node here: who waits brings the network up by itself.
    let mut join = vec!["join", text(&ticket["ticket"]), "--name", "马乐", "--household", "1栋", "--real-name", "马乐"];
    join.extend(["--wait", &wait, "--interface", "lo", "--no-lan"]);
    for (decision, code, state) in [("refuse", 1, "refused"), ("approve", 0, "approved")] {
        let joining = command(&ma, &join).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let requests = waits(&chen, json!({"query": "requests", "at": "/rows", "least": 1}));
        let device = text(&requests["rows"][0]["device"]).to_owned();
        match decision {
            "refuse" => does(&chen, &["refuse", short(&device), "--reason", "门牌对不上"]),
            _ => does(&chen, &["approve", short(&device)]),
        };
        let came = came(&joining.wait_with_output().unwrap());
        assert_eq!((came.code, &came.told["state"]), (code, &json!(state)), "{came:?}");
        if code == 1 {
            assert_eq!(came.complained["code"], "not-yet-member", "{came:?}");
            assert!(text(&came.complained["sentence"]).contains("门牌对不上"), "{came:?}");
        }
    }
}

#[test]
fn every_exit_code_says_what_it_promises() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let empty = folder.path().join("empty");
    does(&home, &["found", "榕荫里", "--name", "陈姨"]);
    let offer = does(&home, &["offer", "--kind", "time", "--title", "陪聊天"])["listing"].clone();
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, "not a folder").unwrap();
    let nobody = "00".repeat(16);
    for (data, args, code, name) in [
        (&empty, vec!["listings"], 1, "no-building"),
        (&home, vec!["found", "又一栋", "--name", "陈姨"], 1, "already-home"),
        (&home, vec!["offer", "--kind", "time", "--title", ""], 1, "text-empty"),
        (&home, vec!["answer", text(&offer)], 1, "own-listing"),
        (&home, vec!["agree", &nobody], 1, "deal-unknown"),
        (&home, vec!["approve", "abcd1234"], 1, "request-unknown"),
        (&home, vec!["agree", "abc"], 2, "bad-arguments"),
        (&home, vec!["query", "listings", "{"], 2, "bad-arguments"),
        (&home, vec!["query", "listings", r#"{"sied": 1}"#], 2, "bad-arguments"),
        (&home, vec!["query", "post"], 2, "unknown-name"),
        (&home, vec!["do", "listings"], 2, "unknown-name"),
        (&home, vec!["match-eval", "nowhere", "--out", "/dev/null"], 2, "bad-arguments"),
        (&home, vec!["watch"], 3, "not-reachable"),
        (&blocked, vec!["status"], 3, "store-unusable"),
    ] {
        let came = cli(data, &args);
        assert_eq!((came.code, &came.complained["code"]), (code, &json!(name)), "{args:?}: {came:?}");
        assert!(!text(&came.complained["sentence"]).is_empty() && came.told.is_null(), "{args:?}: {came:?}");
    }
    for usage in [vec!["dance"], vec!["agree"], vec!["offer", "--kind", "thing", "--title", "a"], vec!["--nothing"]] {
        assert_eq!(cli(&home, &usage).code, 2, "{usage:?}");
    }
    assert_eq!(cli(&home, &["--help"]).code, 0);
    let table = does(&empty, &["api"]);
    assert!(table["commands"].as_array().unwrap().len() > 20 && table["$defs"].is_object());
}

#[test]
fn one_folder_has_one_running_node_and_short_commands_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    does(&home, &["found", "榕荫里", "--name", "陈姨"]);
    let offers = ["教书法", "教手机", "陪聊天"].map(|title| {
        let offer = ["offer", "--kind", "time", "--title", title];
        command(&home, &offer).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    for offer in offers {
        let came = came(&offer.wait_with_output().unwrap());
        assert_eq!(came.code, 0, "{came:?}");
    }
    let mut running = Household::new("陈姨", &home);
    let up = running.start(Command::new(bin("kaifong")), &["--interface", "lo"]).unwrap();
    assert!(up.contains("榕荫里"), "{up}");
    assert_eq!(does(&home, &["listings"])["total"], 3, "it answers through the running node");
    let second = cli(&home, &["run"]);
    assert_eq!((second.code, &second.complained["code"]), (3, &json!("store-unusable")), "{second:?}");
    assert_eq!(does(&home, &["listings"])["total"], 3, "and the first one has not noticed");
    let mut watching = command(&home, &["watch", "--events", "1"]).stdout(Stdio::piped()).spawn().unwrap();
    // Whether it listens already cannot be seen from outside; it hears one of these.
    let mut posted = 3;
    while watching.try_wait().unwrap().is_none() && posted < 200 {
        does(&home, &["need", "--title", "借人字梯"]);
        posted += 1;
    }
    let heard = watching.wait_with_output().unwrap();
    let event: Value = serde_json::from_slice(&heard.stdout).unwrap();
    assert_eq!(event["event"], "changed");
    assert!(event["payload"]["tags"].as_array().unwrap().contains(&json!("listings")), "{event}");
    running.stop().unwrap();
    assert!(!home.join("kaifong.sock").exists(), "nothing is left behind");
    assert_eq!(does(&home, &["listings"])["total"], posted, "and now it opens the folder itself");
}

#[test]
fn whoever_stops_reading_causes_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path(), &["api"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()), (Some(0), String::new()));
}

#[test]
fn a_log_that_nobody_reads_hangs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut status = command(folder.path(), &["status"]);
    let mut child = status.env("KAIFONG_LOG", "trace").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn a_world_is_ranked_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (world, out) = (folder.path().join("world"), folder.path().join("ranking.tsv"));
    std::fs::create_dir(&world).unwrap();
    std::fs::write(world.join("offers.jsonl"), "{\"id\":\"o1\",\"kind\":\"item\",\"title\":\"人字梯\"}\n").unwrap();
    std::fs::write(world.join("needs.jsonl"), "{\"id\":\"n1\",\"kind\":\"any\",\"title\":\"借人字梯\"}\n").unwrap();
    let told = does(folder.path(), &["match-eval", world.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!((&told["offers"], &told["rows"]), (&json!(1), &json!(1)));
    let ranking = std::fs::read_to_string(out).unwrap();
    assert!(ranking.starts_with("n1\t1\to1\t"), "{ranking}");
}
