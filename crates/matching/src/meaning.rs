//! What a text means as a whole: a small neural encoder of sentences, so that two texts meet that share no word.
//!
//! The network is the Universal Sentence Encoder in its multilingual, convolutional form (Yang et al., "Multilingual
//! Universal Sentence Encoder for Semantic Retrieval", 2019), cut down to the word pieces of Chinese and English. How
//! `data/meaning/encoder.bin` is made, and under which licence it stands, is told beside it.
//!
//! What it says of an offer is sent through a bilinear form once, when the text is read; of a need it stays as it is. So a
//! pair costs one product of two directions, whichever of the two was asked about.

mod bilinear;
mod encoder;

use std::sync::LazyLock;

use bilinear::{Bilinear, Projected};
use encoder::{Direction, Encoder};
use pulp::Arch;

use crate::Side;
use crate::fold::fold;

/// The numbers of a meaning.
const WIDTH: usize = 512;
const CHARS_MAX: usize = 160;
/// How lines are folded, cut and encoded; raised by whoever changes that, so that kept meanings are made anew.
const FORM: u8 = 2;
/// A kept meaning: its numbers, their scale and its bias.
const KEPT_BYTES: usize = WIDTH + 8;
/// What no scale and no bias goes beyond.
const SCALE_MAX: f32 = 10.0;
const BIAS_MAX: f32 = 100.0;

const FILE: &[u8] = include_bytes!("../data/meaning/encoder.bin");
static ENCODER: LazyLock<Option<Encoder>> = LazyLock::new(|| Encoder::read(FILE));
const BILINEAR_FILE: &[u8] = include_bytes!("../data/bilinear/bilinear.bin");
static BILINEAR: LazyLock<Option<Bilinear>> = LazyLock::new(|| Bilinear::read(BILINEAR_FILE));
/// What tells this encoder and this form from every other.
static VERSION: LazyLock<[u8; 32]> =
    LazyLock::new(|| *blake3::Hasher::new().update(FILE).update(BILINEAR_FILE).finalize().as_bytes());

/// Names what a line means, said by one side, to this encoder: a hash of all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeaningKey(pub [u8; 16]);

impl MeaningKey {
    /// Names what a line means, in the form that [`line`] gives.
    pub(crate) fn of(side: Side, line: &str) -> Self {
        let side = match side {
            Side::Offer => 0,
            Side::Need => 1,
        };
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 meaning");
        hasher.update(&[FORM, side]).update(&*VERSION).update(line.as_bytes());
        let mut key = [0; 16];
        hasher.finalize_xof().fill(&mut key);
        Self(key)
    }
}

/// Keeps meanings from one start to the next, so that each text is encoded once. Whatever it gives back is looked at
/// before it is believed.
pub trait Memory {
    /// Gives what was kept under a key, if anything was.
    fn recall(&self, key: &MeaningKey) -> Option<Vec<u8>>;

    /// Keeps a meaning, some five hundred bytes.
    fn keep(&mut self, key: MeaningKey, meaning: Vec<u8>);
}

/// Remembers nothing.
impl Memory for () {
    fn recall(&self, _: &MeaningKey) -> Option<Vec<u8>> {
        None
    }

    fn keep(&mut self, _: MeaningKey, _: Vec<u8>) {}
}

/// What a text means, said by one side: one half of the bilinear form.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Meaning {
    numbers: Direction,
    scale: f32,
    bias: f32,
}

/// Gives what lines say, each in the form that [`line`] gives: several at once take less than one after the other.
pub(crate) fn directions(lines: &[&str]) -> Vec<Direction> {
    ENCODER.as_ref().and_then(|encoder| encoder.encode(lines)).unwrap_or_default()
}

/// Gives the numbers of the word pieces that a line, in the form that [`line`] gives, is cut into.
pub(crate) fn pieces(line: &str) -> Vec<usize> {
    ENCODER.as_ref().map(|encoder| encoder.cut(line)).unwrap_or_default()
}

impl Meaning {
    /// Reads lines that were said by one side or the other, as [`directions`] does.
    pub(crate) fn of(lines: &[(Side, &str)]) -> Vec<Self> {
        let Some(bilinear) = BILINEAR.as_ref() else { return Vec::new() };
        let said = directions(&lines.iter().map(|(_, line)| *line).collect::<Vec<_>>());
        let project = |(said, (side, _)): (Direction, &(Side, &str))| {
            let Projected { numbers, scale, bias } = bilinear.project(*side, &said);
            Self { numbers, scale, bias }
        };
        said.into_iter().zip(lines).map(project).collect()
    }

    /// Gives the bytes that [`Meaning::from_bytes`] reads.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let numbers = self.numbers.iter().map(|number| number.cast_unsigned());
        numbers.chain(self.scale.to_le_bytes()).chain(self.bias.to_le_bytes()).collect()
    }

    /// Reads a kept meaning; `None` of bytes that are none.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.split_at_checked(WIDTH).filter(|_| bytes.len() == KEPT_BYTES)?;
        let numbers: Direction = <[u8; WIDTH]>::try_from(numbers).ok()?.map(u8::cast_signed);
        let (scale, bias) = rest.split_at_checked(4)?;
        let (scale, bias) = (f32::from_le_bytes(scale.try_into().ok()?), f32::from_le_bytes(bias.try_into().ok()?));
        // The greatest number takes the whole range, and neither side alone speaks for more than every doubt.
        let greatest = numbers.iter().map(|number| number.unsigned_abs()).max();
        let is_one = greatest == Some(127) && scale.abs() <= SCALE_MAX && bias.abs() <= BIAS_MAX;
        is_one.then_some(Self { numbers, scale, bias })
    }

    /// Makes it ready to be compared with many others.
    pub(crate) fn compared(&self) -> Compared {
        let numbers = self.numbers.iter().map(|number| i16::from(*number)).collect();
        Compared { numbers, scale: self.scale, bias: self.bias, arch: Arch::new() }
    }
}

/// One meaning that many are compared with. Its numbers have sixteen bits: those a processor multiplies and adds up eight
/// at a time, or sixteen where it can.
pub(crate) struct Compared {
    numbers: Box<[i16]>,
    scale: f32,
    bias: f32,
    /// What this processor can do.
    arch: Arch,
}

impl Compared {
    /// How much two meanings, one of each side, speak for each other, in logits: less, the less likely
    /// it is that one solves the other. The same whichever of them is compared with the other.
    pub(crate) fn fit(&self, other: &Meaning) -> f32 {
        let sum = self.arch.dispatch(
            #[inline(always)]
            || {
                let products = self.numbers.iter().zip(&other.numbers);
                products.map(|(mine, theirs)| i32::from(*mine) * i32::from(i16::from(*theirs))).sum::<i32>()
            },
        );
        sum as f32 * (self.scale * other.scale) + (self.bias + other.bias)
    }
}

/// Folds both texts into the one line that is encoded, its words parted by `▁` as the pieces have it.
pub(crate) fn line(title: &str, body: &str) -> String {
    let mut line = String::new();
    let joined = [title.trim(), body.trim()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",");
    let short: String = joined.chars().take(CHARS_MAX).collect();
    for word in fold(&short).split_whitespace() {
        line.push('▁');
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(side: Side, title: &str) -> Meaning {
        Meaning::of(&[(side, &line(title, ""))]).remove(0)
    }

    fn fit(need: &str, offer: &str) -> f32 {
        let (need, offer) = (meaning(Side::Need, need), meaning(Side::Offer, offer));
        let fit = need.compared().fit(&offer);
        assert_eq!(fit.to_bits(), offer.compared().fit(&need).to_bits());
        fit
    }

    #[test]
    fn what_solves_fits_better_than_what_does_not() {
        for (asked, near, far) in [
            ("水管漏水", "水电工上门", "钢琴老师"),
            ("想学弹琴", "钢琴老师", "水电工上门"),
            ("梯子", "ladder", "suitcase"),
            ("我下星期出差，猫没人喂", "上门喂宠物", "修电脑"),
        ] {
            assert!(fit(asked, near) > fit(asked, far), "{asked}");
        }
    }

    #[test]
    fn script_case_and_width_change_nothing() {
        assert_eq!(line("ＬＡＤＤＥＲ　燈泡", ""), line("ladder 灯泡", ""));
        assert_eq!(line(" ", "\n"), "");
    }

    #[test]
    fn several_at_once_mean_what_each_means_alone() {
        let lines = ["水管漏水", "想借梯子", "水管漏水，周末", "Need a ladder", "▁"].map(|text| line(text, ""));
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        for side in [Side::Offer, Side::Need] {
            let lines: Vec<(Side, &str)> = lines.iter().map(|line| (side, *line)).collect();
            let alone: Vec<Meaning> = lines.iter().flat_map(|line| Meaning::of(&[*line])).collect();
            assert_eq!(Meaning::of(&lines), alone);
        }
    }

    #[test]
    fn a_kept_meaning_comes_back_and_strange_bytes_do_not() {
        let kept = meaning(Side::Offer, "两米的梯子");
        let bytes = kept.to_bytes();
        assert_eq!(Meaning::from_bytes(&bytes), Some(kept));
        let with = |at: usize, new: &[u8]| {
            let mut other = bytes.clone();
            other.splice(at..at + new.len(), new.iter().copied());
            other
        };
        let strange = [
            vec![],
            bytes[1..].to_vec(),
            [bytes.as_slice(), &[0]].concat(),
            vec![0; KEPT_BYTES],
            with(7, &[0x80]),
            with(WIDTH, &f32::NAN.to_le_bytes()),
            with(WIDTH, &f32::INFINITY.to_le_bytes()),
            with(WIDTH + 4, &f32::NAN.to_le_bytes()),
            with(WIDTH + 4, &(2.0 * BIAS_MAX).to_le_bytes()),
        ];
        assert!(strange.iter().all(|bytes| Meaning::from_bytes(bytes).is_none()));
    }

    #[test]
    fn a_key_tells_lines_and_sides_apart() {
        assert_eq!(MeaningKey::of(Side::Need, "▁梯子"), MeaningKey::of(Side::Need, "▁梯子"));
        assert_ne!(MeaningKey::of(Side::Need, "▁梯子"), MeaningKey::of(Side::Need, "▁电钻"));
        assert_ne!(MeaningKey::of(Side::Need, "▁梯子"), MeaningKey::of(Side::Offer, "▁梯子"));
    }
}
