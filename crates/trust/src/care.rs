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
/// How a JPEG begins (ISO/IEC 10918-1), and how it ends.
const JPEG_BEGINS: [u8; 3] = [0xff, 0xd8, 0xff];
const JPEG_ENDS: [u8; 2] = [0xff, 0xd9];

/// Checks a picture that is to go with a message: a JPEG of 5 to [`PICTURE_BYTES_MAX`] bytes, by how it begins and ends.
/// What it shows is for whoever shows it to read.
///
/// # Errors
/// [`Distrust::TooLarge`], and [`Distrust::Malformed`] for anything that is no JPEG.
pub fn picture(bytes: &[u8]) -> Result<(), Distrust> {
    let (found, most) = (bytes.len(), PICTURE_BYTES_MAX);
    if found > most {
        return Err(Distrust::TooLarge { found, most });
    }
    let is_one = bytes.is_empty() || bytes.starts_with(&JPEG_BEGINS) && bytes.ends_with(&JPEG_ENDS);
    if is_one { Ok(()) } else { Err(Distrust::Malformed { what: "picture" }) }
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
    /// A picture as [`picture`] has it; empty where there is none.
    #[serde(default, skip_serializing_if = "crate::tail::is_silent", with = "crate::tail")]
    pub picture: Vec<u8>,
}

impl Signable for Said {
    const CONTEXT: &'static str = "kaifong 1 said";
    const SIZE_BYTES_MAX: usize = 7 * 1024 + 512;

    fn check(&self) -> Result<(), Distrust> {
        let fine = text::prose("message", &self.text, MESSAGE_CHARS_MAX, !self.picture.is_empty());
        fine.map_err(|_| Distrust::Rule { rule: "a message has 1 to 500 characters that can be shown" })?;
        picture(&self.picture)
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

    fn jpeg(bytes: usize) -> Vec<u8> {
        let middle = vec![7; bytes - JPEG_BEGINS.len() - JPEG_ENDS.len()];
        [JPEG_BEGINS.as_slice(), &middle, &JPEG_ENDS].concat()
    }

    #[test]
    fn a_message_carries_a_small_picture_and_one_without_is_written_as_ever() {
        let key = DeviceKey::generate(&mut ChaCha8Rng::seed_from_u64(3));
        let with = |text: &str, picture| Said { picture, ..said(text) };
        for fine in [with("", jpeg(5)), with(&"\u{20000}".repeat(500), jpeg(PICTURE_BYTES_MAX))] {
            let signed = key.sign(fine.clone());
            let read = Signed::<Said>::from_bytes(&signed.signed().to_bytes()).and_then(Signed::verify).unwrap();
            assert_eq!(read.value(), &fine);
        }
        let gif = b"GIF89a........".to_vec();
        for odd in [
            with("", Vec::new()),
            with("看", jpeg(PICTURE_BYTES_MAX + 1)),
            with("看", gif),
            with("看", JPEG_BEGINS.to_vec()),
        ] {
            assert!(key.try_sign(odd).is_err());
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
