//! Groups, joinings, resources outside and added categories stand in a document, and pass the gate of a neighbour.

use kaifong_domain::commons::{AddedCategory, Group, Joining, Resource};
use kaifong_domain::kept::{Kept, Owning, Stocktake};
use kaifong_domain::record::Edit;
use kaifong_domain::sort::{Category, Form, Topic};
use kaifong_domain::{CategoryId, GroupId, ListingId, MemberId, Refusal, ResourceId, StocktakeId};

use super::*;
use crate::layout::{Field, Scalar, ValueFault};

fn chess() -> Group {
    Group {
        id: GroupId([1; 16]),
        name: "棋友会".into(),
        about: "下象棋\n喝茶".into(),
        meets: "每周三晚".into(),
        venue: "二楼".into(),
        founded_at: Instant(5),
        closed_at: None,
    }
}

#[test]
fn what_a_neighbourhood_has_is_read_on_another_replica_as_it_was_written() {
    let (mut document, mut other) = (empty(), empty());
    let joining = Joining { group: GroupId([2; 16]), founder: MemberId([9; 16]), at: Instant(6), left_at: None };
    let clinic = Resource {
        id: ResourceId([3; 16]),
        name: "社区卫生站".into(),
        about: "量血压、配药".into(),
        contact: String::new(),
        hours: "8–17 点".into(),
        minutes: Some(8),
        put_at: Instant(7),
        withdrawn_at: None,
    };
    let (put_at, withdrawn_at) = (Instant(8), None);
    let fishing = AddedCategory { id: CategoryId([4; 16]), class: 5, name: "渔 具".into(), put_at, withdrawn_at };
    let lecture = Listing {
        kind: Some(Kind::Knowledge),
        mode: None,
        form: Some(Form::Lecture),
        topic: Some(Topic::Law),
        category: Some(Category::Added(fishing.id)),
        behalf: Some("三楼的奶奶".into()),
        ..listing(5, "讲座")
    };
    for one in [
        Edit::PutGroup(chess()),
        Edit::PutJoining(joining.clone()),
        Edit::PutResource(clinic.clone()),
        Edit::PutCategory(fishing.clone()),
        Edit::PutListing(lecture.clone()),
    ] {
        let delivery = edit(&mut document, &phone(), &one);
        take(&mut other, &delivery);
    }
    let said = other.records();
    assert_eq!(said, document.records());
    assert_eq!((said.groups, said.joined), (vec![chess()], vec![joining.clone()]));
    assert_eq!((said.resources, said.categories), (vec![clinic], vec![fishing]));
    assert_eq!(said.listings, [lecture]);

    // A group is closed at one device while its venue changes at another: both stay.
    let mut apart = other.clone();
    edit(&mut document, &phone(), &Edit::PutGroup(Group { closed_at: Some(Instant(9)), ..chess() }));
    edit(&mut apart, &tablet(), &Edit::PutGroup(Group { venue: "天台".into(), ..chess() }));
    meet(&mut document, &mut apart);
    let both = Group { closed_at: Some(Instant(9)), venue: "天台".into(), ..chess() };
    assert_eq!((document.records().groups, apart.records().groups), (vec![both.clone()], vec![both]));
    assert!(document.audit(&Register).is_ok());
}

#[test]
fn what_is_owned_together_and_was_found_is_read_on_another_replica_as_it_was_written() {
    let (mut document, mut other) = (empty(), empty());
    let kept = Kept::of(vec![MemberId([9; 16]), MemberId([3; 16])], Some("A 架 3 层".into()));
    let ladder = Listing { kept, places: Some(4), ..listing(5, "人字梯") };
    let owning = Owning { listing: ListingId([7; 16]), keeper: MemberId([9; 16]), at: Instant(6), left_at: None };
    let found = vec![ListingId([5; 16]), ListingId([6; 16])];
    let count = Stocktake { id: StocktakeId([4; 16]), at: Instant(7), by: "何姨".into(), found };
    for one in [
        Edit::PutListing(ladder.clone()),
        Edit::PutOwning(owning.clone()),
        Edit::PutStocktake(count.clone()),
        Edit::PutOwning(Owning { left_at: Some(Instant(8)), ..owning.clone() }),
    ] {
        let delivery = edit(&mut document, &phone(), &one);
        take(&mut other, &delivery);
    }
    let said = other.records();
    assert_eq!(said, document.records());
    assert_eq!((said.listings, said.stocktakes), (vec![ladder.clone()], vec![count]));
    assert_eq!(said.owned, [Owning { left_at: Some(Instant(8)), ..owning }]);

    // Where it lies is changed at one device, who owns it at another: both stay.
    let mut apart = other.clone();
    let moved = Kept { shelf: Some("B 架".into()), ..ladder.kept.clone() };
    let mine = Kept { owners: Vec::new(), ..ladder.kept.clone() };
    edit(&mut document, &phone(), &Edit::PutListing(Listing { kept: moved, ..ladder.clone() }));
    edit(&mut apart, &tablet(), &Edit::PutListing(Listing { kept: mine, ..ladder.clone() }));
    meet(&mut document, &mut apart);
    let both = Listing { kept: Kept::of(Vec::new(), Some("B 架".into())), ..ladder };
    assert_eq!((document.records().listings, apart.records().listings), (vec![both.clone()], vec![both]));
    assert!(document.audit(&Register).is_ok());
}

#[test]
fn ids_stand_in_order_each_once_and_so_many_at_most() {
    let refused = |field: &str, bytes: &[u8]| Field::parse(field).unwrap().check(Scalar::Bytes(bytes)).unwrap_err();
    let ids = |count: u16| (0..count).flat_map(|n| [[0; 14].as_slice(), &n.to_be_bytes()].concat()).collect::<Vec<_>>();
    let backwards = [[2; 16], [1; 16]].concat();
    for (field, most) in [("owners", 11_u16), ("counted", 500)] {
        for odd in [&[][..], &[0; 15], &[0; 17], &[0; 32], &backwards] {
            assert_eq!(refused(field, odd), ValueFault::Type, "{field} {odd:?}");
        }
        assert!(Field::parse(field).unwrap().check(Scalar::Bytes(&ids(most))).is_ok());
        assert!(matches!(refused(field, &ids(most + 1)), ValueFault::Refused(Refusal::OutOfRange { .. })));
    }
    assert_eq!(refused("keeper", &[0; 15]), ValueFault::Type);
}

#[test]
fn what_no_page_could_show_stands_in_no_document() {
    let refused = |field: &str, value: Scalar<'_>| Field::parse(field).unwrap().check(value).unwrap_err();
    let empty = |field| ValueFault::Refused(Refusal::TextEmpty { field });
    assert_eq!(refused("group", Scalar::Text(" ")), empty("name"));
    assert_eq!(refused("outside_about", Scalar::Text("")), empty("about"));
    assert_eq!(refused("behalf", Scalar::Text("")), empty("behalf"));
    assert_eq!(refused("shelf", Scalar::Text(" ")), empty("shelf"));
    assert_eq!(refused("counted_by", Scalar::Text("")), empty("finder"));
    for odd in [0, 101, u64::MAX] {
        let out = Refusal::OutOfRange { field: "places", least: 1, most: 100 };
        assert_eq!(refused("places", Scalar::Number(odd)), ValueFault::Refused(out));
    }
    assert_eq!(refused("category_says", Scalar::Text("leisure ")), empty("name"));
    for odd in ["", "leisure", "nowhere 渔具"] {
        assert_eq!(refused("category_says", Scalar::Text(odd)), ValueFault::Type, "{odd:?}");
    }
    assert_eq!(refused("category", Scalar::Text("tools")), ValueFault::Refused(Refusal::CategoryUnknown));
    let far = refused("outside_minutes", Scalar::Number(601));
    assert!(matches!(far, ValueFault::Refused(Refusal::OutOfRange { field: "minutes", .. })));
    assert_eq!(refused("what", Scalar::Text("offer skill lecture")), ValueFault::Refused(Refusal::FormMismatch));
    assert_eq!(refused("founder", Scalar::Bytes(&[0; 15])), ValueFault::Type);
    assert_eq!(refused("of_group", Scalar::Bytes(&[0; 16])), ValueFault::Type);
    for field in
        ["founded_at", "group_closed_at", "joined_at", "quit_at", "outside_at", "category_at", "owned_at", "counted_at"]
    {
        assert!(matches!(refused(field, Scalar::Number(1 << 54)), ValueFault::Refused(Refusal::OutOfRange { .. })));
    }
}
