//! Envelopes hold what is private: sealed to one device, carried by any neighbour, never part of the replica.
//!
//! Sealing is HPKE (RFC 9180) in base mode with X25519, HKDF-SHA256 and ChaCha20-Poly1305. The sender's device signs the
//! sealed bytes, so that a carrier can attribute and bound what it carries without reading it.

mod family;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use kaifong_domain::place::Dwelling;
use kaifong_domain::record::NAME_CHARS_MAX;
use kaifong_domain::{
    ActivityId, BuildingId, ComplaintId, DealId, DeviceId, GroupId, Instant, MemberId, QuestionId, Refusal, text,
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::care::CareLetter;
use crate::entry::{MemberKind, SealKey};
use crate::signed::{DeviceKey, Distrust, Signable, Verified, decode_exact, encode};

pub use family::{FamilyLetter, VisitPlan, code_as_typed, pass_code};

/// How long an envelope is carried, in milliseconds: 30 days.
pub const ENVELOPE_AGE_MS_MAX: u64 = 30 * 24 * 3600 * 1000;
/// The longest question to an applicant, in characters.
pub const QUESTION_CHARS_MAX: usize = 200;
/// The longest complaint, in characters.
pub const COMPLAINT_CHARS_MAX: usize = 1000;
/// The longest answer to either, in characters.
pub const ANSWER_CHARS_MAX: usize = 500;

/// A sealed letter to one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The building in which it travels.
    pub building: BuildingId,
    /// The only device that can open it.
    pub to: DeviceId,
    /// When it was sealed, as the sender claims.
    pub at: Instant,
    /// The encapsulated key and the ciphertext.
    pub sealed: Vec<u8>,
}

impl Signable for Envelope {
    const CONTEXT: &'static str = "kaifong 1 envelope";
    const SIZE_BYTES_MAX: usize = 8 * 1024;
}

/// What an envelope says to the one who can open it. New kinds are added at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Letter {
    /// A newcomer asks a reviewer to be certified.
    Join(JoinRequest),
    /// A reviewer tells a newcomer why not.
    Refused {
        /// The reason in the reviewer's words, at most 200 characters.
        reason: String,
    },
    /// A party of a deal says how it stands with the exchange of phone numbers.
    Phone(PhoneLetter),
    /// A reviewer asks a newcomer something before deciding.
    Question {
        /// Which question.
        id: QuestionId,
        /// What is asked, 1 to [`QUESTION_CHARS_MAX`] characters.
        text: String,
    },
    /// A newcomer answers each reviewer.
    Answer {
        /// Which question.
        id: QuestionId,
        /// The answer, 1 to [`ANSWER_CHARS_MAX`] characters.
        text: String,
    },
    /// A reviewer tells the others what was asked.
    Asked {
        /// The newcomer's device.
        newcomer: DeviceId,
        /// Which question.
        id: QuestionId,
        /// What was asked, as in the question.
        text: String,
    },
    /// A reviewer tells a neighbour that they have opened what the neighbour has told the reviewers.
    Opened,
    /// A neighbour complains, to whoever reviews, mediates or sits in the council and is not complained about.
    Complaint {
        /// A number that its sender has drawn; together with who complains it tells which complaint.
        id: ComplaintId,
        /// About whom.
        about: MemberId,
        /// What it says, 1 to [`COMPLAINT_CHARS_MAX`] characters.
        text: String,
    },
    /// One of those answers, to who complained and to the others.
    ComplaintAnswer {
        /// Which complaint.
        id: ComplaintId,
        /// The answer, 1 to [`ANSWER_CHARS_MAX`] characters.
        text: String,
    },
    /// A newcomer asks to be certified, and has picked their block from the building's map.
    JoinAt {
        /// What they say of themselves.
        request: JoinRequest,
        /// Where they live.
        residence: Residence,
    },
    /// A member would be shown as one household with another, or no longer; to each device of the two.
    Kin {
        /// Whom the word is about.
        with: MemberId,
        /// Which of the sender's words it is, from 1; a later one replaces an earlier one, however they arrive.
        round: u64,
        /// Would, or no longer.
        wishes: bool,
    },
    /// A word between neighbours: a conversation, an introduction, what is shown a mediator.
    Care(CareLetter),
    /// A member invites a neighbour.
    Invite {
        /// To what.
        to: InvitedTo,
    },
    /// Something about recurring help, a child who is collected, or a visit at home.
    Family(FamilyLetter),
}

/// What a neighbour is invited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum InvitedTo {
    /// An activity.
    Activity {
        /// Its host.
        host: MemberId,
        /// Which.
        activity: ActivityId,
    },
    /// An interest group.
    Group {
        /// Its founder.
        founder: MemberId,
        /// Which.
        group: GroupId,
    },
}

/// By which right somebody lives in a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Claim {
    /// 业主: owns it.
    Owner,
    /// 业主授权: the owner has them speak for it.
    Authorised,
    /// 租户: rents it.
    Tenant,
    /// 家人: lives there with any of those.
    Family,
}

/// Where a newcomer lives, for reviewers only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residence {
    /// The block of the map, and the door.
    pub dwelling: Dwelling,
    /// By which right, as they say.
    pub claim: Claim,
    /// Whether neighbours may see the block.
    pub shows_block: bool,
}

/// One word about exchanging phone numbers in one deal. It goes to the other party's devices, and to further devices of
/// the sender's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneLetter {
    /// The deal.
    pub deal: DealId,
    /// Which of the sender's decisions it belongs to, from 1; a later one replaces an earlier one, however they arrive.
    pub round: u64,
    /// What the sender says.
    pub says: PhoneSays,
}

/// What a party says about exchanging phone numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhoneSays {
    /// Would exchange numbers; tells none yet.
    Offers,
    /// The number, once both would exchange theirs; at most 30 characters.
    Number(String),
    /// No longer; what was seen was seen.
    Withdraws,
    /// To a further device of the sender's own: the number that is offered; at most 30 characters.
    Own(String),
}

impl PhoneSays {
    fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::Number(number) | Self::Own(number) => text::phone("phone", number),
            Self::Offers | Self::Withdraws => Ok(()),
        }
    }
}

impl Letter {
    /// Checks the texts, which a stranger has written and a neighbour will read: lengths, and that they can be shown.
    ///
    /// # Errors
    /// The first [`Refusal`] in the order of the fields.
    pub fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::Join(request) => request.check(),
            Self::JoinAt { request, residence } => request.check().and_then(|()| residence.dwelling.check()),
            Self::Kin { .. } | Self::Invite { .. } => Ok(()),
            Self::Care(letter) => letter.check(),
            Self::Family(letter) => letter.check(),
            Self::Refused { reason } => text::prose("reason", reason, 200, true),
            Self::Phone(letter) => letter.says.check(),
            Self::Question { text, .. } | Self::Asked { text, .. } => {
                text::prose("question", text, QUESTION_CHARS_MAX, false)
            }
            Self::Opened => Ok(()),
            Self::Complaint { text, .. } => text::prose("complaint", text, COMPLAINT_CHARS_MAX, false),
            Self::Answer { text, .. } | Self::ComplaintAnswer { text, .. } => {
                text::prose("answer", text, ANSWER_CHARS_MAX, false)
            }
        }
    }
}

/// What a newcomer tells the reviewers, and nobody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequest {
    /// Where letters to the newcomer's device are sealed to.
    pub seal: SealKey,
    /// Person, organisation or desk.
    pub kind: MemberKind,
    /// The name that neighbours will see, 1 to 30 characters.
    pub display_name: String,
    /// The household (block, floor, unit), 1 to 60 characters.
    pub household: String,
    /// The real name, at most 60 characters.
    pub real_name: String,
    /// The phone number, at most 30 characters; may be empty.
    pub phone: String,
    /// Random; salts the commitment that the certificate carries.
    pub salt: [u8; 16],
    /// The key of the invitation that it came by, which tells one poster's requests from another's.
    pub invite: [u8; 32],
}

impl JoinRequest {
    fn check(&self) -> Result<(), Refusal> {
        text::line("display_name", &self.display_name, NAME_CHARS_MAX, false)?;
        text::line("household", &self.household, 60, false)?;
        text::line("real_name", &self.real_name, 60, true)?;
        text::line("phone", &self.phone, 30, true)
    }

    /// Gives the salted commitment to household, real name and phone that a certificate carries.
    /// Where the newcomer has picked a place, it is in it too.
    pub fn commitment(&self, residence: Option<&Residence>) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 household commitment");
        hasher.update(&encode(&(self.salt, &self.household, &self.real_name, &self.phone)));
        if let Some(residence) = residence {
            hasher.update(&encode(residence));
        }
        *hasher.finalize().as_bytes()
    }
}

/// The secret half of a device's sealing key, derived from the device key so that one seed is all a device has to keep.
#[derive(Clone)]
pub struct SealSecret {
    device: DeviceId,
    secret: <X25519HkdfSha256 as Kem>::PrivateKey,
    public: SealKey,
}

impl std::fmt::Debug for SealSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealSecret({:?})", self.public)
    }
}

impl SealSecret {
    /// Derives the sealing key of a device.
    pub fn of(key: &DeviceKey) -> Self {
        let ikm = blake3::derive_key("kaifong 1 sealing key", &key.seed());
        let (secret, public) = X25519HkdfSha256::derive_keypair(&ikm);
        let mut bytes = [0; 32];
        public.write_exact(&mut bytes);
        Self { device: key.id(), secret, public: SealKey(bytes) }
    }

    /// Gives the public half.
    pub fn public(&self) -> SealKey {
        self.public
    }

    /// Opens an envelope that is addressed to this device.
    ///
    /// # Errors
    /// [`Distrust::Malformed`] when the envelope is addressed to another device, was sealed to another key, or its letter
    /// does not decode or has texts that are too long or cannot be shown.
    pub fn open(&self, envelope: &Verified<Envelope>) -> Result<Letter, Distrust> {
        let what = "letter to this device";
        let unreadable = || Distrust::Malformed { what };
        if envelope.value().to != self.device {
            return Err(unreadable());
        }
        let (encapped, ciphertext) = envelope.value().sealed.split_at_checked(32).ok_or_else(unreadable)?;
        let encapped = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapped).map_err(|_| unreadable())?;
        let info = info(&envelope.value().building, &envelope.signer(), &envelope.value().to);
        let plain = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.secret,
            &encapped,
            &info,
            ciphertext,
            &[],
        )
        .map_err(|_| unreadable())?;
        let letter: Letter = decode_exact(&plain, what)?;
        letter.check().map_err(|_| unreadable())?;
        Ok(letter)
    }
}

/// Seals a letter from one device to another.
///
/// # Errors
/// [`Distrust::Malformed`] when the letter's texts would be refused ([`Letter::check`] says why) or the recipient's
/// sealing key is none that can keep a secret, [`Distrust::TooLarge`] when the letter does not fit into an envelope.
pub fn seal(
    from: &DeviceKey,
    to: DeviceId,
    to_seal: &SealKey,
    building: BuildingId,
    at: Instant,
    letter: &Letter,
    rng: &mut impl CryptoRng,
) -> Result<Verified<Envelope>, Distrust> {
    letter.check().map_err(|_| Distrust::Malformed { what: "letter that can be shown" })?;
    let not_a_key = |_| Distrust::Malformed { what: "sealing key" };
    let key = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&to_seal.0).map_err(not_a_key)?;
    let plain = encode(letter);
    let most = Envelope::SIZE_BYTES_MAX - 256;
    if plain.len() > most {
        return Err(Distrust::TooLarge { found: plain.len(), most });
    }
    let (encapped, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &key,
        &info(&building, &from.id(), &to),
        &plain,
        &[],
        rng,
    )
    .map_err(not_a_key)?;
    let sealed = [encapped.to_bytes().as_slice(), &ciphertext].concat();
    Ok(from.sign(Envelope { building, to, at, sealed }))
}

fn info(building: &BuildingId, from: &DeviceId, to: &DeviceId) -> Vec<u8> {
    encode(&(Envelope::CONTEXT, building, from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    #[test]
    fn only_the_addressed_device_reads_a_letter() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (newcomer, reviewer, carrier) =
            (DeviceKey::generate(&mut rng), DeviceKey::generate(&mut rng), DeviceKey::generate(&mut rng));
        let letter = Letter::Refused { reason: "请到共享小屋核对一下门牌".into() };
        let to = SealSecret::of(&reviewer);
        let envelope =
            seal(&newcomer, reviewer.id(), &to.public(), BuildingId([1; 32]), Instant(5), &letter, &mut rng).unwrap();
        assert_eq!(to.open(&envelope), Ok(letter));
        assert!(SealSecret::of(&carrier).open(&envelope).is_err());
    }

    #[test]
    fn a_letter_that_somebody_else_signs_again_does_not_open() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let (newcomer, reviewer, thief) =
            (DeviceKey::generate(&mut rng), DeviceKey::generate(&mut rng), DeviceKey::generate(&mut rng));
        let to = SealSecret::of(&reviewer);
        let letter = Letter::Refused { reason: String::new() };
        let envelope =
            seal(&newcomer, reviewer.id(), &to.public(), BuildingId([1; 32]), Instant(5), &letter, &mut rng).unwrap();
        let copied = thief.sign(envelope.value().clone());
        assert!(to.open(&copied).is_err(), "the sender is bound into the sealed bytes");
    }

    fn request() -> JoinRequest {
        JoinRequest {
            seal: SealKey([0; 32]),
            kind: MemberKind::Person,
            display_name: "马乐".into(),
            household: "3栋502".into(),
            real_name: "马小乐".into(),
            phone: "138".into(),
            salt: [4; 16],
            invite: [5; 32],
        }
    }

    /// Seals whatever the letter says, as a hostile device can.
    fn seal_unchecked(from: &DeviceKey, to: DeviceId, to_seal: &SealKey, letter: &Letter) -> Verified<Envelope> {
        let key = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&to_seal.0).unwrap();
        let building = BuildingId([1; 32]);
        let (encapped, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &key,
            &info(&building, &from.id(), &to),
            &encode(letter),
            &[],
            &mut ChaCha8Rng::seed_from_u64(9),
        )
        .unwrap();
        let sealed = [encapped.to_bytes().as_slice(), &ciphertext].concat();
        from.sign(Envelope { building, to, at: Instant(5), sealed })
    }

    #[test]
    fn a_letter_whose_texts_cannot_be_shown_is_neither_sealed_nor_opened() {
        let (newcomer, reviewer) = (DeviceKey::from_seed([1; 32]), DeviceKey::from_seed([2; 32]));
        let to = SealSecret::of(&reviewer);
        let bad: [fn(&mut JoinRequest); 5] = [
            |request| request.display_name = "陈\u{202E}姨".into(),
            |request| request.display_name = "很".repeat(31),
            |request| request.household = String::new(),
            |request| request.real_name = "\u{1b}[2J".into(),
            |request| request.phone = "1".repeat(31),
        ];
        let mut letters: Vec<_> = bad
            .into_iter()
            .map(|spoil| {
                let mut request = request();
                spoil(&mut request);
                Letter::Join(request)
            })
            .collect();
        let id = QuestionId([1; 16]);
        letters.push(Letter::Refused { reason: "不".repeat(201) });
        let phone = |says| Letter::Phone(PhoneLetter { deal: DealId([1; 16]), round: 1, says });
        letters.push(phone(PhoneSays::Number("javascript:1".into())));
        letters.push(phone(PhoneSays::Own("1".repeat(31))));
        letters.push(Letter::Question { id, text: " ".into() });
        letters.push(Letter::Question { id, text: "问".repeat(QUESTION_CHARS_MAX + 1) });
        letters.push(Letter::Answer { id, text: "答".repeat(ANSWER_CHARS_MAX + 1) });
        letters.push(Letter::Asked { newcomer: newcomer.id(), id, text: "问\u{202E}".into() });
        for letter in letters {
            let mut rng = ChaCha8Rng::seed_from_u64(1);
            let (id, public, building) = (reviewer.id(), to.public(), BuildingId([1; 32]));
            assert!(seal(&newcomer, id, &public, building, Instant(5), &letter, &mut rng).is_err(), "{letter:?}");
            assert!(to.open(&seal_unchecked(&newcomer, id, &public, &letter)).is_err(), "{letter:?}");
        }
        let good = Letter::Join(request());
        assert_eq!(to.open(&seal_unchecked(&newcomer, reviewer.id(), &to.public(), &good)), Ok(good));
    }

    #[test]
    fn a_letter_opens_only_under_the_names_on_its_envelope() {
        let (newcomer, reviewer, other) =
            (DeviceKey::from_seed([1; 32]), DeviceKey::from_seed([2; 32]), DeviceKey::from_seed([3; 32]));
        let to = SealSecret::of(&reviewer);
        let letter = Letter::Join(request());
        let honest = seal_unchecked(&newcomer, reviewer.id(), &to.public(), &letter);
        assert!(to.open(&honest).is_ok());
        let changes: [fn(&mut Envelope); 4] = [
            |envelope| envelope.building = BuildingId([2; 32]),
            |envelope| envelope.to = DeviceId([9; 32]),
            |envelope| _ = envelope.sealed.pop(),
            |envelope| envelope.sealed.truncate(31),
        ];
        for change in changes {
            let mut changed = honest.value().clone();
            change(&mut changed);
            assert!(to.open(&newcomer.sign(changed)).is_err());
        }
        let astray = seal_unchecked(&newcomer, other.id(), &to.public(), &letter);
        assert!(to.open(&astray).is_err(), "sealed to one device and addressed to another: neither reads it");
        assert!(SealSecret::of(&other).open(&astray).is_err());
    }

    #[test]
    fn nothing_is_sealed_to_a_key_that_everybody_can_open() {
        let (newcomer, reviewer) = (DeviceKey::from_seed([1; 32]), DeviceKey::from_seed([2; 32]));
        let letter = Letter::Join(request());
        let mut one = [0; 32];
        one[0] = 1;
        for weak in [[0; 32], one] {
            let mut rng = ChaCha8Rng::seed_from_u64(1);
            let building = BuildingId([1; 32]);
            let sealed = seal(&newcomer, reviewer.id(), &SealKey(weak), building, Instant(5), &letter, &mut rng);
            assert!(sealed.is_err());
        }
    }

    #[test]
    fn the_commitment_hides_and_binds() {
        let request = JoinRequest {
            seal: SealKey([0; 32]),
            kind: MemberKind::Person,
            display_name: "陈姨".into(),
            household: "3栋502".into(),
            real_name: "陈美玲".into(),
            phone: String::new(),
            salt: [4; 16],
            invite: [5; 32],
        };
        let mut moved = request.clone();
        moved.household = "3栋503".into();
        let mut salted = request.clone();
        salted.salt = [5; 16];
        assert_ne!(request.commitment(None), moved.commitment(None));
        assert_ne!(request.commitment(None), salted.commitment(None));
    }
}
