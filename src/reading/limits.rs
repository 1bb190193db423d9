//! How much of anything reading takes. Each limit is named in the message of the problem that it causes.

use crate::failure::{Problem, Warning};
use crate::intake;

/// Bytes of a note or data file.
pub(super) const NOTE_BYTES: usize = intake::MAX_NOTE_BYTES as usize;
/// Bytes of one file that a note owns, and of a table.
pub(super) const OWNED_BYTES: usize = intake::MAX_OWNED_BYTES as usize;
/// Bytes of all files that one note owns.
pub(super) const COMPANY_BYTES: usize = 256 << 20;
/// Files that one note names.
pub(super) const MENTIONS: usize = 1_000;
/// Lists and mappings within each other.
pub(super) const DEPTH: usize = 64;
/// Values in front matter or a data file, repeated ones counted each time.
pub(super) const VALUES: usize = 100_000;
/// Rows of a table.
pub(super) const ROWS: usize = 1_000_000;
/// Cells of a table.
pub(super) const CELLS: usize = 20_000_000;
/// Bytes of the text in a spreadsheet's table; a text that stands in many cells counts for each.
pub(super) const TABLE_TEXT_BYTES: usize = 256 << 20;
/// Bytes to which a spreadsheet unpacks.
pub(super) const UNPACKED_BYTES: u64 = 2 << 30;
/// Columns of a table.
pub(super) const COLUMNS: usize = 1_000;
/// Problems that are told of one file; the last one says that there are more.
pub(super) const PROBLEMS: usize = 50;

/// Cuts a list of problems, of which so many more are `untold`, to [`PROBLEMS`], the last one saying how many were left out.
pub(super) fn cut_short(mut problems: Vec<Problem>, untold: usize) -> Vec<Problem> {
    if problems.len() + untold > PROBLEMS {
        let left_out = problems.len() + untold - (PROBLEMS - 1);
        problems.truncate(PROBLEMS - 1);
        problems.push(Problem::new(
            "more-problems",
            format!("There are {left_out} more problems of this kind; at most {PROBLEMS} are told at once."),
            "Mend those named above first and save the file; the rest is then told.",
        ));
    }
    problems
}

/// The problem of a note that names more files than [`MENTIONS`].
pub(super) fn too_many_files() -> Problem {
    let message = format!("The note names more than {MENTIONS} files, which is the limit.");
    Problem::new("too-many-files", message, "Name fewer files, or pack those that are only passed on into one archive.")
}

/// Cuts a list of warnings likewise.
pub(super) fn cut_warnings(warnings: &mut Vec<Warning>) {
    if warnings.len() > PROBLEMS {
        let left_out = warnings.len() - (PROBLEMS - 1);
        warnings.truncate(PROBLEMS - 1);
        warnings.push(Warning::new("more-warnings", format!("There are {left_out} more warnings of this kind.")));
    }
}

/// The problem of a file that is larger than it may be; how much larger is not known, since intake cuts it off.
pub(super) fn too_large(what: &str, limit: usize) -> Problem {
    Problem::new(
        "too-large",
        format!("{what} is larger than {} MiB, which is the limit.", limit >> 20),
        "Split it into smaller files, or leave out what need not be printed.",
    )
}

/// A number as people read it: `1,000,000`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}
