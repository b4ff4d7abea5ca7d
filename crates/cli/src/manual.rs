//! Holds `docs/CLI.md` against the command line and the table.

use std::collections::BTreeSet;

use clap::{CommandFactory, Parser};
use kaifong_api::table::{COMMANDS, EVENTS, QUERIES};

use crate::args::Cli;

const MANUAL: &str = include_str!("../../../docs/CLI.md");

/// Splits a line as a shell does, as far as the examples need it: blanks, '…' and "…".
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn examples() -> Vec<&'static str> {
    let fenced = MANUAL.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    fenced.flat_map(str::lines).filter(|line| !line.contains('…')).collect()
}

#[test]
fn every_example_parses() {
    let examples = examples();
    assert!(examples.len() > 20, "{examples:?}");
    for example in examples {
        let words = words(example);
        assert_eq!(words.first().map(String::as_str), Some("kaifong"), "{example}");
        let parsed = Cli::try_parse_from(words);
        assert!(parsed.is_ok(), "{example}\n{}", parsed.unwrap_err());
    }
}

#[test]
fn every_example_asks_the_table_with_json_that_fits() {
    for example in examples() {
        let words = words(example);
        let Some(at) = words.iter().position(|word| word == "query" || word == "do") else { continue };
        let (names, name) = (if words[at] == "do" { COMMANDS } else { QUERIES }, &words[at + 1]);
        assert!(names.contains(&name.as_str()), "{example}");
        let args = words.get(at + 2).map_or("{}", String::as_str);
        serde_json::from_str::<serde_json::Map<_, _>>(args).expect(example);
    }
}

#[test]
fn every_subcommand_and_every_name_is_told() {
    let told: BTreeSet<&str> = MANUAL.split('`').skip(1).step_by(2).filter_map(|code| code.split(' ').next()).collect();
    for subcommand in Cli::command().get_subcommands() {
        assert!(told.contains(subcommand.get_name()), "docs/CLI.md lacks `{}`", subcommand.get_name());
    }
    for name in COMMANDS.iter().chain(QUERIES).chain(EVENTS) {
        assert!(told.contains(name), "docs/CLI.md lacks `{name}`");
    }
}

#[test]
fn every_option_is_told() {
    for subcommand in Cli::command().get_subcommands() {
        for option in subcommand.get_arguments().filter_map(|argument| argument.get_long()) {
            let found = MANUAL.contains(&format!("--{option}"));
            assert!(found || option == "help", "docs/CLI.md lacks --{option} of {}", subcommand.get_name());
        }
    }
}
