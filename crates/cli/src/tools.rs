//! What needs no node: the table itself, and the measuring of matches.

use std::fs::File;
use std::io::{BufWriter, ErrorKind};
use std::path::Path;

use kaifong_api::schema::{RowSchema, table};
use kaifong_api::{ApiError, match_eval as evaluate};
use serde_json::json;

use crate::out::Out;
use crate::show::layout;

/// Tells the whole table: with `--json` as JSON Schema, else names and what they do.
pub(crate) fn api(out: Out) -> Result<(), ApiError> {
    out.tell(&table(), |table| {
        let rows = |rows: &[RowSchema]| {
            let cells = rows.iter().map(|row| vec![row.name.to_owned(), row.doc.clone()]);
            layout::table(cells.collect())
        };
        let events = table.events.iter().map(|event| vec![event.name.to_owned(), event.doc.clone()]);
        format!(
            "命令（kaifong do 名字）\n{}\n\n查询（kaifong query 名字）\n{}\n\n这台设备上的楼（kaifong buildings 等）\n{}\n{}\n\n事件（kaifong watch）\n{}",
            rows(&table.commands),
            rows(&table.queries),
            rows(&table.installation_commands),
            rows(&table.installation_queries),
            layout::table(events.collect())
        )
    })
}

/// Ranks the offers of a world for each of its needs into a file.
pub(crate) fn match_eval(world: &Path, file: &Path, out: Out) -> Result<(), ApiError> {
    let writing = |error| ApiError::not_reachable(format_args!("{} 写不了：{error}", file.display()));
    let mut ranking = BufWriter::new(File::create(file).map_err(writing)?);
    let summary = evaluate(world, &mut ranking).map_err(|error| match error.kind() {
        ErrorKind::InvalidData | ErrorKind::NotFound | ErrorKind::NotADirectory => ApiError::bad_arguments(error),
        _ => writing(error),
    })?;
    let told = json!({
        "offers": summary.offers, "needs": summary.needs, "rows": summary.rows, "notices": summary.notices,
    });
    out.tell(&told, |_| {
        format!(
            "{} 条能帮，{} 条需要：写了 {} 行，其中 {} 行值得主动告诉人",
            summary.offers, summary.needs, summary.rows, summary.notices
        )
    })
}
