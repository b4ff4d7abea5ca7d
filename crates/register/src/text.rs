//! CSV as spreadsheets save it: several encodings, several separators.

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::sheet::{Cell, Row, Sheet, Unreadable};

/// How many lines show which separator a file has.
const LINES_LOOKED_AT: usize = 20;
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Reads a text of separated values.
///
/// # Errors
/// [`Unreadable::Encoding`], [`Unreadable::TooManyLines`].
pub(crate) fn read(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    let text = decode(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(&text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut sheet, mut record, mut lines) = (Sheet::default(), csv::StringRecord::new(), LineNumbers::new(&text));
    // The text is UTF-8 and rows may have any length, so nothing is left that a row could fail by.
    while reader.read_record(&mut record).map_err(|_| Unreadable::Encoding)? {
        let begins = record.position().map_or(0, csv::Position::byte);
        let number = lines.at(usize::try_from(begins).unwrap_or(usize::MAX));
        let mut row = Row { number, cells: Vec::new() };
        for (column, cell) in record.iter().enumerate() {
            let cell = cell.trim();
            if !cell.is_empty() {
                row.put(column, Cell::Text(plain(cell).to_owned()));
            }
        }
        sheet.push(row)?;
    }
    Ok(sheet)
}

/// Counts lines as a person does who looks for one in the file: empty ones too.
struct LineNumbers<'a> {
    text: &'a [u8],
    counted: usize,
    newlines: u32,
}

impl<'a> LineNumbers<'a> {
    fn new(text: &'a str) -> Self {
        Self { text: text.as_bytes(), counted: 0, newlines: 0 }
    }

    /// Gives the number of the first line with anything in it at or after this byte; bytes are asked for in their order.
    fn at(&mut self, byte: usize) -> u32 {
        while let Some(found) = self.text.get(self.counted)
            && (self.counted < byte || *found == b'\n')
        {
            self.newlines += u32::from(*found == b'\n');
            self.counted += 1;
        }
        self.newlines + 1
    }
}

/// Spreadsheets keep `0502` from becoming a number as `="0502"`, or with an apostrophe before it.
fn plain(cell: &str) -> &str {
    let quoted = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    quoted.or_else(|| cell.strip_prefix('\'')).unwrap_or(cell)
}

/// Decodes by the mark at the beginning; without one UTF-8 if it is, else GB18030, which Chinese spreadsheets save in.
fn decode(bytes: &[u8]) -> Result<String, Unreadable> {
    let strictly = |encoding: &'static Encoding, bytes: &[u8]| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
        text.map(std::borrow::Cow::into_owned).filter(|text| !text.contains('\0')).ok_or(Unreadable::Encoding)
    };
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return strictly(encoding, bytes.get(mark..).unwrap_or_default());
    }
    // UTF-16 without a mark has a zero in every second byte of its digits and separators.
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if even + odd > bytes.len() / 16 {
        return strictly(if odd > even { UTF_16LE } else { UTF_16BE }, bytes);
    }
    strictly(UTF_8, bytes).or_else(|_| strictly(GB18030, bytes))
}

/// Finds the separator that the first lines have most evenly.
fn separator(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(LINES_LOOKED_AT).collect();
    let evenness = |separator: &u8| {
        let counts = lines.iter().map(|line| line.bytes().filter(|byte| byte == separator).count());
        let with = counts.clone().filter(|count| *count > 0).count();
        (with, counts.min().unwrap_or(0))
    };
    // Of equals the comma: it comes last, and the last of the greatest is taken.
    SEPARATORS.into_iter().rev().max_by_key(evenness).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "房号,户主,电话\r\n3栋502,陈美玲,13800001111\r\n3栋503,\"侯志明, 侯太\",\r\n";

    fn check(bytes: &[u8], name: &str) {
        let sheet = Sheet::read(bytes).unwrap_or_else(|why| panic!("{name}: {why}"));
        let rows: Vec<_> = sheet.rows.iter().map(|row| [row.text(0), row.text(1), row.text(2)]).collect();
        let expected = [["房号", "户主", "电话"], ["3栋502", "陈美玲", "13800001111"], ["3栋503", "侯志明, 侯太", ""]];
        assert_eq!(rows, expected, "{name}");
    }

    #[test]
    fn a_list_is_read_in_every_encoding_that_spreadsheets_save() {
        let utf16 = |little: bool| {
            let units =
                LINES.encode_utf16().map(move |unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() });
            units.flatten().collect::<Vec<u8>>()
        };
        check(LINES.as_bytes(), "UTF-8");
        check(&[b"\xEF\xBB\xBF".as_slice(), LINES.as_bytes()].concat(), "UTF-8 with its mark");
        check(&[b"\xFF\xFE".as_slice(), &utf16(true)].concat(), "UTF-16 LE with its mark");
        check(&[b"\xFE\xFF".as_slice(), &utf16(false)].concat(), "UTF-16 BE with its mark");
        check(&utf16(true), "UTF-16 LE");
        check(&utf16(false), "UTF-16 BE");
        check(&GB18030.encode(LINES).0, "GB18030");
    }

    #[test]
    fn the_separator_is_found() {
        for separator in [',', ';', '\t'] {
            let text = LINES.replace(", ", "，").replace(',', &separator.to_string());
            let sheet = Sheet::read(text.as_bytes()).unwrap();
            assert_eq!(sheet.rows[1].text(2), "13800001111", "{separator:?}");
            assert_eq!(sheet.rows[1].number, 2);
        }
        assert_eq!(Sheet::read("502\n503\n".as_bytes()).unwrap().rows.len(), 2, "one column has none");
    }

    #[test]
    fn a_line_has_the_number_that_it_has_in_the_file() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["房号,户主", "", "502,\"陈\n美玲\"", "", "", "503,侯志明", ""].join(end);
            let numbers: Vec<_> = Sheet::read(text.as_bytes()).unwrap().rows.iter().map(|row| row.number).collect();
            assert_eq!(numbers, [1, 3, 7], "{end:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(Sheet::read(b""), Err(Unreadable::Empty));
        assert_eq!(Sheet::read(b"\r\n , ,\r\n"), Err(Unreadable::Empty));
        assert_eq!(Sheet::read(&[0x89, b'P', b'N', b'G', 0x0D, 0xFF, 0xFF, 0xFF]), Err(Unreadable::Encoding));
        assert_eq!(Sheet::read(&[0xD0, 0xCF, 0x11, 0xE0, 1, 2]), Err(Unreadable::OldWorkbook));
        let most = "502\n".repeat(crate::LINES_MAX);
        assert!(Sheet::read(most.as_bytes()).is_ok());
        assert_eq!(Sheet::read(format!("{most}503\n").as_bytes()), Err(Unreadable::TooManyLines));
        let large = vec![b'1'; crate::FILE_BYTES_MAX + 1];
        assert_eq!(Sheet::read(&large), Err(Unreadable::TooLarge { found: large.len() }));
    }

    #[test]
    fn a_cell_that_a_spreadsheet_has_protected_is_read_plain() {
        let sheet = Sheet::read("房号\n=\"0502\"\n'0503\n=1+1\n".as_bytes()).unwrap();
        let cells: Vec<_> = sheet.rows.iter().skip(1).map(|row| row.text(0)).collect();
        assert_eq!(cells, ["0502", "0503", "=1+1"], "and a formula stays the text that it is");
    }
}
