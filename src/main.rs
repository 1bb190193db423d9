//! The `chancery` binary: hands the outside world to [`chancery::cli`] and exits with what it says.

use std::io::IsTerminal as _;

use chancery::cli::{self, Outside};

fn main() -> std::process::ExitCode {
    let outside = Outside {
        arguments: std::env::args_os().collect(),
        folder: std::env::current_dir().unwrap_or_else(|_| ".".into()),
        source_date_epoch: std::env::var("SOURCE_DATE_EPOCH").ok().filter(|value| !value.is_empty()),
        search_path: std::env::var_os("PATH").unwrap_or_default(),
        has_desktop: cfg!(not(target_os = "linux"))
            || std::env::var_os("DISPLAY").is_some()
            || std::env::var_os("WAYLAND_DISPLAY").is_some(),
        on_terminal: std::io::stderr().is_terminal(),
    };
    cli::run(outside)
}
