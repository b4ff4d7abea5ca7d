//! `make run`: a living building on this machine.
//!
//! Six households and the share-room's desk, each a process with its own store and key, find each other over real iroh on
//! the loopback interface. One exchange is played and told with its timings; then everything stays up, with one household
//! in the desktop window where there is a display (`--window`), and a link for a browser to each of the others.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use kaifong_tests::household::{Household, Wanted};
use kaifong_tests::scenes::{Scene, does, has_points, hold_the_same, joins, posts, sees, sees_deal, text};
use serde_json::{Value, json};

const FIXTURE: &str = include_str!("../../data/building.json");
/// Whose window is opened: she has posted the need.
const WHO_LOOKS: &str = "黄阿姨";
/// What is told goes to standard output, at once.
macro_rules! tell {
    ($($part:tt)*) => {{
        let mut out = std::io::stdout().lock();
        // Whoever listened may have gone; the building goes on.
        let _ = writeln!(out, $($part)*).and_then(|()| out.flush());
    }};
}

fn main() -> std::process::ExitCode {
    let told = |wish: &str| std::env::args().any(|argument| argument == wish);
    match live(told("--once"), told("--window")) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(what) => {
            tell!("\n出了岔子 (went wrong): {what}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn live(once: bool, window: bool) -> Scene<()> {
    let folder = folder()?;
    let bin = kaifong_tests::bin("kaifong");
    let fixture: Value = serde_json::from_str(FIXTURE).map_err(|error| error.to_string())?;
    let people = list(&fixture, "/households");
    tell!("红棉里: {} households and a desk, each a process of its own, in {}", people.len() - 1, folder.display());
    let mut all = start(&people, &folder, &bin)?;
    let begun = Instant::now();
    gather(&mut all, &people)?;
    tell!("  joined    {:>8}  everybody is certified by 李叔, the founder", ms(begun));
    let listings = listings(&fixture);
    let begun = Instant::now();
    let posted = fill(&mut all, &people, &listings)?;
    tell!("  filled    {:>8}  {posted} offers and needs posted, each durable before it was told", ms(begun));
    let begun = Instant::now();
    hold_the_same(&mut all)?;
    tell!("  synced    {:>8}  all {} replicas hold the same", ms(begun), all.len());
    exchange(&mut all)?;
    let begun = Instant::now();
    let projection = hold_the_same(&mut all)?;
    tell!(
        "  seen by all {:>6}  projection {}… on every device",
        ms(begun),
        projection.chars().take(16).collect::<String>()
    );
    if once {
        return all.iter_mut().try_for_each(Household::stop);
    }
    let shown = if window { all.iter_mut().find(|household| household.name == WHO_LOOKS) } else { None };
    let shown = shown.map(|household| household.stop().map(|()| household.data().to_owned())).transpose()?;
    stay(&all, &bin)?;
    until_told_to_end(shown.as_deref()).map_err(|error| error.to_string())?;
    tell!("\nending …");
    all.iter_mut().try_for_each(Household::stop)
}

/// Opens a household's window if one is told, and waits for Ctrl-C, a polite kill, or the window's end, so that nobody is left
/// behind.
fn until_told_to_end(shown: Option<&Path>) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut polite = signal(SignalKind::terminate())?;
        let mut window = match shown {
            Some(data) => {
                let mut program = tokio::process::Command::new(kaifong_tests::bin("kaifong-app"));
                Some(program.arg("--data").arg(data).args(["--interface", "lo"]).spawn()?)
            }
            None => None,
        };
        let closed = async {
            match &mut window {
                Some(window) => window.wait().await.map(|_| ()),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            told = tokio::signal::ctrl_c() => told?,
            _ = polite.recv() => {}
            closed = closed => return closed,
        }
        let Some(mut window) = window else { return Ok(()) };
        if let Some(process) = window.id() {
            Command::new("kill").arg("-TERM").arg(process.to_string()).status()?;
        }
        window.wait().await.map(|_| ())
    })
}

fn start(people: &[Value], folder: &Path, bin: &Path) -> Scene<Vec<Household>> {
    let mut all = Vec::new();
    for (number, person) in people.iter().enumerate() {
        let mut household = Household::new(&text(person, "/name")?, &folder.join(format!("home{}", number + 1)));
        let begun = Instant::now();
        household.serve(Command::new(bin), &["--interface", "lo", "--port", "0"])?;
        tell!("  up        {:>8}  {} (process {})", ms(begun), household.name, household.pid().unwrap_or_default());
        all.push(household);
    }
    Ok(all)
}

/// The founder makes the building; the others find it on the LAN by the typed code alone.
fn gather(all: &mut [Household], people: &[Value]) -> Scene<()> {
    let (Some((founder, others)), Some((_, blocks))) = (all.split_first_mut(), people.split_first()) else {
        return Err("the fixture names nobody".into());
    };
    let found = json!({"building": "红棉里 1–5 栋", "name": founder.name, "block": "3栋"});
    does(founder, "found", &found)?;
    let invited = does(founder, "invite", &json!({"valid_ms": 86_400_000_u64, "addresses": []}))?;
    let code = text(&invited, "/code")?;
    tell!("  founded             {} founded the building; the code is {code}", founder.name);
    for (other, person) in others.iter_mut().zip(blocks) {
        let begun = Instant::now();
        let kind = if text(person, "/kind")? == "desk" { "desk" } else { "person" };
        joins(other, founder, &code, kind, &text(person, "/block")?)?;
        tell!("  found     {:>8}  {} found the building with the code and was approved", ms(begun), other.name);
        if kind == "desk" {
            let me = does(other, "me", &json!({}))?;
            let member = text(&me, "/person/member")?;
            founder.wait("member", json!({ "member": member }), "/kind", Wanted::Is(json!("desk")))?;
            does(founder, "set_witness", &json!({"member": member, "named": true}))?;
        }
    }
    Ok(())
}

fn fill(all: &mut [Household], people: &[Value], listings: &[Value]) -> Scene<usize> {
    let names: Vec<String> = people.iter().map(|person| text(person, "/name")).collect::<Scene<_>>()?;
    let mut posted = 0;
    for (number, listing) in listings.iter().enumerate() {
        // Listings without an owner are dealt out in turn.
        let owner =
            listing.get("owner").and_then(Value::as_str).and_then(|owner| names.iter().position(|name| name == owner));
        let at = owner.unwrap_or(number % all.len());
        if let Some(household) = all.get_mut(at) {
            posts(household, listing.clone())?;
            posted += 1;
        }
    }
    Ok(posted)
}

/// 黄阿姨's tap drips; 李叔 can help.
fn exchange(all: &mut [Household]) -> Scene<()> {
    let names: Vec<String> = all.iter().map(|household| household.name.clone()).collect();
    let at = |name: &str| names.iter().position(|other| other == name).ok_or_else(|| format!("{name} is not here"));
    let (asks, helps) = (at("黄阿姨")?, at("李叔")?);
    let [helper, asker] = all.get_disjoint_mut([helps, asks]).map_err(|error| error.to_string())?;
    let repairs =
        json!({"side": "offer", "kind": "skill", "title": "水喉水龙头小修", "body": "换垫圈、换软管，工具自己带"});
    tell!("\n李叔 offers: 水喉水龙头小修");
    let offered = posts(helper, repairs)?;
    sees(asker, &offered)?;
    let tap =
        json!({"side": "need", "kind": "skill", "title": "洗手盆水龙头关不紧", "body": "夜里滴答响", "points": 10});
    tell!("黄阿姨 posts a need: 洗手盆水龙头关不紧");
    let begun = Instant::now();
    let need = posts(asker, tap)?;
    tell!("  saved     {:>8}  durable on her own device", ms(begun));
    sees(helper, &need)?;
    tell!("  synced    {:>8}  李叔's device shows it", ms(begun));
    let begun = Instant::now();
    let fits = does(asker, "matches", &json!({"listing": need, "limit": 1}))?;
    let (offer, why) = (text(&fits, "/rows/0/listing/title")?, text(&fits, "/rows/0/why")?);
    tell!("  matched   {:>8}  合适的: {offer} ({why})", ms(begun));
    let begun = Instant::now();
    let deal = text(&does(helper, "answer", &json!({ "listing": need }))?, "/deal")?;
    tell!("  answered  {:>8}  李叔: 我可以帮助你", ms(begun));
    sees_deal(asker, &deal, "answered")?;
    does(asker, "agree", &json!({ "deal": deal }))?;
    sees_deal(helper, &deal, "agreed")?;
    tell!("  agreed    {:>8}  黄阿姨 accepts, and 李叔 sees it", ms(begun));
    let begun = Instant::now();
    does(asker, "done", &json!({ "deal": deal }))?;
    does(helper, "done", &json!({ "deal": deal }))?;
    has_points(helper, 10)?;
    has_points(asker, -10)?;
    tell!("  paid      {:>8}  both confirm; 10 points from 黄阿姨 to 李叔, the sum is zero", ms(begun));
    let thanks = json!({"deal": deal, "stars": 5, "text": "手脚快，收拾得干净"});
    does(asker, "review", &thanks)?;
    Ok(())
}

/// Listings of the shared matching data where it lies beside the clone, else the project's own.
fn listings(fixture: &Value) -> Vec<Value> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/match/dev");
    let read = |file: &str, side: &str| -> Option<Vec<Value>> {
        let lines = std::fs::read_to_string(shared.join(file)).ok()?;
        lines.lines().map(|line| shared_listing(line, side)).collect()
    };
    match (read("offers.jsonl", "offer"), read("needs.jsonl", "need")) {
        (Some(offers), Some(needs)) => offers.into_iter().chain(needs).collect(),
        _ => list(fixture, "/listings"),
    }
}

/// Reads one line of the shared data as the arguments of `post`.
fn shared_listing(line: &str, side: &str) -> Option<Value> {
    let line: Value = serde_json::from_str(line).ok()?;
    let kind = line.get("kind").and_then(Value::as_str).filter(|kind| *kind != "any");
    let mode = line.get("mode").and_then(Value::as_str).filter(|_| kind == Some("item") && side == "offer");
    let mode = mode.map(|mode| mode.replace('_', "-"));
    let mode = mode.filter(|mode| ["share", "donate", "swap", "charity-sale"].contains(&mode.as_str()));
    let (title, body) = (line.get("title")?, line.get("body")?);
    Some(json!({"side": side, "kind": kind, "mode": mode, "title": title, "body": body}))
}

/// Tells where the building can be looked at: a link for a browser to each household, and the shell.
fn stay(all: &[Household], bin: &Path) -> Scene<()> {
    tell!(
        "\nThe building stays up. In a browser of this machine, as any household (a link lets one browser in, once):"
    );
    for household in all {
        if household.pid().is_none() {
            tell!("  {:<10} in the window; closing it ends the building", household.name);
            continue;
        }
        let opened = Command::new(bin).arg("--data").arg(household.data()).arg("open").output();
        let link = String::from_utf8(opened.map_err(|error| error.to_string())?.stdout).unwrap_or_default();
        tell!("  {:<10} {}", household.name, link.trim());
    }
    if let Some(household) = all.first() {
        let base = format!("{} --data {}", bin.display(), household.data().display());
        tell!(
            "\nOr from a second shell:\n  {base} open\n  {base} listings\n  {base} search 梯子\n  {base} audit\n  {base} --help"
        );
    }
    tell!("\nCtrl-C ends it.");
    Ok(())
}

fn list(value: &Value, at: &str) -> Vec<Value> {
    value.pointer(at).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// A folder of this run's own: short, because a socket's path has to fit into about a hundred bytes.
fn folder() -> Scene<PathBuf> {
    let folder = std::env::temp_dir().join(format!("kaifong-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

fn ms(since: Instant) -> String {
    format!("{:.1} ms", since.elapsed().as_secs_f64() * 1000.0)
}
