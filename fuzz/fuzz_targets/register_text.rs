//! A register of units as text: encodings, separators, headings, lines, and what it says of anybody.
#![no_main]

use kaifong_domain::Instant;
use kaifong_fuzz::{Mode, Unstructured, below, bend, chance, open, pick, run, text};
use kaifong_register::{
    BALANCES_MAX, Balances, Guess, LINES_MAX, PROBLEMS_MAX, Reading, Register, Sheet, looks_alike, skeleton, unit_key,
};

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    if mode == Mode::Raw {
        let bytes = u.take_rest();
        read(bytes, &String::from_utf8_lossy(bytes));
        return;
    }
    let separator = *pick(&mut u, &[",", ";", "\t"]).unwrap_or(&",");
    let headings = [["栋", "单元", "房号", "户主", "电话"], ["序号", "姓名", "积分", "备注", "电话"]];
    let mut lines = vec![pick(&mut u, &headings).unwrap_or(&headings[0]).join(separator)];
    for _ in 0..below(&mut u, 12) {
        let cells: Vec<String> = (0..below(&mut u, 7)).map(|_| cell(&mut u)).collect();
        lines.push(cells.join(separator));
    }
    let written = lines.join(if chance(&mut u, 2) { "\n" } else { "\r\n" });
    let mut bytes = match below(&mut u, 3) {
        0 => written.clone().into_bytes(),
        1 => written.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => [b"\xFE\xFF".to_vec(), written.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat(),
    };
    if mode == Mode::Bent {
        bend(&mut u, &mut bytes);
    }
    let asked = cell(&mut u);
    read(&bytes, &asked);
}

fn cell(u: &mut Unstructured<'_>) -> String {
    const WORDS: [&str; 13] = [
        "3栋",
        "502",
        "三栋五〇二",
        "陈美玲",
        "陈*玲",
        "138****1111",
        "+86 138 0000 1111",
        "\"a\nb\"",
        "=\"0502\"",
        "十",
        "A座",
        "30",
        "",
    ];
    if chance(u, 4) { text(u) } else { pick(u, &WORDS).copied().unwrap_or_default().to_owned() }
}

fn read(bytes: &[u8], asked: &str) {
    assert_eq!(skeleton(&skeleton(asked)), skeleton(asked), "what looks alike is settled in one step");
    assert!(looks_alike(asked, asked));
    assert_eq!(unit_key("", asked), unit_key("", &format!("{asked}室")), "502 and 502室 are one door");
    let Ok(sheet) = Sheet::read(bytes) else { return };
    assert!(sheet.rows.len() <= LINES_MAX);
    assert!(sheet.rows.windows(2).all(|pair| pair[0].number < pair[1].number), "lines are numbered as in the file");
    if let Some(read) = Balances::of(&sheet) {
        assert!(read.lines.len() <= BALANCES_MAX && read.problems.len() <= PROBLEMS_MAX);
        assert!(read.lines.len() + read.problems_total <= sheet.rows.len());
        assert!(read.lines.iter().all(|line| (1..=1_000_000).contains(&line.points.0) && !line.name.is_empty()));
    }
    let guess = Guess::of(&sheet);
    let Some(columns) = guess.columns else { return };
    let reading = Reading::of(&sheet, guess.heading_row, columns);
    assert!(reading.problems.len() <= PROBLEMS_MAX && reading.problems.len() <= reading.problems_total);
    assert!(reading.lines.len() + reading.problems_total <= sheet.rows.len());
    let lines = reading.lines.clone();
    let register = Register::new("名册".into(), Instant(0), reading.lines);
    for line in lines {
        let _ = register.says(&format!("{}{}{}", line.block, line.entrance, line.unit), &line.name, &line.phone);
    }
    let _ = register.says(asked, asked, asked);
}
