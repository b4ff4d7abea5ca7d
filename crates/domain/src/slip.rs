//! Slips of paper on which one neighbour thanks another with points. A slip is a request: whoever keeps the desk enters it, and
//! only its payer's journal makes it a payment.
//!
//! A slip is known by the number that is printed on it. Whatever is entered under one number, and by however many, its payee takes
//! it once: what a payment names as its reason is made of the building and the number alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::check_digits::{after, typed_digits};
use crate::fund::DAY_MAX;
use crate::{BuildingId, EntryHash, Instant, MemberId, Points, ReasonId};

/// How many groups of digits a slip's number has.
const GROUPS: usize = 3;
/// How many digits of a group carry the number; one more checks them.
const DIGITS: usize = 4;
/// One more than the greatest number.
const NUMBERS: u64 = 1_000_000_000_000;
const DAY_MS: u64 = 24 * 3600 * 1000;

/// What is printed on a slip: twelve digits, drawn at random, so that nobody has to be asked for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SlipNumber(u64);

/// Why digits are no slip's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASlip {
    /// There are not as many digits as on a slip.
    #[error("a slip's number has {wanted} digits, {found} were read")]
    Length {
        /// Digits found.
        found: usize,
        /// Digits on a slip.
        wanted: usize,
    },
    /// A group's check digit does not fit.
    #[error("group {group} has a wrong digit")]
    Group {
        /// Which, from 1.
        group: usize,
    },
    /// No group's check digit fits: it is another building's slip.
    #[error("this is no slip of this building")]
    Elsewhere,
}

impl SlipNumber {
    /// Makes a number of something drawn at random.
    pub fn drawn(random: u64) -> Self {
        Self(random % NUMBERS)
    }

    /// Writes the number as it is printed: three groups of five digits. The fifth digit of each group checks the four before it,
    /// the group's place and the building.
    pub fn written(&self, building: &BuildingId) -> String {
        let digits = format!("{:0width$}", self.0, width = GROUPS * DIGITS);
        let groups = digits.as_bytes().chunks(DIGITS).enumerate().map(|(place, group)| {
            let digits: Vec<u8> = group.iter().map(|digit| digit.saturating_sub(b'0')).collect();
            format!("{}{}", String::from_utf8_lossy(group), check_digit(building, place, &digits))
        });
        groups.collect::<Vec<_>>().join(" ")
    }

    /// Reads a number as people type it: with or without blanks and dashes, in full width or not.
    ///
    /// # Errors
    /// Any [`NotASlip`].
    pub fn read(text: &str, building: &BuildingId) -> Result<Self, NotASlip> {
        let wanted = GROUPS * (DIGITS + 1);
        let digits: Vec<u8> = typed_digits(text, wanted).collect();
        if digits.len() != wanted {
            return Err(NotASlip::Length { found: digits.len(), wanted });
        }
        let (mut value, mut wrong) = (0_u64, Vec::new());
        for (place, group) in digits.chunks(DIGITS + 1).enumerate() {
            let Some((check, group)) = group.split_last() else { continue };
            if check_digit(building, place, group) != *check {
                wrong.push(place.saturating_add(1));
            }
            value = group.iter().fold(value, |value, digit| value.wrapping_mul(10).wrapping_add(u64::from(*digit)));
        }
        match wrong.as_slice() {
            [] => Ok(Self(value)),
            all if all.len() == GROUPS => Err(NotASlip::Elsewhere),
            [group, ..] => Err(NotASlip::Group { group: *group }),
        }
    }

    /// Gives what a payment for this slip names as its reason, so that it counts once (rule L4).
    pub fn reason(&self, building: &BuildingId) -> ReasonId {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 slip reason");
        hasher.update(&building.0).update(&self.0.to_le_bytes());
        let mut id = [0; 16];
        hasher.finalize_xof().fill(&mut id);
        ReasonId(id)
    }
}

/// Gives the digit that checks a group of a building's slip.
fn check_digit(building: &BuildingId, place: usize, group: &[u8]) -> u8 {
    let of_building = building.0.get(place).map_or(0, |byte| byte % 10);
    let start = after(of_building, u8::try_from(place % 10).unwrap_or_default());
    group.iter().fold(start, |check, digit| after(check, *digit))
}

/// A slip as somebody has entered it. What it thanks for stays on the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slip {
    /// The number that is printed on it.
    pub number: SlipNumber,
    /// Who thanks.
    pub payer: MemberId,
    /// Who is thanked.
    pub payee: MemberId,
    /// With how many points.
    pub points: Points,
    /// On which day it was signed, in days since 1970-01-01.
    pub day: u32,
}

impl Slip {
    /// Checks what can be judged of a slip and of when it was entered. Days are counted where people live, which is up to a day
    /// ahead.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self, entered_at: Instant) -> Result<(), &'static str> {
        if self.number.0 >= NUMBERS {
            return Err("a slip's number has twelve digits");
        }
        if self.payer == self.payee {
            return Err("a slip thanks somebody else");
        }
        if !(1..=Points::MAX.0).contains(&self.points.0) {
            return Err("a slip gives from 1 to a million points");
        }
        let entered = entered_at.0 / DAY_MS;
        if self.day > DAY_MAX || u64::from(self.day) > entered.saturating_add(1) {
            return Err("a slip was signed before it was entered");
        }
        Ok(())
    }
}

/// What was entered under one number with the same people, points and day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Who has entered it, by entry, and when as their device claims.
    pub entered: BTreeMap<EntryHash, (MemberId, Instant)>,
    /// Of those, the entries that the payer has said are none of theirs.
    pub disowned: BTreeSet<EntryHash>,
    /// Of those, the entries that whoever entered them has taken back.
    pub taken_back: BTreeSet<EntryHash>,
}

impl Version {
    /// Tells whether the payer has said of all that was entered that it is none of theirs.
    pub fn is_disowned(&self) -> bool {
        self.entered.keys().all(|entry| self.disowned.contains(entry))
    }

    /// Gives the entries that still ask: neither disowned nor taken back.
    pub fn open(&self) -> impl Iterator<Item = &EntryHash> {
        self.entered.keys().filter(|entry| !self.disowned.contains(*entry) && !self.taken_back.contains(*entry))
    }

    /// Tells whether something of it still asks.
    pub fn is_open(&self) -> bool {
        self.open().next().is_some()
    }

    /// Gives the entries of one member's that still ask.
    pub fn open_by(&self, by: &MemberId) -> impl Iterator<Item = &EntryHash> {
        self.open().filter(move |entry| self.entered.get(*entry).is_some_and(|(member, _)| member == by))
    }
}

/// The slips of a building: a fold over entries that count, in any order in which each comes after those that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slips {
    numbers: BTreeMap<SlipNumber, BTreeMap<Slip, Version>>,
    entries: BTreeMap<EntryHash, Slip>,
    reasons: BTreeMap<ReasonId, SlipNumber>,
    of_payer: BTreeMap<MemberId, BTreeSet<SlipNumber>>,
}

impl Slips {
    /// Takes in that somebody who may has entered a slip.
    pub fn enter(&mut self, building: &BuildingId, entry: EntryHash, by: MemberId, at: Instant, slip: Slip) {
        let version = self.numbers.entry(slip.number).or_default().entry(slip).or_default();
        version.entered.insert(entry, (by, at));
        self.entries.insert(entry, slip);
        self.reasons.insert(slip.number.reason(building), slip.number);
        self.of_payer.entry(slip.payer).or_default().insert(slip.number);
    }

    /// Takes in that its payer says of an entered slip that it is none of theirs, or that whoever entered it takes it back.
    /// Nobody else can.
    pub fn disown(&mut self, entry: &EntryHash, by: &MemberId) {
        let Some(slip) = self.entries.get(entry) else { return };
        let version = self.numbers.get_mut(&slip.number).and_then(|versions| versions.get_mut(slip));
        let Some(version) = version else { return };
        if slip.payer == *by {
            version.disowned.insert(*entry);
        } else if version.entered.get(entry).is_some_and(|(member, _)| member == by) {
            version.taken_back.insert(*entry);
        }
    }

    /// Gives a slip by an entry that holds it.
    pub fn entered(&self, entry: &EntryHash) -> Option<&Slip> {
        self.entries.get(entry)
    }

    /// Gives the number that a payment's reason is made of, where a slip of that number was entered.
    pub fn paid_by(&self, reason: &ReasonId) -> Option<SlipNumber> {
        self.reasons.get(reason).copied()
    }

    /// Gives what was entered under a number. More than one is a conflict: somebody has misread the slip, or bent it.
    pub fn versions(&self, number: &SlipNumber) -> impl Iterator<Item = (&Slip, &Version)> {
        self.numbers.get(number).into_iter().flatten()
    }

    /// Gives the numbers of the slips on which a member thanks somebody.
    pub fn of_payer(&self, member: &MemberId) -> impl Iterator<Item = SlipNumber> {
        self.of_payer.get(member).into_iter().flatten().copied()
    }

    /// Gives all that was entered.
    pub fn all(&self) -> impl Iterator<Item = (&Slip, &Version)> {
        self.numbers.values().flatten()
    }

    /// Feeds the canonical state.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        hasher.update(&(self.entries.len() as u64).to_le_bytes());
        for (slip, version) in self.all() {
            hasher.update(&slip.number.0.to_le_bytes()).update(&slip.payer.0).update(&slip.payee.0);
            hasher.update(&slip.points.0.to_le_bytes()).update(&slip.day.to_le_bytes());
            for (entry, (by, at)) in &version.entered {
                let said =
                    u8::from(version.disowned.contains(entry)) | u8::from(version.taken_back.contains(entry)) << 1;
                hasher.update(&entry.0).update(&by.0).update(&at.0.to_le_bytes()).update(&[said]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: BuildingId = BuildingId([7; 32]);
    const CHEN: MemberId = MemberId([3; 16]);
    const XIAO: MemberId = MemberId([4; 16]);
    const ENTERED: Instant = Instant(20_600 * DAY_MS);

    fn slip(number: u64) -> Slip {
        Slip { number: SlipNumber(number), payer: CHEN, payee: XIAO, points: Points(10), day: 20_600 }
    }

    #[test]
    fn a_number_is_read_back_as_people_type_it() {
        for random in [0, 1, 4_071_655_120_993, NUMBERS - 1, u64::MAX] {
            let number = SlipNumber::drawn(random);
            let said = number.written(&RED);
            assert_eq!(said.len(), 17, "{said}");
            let wide: String =
                said.chars().filter_map(|c| c.to_digit(10)).filter_map(|d| char::from_u32(0xFF10 + d)).collect();
            for typed in [said.clone(), said.replace(' ', ""), said.replace(' ', "-"), format!("No. {said}。"), wide] {
                assert_eq!(SlipNumber::read(&typed, &RED), Ok(number), "{typed}");
            }
        }
    }

    #[test]
    fn one_wrong_digit_and_two_that_changed_places_are_found_in_their_group() {
        let said: Vec<char> = SlipNumber::drawn(407_165_512_099).written(&RED).chars().filter(|c| *c != ' ').collect();
        let read = |digits: &[char]| SlipNumber::read(&digits.iter().collect::<String>(), &RED);
        for at in 0..said.len() {
            for digit in ('0'..='9').filter(|digit| *digit != said[at]) {
                let mut bad = said.clone();
                bad[at] = digit;
                assert_eq!(read(&bad), Err(NotASlip::Group { group: at / 5 + 1 }));
            }
            if at % 5 < 4 && said[at] != said[at + 1] {
                let mut bad = said.clone();
                bad.swap(at, at + 1);
                assert_eq!(read(&bad), Err(NotASlip::Group { group: at / 5 + 1 }));
            }
        }
    }

    #[test]
    fn what_is_no_slip_of_this_building_says_why() {
        let wanted = 15;
        assert_eq!(SlipNumber::read("", &RED), Err(NotASlip::Length { found: 0, wanted }));
        assert_eq!(SlipNumber::read("12345", &RED), Err(NotASlip::Length { found: 5, wanted }));
        assert_eq!(SlipNumber::read(&"陈姨".repeat(900), &RED), Err(NotASlip::Length { found: 0, wanted }));
        assert!(matches!(SlipNumber::read(&"1".repeat(4_000), &RED), Err(NotASlip::Length { .. })));
        // Another building's check digits differ in every group.
        let other = SlipNumber::drawn(407_165_512_099).written(&BuildingId([8; 32]));
        assert_eq!(SlipNumber::read(&other, &RED), Err(NotASlip::Elsewhere));
        let reasons = [RED, BuildingId([8; 32])].map(|building| SlipNumber(1).reason(&building));
        assert_ne!(reasons[0], reasons[1], "one number in two buildings is two slips");
    }

    #[test]
    fn a_slip_that_is_out_of_form_is_told_so() {
        assert_eq!(slip(1).check(ENTERED), Ok(()));
        assert_eq!(Slip { day: 20_601, ..slip(1) }.check(ENTERED), Ok(()), "where it is tomorrow already");
        let bad = [
            Slip { number: SlipNumber(NUMBERS), ..slip(1) },
            Slip { payee: CHEN, ..slip(1) },
            Slip { points: Points(0), ..slip(1) },
            Slip { points: Points(1_000_001), ..slip(1) },
            Slip { day: 20_602, ..slip(1) },
            Slip { day: u32::MAX, ..slip(1) },
        ];
        for slip in bad {
            assert!(slip.check(ENTERED).is_err(), "{slip:?}");
        }
        assert!(slip(1).check(Instant(0)).is_err());
        assert!(Slip { day: DAY_MAX + 1, ..slip(1) }.check(Instant(u64::MAX)).is_err());
    }

    #[test]
    fn what_was_entered_in_whatever_order_comes_to_the_same() {
        let (desk, wang) = (MemberId([1; 16]), MemberId([2; 16]));
        let entries = [
            (EntryHash([1; 32]), desk, slip(1)),
            (EntryHash([2; 32]), wang, slip(1)),
            (EntryHash([3; 32]), wang, Slip { points: Points(100), ..slip(1) }),
            (EntryHash([4; 32]), desk, slip(2)),
        ];
        let fold = |order: [usize; 4]| {
            let mut slips = Slips::default();
            order
                .iter()
                .map(|at| entries[*at])
                .for_each(|(entry, by, slip)| slips.enter(&RED, entry, by, ENTERED, slip));
            slips.disown(&EntryHash([3; 32]), &CHEN);
            slips.disown(&EntryHash([1; 32]), &XIAO);
            slips.disown(&EntryHash([9; 32]), &CHEN);
            slips
        };
        let slips = fold([0, 1, 2, 3]);
        assert_eq!(slips, fold([3, 2, 1, 0]));
        assert_eq!(slips, fold([2, 0, 3, 1]));
        let versions: Vec<_> =
            slips.versions(&SlipNumber(1)).map(|(slip, version)| (slip.points.0, version.is_disowned())).collect();
        assert_eq!(versions, [(10, false), (100, true)], "only the payer disowns, and one version alone");
        assert_eq!(slips.of_payer(&CHEN).count(), 2);
        assert_eq!(slips.paid_by(&SlipNumber(2).reason(&RED)), Some(SlipNumber(2)));
        assert_eq!(slips.entered(&EntryHash([4; 32])), Some(&slip(2)));
    }

    #[test]
    fn whoever_entered_a_slip_takes_back_their_own_entry_alone() {
        let (desk, wang) = (MemberId([1; 16]), MemberId([2; 16]));
        let mut slips = Slips::default();
        slips.enter(&RED, EntryHash([1; 32]), desk, ENTERED, slip(1));
        slips.enter(&RED, EntryHash([2; 32]), wang, ENTERED, slip(1));
        slips.disown(&EntryHash([1; 32]), &wang);
        slips.disown(&EntryHash([1; 32]), &XIAO);
        let version =
            |slips: &Slips| slips.versions(&SlipNumber(1)).next().map(|(_, version)| version.clone()).unwrap();
        assert_eq!(version(&slips).open().count(), 2, "not another's");
        slips.disown(&EntryHash([1; 32]), &desk);
        assert_eq!(version(&slips).open().copied().collect::<Vec<_>>(), [EntryHash([2; 32])]);
        slips.disown(&EntryHash([2; 32]), &wang);
        assert!(!version(&slips).is_open() && !version(&slips).is_disowned(), "its payer has said nothing");
    }

    #[test]
    fn a_slip_that_is_entered_once_more_after_it_was_disowned_waits_again() {
        let mut slips = Slips::default();
        slips.enter(&RED, EntryHash([1; 32]), XIAO, ENTERED, slip(1));
        slips.disown(&EntryHash([1; 32]), &CHEN);
        assert!(slips.versions(&SlipNumber(1)).all(|(_, version)| version.is_disowned()));
        slips.enter(&RED, EntryHash([2; 32]), XIAO, ENTERED, slip(1));
        assert!(!slips.versions(&SlipNumber(1)).any(|(_, version)| version.is_disowned()));
    }
}
