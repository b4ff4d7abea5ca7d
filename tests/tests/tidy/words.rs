//! Words that have no place here.

use kaifong_tests::repo;

use crate::none;

/// Work that was put off: it belongs into an issue. Put together so that this file has none.
const PUT_OFF: [&str; 6] = [
    concat!("TO", "DO:"),
    concat!("TO", "DO("),
    concat!("FIX", "ME:"),
    concat!("FIX", "ME("),
    concat!("to", "do!("),
    concat!("unimpl", "emented!("),
];

/// Hosts of package registries, and paths of one machine.
const OF_ONE_PLACE: [&str; 9] = [
    concat!("crates", ".io"),
    concat!("npmjs", ".org"),
    concat!("py", "pi.org"),
    concat!("deb.", "debian.org"),
    concat!("docs", ".rs/"),
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
];

fn faults(words: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    // A lock file is cargo's own, and names where every package came from.
    let files = repo::files().unwrap();
    for path in files.into_iter().filter(|path| !path.ends_with("Cargo.lock")) {
        let text = repo::read(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let said = words.iter().filter(|word| line.contains(**word));
            faults.extend(said.map(|word| format!("{}:{}: {word}", path.display(), number + 1)));
        }
    }
    faults
}

#[test]
fn nothing_is_put_off_in_a_comment() {
    none(faults(&PUT_OFF));
}

#[test]
fn nothing_names_a_registry_or_one_machine() {
    none(faults(&OF_ONE_PLACE));
}
