//! The repository as files: what is in it, and which source file belongs to which test binary.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use serde_json::Value;

/// Folders that hold nothing of ours, or nothing that was written by hand.
const FOREIGN: [&str; 9] =
    [".git", "target", "node_modules", "corpus", ".svelte-kit", "dist", "paraglide", "project.inlang", "schemas"];

/// Returns the folder of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Lists every file of the repository, committed or about to be, relative to [`root`] and in order.
///
/// Fails when a folder cannot be read.
pub fn files() -> io::Result<Vec<PathBuf>> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let name = entry.file_name();
            if kind.is_dir() && !FOREIGN.iter().any(|foreign| name == *foreign) {
                folders.push(entry.path());
            } else if kind.is_file() && !name.to_string_lossy().ends_with(".log") {
                found.extend(entry.path().strip_prefix(&root).map(Path::to_path_buf));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a file of the repository; bytes that are no text are replaced.
///
/// Fails when there is no such file.
pub fn read(path: &Path) -> io::Result<String> {
    fs::read(root().join(path)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Asks cargo what it knows of the workspace: packages, dependencies as declared, targets.
///
/// Fails when cargo cannot be run or does not answer with JSON.
pub fn metadata() -> io::Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output =
        Command::new(cargo).args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(root()).output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A Rust file as a part of one compiled target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Relative to [`root`].
    pub path: PathBuf,
    /// As nextest names the binary: `kaifong-ledger`, `kaifong-tests::shell`, `kaifong-cli::bin/kaifong`.
    pub binary: String,
    /// The path of its module in that binary: empty for the root.
    pub module: Vec<String>,
}

/// Follows the `mod` lines from every target's root file: what is not in this list is compiled by nobody.
///
/// Fails when cargo does not answer. A `mod` line without a file is left out: the compiler says so better.
pub fn sources() -> io::Result<Vec<Source>> {
    let metadata = metadata()?;
    let mut found = Vec::new();
    for (binary, file) in targets(&metadata) {
        let Ok(path) = file.strip_prefix(root()) else { continue };
        let mut waiting = vec![Source { path: path.to_path_buf(), binary, module: Vec::new() }];
        while let Some(source) = waiting.pop() {
            let text = read(&source.path)?;
            waiting.extend(children(&source, &text));
            found.push(source);
        }
    }
    found.sort();
    Ok(found)
}

/// Returns the files that some target compiles.
///
/// Fails like [`sources`].
pub fn compiled() -> io::Result<BTreeSet<PathBuf>> {
    Ok(sources()?.into_iter().map(|source| source.path).collect())
}

/// Names every target as nextest does, with its root file.
fn targets(metadata: &Value) -> BTreeMap<String, PathBuf> {
    let mut targets = BTreeMap::new();
    for package in array(metadata, "packages") {
        let name = text(package, "name");
        for target in array(package, "targets") {
            let kind = array(target, "kind").first().and_then(Value::as_str).unwrap_or_default();
            let binary = match kind {
                "lib" => name.to_owned(),
                "test" => format!("{name}::{}", text(target, "name")),
                other => format!("{name}::{other}/{}", text(target, "name")),
            };
            targets.insert(binary, PathBuf::from(text(target, "src_path")));
        }
    }
    targets
}

/// Lists the files that a file's `mod name;` lines name.
fn children(parent: &Source, text: &str) -> Vec<Source> {
    let folder = parent.path.parent().unwrap_or(Path::new(""));
    let stem = parent.path.file_stem().unwrap_or_default();
    // A root and a `mod.rs` own the folder they lie in, any other file the folder of its name.
    let folder = if parent.module.is_empty() || stem == "mod" { folder.to_path_buf() } else { folder.join(stem) };
    let names = text.lines().filter_map(declared_module);
    let places = names.flat_map(|name| {
        let file = folder.join(format!("{name}.rs"));
        let nested = folder.join(name).join("mod.rs");
        [(name, file), (name, nested)]
    });
    let there = places.filter(|(_, path)| root().join(path).is_file());
    there
        .map(|(name, path)| {
            let module = parent.module.iter().cloned().chain([name.to_owned()]).collect();
            Source { path, binary: parent.binary.clone(), module }
        })
        .collect()
}

/// Reads the name from a line like `pub(crate) mod name;`.
fn declared_module(line: &str) -> Option<&str> {
    let line = line.trim().strip_suffix(';')?;
    let (before, name) = line.rsplit_once("mod ")?;
    let before = before.trim_end();
    let plain = !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    (plain && (before.is_empty() || before.starts_with("pub") || before.ends_with(']'))).then_some(name)
}

/// Returns a field that is a list; empty if it is none.
pub fn array<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Returns a field that is a text; empty if it is none.
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mod_line_names_its_module() {
        assert_eq!(declared_module("    pub(crate) mod gate;"), Some("gate"));
        assert_eq!(declared_module("#[cfg(test)] mod tests;"), Some("tests"));
        assert_eq!(declared_module("mod tests {"), None);
        assert_eq!(declared_module("// an old mod gone;"), None);
    }

    #[test]
    fn this_file_belongs_to_this_library() {
        let here = Source {
            path: PathBuf::from("tests/src/repo.rs"),
            binary: "kaifong-tests".to_owned(),
            module: vec!["repo".to_owned()],
        };
        assert!(sources().unwrap().contains(&here));
    }
}
