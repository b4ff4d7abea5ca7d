//! XLSX workbooks.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};
use zip::ZipArchive;

use crate::columns::Guess;
use crate::sheet::{Cell, Row, Sheet, Unreadable};
use crate::{COLUMNS_MAX, INFLATED_BYTES_MAX};

/// How many parts a workbook may have.
const PARTS_MAX: usize = 2_000;
/// How many sheets are looked at for one that has a column of units.
const SHEETS_LOOKED_AT: usize = 8;
/// How many cells merging may fill.
const FILLED_MAX: u64 = 2_000_000;

/// Reads the first visible sheet that has a column of units, else the first that has anything.
///
/// # Errors
/// Any [`Unreadable`].
pub(crate) fn read(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    weigh(bytes)?;
    // What the reader stumbles over is one damaged file, and costs nothing else.
    catch_unwind(AssertUnwindSafe(|| read_weighed(bytes))).unwrap_or(Err(Unreadable::Damaged))
}

/// Inflates every part into nothing, before anything that keeps it does so. What a part says of its size proves nothing.
fn weigh(bytes: &[u8]) -> Result<(), Unreadable> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unreadable::Damaged)?;
    if archive.len() > PARTS_MAX {
        return Err(Unreadable::Inflates);
    }
    let mut left = INFLATED_BYTES_MAX;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|_| Unreadable::Damaged)?;
        let found = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| Unreadable::Damaged)?;
        left = left.checked_sub(found).ok_or(Unreadable::Inflates)?;
    }
    Ok(())
}

fn read_weighed(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    let damaged = |_| Unreadable::Damaged;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let sheets = workbook.sheets_metadata().iter();
    let shown = sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible);
    let names: Vec<String> = shown.take(SHEETS_LOOKED_AT).map(|sheet| sheet.name.clone()).collect();
    let mut first = None;
    for name in names {
        let sheet = read_sheet(&mut workbook, &name)?;
        if Guess::of(&sheet).columns.is_some() {
            return Ok(sheet);
        }
        if first.is_none() && !sheet.rows.is_empty() {
            first = Some(sheet);
        }
    }
    Ok(first.unwrap_or_default())
}

fn read_sheet(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Sheet, Unreadable> {
    let damaged = |_| Unreadable::Damaged;
    let mut sheet = Sheet::default();
    let mut cells = workbook.worksheet_cells_reader(name).map_err(damaged)?;
    let mut row = Row::default();
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(damaged)? {
        let (line, column) = cell.pos;
        if line + 1 != row.number {
            if line + 1 < row.number {
                return Err(Unreadable::Damaged);
            }
            sheet.push(std::mem::replace(&mut row, Row { number: line + 1, cells: Vec::new() }))?;
        }
        row.put(column as usize, read_cell(cell.value, cell.formula.is_some()));
    }
    sheet.push(row)?;
    drop(cells);
    fill_merged(&mut sheet, &workbook.merge_cells_by_sheet_name(name).map_err(damaged)?)?;
    Ok(sheet)
}

fn read_cell(value: DataRef<'_>, formula: bool) -> Cell {
    let text = match value {
        DataRef::Empty if formula => return Cell::Formula,
        DataRef::Empty => return Cell::Empty,
        DataRef::String(text) => text,
        DataRef::SharedString(text) => text.to_owned(),
        DataRef::Int(number) => number.to_string(),
        // Room 502 is kept as 502.0; written so, a number has neither a fraction of zero nor an exponent.
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => return Cell::Date,
        DataRef::Error(_) => return Cell::Error,
    };
    match text.trim() {
        "" if formula => Cell::Formula,
        "" => Cell::Empty,
        text => Cell::Text(text.to_owned()),
    }
}

/// Gives every cell under a merged one what the merged one says.
fn fill_merged(sheet: &mut Sheet, merged: &[calamine::Dimensions]) -> Result<(), Unreadable> {
    let mut filled = 0;
    for area in merged {
        let ((top, left), (bottom, right)) = (area.start, area.end);
        let (left, right) = (left as usize, (right as usize).min(COLUMNS_MAX - 1));
        let first = sheet.rows.partition_point(|row| row.number < top + 1);
        let Some(cell) = sheet.rows.get(first).filter(|row| row.number == top + 1).map(|row| row.cell(left).clone())
        else {
            continue;
        };
        let rows = sheet.rows.iter_mut().skip(first).take_while(|row| row.number <= bottom + 1);
        for row in rows {
            for column in left..=right {
                filled += 1;
                if filled > FILLED_MAX {
                    return Err(Unreadable::TooManyMerged);
                }
                if *row.cell(column) == Cell::Empty {
                    row.put(column, cell.clone());
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    use rust_xlsxwriter::{Format, Workbook};
    use zip::write::SimpleFileOptions;

    use crate::{Reading, Wrong};

    fn reading(workbook: &mut Workbook) -> Reading {
        let sheet = Sheet::read(&workbook.save_to_buffer().unwrap()).unwrap();
        let guess = Guess::of(&sheet);
        Reading::of(&sheet, guess.heading_row, guess.columns.unwrap())
    }

    #[test]
    fn a_workbook_with_merged_cells_gives_each_person_their_unit() {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        let plain = Format::new();
        sheet.merge_range(0, 0, 0, 3, "红叶新天地住户登记表", &plain).unwrap();
        sheet.write_row(1, 0, ["栋", "房号", "户主", "手机"]).unwrap();
        sheet.merge_range(2, 0, 4, 0, "3栋", &plain).unwrap();
        sheet.merge_range(2, 1, 3, 1, "502", &plain).unwrap();
        sheet.write(2, 2, "陈美玲").unwrap();
        sheet.write(2, 3, 13_800_001_111_f64).unwrap();
        sheet.write(3, 2, "陈大文").unwrap();
        sheet.write(4, 1, 503).unwrap();
        sheet.write(4, 2, "侯志明").unwrap();
        let reading = reading(&mut workbook);
        let lines =
            reading.lines.iter().map(|line| format!("{} {} {} {}", line.block, line.unit, line.name, line.phone));
        let expected = ["3栋 502 陈美玲 13800001111", "3栋 502 陈大文 ", "3栋 503 侯志明 "];
        assert_eq!(lines.collect::<Vec<_>>(), expected);
        assert_eq!(reading.problems, []);
    }

    #[test]
    fn a_formula_is_never_worked_out() {
        let text = |cell: &str, text: &str| format!(r#"<c r="{cell}" t="str"><v>{text}</v></c>"#);
        let rows = [
            format!(r#"<row r="1">{}{}</row>"#, text("A1", "房号"), text("B1", "户主")),
            format!(r#"<row r="2"><c r="A2"><f>500+2</f><v>502</v></c>{}</row>"#, text("B2", "陈美玲")),
            format!(r#"<row r="3"><c r="A3"><f>500+3</f></c>{}</row>"#, text("B3", "侯志明")),
            format!(r#"<row r="4"><c r="A4"><f>500+4</f><v></v></c>{}</row>"#, text("B4", "马乐")),
        ];
        let bytes = with_sheet(&format!("<worksheet><sheetData>{}</sheetData></worksheet>", rows.concat()));
        let sheet = Sheet::read(&bytes).unwrap();
        let reading = Reading::of(&sheet, Some(0), Guess::of(&sheet).columns.unwrap());
        let units: Vec<_> = reading.lines.iter().map(|line| line.unit.as_str()).collect();
        assert_eq!(units, ["502"], "what the spreadsheet had worked out");
        let wrong = Wrong::Formula;
        assert_eq!(reading.problems, [crate::Problem { line: 3, wrong }, crate::Problem { line: 4, wrong }]);
    }

    #[test]
    fn what_a_spreadsheet_took_for_a_date_is_told() {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, ["房号", "户主"]).unwrap();
        sheet.write_with_format(1, 0, 46_083, &Format::new().set_num_format("yyyy/m/d")).unwrap();
        sheet.write_row(2, 0, ["3-502", "陈美玲"]).unwrap();
        let reading = reading(&mut workbook);
        assert_eq!(reading.problems, [crate::Problem { line: 2, wrong: Wrong::Date }]);
        assert_eq!(reading.lines.len(), 1);
    }

    #[test]
    fn the_sheet_with_the_units_is_found() {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().write(0, 0, "填表说明").unwrap();
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, ["房号", "户主"]).unwrap();
        sheet.write_row(1, 0, ["502", "陈美玲"]).unwrap();
        assert_eq!(reading(&mut workbook).lines.len(), 1);
    }

    #[test]
    fn a_hundred_thousand_lines_are_read_and_one_more_is_refused() {
        let book = |lines: u32| {
            let mut workbook = Workbook::new();
            let sheet = workbook.add_worksheet();
            for line in 0..lines {
                sheet.write(line, 0, if line == 0 { "房号".to_owned() } else { line.to_string() }).unwrap();
            }
            workbook.save_to_buffer().unwrap()
        };
        assert_eq!(Sheet::read(&book(100_000)).map(|sheet| sheet.rows.len()), Ok(100_000));
        assert_eq!(Sheet::read(&book(100_001)), Err(Unreadable::TooManyLines));
    }

    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    /// A workbook whose one sheet says exactly this.
    fn with_sheet(sheet: &str) -> Vec<u8> {
        let mut workbook = Workbook::new();
        workbook.add_worksheet();
        let bytes = workbook.save_to_buffer().unwrap();
        let mut parts = Vec::new();
        let mut made = ZipArchive::new(Cursor::new(bytes)).unwrap();
        for place in 0..made.len() {
            let mut part = made.by_index(place).unwrap();
            let (name, mut bytes) = (part.name().unwrap().into_owned(), Vec::new());
            part.read_to_end(&mut bytes).unwrap();
            parts.push((name.clone(), if name.ends_with("sheet1.xml") { sheet.as_bytes().to_vec() } else { bytes }));
        }
        let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        archive(&parts)
    }

    #[test]
    fn a_bomb_is_refused_before_anything_is_made_of_it() {
        let zeros = vec![0; 65 * 1024 * 1024];
        let bomb = archive(&[("xl/workbook.xml", &zeros), ("xl/sharedStrings.xml", &zeros)]);
        assert!(bomb.len() < 1024 * 1024, "small enough to be sent");
        assert_eq!(Sheet::read(&bomb), Err(Unreadable::Inflates));
        let many: Vec<String> = (0..=PARTS_MAX).map(|part| format!("part{part}")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
        assert_eq!(Sheet::read(&archive(&many)), Err(Unreadable::Inflates));
    }

    #[test]
    fn merging_everything_with_everything_is_refused() {
        let merged: String = (0..200).map(|row| format!(r#"<mergeCell ref="A{}:AN99999"/>"#, row + 1)).collect();
        let rows: String =
            (1..=2_000).map(|row| format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#)).collect();
        let sheet = format!("<worksheet><sheetData>{rows}</sheetData><mergeCells>{merged}</mergeCells></worksheet>");
        assert_eq!(Sheet::read(&with_sheet(&sheet)), Err(Unreadable::TooManyMerged));
    }

    #[test]
    fn a_damaged_workbook_is_told() {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().write(0, 0, "房号").unwrap();
        let whole = workbook.save_to_buffer().unwrap();
        for end in (4..whole.len()).step_by(97) {
            assert_eq!(Sheet::read(&whole[..end]), Err(Unreadable::Damaged), "cut off at {end}");
        }
        assert_eq!(Sheet::read(&archive(&[("word/document.xml", b"<w/>")])), Err(Unreadable::Damaged));
    }
}
