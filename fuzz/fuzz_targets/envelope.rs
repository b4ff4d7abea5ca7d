//! Envelopes and the letters in them.
#![no_main]

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeS, Serializable};
use kaifong_domain::care::Thread;
use kaifong_domain::place::{Dwelling, PlaceId, PlaceMap};
use kaifong_domain::recurring::{Pass, PassKind, Words};
use kaifong_domain::{
    BuildingId, ComplaintId, DealId, DeviceId, Instant, IntroductionId, MemberId, PassId, QuestionId,
};
use kaifong_fuzz::street::{DEVICES, key};
use kaifong_fuzz::{Mode, Unstructured, array, below, bend, bytes, chance, number, open, pick, run, text};
use kaifong_trust::care::{CareLetter, Introduces, Said};
use kaifong_trust::entry::{MemberKind, SealKey};
use kaifong_trust::envelope::{
    Claim, FamilyLetter, JoinRequest, Letter, PhoneLetter, PhoneSays, Residence, SealSecret, VisitPlan, seal,
};
use kaifong_trust::{Envelope, Signable, Signed, encode};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    let reader = SealSecret::of(&key(0));
    if mode == Mode::Raw {
        if let Ok(envelope) = Signed::<Envelope>::from_bytes(u.take_rest()).and_then(Signed::verify) {
            let _ = reader.open(&envelope);
        }
        return;
    }
    let from = key(below(&mut u, usize::from(DEVICES)) as u8);
    let letter = letter(&mut u);
    let (to, building, at) = (key(0).id(), BuildingId([1; 32]), Instant(number(&mut u)));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    // What may be sealed can be read, and only that.
    let sealed = seal(&from, to, &reader.public(), building, at, &letter, &mut rng);
    assert_eq!(sealed.is_ok(), letter.check().is_ok());
    if let Ok(sealed) = &sealed {
        assert_eq!(reader.open(sealed).as_ref(), Ok(&letter));
        let _ = SealSecret::of(&key(1)).open(sealed);
    }
    let mut plain = encode(&letter);
    if chance(&mut u, 3) {
        bend(&mut u, &mut plain);
    }
    let to = if chance(&mut u, 16) { key(1).id() } else { to };
    let info = encode(&(Envelope::CONTEXT, building, from.id(), to));
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&reader.public().0).expect("a key of ours");
    let hidden = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        &info,
        &plain,
        &[],
        &mut rng,
    );
    let (encapped, ciphertext) = hidden.expect("it can be sealed");
    let mut sealed = [encapped.to_bytes().as_slice(), &ciphertext].concat();
    if chance(&mut u, 16) {
        sealed = bytes(&mut u, 80);
    }
    let signed = from.sign(Envelope { building, to, at, sealed });
    let mut bytes = signed.signed().to_bytes();
    if mode == Mode::Bent {
        bend(&mut u, &mut bytes);
    }
    if let Ok(envelope) = Signed::<Envelope>::from_bytes(&bytes).and_then(Signed::verify)
        && let Ok(read) = reader.open(&envelope)
    {
        assert!(read.check().is_ok(), "a letter that is read can be shown");
        match &read {
            Letter::Join(request) => _ = request.commitment(None),
            Letter::JoinAt { request, residence } => {
                let _ = residence.dwelling.address(&PlaceMap::default());
                assert_ne!(request.commitment(Some(residence)), request.commitment(None));
            }
            _ => {}
        }
    }
}

/// A word between neighbours; a message in it is signed by some device.
fn care(u: &mut Unstructured<'_>) -> CareLetter {
    let (to, text) = (MemberId(array(u)), text(u));
    let thread =
        if chance(u, 2) { Thread::Deal(DealId(array(u))) } else { Thread::Introduced(IntroductionId(array(u))) };
    let said = |u: &mut Unstructured<'_>, text: &str| {
        let drawn: Vec<u8> = u.arbitrary().unwrap_or_default();
        let picture = if drawn.is_empty() { drawn } else { [&[0xff, 0xd8], drawn.as_slice(), &[0xff, 0xd9]].concat() };
        let (at, text) = (Instant(number(u)), text.to_owned());
        let said = Said { building: BuildingId([1; 32]), thread, to, at, text, picture };
        // What no honest device signs is written as a short one.
        let short = Said { text: "好".into(), picture: Vec::new(), ..said.clone() };
        key(below(u, usize::from(DEVICES)) as u8).try_sign(said).unwrap_or_else(|_| key(0).sign(short)).signed().clone()
    };
    let says = |u: &mut Unstructured<'_>, text: String| match below(u, 5) {
        0 => Introduces::Asks { whom: if chance(u, 2) { Some(MemberId(array(u))) } else { None }, text },
        1 => Introduces::Proposes { asker: MemberId(array(u)), text },
        2 => Introduces::Replies(chance(u, 2)),
        3 => Introduces::Meets { with: MemberId(array(u)) },
        _ => Introduces::Fails,
    };
    match below(u, 6) {
        0 => CareLetter::Said(said(u, &text)),
        1 => CareLetter::Block { member: to, round: number(u), blocked: chance(u, 2) },
        2 => CareLetter::Introduction { id: IntroductionId(array(u)), to, says: says(u, text) },
        3 => CareLetter::Report { id: ComplaintId(array(u)), about: to, thread, text },
        4 => CareLetter::Shown { id: ComplaintId(array(u)), said: said(u, &text) },
        _ => CareLetter::Mediates { thread, to, text },
    }
}

fn letter(u: &mut Unstructured<'_>) -> Letter {
    if chance(u, 4) {
        return Letter::Care(care(u));
    }
    if chance(u, 4) {
        let (id, text) = (QuestionId(array(u)), text(u));
        return match below(u, 7) {
            0 => Letter::Refused { reason: text },
            1 => Letter::Question { id, text },
            2 => Letter::Answer { id, text },
            3 => Letter::Opened,
            4 => Letter::Complaint { id: ComplaintId(array(u)), about: MemberId(array(u)), text },
            5 => Letter::ComplaintAnswer { id: ComplaintId(array(u)), text },
            _ => Letter::Asked { newcomer: DeviceId(array(u)), id, text },
        };
    }
    if chance(u, 3) {
        let says = match below(u, 4) {
            0 => PhoneSays::Offers,
            1 => PhoneSays::Number(text(u)),
            2 => PhoneSays::Withdraws,
            _ => PhoneSays::Own(text(u)),
        };
        return Letter::Phone(PhoneLetter { deal: DealId(array(u)), round: u.arbitrary().unwrap_or(0), says });
    }
    if chance(u, 6) {
        return Letter::Kin { with: MemberId(array(u)), round: number(u), wishes: chance(u, 2) };
    }
    if chance(u, 4) {
        return Letter::Family(family(u));
    }
    let kind = *pick(u, &[MemberKind::Person, MemberKind::Organisation, MemberKind::Desk]).unwrap_or(&MemberKind::Desk);
    let request = JoinRequest {
        seal: SealKey(array(u)),
        kind,
        display_name: text(u),
        household: text(u),
        real_name: text(u),
        phone: text(u),
        salt: array(u),
        invite: array(u),
    };
    if chance(u, 2) {
        return Letter::Join(request);
    }
    let claim = *pick(u, &[Claim::Owner, Claim::Authorised, Claim::Tenant, Claim::Family]).unwrap_or(&Claim::Family);
    let dwelling = Dwelling { block: PlaceId(below(u, 8) as u32), floor: text(u), unit: text(u) };
    Letter::JoinAt { request, residence: Residence { dwelling, claim, shows_block: chance(u, 2) } }
}

/// Something about recurring help, a child, or a visit.
fn family(u: &mut Unstructured<'_>) -> FamilyLetter {
    match below(u, 6) {
        0 => {
            let (from_min, to_min) = (below(u, 1500) as u16, below(u, 1500) as u16);
            FamilyLetter::Words(Words {
                what: text(u),
                place: text(u),
                from_min,
                to_min,
                note: text(u),
                salt: array(u),
            })
        }
        1 => FamilyLetter::Pass(Pass {
            id: PassId(array(u)),
            kind: *pick(u, &[PassKind::Collect, PassKind::Care]).unwrap_or(&PassKind::Care),
            child: text(u),
            holders: (0..below(u, 6)).map(|_| MemberId(array(u))).collect(),
            place: text(u),
            note: text(u),
            weekdays: below(u, 130) as u8,
            first: below(u, 4) as u32,
            last: below(u, 100_010) as u32,
        }),
        2 => FamilyLetter::Revoke(PassId(array(u))),
        3 => {
            let (guardian, pass, at) = (MemberId(array(u)), PassId(array(u)), Instant(number(u)));
            FamilyLetter::Tick { guardian, pass, day: below(u, 4) as u32, left: chance(u, 2), at }
        }
        4 => {
            let (deal, visitor) = (DealId(array(u)), MemberId(array(u)));
            let watcher = chance(u, 2).then(|| MemberId(array(u)));
            let (from, until) = (Instant(number(u)), Instant(number(u)));
            FamilyLetter::Visit(VisitPlan { deal, round: number(u), visitor, watcher, from, until })
        }
        _ => {
            let (deal, at) = (DealId(array(u)), Instant(number(u)));
            FamilyLetter::Visited { deal, round: number(u), left: chance(u, 2), at }
        }
    }
}
