//! Places where a test may kill the program: each is a moment after which a restart must finish the work.

/// Every crash point between a file's arrival and its removal, in the order in which a filing passes them. Where a
/// record ends otherwise (as a duplicate, or void) some are passed over.
///
/// Built with the feature `failpoints`, `FAILPOINTS="filing::renamed=return"` kills the process there, without any
/// clean-up, and `"filing::renamed=2*off->return"` at the third passing. Otherwise they are nothing.
pub const CRASH_POINTS: &[&str] = &[
    "pipeline::arrived",
    "register::before-reserve",
    "register::reserve-torn",
    "register::reserve-written",
    "register::reserved",
    "register::duplicate-torn",
    "register::duplicate-written",
    "pipeline::admitted",
    "pipeline::set",
    "register::void-torn",
    "register::void-written",
    "filing::half-written",
    "filing::written",
    "filing::synced",
    "filing::renamed",
    "filing::folders-synced",
    "register::filed-torn",
    "register::filed-written",
    "filing::committed",
    "filing::hidden",
    "filing::hashed",
    "filing::partly-deleted",
    "filing::deleted",
    "register::removed-torn",
    "register::removed-written",
];

/// Every crash point of an undo, in the order in which it passes them.
pub const UNDO_CRASH_POINTS: &[&str] = &[
    "filing::half-written",
    "filing::written",
    "undo::put-back",
    "register::undone-torn",
    "register::undone-written",
    "undo::committed",
    "undo::moved",
];

/// The crash points of what is done with an archive as a whole: taking it away, bringing it back, disposing of records.
pub const KEEPING_CRASH_POINTS: &[&str] = &[
    "export::copied",
    "export::written",
    "import::checked",
    "import::reserved",
    "import::placed",
    "import::files-synced",
    "import::committed",
    "import::register-staged",
    "import::restored",
    "disposal::certified",
    "register::disposed-torn",
    "register::disposed-written",
    "disposal::committed",
    "disposal::removed",
];

/// Kills the process if a test asked for it; see [`CRASH_POINTS`].
#[inline]
pub fn crash_point(_name: &str) {
    #[cfg(feature = "failpoints")]
    {
        crash_setup();
        let listed = [CRASH_POINTS, KEEPING_CRASH_POINTS, UNDO_CRASH_POINTS].iter().any(|points| points.contains(&_name));
        debug_assert!(listed, "{_name} is not listed");
        fail::fail_point!(_name, |_| std::process::abort());
    }
}

/// Reads which failpoints a test wants, once.
#[cfg(feature = "failpoints")]
pub(crate) fn crash_setup() {
    static SETUP: std::sync::Once = std::sync::Once::new();
    SETUP.call_once(|| std::mem::forget(fail::FailScenario::setup()));
}
