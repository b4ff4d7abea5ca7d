use super::*;

#[test]
fn a_choice_is_read_by_name_and_by_word() {
    for kind in Kind::ALL {
        assert_eq!(kind.name().parse(), Ok(*kind));
        assert_eq!(kind.word().parse(), Ok(*kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
    let told = "thing".parse::<Kind>().unwrap_err().to_string();
    assert!(told.contains("item|物品"), "{told}");
}

#[test]
fn names_are_kebab_case_and_unlike_each_other() {
    fn check(names: &[&str]) {
        for name in names {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{name}");
        }
        let unique: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(unique.len(), names.len(), "{names:?}");
    }
    macro_rules! all {
        ($($choice:ident),+) => { $(
            check(&$choice::ALL.iter().map(|c| c.name()).collect::<Vec<_>>());
            assert!($choice::ALL.iter().all(|c| serde_json::to_value(c).unwrap() == c.name()));
        )+ };
    }
    all!(Side, Kind, Mode, Task, ListingStage, Stage, Step, Act, MemberKind, Role, Path, Direction, LineState);
    all!(PhonesNote, ApplicationState, DeviceState, DeviceTold, FaceStage, Tag, NoticeKind, IdKind, WonBy, Says);
    all!(Flaw, KeyKept, FlowFor, FlowTaker, Form, Topic, Word, SlotStage, SpaceStep, GroupStep, InvitedKind);
    all!(MatterKind, Addressee, MatterStage, MatterShow, MatterSaid, Voice, RecurringStage, HelpStep, HelpDayState);
    all!(PassKind, PassState, Payee, Owed, BookingStage, ActivityShow, ActivityStep, GuestMark, CardState, SlipState);
    all!(OrderStage, UnitFound, Likeness, RegisterWrong, RefusedBy, BlockKind, Claim, ChangeKind, Capacity, Opinion);
    all!(GrantAct, OpeningWrong);
}
