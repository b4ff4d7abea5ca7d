//! `kaifong`: a node without a window.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod activity;
mod args;
mod buildings;
mod commands;
mod council;
mod dispute;
mod face;
mod fund;
mod hall;
mod join;
#[cfg(test)]
mod manual;
mod out;
mod places;
mod register;
mod road;
mod run;
mod show;
mod slip;
mod tools;
mod ui;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use kaifong_api::{ApiError, Code, usual_data};
use tracing_subscriber::EnvFilter;

use args::{Cli, Command};
use out::Out;
use road::Meant;

/// Exit codes: done, refused, wrong usage, store or network not usable.
const REFUSED: u8 = 1;
const USAGE: u8 = 2;
const UNUSABLE: u8 = 3;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and the version are results; a broken pipe is nobody's concern.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    log_to_stderr(matches!(cli.command, Command::Run(_) | Command::Serve(_)));
    let out = Out { json: cli.json };
    let done = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(ApiError::not_reachable)
        .and_then(|runtime| runtime.block_on(perform(cli, out)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error, out.json);
            ExitCode::from(exit_code(error.code))
        }
    }
}

async fn perform(cli: Cli, out: Out) -> Result<(), ApiError> {
    let meant = || Ok::<_, ApiError>(Meant { data: cli.data.map_or_else(usual_data, Ok)?, building: cli.home });
    match cli.command {
        Command::Api => tools::api(out),
        Command::MatchEval { world, out: file } => tools::match_eval(&world, &file, out),
        Command::VerifyExport { file } => tools::verify_export(&file, out),
        Command::Run(net) => run::run(&meant()?, &net, None, out).await,
        Command::Serve(args) => run::run(&meant()?, &args.net, Some(args.port), out).await,
        Command::Open { to } => run::open(&meant()?, to, out).await,
        Command::Watch { events } => run::watch(&meant()?, events, out).await,
        Command::Join(args) => join::join(&meant()?, *args, out).await,
        command @ (Command::Buildings | Command::AddBuilding | Command::ForgetBuilding { .. } | Command::Unlock) => {
            buildings::perform(&meant()?, command, out).await
        }
        command => commands::perform(&meant()?, command, out).await,
    }
}

fn log_to_stderr(runs: bool) {
    let usual = if runs { "info" } else { "error" };
    let filter = EnvFilter::try_from_env("KAIFONG_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Unheard(std::io::stderr()))
        .with_ansi(false)
        .log_internal_errors(false)
        .init();
}

/// Standard error whose reader may have gone: what is logged then is lost, and nothing else is.
struct Unheard(std::io::Stderr);

impl Write for Unheard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(self.0.write(bytes).unwrap_or(bytes.len()))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

fn complain(error: &ApiError, json: bool) {
    let text = match (json, serde_json::to_string(error)) {
        (true, Ok(text)) => text,
        _ => {
            let hint = error.hint.as_ref().map(|hint| format!("\n  {hint}")).unwrap_or_default();
            format!("kaifong: {}（{}）{hint}", error.sentence, error.code)
        }
    };
    // Nobody can be told that nobody can be told.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

fn exit_code(code: Code) -> u8 {
    match code {
        Code::BAD_ARGUMENTS | Code::UNKNOWN_NAME | Code::HOME_UNKNOWN | Code::HOME_UNTOLD => USAGE,
        Code::NOT_SAVED | Code::NOT_REACHABLE | Code::STORE_UNUSABLE => UNUSABLE,
        _ => REFUSED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_exit_code() {
        let unusable = ["not-saved", "not-reachable", "store-unusable"];
        let usage = ["bad-arguments", "unknown-name", "home-unknown", "home-untold"];
        for name in Code::all() {
            let code: Code = serde_json::from_value(name.into()).unwrap();
            let wanted = match name {
                _ if unusable.contains(&name) => UNUSABLE,
                _ if usage.contains(&name) => USAGE,
                _ => REFUSED,
            };
            assert_eq!(exit_code(code), wanted, "{name}");
        }
    }
}
