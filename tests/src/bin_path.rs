//! Where the built programs are.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Once;

/// Gives the path of one of the workspace's programs, in the folder that the running test was built into; builds `kaifong`
/// when it is not there (a plain `cargo test -p kaifong-tests` builds no other package's programs).
pub fn bin(name: &str) -> PathBuf {
    static BUILT: Once = Once::new();
    let here = std::env::current_exe().unwrap_or_default();
    let programs =
        here.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "debug" || name == "release"));
    let path = programs.map(|folder| folder.join(name)).unwrap_or_default();
    if name == "kaifong" {
        BUILT.call_once(|| {
            if !path.exists() {
                let status = Command::new(env!("CARGO")).args(["build", "--locked", "-p", "kaifong-cli"]).status();
                say_if_not_built(&status);
            }
        });
    }
    path
}

/// What cannot be built shows when the program is started; here it is only said.
fn say_if_not_built(status: &std::io::Result<std::process::ExitStatus>) {
    if !matches!(status, Ok(status) if status.success()) {
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("kaifong was not built: {status:?}\n"));
    }
}
