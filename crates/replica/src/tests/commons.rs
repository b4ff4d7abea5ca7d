//! Groups, joinings, resources outside and added categories stand in a document, and pass the gate of a neighbour.

use kaifong_domain::commons::{AddedCategory, Group, Joining, Resource};
use kaifong_domain::record::Edit;
use kaifong_domain::sort::{Category, Form, Topic};
use kaifong_domain::{CategoryId, GroupId, MemberId, Refusal, ResourceId};

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
fn what_no_page_could_show_stands_in_no_document() {
    let refused = |field: &str, value: Scalar<'_>| Field::parse(field).unwrap().check(value).unwrap_err();
    let empty = |field| ValueFault::Refused(Refusal::TextEmpty { field });
    assert_eq!(refused("group", Scalar::Text(" ")), empty("name"));
    assert_eq!(refused("outside_about", Scalar::Text("")), empty("about"));
    assert_eq!(refused("behalf", Scalar::Text("")), empty("behalf"));
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
    for field in ["founded_at", "group_closed_at", "joined_at", "quit_at", "outside_at", "category_at"] {
        assert!(matches!(refused(field, Scalar::Number(1 << 54)), ValueFault::Refused(Refusal::OutOfRange { .. })));
    }
}
