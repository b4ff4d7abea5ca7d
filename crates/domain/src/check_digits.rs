//! Digits that check others, on papers that people copy by hand.

/// The quasigroup of Damm (2004): one wrong digit, or two that changed places, never give the same check.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// Goes on from a check to the next digit of a group, as Damm's quasigroup has it. What comes out at the end of the group is
/// the digit that checks it; where it begins may be anything from 0 to 9.
pub fn after(check: u8, digit: u8) -> u8 {
    let row = DAMM.get(usize::from(check)).copied().unwrap_or_default();
    row.get(usize::from(digit)).copied().unwrap_or_default()
}

/// Gives the digits that somebody has typed, in full width or not, from 0 to 9. What stands between them is no matter; no honest
/// paper with `wanted` digits is longer than four times as many characters, and of a longer text no more is read.
pub fn typed_digits(text: &str, wanted: usize) -> impl Iterator<Item = u8> + '_ {
    let most = wanted.saturating_mul(4);
    text.chars().take(most).filter_map(|c| match c {
        '0'..='9' => u8::try_from(u32::from(c) - u32::from('0')).ok(),
        '０'..='９' => u8::try_from(u32::from(c) - u32::from('０')).ok(),
        _ => None,
    })
}
