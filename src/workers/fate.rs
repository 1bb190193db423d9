//! How a worker came to its end, and what is said of the document that it had in hand.

use std::process::ExitStatus;

use super::serve::NOT_UNDERSTOOD;
use crate::config::Limits;
use crate::failure::{Blame, Problem};

/// The code of a document that ended two workers.
const CRASHED: &str = "crashed";

/// How a worker came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Death {
    /// It was ended because its time was up.
    OverTime,
    /// It asked for more memory than it may have.
    OverMemory,
    /// It fell over: what the system or it itself said of that.
    Crashed(String),
    /// It answered what is no answer.
    Garbage(String),
}

impl Death {
    /// Reads the end of a process. `words`: the last that it wrote to its standard error.
    pub(super) fn of(status: Option<ExitStatus>, words: &str, timed_out: bool) -> Self {
        if timed_out || signal(status) == Some(SIGXCPU) {
            return Self::OverTime;
        }
        if words.contains("memory allocation of") {
            return Self::OverMemory;
        }
        if let Some(what) = words.lines().find_map(|line| line.strip_prefix(NOT_UNDERSTOOD)) {
            return Self::Garbage(what.trim().to_owned());
        }
        let last = words.lines().map(str::trim).find(|line| line.contains("stack overflow") || line.contains("overflowed its stack"));
        let cause = match (last, signal(status), status) {
            (Some(_), ..) => "it ran out of stack".to_owned(),
            (None, Some(SIGKILL), _) => "it was ended from outside, as a system does that has no memory left (signal 9)".to_owned(),
            (None, Some(signal), _) => format!("it was ended by signal {signal}"),
            (None, None, Some(status)) => format!("it ended by itself ({status})"),
            (None, None, None) => "nobody knows how".to_owned(),
        };
        Self::Crashed(cause)
    }

    /// Whether another worker may have more luck: a layout that took all the time that it may would take it again. Reading never takes
    /// long, so there the worker may be to blame.
    pub(super) fn may_be_chance(&self, is_layout: bool) -> bool {
        *self != Self::OverTime || !is_layout
    }

    /// The problem of the document that was in hand.
    pub(super) fn problem(&self, limits: Limits) -> Problem {
        match self {
            Self::OverTime => limits.over_time(),
            Self::OverMemory => limits.over_memory(),
            Self::Crashed(cause) => crashed(cause),
            Self::Garbage(what) => crashed(&format!("it gave an answer that is none: {what}")),
        }
    }
}

#[cfg(unix)]
fn signal(status: Option<ExitStatus>) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status?)
}

#[cfg(not(unix))]
fn signal(_: Option<ExitStatus>) -> Option<i32> {
    None
}

/// Ended by somebody else; what the program ends itself has run out of time (`signal(7)`).
const SIGKILL: i32 = 9;

/// The processor's time is up (`signal(7)`).
const SIGXCPU: i32 = 24;

fn crashed(cause: &str) -> Problem {
    let message = format!("Twice the process that worked on this document came to a sudden end: {cause}.");
    let help = "Nothing is lost, and the other documents go on. Take out what is unusual in it (deep nesting, a picture), save it, and \
                please report it with this file: it is not tried again before it, its template or the limits change.";
    Problem::new(CRASHED, message, help).blaming(Blame::Limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_has_its_own_words_and_says_how_to_go_on() {
        let limits = Limits::default();
        let told = |death: Death| death.problem(limits).to_string();
        assert!(told(Death::of(None, "", true)).contains("longer than 20 s, which is the limit"));
        assert!(told(Death::of(None, "memory allocation of 64 bytes failed\n", false)).contains("more than 1 GiB of memory"));
        assert!(told(Death::of(None, "\nthread 'work' has overflowed its stack\nfatal", false)).contains("ran out of stack"));
        assert!(told(Death::Garbage("x".to_owned())).contains("not tried again before"));
    }

    #[cfg(unix)]
    #[test]
    fn a_signal_is_named() {
        use std::os::unix::process::ExitStatusExt as _;
        let by = |signal| Death::of(Some(ExitStatus::from_raw(signal)), "", false);
        assert!(matches!(by(9), Death::Crashed(cause) if cause.contains("from outside")));
        assert_eq!(by(11), Death::Crashed("it was ended by signal 11".to_owned()));
        assert_eq!(by(SIGXCPU), Death::OverTime);
        assert!(by(11).may_be_chance(true) && !by(SIGXCPU).may_be_chance(true) && by(SIGXCPU).may_be_chance(false));
    }
}
