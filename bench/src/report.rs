//! What a row says, and the summary that scripts read.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

/// One row as it fell.
#[derive(Clone, Debug)]
pub struct Row {
    /// Our figure.
    pub ours: f64,
    /// The peer's figure; `None` when it did not come to an end.
    pub peer: Option<f64>,
    /// The unit of both.
    pub unit: &'static str,
    /// Who the peer is.
    pub peer_name: String,
    /// The target in words.
    pub target: &'static str,
    /// Whether every part of the target is met.
    pub met: bool,
    /// Everything else that was measured.
    pub extra: Map<String, Value>,
}

/// What became of a row.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It was measured.
    Measured(Row),
    /// It could not run, and why.
    Skipped(String),
}

impl Row {
    /// How many times better ours is than the peer's: above 1 ours takes less.
    pub fn ratio(&self) -> Option<f64> {
        self.peer.filter(|_| self.ours > 0.0).map(|peer| peer / self.ours)
    }

    fn json(&self) -> Value {
        json!({
            "ours": rounded(self.ours),
            "peer": self.peer.map(rounded),
            "unit": self.unit,
            "ratio": self.ratio().map(rounded),
            "peer_name": self.peer_name,
            "target": self.target,
            "met": self.met,
            "extra": self.extra,
        })
    }
}

impl Outcome {
    /// Gives the row's line of the table.
    pub fn line(&self, name: &str) -> String {
        match self {
            Self::Skipped(why) => format!("{name:<14} skipped: {why}"),
            Self::Measured(row) => {
                let peer = row.peer.map_or_else(|| "–".to_owned(), |peer| format!("{:.3}", peer));
                let ratio = row.ratio().map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
                let met = if row.met { "met" } else { "not met" };
                let (ours, unit, who) = (row.ours, row.unit, &row.peer_name);
                format!("{name:<14} {ours:>10.3} {peer:>10} {unit:<4} {ratio:>8}  {met:<8} {who}  [{}]", row.target)
            }
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Measured(row) => row.json(),
            Self::Skipped(why) => json!({ "skipped": why }),
        }
    }
}

/// The heading above the lines.
pub fn heading() -> String {
    format!("{:<14} {:>10} {:>10} {:<4} {:>8}  {:<8} peer  [target]", "row", "ours", "peer", "unit", "ratio", "target")
}

/// Rounds to four significant digits: what is behind them is noise.
pub fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10_f64.powf(3.0 - value.abs().log10().floor());
    (value * scale).round() / scale
}

/// Puts outcomes into the summary, beside those of earlier runs.
///
/// # Errors
/// When the file cannot be written. A file that cannot be read as a summary is replaced.
pub fn merge(file: &Path, outcomes: &[(String, Outcome)], members: usize) -> Result<()> {
    let old = std::fs::read(file).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let mut rows = match old.as_ref().and_then(|old| old.get("rows")) {
        Some(Value::Object(rows)) => rows.clone(),
        _ => Map::new(),
    };
    for (name, outcome) in outcomes {
        let mut row = outcome.json();
        row["members"] = json!(members);
        row["load_1m"] = json!(load());
        rows.insert(name.clone(), row);
    }
    let summary = json!({ "machine": machine(), "rows": rows });
    let folder = file.parent().context("the summary has a folder")?;
    std::fs::create_dir_all(folder)?;
    std::fs::write(file, serde_json::to_vec_pretty(&summary)?)?;
    Ok(())
}

/// Names the machine: processor, cores, kernel, compiler.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let model = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned())
        .unwrap_or_else(|| "unknown processor".to_owned());
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let kernel = read("/proc/sys/kernel/osrelease").trim().to_owned();
    let rustc = std::process::Command::new("rustc").arg("--version").output();
    let rustc = rustc.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned()).unwrap_or_default();
    format!("{model}, {cores} cores, Linux {kernel}, {rustc}")
}

/// Gives the load of the last minute: above the number of cores, others were at work too.
pub fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0)
}

/// Gives one quantile (0 to 1) of measurements, by the nearest rank.
pub fn quantile(of: &mut [f64], quantile: f64) -> f64 {
    of.sort_by(f64::total_cmp);
    let rank = (quantile * of.len() as f64).ceil().max(1.0) as usize;
    of.get(rank.min(of.len()).saturating_sub(1)).copied().unwrap_or(0.0)
}
