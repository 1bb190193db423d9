//! Characters that cannot be set on a page: NUL and the other control characters become U+FFFD and are named.
//!
//! Line ends become `\n`; form feeds and vertical tabs, which old printers' text files are full of, a space.

use crate::failure::Warning;

/// At most so many lines are named in one warning.
const NAMED_LINES: usize = 8;

/// Line ends as `\n`: CRLF and the lone CR of old Macs.
pub(super) fn unify_line_ends(text: String) -> String {
    if !text.contains('\r') {
        return text;
    }
    // In one go: a long table is held but twice meanwhile.
    let mut unified = String::with_capacity(text.len());
    let mut pieces = text.split('\r');
    unified.extend(pieces.next());
    for piece in pieces {
        unified.push('\n');
        unified.push_str(piece.strip_prefix('\n').unwrap_or(piece));
    }
    unified
}

/// Replaces what cannot be printed; one warning names the lines where it stood.
pub(super) fn replace_controls(text: String) -> (String, Option<Warning>) {
    let text = match text.strip_suffix('\u{1a}') {
        // The end-of-file mark of DOS says nothing.
        Some(before) => before.to_owned(),
        None => text,
    };
    if !text.chars().any(unprintable) {
        return (text, None);
    }
    let mut lines = Vec::new();
    let (mut line, mut count) = (1, 0);
    let cleaned = text
        .chars()
        .map(|c| match c {
            '\n' => {
                line += 1;
                c
            }
            '\u{b}' | '\u{c}' => ' ',
            c if unprintable(c) => {
                count += 1;
                if lines.last() != Some(&line) {
                    lines.push(line);
                }
                char::REPLACEMENT_CHARACTER
            }
            c => c,
        })
        .collect();
    (cleaned, (count > 0).then(|| warning(count, &lines)))
}

/// The same for a value out of front matter or data, where an escape such as `"\u0000"` may have made one.
pub(super) fn clean_value(text: String) -> String {
    replace_controls(unify_line_ends(text)).0
}

fn warning(count: usize, lines: &[u32]) -> Warning {
    let what = if count == 1 { "A control character" } else { "Control characters" };
    let message = format!("{what} that cannot be printed ({count} in all, {}) became \u{fffd}.", name_lines(lines));
    Warning::new("control-character", message).at_line(lines[0])
}

/// `line 3`, or `lines 3, 4 and 17 more`.
pub(super) fn name_lines(lines: &[u32]) -> String {
    let named: Vec<String> = lines.iter().take(NAMED_LINES).map(u32::to_string).collect();
    match lines.len() {
        0 | 1 => format!("line {}", named.join("")),
        all if all <= NAMED_LINES => format!("lines {}", named.join(", ")),
        all => format!("lines {} and {} more", named.join(", "), all - NAMED_LINES),
    }
}

/// C0 and C1 controls (but tab and line feed), DEL and the code points that Unicode reserves as no characters.
fn unprintable(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || (c as u32 & 0xfffe) == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_become_visible_and_are_named() {
        let (text, warning) = replace_controls("# Notes\0\n\nHello\0\0world\n".to_owned());
        assert_eq!(text, "# Notes\u{fffd}\n\nHello\u{fffd}\u{fffd}world\n");
        let warning = warning.expect("a warning");
        assert_eq!(warning.line, Some(1));
        assert!(warning.message.contains("3 in all, lines 1, 3"), "{}", warning.message);
    }

    #[test]
    fn a_form_feed_is_a_space_and_the_end_mark_of_dos_nothing() {
        assert_eq!(replace_controls("a\u{c}b\u{1a}".to_owned()), ("a b".to_owned(), None));
    }

    #[test]
    fn line_ends_are_unified() {
        assert_eq!(unify_line_ends("a\r\nb\rc\n".to_owned()), "a\nb\nc\n");
    }
}
