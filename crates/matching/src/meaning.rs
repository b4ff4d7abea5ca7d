//! What a text means as a whole: a small neural encoder of sentences, so that two texts meet that share no word.
//!
//! The network is the Universal Sentence Encoder in its multilingual, convolutional form (Yang et al., "Multilingual
//! Universal Sentence Encoder for Semantic Retrieval", 2019), cut down to the word pieces of Chinese and English. How
//! `data/meaning/encoder.bin` is made, and under which licence it stands, is told beside it.

mod encoder;

use std::sync::LazyLock;

use encoder::{Direction, Encoder};

use crate::fold::fold;

/// The numbers of a meaning.
const WIDTH: usize = 512;
const CHARS_MAX: usize = 160;
/// How lines are folded, cut and encoded; raised by whoever changes that, so that kept meanings are made anew.
const FORM: u8 = 1;
/// A kept meaning: its numbers and its commonness.
const KEPT_BYTES: usize = WIDTH + 4;

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
/// The middle of them.
static COMMON: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let lines = ANYTHING.map(|text| line(text, ""));
    let lines = lines.iter().map(String::as_str).collect::<Vec<_>>();
    let mut sum = vec![0.0_f32; WIDTH];
    for numbers in ENCODER.as_ref().and_then(|encoder| encoder.encode(&lines)).unwrap_or_default() {
        let length = length(&numbers);
        sum.iter_mut().zip(&numbers).for_each(|(sum, number)| *sum += f32::from(*number) / length);
    }
    sum.iter_mut().for_each(|sum| *sum /= ANYTHING.len() as f32);
    sum
});

const FILE: &[u8] = include_bytes!("../data/meaning/encoder.bin");
static ENCODER: LazyLock<Option<Encoder>> = LazyLock::new(|| Encoder::read(FILE));
/// What tells this encoder from every other.
static VERSION: LazyLock<[u8; 32]> = LazyLock::new(|| *blake3::hash(FILE).as_bytes());

/// Names what a line means to this encoder: a hash of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeaningKey(pub [u8; 16]);

impl MeaningKey {
    /// Names what a line means, in the form that [`line`] gives.
    pub(crate) fn of(line: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 meaning");
        hasher.update(&[FORM]).update(&*VERSION).update(line.as_bytes());
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

/// What a text means: a direction, each number in 127ths.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Meaning {
    numbers: Direction,
    /// The length of the direction, so that it is worked out once.
    length: f32,
    /// How near it is to anything at all.
    commonness: f32,
}

impl Meaning {
    /// Reads lines, each in the form that [`line`] gives: several at once take less than one after the other.
    pub(crate) fn of(lines: &[&str]) -> Vec<Self> {
        let encoded = ENCODER.as_ref().and_then(|encoder| encoder.encode(lines));
        let meant = |numbers: Direction| {
            let products = numbers.iter().zip(COMMON.iter()).map(|(number, common)| f32::from(*number) * common);
            let length = length(&numbers);
            Self { commonness: products.sum::<f32>() / length, length, numbers }
        };
        encoded.unwrap_or_default().into_iter().map(meant).collect()
    }

    /// Gives the bytes that [`Meaning::from_bytes`] reads.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let numbers = self.numbers.iter().map(|number| number.cast_unsigned());
        numbers.chain(self.commonness.to_le_bytes()).collect()
    }

    /// Reads a kept meaning; `None` of bytes that are none.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, commonness) = bytes.split_at_checked(WIDTH).filter(|_| bytes.len() == KEPT_BYTES)?;
        let numbers: Direction = numbers.iter().map(|number| number.cast_signed()).collect();
        let commonness = f32::from_le_bytes(commonness.try_into().ok()?);
        // The greatest of a direction takes the whole range, and no angle has a cosine beyond 1.
        let greatest = numbers.iter().map(|number| number.unsigned_abs()).max();
        let is_one = greatest == Some(127) && commonness.abs() <= 1.0;
        is_one.then(|| Self { length: length(&numbers), numbers, commonness })
    }

    /// Makes it ready to be compared with many others.
    pub(crate) fn compared(&self) -> Compared {
        let numbers = self.numbers.iter().map(|number| i16::from(*number)).collect();
        Compared { numbers, length: self.length, commonness: self.commonness }
    }
}

/// One meaning that many are compared with. Its numbers have sixteen bits: those a processor multiplies and adds up eight
/// at a time.
pub(crate) struct Compared {
    numbers: Box<[i16]>,
    length: f32,
    commonness: f32,
}

impl Compared {
    /// How near both are to anything at all, together.
    pub(crate) fn commonness(&self, other: &Meaning) -> f32 {
        self.commonness + other.commonness
    }

    /// How near two meanings are: the cosine of the angle between them, about 0 for texts that have nothing in common.
    pub(crate) fn nearness(&self, other: &Meaning) -> f32 {
        let products = self.numbers.iter().zip(&other.numbers);
        let sum: i32 = products.map(|(mine, theirs)| i32::from(*mine) * i32::from(i16::from(*theirs))).sum();
        sum as f32 / (self.length * other.length)
    }
}

/// At least 1.
fn length(numbers: &[i8]) -> f32 {
    (numbers.iter().map(|number| i32::from(*number).pow(2)).sum::<i32>() as f32).sqrt().max(1.0)
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

    fn meaning(title: &str, body: &str) -> Meaning {
        Meaning::of(&[&line(title, body)]).remove(0)
    }

    fn nearness(a: &str, b: &str) -> f32 {
        meaning(a, "").compared().nearness(&meaning(b, ""))
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
        assert_eq!(line("ＬＡＤＤＥＲ　燈泡", ""), line("ladder 灯泡", ""));
        assert_eq!(line(" ", "\n"), "");
    }

    #[test]
    fn several_at_once_mean_what_each_means_alone() {
        let lines = ["水管漏水", "想借梯子", "水管漏水，周末", "Need a ladder", "▁"].map(|text| line(text, ""));
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let alone: Vec<Meaning> = lines.iter().flat_map(|line| Meaning::of(&[line])).collect();
        assert_eq!(Meaning::of(&lines), alone);
    }

    #[test]
    fn a_kept_meaning_comes_back_and_strange_bytes_do_not() {
        let kept = meaning("梯子", "两米");
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
            with(WIDTH, &7.0_f32.to_le_bytes()),
        ];
        assert!(strange.iter().all(|bytes| Meaning::from_bytes(bytes).is_none()));
    }

    #[test]
    fn a_key_tells_lines_apart() {
        assert_eq!(MeaningKey::of("▁梯子"), MeaningKey::of("▁梯子"));
        assert_ne!(MeaningKey::of("▁梯子"), MeaningKey::of("▁电钻"));
    }
}
