//! The register itself, made of a sheet whose columns are known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use kaifong_domain::{Instant, text};
use serde::{Deserialize, Serialize};

use crate::columns::Columns;
use crate::household::Household;
use crate::sheet::{Cell, Row, Sheet};
use crate::{CELL_CHARS_MAX, PROBLEMS_MAX};

/// One line of the register: a person of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// The block; empty when the unit says it, or nothing does.
    pub block: String,
    /// The entrance; empty when the unit says it, or nothing does.
    pub entrance: String,
    /// The unit.
    pub unit: String,
    /// The name; may be empty.
    pub name: String,
    /// The phone number; may be empty.
    pub phone: String,
}

impl Line {
    pub(crate) fn household(&self) -> Household {
        Household::of(&format!("{} {} {}", self.block, self.entrance, self.unit))
    }
}

/// What is wrong with one line, which is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It names no unit.
    NoUnit,
    /// A formula of which the file has no value; formulas are not worked out here.
    Formula,
    /// A spreadsheet has made a date of what was a unit.
    Date,
    /// A cell holds an error such as `#N/A`.
    Error,
    /// A cell is longer than it may be.
    TooLong,
    /// A cell has characters that cannot be shown.
    Unprintable,
    /// An earlier line says the same.
    Repeated,
}

/// A line that is left out, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its number in the file, from 1 on.
    pub line: u32,
    /// Why.
    pub wrong: Wrong,
}

/// What a sheet gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The lines that can be used, in the order of the file.
    pub lines: Vec<Line>,
    /// The first [`PROBLEMS_MAX`] lines that cannot.
    pub problems: Vec<Problem>,
    /// How many cannot.
    pub problems_total: usize,
    /// How many took their block or unit from the line above, as under merged cells.
    pub filled: usize,
}

impl Reading {
    /// Reads the rows below the headings.
    pub fn of(sheet: &Sheet, heading_row: Option<usize>, columns: Columns) -> Self {
        let mut reading = Self::default();
        let (mut above, mut seen) = (Line::default(), BTreeSet::new());
        for row in sheet.rows.iter().skip(heading_row.map_or(0, |row| row + 1)) {
            match read_line(row, columns) {
                Ok(None) => {}
                Ok(Some(mut line)) => {
                    let filled = fill(&mut line, &above);
                    if line.unit.is_empty() {
                        reading.leave_out(row, Wrong::NoUnit);
                    } else if seen.contains(&line) {
                        reading.leave_out(row, Wrong::Repeated);
                    } else {
                        reading.filled += usize::from(filled);
                        above = line.clone();
                        seen.insert(line.clone());
                        reading.lines.push(line);
                    }
                }
                Err(wrong) => reading.leave_out(row, wrong),
            }
        }
        reading
    }

    fn leave_out(&mut self, row: &Row, wrong: Wrong) {
        self.problems_total += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { line: row.number, wrong });
        }
    }
}

/// Takes from the line above what a merged cell leaves empty: the block, and the unit of a further person in it.
fn fill(line: &mut Line, above: &Line) -> bool {
    let before = (line.block.is_empty(), line.unit.is_empty());
    if line.block.is_empty() {
        line.block.clone_from(&above.block);
    }
    let same_block = line.block == above.block;
    if line.entrance.is_empty() && same_block {
        line.entrance.clone_from(&above.entrance);
    }
    let same_entrance = same_block && line.entrance == above.entrance;
    if line.unit.is_empty() && same_entrance && !line.name.is_empty() {
        line.unit.clone_from(&above.unit);
    }
    before != (line.block.is_empty(), line.unit.is_empty())
}

fn read_line(row: &Row, columns: Columns) -> Result<Option<Line>, Wrong> {
    let cell = |column: Option<usize>| match column.map_or(&Cell::Empty, |column| row.cell(column)) {
        Cell::Empty => Ok(String::new()),
        Cell::Formula => Err(Wrong::Formula),
        Cell::Date => Err(Wrong::Date),
        Cell::Error => Err(Wrong::Error),
        Cell::Text(text) if text.chars().count() > CELL_CHARS_MAX => Err(Wrong::TooLong),
        Cell::Text(text) => {
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            text::line("cell", &line, CELL_CHARS_MAX, true).map_err(|_| Wrong::Unprintable)?;
            Ok(line)
        }
    };
    let line = Line {
        block: cell(columns.block)?,
        entrance: cell(columns.entrance)?,
        unit: cell(Some(columns.unit))?,
        name: cell(columns.name)?,
        phone: cell(columns.phone)?,
    };
    // A row of which only other columns say something is a remark, not a line.
    Ok((line != Line::default()).then_some(line))
}

/// The register of a building, as one reviewer's device keeps it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Register {
    /// The file's name.
    pub file: String,
    /// When it was read in.
    pub at: Instant,
    lines: Vec<Line>,
    /// The lines by the last part of their household.
    by_last: BTreeMap<String, Vec<usize>>,
}

impl fmt::Debug for Register {
    /// Whom a log tells of the register learns no names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Register({} lines)", self.lines.len())
    }
}

impl Register {
    /// Makes a register of lines that were read.
    pub fn new(file: String, at: Instant, lines: Vec<Line>) -> Self {
        let mut by_last: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, line) in lines.iter().enumerate() {
            if let Some(last) = line.household().last() {
                by_last.entry(last.to_owned()).or_default().push(place);
            }
        }
        Self { file, at, lines, by_last }
    }

    /// Gives the lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Tells how many different units there are.
    pub fn units(&self) -> usize {
        self.lines.iter().map(Line::household).collect::<BTreeSet<_>>().len()
    }

    /// Gives the lines whose household may be this one: exactly this one where there is one, else all that may be meant.
    pub(crate) fn of(&self, household: &Household) -> Vec<(Household, &Line)> {
        let places = household.last().and_then(|last| self.by_last.get(last)).into_iter().flatten();
        let lines = places.filter_map(|place| self.lines.get(*place));
        let may_be: Vec<_> =
            lines.map(|line| (line.household(), line)).filter(|(found, _)| household.may_be(found)).collect();
        let exactly: Vec<_> = may_be.iter().filter(|(found, _)| found == household).cloned().collect();
        if exactly.is_empty() { may_be } else { exactly }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::Guess;

    fn read(text: &str) -> Reading {
        let sheet = Sheet::read(text.as_bytes()).unwrap();
        let guess = Guess::of(&sheet);
        Reading::of(&sheet, guess.heading_row, guess.columns.unwrap())
    }

    #[test]
    fn a_line_that_cannot_be_used_costs_only_itself() {
        let long = "长".repeat(61);
        let reading = read(&format!(
            "房号,户主,电话\n502,陈美玲,138\n,,139\n503,侯\u{202E}志明,\n504,{long},\n502,陈美玲,138\n505,马乐,\n"
        ));
        let units: Vec<_> = reading.lines.iter().map(|line| line.unit.as_str()).collect();
        assert_eq!(units, ["502", "505"]);
        let told: Vec<_> = reading.problems.iter().map(|problem| (problem.line, problem.wrong)).collect();
        let expected = [(3, Wrong::NoUnit), (4, Wrong::Unprintable), (5, Wrong::TooLong), (6, Wrong::Repeated)];
        assert_eq!(told, expected);
        assert_eq!(reading.problems_total, 4);
    }

    #[test]
    fn only_so_many_problems_are_told_one_by_one() {
        let reading = read(&format!("房号,电话\n{}", ",139\n".repeat(1_000)));
        assert_eq!((reading.problems.len(), reading.problems_total), (PROBLEMS_MAX, 1_000));
    }

    #[test]
    fn what_merged_cells_leave_empty_is_taken_from_the_line_above() {
        let reading = read("栋,单元,房号,户主\n3,1,502,陈美玲\n,,,陈小玲\n,,503,侯志明\n,2,502,马乐\n5,,101,梁伯\n");
        let lines =
            reading.lines.iter().map(|line| format!("{}-{}-{} {}", line.block, line.entrance, line.unit, line.name));
        let expected = ["3-1-502 陈美玲", "3-1-502 陈小玲", "3-1-503 侯志明", "3-2-502 马乐", "5--101 梁伯"];
        assert_eq!(lines.collect::<Vec<_>>(), expected, "another block has entrances of its own");
        assert_eq!(reading.filled, 3);
    }

    #[test]
    fn columns_that_nobody_asked_for_are_not_kept() {
        let reading = read("房号,户主,身份证号,电话\n502,陈美玲,44010619600101001X,138\n");
        assert!(!format!("{:?}", reading.lines).contains("440106"));
    }
}
