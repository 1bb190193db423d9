//! Where front matter ends and the body begins. Only at the very first byte, and by hand: a Markdown parser would
//! find "front matter" between any two rules in the middle of a note.

/// A note cut in two.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut<'a> {
    /// What stands between the fences.
    pub(super) block: &'a str,
    /// How it is written.
    pub(super) language: Language,
    /// What follows after the closing line.
    pub(super) body: &'a str,
    /// The line of the file (from 1) where the body begins.
    pub(super) body_line: u32,
}

/// The languages of front matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// Between `---` and `---` or `...`.
    Yaml,
    /// Between `+++` and `+++`.
    Toml,
}

/// The line where the block between the fences begins.
pub(super) const BLOCK_LINE: u32 = 2;

/// Cuts a note; `None` if it does not begin with an opening line or has no closing one.
pub(super) fn cut(text: &str) -> Option<Cut<'_>> {
    let language = opening(text)?;
    let start = text.find('\n')? + 1;
    let (mut at, mut line) = (start, BLOCK_LINE);
    for content in text[start..].split_inclusive('\n') {
        let closes = match language {
            Language::Yaml => matches!(content.trim_end(), "---" | "..."),
            Language::Toml => content.trim_end() == "+++",
        };
        line += 1;
        if closes {
            return Some(Cut { block: &text[start..at], language, body: &text[at + content.len()..], body_line: line });
        }
        at += content.len();
    }
    None
}

/// The language that a note's first line opens.
pub(super) fn opening(text: &str) -> Option<Language> {
    match text.split('\n').next()?.trim_end() {
        "---" => Some(Language::Yaml),
        "+++" => Some(Language::Toml),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_cut_at_the_first_closing_line() {
        let cut = cut("---\ntitle: A\n...\nBody\n---\n").expect("front matter");
        assert_eq!((cut.block, cut.body, cut.body_line), ("title: A\n", "Body\n---\n", 4));
        let cut = super::cut("+++\nt = 1\n+++").expect("front matter");
        assert_eq!((cut.block, cut.body, cut.body_line), ("t = 1\n", "", 4));
    }

    #[test]
    fn elsewhere_or_unclosed_it_is_text() {
        assert_eq!(cut("\n---\na: 1\n---\n"), None);
        assert_eq!(cut("---\na: 1\n"), None);
        assert_eq!(cut("---- \na: 1\n---\n"), None);
        assert_eq!(cut("---"), None);
    }
}
