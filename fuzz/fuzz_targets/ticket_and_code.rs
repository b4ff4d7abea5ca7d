//! What is typed or scanned: tickets, codes, ids, the digits of keys on paper and of slips.
#![no_main]

use data_encoding::BASE32_NOPAD;
use kaifong_domain::slip::{NotASlip, SlipNumber};
use kaifong_domain::{BuildingId, DealId, DeviceId};
use kaifong_fuzz::{Mode, Unstructured, array, below, bend, chance, number, open, run, text};
use kaifong_trust::invite::{Code, Door, Ticket, proof, proof_fits};
use kaifong_trust::paper::SheetSecret;
use kaifong_trust::{decode_exact, encode};

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    if mode == Mode::Raw {
        let typed = String::from_utf8_lossy(u.take_rest());
        return read(&typed);
    }
    let spelled = if chance(&mut u, 8) { text(&mut u) } else { code(&mut u) };
    let name = if chance(&mut u, 2) { "红棉里".to_owned() } else { text(&mut u) };
    let doors: Vec<_> = (0..below(&mut u, 20)).map(|_| door(&mut u)).collect();
    let mut bytes = encode(&(BuildingId(array(&mut u)), &name, &spelled, &doors));
    if mode == Mode::Bent {
        bend(&mut u, &mut bytes);
    }
    let mut scanned = format!("KAIFONG1{}", BASE32_NOPAD.encode(&bytes));
    if chance(&mut u, 4) {
        scanned = scanned.to_lowercase();
    }
    read(&scanned);
    sheet(&mut u, mode);
    slip(&mut u, mode);
    read(&spelled);
    if let Ok(code) = spelled.parse::<Code>()
        && let Ok(made) = Ticket::new(BuildingId([3; 32]), name, code, doors)
    {
        assert_eq!(made.to_string().parse::<Ticket>().as_ref(), Ok(&made), "a ticket that was made can be read");
    }
}

/// A sheet as it is printed is read back; one digit of another value never is.
fn sheet(u: &mut Unstructured<'_>, mode: Mode) {
    let Ok(sheet) = decode_exact::<SheetSecret>(&array::<16>(u), "sheet") else { return };
    let mut printed = sheet.to_string().into_bytes();
    assert_eq!(String::from_utf8_lossy(&printed).parse::<SheetSecret>(), Ok(sheet.clone()), "a sheet can be read");
    if mode == Mode::Bent {
        let at = below(u, printed.len());
        let digit = printed[at];
        if digit.is_ascii_digit() {
            printed[at] = b'0' + (digit - b'0' + 1 + array::<1>(u)[0] % 9) % 10;
            assert!(String::from_utf8_lossy(&printed).parse::<SheetSecret>().is_err(), "one wrong digit is found");
        }
    }
}

/// A slip's number as it is printed is read back; with one digit of another value it never is.
fn slip(u: &mut Unstructured<'_>, mode: Mode) {
    let (building, slip) = (BuildingId(array(u)), SlipNumber::drawn(number(u)));
    let mut printed = slip.written(&building).into_bytes();
    assert_eq!(SlipNumber::read(&String::from_utf8_lossy(&printed), &building), Ok(slip), "a slip can be read");
    if mode == Mode::Bent {
        let at = below(u, printed.len());
        let digit = printed[at];
        if digit.is_ascii_digit() {
            printed[at] = b'0' + (digit - b'0' + 1 + array::<1>(u)[0] % 9) % 10;
            let read = SlipNumber::read(&String::from_utf8_lossy(&printed), &building);
            assert_eq!(read, Err(NotASlip::Group { group: at / 6 + 1 }), "one wrong digit is found");
        }
    }
}

fn read(typed: &str) {
    let building = BuildingId([1; 32]);
    if let Ok(slip) = SlipNumber::read(typed, &building) {
        assert_eq!(SlipNumber::read(&slip.written(&building), &building), Ok(slip));
    }
    if let Ok(sheet) = typed.parse::<SheetSecret>() {
        assert_eq!(sheet.to_string().parse::<SheetSecret>(), Ok(sheet));
    }
    let _ = (typed.parse::<DeviceId>(), typed.parse::<DealId>());
    if let Ok(code) = typed.parse::<Code>() {
        assert_eq!(code.to_string().parse::<Code>().map(|again| again.key()), Ok(code.key()));
        let (building, guest, node) = (BuildingId([1; 32]), DeviceId([2; 32]), DeviceId([3; 32]));
        assert!(proof_fits(&proof(&code.key(), &building, &guest, &node), &code.key(), &building, &guest, &node));
    }
    if let Ok(ticket) = typed.parse::<Ticket>() {
        // Numbers may be written longer than they need to be, so only what is written here has one form.
        let written = ticket.to_string();
        if let Ok(again) = written.parse::<Ticket>() {
            assert_eq!(again, ticket);
        }
    }
}

fn code(u: &mut Unstructured<'_>) -> String {
    const TYPED: &[u8; 38] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZoOiIlL";
    let mut code = String::new();
    for place in 0..12 {
        if place > 0 && place % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(TYPED[below(u, TYPED.len())]));
    }
    code
}

fn door(u: &mut Unstructured<'_>) -> Door {
    let address = |u: &mut Unstructured<'_>| {
        let port = u.arbitrary().unwrap_or(0);
        if chance(u, 2) { (array::<4>(u), port).into() } else { (array::<16>(u), port).into() }
    };
    let device = DeviceId(array(u));
    Door { device, addresses: (0..below(u, 18)).map(|_| address(u)).collect() }
}
