//! Ctrl-C and SIGTERM: the first asks to stop after the document in hand, the second stops at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a command killed by a signal reports: 128 and the number of SIGINT.
const KILLED: i32 = 130;

/// From now on the first signal only sets the flag. A document cannot be set half, and nothing is lost by
/// stopping in between either, so a second signal need not wait.
pub fn on_signal() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    // Without a handler the signal ends the process as ever: that is safe too, only less polite.
    let _ = ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::SeqCst) {
            #[expect(clippy::exit, reason = "a second signal asks for exactly this, and no destructor is owed anything")]
            std::process::exit(KILLED);
        }
    });
    stop
}
