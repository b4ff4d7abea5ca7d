//! What goes to standard output: results, and nothing else. Remarks go to standard error.

use std::io::{self, Write};

use kaifong_api::ApiError;
use serde::Serialize;

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Out {
    /// Whether programs read them.
    pub(crate) json: bool,
}

impl Out {
    /// Tells a result: as one line of JSON for programs, in words for people.
    ///
    /// # Errors
    /// `not-reachable` when standard output cannot be written. Whoever has closed it has read enough.
    pub(crate) fn tell<T: Serialize>(self, result: &T, words: impl FnOnce(&T) -> String) -> Result<(), ApiError> {
        let text = if self.json { line(result)? } else { words(result) };
        write(&text)
    }

    /// Says something that is no result, on standard error.
    pub(crate) fn remark(text: &str) {
        // Nobody may be listening.
        let _ = writeln!(io::stderr().lock(), "kaifong: {text}");
    }

    /// Tells JSON whatever was asked for; for people it is laid out.
    ///
    /// # Errors
    /// As [`Out::tell`].
    pub(crate) fn tell_json<T: Serialize>(self, result: &T) -> Result<(), ApiError> {
        let text = match self.json {
            true => line(result)?,
            false => serde_json::to_string_pretty(result).map_err(ApiError::not_reachable)?,
        };
        write(&text)
    }
}

fn line<T: Serialize>(result: &T) -> Result<String, ApiError> {
    serde_json::to_string(result).map_err(ApiError::not_reachable)
}

fn write(text: &str) -> Result<(), ApiError> {
    let mut out = io::stdout().lock();
    let text = text.trim_end_matches('\n');
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(ApiError::not_reachable(error)),
        _ => Ok(()),
    }
}
