//! Sizes, and files that nobody compiles or lists.

use std::path::Path;

use kaifong_tests::repo;

use crate::none;

const LINES_MAX: usize = 600;

#[test]
fn source_files_stay_short() {
    let sources = repo::files().unwrap().into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "rs"));
    let sizes = sources.map(|path| (repo::read(&path).unwrap().lines().count(), path));
    let long = sizes.filter(|(lines, _)| *lines > LINES_MAX);
    none(long.map(|(lines, path)| format!("{}: {lines} lines, at most {LINES_MAX}", path.display())).collect());
}

#[test]
fn every_source_file_is_compiled() {
    let compiled = repo::compiled().unwrap();
    let sources = repo::files().unwrap().into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "rs"));
    // The fuzz targets are a workspace of their own.
    let ours = sources.filter(|path| ["crates", "src-tauri", "tests"].iter().any(|folder| path.starts_with(folder)));
    let forgotten = ours.filter(|path| !compiled.contains(path));
    none(forgotten.map(|path| format!("{}: no `mod` line leads here", path.display())).collect());
}

#[test]
fn nobody_allows_unsafe_code_but_a_phones_entry_point() {
    let manifest = repo::read(Path::new("Cargo.toml")).unwrap();
    assert!(manifest.contains("unsafe_code = \"deny\""), "the workspace denies it");
    let files = repo::files().unwrap().into_iter();
    let sources = files.filter(|path| path.extension().is_some_and(|ext| ext == "rs") && !path.starts_with("fuzz"));
    let loosened = sources.filter(|path| {
        let lines = repo::read(path).unwrap();
        lines.lines().any(|line| {
            let attribute = line.trim_start().starts_with("#");
            attribute && line.contains("unsafe_code") && !line.contains("cfg_attr(mobile, allow(unsafe_code))")
        })
    });
    none(loosened.map(|path| format!("{} allows unsafe code", path.display())).collect());
}

#[test]
fn every_fuzz_target_is_listed() {
    let Ok(manifest) = repo::read(Path::new("fuzz/Cargo.toml")) else { return };
    let files = repo::files().unwrap();
    let targets = files
        .iter()
        .filter(|path| path.starts_with("fuzz/fuzz_targets") && path.extension().is_some_and(|ext| ext == "rs"));
    let unlisted = targets.filter(|path| {
        let inside = path.strip_prefix("fuzz").unwrap().display().to_string();
        !manifest.contains(&format!("path = \"{inside}\""))
    });
    none(unlisted.map(|path| format!("{} is not in fuzz/Cargo.toml", path.display())).collect());
}

#[test]
fn regressions_that_property_tests_found_are_kept_where_they_are_read() {
    let files = repo::files().unwrap();
    let kept = files.iter().filter(|path| path.components().any(|part| part.as_os_str() == "proptest-regressions"));
    let stray = kept.filter(|path| !path.starts_with("crates") && !path.starts_with("tests"));
    none(stray.map(|path| format!("{}: belongs to a crate", path.display())).collect());
}
