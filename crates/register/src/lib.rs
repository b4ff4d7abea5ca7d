//! The register of units: reading it from a file that a reviewer brings, and what it says of an application.
//!
//! Pure: bytes in, lines and problems out. What is read belongs to the reviewer's device alone and is never part of the
//! replica. Of a file only five columns are kept (block, entrance, unit, name, phone); whatever else it has, such as
//! numbers of identity cards, is dropped while it is read.
//!
//! The files are foreign bytes. Size, inflated size, lines, columns and cells are bounded before anything is made of
//! them, formulas are never evaluated, and a line that cannot be used is told with its number and costs only itself.

mod alike;
mod balances;
mod columns;
mod household;
mod lines;
mod says;
mod sheet;
mod text;
mod workbook;

pub use alike::{looks_alike, skeleton};
pub use balances::{BALANCES_MAX, Balance, Balances, WrongBalance};
pub use columns::{Column, Columns, Guess};
pub use household::unit_key;
pub use lines::{Line, Problem, Reading, Register, Wrong};
pub use says::{Likeness, Says, UnitFound};
pub use sheet::{Row, Sheet, Unreadable};

/// The largest file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How much a workbook may inflate to, in bytes, all its parts together.
pub const INFLATED_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// How many lines a register has at most, headings included.
pub const LINES_MAX: usize = 100_000;
/// How many columns are looked at; what stands further right is not read.
pub const COLUMNS_MAX: usize = 40;
/// How long a cell may be, in characters, to be kept.
pub const CELL_CHARS_MAX: usize = 60;
/// How many problems are told one by one; the others are counted.
pub const PROBLEMS_MAX: usize = 200;
