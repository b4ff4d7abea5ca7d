//! What is promised, what works, and the tests that prove it.
//!
//! A test proves features with a line directly above it: the word `proves` and a colon after the two slashes, then ids
//! ("A2 A11"). `docs/FEATURES.md` says of every id whether it works, and names those tests. The two must agree
//! ([`faults`]), and in `make test` the run's report must show that the named tests passed ([`crate::report`]).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fmt, fs, io};

use crate::repo::{self, Source};

/// Where the table lies.
pub const PAGE: &str = "docs/FEATURES.md";

/// What opens a proving comment. Put together so that this file has none.
const MARK: &str = concat!("// ", "proves:");

/// How far a feature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// People can use it, and a test shows it.
    Works,
    /// A part can be used; the page says which.
    Partly,
    /// Nobody can use it yet.
    NotYet,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// For instance `A2` or `A'1`.
    pub id: String,
    /// The text of the state begins with works, partly or not yet.
    pub state: Option<State>,
    /// The full names of the tests that prove it.
    pub tests: BTreeSet<String>,
}

/// Which features each test proves, by the test's full name: binary, modules, function, joined by `::`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proofs {
    /// By test.
    pub by_test: BTreeMap<String, BTreeSet<String>>,
    /// Comments that prove nothing, and why.
    pub misplaced: Vec<String>,
}

/// Lists the ids of all features, in the order of the page.
pub fn ids() -> Vec<&'static str> {
    include_str!("../data/feature-ids.txt").lines().collect()
}

/// Reads the rows of the page's tables.
pub fn rows(page: &str) -> Vec<Row> {
    let lines = page.lines().filter_map(cells);
    lines
        .filter_map(|cells| {
            let [id, _what, state, _where, tests] = cells.as_slice() else { return None };
            id.chars().any(|char| char.is_ascii_digit()).then(|| Row {
                id: (*id).to_owned(),
                state: read_state(state),
                tests: tests.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
            })
        })
        .collect()
}

/// Writes the names of the proving tests into the page's rows; all else stays.
pub fn with_tests(page: &str, proofs: &Proofs) -> String {
    let mut written = String::new();
    for line in page.lines() {
        match cells(line).as_deref() {
            Some([id, what, state, place, _]) if ids().contains(id) => {
                let tests: Vec<String> = proofs.of(id).iter().map(|test| format!("`{test}`")).collect();
                written += format!("| {id} | {what} | {state} | {place} | {}", tests.join(" ")).trim_end();
                written += " |\n";
            }
            _ => {
                written += line;
                written += "\n";
            }
        }
    }
    written
}

/// Collects the proving comments of all sources.
///
/// Fails when a source cannot be read.
pub fn proofs(sources: &[Source]) -> io::Result<Proofs> {
    let mut proofs = Proofs::default();
    for source in sources {
        let text = repo::read(&source.path)?;
        proofs.collect(source, &text);
    }
    Ok(proofs)
}

/// Says where the page and the sources disagree; nothing if they agree.
pub fn faults(rows: &[Row], proofs: &Proofs) -> Vec<String> {
    let mut faults = proofs.misplaced.clone();
    let listed: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    if listed != ids() {
        let missing: Vec<&str> = ids().into_iter().filter(|id| !listed.contains(id)).collect();
        let strange: Vec<&str> = listed.into_iter().filter(|id| !ids().contains(id)).collect();
        faults.push(format!("{PAGE}: every id once, in order; missing {missing:?}, unknown {strange:?}"));
    }
    for row in rows {
        let id = &row.id;
        let carried = proofs.of(id);
        match row.state {
            None => faults.push(format!("{PAGE}: {id}: the state begins with works, partly or not yet")),
            Some(State::Works) if carried.is_empty() => {
                faults.push(format!("{PAGE}: {id} works, but no test carries it"));
            }
            Some(State::NotYet) if !carried.is_empty() => {
                faults.push(format!("{PAGE}: {id} is not yet there, but tests carry it: {carried:?}"));
            }
            Some(_) => {}
        }
        if row.tests != carried {
            let named = &row.tests;
            faults.push(format!("{PAGE}: {id} names {named:?}, the sources carry {carried:?}: `make features`"));
        }
    }
    faults
}

/// Reads page and sources and compares them.
///
/// Fails when one of them cannot be read.
pub fn check() -> io::Result<Vec<String>> {
    let page = repo::read(Path::new(PAGE))?;
    Ok(faults(&rows(&page), &proofs(&repo::sources()?)?))
}

/// Writes the tests' names into the page.
///
/// Fails when the page or a source cannot be read, or the page not written.
pub fn write() -> io::Result<()> {
    let page = repo::read(Path::new(PAGE))?;
    let proofs = proofs(&repo::sources()?)?;
    fs::write(repo::root().join(PAGE), with_tests(&page, &proofs))
}

impl Proofs {
    /// Names the tests that carry an id.
    pub fn of(&self, id: &str) -> BTreeSet<String> {
        self.by_test.iter().filter(|(_, ids)| ids.contains(id)).map(|(test, _)| test.clone()).collect()
    }

    fn collect(&mut self, source: &Source, text: &str) {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let Some(listed) = line.trim().strip_prefix(MARK) else { continue };
            let place = format!("{}:{}", source.path.display(), number + 1);
            match proving_test(&lines, number) {
                Ok(path) => {
                    let name = [source.binary.clone()].into_iter().chain(source.module.iter().cloned()).chain(path);
                    let carried = self.by_test.entry(name.collect::<Vec<_>>().join("::")).or_default();
                    for id in listed.split([' ', ',']).filter(|id| !id.is_empty()) {
                        if ids().contains(&id) {
                            carried.insert(id.to_owned());
                        } else {
                            self.misplaced.push(format!("{place}: there is no feature {id}"));
                        }
                    }
                }
                Err(why) => self.misplaced.push(format!("{place}: {why}")),
            }
        }
    }
}

/// Finds the test below a proving comment: its inline modules and its name.
fn proving_test(lines: &[&str], comment: usize) -> Result<Vec<String>, &'static str> {
    // Other comments and attributes may stand between, before and after it.
    let beside = |line: &&&str| line.trim_start().starts_with(['#', '/']);
    let below = lines.iter().skip(comment).take_while(beside);
    let above = lines.iter().take(comment).rev().take_while(beside);
    let attributes: Vec<&str> = below.clone().chain(above).map(|line| line.trim()).collect();
    let function = lines.get(comment + below.count()).copied().unwrap_or_default();
    let named = function.split_once("fn ").and_then(|(_, rest)| rest.split(['(', '<']).next());
    let name = named.ok_or("no function follows")?;
    if attributes.iter().any(|line| line.starts_with("#[ignore")) {
        return Err("an ignored test proves nothing");
    }
    if !attributes.iter().any(|line| line.starts_with("#[") && (line.contains("test]") || line.contains("test("))) {
        return Err("what follows is no test");
    }
    let mut path = vec![name.to_owned()];
    let mut indent = indent_of(function);
    for line in lines.iter().take(comment).rev() {
        let inline = line.trim().strip_suffix(" {").and_then(|line| line.rsplit_once("mod "));
        if let Some((before, module)) = inline
            && indent_of(line) < indent
            && (before.is_empty() || before.starts_with("pub"))
        {
            path.insert(0, module.to_owned());
            indent = indent_of(line);
        }
    }
    Ok(path)
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

fn read_state(text: &str) -> Option<State> {
    let states = [("works", State::Works), ("partly", State::Partly), ("not yet", State::NotYet)];
    states.into_iter().find(|(name, _)| text.starts_with(name)).map(|(_, state)| state)
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::Works => "works",
            State::Partly => "partly",
            State::NotYet => "not yet",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn collected(text: &str) -> Proofs {
        let source = Source {
            path: PathBuf::from("x.rs"),
            binary: "kaifong-tests::shell".to_owned(),
            module: vec!["loans".to_owned()],
        };
        let mut proofs = Proofs::default();
        proofs.collect(&source, &text.replace("MARK", MARK));
        proofs
    }

    #[test]
    fn a_comment_above_a_test_names_what_it_proves() {
        let proofs =
            collected("mod inner {\n    // Why.\n    MARK A2 A'1\n    #[test]\n    fn a_ladder_goes_out() {\n");
        let test = "kaifong-tests::shell::loans::inner::a_ladder_goes_out".to_owned();
        let ids = BTreeSet::from(["A'1".to_owned(), "A2".to_owned()]);
        assert_eq!(proofs.by_test, BTreeMap::from([(test, ids)]));
        assert_eq!(proofs.misplaced, Vec::<String>::new());
    }

    #[test]
    fn a_comment_that_proves_nothing_is_told() {
        assert_eq!(collected("MARK A2\nfn helper() {\n").misplaced, ["x.rs:1: what follows is no test"]);
        assert_eq!(collected("MARK A2\n\n").misplaced, ["x.rs:1: no function follows"]);
        assert_eq!(
            collected("#[ignore = \"slow\"]\n#[test]\nMARK A2\nfn old() {\n").misplaced,
            ["x.rs:3: an ignored test proves nothing"]
        );
        assert_eq!(collected("#[test]\nMARK Z9\nfn new() {\n").misplaced, ["x.rs:2: there is no feature Z9"]);
    }

    #[test]
    fn the_page_must_say_what_the_sources_carry() {
        let proofs = collected("MARK A2\n#[test]\nfn a_ladder_goes_out() {\n");
        let page = "| A1 | many | not yet | – |  |\n| A2 | three kinds | works | cli |  |\n";
        let said = faults(&rows(page), &proofs).join("\n");
        assert!(said.contains("A2 names {}"), "{said}");
        let written = with_tests(page, &proofs);
        let said = faults(&rows(&written), &proofs);
        assert_eq!(said.len(), 1, "only the 185 missing ids are left: {said:?}");
        assert!(
            written.starts_with("| A1 | many | not yet | – | |\n| A2 | three kinds | works | cli | `"),
            "{written}"
        );
    }
}
