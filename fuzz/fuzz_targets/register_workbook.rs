//! A register of units as a workbook: an archive of XML that anybody may have made.
#![no_main]

use std::io::{Cursor, Write};

use kaifong_fuzz::{Mode, Unstructured, below, bend, chance, open, pick, run, text};
use kaifong_register::{Guess, LINES_MAX, Reading, Sheet};
use zip::write::SimpleFileOptions;

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    if mode == Mode::Raw {
        return read(&[b"PK\x03\x04", u.take_rest()].concat());
    }
    let mut sheet = sheet(&mut u).into_bytes();
    let strings = format!(
        "<sst>{}</sst>",
        (0..below(&mut u, 4)).map(|_| format!("<si><t>{}</t></si>", word(&mut u))).collect::<String>()
    );
    let mut book = BOOK.as_bytes().to_vec();
    if mode == Mode::Bent {
        // Inside the archive, so that its sums still fit.
        bend(&mut u, &mut sheet);
        if chance(&mut u, 4) {
            bend(&mut u, &mut book);
        }
    }
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let parts: [(&str, &[u8]); 6] = [
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", ROOT.as_bytes()),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", &sheet),
    ];
    for (name, bytes) in parts {
        archive.start_file(name, SimpleFileOptions::default()).expect("a part begins");
        archive.write_all(bytes).expect("a part is written");
    }
    let mut bytes = archive.finish().expect("an archive ends").into_inner();
    if mode == Mode::Bent && chance(&mut u, 4) {
        bend(&mut u, &mut bytes);
    }
    read(&bytes);
}

fn word(u: &mut Unstructured<'_>) -> String {
    const WORDS: [&str; 8] = ["房号", "户主", "栋", "电话", "3栋", "502", "陈美玲", "&amp;"];
    if chance(u, 8) {
        text(u).replace(['<', '&'], " ")
    } else {
        pick(u, &WORDS).copied().unwrap_or_default().to_owned()
    }
}

fn sheet(u: &mut Unstructured<'_>) -> String {
    let mut rows = String::new();
    for _ in 0..below(u, 8) {
        let row = if chance(u, 8) { 1_048_576 } else { below(u, 12) + 1 };
        let cells: String = (0..below(u, 6))
            .map(|_| {
                let column = *pick(u, &["A", "B", "C", "D", "AN", "XFD"]).unwrap_or(&"A");
                let kind = *pick(u, &["str", "s", "n", "e", "b", "inlineStr", "d"]).unwrap_or(&"str");
                let formula = if chance(u, 4) { r#"<f t="shared" si="4294967295" ref="A1:A9">A1</f>"# } else { "" };
                format!(r#"<c r="{column}{row}" t="{kind}">{formula}<v>{}</v></c>"#, word(u))
            })
            .collect();
        rows.push_str(&format!(r#"<row r="{row}">{cells}</row>"#));
    }
    let merged: String = (0..below(u, 4))
        .map(|_| format!(r#"<mergeCell ref="A{}:XFD{}"/>"#, below(u, 12) + 1, below(u, 2_000_000) + 1))
        .collect();
    format!("<worksheet><sheetData>{rows}</sheetData><mergeCells>{merged}</mergeCells></worksheet>")
}

fn read(bytes: &[u8]) {
    let Ok(sheet) = Sheet::read(bytes) else { return };
    assert!(sheet.rows.len() <= LINES_MAX);
    let guess = Guess::of(&sheet);
    if let Some(columns) = guess.columns {
        let reading = Reading::of(&sheet, guess.heading_row, columns);
        assert!(reading.lines.len() + reading.problems_total <= sheet.rows.len());
    }
}
