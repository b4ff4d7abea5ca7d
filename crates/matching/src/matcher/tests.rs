use super::*;
use crate::Memory;
use proptest::prelude::*;

/// A text from `title / body`.
fn text(written: &str) -> Text<'_> {
    let (title, body) = written.split_once(" / ").unwrap_or((written, ""));
    Text { title, body, ..Text::default() }
}

fn offers<'a>(offers: &[&'a str]) -> Matcher<&'a str> {
    let mut matcher = Matcher::new();
    for offer in offers {
        matcher.insert(*offer, Side::Offer, text(offer));
    }
    matcher.read_some(usize::MAX, &mut ());
    matcher
}

/// The offers that a need is shown, best first.
#[track_caller]
fn check(need: &str, shelf: &[&str], expect: &[&str]) {
    let found: Vec<&str> =
        offers(shelf).matches(Side::Need, text(need), 10).into_iter().map(|found| found.id).collect();
    assert_eq!(found, expect, "{need}");
}

#[track_caller]
fn check_search(query: &str, shelf: &[&str], expect: &[&str]) {
    let found: Vec<&str> = offers(shelf).search(query, 10).into_iter().map(|hit| hit.id).collect();
    assert_eq!(found, expect, "{query}");
}

#[test]
fn shared_words_fit() {
    check("想借羽毛球拍", &["羽毛球拍两副", "乒乓球拍", "电饭煲"], &["羽毛球拍两副", "乒乓球拍"]);
    check("Need a ladder", &["Two ladders / aluminium", "Rice cooker"], &["Two ladders / aluminium"]);
    check("有冇人借", &["有人可以借我吗"], &[]);
    check("", &["梯子"], &[]);
}

#[test]
fn scripts_meet() {
    check("借個電鑽", &["电钻一把"], &["电钻一把"]);
    check("Ｌａｄｄｅｒ", &["LADDER"], &["LADDER"]);
}

#[test]
fn another_name_for_the_same_thing_fits() {
    check("厨房的灯太高换不了", &["铝合金人字梯", "电饭煲"], &["铝合金人字梯"]);
}

#[test]
fn a_new_offer_finds_open_needs() {
    let mut matcher = Matcher::new();
    matcher.insert(1, Side::Need, text("求借梯子"));
    matcher.insert(2, Side::Offer, text("梯子可借"));
    let found = matcher.matches(Side::Offer, text("家里有把梯子"), 5);
    assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), [1]);
}

#[test]
fn the_ticked_kind_comes_first_and_another_is_still_shown() {
    let mut matcher = Matcher::new();
    matcher.insert(1, Side::Offer, Text { kind: Some(Kind::Skill), ..text("修自行车") });
    matcher.insert(2, Side::Offer, Text { kind: Some(Kind::Item), ..text("借自行车") });
    matcher.read_some(usize::MAX, &mut ());
    let need = Text { kind: Some(Kind::Item), ..text("自行车") };
    assert_eq!(matcher.matches(Side::Need, need, 5).iter().map(|found| found.id).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn ties_go_by_id() {
    let mut matcher = Matcher::new();
    for id in [3, 1, 2] {
        matcher.insert(id, Side::Offer, text("梯子"));
    }
    assert_eq!(matcher.matches(Side::Need, text("梯子"), 2).iter().map(|found| found.id).collect::<Vec<_>>(), [1, 2]);
    assert!(matcher.matches(Side::Need, text("梯子"), 0).is_empty());
}

#[test]
fn of_what_fits_alike_the_nearer_stands_first_and_nearness_makes_nothing_fit() {
    let mut matcher = Matcher::new();
    for (id, title) in ["人字梯", "人字梯", "人字梯", "人字梯", "钢琴课"].into_iter().enumerate() {
        matcher.insert(id, Side::Offer, text(title));
    }
    matcher.read_some(usize::MAX, &mut ());
    let near = |id: &usize| match id {
        0 => None,
        1 => Some(Near::Building),
        2 => Some(Near::Zone),
        _ => Some(Near::Block),
    };
    let found = matcher.matches_among(Side::Need, text("借人字梯"), 10, near);
    assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), [3, 2, 1]);
    let last = |at: usize| found[at].reasons.last().unwrap();
    assert_eq!((last(0), last(1)), (&Reason::SameBlock, &Reason::SameZone));
    assert!(!found[2].reasons.iter().any(|reason| matches!(reason, Reason::SameBlock | Reason::SameZone)));
}

#[test]
fn reasons_are_in_the_peoples_own_words() {
    let need = Text { kind: Some(Kind::Item), ..text("廚房盞燈太高，換唔到") };
    let mut matcher = Matcher::new();
    matcher.insert(1, Side::Offer, Text { kind: Some(Kind::Item), ..text("Folding Ladder") });
    let expect = [
        Reason::SameThing {
            concept: "ladder".to_owned(),
            need_word: "燈太高".to_owned(),
            offer_word: "Ladder".to_owned(),
        },
        Reason::SameKind(Kind::Item),
    ];
    assert_eq!(matcher.matches(Side::Need, need, 1)[0].reasons, expect);

    // Asked the other way round, need and offer keep their places.
    let mut matcher = Matcher::new();
    matcher.insert(1, Side::Need, need);
    let found = matcher.matches(Side::Offer, text("Folding Ladder"), 1);
    assert_eq!(found[0].reasons, expect[..1]);

    let same = offers(&["羽毛球拍两副"]);
    assert_eq!(
        same.matches(Side::Need, text("想借羽毛球拍"), 1)[0].reasons,
        [Reason::SameWords(vec!["羽毛球拍".to_owned()])]
    );
}

#[test]
fn a_person_is_told_unasked_of_a_sure_match_only() {
    let shelf = offers(&["人字梯 / 两米高，可借", "灯泡两只", "电饭煲"]);
    let told: Vec<_> =
        shelf.matches(Side::Need, text("想借人字梯"), 10).into_iter().map(|m| (m.id, m.notify)).collect();
    assert_eq!(told, [("人字梯 / 两米高，可借", true)]);
    assert!(shelf.matches(Side::Need, text("楼道灯坏了"), 10).iter().all(|found| !found.notify));
}

/// Pairs that sound alike and are not alike: nobody is to be told of one unasked.
#[test]
fn confusable_pairs_are_told_to_nobody() {
    for (need, offer) in [
        ("想借一辆婴儿车", "停车位出租"),
        ("找人修空调", "电梯故障报修流程讲解"),
        ("求购二手冰箱", "冰箱贴收藏交流"),
        ("想借打气筒", "煤气灶清洗"),
        ("想找人接孩子放学", "接线板一个"),
        ("想学弹钢琴", "琴叶榕一盆"),
        ("Need a drill", "Fire drill talk on Sunday"),
    ] {
        let shelf = offers(&[offer]);
        assert!(shelf.matches(Side::Need, text(need), 5).iter().all(|found| !found.notify), "{need} / {offer}");
    }
}

#[test]
fn other_days_and_wrong_sides_stand_back() {
    let told = |need: &str, offer: &str| offers(&[offer]).matches(Side::Need, text(need), 1)[0].notify;
    assert!(told("想请人教钢琴，周末", "钢琴老师，周末上门教钢琴"));
    assert!(!told("想请人教钢琴，周末", "钢琴老师，只在工作日上门教钢琴"));
    assert!(!told("旧钢琴送人", "钢琴老师，周末上门教钢琴"));
    let shelf = offers(&["教钢琴 / 只在工作日", "教钢琴 / 只在周末"]);
    let found = shelf.matches(Side::Need, text("想学钢琴 / 周六有空"), 2);
    assert_eq!(found[0].id, "教钢琴 / 只在周末");
}

#[test]
fn what_no_word_says_is_found_by_its_sense() {
    let shelf = offers(&["教游泳，成人也教", "会计，能看账本", "冰箱一台"]);
    let found = shelf.matches(Side::Need, text("三十多岁还不会水，想学"), 3);
    assert_eq!(found[0].id, "教游泳，成人也教");
}

#[test]
fn what_was_not_read_is_found_by_its_words_and_things() {
    let mut matcher = Matcher::new();
    for offer in ["教游泳，成人也教", "铝合金人字梯", "冰箱一台"] {
        matcher.insert(offer, Side::Offer, text(offer));
    }
    let ids = |matcher: &Matcher<&'static str>, need: &str| -> Vec<&str> {
        matcher.matches(Side::Need, text(need), 5).into_iter().map(|found| found.id).collect()
    };
    let by_sense = "三十多岁还不会水，想学";
    assert!(!matcher.is_read());
    assert_eq!(ids(&matcher, "厨房的灯太高换不了"), ["铝合金人字梯"]);
    assert!(!matcher.matches(Side::Need, text("想借铝合金人字梯"), 1)[0].notify, "nobody is told of what was not read");
    assert!(ids(&matcher, by_sense).is_empty());
    matcher.read_some(usize::MAX, &mut ());
    assert!(matcher.is_read());
    assert!(matcher.matches(Side::Need, text("想借铝合金人字梯"), 1)[0].notify);
    assert_eq!(ids(&matcher, by_sense)[0], "教游泳，成人也教");
}

/// What a device keeps.
#[derive(Default)]
struct Shelf {
    kept: BTreeMap<MeaningKey, Vec<u8>>,
    written: usize,
}

impl Memory for Shelf {
    fn recall(&self, key: &MeaningKey) -> Option<Vec<u8>> {
        self.kept.get(key).cloned()
    }

    fn keep(&mut self, key: MeaningKey, meaning: Vec<u8>) {
        self.written += 1;
        self.kept.insert(key, meaning);
    }
}

#[test]
fn each_text_is_encoded_once_and_bad_bytes_are_made_anew() {
    let start = |shelf: &mut Shelf| {
        let mut matcher = Matcher::new();
        for (id, offer) in (0..).zip(["教游泳", "铝合金人字梯", "冰箱一台", "，"]) {
            matcher.insert(id, Side::Offer, text(offer));
        }
        while matcher.read_some(1, shelf) {}
        matcher.matches(Side::Need, text("想学会浮起来"), 5)
    };
    let mut shelf = Shelf::default();
    let found = start(&mut shelf);
    assert_eq!(shelf.written, 3);
    assert_eq!(start(&mut shelf), found);
    assert_eq!(shelf.written, 3);
    shelf.kept.values_mut().take(2).for_each(|meaning| meaning.truncate(100));
    assert_eq!(start(&mut shelf), found);
    assert_eq!(shelf.written, 5);
}

#[test]
fn what_shares_most_with_what_is_asked_about_is_read_first() {
    let mut matcher = Matcher::new();
    for (id, title) in (0..).zip(["教游泳", "钢琴课", "一起散步", "换灯换开关", "水龙头小修", "旧书一箱"])
    {
        matcher.insert(id, Side::Offer, text(title));
    }
    matcher.insert(9, Side::Need, text("水龙头关不紧"));
    let (mut shelf, asked) = (Shelf::default(), text("洗手盆水龙头关不紧"));
    assert_eq!(matcher.read_for(Side::Need, asked, 1, &mut shelf), 1);
    let read: Vec<_> = shelf.kept.keys().copied().collect();
    assert_eq!(read, [MeaningKey::of(Side::Offer, &line("水龙头小修", ""))]);
    assert_eq!(matcher.matches(Side::Need, asked, 1).first().map(|found| found.id), Some(4));
    // What shares nothing is left for whoever has time.
    matcher.read_for(Side::Need, asked, 64, &mut shelf);
    assert!(!matcher.is_read() && !matcher.read_some(64, &mut shelf) && matcher.is_read());
}

#[test]
fn what_no_text_means_any_more_can_be_forgotten() {
    let mut shelf = Shelf::default();
    let mut matcher = Matcher::new();
    matcher.insert(1, Side::Offer, text("教游泳"));
    matcher.insert(2, Side::Offer, text("铝合金人字梯"));
    matcher.read_some(usize::MAX, &mut shelf);
    matcher.remove(2);
    let used: Vec<_> = (0..=u8::MAX).flat_map(|first| matcher.meanings_from(first)).collect();
    assert_eq!(used, [MeaningKey::of(Side::Offer, &line("教游泳", ""))]);
    assert_eq!(shelf.kept.len(), 2);
}

#[test]
fn a_time_that_both_name_is_a_reason() {
    let shelf = offers(&["修自行车 / 周末"]);
    let reasons = &shelf.matches(Side::Need, text("自行车要修 / 周末在家"), 1)[0].reasons;
    assert!(reasons.contains(&Reason::SameTime("周末".to_owned())), "{reasons:?}");
}

#[test]
fn search_forgives() {
    let shelf = ["铝合金梯子 / 两米", "电动螺丝刀", "Electric screwdriver", "充电宝"];
    check_search("梯", &shelf, &["铝合金梯子 / 两米"]);
    check_search("鋁合金", &shelf, &["铝合金梯子 / 两米"]);
    check_search("ladder", &shelf, &["铝合金梯子 / 两米"]);
    check_search("screw", &shelf, &["Electric screwdriver"]);
    check_search("ELECTIRC", &shelf, &["Electric screwdriver"]);
    check_search("充电苞", &shelf, &["充电宝"]);
    check_search("tizi", &shelf, &["铝合金梯子 / 两米"]);
    check_search("tz", &shelf, &["铝合金梯子 / 两米"]);
    check_search("Luo Si", &shelf, &["电动螺丝刀"]);
    check_search("cdb", &shelf, &["充电宝"]);
    check_search("", &shelf, &[]);
    check_search("鹦鹉", &shelf, &[]);
}

#[test]
fn a_replaced_text_is_found_by_its_new_words_only() {
    let mut matcher = Matcher::new();
    matcher.insert(1, Side::Offer, text("梯子"));
    matcher.insert(1, Side::Need, text("电钻"));
    assert_eq!(matcher.len(), 1);
    assert!(matcher.search("梯子", 5).is_empty());
    assert_eq!(matcher.search("电钻", 5)[0].side, Side::Need);
    matcher.remove(1);
    matcher.remove(1);
    assert!(matcher.is_empty() && matcher.index.shape().is_empty());
}

/// Words that meet often enough for a property to bite.
fn written() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        6 => prop::sample::select(vec!["梯子", "電鑽", "电钻", "灯", "太高", "借", "ladder", "Ladders", "drill", "球拍", "，", " "]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(word, 0..6).prop_map(|words| words.concat())
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Offer), Just(Side::Need)]
}

type Answers = (Vec<Match<u8>>, Vec<Match<u8>>, Vec<Hit<u8>>);

fn answers(matcher: &Matcher<u8>, query: &str) -> Answers {
    (
        matcher.matches(Side::Need, text(query), 9),
        matcher.matches(Side::Offer, text(query), 9),
        matcher.search(query, 9),
    )
}

proptest! {
    // Every text of every case goes through the encoder.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn inserting_and_removing_equals_building_anew(steps in prop::collection::vec((0_u8..6, side(), prop::option::weighted(0.7, written())), 0..24), query in written()) {
        let mut matcher = Matcher::new();
        let mut kept = BTreeMap::new();
        for (id, side, written) in &steps {
            match written {
                Some(written) => {
                    matcher.insert(*id, *side, text(written));
                    kept.insert(*id, (*side, written));
                }
                None => {
                    matcher.remove(*id);
                    kept.remove(id);
                }
            }
        }
        let mut anew = Matcher::new();
        for (id, (side, written)) in kept.iter().rev() {
            anew.insert(*id, *side, text(written));
        }
        // In whatever portions.
        while anew.read_some(2, &mut ()) {}
        matcher.read_some(usize::MAX, &mut ());
        prop_assert_eq!(matcher.len(), kept.len());
        prop_assert_eq!(matcher.index.shape(), anew.index.shape());
        prop_assert_eq!(answers(&matcher, &query), answers(&anew, &query));
    }

    #[test]
    fn the_order_of_arrival_changes_nothing(texts in prop::collection::vec((side(), written()), 0..10).prop_map(|texts| texts.into_iter().zip(0_u8..).collect::<Vec<_>>()).prop_flat_map(|texts| (Just(texts.clone()), Just(texts).prop_shuffle())), query in written()) {
        let build = |texts: &[((Side, String), u8)]| {
            let mut matcher = Matcher::new();
            for ((side, written), id) in texts {
                matcher.insert(*id, *side, text(written));
            }
            matcher.read_some(usize::MAX, &mut ());
            matcher
        };
        prop_assert_eq!(answers(&build(&texts.0), &query), answers(&build(&texts.1), &query));
    }

    #[test]
    fn a_pair_fits_alike_whichever_is_asked_about(offer in written(), need in written()) {
        let (mut offers, mut needs) = (Matcher::new(), Matcher::new());
        offers.insert(1, Side::Offer, text(&offer));
        needs.insert(1, Side::Need, text(&need));
        for matcher in [&mut offers, &mut needs] {
            matcher.read_some(usize::MAX, &mut ());
        }
        let there = offers.matches(Side::Need, text(&need), 1);
        let back = needs.matches(Side::Offer, text(&offer), 1);
        prop_assert_eq!(there.len(), back.len());
        for (there, back) in there.iter().zip(&back) {
            prop_assert!((there.score - back.score).abs() < 0.05, "{} {}", there.score, back.score);
        }
    }

    #[test]
    fn any_text_is_borne_and_every_match_has_reasons(offer in any::<String>(), need in any::<String>()) {
        let mut matcher = Matcher::new();
        matcher.insert(1, Side::Offer, Text { title: &offer, body: &need, kind: Some(Kind::Item) });
        matcher.read_some(usize::MAX, &mut ());
        let (found, _, hits) = answers(&matcher, &need);
        for found in &found {
            prop_assert!((0.0..=1.0).contains(&found.score));
            prop_assert!(!found.reasons.is_empty());
        }
        for hit in hits {
            prop_assert!((0.0..=1.0).contains(&hit.score));
        }
    }
}
