//! A register of units as it comes in a request: bytes to a reading that a person can look at.

use data_encoding::BASE64;
use kaifong_domain::{Instant, text};
use kaifong_node::register_of_units::{
    Balances, Columns, FILE_BYTES_MAX, Guess, INFLATED_BYTES_MAX, LINES_MAX, Reading, Register, Sheet, Unreadable,
};

use crate::dto::{OpeningsFileArgs, RegisterColumns, RegisterFileArgs, RegisterProblem, RegisterReading};
use crate::{ApiError, Code};

/// How many rows below the headings are shown.
const SAMPLE_ROWS: usize = 6;

/// Reads a register; the second is `None` as long as nobody knows which column is the unit's.
///
/// # Errors
/// `bad-arguments` and the like for what is no file name, no base 64 or no column of the file, and `unreadable-file`.
pub(crate) fn read(args: &RegisterFileArgs, at: Instant) -> Result<(RegisterReading, Option<Register>), ApiError> {
    text::line("file", &args.file, 200, false)?;
    let bytes = BASE64.decode(args.bytes.as_bytes()).map_err(|_| ApiError::bad_arguments("bytes 要用 base64 写"))?;
    let sheet = Sheet::read(&bytes).map_err(|why| unreadable(&why))?;
    let guess = Guess::of(&sheet);
    let told = args.columns.map(|told| columns(told, sheet.width())).transpose()?;
    let known = told.or(guess.columns);
    let reading = known.map(|columns| Reading::of(&sheet, guess.heading_row, columns)).unwrap_or_default();
    let width = sheet.width();
    let texts = |row: &kaifong_node::register_of_units::Row| (0..width).map(|at| row.text(at).to_owned()).collect();
    let below = sheet.rows.iter().skip(guess.heading_row.map_or(0, |row| row + 1));
    let headings = guess.heading_row.and_then(|row| sheet.rows.get(row));
    let problems = reading.problems.iter();
    let shown = RegisterReading {
        headings: headings.map_or_else(|| vec![String::new(); width], texts),
        sample: below.take(SAMPLE_ROWS).map(texts).collect(),
        columns: known.map(told_columns),
        lines: reading.lines.len() as u64,
        filled: reading.filled as u64,
        problems: problems.map(|problem| RegisterProblem { line: problem.line, wrong: problem.wrong.into() }).collect(),
        problems_total: reading.problems_total as u64,
        units: 0,
    };
    let register = known.map(|_| Register::new(args.file.clone(), at, reading.lines));
    let units = register.as_ref().map_or(0, Register::units) as u64;
    Ok((RegisterReading { units, ..shown }, register))
}

/// Reads a ledger of points.
///
/// # Errors
/// The same, and `columns-unknown` where no heading says which column has the names and which the points.
pub(crate) fn read_balances(args: &OpeningsFileArgs) -> Result<Balances, ApiError> {
    text::line("file", &args.file, 200, false)?;
    let bytes = BASE64.decode(args.bytes.as_bytes()).map_err(|_| ApiError::bad_arguments("bytes 要用 base64 写"))?;
    let sheet = Sheet::read(&bytes).map_err(|why| unreadable(&why))?;
    Balances::of(&sheet).ok_or_else(|| {
        let unknown = ApiError::new(Code::COLUMNS_UNKNOWN, "看不出哪一列是姓名、哪一列是积分");
        unknown.hinted("表头写上「姓名」和「积分」，各一列，再来")
    })
}

fn columns(told: RegisterColumns, width: usize) -> Result<Columns, ApiError> {
    let place = |column: u32| {
        let place = usize::try_from(column).unwrap_or(usize::MAX);
        if place < width { Ok(place) } else { Err(ApiError::bad_arguments(format_args!("没有第 {column} 列"))) }
    };
    Ok(Columns {
        block: told.block.map(place).transpose()?,
        entrance: told.entrance.map(place).transpose()?,
        unit: place(told.unit)?,
        name: told.name.map(place).transpose()?,
        phone: told.phone.map(place).transpose()?,
    })
}

fn told_columns(columns: Columns) -> RegisterColumns {
    let number = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
    RegisterColumns {
        block: columns.block.map(number),
        entrance: columns.entrance.map(number),
        unit: number(columns.unit),
        name: columns.name.map(number),
        phone: columns.phone.map(number),
    }
}

fn unreadable(why: &Unreadable) -> ApiError {
    let mib = |bytes: u64| bytes / 1024 / 1024;
    let (sentence, hint) = match why {
        Unreadable::TooLarge { .. } => {
            (format!("文件太大了，最多 {} MB", mib(FILE_BYTES_MAX as u64)), "只留房号、姓名、电话几列，另存一份再来")
        }
        Unreadable::OldWorkbook => {
            ("这是旧格式的表格，或者加了密码".to_owned(), "在表格软件里另存为 .xlsx 或 .csv，不加密码，再来")
        }
        Unreadable::Inflates => {
            (format!("表格解开以后超过 {} MB，没有读下去", mib(INFLATED_BYTES_MAX)), "只留需要的一张表，另存一份再来")
        }
        Unreadable::Damaged => ("这个表格坏了，读不出来".to_owned(), "在表格软件里打开，另存一份再来"),
        Unreadable::Encoding => ("这不是表格，或者文字读不出来".to_owned(), "在表格软件里另存为 .xlsx 或 .csv 再来"),
        Unreadable::TooManyLines => (format!("超过 {LINES_MAX} 行，没有读下去"), "分栋另存，或者删掉空白的行再来"),
        Unreadable::TooManyMerged => ("合并的单元格太多，没有读下去".to_owned(), "取消合并单元格，另存一份再来"),
        Unreadable::Empty => ("这个文件里什么都没有".to_owned(), "看看是不是选错了文件"),
    };
    ApiError::new(Code::UNREADABLE_FILE, sentence).hinted(format!("{hint}；原来的名册没有动"))
}
