//! What neighbours say to each other alone: the words of a conversation, introductions by a third, and what of a
//! conversation one of the two shows a mediator.
//!
//! Each message of a conversation is signed by the device that wrote it, inside the envelope. So the one who got it can
//! show it to a third, who can verify who said it, to whom and about what; the page on which it is written says so.

use kaifong_domain::care::Thread;
use kaifong_domain::{BuildingId, ComplaintId, Instant, IntroductionId, MemberId, Refusal, text};
use serde::{Deserialize, Serialize};

use crate::envelope::ANSWER_CHARS_MAX;
use crate::signed::{Distrust, Signable, Signed};

/// The longest message, in characters.
pub const MESSAGE_CHARS_MAX: usize = 500;
/// The longest sentence that goes with a request to be introduced, or with a report, in characters.
pub const SENTENCE_CHARS_MAX: usize = 200;

/// The most bytes of a picture that goes with a message. An envelope has eight kilobytes, so that it is a small one.
pub const PICTURE_BYTES_MAX: usize = 5 * 1024;
/// The longer edge of such a picture at most, in pixels: a few bytes can announce thousands of millions of them.
pub const PICTURE_EDGE_MAX: u16 = 1024;

/// Checks what is to go with a message: nothing, or a JPEG (ISO/IEC 10918-1) of at most [`PICTURE_BYTES_MAX`] bytes and
/// [`PICTURE_EDGE_MAX`] pixels a side, with nothing in it but what draws it. The segments before the first scan are read;
/// what they draw is for whoever shows it.
///
/// # Errors
/// [`Distrust::TooLarge`], and [`Distrust::Malformed`] for anything else.
pub fn check_picture(bytes: &[u8]) -> Result<(), Distrust> {
    let (found, most) = (bytes.len(), PICTURE_BYTES_MAX);
    if found > most {
        return Err(Distrust::TooLarge { found, most });
    }
    let fits = |edges: [u16; 2]| edges.iter().all(|edge| (1..=PICTURE_EDGE_MAX).contains(edge));
    let is_one = bytes.is_empty() || edges(bytes).is_some_and(fits);
    if is_one { Ok(()) } else { Err(Distrust::Malformed { what: "picture" }) }
}

/// Gives how high and wide a JPEG says it is; `None` for what is none, and for one that carries words of a camera or of
/// anybody else (`APP1` and on, `COM`).
fn edges(jpeg: &[u8]) -> Option<[u16; 2]> {
    let mut rest = jpeg.strip_prefix(&[0xff, 0xd8])?.strip_suffix(&[0xff, 0xd9])?;
    let mut found = None;
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        let segment = rest.get(2..2 + usize::from(u16::from_be_bytes([high, low])))?;
        match marker {
            // The first scan: all that follows is drawn.
            0xda => return found,
            // Huffman codes, JFIF, quantization, restart intervals.
            0xc4 | 0xe0 | 0xdb | 0xdd => {}
            // How its colours are meant: some browsers write it.
            0xe2 if segment.get(2..).is_some_and(|words| words.starts_with(b"ICC_PROFILE\0")) => {}
            // A frame, baseline or progressive.
            0xc0..=0xc2 => {
                let [_, _, _, height_high, height_low, width_high, width_low, ..] = *segment else { return None };
                let edges = [[height_high, height_low], [width_high, width_low]].map(u16::from_be_bytes);
                // Of two frames nobody knows which one is drawn.
                if found.replace(edges).is_some() {
                    return None;
                }
            }
            _ => return None,
        }
        rest = rest.get(2 + segment.len()..)?;
    }
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The building in which it is said.
    pub building: BuildingId,
    /// In which conversation.
    pub thread: Thread,
    /// To whom.
    pub to: MemberId,
    /// When, as the device claims.
    pub at: Instant,
    /// The message, 1 to [`MESSAGE_CHARS_MAX`] characters; with a picture it may be empty.
    pub text: String,
    /// A picture that [`check_picture`] takes; empty where there is none.
    #[serde(default, skip_serializing_if = "crate::tail::is_silent", with = "crate::tail")]
    pub picture: Vec<u8>,
}

impl Signable for Said {
    const CONTEXT: &'static str = "kaifong 1 said";
    const SIZE_BYTES_MAX: usize = 7 * 1024 + 512;

    fn check(&self) -> Result<(), Distrust> {
        let fine = text::prose("message", &self.text, MESSAGE_CHARS_MAX, !self.picture.is_empty());
        fine.map_err(|_| Distrust::Rule {
            rule: "a message has up to 500 characters that can be shown, and none only with a picture",
        })?;
        check_picture(&self.picture)
    }
}

/// A letter between neighbours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CareLetter {
    /// One says something to the other; one's own further devices hear it too.
    Said(Signed<Said>),
    /// To one's own further devices alone: whom one would have nothing to do with.
    Block {
        /// Whom.
        member: MemberId,
        /// Which of the member's words about them it is, from 1.
        round: u64,
        /// Would not, or would again.
        blocked: bool,
    },
    /// A word about one introduction.
    Introduction {
        /// Which.
        id: IntroductionId,
        /// To whom; the sender's own further devices hear it too.
        to: MemberId,
        /// What it says.
        says: Introduces,
    },
    /// One of the two of a conversation tells the mediators of it.
    Report {
        /// A number that its sender has drawn; together with who reports it tells which report.
        id: ComplaintId,
        /// About whom.
        about: MemberId,
        /// Of which conversation.
        thread: Thread,
        /// A sentence, 1 to [`SENTENCE_CHARS_MAX`] characters.
        text: String,
    },
    /// One message of the conversation that was chosen to be shown with a report.
    Shown {
        /// The number that the sender has drawn for the report.
        id: ComplaintId,
        /// The message, as it was signed.
        said: Signed<Said>,
    },
    /// A mediator says something to the one a report is about.
    Mediates {
        /// Of which conversation.
        thread: Thread,
        /// To whom; the mediator's own further devices hear it too.
        to: MemberId,
        /// 1 to [`ANSWER_CHARS_MAX`] characters.
        text: String,
    },
}

/// What is said about an introduction, between the one who asks, the one who introduces and the one who is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Introduces {
    /// To the one who introduces: would be introduced.
    Asks {
        /// To whom; `None` to somebody whom the other may think of.
        whom: Option<MemberId>,
        /// Why, 1 to [`SENTENCE_CHARS_MAX`] characters.
        text: String,
    },
    /// By the one who introduces: somebody would meet you.
    Proposes {
        /// Who.
        asker: MemberId,
        /// What the one who introduces says of it, 1 to [`SENTENCE_CHARS_MAX`] characters.
        text: String,
    },
    /// Back to the one who introduces: yes or no.
    Replies(bool),
    /// To both, after a yes: you can talk now.
    Meets {
        /// With whom.
        with: MemberId,
    },
    /// To the one who asked: it did not work out. Why is told to nobody.
    Fails,
}

impl CareLetter {
    /// Checks the texts, as [`Letter::check`](crate::envelope::Letter::check) does; a signed message is checked where it is
    /// verified.
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::Said(_) | Self::Shown { .. } | Self::Block { .. } => Ok(()),
            Self::Introduction { says: Introduces::Asks { text, .. } | Introduces::Proposes { text, .. }, .. } => {
                text::prose("sentence", text, SENTENCE_CHARS_MAX, false)
            }
            Self::Introduction { .. } => Ok(()),
            Self::Report { text, .. } => text::prose("sentence", text, SENTENCE_CHARS_MAX, false),
            Self::Mediates { text, .. } => text::prose("answer", text, ANSWER_CHARS_MAX, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use kaifong_domain::DealId;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::DeviceKey;

    fn said(text: &str) -> Said {
        let thread = Thread::Deal(DealId([2; 16]));
        Said {
            building: BuildingId([1; 32]),
            thread,
            to: MemberId([3; 16]),
            at: Instant(4),
            text: text.into(),
            picture: Vec::new(),
        }
    }

    /// What a browser writes, as far as it is read: begin, JFIF, tables, frame, scan, end.
    fn jpeg_of(edge: u16, more: &[u8], bytes: usize) -> Vec<u8> {
        let [high, low] = edge.to_be_bytes();
        let frame = [0xff, 0xc0, 0, 8, 8, high, low, 0, 9, 1];
        let parts: [&[u8]; 6] =
            [&[0xff, 0xd8], &[0xff, 0xe0, 0, 3, 7], &[0xff, 0xdb, 0, 2], more, &frame, &[0xff, 0xda, 0, 2]];
        let mut jpeg = parts.concat();
        jpeg.resize(bytes.max(jpeg.len() + 2) - 2, 7);
        [jpeg, vec![0xff, 0xd9]].concat()
    }

    fn jpeg(bytes: usize) -> Vec<u8> {
        jpeg_of(480, &[], bytes)
    }

    /// The longest words there are, and the largest picture.
    fn largest() -> Said {
        Said { picture: jpeg(PICTURE_BYTES_MAX), ..said(&"\u{20000}".repeat(500)) }
    }

    #[test]
    fn the_largest_message_has_room_in_an_envelope_and_in_a_report() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let key = DeviceKey::generate(&mut rng);
        let seal = crate::envelope::SealSecret::of(&key).public();
        let signed = key.sign(largest()).signed().clone();
        let shown = CareLetter::Shown { id: ComplaintId([9; 16]), said: signed.clone() };
        for letter in [CareLetter::Said(signed), shown] {
            let letter = crate::envelope::Letter::Care(letter);
            let building = BuildingId([1; 32]);
            crate::envelope::seal(&key, key.id(), &seal, building, Instant(u64::MAX), &letter, &mut rng).unwrap();
        }
    }

    #[test]
    fn a_message_carries_a_small_picture_and_one_without_is_written_as_ever() {
        let key = DeviceKey::generate(&mut ChaCha8Rng::seed_from_u64(3));
        let with = |text: &str, picture| Said { picture, ..said(text) };
        for fine in [with("", jpeg(0)), largest()] {
            let signed = key.sign(fine.clone());
            let read = Signed::<Said>::from_bytes(&signed.signed().to_bytes()).and_then(Signed::verify).unwrap();
            assert_eq!(read.value(), &fine);
        }
        let odd = [
            jpeg(PICTURE_BYTES_MAX + 1),
            b"GIF89a........".to_vec(),
            vec![0xff, 0xd8, 0xff, 0xd9],
            jpeg_of(0, &[], 0),
            jpeg_of(PICTURE_EDGE_MAX + 1, &[], 0),
            // Where it was taken, a remark, and a second frame.
            jpeg_of(480, &[0xff, 0xe1, 0, 4, 1, 1], 0),
            jpeg_of(480, &[0xff, 0xfe, 0, 3, 1], 0),
            jpeg_of(480, &[0xff, 0xc2, 0, 7, 8, 0, 9, 0, 9], 0),
        ];
        for odd in odd.into_iter().map(|picture| with("看", picture)).chain([with("", Vec::new())]) {
            assert!(key.try_sign(odd).is_err());
        }
        let whole = jpeg(0);
        for end in 1..whole.len() {
            assert!(check_picture(&whole[..end]).is_err(), "{end}");
        }
        // What was signed before there were pictures: the same bytes, and it still reads.
        let before = postcard::to_allocvec(&(
            BuildingId([1; 32]),
            Thread::Deal(DealId([2; 16])),
            MemberId([3; 16]),
            Instant(4),
            "好",
        ));
        assert_eq!(postcard::to_allocvec(&said("好")), before);
    }

    #[test]
    fn a_message_is_its_writers_and_nobody_can_change_it() {
        let key = DeviceKey::generate(&mut ChaCha8Rng::seed_from_u64(1));
        let signed = key.sign(said("周六上午来拿"));
        assert_eq!(signed.signed().clone().verify().unwrap().signer(), key.id());
        let mut bytes = signed.signed().to_bytes();
        let at = bytes.len() - 70;
        bytes[at] ^= 1;
        let changed = Signed::<Said>::from_bytes(&bytes).and_then(Signed::verify);
        assert_eq!(changed.err(), Some(Distrust::BadSignature));
    }

    #[test]
    fn a_message_is_short_and_can_be_shown() {
        let key = DeviceKey::generate(&mut ChaCha8Rng::seed_from_u64(2));
        assert!(key.try_sign(said(&"好".repeat(500))).is_ok());
        for odd in ["", " ", &"好".repeat(501), "看\u{202E}反"] {
            assert!(key.try_sign(said(odd)).is_err(), "{odd:?}");
        }
    }
}
