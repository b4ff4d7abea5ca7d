//! Kaifong's window: the interface, and a node behind it. It has no logic of its own: what is asked goes to the api table
//! ([`kaifong_api::table`]), what happens comes from it, and everything that a person sees is the interface's.
//!
//! * `launch`: what the system starts it with.
//! * `house`: the node behind the window, and how the interface reaches it.
//! * `window`: the one window: made, shown, led to a page.
//!
//! One process owns a data folder. Who starts a second one only shows the first: it asks over the folder's own socket
//! ([`kaifong_api::local`]), as `kaifong open` does.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
// The entry point of a phone is a symbol with a fixed name; nothing else here is unsafe.
#![cfg_attr(mobile, allow(unsafe_code))]

mod house;
mod launch;
mod window;

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::ExitCode;

use tauri::{Manager, RunEvent};
use tauri_plugin_deep_link::DeepLinkExt;
use tauri_plugin_notification::NotificationExt;
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
    if tauri::async_runtime::block_on(house::show_running(&launch.data, launch.place.clone())) {
        return ExitCode::SUCCESS;
    }
    if let Err(error) = prepare(&launch.data) {
        tracing::error!(%error, "the window could not be made");
        return ExitCode::from(3);
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
        RunEvent::Reopen { .. } => {
            let _ = window::show(app, None);
        }
        _ => {}
    });
    u8::try_from(ended).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Makes sure that there is a display, and a data folder that is its owner's only before anything is put into it.
fn prepare(data: &Path) -> io::Result<()> {
    let display = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !display("DISPLAY") && !display("WAYLAND_DISPLAY") {
        return Err(io::Error::other("there is no display; `kaifong serve` gives a page for a browser"));
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data)
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
            .plugin(starting(&launch).build())
    };
    let builder = builder.invoke_handler(tauri::generate_handler![house::ask, house::listening, window::place]);
    builder.setup(move |app| {
        app.manage(window::Wanted::new(launch.place.clone()));
        app.manage(House::open(app.handle(), &launch));
        window::make(app.handle(), &launch)?;
        let handle = app.handle().clone();
        app.deep_link().on_open_url(move |event| {
            if let Some(place) = event.urls().iter().find_map(|url| kaifong_api::places::place_of(url.as_str())) {
                let _ = window::show(&handle, Some(place));
            }
        });
        let handle = app.handle().clone();
        app.notification().on_action(move |pressed| window::press(&handle, pressed))?;
        tauri::async_runtime::spawn(house::end_when_told(app.handle().clone()));
        Ok(())
    })
}

/// Starting with the computer: this data folder, in the background.
#[cfg(desktop)]
fn starting(launch: &Launch) -> tauri_plugin_autostart::Builder {
    let plain = tauri_plugin_autostart::Builder::new().arg("--hidden");
    if kaifong_api::usual_data().is_ok_and(|usual| usual == launch.data) {
        return plain;
    }
    // Another household's entry is another one; it is known by its folder.
    let folder = std::path::absolute(&launch.data).unwrap_or_else(|_| launch.data.clone());
    let folder = folder.to_string_lossy().into_owned();
    let name = format!("kaifong {}", folder.replace(std::path::MAIN_SEPARATOR, "-").trim_start_matches('-'));
    plain.arg("--data").arg(folder).app_name(name)
}

fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("KAIFONG_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // Somebody may have set one up before.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).try_init();
}
