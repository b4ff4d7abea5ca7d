//! Naming a home.

use kaifong_domain::BuildingId;

use super::*;

fn home(number: u64, name: &str, building: u8) -> Home {
    Home {
        home: HomeId(number),
        building: Some(Hex(BuildingId([building; 32]))),
        name: Some(name.to_owned()),
        person: None,
        application: ApplicationState::Approved,
        turns: 0,
        requests: 0,
        shut: None,
    }
}

#[test]
fn a_home_is_named_by_its_building_or_its_first_digits() {
    let homes = [
        home(0, "榕荫里", 0xaa),
        home(0x1234_0000_0000_0001, "梧桐苑", 0xbb),
        home(0x1234_0000_0000_0002, "榕荫里", 0xcc),
    ];
    let found = |said: &str| find(&homes, said).map_err(|error| error.code);
    assert_eq!(found("梧桐苑"), Ok(HomeId(0x1234_0000_0000_0001)));
    assert_eq!(found("bbbb"), found("梧桐苑"));
    assert_eq!(found("BBBBBB"), found("梧桐苑"));
    assert_eq!(found("0000000000000000"), Ok(HomeId::FIRST));
    assert_eq!(found("cccc"), Ok(HomeId(0x1234_0000_0000_0002)));
    // Two are called so, or begin so.
    for several in ["榕荫里", "1234"] {
        let error = find(&homes, several).unwrap_err();
        assert_eq!(error.code, Code::HOME_UNTOLD, "{several}");
        assert!(error.hint.unwrap().contains("1234000000000002"), "{several}");
    }
    for none in ["", "bbb", "榕荫", "dddd", "../homes"] {
        assert_eq!(found(none), Err(Code::HOME_UNKNOWN), "{none}");
    }
}
