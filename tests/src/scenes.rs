//! What neighbours do with each other, played on real processes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::household::{Household, PATIENCE_MS, Refused, Wanted};

/// A step that did not go as hoped, in words.
pub type Scene<T> = Result<T, String>;

/// A newcomer's application, with the ticket or the typed code.
pub fn application(household: &Household, invitation: &str, kind: &str, block: &str) -> Value {
    json!({
        "invitation": invitation,
        "name": household.name,
        "block": block,
        "household": format!("{block} 住户 {}", household.name),
        "real_name": household.name,
        "kind": kind,
    })
}

/// Does a command; a refusal ends the scene.
///
/// # Errors
/// The refusal.
pub fn does(household: &mut Household, name: &str, args: &Value) -> Scene<Value> {
    let who = household.name.clone();
    household.ask(name, args).map_err(|Refused { code, sentence }| format!("{who} {name}: {code}: {sentence}"))
}

/// Does a command that must be refused, and gives the code.
///
/// # Errors
/// When it was done all the same.
pub fn is_refused(household: &mut Household, name: &str, args: &Value) -> Scene<String> {
    match household.ask(name, args) {
        Err(refused) => Ok(refused.code),
        Ok(done) => Err(format!("{} {name} was done: {done}", household.name)),
    }
}

/// Reads a text out of a result.
///
/// # Errors
/// When there is none at this place.
pub fn text(value: &Value, at: &str) -> Scene<String> {
    value.pointer(at).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| format!("no text at {at} in {value:#}"))
}

/// A newcomer hands in an application, the reviewer approves it, and the newcomer learns that it is a member.
///
/// # Errors
/// What did not come to pass.
pub fn joins(
    newcomer: &mut Household,
    reviewer: &mut Household,
    invitation: &str,
    kind: &str,
    block: &str,
) -> Scene<()> {
    let wanted = application(newcomer, invitation, kind, block);
    does(newcomer, "apply", &wanted)?;
    let device = text(&does(newcomer, "me", &json!({}))?, "/device")?;
    // The request travels by itself, over whichever neighbour the newcomer met first; others may wait beside it.
    loop {
        let requests = reviewer.wait("requests", json!({}), "/rows", Wanted::Least(1))?;
        let rows = requests.get("rows").and_then(Value::as_array).into_iter().flatten();
        if rows.into_iter().any(|row| row.get("device") == Some(&json!(device))) {
            break;
        }
        does(reviewer, "wait", &json!({"tags": ["requests"], "timeout_ms": PATIENCE_MS}))?;
    }
    does(reviewer, "approve", &json!({ "device": device }))?;
    newcomer.wait("application", json!({}), "/state", Wanted::Is(json!("approved")))?;
    Ok(())
}

/// Posts a listing and gives its id.
///
/// # Errors
/// The refusal.
pub fn posts(household: &mut Household, listing: Value) -> Scene<String> {
    let mut args = listing;
    if let Some(args) = args.as_object_mut() {
        args.remove("owner");
    }
    text(&does(household, "post", &args)?, "/listing")
}

/// Waits until a household shows a listing.
///
/// # Errors
/// When it never does.
pub fn sees(household: &mut Household, listing: &str) -> Scene<Value> {
    household.wait("listing", json!({ "listing": listing }), "/listing/id", Wanted::Is(json!(listing)))
}

/// Waits until a household shows a deal at a stage.
///
/// # Errors
/// When it never does.
pub fn sees_deal(household: &mut Household, deal: &str, stage: &str) -> Scene<Value> {
    household.wait("deal", json!({ "deal": deal }), "/deal/stage", Wanted::Is(json!(stage)))
}

/// Waits until a household shows its own balance, in points.
///
/// # Errors
/// When it never does.
pub fn has_points(household: &mut Household, points: i64) -> Scene<()> {
    household.wait("points", json!({}), "/balance", Wanted::Is(json!(points))).map(|_| ())
}

/// Waits until all hold the same, and gives the projection's hash.
///
/// # Errors
/// Who does not.
pub fn hold_the_same(households: &mut [Household]) -> Scene<String> {
    let deadline = Instant::now() + Duration::from_millis(PATIENCE_MS);
    loop {
        let mut held = Vec::new();
        for household in &mut *households {
            held.push(text(&does(household, "status", &json!({}))?, "/projection")?);
        }
        let Some(goal) = held.first().cloned() else { return Err("nobody is there".into()) };
        if held.iter().all(|projection| *projection == goal) {
            return Ok(goal);
        }
        if Instant::now() > deadline {
            return Err(format!("they do not come to hold the same: {held:?}"));
        }
        // Whoever settles last (a stamp, an accept) is not known beforehand: any change may have been the last one.
        for household in &mut *households {
            does(household, "wait", &json!({"timeout_ms": 50}))?;
        }
    }
}
