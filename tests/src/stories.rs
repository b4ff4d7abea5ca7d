//! Stories in JavaScript that a person's eyes and hands play: real households, and a real browser or window.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bin;

/// Why nothing can be seen on this machine; `None` when these programs are there and there is something to show.
pub fn blind(programs: &[&str]) -> Option<String> {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = |program: &str| std::env::split_paths(&path).any(|folder| folder.join(program).exists());
    if let Some(program) = programs.iter().find(|program| !there(program)) {
        return Some(format!("needs {program} (scripts/tools test)"));
    }
    match () {
        () if !ui.join("node_modules").exists() => Some("needs the interface's packages (make ui)".into()),
        () if !ui.join("dist/index.html").exists() => Some("needs the built interface (make ui)".into()),
        () => None,
    }
}

/// Plays a story of `tests/browser`.
///
/// # Panics
/// With all that it told and complained of, when it did not end well.
#[allow(clippy::panic)]
pub fn play(story: &str, env: &[(&str, &PathBuf)]) {
    // Short, because a socket's path has to fit into about a hundred bytes.
    let work = std::env::temp_dir().join(format!("kf{}", std::process::id()));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(story);
    let played = Command::new("node")
        .arg(script)
        .env("KAIFONG", bin("kaifong"))
        .env("KAIFONG_WORK", &work)
        .envs(env.iter().copied())
        .output();
    let played = match played {
        Ok(played) => played,
        Err(error) => panic!("node does not run: {error}"),
    };
    let told = String::from_utf8_lossy(&played.stdout);
    let complained = String::from_utf8_lossy(&played.stderr);
    // What was seen last stays when it went wrong.
    assert!(played.status.success(), "{story} (pictures in {}):\n{told}\n{complained}", work.display());
    let _ = std::fs::remove_dir_all(&work);
}
