//! A file as rows of cells, whatever it was.

use thiserror::Error;

use crate::{COLUMNS_MAX, FILE_BYTES_MAX, INFLATED_BYTES_MAX, LINES_MAX, text, workbook};

/// Why a file gives no rows. Nothing was kept of it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// The file is too large.
    #[error("the file has {found} bytes; at most {FILE_BYTES_MAX} are read")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
    /// A workbook of before 2007, or one under a password.
    #[error("an old or locked workbook; only XLSX without a password and CSV are read")]
    OldWorkbook,
    /// The workbook inflates to more than is read.
    #[error("the workbook inflates to more than {INFLATED_BYTES_MAX} bytes")]
    Inflates,
    /// The workbook is damaged, or none at all.
    #[error("the workbook is damaged")]
    Damaged,
    /// The text is in no encoding that is read.
    #[error("the text is neither UTF-8, UTF-16 nor GB18030")]
    Encoding,
    /// There are too many lines.
    #[error("more than {LINES_MAX} lines")]
    TooManyLines,
    /// Cells are merged more often, or over more lines, than a register needs.
    #[error("too many merged cells")]
    TooManyMerged,
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
}

/// One cell that has something in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// What stands there.
    Text(String),
    /// A formula of which the file has no value.
    Formula,
    /// A date: a spreadsheet has taken `3-2` for one.
    Date,
    /// An error such as `#N/A`.
    Error,
}

/// One row of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Its number in the file, from 1 on.
    pub number: u32,
    pub(crate) cells: Vec<Cell>,
}

impl Row {
    /// Gives the text of a cell; empty for a cell that is empty or has none.
    pub fn text(&self, column: usize) -> &str {
        match self.cells.get(column) {
            Some(Cell::Text(text)) => text,
            _ => "",
        }
    }

    pub(crate) fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }

    pub(crate) fn put(&mut self, column: usize, cell: Cell) {
        if column >= COLUMNS_MAX || cell == Cell::Empty {
            return;
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::Empty);
        }
        if let Some(place) = self.cells.get_mut(column) {
            *place = cell;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| *cell == Cell::Empty)
    }
}

/// The rows of a file that have anything in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// In the order of the file.
    pub rows: Vec<Row>,
}

impl Sheet {
    /// Reads a file: an XLSX workbook, else CSV.
    ///
    /// # Errors
    /// Any [`Unreadable`].
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(Unreadable::TooLarge { found: bytes.len() });
        }
        let sheet = match bytes {
            [b'P', b'K', 3, 4, ..] => workbook::read(bytes)?,
            [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(Unreadable::OldWorkbook),
            _ => text::read(bytes)?,
        };
        if sheet.rows.is_empty() { Err(Unreadable::Empty) } else { Ok(sheet) }
    }

    /// Tells how many columns there are.
    pub fn width(&self) -> usize {
        self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0)
    }

    pub(crate) fn push(&mut self, row: Row) -> Result<(), Unreadable> {
        if row.is_empty() {
            return Ok(());
        }
        if self.rows.len() >= LINES_MAX {
            return Err(Unreadable::TooManyLines);
        }
        self.rows.push(row);
        Ok(())
    }
}
