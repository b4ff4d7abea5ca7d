//! Starts the window.
// A console window beside it is nobody's wish.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    kaifong_app::run()
}
