//! What needs no node: the table itself, and the measuring of matches.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::path::Path;

use data_encoding::BASE64;
use kaifong_api::dto::Exported;
use kaifong_api::schema::{RowSchema, table};
use kaifong_api::{ApiError, export, match_eval as evaluate};
use serde_json::json;

use crate::out::Out;
use crate::show::{self, layout};

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

/// Checks an export, without a node.
pub(crate) fn verify_export(file: &Path, out: Out) -> Result<(), ApiError> {
    let unreadable = |error| ApiError::bad_arguments(format_args!("{} 读不了：{error}", file.display()));
    let bytes = std::fs::File::open(file)
        .and_then(|file| {
            let mut bytes = Vec::new();
            // One byte more than the most is enough to see that it is too large.
            file.take(export::FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map(|_| bytes)
        })
        .map_err(unreadable)?;
    let report = export::verify(&bytes)?;
    out.tell(&report, show::export_report)
}

/// Writes an export into a file that must not be there yet.
pub(crate) fn write_export(file: &Path, exported: &Exported, out: Out) -> Result<(), ApiError> {
    let zip = BASE64.decode(exported.zip.as_bytes()).map_err(ApiError::not_reachable)?;
    let written = File::create_new(file).and_then(|mut to| to.write_all(&zip).and_then(|()| to.sync_all()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            ApiError::bad_arguments(format_args!("{} 已经有了", file.display())).hinted("换一个名字；原来的文件没有动")
        }
        _ => ApiError::not_reachable(format_args!("{} 写不了：{error}", file.display())),
    })?;
    let told = json!({ "saved": true, "file": file, "bytes": exported.bytes, "entries": exported.entries });
    out.tell(&told, |_| {
        format!(
            "存到了 {}：{} 笔签过的，{} 字节\n里面有你的姓名、电话和往来，只交给你信得过的人\n核对：kaifong verify-export {}",
            file.display(),
            exported.entries,
            exported.bytes,
            file.display()
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
