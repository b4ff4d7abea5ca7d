//! One line on the local socket or one body over HTTP, and the arguments of the row that it names.
#![no_main]

use kaifong_api::http::parse_arguments;
use kaifong_api::local::{Reply, Request, parse_request};
use kaifong_api::table::{COMMANDS, QUERIES, Row, rows};
use kaifong_api::{HomeId, Told};
use kaifong_fuzz::{Mode, Unstructured, below, bend, chance, number, open, pick, run, text};
use serde_json::{Map, Value, json};

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    if mode == Mode::Raw {
        return read(u.take_rest());
    }
    let names: Vec<_> = COMMANDS.iter().chain(QUERIES).copied().collect();
    let name = if chance(&mut u, 16) { text(&mut u) } else { pick(&mut u, &names).copied().unwrap_or_default().into() };
    let mut request = json!({ "id": number(&mut u), "name": name, "args": arguments(&mut u) });
    if chance(&mut u, 4) {
        request["home"] = json!(if chance(&mut u, 4) { text(&mut u) } else { "0194f00000000001".to_owned() });
    }
    if chance(&mut u, 8) {
        request[text(&mut u)] = value(&mut u, 2);
    }
    let mut line = request.to_string().into_bytes();
    if mode == Mode::Bent {
        bend(&mut u, &mut line);
    }
    read(&line);
}

fn read(line: &[u8]) {
    if let Ok(home) = String::from_utf8_lossy(line).parse::<HomeId>() {
        assert_eq!(home.to_string().as_bytes(), line, "a home is written in one way only");
    }
    let _ = serde_json::from_slice::<Reply>(line);
    let _ = serde_json::from_slice::<Told>(line);
    let _ = parse_arguments(line);
    let Ok(request) = parse_request(line) else { return };
    let again = serde_json::to_vec(&request).expect("a request can be written");
    // Fractions may lose their last digit; no argument is one.
    let known = |request: &Request| (request.id, request.home.clone(), request.name.clone());
    assert_eq!(parse_request(&again).as_ref().map(known), Ok(known(&request)), "what is written is read the same");
    let args = if request.args.is_null() { Value::Object(Map::new()) } else { request.args };
    asked(&request.name, &args);
}

/// Reads the arguments as the row would.
fn asked(name: &str, args: &Value) {
    macro_rules! each {
        ($($row:ident)+) => { $(
            if name == rows::$row::NAME
                && let Ok(args) = serde_json::from_value::<<rows::$row as Row>::Args>(args.clone())
            {
                let written = serde_json::to_value(&args).expect("arguments can be written");
                assert!(serde_json::from_value::<<rows::$row as Row>::Args>(written).is_ok());
            }
        )+ };
    }
    each! {
        found apply further_device invite withdraw_invites approve refuse stand draft_epoch agree_to_draft lead_council use_sheet set_role set_witness link_device set_profile post edit_listing
        close_listing answer agree call_off hand_over r#return done step_on_loan review reply offer_phone withdraw_phone give export status building council me members member
        listings needs offers listing matches search deals deal verify today points statement requests application peers reviews
        audit invites resolve wait
    }
}

fn arguments(u: &mut Unstructured<'_>) -> Value {
    const KEYS: [&str; 31] = [
        "entry",
        "building",
        "name",
        "block",
        "about",
        "invitation",
        "household",
        "real_name",
        "phone",
        "kind",
        "valid_ms",
        "addresses",
        "device",
        "reason",
        "member",
        "role",
        "held",
        "named",
        "seal",
        "side",
        "mode",
        "title",
        "body",
        "points",
        "listing",
        "owner",
        "due_at",
        "deal",
        "stars",
        "text",
        "to",
    ];
    let mut args = Map::new();
    for _ in 0..below(u, 8) {
        let key = if chance(u, 16) { text(u) } else { pick(u, &KEYS).copied().unwrap_or_default().into() };
        args.insert(key, value(u, 3));
    }
    if chance(u, 16) { Value::Null } else { Value::Object(args) }
}

fn value(u: &mut Unstructured<'_>, depth: usize) -> Value {
    match below(u, 10) {
        0 => Value::Null,
        1 => json!(u.arbitrary::<bool>().unwrap_or(false)),
        2 => json!(number(u)),
        3 => json!(u.arbitrary::<i64>().unwrap_or(0)),
        4 => json!(u.arbitrary::<f64>().unwrap_or(0.5)),
        5 => json!("ab".repeat(*pick(u, &[8, 16, 32]).unwrap_or(&16))),
        6 => json!(pick(u, &["offer", "need", "item", "skill", "share", "person", "desk", "reviewer", "127.0.0.1:1"])),
        7 if depth > 0 => Value::Array((0..below(u, 4)).map(|_| value(u, depth - 1)).collect()),
        8 if depth > 0 => Value::Object((0..below(u, 4)).map(|_| (text(u), value(u, depth - 1))).collect()),
        _ => json!(text(u)),
    }
}
