//! Where words go: results to standard output, everything that people read besides to standard error.
//!
//! With `--json` standard output carries JSON lines and nothing else. A reader that closes the pipe ends the
//! talking, not the work. Names and titles come from outside, so control characters never reach a terminal.

use std::fmt;
use std::io::{self, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde::Serialize;

use super::args::Global;
use super::ending::Ending;
use crate::failure::Problems;

/// The command's two streams.
#[derive(Debug)]
pub struct Output {
    json: bool,
    quiet: bool,
    verbose: bool,
    on_terminal: bool,
    /// The reader has closed standard output: nothing more is written there.
    closed: AtomicBool,
    /// Standard output could not be written for another reason.
    failed: AtomicBool,
    bar: Mutex<Option<ProgressBar>>,
}

/// From how many documents on a progress bar is worth its line.
const BAR_FROM: usize = 6;

impl Output {
    /// Streams as the global flags want them.
    pub fn new(global: &Global, on_terminal: bool) -> Self {
        Self {
            json: global.json,
            quiet: global.quiet,
            verbose: global.verbose,
            on_terminal,
            closed: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            bar: Mutex::new(None),
        }
    }

    /// Whether standard output carries JSON lines.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether more is to be said than usual.
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// One JSON object on a line of its own; nothing without `--json`.
    pub fn json<T: Serialize>(&self, object: &T) {
        if !self.json {
            return;
        }
        match serde_json::to_string(object) {
            Ok(line) => self.write(&line),
            Err(_) => self.failed.store(true, Ordering::Relaxed),
        }
    }

    /// What was asked for, in words; nothing with `--json`.
    pub fn data(&self, text: &str) {
        if !self.json {
            self.write(&printable(text));
        }
    }

    /// What was done, in words; nothing with `--json` or `-q`.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.data(text);
        }
    }

    /// A remark beside the results, on standard error; nothing with `-q`.
    pub fn remark(&self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// What went wrong, on standard error, whatever the flags are.
    pub fn problems(&self, problems: &Problems) {
        self.complain(problems.to_string().trim_end());
    }

    /// Starts a progress bar over `total` documents: on a terminal, and only for more than a handful.
    pub fn begin(&self, total: usize) {
        if !self.on_terminal || self.json || self.quiet || total < BAR_FROM {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {rate}, {eta} left  {msg}") {
            bar.set_style(style.with_key("rate", rate));
        }
        self.set_bar(Some(bar));
    }

    /// The same where it is not known how many there are.
    pub fn begin_uncounted(&self) {
        if self.on_terminal && !self.json && !self.quiet {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}  {msg}") {
                bar.set_style(style);
            }
            self.set_bar(Some(bar));
        }
    }

    /// One document more is done; `name` is shown beside the bar.
    pub fn advance(&self, name: &str) {
        self.with_bar(|bar| {
            bar.set_message(printable(name));
            bar.inc(1);
        });
    }

    /// Takes the progress bar away.
    pub fn end(&self) {
        self.with_bar(ProgressBar::finish_and_clear);
        self.set_bar(None);
    }

    /// How the command ended in the end: a standard output that could not be written is a failure too.
    pub fn closing(&self, ending: Ending) -> Ending {
        self.end();
        if self.failed.load(Ordering::Relaxed) { ending.max(Ending::Failed) } else { ending }
    }

    /// Bytes that were asked for on standard output, as they are.
    ///
    /// # Errors
    /// What the system answers, except that the reader has closed the pipe.
    pub fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }

    fn write(&self, line: &str) {
        if self.closed.load(Ordering::Relaxed) {
            return;
        }
        let written = self.apart(|| {
            let mut out = io::stdout().lock();
            writeln!(out, "{line}").and_then(|()| out.flush())
        });
        if let Err(error) = written {
            self.closed.store(true, Ordering::Relaxed);
            self.failed.fetch_or(error.kind() != io::ErrorKind::BrokenPipe, Ordering::Relaxed);
        }
    }

    fn complain(&self, text: &str) {
        // Nobody is left to tell if standard error cannot be written.
        let _ = self.apart(|| writeln!(io::stderr().lock(), "{}", printable(text)));
    }

    /// Writes with the progress bar out of the way.
    fn apart<T>(&self, write: impl FnOnce() -> T) -> T {
        let bar = self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        match bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn with_bar(&self, act: impl FnOnce(&ProgressBar)) {
        if let Some(bar) = self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner).as_ref() {
            act(bar);
        }
    }

    fn set_bar(&self, bar: Option<ProgressBar>) {
        *self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = bar;
    }
}

/// `12.3 per second`; whole numbers where they are large.
fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    let rate = state.per_sec();
    // A terminal that does not take it shows no bar at all.
    let _ = if rate < 20.0 { write!(out, "{rate:.1} per second") } else { write!(out, "{rate:.0} per second") };
}

/// The text with every control character but line break and tab made visible as U+FFFD.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_command_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\tc\n会"), "a\u{fffd}[2Jb\tc\n会");
    }
}
