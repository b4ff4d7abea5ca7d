//! What is done about deals of which the two say different numbers of points.

use kaifong_api::dto::*;
use kaifong_api::{ApiError, rows};

use crate::args::DisputeCommand;
use crate::commands::{step, stepped};
use crate::out::Out;
use crate::road::Road;
use crate::show;

pub(crate) async fn dispute(road: &mut Road, command: DisputeCommand, out: Out) -> Result<(), ApiError> {
    match command {
        DisputeCommand::List => out.tell(&road.ask(rows::disputes, NoArgs {}).await?, show::deals),
        DisputeCommand::Say { deal, points } => {
            let deal = road.id(IdKind::Deal, &deal).await?;
            road.ask(rows::say_points, FigureArgs { deal, points }).await?;
            stepped(road, deal, out).await
        }
        DisputeCommand::Rule { deal, points } => {
            let deal = road.id(IdKind::Deal, &deal).await?;
            road.ask(rows::rule_points, FigureArgs { deal, points }).await?;
            stepped(road, deal, out).await
        }
        DisputeCommand::Settle { deal } => step(road, rows::settle, &deal, out).await,
    }
}
