//! Whatever reads foreign bytes is fuzzed.

use std::path::Path;

use kaifong_tests::repo;

use crate::none;

/// Files that read what others have written, each with the fuzz target that gets there.
const PARSERS: [(&str, &str); 38] = [
    ("crates/api/src/dto/choices.rs", "local_request"),
    ("crates/api/src/dto/homes.rs", "local_request"),
    ("crates/api/src/export/check.rs", "export_file"),
    ("crates/api/src/export/mod.rs", "export_file"),
    ("crates/api/src/http/mod.rs", "local_request"),
    ("crates/api/src/http/parts.rs", "page_request"),
    ("crates/api/src/local/client.rs", "local_request"),
    ("crates/api/src/local/mod.rs", "local_request"),
    ("crates/cli/src/commands.rs", "local_request"),
    ("crates/domain/src/ids.rs", "ticket_and_code"),
    ("crates/domain/src/slip.rs", "ticket_and_code"),
    ("crates/domain/src/sort.rs", "gate_delivery"),
    ("crates/domain/src/text.rs", "listing_text"),
    ("crates/matching/src/fold.rs", "listing_text"),
    ("crates/node/src/links.rs", "node_frames"),
    ("crates/register/src/says.rs", "register_text"),
    ("crates/register/src/text.rs", "register_text"),
    ("crates/register/src/workbook.rs", "register_workbook"),
    ("crates/replica/src/fork.rs", "gate_delivery"),
    ("crates/replica/src/gate/judge.rs", "gate_delivery"),
    ("crates/replica/src/gate/snapshot.rs", "gate_delivery"),
    ("crates/replica/src/gate/structure.rs", "gate_delivery"),
    ("crates/replica/src/persist.rs", "stored_document"),
    ("crates/store/src/private_file.rs", "sealed_value"),
    ("crates/store/src/sled_store/value.rs", "sealed_value"),
    ("crates/sync/src/delivery.rs", "wire_message"),
    ("crates/sync/src/face.rs", "face_code"),
    ("crates/sync/src/pickup.rs", "pick_up_code"),
    ("crates/sync/src/session.rs", "session"),
    ("crates/sync/src/step.rs", "session"),
    ("crates/sync/src/wire.rs", "wire_message"),
    ("crates/trust/src/entry.rs", "signed_entry"),
    ("crates/trust/src/envelope.rs", "envelope"),
    ("crates/trust/src/invite.rs", "ticket_and_code"),
    ("crates/trust/src/page.rs", "public_page"),
    ("crates/trust/src/paper.rs", "ticket_and_code"),
    ("crates/trust/src/pickup.rs", "pick_up_code"),
    ("crates/trust/src/signed.rs", "signed_entry"),
];

/// Files that read only what this device has written itself, its store, its own documents on a copy, and the labelled worlds
/// that matching is measured on.
const OWN: [&str; 18] = [
    "crates/api/src/http/door.rs",
    "crates/api/src/notices/kept.rs",
    "crates/matching/src/eval.rs",
    "crates/node/src/books.rs",
    "crates/node/src/commons.rs",
    "crates/node/src/confided.rs",
    "crates/node/src/deciding.rs",
    "crates/node/src/documents.rs",
    "crates/node/src/guest.rs",
    "crates/node/src/kin.rs",
    "crates/node/src/letters.rs",
    "crates/node/src/peers.rs",
    "crates/node/src/phones.rs",
    "crates/api/src/lock/kept.rs",
    "crates/node/src/places.rs",
    "crates/node/src/register.rs",
    "crates/replica/src/cut.rs",
    "crates/replica/src/gate/rehearsal.rs",
];

/// What a parser is known by.
const READS: [&str; 9] = [
    "decode_exact(",
    "serde_json::from_slice(",
    "serde_json::from_str(",
    "postcard::from_bytes(",
    "take_from_bytes(",
    "impl FromStr for",
    "Automerge::load(",
    "Change::try_from(",
    "Change::from_bytes(",
];

#[test]
fn every_parser_of_foreign_bytes_has_a_fuzz_target() {
    let listed = |path: &str| PARSERS.iter().any(|(file, _)| *file == path) || OWN.contains(&path);
    let mut faults = Vec::new();
    for path in repo::files().unwrap() {
        let name = path.display().to_string();
        let ours = name.starts_with("crates/") && name.contains("/src/") && name.ends_with(".rs");
        if !ours || name.contains("test") || listed(&name) {
            continue;
        }
        let text = repo::read(&path).unwrap();
        let code = text.lines().take_while(|line| !line.contains("#[cfg(test)]"));
        let reads = code.filter(|line| READS.iter().any(|word| line.contains(word)));
        faults.extend(
            reads.map(|line| format!("{name} reads bytes and no fuzz target is named for it: {}", line.trim())),
        );
    }
    none(faults);
}

#[test]
fn every_fuzz_target_has_a_parser() {
    let files = repo::files().unwrap();
    let targets: Vec<String> = files
        .iter()
        .filter(|path| path.starts_with("fuzz/fuzz_targets"))
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    let mut faults = Vec::new();
    for (parser, target) in PARSERS {
        if !repo::root().join(parser).is_file() {
            faults.push(format!("there is no {parser}"));
        }
        if !targets.iter().any(|file| file == target) {
            faults.push(format!("{parser}: there is no fuzz target {target}"));
        }
    }
    let idle = targets.iter().filter(|target| PARSERS.iter().all(|(_, named)| named != target));
    faults.extend(idle.map(|target| format!("{target} is named for no parser")));
    // The wrapper counts edges in the targets by name.
    let wrapper = repo::read(Path::new("scripts/fuzz-rustc")).unwrap();
    let missing = targets.iter().filter(|target| !wrapper.contains(target.as_str()));
    faults.extend(missing.map(|target| format!("scripts/fuzz-rustc does not count edges in {target}")));
    none(faults);
}
