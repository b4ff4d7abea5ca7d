//! The page over all listings in a real browser: how soon the first list is there, how soon a letter is seen.
//!
//! The measuring is in `tests/browser/speed.mjs`, which knows the page by its roles, as the browser's stories do.

use std::path::PathBuf;
use std::process::Command as Process;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::Bench;
use crate::device;
use crate::report::{Row, rounded};

const TARGET: &str =
    "first list 500 ms, input p95 50 ms, no task above 50 ms, 400 nodes, 250 KB of script, 60 MiB heap";
/// The folder's name under the scratch folder: the script looks for it there.
const HOME: &str = "screen-home";

/// Measures the row.
pub fn run(bench: &Bench) -> Result<Row> {
    let program = std::env::var_os("KAIFONG").map(PathBuf::from).context("KAIFONG names the program (make bench)")?;
    let home = bench.scratch(HOME);
    device::copy(&bench.world()?.home, &home)?;
    let script = crate::root().join("tests/browser/speed.mjs");
    let out = Process::new("node")
        .arg(script)
        .arg(HOME)
        .env("KAIFONG", program)
        .env("KAIFONG_WORK", bench.scratch(""))
        .output()
        .context("node runs")?;
    bench.clean(&[&home]);
    if !out.status.success() {
        bail!("{}", String::from_utf8_lossy(&out.stderr).trim());
    }
    let said = String::from_utf8_lossy(&out.stdout);
    let measured: Map<String, Value> =
        serde_json::from_str(said.trim()).context("the script tells one line of JSON")?;
    let figure = |name: &str| measured.get(name).and_then(Value::as_f64).with_context(|| format!("{name} is missing"));
    let most = [
        ("first_list_ms", 500.0),
        ("input_p95_ms", 50.0),
        ("longest_task_ms", 50.0),
        ("list_nodes_max", 400.0),
        ("script_kb", 250.0),
        ("heap_mib", 60.0),
    ];
    let mut met = true;
    for (name, limit) in most {
        met &= figure(name)? <= limit;
    }
    let extra =
        measured.iter().map(|(name, value)| (name.clone(), value.as_f64().map_or(Value::Null, |v| rounded(v).into())));
    Ok(Row {
        ours: figure("first_list_ms")?,
        peer: None,
        unit: "ms",
        peer_name: "none: nobody else shows this page".into(),
        target: TARGET,
        met,
        extra: extra.collect(),
    })
}
