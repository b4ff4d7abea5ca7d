//! Says where the web interface's files lie, and in release builds takes them anew when they change: there they are in the
//! binary. Debug builds read the folder at run time.

use std::path::Path;

fn main() {
    let manifest = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let root = Path::new(&manifest).join("../..");
    // The folder itself may not be there yet: whatever comes before it has no `..` in it.
    let root = root.canonicalize().unwrap_or(root);
    let dist = root.join("ui/dist");
    println!("cargo::rustc-env=KAIFONG_UI_DIST={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo::rerun-if-changed={}", dist.display());
    }
}
