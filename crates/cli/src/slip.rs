//! What is done with slips of paper.

use kaifong_api::dto::*;
use kaifong_api::{ApiError, EntryHash, Hex, rows};

use crate::args::{SlipCommand, SlipEnter};
use crate::commands::saved;
use crate::out::Out;
use crate::road::Road;
use crate::show;

pub(crate) async fn slip(road: &mut Road, command: SlipCommand, out: Out) -> Result<(), ApiError> {
    match command {
        SlipCommand::List => out.tell(&road.ask(rows::slips, NoArgs {}).await?, show::slips),
        SlipCommand::Blank { count } => {
            let blank = road.ask(rows::blank_slips, BlankSlipsArgs { count }).await?;
            out.tell(&blank, |blank: &BlankSlips| blank.numbers.join("\n"))
        }
        SlipCommand::Enter(SlipEnter { number, payer, payee, points, day }) => {
            let payer = road.id(IdKind::Member, &payer).await?;
            let payee = road.id(IdKind::Member, &payee).await?;
            let args = EnterSlipArgs { number, payer, payee, points, day };
            out.tell(&road.ask(rows::enter_slip, args).await?, |_: &EnteredSlip| "录好了，等写它的人来付".to_owned())
        }
        SlipCommand::Pay { number } => {
            let slip = find(road, &number, false).await?;
            saved(out, &road.ask(rows::pay_slip, SlipArgs { slip }).await?, "付了，等对方收下")
        }
        SlipCommand::Disown { number } => {
            let slip = find(road, &number, true).await?;
            saved(out, &road.ask(rows::disown_slip, SlipArgs { slip }).await?, "说好了，大家会看到")
        }
    }
}

/// Finds the slip under a number that waits for oneself, or that one can take back.
async fn find(road: &mut Road, typed: &str, takes_back: bool) -> Result<Hex<EntryHash>, ApiError> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let slips = road.ask(rows::slips, NoArgs {}).await?;
    let own = slips.rows.iter().filter(|row| takes_back && row.mine_to_take_back);
    let mut found =
        slips.waiting.iter().chain(own).filter(|row| digits(&row.number) == digits(typed)).map(|row| row.slip);
    match (found.next(), found.next()) {
        (Some(slip), None) => Ok(slip),
        (Some(_), Some(_)) => Err(ApiError::bad_arguments("这个号码录了几份不一样的，请在页面上选对的那一份")),
        (None, _) => Err(ApiError::bad_arguments("没有这个号码的谢条在等你")),
    }
}
