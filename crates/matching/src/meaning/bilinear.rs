//! From two directions to how much they speak for each other: a bilinear form, learned from judged pairs.
//!
//! Nearness is the same both ways, and what is near a need need not solve it: who looks for lessons is near to who looks
//! for lessons. How `data/bilinear/bilinear.bin` is made is told beside it.

use super::WIDTH;
use super::encoder::{Direction, Reader, direction, length};
use crate::Side;

/// For a centred need `n` and a centred offer `o`: `nearness · n·o + n·M·o + needs·n + offers·o + always`, in logits.
pub(super) struct Bilinear {
    /// The middle of the directions of many texts.
    middle: Vec<f32>,
    nearness: f32,
    always: f32,
    needs: Vec<f32>,
    offers: Vec<f32>,
    /// A row for each number of a need.
    rows: Vec<f32>,
}

/// One side of a pair: the product of two of them, each with its scale, and their biases make the form's value.
pub(super) struct Projected {
    pub(super) numbers: Direction,
    pub(super) scale: f32,
    pub(super) bias: f32,
}

impl Bilinear {
    /// Reads the file; `None` when it is not one.
    pub(super) fn read(file: &'static [u8]) -> Option<Self> {
        let mut reader = Reader(file);
        if reader.bytes(4)? != b"KFB1" || reader.number()? != WIDTH {
            return None;
        }
        let weights = reader.floats(2)?;
        let [nearness, always] = *weights.as_slice() else { return None };
        let (middle, needs, offers) = (reader.floats(WIDTH)?, reader.floats(WIDTH)?, reader.floats(WIDTH)?);
        let scales = reader.floats(WIDTH)?;
        let mut rows = Vec::with_capacity(WIDTH * WIDTH);
        for scale in &scales {
            rows.extend(reader.bytes(WIDTH)?.iter().map(|cell| f32::from(cell.cast_signed()) * scale));
        }
        reader.0.is_empty().then_some(Self { middle, nearness, always, needs, offers, rows })
    }

    /// Makes one side of a pair of what a text of `side` says.
    pub(super) fn project(&self, side: Side, said: &[i8]) -> Projected {
        let norm = length(said);
        let mut centred: Vec<f32> =
            said.iter().zip(&self.middle).map(|(number, middle)| f32::from(*number) / norm - middle).collect();
        let norm = dot(&centred, &centred).sqrt().max(f32::EPSILON);
        centred.iter_mut().for_each(|number| *number /= norm);
        let (numbers, bias) = match side {
            Side::Need => {
                let bias = dot(&self.needs, &centred);
                (centred, bias)
            }
            Side::Offer => {
                let rows = self.rows.chunks_exact(WIDTH).zip(&centred);
                let numbers = rows.map(|(row, own)| self.nearness * own + dot(row, &centred)).collect();
                (numbers, dot(&self.offers, &centred) + self.always)
            }
        };
        let greatest = numbers.iter().fold(f32::EPSILON, |most, number| most.max(number.abs()));
        Projected { numbers: direction(&numbers), scale: greatest / 127.0, bias }
    }
}

/// Adds up in eight strands, always in the same order, so that a processor can go several at a time.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strange_bytes_are_no_form() {
        let file: &'static [u8] = super::super::BILINEAR_FILE;
        assert!(Bilinear::read(file).is_some());
        assert!(Bilinear::read(&file[1..]).is_none() && Bilinear::read(&file[..file.len() - 1]).is_none());
        let longer: &'static [u8] = [file, &[0]].concat().leak();
        assert!(Bilinear::read(longer).is_none() && Bilinear::read(b"KFB1").is_none());
    }
}
