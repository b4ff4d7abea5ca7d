//! The end of the socket that everybody else holds.

use std::io;
use std::path::Path;

use serde_json::Value;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use super::{
    Line, OPEN, OpenArgs, Opened, REPLY_BYTES_MAX, Reply, Request, SUBSCRIBE, read_line, socket_path, too_long,
};
use crate::dto::HomeId;
use crate::table::request_bytes_max;
use crate::{ApiError, Event};

/// A way to a running node. One question at a time.
#[derive(Debug)]
pub struct Client {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    next_id: u64,
    home: Option<String>,
}

impl Client {
    /// Connects to the node that runs on a data folder; `None` when none runs there.
    ///
    /// # Errors
    /// `not-reachable` when there is a socket and it cannot be used.
    pub async fn connect(data: &Path) -> Result<Option<Self>, ApiError> {
        // Where the path is too long for a socket, no node runs with one.
        let Ok(path) = socket_path(data) else { return Ok(None) };
        match UnixStream::connect(&path).await {
            Ok(stream) => {
                let (reader, writer) = stream.into_split();
                Ok(Some(Self { reader: BufReader::new(reader), writer, next_id: 1, home: None }))
            }
            // No socket, or one that its process has left behind, or no folder: opening it will say more.
            Err(error) if nobody_there(error.kind()) => Ok(None),
            Err(error) => Err(ApiError::not_reachable(format_args!("{}：{error}", path.display()))),
        }
    }

    /// Asks a home from now on; without one, the only one.
    pub fn at_home(&mut self, home: Option<HomeId>) {
        self.home = home.map(|home| home.to_string());
    }

    /// Asks one row by its name.
    ///
    /// # Errors
    /// What the node says; `not-reachable` when it has gone.
    pub async fn ask(&mut self, name: &str, args: Value) -> Result<Value, ApiError> {
        let id = self.next_id;
        self.next_id += 1;
        let request = Request { id, home: self.home.clone(), name: name.to_owned(), args };
        let mut line = serde_json::to_vec(&request).map_err(ApiError::bad_arguments)?;
        let most = request_bytes_max(name);
        if line.len() > most {
            return Err(too_long(most));
        }
        line.push(b'\n');
        self.writer.write_all(&line).await.map_err(gone)?;
        loop {
            match self.next_reply().await? {
                Reply::Ok { id: answered, ok } if answered == id => return Ok(ok),
                // An unreadable line can only have been this one: there is no other on its way.
                Reply::Error { id: answered, error } if answered.is_none_or(|answered| answered == id) => {
                    return Err(error);
                }
                _ => {}
            }
        }
    }

    /// Asks for events from now on.
    ///
    /// # Errors
    /// `not-reachable`.
    pub async fn subscribe(&mut self) -> Result<(), ApiError> {
        self.ask(SUBSCRIBE, Value::Null).await.map(|_| ())
    }

    /// Asks for the interface, at its front page or at a path: a link that lets a browser in, or the window shown.
    ///
    /// # Errors
    /// `not-reachable` when the running process has no interface, `bad-arguments` for what is no path.
    pub async fn open(&mut self, to: Option<String>) -> Result<Opened, ApiError> {
        let args = serde_json::to_value(OpenArgs { to }).map_err(ApiError::bad_arguments)?;
        let opened = self.ask(OPEN, args).await?;
        serde_json::from_value(opened).map_err(ApiError::not_reachable)
    }

    /// Waits for the next event.
    ///
    /// # Errors
    /// `not-reachable` when the node has gone.
    pub async fn next_event(&mut self) -> Result<Event, ApiError> {
        loop {
            if let Reply::Event(event) = self.next_reply().await? {
                return Ok(event);
            }
        }
    }

    async fn next_reply(&mut self) -> Result<Reply, ApiError> {
        match read_line(&mut self.reader, REPLY_BYTES_MAX).await.map_err(gone)? {
            Line::Whole(line) => serde_json::from_slice(&line).map_err(ApiError::not_reachable),
            Line::TooLong => Err(ApiError::not_reachable("回答太长了")),
            Line::End => Err(ApiError::not_reachable("kaifong run 已经停了")),
        }
    }
}

fn nobody_there(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::NotADirectory)
}

fn gone(error: io::Error) -> ApiError {
    ApiError::not_reachable(error)
}
