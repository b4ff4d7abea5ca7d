//! The crate table of docs/ARCHITECTURE.md against what the manifests declare.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use kaifong_tests::repo::{self, array, text};

use crate::none;

const PAGE: &str = "docs/ARCHITECTURE.md";
/// What ends up in no product: they may use what they test with.
const FOR_TESTS: [&str; 2] = ["testkit", "tests"];
/// Crates that are driven by arguments and return values.
const PURE: [&str; 7] = ["domain", "trust", "ledger", "replica", "sync", "matching", "register"];
/// What pure code does not do, and the one file that is no part of the pure crate's work: it reads test worlds.
const IMPURE: [&str; 8] =
    ["SystemTime", "Instant::now", "std::thread", "std::fs", "TcpStream", "UdpSocket", "thread_rng", "rand::rng"];
const READS_WORLDS: &str = "crates/matching/src/eval.rs";

/// One row of the table.
struct Row {
    name: String,
    imports: BTreeSet<String>,
    alone: BTreeSet<String>,
}

fn table() -> Vec<Row> {
    let page = repo::read(Path::new(PAGE)).unwrap();
    let lines = page.lines().skip_while(|line| !line.starts_with("| crate |")).skip(2);
    let mut rows: Vec<Row> = Vec::new();
    for line in lines.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, imports, alone] = cells.as_slice() else { panic!("three cells: {line}") };
        let above = || rows.iter().map(|row| row.name.clone());
        let imports = match imports.strip_prefix("all above") {
            Some("") => above().collect(),
            Some(but) => {
                let but = but.trim_start_matches(" but ");
                above().filter(|name| !but.split(", ").any(|left_out| left_out == name)).collect()
            }
            None => imports.split(", ").filter(|name| *name != "–").map(str::to_owned).collect(),
        };
        let alone = alone.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        rows.push(Row { name: (*name).to_owned(), imports, alone });
    }
    assert!(rows.len() > 10, "the table of {PAGE} was not found");
    rows
}

/// A crate's declared dependencies with their kind: None is a normal one.
fn declared() -> BTreeMap<String, Vec<(String, Option<String>)>> {
    let metadata = repo::metadata().unwrap();
    let packages = array(&metadata, "packages").iter();
    packages
        .map(|package| {
            let name = text(package, "name").trim_start_matches("kaifong-").to_owned();
            let dependencies = array(package, "dependencies").iter();
            let dependencies = dependencies.map(|dependency| {
                let kind = dependency.get("kind").and_then(|kind| kind.as_str()).map(str::to_owned);
                (text(dependency, "name").to_owned(), kind)
            });
            (name, dependencies.collect())
        })
        .collect()
}

#[test]
fn crates_import_what_the_table_allows() {
    let table = table();
    let mut faults = Vec::new();
    for (name, dependencies) in declared() {
        let Some(row) = table.iter().find(|row| row.name == name) else {
            faults.push(format!("{PAGE}: the table has no row for {name}"));
            continue;
        };
        for (dependency, kind) in dependencies {
            let Some(ours) = dependency.strip_prefix("kaifong-") else { continue };
            let for_tests = kind.as_deref() == Some("dev") || FOR_TESTS.contains(&name.as_str());
            let allowed = match ours {
                "testkit" => for_tests,
                // A crate's tests may look at what the crate itself may not.
                _ => row.imports.contains(ours) || for_tests,
            };
            if !allowed {
                faults.push(format!("{name} may not import {ours}"));
            }
        }
    }
    none(faults);
}

#[test]
fn what_one_crate_alone_imports_no_other_does() {
    let table = table();
    let mut faults = Vec::new();
    for (name, dependencies) in declared() {
        for (dependency, _) in dependencies {
            let owners: Vec<&Row> = table.iter().filter(|row| row.alone.contains(&dependency)).collect();
            let owned = owners.iter().any(|row| row.name == name);
            if !owners.is_empty() && !owned && !FOR_TESTS.contains(&name.as_str()) {
                faults.push(format!("{name} imports {dependency}, which is {}'s", owners[0].name));
            }
        }
    }
    for row in &table {
        let declared = declared();
        let own = declared.get(&row.name).into_iter().flatten();
        let own: BTreeSet<&String> = own.map(|(name, _)| name).collect();
        let unused = row.alone.iter().filter(|name| !own.contains(name));
        faults.extend(unused.map(|name| format!("{PAGE}: {} does not import {name}", row.name)));
    }
    none(faults);
}

#[test]
fn every_row_of_the_table_is_a_crate() {
    let declared = declared();
    let rows = table();
    let gone = rows.iter().filter(|row| !declared.contains_key(&row.name));
    none(gone.map(|row| format!("{PAGE}: there is no crate {}", row.name)).collect());
}

#[test]
fn pure_crates_have_no_runtime_clock_disk_or_network() {
    let mut faults = Vec::new();
    for (name, dependencies) in declared() {
        let impure = ["tokio", "iroh", "sled", "rand"];
        let normal = dependencies.iter().filter(|(_, kind)| kind.is_none());
        for (dependency, _) in normal.filter(|(name, _)| impure.contains(&name.as_str())) {
            if PURE.contains(&name.as_str()) {
                faults.push(format!("{name} is pure and imports {dependency}"));
            }
        }
    }
    for path in repo::compiled().unwrap() {
        let shown = path.display().to_string();
        let pure = PURE.iter().any(|name| path.starts_with(format!("crates/{name}/src")));
        if !pure || shown == READS_WORLDS || shown.contains("tests") {
            continue;
        }
        let source = repo::read(&path).unwrap();
        let outside_tests = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let code = outside_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
        let said = code.flat_map(|line| IMPURE.iter().filter(|word| line.contains(**word)));
        faults.extend(said.map(|word| format!("{shown} is pure and says {word}")));
    }
    none(faults);
}

#[test]
fn every_crate_takes_its_lints_and_versions_from_the_workspace() {
    let mut faults = Vec::new();
    let metadata = repo::metadata().unwrap();
    for package in array(&metadata, "packages") {
        let name = text(package, "name");
        let manifest = fs::read_to_string(text(package, "manifest_path")).unwrap();
        if !manifest.contains("[lints]\nworkspace = true\n") {
            faults.push(format!("{name}: the manifest lacks [lints] workspace = true"));
        }
        for field in ["version", "edition", "rust-version", "license", "publish"] {
            if !manifest.contains(&format!("\n{field}.workspace = true\n")) {
                faults.push(format!("{name}: {field} is not the workspace's"));
            }
        }
        let mut section = String::new();
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line.to_owned();
            } else if section.contains("dependencies") && line.contains('=') && !line.contains("workspace = true") {
                faults.push(format!("{name}: a version of its own: {line}"));
            }
        }
    }
    none(faults);
}

#[test]
fn every_dependency_has_a_line_that_says_what_for() {
    let page = repo::read(Path::new("docs/decisions/dependencies.md")).unwrap();
    let manifest = repo::read(Path::new("Cargo.toml")).unwrap();
    let named: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for (name, dependencies) in declared() {
        for (dependency, _) in dependencies.into_iter().filter(|(name, _)| !name.starts_with("kaifong-")) {
            if !named.contains(dependency.as_str()) {
                faults.push(format!("dependencies.md has no line for {dependency} ({name})"));
            }
            used.insert(dependency);
        }
    }
    // The fuzz targets and the benches are workspaces of their own, with versions of their own.
    for folder in ["fuzz", "bench"] {
        let manifest = repo::read(&Path::new(folder).join("Cargo.toml")).unwrap_or_default();
        let after = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
        let lines = after.take_while(|line| !line.starts_with('['));
        for name in
            lines.filter_map(|line| line.split([' ', '=', '.']).next()).filter(|name| !name.is_empty() && *name != "#")
        {
            if !name.starts_with("kaifong-") && !named.contains(name) {
                faults.push(format!("dependencies.md has no line for {name} ({folder})"));
            }
            used.insert(name.to_owned());
        }
    }
    let unused = named.iter().filter(|name| !used.contains(**name) && !manifest.contains(&format!("\n{name} =")));
    faults.extend(unused.map(|name| format!("dependencies.md: nobody uses {name}")));
    none(faults);
}
