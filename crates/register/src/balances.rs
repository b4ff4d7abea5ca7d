//! A ledger of points as it was kept on paper or in a spreadsheet: names and what each has.

use kaifong_domain::{Points, text};

use crate::columns::plain;
use crate::sheet::{Cell, Row, Sheet};
use crate::{CELL_CHARS_MAX, PROBLEMS_MAX};

/// How many rows from the top may be the headings.
const ROWS_LOOKED_AT: usize = 12;
/// How many lines are told; what stands below is counted as a problem.
pub const BALANCES_MAX: usize = 2_000;

const NAMES: [&str; 14] = [
    "姓名",
    "名字",
    "昵称",
    "街坊",
    "居民",
    "志愿者",
    "义工",
    "户主",
    "成员",
    "称呼",
    "name",
    "member",
    "volunteer",
    "neighbour",
];
const POINTS: [&str; 14] = [
    "积分",
    "分数",
    "余额",
    "爱心币",
    "结余",
    "累计积分",
    "总积分",
    "现有积分",
    "剩余积分",
    "分",
    "points",
    "balance",
    "total",
    "score",
];

/// One line: what a name has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Its number in the file, from 1 on.
    pub line: u32,
    /// The name, as it stands there.
    pub name: String,
    /// The points.
    pub points: Points,
}

/// Why a line is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongBalance {
    /// It names nobody.
    NoName,
    /// Its points are no whole number from 1 to a million; nothing is rounded, and nobody begins below zero.
    NotWhole,
    /// A formula of which the file has no value, a date, or an error.
    NoValue,
    /// The name is too long, or has characters that cannot be shown.
    Unprintable,
    /// More lines than are read.
    TooMany,
}

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balances {
    /// The lines that can be used, in the order of the file; a name may stand twice.
    pub lines: Vec<Balance>,
    /// The first lines that cannot, with their numbers.
    pub problems: Vec<(u32, WrongBalance)>,
    /// How many cannot.
    pub problems_total: usize,
}

impl Balances {
    /// Reads a sheet whose headings say which column has the names and which the points; `None` where they do not, or two
    /// columns say it alike.
    pub fn of(sheet: &Sheet) -> Option<Self> {
        let rows = sheet.rows.iter().take(ROWS_LOOKED_AT).enumerate();
        let (heading, name, points) =
            rows.filter_map(|(at, row)| Some((at, one(row, &NAMES)?, one(row, &POINTS)?))).next()?;
        let mut read = Self::default();
        for row in sheet.rows.iter().skip(heading + 1) {
            match line(row, name, points) {
                Ok(None) => {}
                Ok(Some(_)) if read.lines.len() >= BALANCES_MAX => read.leave_out(row, WrongBalance::TooMany),
                Ok(Some(line)) => read.lines.push(line),
                Err(wrong) => read.leave_out(row, wrong),
            }
        }
        Some(read)
    }

    fn leave_out(&mut self, row: &Row, wrong: WrongBalance) {
        self.problems_total += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push((row.number, wrong));
        }
    }
}

/// Finds the one column whose heading is one of these words.
fn one(row: &Row, words: &[&str]) -> Option<usize> {
    let mut found = (0..row.cells.len()).filter(|at| words.contains(&plain(row.text(*at)).as_str()));
    found.next().filter(|_| found.next().is_none())
}

fn line(row: &Row, name: usize, points: usize) -> Result<Option<Balance>, WrongBalance> {
    let written = match (row.cell(name), row.cell(points)) {
        (Cell::Empty, Cell::Empty) => return Ok(None),
        (Cell::Text(name), Cell::Text(points)) => (name, points),
        (Cell::Empty, _) => return Err(WrongBalance::NoName),
        (Cell::Text(_), Cell::Empty) => return Err(WrongBalance::NotWhole),
        _ => return Err(WrongBalance::NoValue),
    };
    let name = written.0.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(WrongBalance::NoName);
    }
    text::line("cell", &name, CELL_CHARS_MAX, false).map_err(|_| WrongBalance::Unprintable)?;
    let digits = written.1.trim();
    let whole = !digits.is_empty() && digits.len() <= 7 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let points = if whole { digits.parse().ok().map(Points) } else { None };
    let points = points.filter(|points| points.0 > 0 && *points <= Points::MAX).ok_or(WrongBalance::NotWhole)?;
    Ok(Some(Balance { line: row.number, name, points }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Balances> {
        Balances::of(&Sheet::read(text.as_bytes()).unwrap())
    }

    #[test]
    fn names_and_points_are_found_by_their_headings_below_a_title_too() {
        for file in [
            "姓名,积分\n何姐,30\n",
            "爱心银行2025,\n序号,志愿者,电话,累计积分\n1,何姐,138,30\n",
            "Name;Points\n何姐;30\n",
        ] {
            let read = read(file).unwrap();
            let lines: Vec<_> = read.lines.iter().map(|line| (line.name.as_str(), line.points)).collect();
            assert_eq!(lines, [("何姐", Points(30))], "{file}");
        }
        for file in ["甲,乙\n何姐,30\n", "姓名,姓名,积分\n", "积分,积分,姓名\n", "何姐,30\n"] {
            assert_eq!(read(file), None, "{file}: a person has to say it in the headings");
        }
    }

    #[test]
    fn a_line_that_cannot_be_used_is_told_with_its_number_and_costs_only_itself() {
        let long = "长".repeat(61);
        let file = format!(
            "姓名,积分\n何姐,30\n,5\n梁伯,0\n梁伯,-3\n梁伯,3.5\n梁伯,1000001\n梁伯,99999999999\n侯\u{202E}哥,3\n{long},3\n,\n王伯,\n何姐,7\n"
        );
        let read = read(&file).unwrap();
        assert_eq!(read.lines.iter().map(|line| line.points.0).collect::<Vec<_>>(), [30, 7]);
        let whole = WrongBalance::NotWhole;
        let (hidden, nobody) = (WrongBalance::Unprintable, WrongBalance::NoName);
        let expected = [
            (3, nobody),
            (4, whole),
            (5, whole),
            (6, whole),
            (7, whole),
            (8, whole),
            (9, hidden),
            (10, hidden),
            (12, whole),
        ];
        assert_eq!(read.problems, expected);
        assert_eq!(read.problems_total, 9);
    }

    #[test]
    fn only_so_many_lines_are_read() {
        let read = read(&format!("姓名,积分\n{}", "何姐,1\n".repeat(BALANCES_MAX + 5))).unwrap();
        assert_eq!((read.lines.len(), read.problems_total), (BALANCES_MAX, 5));
    }
}
