//! The one window.

use std::sync::{Mutex, PoisonError};

use kaifong_api::http::parts::is_own_place;
use tauri::{AppHandle, Emitter, Manager, State, WebviewUrl, WebviewWindowBuilder};
use tauri_plugin_notification::ActionPerformed;

use crate::events;
use crate::launch::Launch;

/// The window's name.
const MAIN: &str = "main";
/// Its first size, and the least, in logical pixels: the list and a detail beside it; a phone's page.
const SIZE: (f64, f64) = (1280.0, 860.0);
const SIZE_MIN: (f64, f64) = (360.0, 560.0);
/// What the web view keeps (what is being written, how things are shown), in the data folder.
const KEPT_FOLDER: &str = "window";
/// What a press on a notification itself is called.
const PRESSED: &str = "tap";
/// Where a notification leads is kept with it under this name; the interface puts it there.
const PLACE_OF_NOTICE: &str = "place";

/// Where somebody wants to go: by a link, a second start, or from the shell.
pub(crate) struct Wanted(Mutex<Option<String>>);

impl Wanted {
    pub(crate) fn new(place: Option<String>) -> Self {
        Self(Mutex::new(place))
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        // What a thread that broke off left behind is whole: it is set in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives where somebody wants to go, once.
#[tauri::command]
pub(crate) fn place(wanted: State<'_, Wanted>) -> Option<String> {
    wanted.slot().take()
}

/// Makes the window.
///
/// # Errors
/// What the system's web view says.
pub(crate) fn make(app: &AppHandle, launch: &Launch) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("街坊 Kaifong")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SIZE_MIN.0, SIZE_MIN.1)
        .visible(!launch.hidden)
        .data_directory(launch.data.join(KEPT_FOLDER))
        // Nothing but the interface is ever shown here.
        .on_navigation(is_own)
        .build()
        .map(|_| ())
}

/// Whether an address is the interface's: `tauri://localhost`, and where a scheme of one's own is not to be had,
/// `tauri.localhost` without a port.
fn is_own(url: &tauri::Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        _ => false,
    }
}

/// Shows the window, at a place if one is told; whether there is one.
pub(crate) fn show(app: &AppHandle, place: Option<String>) -> bool {
    if let Some(place) = place {
        // An interface that is there hears it, and takes it away; one that is still coming asks.
        app.state::<Wanted>().slot().replace(place.clone());
        if let Err(error) = app.emit(events::PLACE, place) {
            tracing::warn!(%error, "the interface did not hear where to go");
        }
    }
    let Some(window) = app.get_webview_window(MAIN) else { return false };
    let shown = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "the window could not be shown");
    }
    true
}

/// Shows the window where the notification that was pressed leads; a notification has no buttons.
pub(crate) fn press(app: &AppHandle, pressed: &ActionPerformed) {
    if pressed.action_id() == PRESSED {
        let told = pressed.notification().and_then(|notification| notification.extra().get(PLACE_OF_NOTICE));
        let place = told.and_then(|place| place.as_str()).filter(|place| is_own_place(place));
        let _ = show(app, place.map(str::to_owned));
    }
}

/// Hides the window; the node goes on.
pub(crate) fn hide(app: &AppHandle) {
    if let Some(Err(error)) = app.get_webview_window(MAIN).map(|window| window.hide()) {
        tracing::warn!(%error, "the window could not be hidden");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_else() {
        let cases = [
            ("tauri://localhost/points", true),
            ("http://tauri.localhost/", true),
            ("tauri://evil.example/", false),
            ("http://tauri.localhost:8080/", false),
            ("http://127.0.0.1:7520/", false),
            ("data:text/html,x", false),
            ("javascript:alert(1)", false),
        ];
        for (address, own) in cases {
            assert_eq!(is_own(&address.parse().unwrap()), own, "{address}");
        }
    }
}
