//! What stands in one text of a record and is more than that text: each has one spelling.

use kaifong_domain::activity::{ActivityTerms, Payee};
use kaifong_domain::care::{Aside, Closing, Drive, Pledge, Thanks};
use kaifong_domain::hall::{Addressee, Judged, Judgement, MatterKind, Response, ResponseKind};
use kaifong_domain::record::{Check, Kind, Listing, Mode, Side, Task};
use kaifong_domain::sort::{Form, Topic};
use kaifong_domain::{DealId, Instant, MemberId, Points};

use super::INSTANT_MAX;

const SIDES: [(&str, Side); 2] = [("offer", Side::Offer), ("need", Side::Need)];
const KINDS: [(&str, Kind); 6] = [
    ("item", Kind::Item),
    ("knowledge", Kind::Knowledge),
    ("skill", Kind::Skill),
    ("time", Kind::Time),
    ("space", Kind::Space),
    ("medical", Kind::Medical),
];
const MODES: [(&str, Mode); 4] =
    [("share", Mode::Share), ("donate", Mode::Donate), ("swap", Mode::Swap), ("charity-sale", Mode::CharitySale)];
const FORMS: [(&str, Form); 15] = [
    ("training", Form::Training),
    ("talk", Form::Talk),
    ("lecture", Form::Lecture),
    ("one-to-one", Form::OneToOne),
    ("mutual", Form::Mutual),
    ("repair", Form::Repair),
    ("teaching", Form::Teaching),
    ("holiday", Form::Holiday),
    ("counselling", Form::Counselling),
    ("arts", Form::Arts),
    ("deliberation", Form::Deliberation),
    ("culture", Form::Culture),
    ("community-service", Form::CommunityService),
    ("study", Form::Study),
    ("other-use", Form::OtherUse),
];
const TOPICS: [(&str, Topic); 7] = [
    ("history", Topic::History),
    ("region", Topic::Region),
    ("humanities", Topic::Humanities),
    ("science", Topic::Science),
    ("health", Topic::Health),
    ("law", Topic::Law),
    ("other-topic", Topic::Other),
];
const TASKS: [(&str, Task); 7] = [
    ("child-care", Task::ChildCare),
    ("after-school", Task::AfterSchool),
    ("home-help", Task::HomeHelp),
    ("elder-help", Task::ElderHelp),
    ("visiting", Task::Visiting),
    ("events", Task::Events),
    ("other-task", Task::Other),
];
const ASKS: [(&str, MatterKind); 4] = [
    ("question", MatterKind::Question),
    ("complaint", MatterKind::Complaint),
    ("help", MatterKind::Help),
    ("suggestion", MatterKind::Suggestion),
];
const ADDRESSEES: [(&str, Addressee); 4] = [
    ("officials", Addressee::Officials),
    ("property-firm", Addressee::PropertyFirm),
    ("committee-office", Addressee::CommitteeOffice),
    ("answerers", Addressee::Answerers),
];
const JUDGED: [(&str, Judged); 2] = [("solved", Judged::Solved), ("not-yet", Judged::NotYet)];
const RESPONSES: [(&str, ResponseKind); 3] =
    [("take-up", ResponseKind::TakeUp), ("answer", ResponseKind::Answer), ("reply", ResponseKind::Reply)];

const PAYEES: [(&str, Payee); 2] = [("host", Payee::Host), ("fund", Payee::Fund)];

fn word_of<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> &'static str {
    words.iter().find(|(_, of)| of == value).map_or("", |(word, _)| word)
}

fn of_word<T: Copy>(words: &[(&'static str, T)], word: &str) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, of)| *of)
}

/// What a listing is, in its one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct What {
    pub(super) side: Side,
    pub(super) kind: Option<Kind>,
    pub(super) mode: Option<Mode>,
    pub(super) form: Option<Form>,
    pub(super) topic: Option<Topic>,
    pub(super) task: Option<Task>,
    pub(super) aside: Option<Aside>,
}

/// Writes the side, the kind, what of a mode, a form and a topic there is, and what is particular, in this order: `need`,
/// `offer item share`, `offer knowledge lecture law`, `need item for 一位老人`.
pub(super) fn what_text(listing: &Listing) -> String {
    let mut text = String::from(word_of(&SIDES, &listing.side));
    let kind = listing.kind.map(|kind| word_of(&KINDS, &kind));
    let mode = listing.mode.map(|mode| word_of(&MODES, &mode));
    let form = listing.form.map(|form| word_of(&FORMS, &form));
    let topic = listing.topic.map(|topic| word_of(&TOPICS, &topic));
    let task = listing.task.map(|task| word_of(&TASKS, &task));
    for word in [kind, mode, form, topic, task].into_iter().flatten() {
        text.push(' ');
        text.push_str(word);
    }
    match &listing.aside {
        Some(Aside::Discreet) => text.push_str(" discreet"),
        Some(Aside::OnBehalf(of)) => text.extend([" for ", of.as_str()]),
        None => (),
    }
    text
}

/// Reads what [`what_text`] has written. No two lists share a word, so each says by itself what it is.
pub(super) fn what_from(text: &str) -> Option<What> {
    let (text, aside) = match (text.strip_suffix(" discreet"), text.split_once(" for ")) {
        (_, Some((text, of))) => (text, Some(Aside::OnBehalf(of.to_owned()))),
        (Some(text), None) => (text, Some(Aside::Discreet)),
        (None, None) => (text, None),
    };
    let mut words = text.split(' ').peekable();
    let side = of_word(&SIDES, words.next()?)?;
    let kind = words.next().map(|word| of_word(&KINDS, word).ok_or(())).transpose().ok()?;
    let mode = words.next_if(|word| of_word(&MODES, word).is_some()).and_then(|word| of_word(&MODES, word));
    let form = words.next_if(|word| of_word(&FORMS, word).is_some()).and_then(|word| of_word(&FORMS, word));
    let topic = words.next_if(|word| of_word(&TOPICS, word).is_some()).and_then(|word| of_word(&TOPICS, word));
    let task = words.next_if(|word| of_word(&TASKS, word).is_some()).and_then(|word| of_word(&TASKS, word));
    words.next().is_none().then_some(What { side, kind, mode, form, topic, task, aside })
}

pub(super) fn checked_text(check: &Check) -> String {
    format!("{} {} {}", check.loans, check.at.0, check.by)
}

/// Reads a check in the only spelling that [`checked_text`] gives.
pub(super) fn checked_from(text: &str) -> Option<Check> {
    let mut parts = text.splitn(3, ' ');
    let loans = parts.next()?.parse().ok()?;
    let at = parts.next()?.parse().ok().filter(|at| *at <= INSTANT_MAX).map(Instant)?;
    let check = Check { loans, at, by: parts.next()?.to_owned() };
    (checked_text(&check) == text).then_some(check)
}

pub(super) fn asks_text(kind: MatterKind) -> &'static str {
    word_of(&ASKS, &kind)
}

pub(super) fn asks_from(text: &str) -> Option<MatterKind> {
    of_word(&ASKS, text)
}

pub(super) fn to_text(to: &Addressee) -> String {
    match to {
        Addressee::Member(member) => format!("member {member}"),
        other => word_of(&ADDRESSEES, other).to_owned(),
    }
}

pub(super) fn to_from(text: &str) -> Option<Addressee> {
    let to = match text.strip_prefix("member ") {
        Some(member) => Addressee::Member(member.parse::<MemberId>().ok()?),
        None => of_word(&ADDRESSEES, text)?,
    };
    (to_text(&to) == text).then_some(to)
}

pub(super) fn judgement_text(judgement: &Judgement) -> String {
    format!("{} {} {}", judgement.number, word_of(&JUDGED, &judgement.judged), judgement.remark)
}

/// Reads a judgement in the only spelling that [`judgement_text`] gives.
pub(super) fn judgement_from(text: &str) -> Option<(u32, Judged, String)> {
    let mut parts = text.splitn(3, ' ');
    let written = parts.next()?;
    let number: u32 = written.parse().ok().filter(|number: &u32| number.to_string() == written)?;
    Some((number, of_word(&JUDGED, parts.next()?)?, parts.next()?.to_owned()))
}

pub(super) fn response_text(response: &Response) -> String {
    format!("{} {}", word_of(&RESPONSES, &response.kind), response.text)
}

/// Reads a response in the only spelling that [`response_text`] gives.
pub(super) fn response_from(text: &str) -> Option<(ResponseKind, String)> {
    let (kind, words) = text.split_once(' ')?;
    Some((of_word(&RESPONSES, kind)?, words.to_owned()))
}

/// Writes what is agreed to by signing up, and for how many there is room: `1760000000000 2 5 fund 5 12`, the last one `-`
/// where all may come.
pub(super) fn agreed_text(terms: &ActivityTerms, places: Option<u16>) -> String {
    let ActivityTerms { starts_at, hours, cost, to, no_show } = terms;
    let places = places.map_or_else(|| "-".to_owned(), |places| places.to_string());
    format!("{} {hours} {cost} {} {no_show} {places}", starts_at.0, word_of(&PAYEES, to))
}

/// Reads what [`agreed_text`] has written, in its only spelling.
pub(super) fn agreed_from(text: &str) -> Option<(ActivityTerms, Option<u16>)> {
    let mut words = text.split(' ');
    let terms = ActivityTerms {
        starts_at: Instant(words.next()?.parse().ok()?),
        hours: words.next()?.parse().ok()?,
        cost: Points(words.next()?.parse().ok()?),
        to: of_word(&PAYEES, words.next()?)?,
        no_show: Points(words.next()?.parse().ok()?),
    };
    let places = match words.next()? {
        "-" => None,
        places => Some(places.parse().ok()?),
    };
    (agreed_text(&terms, places) == text).then_some((terms, places))
}

/// Writes whom thanks are for, and for which deal: `<member> <deal>`, the last one `-` where there is none.
pub(super) fn thanks_for_text(thanks: &Thanks) -> String {
    thanks.deal.map_or_else(|| format!("{} -", thanks.to), |deal| format!("{} {deal}", thanks.to))
}

/// Reads what [`thanks_for_text`] has written, in its only spelling.
pub(super) fn thanks_for_from(text: &str) -> Option<(MemberId, Option<DealId>)> {
    let (to, deal) = text.split_once(' ')?;
    let lower = |text: &str| text.bytes().all(|byte| !byte.is_ascii_uppercase() && !byte.is_ascii_whitespace());
    let to: MemberId = to.parse().ok().filter(|_| lower(to))?;
    let deal = match deal {
        "-" => None,
        deal => Some(deal.parse().ok().filter(|_| lower(deal))?),
    };
    Some((to, deal))
}

/// Writes how many a drive wants, until when and in which unit: `30 1760000000000 辆`.
pub(super) fn wants_text(drive: &Drive) -> String {
    format!("{} {} {}", drive.target, drive.until.0, drive.unit)
}

/// Reads what [`wants_text`] has written, in its only spelling.
pub(super) fn wants_from(text: &str) -> Option<(u32, Instant, String)> {
    let (target, rest) = text.split_once(' ')?;
    let (until, unit) = rest.split_once(' ')?;
    let until = spelled::<u64>(until).filter(|at| *at <= INSTANT_MAX)?;
    Some((spelled(target)?, Instant(until), unit.to_owned()))
}

/// Writes when a drive was closed and what was made of it: `1760000000000 都装好了`.
pub(super) fn closed_text(closed: &Closing) -> String {
    format!("{} {}", closed.at.0, closed.report)
}

/// Reads what [`closed_text`] has written, in its only spelling.
pub(super) fn closed_from(text: &str) -> Option<Closing> {
    let (at, report) = text.split_once(' ')?;
    let at = spelled::<u64>(at).filter(|at| *at <= INSTANT_MAX)?;
    Some(Closing { at: Instant(at), report: report.to_owned() })
}

/// Writes how many are promised and what else there is to say: `2 都能骑`.
pub(super) fn pledge_text(pledge: &Pledge) -> String {
    format!("{} {}", pledge.count, pledge.note)
}

/// Reads what [`pledge_text`] has written, in its only spelling.
pub(super) fn pledge_from(text: &str) -> Option<(u32, String)> {
    let (count, note) = text.split_once(' ')?;
    Some((spelled(count)?, note.to_owned()))
}

/// Reads a number as it is written and in no other way.
fn spelled<T: std::str::FromStr + ToString>(text: &str) -> Option<T> {
    text.parse::<T>().ok().filter(|number| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::super::checking::faultless_listing;
    use super::*;

    #[test]
    fn what_reads_as_it_was_written_and_has_one_spelling() {
        for (_, side) in SIDES {
            for kind in KINDS.map(|(_, kind)| Some(kind)).into_iter().chain([None]) {
                for mode in MODES.map(|(_, mode)| Some(mode)).into_iter().chain([None]) {
                    if kind.is_some() || mode.is_none() {
                        let text = what_text(&Listing { side, kind, mode, ..faultless_listing() });
                        let what = What { side, kind, mode, form: None, topic: None, task: None, aside: None };
                        assert_eq!(what_from(&text), Some(what), "{text}");
                    }
                }
                for (_, task) in TASKS.into_iter().filter(|_| kind.is_some()) {
                    let text = what_text(&Listing { side, kind, task: Some(task), ..faultless_listing() });
                    let what = What { side, kind, mode: None, form: None, topic: None, task: Some(task), aside: None };
                    assert_eq!(what_from(&text), Some(what), "{text}");
                }
            }
        }
        let (side, mode) = (Side::Offer, None);
        for form in FORMS.map(|(_, form)| Some(form)).into_iter().chain([None]) {
            for topic in TOPICS.map(|(_, topic)| Some(topic)).into_iter().chain([None]) {
                let kind = form.map_or(Some(Kind::Knowledge), |form| Some(form.kind()));
                let text = what_text(&Listing { side, kind, mode, form, topic, ..faultless_listing() });
                assert_eq!(
                    what_from(&text),
                    Some(What { side, kind, mode, form, topic, task: None, aside: None }),
                    "{text}"
                );
            }
        }
        for odd in [
            "",
            "offer ",
            " offer",
            "offer  item",
            "Offer",
            "offer share",
            "offer item share share",
            "offer lecture",
            "offer knowledge law lecture",
            "offer knowledge lecture lecture",
            "offer time events share",
            "offer time tidying",
        ] {
            assert_eq!(what_from(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn what_is_particular_about_a_listing_stands_with_its_kind() {
        for aside in [Aside::Discreet, Aside::OnBehalf("一位 独居老人".into()), Aside::OnBehalf("for discreet".into())]
        {
            let listing = Listing { kind: Some(Kind::Skill), aside: Some(aside.clone()), ..faultless_listing() };
            let (side, kind, mode, form, topic) = (Side::Need, Some(Kind::Skill), None, None, None);
            let what = What { side, kind, mode, form, topic, task: None, aside: Some(aside) };
            assert_eq!(what_from(&what_text(&listing)), Some(what));
        }
        for odd in ["offer discreet discreet", "discreet", "offer skill  discreet", "offer for", " for x"] {
            assert_eq!(what_from(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn what_is_said_of_drives_and_thanks_has_one_spelling() {
        let (to, deal) = (MemberId([0xAB; 16]), DealId([0xCD; 16]));
        let hex = "ab".repeat(16);
        assert_eq!(thanks_for_from(&format!("{to} {deal}")), Some((to, Some(deal))));
        assert_eq!(thanks_for_from(&format!("{hex} -")), Some((to, None)));
        for odd in
            [String::new(), hex.clone(), format!("{hex} "), format!("{} -", hex.to_uppercase()), format!("{hex} ab")]
        {
            assert_eq!(thanks_for_from(&odd), None, "{odd:?}");
        }
        assert_eq!(wants_from("30 1760000000000 辆"), Some((30, Instant(1_760_000_000_000), "辆".into())));
        for odd in ["", "30", "30 1", "030 1 辆", "+30 1 辆", "30 9007199254740993 辆", "4294967296 1 辆"] {
            assert_eq!(wants_from(odd), None, "{odd:?}");
        }
        assert_eq!(closed_from("9 "), Some(Closing { at: Instant(9), report: String::new() }));
        for odd in ["", "9", "09 好", "-9 好", "9007199254740993 好"] {
            assert_eq!(closed_from(odd), None, "{odd:?}");
        }
        assert_eq!(pledge_from("2 能 骑"), Some((2, "能 骑".into())));
        for odd in ["", "2", "02 好", "4294967296 好"] {
            assert_eq!(pledge_from(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn a_check_has_one_spelling_and_its_name_may_have_spaces() {
        let check = Check { loans: 2, at: Instant(1_760_000_000_000), by: String::from("何姨 志愿者") };
        assert_eq!(checked_from(&checked_text(&check)), Some(check));
        for odd in [
            "",
            "2",
            "2 9",
            "02 9 何姨",
            "+2 9 何姨",
            "-1 9 何姨",
            "2 9007199254740993 何姨",
            " 2 9 何姨",
            "4294967296 9 何姨",
        ] {
            assert_eq!(checked_from(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn what_is_said_in_the_hall_has_one_spelling() {
        for (_, kind) in ASKS {
            assert_eq!(asks_from(asks_text(kind)), Some(kind));
        }
        let addressees = ADDRESSEES.map(|(_, to)| to).into_iter().chain([Addressee::Member(MemberId([0xAB; 16]))]);
        for to in addressees {
            assert_eq!(to_from(&to_text(&to)), Some(to));
        }
        for odd in ["", "member", "member ", "official", "member ABABABABABABABABABABABABABABABAB", "member  00"] {
            assert_eq!(to_from(odd), None, "{odd:?}");
        }
        assert_eq!(judgement_from("2 not-yet 还 是 停"), Some((2, Judged::NotYet, "还 是 停".into())));
        assert_eq!(judgement_from("1 solved "), Some((1, Judged::Solved, String::new())));
        for odd in ["", "1", "1 solved", "01 solved ", "+1 solved ", "-1 solved ", "4294967296 solved ", "1 open "] {
            assert_eq!(judgement_from(odd), None, "{odd:?}");
        }
        assert_eq!(response_from("take-up "), Some((ResponseKind::TakeUp, String::new())));
        assert_eq!(response_from("answer 明天 修"), Some((ResponseKind::Answer, "明天 修".into())));
        for odd in ["", "answer", "Answer 好", " answer 好", "heard 好"] {
            assert_eq!(response_from(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn what_is_agreed_to_by_signing_up_has_one_spelling() {
        let terms = ActivityTerms {
            starts_at: Instant(1_760_000_000_000),
            hours: 2,
            cost: Points(5),
            to: Payee::Fund,
            no_show: Points(3),
        };
        assert_eq!(agreed_text(&terms, Some(12)), "1760000000000 2 5 fund 3 12");
        for places in [None, Some(1), Some(u16::MAX)] {
            assert_eq!(agreed_from(&agreed_text(&terms, places)), Some((terms, places)));
        }
        for odd in [
            "",
            "1 2 5 fund 3",
            "1 2 5 fund 3 12 ",
            " 1 2 5 fund 3 12",
            "1 2 5 bank 3 12",
            "01 2 5 fund 3 12",
            "-1 2 5 fund 3 12",
            "1 256 5 fund 3 12",
            "1 2 4294967296 fund 3 12",
            "1 2 5 fund 3 65536",
            "18446744073709551616 2 5 fund 3 12",
        ] {
            assert_eq!(agreed_from(odd), None, "{odd:?}");
        }
    }
}
