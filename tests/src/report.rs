//! The run's own report (JUnit, as nextest writes it) against the page of features.

use std::collections::BTreeMap;

use crate::features::{Row, State};

/// How one test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It ran and passed.
    Passed,
    /// It could not run here and said so: its "skipped: …" lines. It proves nothing.
    Skipped(Vec<String>),
    /// It failed, or did not end.
    Failed,
}

/// What a run tells of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// By the test's full name.
    pub ends: BTreeMap<String, End>,
}

/// How the features stand after a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Features that the page calls working and the run does not: the run has failed.
    pub faults: Vec<String>,
    /// Features that this machine could not show.
    pub not_shown: Vec<String>,
    /// Working features that this run has shown.
    pub shown: usize,
}

impl Run {
    /// Reads a report.
    ///
    /// Fails when it is not well-formed XML.
    pub fn read(xml: &str) -> Result<Run, String> {
        let document = roxmltree::Document::parse(xml).map_err(|error| error.to_string())?;
        let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
        let ends = cases.map(|case| {
            let attribute = |name| case.attribute(name).unwrap_or_default();
            let child = |name: &str| case.children().find(|node| node.has_tag_name(name));
            let failed = child("failure").is_some() || child("error").is_some();
            let said = child("system-out").and_then(|node| node.text()).unwrap_or_default();
            let skipped = skipped_lines(said);
            let end = match (failed, skipped.is_empty()) {
                (true, _) => End::Failed,
                (false, false) => End::Skipped(skipped),
                (false, true) => End::Passed,
            };
            (format!("{}::{}", attribute("classname"), attribute("name")), end)
        });
        Ok(Run { ends: ends.collect() })
    }

    /// Compares the page with the run.
    pub fn judge(&self, rows: &[Row]) -> Verdict {
        let mut verdict = Verdict::default();
        for row in rows.iter().filter(|row| row.state == Some(State::Works)) {
            let mut shown = true;
            for test in &row.tests {
                let id = &row.id;
                match self.ends.get(test) {
                    Some(End::Passed) => {}
                    Some(End::Skipped(why)) => {
                        shown = false;
                        verdict.not_shown.push(format!("{id} is not shown by {test}: {}", why.join("; ")));
                    }
                    Some(End::Failed) => {
                        shown = false;
                        verdict.faults.push(format!("{id}: {test} failed"));
                    }
                    None => {
                        shown = false;
                        verdict.faults.push(format!("{id}: {test} was not in this run"));
                    }
                }
            }
            verdict.shown += usize::from(shown);
        }
        verdict
    }

    /// Counts the tests that passed, failed and could not run.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |wanted: fn(&End) -> bool| self.ends.values().filter(|end| wanted(end)).count();
        (
            count(|end| *end == End::Passed),
            count(|end| *end == End::Failed),
            count(|end| matches!(end, End::Skipped(_))),
        )
    }
}

/// Finds the lines in which a test says that it, or a part of it, could not run.
fn skipped_lines(said: &str) -> Vec<String> {
    // The harness may have written "test name ... " before it on the same line.
    let starts = said.lines().filter_map(|line| {
        let line = line.rsplit_once(" ... ").map_or(line, |(_, after)| after);
        line.trim().starts_with("skipped: ").then(|| line.trim().to_owned())
    });
    starts.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const XML: &str = r#"<testsuites><testsuite name="kaifong-tests::shell">
        <testcase name="a_ladder" classname="kaifong-tests::shell"><system-out>running 1 test</system-out></testcase>
        <testcase name="a_switch" classname="kaifong-tests::shell">
            <system-out>running 1 test&#10;skipped: needs root &amp; ip&#10;test a_switch ... ok</system-out></testcase>
        <testcase name="a_cut" classname="kaifong-tests::shell"><failure type="x"/></testcase>
        </testsuite></testsuites>"#;

    fn works(test: &str) -> Row {
        let name = format!("kaifong-tests::shell::{test}");
        Row { id: "A2".to_owned(), state: Some(State::Works), tests: BTreeSet::from([name]) }
    }

    #[test]
    fn a_run_tells_what_passed_failed_and_could_not_run() {
        assert_eq!(Run::read(XML).unwrap().counts(), (1, 1, 1));
    }

    #[test]
    fn only_a_test_that_ran_and_passed_shows_a_feature() {
        let run = Run::read(XML).unwrap();
        assert_eq!(run.judge(&[works("a_ladder")]).shown, 1);
        let skipped = run.judge(&[works("a_switch")]);
        assert_eq!((skipped.shown, skipped.faults.len()), (0, 0));
        assert!(skipped.not_shown.concat().ends_with("skipped: needs root & ip"), "{skipped:?}");
        assert_eq!(run.judge(&[works("a_cut")]).faults, ["A2: kaifong-tests::shell::a_cut failed"]);
        assert_eq!(run.judge(&[works("gone")]).faults, ["A2: kaifong-tests::shell::gone was not in this run"]);
    }
}
