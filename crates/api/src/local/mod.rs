//! The table over a Unix socket: how other processes of the same person reach a running node.
//!
//! One JSON value a line. Asked: `{"id": 7, "home": "0000000000000000", "name": "post", "args": {…}}`, where the home may
//! be left out if there is only one. Told: `{"id": 7, "ok": {…}}` or
//! `{"id": 7, "error": {"code": …, "sentence": …, "hint": …}}`, in the order in which answers are ready. After the name
//! `subscribe` was asked, events come in between: `{"event": "changed", "payload": {"tags": […]}}`. A line that cannot be
//! read is answered with `"id": null`; one that is too long ends the connection, because nobody knows where the next
//! begins. The name `open` asks for the interface ([`Door`]): where the
//! running process serves the web interface, for a link that lets a browser in,
//! `{"link": "http://127.0.0.1:…/enter?t=…", "valid_ms": 600000}`; where it has a window, it is shown, and `{}` is told.
//!
//! The socket is `kaifong.sock` in the data folder, for its owner only (0600).

mod client;
mod server;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use crate::http::{LINK_VALID_MS, Links};
use crate::table::request_bytes_max;
use crate::{ApiError, Event};

pub use crate::table::{FILE_REQUEST_BYTES_MAX, REQUEST_BYTES_MAX};
pub use client::Client;
pub use server::Listening;

/// The longest line that is told, in bytes, without its end.
pub const REPLY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The name that asks for events.
pub const SUBSCRIBE: &str = "subscribe";
/// The name that asks for the interface.
pub const OPEN: &str = "open";

/// The socket's name in the data folder.
const SOCKET_NAME: &str = "kaifong.sock";
/// The longest path of a socket, in bytes: what `sun_path` holds on Linux and on macOS, less the final zero.
const SOCKET_PATH_BYTES_MAX: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// What one line asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Chosen by who asks; the answer carries it.
    pub id: u64,
    /// Of which home it is asked; the only one if none is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// A command, a query, `subscribe` or `open`.
    pub name: String,
    /// Its arguments.
    #[serde(default)]
    pub args: Value,
}

/// What `open` is asked with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenArgs {
    /// Where it leads, as `/desk`; the front page, or what the window shows already, if nothing is told.
    #[serde(default)]
    pub to: Option<String>,
}

/// What `open` gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The link, which opens once; `None` when the process has shown its window instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// How long the link can be opened, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_ms: Option<u64>,
}

/// What shows the interface to whoever asks for it over the socket.
pub trait Door: Send + Sync {
    /// Opens it, at a path if one is told.
    ///
    /// # Errors
    /// `bad-arguments` for what is no path of this interface.
    fn open(&self, to: Option<&str>) -> Result<Opened, ApiError>;
}

impl Door for Links {
    fn open(&self, to: Option<&str>) -> Result<Opened, ApiError> {
        Ok(Opened { link: Some(self.make(to)?), valid_ms: Some(LINK_VALID_MS) })
    }
}

/// What one line tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reply {
    /// It was done.
    Ok {
        /// Whose answer this is.
        id: u64,
        /// The result.
        ok: Value,
    },
    /// It was not done.
    Error {
        /// Whose answer this is; `null` when the line could not be read.
        id: Option<u64>,
        /// Why.
        error: ApiError,
    },
    /// Something happened.
    Event(Event),
}

/// Reads one line that came in.
///
/// # Errors
/// `bad-arguments` for anything that is not a request, however hostile; never a panic.
pub fn parse_request(line: &[u8]) -> Result<Request, ApiError> {
    if line.len() > FILE_REQUEST_BYTES_MAX {
        return Err(too_long(FILE_REQUEST_BYTES_MAX));
    }
    let request: Request =
        serde_json::from_slice(line).map_err(|error| ApiError::bad_arguments(format_args!("这一行读不懂：{error}")))?;
    let most = request_bytes_max(&request.name);
    if line.len() > most { Err(too_long(most)) } else { Ok(request) }
}

/// Gives where the socket of a data folder is.
///
/// # Errors
/// `not-reachable` when the path is longer than the system allows for a socket.
pub fn socket_path(data: &Path) -> Result<PathBuf, ApiError> {
    let path = data.join(SOCKET_NAME);
    let bytes = path.as_os_str().len();
    if bytes > SOCKET_PATH_BYTES_MAX {
        let why =
            format!("数据目录的路径太长：{} 有 {bytes} 字节，套接字最多 {SOCKET_PATH_BYTES_MAX} 字节", path.display());
        return Err(ApiError::not_reachable(why).hinted("换一个短一点的 --data，或者先 cd 过去再用相对路径"));
    }
    Ok(path)
}

fn too_long(most: usize) -> ApiError {
    ApiError::bad_arguments(format_args!("一行最多 {most} 字节"))
}

/// What reading a line came to.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// A line without its end.
    Whole(Vec<u8>),
    /// Longer than allowed; the rest of it is still to come.
    TooLong,
    /// The other end has closed.
    End,
}

/// Reads up to the next line feed, holding at most `most` bytes.
async fn read_line(reader: &mut (impl AsyncBufRead + Unpin), most: usize) -> std::io::Result<Line> {
    let mut line = Vec::new();
    loop {
        let chunk = reader.fill_buf().await?;
        if chunk.is_empty() {
            // What has no end was torn off: nobody meant it to be carried out.
            return Ok(Line::End);
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = end.and_then(|end| chunk.get(..end)).unwrap_or(chunk);
        if line.len() + part.len() > most {
            return Ok(Line::TooLong);
        }
        line.extend_from_slice(part);
        let used = end.map_or(part.len(), |end| end + 1);
        reader.consume(used);
        if end.is_some() {
            return Ok(Line::Whole(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read() {
        let request = parse_request(br#"{"id":1,"name":"status"}"#).unwrap();
        assert_eq!(request, Request { id: 1, home: None, name: "status".into(), args: Value::Null });
    }

    #[test]
    fn the_own_names_are_no_rows_of_the_table() {
        let names: Vec<_> = crate::table::COMMANDS.iter().chain(crate::table::QUERIES).collect();
        assert!(!names.contains(&&SUBSCRIBE) && !names.contains(&&OPEN));
    }

    #[test]
    fn what_is_not_a_request_is_answered_and_not_obeyed() {
        let deep = "[".repeat(100_000);
        let long = vec![b' '; REQUEST_BYTES_MAX + 1];
        let wrong: [&[u8]; 9] = [
            b"",
            b"\xff\xfe",
            b"null",
            b"[]",
            br#"{"id":-1,"name":"status"}"#,
            br#"{"id":1}"#,
            br#"{"id":1,"name":"status","arguments":{}}"#,
            deep.as_bytes(),
            &long,
        ];
        for line in wrong {
            assert_eq!(parse_request(line).unwrap_err().code.as_str(), "bad-arguments");
        }
    }

    #[test]
    fn only_a_row_that_takes_a_file_may_be_asked_at_length() {
        let line = |name: &str, bytes: usize| {
            format!(r#"{{"id":1,"name":"{name}","args":{{"bytes":"{}"}}}}"#, "A".repeat(bytes)).into_bytes()
        };
        let file = FILE_REQUEST_BYTES_MAX - 100;
        assert!(parse_request(&line("import_register", file)).is_ok());
        assert!(parse_request(&line("post", REQUEST_BYTES_MAX - 100)).is_ok());
        for (name, bytes) in [("import_register", FILE_REQUEST_BYTES_MAX), ("post", REQUEST_BYTES_MAX), ("open", file)]
        {
            let error = parse_request(&line(name, bytes)).unwrap_err();
            assert!(error.sentence.contains("最多"), "{name}: {error:?}");
        }
    }

    #[test]
    fn a_path_that_no_socket_can_have_is_said() {
        assert!(socket_path(Path::new("/tmp/home")).is_ok());
        let error = socket_path(&Path::new("/tmp").join("x".repeat(120))).unwrap_err();
        assert!(error.code.as_str() == "not-reachable" && error.sentence.contains("太长"), "{error:?}");
    }

    #[tokio::test]
    async fn a_line_is_bounded_and_a_torn_one_is_no_line() {
        let mut input: &[u8] = b"one\n\ntoo long\nrest";
        assert_eq!(read_line(&mut input, 5).await.unwrap(), Line::Whole(b"one".to_vec()));
        assert_eq!(read_line(&mut input, 5).await.unwrap(), Line::Whole(Vec::new()));
        assert_eq!(read_line(&mut input, 5).await.unwrap(), Line::TooLong);
        let mut torn: &[u8] = b"rest";
        assert_eq!(read_line(&mut torn, 5).await.unwrap(), Line::End);
    }
}
