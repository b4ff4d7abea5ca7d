//! What an officer opens, and complaints, as one of the building looks at them.

use std::collections::BTreeSet;

use kaifong_domain::MemberId;
use kaifong_node::Node;
use kaifong_node::trust::entry::MemberKind;

use crate::dto::{ComplaintAnswerRow, ComplaintRow, Complaints, OpeningRow, Openings, ShownRow};
use crate::view::View;
use crate::{ApiError, Hex};

/// Tells who has opened what one has told the reviewers.
///
/// # Errors
/// `no-building`, `not-saved` when the store cannot be read.
pub(crate) fn openings(node: &Node) -> Result<Openings, ApiError> {
    let view = View::of(node)?;
    let keeps = node.keeps_details_of().map_err(kaifong_node::NodeError::from)?;
    let row = |opening: kaifong_node::Opening| OpeningRow { by: view.person(opening.by), at: opening.at.0 };
    Ok(Openings { rows: node.openings().into_iter().map(row).collect(), keeps: keeps.into_iter().map(Hex).collect() })
}

/// Lists the complaints that one has made or hears, and who would hear one.
///
/// # Errors
/// `no-building`, `not-yet-member`.
pub(crate) fn complaints(node: &Node) -> Result<Complaints, ApiError> {
    let view = View::of(node)?;
    let me = view.require_me()?;
    let rows = node.complaints().into_iter().map(|(id, complaint)| ComplaintRow {
        complaint: Hex(id),
        by: view.person(complaint.by),
        about: view.person(complaint.about),
        text: complaint.text.clone(),
        at: complaint.at.0,
        mine: complaint.by == me,
        answers: complaint
            .answers()
            .into_iter()
            .map(|answer| ComplaintAnswerRow { by: view.person(answer.by), text: answer.text.clone(), at: answer.at.0 })
            .collect(),
        shown: complaint.report.iter().flat_map(|report| report.shown()).map(shown).collect(),
        for_both: complaint.report.is_some()
            && complaint.by != me
            && node.hears_reports_about(&complaint.about).contains(&me),
    });
    let officers = officers(&view, me);
    // Of nobody in particular: each page leaves out whom the complaint is about.
    let hearers = node.hearers_of(&me);
    Ok(Complaints {
        rows: rows.collect(),
        officers: officers.into_iter().map(|member| view.person(member)).collect(),
        hearers: hearers.into_iter().map(|member| view.person(member)).collect(),
    })
}

fn shown(one: &kaifong_node::Shown) -> ShownRow {
    ShownRow { text: one.text.clone(), picture: super::care::picture(&one.picture()), at: one.at.0 }
}

fn officers(view: &View<'_>, me: MemberId) -> BTreeSet<MemberId> {
    let (roster, now) = (view.home.roster(), view.home.roster().now());
    let mut officers: BTreeSet<MemberId> = now.roles.iter().map(|(member, _)| *member).collect();
    officers.extend(now.seats.iter().map(|seat| seat.member));
    officers.extend(now.is_founding().then(|| roster.founder()));
    let manages = |kind| matches!(kind, MemberKind::PropertyFirm | MemberKind::CommitteeOffice | MemberKind::Desk);
    officers.extend(roster.members().filter(|(_, member)| manages(member.kind)).map(|(member, _)| *member));
    officers.retain(|member| *member != me && roster.member(member).is_some());
    officers
}
