//! Kaifong's window: the interface, and a node behind it. It has no logic of its own: what is asked goes to the api table
//! ([`kaifong_api::table`]), what happens comes from it, and everything that a person sees is the interface's.
//!
//! * [`launch`]: what the system starts it with.
//! * [`house`]: the node behind the window, and how the interface reaches it.
//! * [`window`]: the one window: made, shown, led to a page.
//!
//! One process owns a data folder. Who starts a second one only shows the first: it asks over the folder's own socket
//! ([`kaifong_api::local`]), as `kaifong open` does.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
// The entry point of a phone is a symbol with a fixed name; nothing else here is unsafe.
#![cfg_attr(mobile, allow(unsafe_code))]

mod house;
mod launch;
mod window;

use std::process::ExitCode;

use tauri::{Manager, RunEvent};
use tauri_plugin_deep_link::DeepLinkExt;
use tracing_subscriber::EnvFilter;

use house::House;
use launch::Launch;

/// What the interface hears, by name.
mod events {
    /// An event of the api table.
    pub(crate) const KAIFONG: &str = "kaifong";
    /// A place to go to, which `place` gives as well until it was asked.
    pub(crate) const PLACE: &str = "place";
    /// The node has ended under the window.
    pub(crate) const STOPPED: &str = "stopped";
}

/// Starts on a phone.
#[cfg(mobile)]
#[tauri::mobile_entry_point]
fn start() {
    run();
}

/// Runs until the window is closed, or the system says so; gives how it ended.
pub fn run() -> ExitCode {
    log_to_stderr();
    let launch = match Launch::read(std::env::args_os().skip(1)) {
        Ok(launch) => launch,
        Err(why) => {
            tracing::error!("{why}");
            return ExitCode::from(2);
        }
    };
    if tauri::async_runtime::block_on(house::show_running(&launch)) {
        return ExitCode::SUCCESS;
    }
    let hidden = launch.hidden;
    let built = builder(launch).build(tauri::generate_context!());
    let app = match built {
        Ok(app) => app,
        Err(error) => {
            tracing::error!(%error, "the window could not be made");
            return ExitCode::from(3);
        }
    };
    let ended = app.run_return(move |app, event| match event {
        // Nothing is cut off: the node closes network and store first, then the app ends with the code that it is given.
        RunEvent::ExitRequested { api, code: None, .. } => {
            api.prevent_exit();
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                app.state::<House>().close().await;
                app.exit(0);
            });
        }
        // Who was started in the background goes on there.
        #[cfg(desktop)]
        RunEvent::WindowEvent { event: tauri::WindowEvent::CloseRequested { api, .. }, .. } if hidden => {
            api.prevent_close();
            window::hide(app);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::show(app, None),
        _ => {}
    });
    u8::try_from(ended).map_or(ExitCode::FAILURE, ExitCode::from)
}

fn builder(launch: Launch) -> tauri::Builder<tauri::Wry> {
    let builder =
        tauri::Builder::default().plugin(tauri_plugin_deep_link::init()).plugin(tauri_plugin_notification::init());
    #[cfg(desktop)]
    let builder = {
        use tauri_plugin_window_state::StateFlags;
        let flags = StateFlags::all() - StateFlags::VISIBLE;
        builder
            .plugin(tauri_plugin_window_state::Builder::new().with_state_flags(flags).build())
            .plugin(tauri_plugin_autostart::Builder::new().arg("--hidden").build())
    };
    let builder = builder.invoke_handler(tauri::generate_handler![house::ask, window::place]);
    builder.setup(move |app| {
        app.manage(window::Wanted::new(launch.place.clone()));
        app.manage(House::open(app.handle(), &launch));
        window::make(app.handle(), &launch)?;
        let handle = app.handle().clone();
        app.deep_link().on_open_url(move |event| {
            if let Some(place) = event.urls().iter().find_map(|url| kaifong_api::places::place_of(url.as_str())) {
                window::show(&handle, Some(place));
            }
        });
        tauri::async_runtime::spawn(house::end_when_told(app.handle().clone()));
        Ok(())
    })
}

fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("KAIFONG_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // Somebody may have set one up before.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).try_init();
}
