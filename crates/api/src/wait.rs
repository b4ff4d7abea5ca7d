//! Waiting for something to come to pass, without asking again and again.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

use crate::dto::{Tag, WaitArgs, Waited};
use crate::table::{COMMANDS, Event, Host, call};
use crate::{ApiError, Code};

/// The longest that anybody may wait, in milliseconds.
const TIMEOUT_MS_MAX: u64 = 600_000;

/// Asks the query again after every change, until it says what is wanted or the time is up.
///
/// # Errors
/// `bad-arguments`; and what the query itself says, unless a change may still mend it.
pub(crate) async fn wait<H: Host>(host: &H, args: WaitArgs) -> Result<Waited, ApiError> {
    check(&args)?;
    // Before the first look, so that no change falls between the two.
    let mut events = host.events();
    let deadline = Instant::now() + Duration::from_millis(args.timeout_ms);
    loop {
        let result = match &args.query {
            Some(query) => ask(host, query, &args).await?,
            None => Value::Null,
        };
        if args.query.is_some() && holds(&args, &result) {
            return Ok(Waited { met: true, result });
        }
        loop {
            match timeout_at(deadline, events.recv()).await {
                Err(_) => return Ok(Waited { met: false, result }),
                Ok(Err(RecvError::Closed)) => return Err(ApiError::not_reachable("节点正在关闭")),
                // What was missed may have been what is waited for.
                Ok(Err(RecvError::Lagged(_))) => break,
                Ok(Ok(Event::Changed(changed))) if touches(&args.tags, &changed.tags) => break,
                Ok(Ok(_)) => {}
            }
        }
        if args.query.is_none() {
            return Ok(Waited { met: true, result: Value::Null });
        }
    }
}

fn check(args: &WaitArgs) -> Result<(), ApiError> {
    if args.timeout_ms > TIMEOUT_MS_MAX {
        return Err(ApiError::bad_arguments(format_args!("timeout_ms 最多 {TIMEOUT_MS_MAX}")));
    }
    if !(args.at.is_empty() || args.at.starts_with('/')) {
        return Err(ApiError::bad_arguments("at 要以 / 开头，例如 /deal/stage"));
    }
    match args.query.as_deref() {
        Some("wait") => Err(ApiError::bad_arguments("不能等 wait 自己")),
        Some(name) if COMMANDS.contains(&name) => Err(ApiError::bad_arguments("只能等查询，不能等命令")),
        _ => Ok(()),
    }
}

/// Asks the query. What is unknown now may be known after the next change.
async fn ask<H: Host>(host: &H, query: &str, args: &WaitArgs) -> Result<Value, ApiError> {
    match call(host, query, args.args.clone()).await {
        Err(error) if may_mend(error.code) => Ok(Value::Null),
        answer => answer,
    }
}

fn may_mend(code: Code) -> bool {
    let soon = ["listing-unknown", "deal-unknown", "member-unknown", "not-yet-member", "no-building"];
    soon.contains(&code.as_str())
}

fn holds(args: &WaitArgs, result: &Value) -> bool {
    let Some(part) = result.pointer(&args.at) else { return false };
    if !args.one_of.is_empty() {
        return args.one_of.contains(part);
    }
    match (&args.is, args.least) {
        (Some(wanted), _) => part == wanted,
        (None, Some(least)) => match part {
            Value::Array(list) => i64::try_from(list.len()).is_ok_and(|len| len >= least),
            number => number.as_i64().is_some_and(|number| number >= least),
        },
        (None, None) => match part {
            Value::Null => false,
            Value::Bool(yes) => *yes,
            Value::String(text) => !text.is_empty(),
            Value::Array(list) => !list.is_empty(),
            Value::Number(_) | Value::Object(_) => true,
        },
    }
}

fn touches(wanted: &[Tag], changed: &[Tag]) -> bool {
    wanted.is_empty() || wanted.iter().any(|tag| changed.contains(tag))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn args(wanted: Value) -> WaitArgs {
        let mut all = json!({"query": "deal", "timeout_ms": 1000});
        all.as_object_mut().unwrap().extend(wanted.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn a_condition_is_about_one_part_of_the_result() {
        let result = json!({"deal": {"stage": "done", "points": 12}, "rows": [1, 2], "name": ""});
        for (wanted, met) in [
            (json!({"at": "/deal/stage", "is": "done"}), true),
            (json!({"at": "/deal/stage", "is": "agreed"}), false),
            (json!({"at": "/deal/stage", "one_of": ["lost", "done"]}), true),
            (json!({"at": "/deal/stage", "one_of": ["lost"]}), false),
            (json!({"at": "/deal/points", "least": 12}), true),
            (json!({"at": "/deal/points", "least": 13}), false),
            (json!({"at": "/rows", "least": 2}), true),
            (json!({"at": "/rows", "least": 3}), false),
            (json!({"at": "/rows"}), true),
            (json!({"at": "/name"}), false),
            (json!({"at": "/nowhere"}), false),
            (json!({}), true),
        ] {
            assert_eq!(holds(&args(wanted.clone()), &result), met, "{wanted}");
        }
    }

    #[test]
    fn what_cannot_be_waited_for_is_said_at_once() {
        for wanted in
            [json!({"query": "wait"}), json!({"query": "post"}), json!({"timeout_ms": 600_001}), json!({"at": "deal"})]
        {
            assert_eq!(check(&args(wanted)).unwrap_err().code, Code::BAD_ARGUMENTS);
        }
        assert_eq!(check(&args(json!({}))), Ok(()));
    }
}
