//! The register of units.

use std::path::Path;

use data_encoding::BASE64;
use kaifong_api::dto::{NoArgs, RegisterColumns, RegisterFileArgs, RegisterNote, RegisterReading};
use kaifong_api::{ApiError, rows};

use crate::args::RegisterCommand;
use crate::out::Out;
use crate::road::Road;

/// Reads one in, shows it, or forgets it.
pub(crate) async fn register(road: &mut Road, what: RegisterCommand, out: Out) -> Result<(), ApiError> {
    match what {
        RegisterCommand::Import { file, unit, block, entrance, name, phone, look } => {
            let columns = unit.map(|unit| columns([Some(unit), block, entrance, name, phone])).transpose()?;
            let args = read(&file, columns.flatten())?;
            let reading = if look {
                road.ask(rows::read_register, args).await?
            } else {
                road.ask(rows::import_register, args).await?
            };
            out.tell(&reading, |reading| words(reading, look))
        }
        RegisterCommand::Show => out.tell(&road.ask(rows::register, NoArgs {}).await?, kept),
        RegisterCommand::Forget => {
            out.tell(&road.ask(rows::forget_register, NoArgs {}).await?, |_| "名册删掉了".to_owned())
        }
    }
}

fn read(file: &Path, columns: Option<RegisterColumns>) -> Result<RegisterFileArgs, ApiError> {
    let bytes = std::fs::read(file)
        .map_err(|error| ApiError::bad_arguments(format_args!("{} 读不了：{error}", file.display())))?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(RegisterFileArgs { file: name, bytes: BASE64.encode(&bytes), columns })
}

/// Columns are counted from 1 on the command line, as spreadsheets show them.
fn columns(told: [Option<u32>; 5]) -> Result<Option<RegisterColumns>, ApiError> {
    let place = |column: u32| column.checked_sub(1).ok_or_else(|| ApiError::bad_arguments("列从 1 数起"));
    let [unit, block, entrance, name, phone] = told.map(|column| column.map(place).transpose());
    let (block, entrance, name, phone) = (block?, entrance?, name?, phone?);
    Ok(unit?.map(|unit| RegisterColumns { block, entrance, unit, name, phone }))
}

fn words(reading: &RegisterReading, look: bool) -> String {
    let mut lines = vec![if look {
        format!("读出 {} 行，{} 户；什么都没有存", reading.lines, reading.units)
    } else {
        format!("存好了：{} 行，{} 户，只在这台设备上", reading.lines, reading.units)
    }];
    if reading.columns.is_none() {
        lines.push("看不出哪一列是房号：加上 --unit，从 1 数起".to_owned());
    }
    if reading.filled > 0 {
        lines.push(format!("{} 行空着的栋或房号，照上一行算", reading.filled));
    }
    let told = reading.problems.iter().map(|problem| format!("第 {} 行没有用：{}", problem.line, problem.wrong.word()));
    lines.extend(told);
    let untold = reading.problems_total.saturating_sub(reading.problems.len() as u64);
    if untold > 0 {
        lines.push(format!("还有 {untold} 行没有用"));
    }
    lines.join("\n")
}

fn kept(note: &RegisterNote) -> String {
    match &note.kept {
        None => "这台设备上没有名册".to_owned(),
        Some(kept) => format!("{}：{} 行，{} 户，只在这台设备上", kept.file, kept.lines, kept.units),
    }
}
