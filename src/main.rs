//! The `chancery` binary: hands the outside world to [`chancery::cli`] and exits with what it says.

#![expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]

use std::ffi::OsString;
use std::io::IsTerminal as _;

use chancery::cli::{self, Outside};
use chancery::workers;

fn main() -> std::process::ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if workers::is_called(arguments.iter().map(OsString::as_os_str)) {
        return workers::serve();
    }
    let outside = Outside {
        program: workers::own_program(std::env::current_exe().ok().as_deref()),
        arguments,
        folder: std::env::current_dir().unwrap_or_else(|_| ".".into()),
        home: std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(Into::into),
        zone: machine_zone(),
        source_date_epoch: std::env::var("SOURCE_DATE_EPOCH").ok().filter(|value| !value.is_empty()),
        search_path: std::env::var_os("PATH").unwrap_or_default(),
        has_desktop: cfg!(not(target_os = "linux"))
            || std::env::var_os("DISPLAY").is_some()
            || std::env::var_os("WAYLAND_DISPLAY").is_some(),
        on_terminal: std::io::stderr().is_terminal(),
    };
    cli::run(outside)
}

/// The machine's time zone: `TZ`, else what the system is set to, else UTC.
fn machine_zone() -> chrono_tz::Tz {
    let named = std::env::var("TZ").ok().and_then(|name| name.trim_start_matches(':').parse().ok());
    let set = || iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok());
    named.or_else(set).unwrap_or(chrono_tz::UTC)
}
