//! The network itself: from the pieces of a line to a direction.

use std::collections::HashMap;

use ndarray::ArrayView2;

use super::WIDTH;

const BRANCH: usize = 256;
/// The most word pieces of a text that are read: what a listing is about stands at its beginning.
const PIECES_MAX: usize = 72;
const UNKNOWN: usize = 0;
const BEGIN: usize = 1;
const END: usize = 2;
/// What keeps a norm from being divided by nothing.
const EPSILON: f32 = 1e-12;

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

pub(super) struct Encoder {
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

/// What a line says: a direction, each number in 127ths of the greatest. Not behind a pointer: whoever compares many goes
/// through memory from front to back.
pub(super) type Direction = [i8; WIDTH];

/// For each line, which row stands at each of its places.
type Places = Vec<Vec<usize>>;

/// Reads the file from its front.
pub(super) struct Reader(pub(super) &'static [u8]);

impl Reader {
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'static [u8]> {
        let (front, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(front)
    }

    pub(super) fn number(&mut self) -> Option<usize> {
        let bytes = self.bytes(4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    }

    pub(super) fn floats(&mut self, count: usize) -> Option<Vec<f32>> {
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

    /// A matrix over windows of some pieces, one above the other in the file; here side by side, so that each row is
    /// multiplied once whatever windows it stands in.
    fn windows(&mut self, pieces: usize) -> Option<Matrix> {
        let Matrix { columns, cells } = self.matrix()?;
        let row = |row: usize, piece: usize| cells.chunks_exact(columns).nth(piece * BRANCH + row).unwrap_or_default();
        let beside = (0..BRANCH).flat_map(|at| (0..pieces).flat_map(move |piece| row(at, piece))).copied().collect();
        (cells.len() == pieces * BRANCH * columns).then_some(Matrix { columns: columns * pieces, cells: beside })
    }
}

impl Encoder {
    /// Reads the file; `None` when it is not one.
    pub(super) fn read(file: &'static [u8]) -> Option<Self> {
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
                layers: [(reader.windows(pieces)?, reader.vector()?), (reader.windows(pieces)?, reader.vector()?)],
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
    pub(super) fn cut(&self, line: &str) -> Vec<usize> {
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

    /// Encodes lines, each in the form of [`super::line`]. What they have in common is worked out once, so that several at once
    /// take far less than one after the other.
    pub(super) fn encode(&self, lines: &[&str]) -> Option<Vec<Direction>> {
        let mut distinct: Vec<usize> = Vec::new();
        let mut row_of: HashMap<usize, usize> = HashMap::new();
        let mut row = |piece: usize| {
            *row_of.entry(piece).or_insert_with(|| {
                distinct.push(piece);
                distinct.len() - 1
            })
        };
        let places: Places = lines.iter().map(|line| self.cut(line).into_iter().map(&mut row).collect()).collect();
        let mut looked_up = Vec::with_capacity(distinct.len() * WIDTH);
        for piece in distinct {
            self.look_up(piece, &mut looked_up);
        }
        let branches: Vec<Vec<f32>> = self.branches.iter().map(|branch| branch.read(&looked_up, &places)).collect();
        // Side by side, a row for each place; then summed up, a row for each line.
        let width = WIDTH + BRANCH * branches.len();
        let mut parts: Vec<_> = branches.iter().map(|branch| branch.chunks_exact(BRANCH)).collect();
        let mut summed = Vec::with_capacity(lines.len() * width);
        let mut beside = Vec::with_capacity(width);
        for line in &places {
            let mut sum = vec![0.0; width];
            for row in line {
                beside.clear();
                beside.extend_from_slice(looked_up.chunks_exact(WIDTH).nth(*row)?);
                for part in &mut parts {
                    beside.extend_from_slice(part.next()?);
                }
                normalize(&mut beside, width, &self.norm);
                sum.iter_mut().zip(&beside).for_each(|(sum, cell)| *sum += cell);
            }
            summed.extend(sum);
        }
        let mut mean = product(&summed, width, &self.sum.0);
        for (row, line) in mean.chunks_exact_mut(WIDTH).zip(&places) {
            let length = line.len() as f32;
            for (cell, bias) in row.iter_mut().zip(&self.sum.1) {
                *cell = (*cell + length * bias) / length.sqrt();
            }
        }
        Some(self.say(&mean).chunks_exact(WIDTH).map(direction).collect())
    }

    /// The head: from the mean of a text to what it says.
    fn say(&self, mean: &[f32]) -> Vec<f32> {
        let [in_0, in_1, deep_1, deep_2, out_1, out_2] = &self.head;
        let mut hidden = product(mean, WIDTH, in_0);
        rectify(&mut hidden);
        let mut second = product(mean, WIDTH, in_1);
        add(&mut second, &product(&hidden, in_0.columns, deep_1));
        rectify(&mut second);
        let mut third = product(&second, in_1.columns, deep_2);
        rectify(&mut third);
        let mut said = product(&second, in_1.columns, out_1);
        add(&mut said, &product(&third, deep_2.columns, out_2));
        said.iter_mut().for_each(|cell| *cell = cell.tanh());
        said
    }
}

/// Brings numbers into 127ths of the greatest: a direction has no length.
pub(super) fn direction(said: &[f32]) -> Direction {
    let greatest = said.iter().fold(EPSILON, |most, cell| most.max(cell.abs()));
    let mut numbers = [0; WIDTH];
    numbers.iter_mut().zip(said).for_each(|(number, cell)| *number = (cell / greatest * 127.0).round() as i8);
    numbers
}

/// The length of a direction, at least 1.
pub(super) fn length(numbers: &[i8]) -> f32 {
    (numbers.iter().map(|number| i32::from(*number).pow(2)).sum::<i32>() as f32).sqrt().max(1.0)
}

impl Branch {
    /// Gives what the branch makes of every place: a row for each, line after line.
    fn read(&self, looked_up: &[f32], places: &Places) -> Vec<f32> {
        let mut entered = product(looked_up, WIDTH, &self.entry.0);
        add(&mut entered, &self.entry.1);
        normalize(&mut entered, BRANCH, &self.norm);
        let [inner, outer] = &self.layers;
        let hidden = self.layer(inner, &entered, places);
        // From here on each place is a row of its own.
        let mut next = 0..hidden.len();
        let own = places.iter().map(|line| line.iter().zip(&mut next).map(|(_, row)| row).collect()).collect();
        self.layer(outer, &hidden, &own)
    }

    /// One layer over windows, with what went in added to what comes out. `places` says which row stands where.
    fn layer(&self, (weights, bias): &(Matrix, Vec<f32>), rows: &[f32], places: &Places) -> Vec<f32> {
        let products = product(rows, BRANCH, weights);
        let mut out = Vec::with_capacity(places.iter().map(Vec::len).sum::<usize>() * BRANCH);
        for line in places {
            for (at, own) in line.iter().enumerate() {
                let begun = out.len();
                out.extend_from_slice(bias);
                let sum = out.get_mut(begun..).unwrap_or_default();
                for place in 0..self.pieces {
                    // Beyond the text there is nothing.
                    let row = (at + place).checked_sub(self.before).and_then(|at| line.get(at));
                    let part = row.and_then(|row| products.chunks_exact(BRANCH).nth(row * self.pieces + place));
                    sum.iter_mut().zip(part.unwrap_or_default()).for_each(|(sum, part)| *sum += part);
                }
                let own = rows.chunks_exact(BRANCH).nth(*own).unwrap_or_default();
                sum.iter_mut().zip(own).for_each(|(sum, own)| *sum = sum.max(0.0) + own);
            }
        }
        out
    }
}

/// Multiplies rows of `width` numbers by a matrix; of anything else than whole rows comes nothing.
fn product(rows: &[f32], width: usize, matrix: &Matrix) -> Vec<f32> {
    let inputs = ArrayView2::from_shape((rows.len() / width, width), rows);
    let weights = ArrayView2::from_shape((width, matrix.columns), matrix.cells.as_slice());
    inputs.and_then(|inputs| Ok(inputs.dot(&weights?).into_raw_vec_and_offset().0)).unwrap_or_default()
}

/// Adds `bias` to every row of its length.
fn add(rows: &mut [f32], bias: &[f32]) {
    for row in rows.chunks_exact_mut(bias.len().max(1)) {
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
