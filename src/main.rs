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
    share_one_heap();
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

/// The threads of this process allocate from one heap. The GNU C library gives them heaps of their own, each of which keeps what its thread
/// needed once: a watcher grew from 50 to 86 MB over a thousand documents, and with one heap to 55. Pages are set in workers, which
/// keep theirs.
fn share_one_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "the C library is told in no other way")]
    // SAFETY: no other thread has begun, and the call only sets a number.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// The machine's time zone: `TZ`, else what the system is set to, else UTC.
fn machine_zone() -> chrono_tz::Tz {
    let named = std::env::var("TZ").ok().and_then(|name| name.trim_start_matches(':').parse().ok());
    let set = || iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok());
    named.or_else(set).unwrap_or(chrono_tz::UTC)
}
