//! A desktop's notification service (Desktop Notifications Specification 1.2) on the session bus, as far as a story needs one:
//! each notification is told as a line of JSON on standard output, and the number of one, written to standard input, presses it
//! as a person would.
#![allow(missing_docs)]

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use serde_json::json;
use zbus::blocking::connection;
use zbus::zvariant::OwnedValue;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// Why a notification is closed: its person did it.
const BY_ITS_PERSON: u32 = 2;

/// The notifications that were shown so far.
#[derive(Debug, Default)]
struct Board {
    shown: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Board {
    // The specification's own arguments.
    #[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)]
    fn notify(
        &mut self,
        app: String,
        replaces: u32,
        _icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout_ms: i32,
    ) -> zbus::fdo::Result<u32> {
        self.shown += 1;
        let id = self.shown;
        tell(&json!({"id": id, "app": app, "replaces": replaces, "title": title, "body": body, "actions": actions}))
            .map_err(|error| zbus::fdo::Error::IOError(error.to_string()))?;
        Ok(id)
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> [&str; 2] {
        ["body", "actions"]
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("notice-board", "kaifong", env!("CARGO_PKG_VERSION"), "1.2")
    }
}

fn tell(what: &serde_json::Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{what}")?;
    out.flush()
}

fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let bus = connection::Builder::session()?.serve_at(PATH, Board::default())?.name(NAME)?.build()?;
    tell(&json!({"up": true}))?;
    for line in io::stdin().lock().lines() {
        let id: u32 = line?.trim().parse()?;
        bus.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(id, "default"))?;
        bus.emit_signal(None::<&str>, PATH, NAME, "NotificationClosed", &(id, BY_ITS_PERSON))?;
    }
    Ok(())
}

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
