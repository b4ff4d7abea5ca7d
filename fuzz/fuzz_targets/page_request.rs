//! What a browser's request says besides its body: path, query, cookies.
#![no_main]

use std::path::{Component, Path};

use kaifong_api::http::parts::{cookies, decoded, encoded, file_name, is_own_place, query};
use kaifong_api::places::place_of;
use kaifong_fuzz::{Mode, Unstructured, below, bend, chance, open, pick, run, text};

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    if mode == Mode::Raw {
        return read(&String::from_utf8_lossy(u.take_rest()), "t");
    }
    let name = if chance(&mut u, 8) {
        text(&mut u)
    } else {
        (*pick(&mut u, &["t", "to", "kaifong_8080"]).unwrap_or(&"t")).into()
    };
    let mut written = written(&mut u).into_bytes();
    if mode == Mode::Bent {
        bend(&mut u, &mut written);
    }
    read(&String::from_utf8_lossy(&written), &name);
    // What this side writes into a link is what it reads from it.
    let value = text(&mut u);
    assert_eq!(query(&format!("0=1&to={}&y", encoded(&value)), "to"), Some(value));
}

fn read(line: &str, name: &str) {
    assert!(
        cookies(line, name).all(|value| line.contains(value) && !value.contains(';')),
        "a cookie that was not sent"
    );
    let _ = (query(line, name), decoded(line));
    if is_own_place(line) {
        assert!(line.starts_with('/') && !line.starts_with("//"), "leads to another place: {line:?}");
        assert!(!line.contains(['\\', '\r', '\n', '\t', ' ', '\0']), "is read as another place: {line:?}");
    }
    for link in [line.to_owned(), format!("kaifong://join/{line}"), format!("kaifong://open/{line}")] {
        assert!(place_of(&link).is_none_or(|place| is_own_place(&place)), "a link leads out: {link:?}");
    }
    if let Some(file) = file_name(line) {
        let climbs = Path::new(&file).components().any(|part| !matches!(part, Component::Normal(_)));
        assert!(!climbs && !file.contains('\0'), "climbs: {file:?}");
    }
}

/// Pieces that mean something in a path, a query or a line of cookies.
fn written(u: &mut Unstructured<'_>) -> String {
    const PIECES: [&str; 22] = [
        "/",
        "//",
        "..",
        ".",
        "%2e",
        "%2F",
        "%5c",
        "%",
        "%00",
        "%e6%a2%af",
        "\\",
        "?",
        "&",
        "=",
        ";",
        " ",
        "#",
        "t",
        "to",
        "kaifong_8080",
        "_app/immutable/a.js",
        "evil.example",
    ];
    let mut line = String::new();
    for _ in 0..below(u, 24) {
        if chance(u, 8) {
            line.push_str(&text(u));
        } else {
            line.push_str(pick(u, &PIECES).copied().unwrap_or_default());
        }
    }
    line
}
