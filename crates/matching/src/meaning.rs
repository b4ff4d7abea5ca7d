//! What a text means as a whole: a small neural encoder of sentences, so that two texts meet that share no word.
//!
//! The network is the Universal Sentence Encoder in its multilingual, convolutional form (Yang et al., "Multilingual
//! Universal Sentence Encoder for Semantic Retrieval", 2019), cut down to the word pieces of Chinese and English. How
//! `data/meaning/encoder.bin` is made, and under which licence it stands, is told beside it.

use std::collections::HashMap;
use std::sync::LazyLock;

use ndarray::ArrayView2;

use crate::fold::fold;

/// The numbers of a meaning.
pub(crate) const WIDTH: usize = 512;
const BRANCH: usize = 256;
/// The most word pieces of a text that are read: what a listing is about stands at its beginning.
const PIECES_MAX: usize = 72;
const CHARS_MAX: usize = 160;
const UNKNOWN: usize = 0;
const BEGIN: usize = 1;
const END: usize = 2;
/// What keeps a norm from being divided by nothing.
const EPSILON: f32 = 1e-12;

/// Texts of all sorts. How near a text is to all of them tells how near it is to anything, which is no evidence.
const ANYTHING: [&str; 24] = [
    "想借一样东西",
    "有没有邻居可以帮忙",
    "家里多出来的，送给需要的人",
    "周末下午有空",
    "孩子",
    "老人",
    "电器坏了",
    "做饭",
    "学习",
    "搬东西",
    "看病",
    "工具",
    "衣服",
    "找个地方",
    "出门旅行",
    "养宠物",
    "办手续",
    "运动",
    "音乐",
    "打扫卫生",
    "can anyone help",
    "free to a good home",
    "to lend",
    "lessons",
];
static COMMON: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let mut sum = vec![0.0_f32; WIDTH];
    for text in ANYTHING {
        let Some((numbers, length)) = ENCODER.as_ref().and_then(|encoder| encoder.encode(&normal(text, ""))) else {
            continue;
        };
        sum.iter_mut().zip(&numbers).for_each(|(sum, number)| *sum += f32::from(*number) / length);
    }
    sum.iter_mut().for_each(|sum| *sum /= ANYTHING.len() as f32);
    sum
});

static ENCODER: LazyLock<Option<Encoder>> =
    LazyLock::new(|| Encoder::read(include_bytes!("../data/meaning/encoder.bin")));

/// What a text means: a direction, each number in 127ths.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Meaning {
    numbers: Box<[i8]>,
    /// The length of the direction, so that it is worked out once.
    length: f32,
    /// How near it is to anything at all.
    commonness: f32,
}

impl Meaning {
    /// Reads a text; `None` when it says nothing.
    pub(crate) fn of(title: &str, body: &str) -> Option<Self> {
        let text = normal(title, body);
        if text.is_empty() {
            return None;
        }
        let (numbers, length) = ENCODER.as_ref()?.encode(&text)?;
        let common = numbers.iter().zip(COMMON.iter()).map(|(number, common)| f32::from(*number) * common).sum::<f32>();
        Some(Self { numbers, length, commonness: common / length.max(1.0) })
    }

    /// How near both are to anything at all, together.
    pub(crate) fn commonness(&self, other: &Self) -> f32 {
        self.commonness + other.commonness
    }

    /// How near two meanings are: the cosine of the angle between them, about 0 for texts that have nothing in common.
    pub(crate) fn nearness(&self, other: &Self) -> f32 {
        // Sixteen-bit numbers: what a processor multiplies and adds up eight at a time.
        let products = self.numbers.iter().zip(&other.numbers).map(|(a, b)| i32::from(i16::from(*a) * i16::from(*b)));
        products.sum::<i32>() as f32 / (self.length * other.length).max(1.0)
    }
}

/// Folds both texts into the one line that is encoded, its words parted by `▁` as the pieces have it.
fn normal(title: &str, body: &str) -> String {
    let mut line = String::new();
    let joined = [title.trim(), body.trim()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",");
    let short: String = joined.chars().take(CHARS_MAX).collect();
    for word in fold(&short).split_whitespace() {
        line.push('▁');
        line.push_str(word);
    }
    line
}

/// A matrix, one row for each input.
struct Matrix {
    columns: usize,
    cells: Vec<f32>,
}

/// One branch of the network: what stands in windows of a few pieces.
struct Branch {
    /// How many pieces a window has, and how many of them stand before its own.
    pieces: usize,
    before: usize,
    entry: (Matrix, Vec<f32>),
    norm: (Vec<f32>, Vec<f32>),
    layers: [(Matrix, Vec<f32>); 2],
}

struct Encoder {
    /// Each word piece: its number and how likely it is, as a logarithm.
    pieces: HashMap<&'static str, (usize, f32)>,
    piece_chars_max: usize,
    unknown_score: f32,
    /// For each piece, the mean of its numbers and the step between them; then the numbers, four bits each.
    scales: Vec<(f32, f32)>,
    nibbles: &'static [u8],
    branches: Vec<Branch>,
    norm: (Vec<f32>, Vec<f32>),
    sum: (Matrix, Vec<f32>),
    /// The layers of the head, in the order of the file.
    head: [Matrix; 6],
}

/// Reads the file from its front.
struct Reader(&'static [u8]);

impl Reader {
    fn bytes(&mut self, count: usize) -> Option<&'static [u8]> {
        let (front, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(front)
    }

    fn number(&mut self) -> Option<usize> {
        let bytes = self.bytes(4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    }

    fn floats(&mut self, count: usize) -> Option<Vec<f32>> {
        let bytes = self.bytes(count.checked_mul(4)?)?;
        Some(bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect())
    }

    fn vector(&mut self) -> Option<Vec<f32>> {
        let count = self.number()?;
        self.floats(count)
    }

    fn matrix(&mut self) -> Option<Matrix> {
        let (rows, columns) = (self.number()?, self.number()?);
        let scales = self.floats(columns)?;
        let cells = self.bytes(rows.checked_mul(columns)?)?;
        let cells = cells.iter().zip(scales.iter().cycle()).map(|(cell, scale)| f32::from(cell.cast_signed()) * scale);
        Some(Matrix { columns, cells: cells.collect() })
    }
}

impl Encoder {
    fn read(file: &'static [u8]) -> Option<Self> {
        let mut reader = Reader(file);
        if reader.bytes(4)? != b"KFM1" {
            return None;
        }
        let (count, width, text) = (reader.number()?, reader.number()?, reader.number()?);
        let text = std::str::from_utf8(reader.bytes(text)?).ok()?;
        let scores = reader.floats(count)?;
        let pairs = reader.floats(count * 2)?;
        let scales = pairs.as_chunks::<2>().0.iter().map(|[mean, step]| (*mean, *step)).collect();
        let nibbles = reader.bytes(count * width / 2)?;
        let mut branches = Vec::new();
        for (pieces, before) in [(2, 0), (3, 1), (5, 2)] {
            branches.push(Branch {
                pieces,
                before,
                entry: (reader.matrix()?, reader.vector()?),
                norm: (reader.vector()?, reader.vector()?),
                layers: [(reader.matrix()?, reader.vector()?), (reader.matrix()?, reader.vector()?)],
            });
        }
        let norm = (reader.vector()?, reader.vector()?);
        let sum = (reader.matrix()?, reader.vector()?);
        let mut matrix = || reader.matrix();
        let head = [matrix()?, matrix()?, matrix()?, matrix()?, matrix()?, matrix()?];
        // The first three pieces stand for what is no text: unknown, begin and end.
        let named = text.lines().zip(scores.iter().copied().enumerate()).skip(END + 1);
        let pieces: HashMap<&str, (usize, f32)> = named.collect();
        let piece_chars_max = pieces.keys().map(|piece| piece.chars().count()).max()?;
        let unknown_score = scores.first().copied()?;
        (width == WIDTH && reader.0.is_empty()).then_some(Self {
            pieces,
            piece_chars_max,
            unknown_score,
            scales,
            nibbles,
            branches,
            norm,
            sum,
            head,
        })
    }

    /// Cuts a line into its likeliest pieces (Viterbi over a unigram model; Kudo 2018).
    fn cut(&self, line: &str) -> Vec<usize> {
        let ends: Vec<usize> = line.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
        let starts: Vec<usize> = line.char_indices().map(|(at, _)| at).collect();
        // For each place between characters: the best score up to it, where its last piece began, and which it was.
        let mut best: Vec<(f32, usize, usize)> = vec![(f32::MIN, 0, UNKNOWN); ends.len() + 1];
        if let Some(first) = best.first_mut() {
            first.0 = 0.0;
        }
        for (from, start) in starts.iter().enumerate() {
            let Some(base) = best.get(from).map(|place| place.0) else { continue };
            let mut known_alone = false;
            for (to, end) in ends.iter().enumerate().skip(from).take(self.piece_chars_max) {
                let Some((piece, score)) = line.get(*start..*end).and_then(|part| self.pieces.get(part)) else {
                    continue;
                };
                known_alone |= to == from;
                if let Some(place) = best.get_mut(to + 1).filter(|place| place.0 < base + score) {
                    *place = (base + score, from, *piece);
                }
            }
            let alone = base + self.unknown_score;
            if let Some(place) = best.get_mut(from + 1).filter(|place| !known_alone && place.0 < alone) {
                *place = (alone, from, UNKNOWN);
            }
        }
        let mut pieces = vec![END];
        let mut at = ends.len();
        while let Some((_, from, piece)) = best.get(at).filter(|_| at > 0) {
            pieces.push(*piece);
            at = *from;
        }
        pieces.push(BEGIN);
        pieces.reverse();
        if pieces.len() > PIECES_MAX {
            pieces.truncate(PIECES_MAX - 1);
            pieces.push(END);
        }
        pieces
    }

    /// Appends the numbers of one piece.
    fn look_up(&self, piece: usize, into: &mut Vec<f32>) {
        let (mean, step) = self.scales.get(piece).copied().unwrap_or_default();
        let row = self.nibbles.chunks_exact(WIDTH / 2).nth(piece).unwrap_or_default();
        for byte in row {
            let number = |nibble: u8| (f32::from(nibble) - 7.5) * step + mean;
            into.extend([number(byte & 15), number(byte >> 4)]);
        }
    }

    fn encode(&self, line: &str) -> Option<(Box<[i8]>, f32)> {
        let pieces = self.cut(line);
        let count = pieces.len();
        let mut looked_up = Vec::with_capacity(count * WIDTH);
        for piece in &pieces {
            self.look_up(*piece, &mut looked_up);
        }
        let mut features = vec![looked_up];
        for branch in &self.branches {
            let (first, [inner, outer]) = (&features, &branch.layers);
            let mut entered = product(first.first()?, WIDTH, &branch.entry.0);
            add(&mut entered, &branch.entry.1);
            normalize(&mut entered, BRANCH, &branch.norm);
            let hidden = branch.layer(inner, entered);
            features.push(branch.layer(outer, hidden));
        }
        // Side by side, a row for each piece; then summed up.
        let width = WIDTH + BRANCH * self.branches.len();
        let mut rows = Vec::with_capacity(count * width);
        for at in 0..count {
            for (number, part) in features.iter().enumerate() {
                let columns = if number == 0 { WIDTH } else { BRANCH };
                rows.extend_from_slice(part.chunks_exact(columns).nth(at)?);
            }
        }
        normalize(&mut rows, width, &self.norm);
        let mut summed = vec![0.0; width];
        for row in rows.chunks_exact(width) {
            summed.iter_mut().zip(row).for_each(|(sum, cell)| *sum += cell);
        }
        let mut mean = product(&summed, width, &self.sum.0);
        let length = count as f32;
        for (cell, bias) in mean.iter_mut().zip(&self.sum.1) {
            *cell = (*cell + length * bias) / length.sqrt();
        }
        let [in_0, in_1, deep_1, deep_2, out_1, out_2] = &self.head;
        let mut hidden = product(&mean, WIDTH, in_0);
        rectify(&mut hidden);
        let mut second = product(&mean, WIDTH, in_1);
        add(&mut second, &product(&hidden, in_0.columns, deep_1));
        rectify(&mut second);
        let mut third = product(&second, in_1.columns, deep_2);
        rectify(&mut third);
        let mut said = product(&second, in_1.columns, out_1);
        add(&mut said, &product(&third, deep_2.columns, out_2));
        said.iter_mut().for_each(|cell| *cell = cell.tanh());
        let greatest = said.iter().fold(EPSILON, |most, cell| most.max(cell.abs()));
        // The greatest number takes the whole range; a direction has no length.
        let numbers: Box<[i8]> = said.iter().map(|cell| (cell / greatest * 127.0).round() as i8).collect();
        let length = numbers.iter().map(|number| i32::from(*number).pow(2)).sum::<i32>() as f32;
        Some((numbers, length.sqrt()))
    }
}

impl Branch {
    /// One layer over windows, with what went in added to what comes out.
    fn layer(&self, (weights, bias): &(Matrix, Vec<f32>), mut rows: Vec<f32>) -> Vec<f32> {
        let count = rows.len() / BRANCH;
        let mut windows = vec![0.0; count * self.pieces * BRANCH];
        for (at, window) in windows.chunks_exact_mut(self.pieces * BRANCH).enumerate() {
            for (place, cells) in window.chunks_exact_mut(BRANCH).enumerate() {
                // Beyond the text there is nothing.
                let row = (at + place).checked_sub(self.before).and_then(|row| rows.chunks_exact(BRANCH).nth(row));
                if let Some(row) = row {
                    cells.copy_from_slice(row);
                }
            }
        }
        let mut out = product(&windows, self.pieces * BRANCH, weights);
        add(&mut out, bias);
        rectify(&mut out);
        rows.iter_mut().zip(&out).for_each(|(row, out)| *row += out);
        rows
    }
}

/// Multiplies rows of `width` numbers by a matrix; of anything else than whole rows comes nothing.
fn product(rows: &[f32], width: usize, matrix: &Matrix) -> Vec<f32> {
    let inputs = ArrayView2::from_shape((rows.len() / width, width), rows);
    let weights = ArrayView2::from_shape((width, matrix.columns), matrix.cells.as_slice());
    inputs.and_then(|inputs| Ok(inputs.dot(&weights?).into_raw_vec_and_offset().0)).unwrap_or_default()
}

/// Adds `bias` to every row.
fn add(rows: &mut [f32], bias: &[f32]) {
    for row in rows.chunks_exact_mut(bias.len()) {
        row.iter_mut().zip(bias).for_each(|(cell, bias)| *cell += bias);
    }
}

fn rectify(cells: &mut [f32]) {
    cells.iter_mut().for_each(|cell| *cell = cell.max(0.0));
}

/// Brings every row to mean 0 and variance 1, then stretches and shifts it.
fn normalize(rows: &mut [f32], width: usize, (stretch, shift): &(Vec<f32>, Vec<f32>)) {
    for row in rows.chunks_exact_mut(width) {
        let mean = row.iter().sum::<f32>() / width as f32;
        let variance = row.iter().map(|cell| (cell - mean) * (cell - mean)).sum::<f32>() / width as f32;
        let scale = (variance + EPSILON).sqrt().recip();
        for (cell, (stretch, shift)) in row.iter_mut().zip(stretch.iter().zip(shift)) {
            *cell = (*cell - mean) * scale * stretch + shift;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearness(a: &str, b: &str) -> f32 {
        Meaning::of(a, "").unwrap().nearness(&Meaning::of(b, "").unwrap())
    }

    #[test]
    fn what_is_alike_in_meaning_is_near() {
        for (asked, near, far) in [
            ("水管漏水", "水电工上门", "钢琴老师"),
            ("想学弹琴", "钢琴老师", "水电工上门"),
            ("梯子", "ladder", "suitcase"),
            ("我下星期出差，猫没人喂", "上门喂宠物", "修电脑"),
        ] {
            assert!(nearness(asked, near) > nearness(asked, far) + 0.1, "{asked}");
        }
    }

    #[test]
    fn script_case_and_width_change_nothing() {
        assert_eq!(Meaning::of("ＬＡＤＤＥＲ　燈泡", ""), Meaning::of("ladder 灯泡", ""));
        assert_eq!(Meaning::of(" ", "\n"), None);
    }
}
