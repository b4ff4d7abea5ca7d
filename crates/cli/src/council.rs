//! What the council does: who sits, what lies before them, and the key on paper.

use std::collections::BTreeSet;

use kaifong_api::dto::*;
use kaifong_api::{ApiError, EntryHash, Hex, MemberId, rows};

use crate::args::{self, Command};
use crate::commands::{deal_command, saved};
use crate::out::Out;
use crate::road::Road;
use crate::show;

/// How many digits of a draft's id have to be typed at least.
const PREFIX_DIGITS_MIN: usize = 4;

/// Does a command of the council, and hands on all others.
pub(crate) async fn command(road: &mut Road, command: Command, out: Out) -> Result<(), ApiError> {
    match command {
        Command::Council => out.tell(&road.ask(rows::council, NoArgs {}).await?, show::council),
        Command::Stand => out.tell(&road.ask(rows::stand, NoArgs {}).await?, show::seat_sheet),
        Command::Draft(args) => draft(road, args, out).await,
        Command::Sign { draft } => {
            let draft = find_draft(road, &draft).await?;
            saved(out, &road.ask(rows::agree_to_draft, OneDraftArgs { draft }).await?, "同意了，轮到时这台设备会自己签")
        }
        Command::Lead => saved(out, &road.ask(rows::lead_council, NoArgs {}).await?, "由你主持了，等别的委员跟上"),
        Command::UseSheet { digits } => {
            saved(out, &road.ask(rows::use_sheet, SheetArgs { digits }).await?, "这台设备代表你的席位了")
        }
        command => deal_command(road, command, out).await,
    }
}

async fn draft(road: &mut Road, args: args::DraftArgs, out: Out) -> Result<(), ApiError> {
    let args::DraftArgs { seats, granted, withdrawn, points_per_hour, credit_line, quota } = args;
    let building = road.ask(rows::building, NoArgs {}).await?;
    let mut seated = Vec::new();
    for (member, post) in seats {
        seated.push(SeatArgs { member: road.id(IdKind::Member, &member).await?, post });
    }
    let mut held: BTreeSet<(MemberId, Role)> =
        building.roles.iter().map(|held| (held.person.member.0, held.role)).collect();
    let changed = !granted.is_empty() || !withdrawn.is_empty();
    for (member, role) in granted {
        held.insert((road.id(IdKind::Member, &member).await?.0, role));
    }
    for (member, role) in withdrawn {
        held.remove(&(road.id(IdKind::Member, &member).await?.0, role));
    }
    let now = building.charter;
    let charter = Charter {
        points_per_hour: points_per_hour.unwrap_or(now.points_per_hour),
        credit_line: credit_line.unwrap_or(now.credit_line),
        quota: quota.unwrap_or(now.quota),
    };
    let numbers = [points_per_hour, credit_line, quota].iter().any(Option::is_some);
    let roles = held.into_iter().map(|(member, role)| HoldArgs { member: Hex(member), role }).collect();
    let asked = DraftArgs {
        seats: (!seated.is_empty()).then_some(seated),
        roles: changed.then_some(roles),
        charter: numbers.then_some(charter),
        places: None,
        fund: None,
    };
    let drafted = road.ask(rows::draft_epoch, asked).await?;
    let council = road.ask(rows::council, NoArgs {}).await?;
    out.tell(&drafted, |drafted| show::drafted(drafted, &council))
}

/// Finds a draft that somebody typed, perhaps only its first digits.
async fn find_draft(road: &mut Road, typed: &str) -> Result<Hex<EntryHash>, ApiError> {
    if let Ok(draft) = typed.parse() {
        return Ok(draft);
    }
    let typed = typed.to_ascii_lowercase();
    if typed.len() < PREFIX_DIGITS_MIN {
        return Err(ApiError::bad_arguments(format_args!("编号至少写前 {PREFIX_DIGITS_MIN} 位")));
    }
    let council = road.ask(rows::council, NoArgs {}).await?;
    let mut found = council.drafts.iter().map(|row| row.draft).filter(|draft| draft.to_string().starts_with(&typed));
    match (found.next(), found.next()) {
        (Some(draft), None) => Ok(draft),
        (Some(_), Some(_)) => Err(ApiError::bad_arguments("有几份提议是这样开头的，再多写几位")),
        (None, _) => Err(ApiError::bad_arguments("委员会面前没有这样开头的提议")),
    }
}
