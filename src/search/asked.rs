//! What somebody typed, taken apart: words, “phrases”, beginn*, *endings, and -what is not to be there.
//!
//! Whatever is typed means something: there is no syntax that could be wrong.

/// How a wanted text may stand in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A word, or several that are written as one: `MIN-2026-014`.
    Word,
    /// Exactly these, one after the other.
    Phrase,
    /// Words that begin so.
    Begins,
    /// Words that end so.
    Ends,
    /// Words that have this within them.
    Within,
}

/// One thing that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub text: String,
    pub shape: Shape,
}

/// Everything that is looked for, and what must not be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub wanted: Vec<Wanted>,
    pub without: Vec<Wanted>,
}

/// More is not looked for: nobody types it.
const MAX_WANTED: usize = 64;
/// A longer text is cut.
const MAX_CHARS: usize = 1_000;

/// Takes apart what was typed; `without` are texts that must not be there, typed apart.
pub(super) fn asked<'a>(typed: &str, without: impl IntoIterator<Item = &'a str>) -> Asked {
    let mut asked = Asked::default();
    let mut rest = typed.trim_start();
    while let Some(first) = rest.chars().next() {
        let minus = matches!(first, '-' | '\u{2212}');
        let body = if minus { &rest[first.len_utf8()..] } else { rest };
        let (wanted, after) = match body.chars().next().and_then(closing) {
            Some(close) => quoted(body, close),
            None => bare(body),
        };
        let list = if minus { &mut asked.without } else { &mut asked.wanted };
        if !wanted.text.is_empty() && list.len() < MAX_WANTED {
            list.push(wanted);
        }
        rest = after.trim_start();
    }
    let apart = without.into_iter().map(|text| match text.split_whitespace().nth(1) {
        Some(_) => wanted(text, Shape::Phrase),
        None => bare(text.trim()).0,
    });
    asked.without.extend(apart.take(MAX_WANTED));
    asked
}

/// What closes a quotation that begins so.
fn closing(open: char) -> Option<&'static [char]> {
    Some(match open {
        '"' => &['"'],
        '“' | '”' | '„' | '‟' => &['”', '“', '"'],
        '«' => &['»'],
        '»' => &['«', '»'],
        '「' => &['」'],
        '『' => &['』'],
        '《' => &['》'],
        _ => return None,
    })
}

fn quoted<'a>(text: &'a str, close: &[char]) -> (Wanted, &'a str) {
    let inner = text.chars().next().map_or("", |open| &text[open.len_utf8()..]);
    // One that nobody closed goes to the end.
    let end = inner.find(close).unwrap_or(inner.len());
    let after = inner[end..].chars().next().map_or("", |close| &inner[end + close.len_utf8()..]);
    (wanted(&inner[..end], Shape::Phrase), after)
}

fn bare(text: &str) -> (Wanted, &str) {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    let is_star = |c: char| matches!(c, '*' | '＊');
    let shape = match (word.starts_with(is_star), word.ends_with(is_star)) {
        _ if word.chars().all(is_star) => Shape::Word,
        (false, false) => Shape::Word,
        (false, true) => Shape::Begins,
        (true, false) => Shape::Ends,
        (true, true) => Shape::Within,
    };
    (wanted(word.trim_matches(is_star), shape), after)
}

fn wanted(text: &str, shape: Shape) -> Wanted {
    Wanted { text: text.trim().chars().take(MAX_CHARS).collect(), shape }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(typed: &str) -> Vec<(String, Shape)> {
        asked(typed, []).wanted.into_iter().map(|wanted| (wanted.text, wanted.shape)).collect()
    }

    #[test]
    fn words_phrases_and_stars() {
        let expected = [("budget", Shape::Word), ("annual report", Shape::Phrase), ("sitz", Shape::Begins)];
        assert_eq!(shapes("budget \"annual report\" sitz*"), expected.map(|(text, shape)| (text.to_owned(), shape)));
        let expected = [("sitzung", Shape::Ends), ("sitz", Shape::Within), ("MIN-2026-014", Shape::Word)];
        assert_eq!(shapes(" *sitzung *sitz*  MIN-2026-014 "), expected.map(|(text, shape)| (text.to_owned(), shape)));
    }

    #[test]
    fn quotation_marks_of_every_house() {
        for typed in ["“a b”", "„a b“", "«a b»", "»a b«", "「a b」", "\"a b", "„a b\""] {
            assert_eq!(shapes(typed), [("a b".to_owned(), Shape::Phrase)], "{typed}");
        }
    }

    #[test]
    fn a_minus_before_a_word_excludes_it_and_elsewhere_is_nothing() {
        let asked = asked("plan -draft -\"not this\" a-b - --", ["x y", "z*"]);
        assert_eq!(asked.wanted.iter().map(|wanted| wanted.text.as_str()).collect::<Vec<_>>(), ["plan", "a-b"]);
        let without: Vec<_> = asked.without.iter().map(|wanted| (wanted.text.as_str(), wanted.shape)).collect();
        let expected =
            [("draft", Shape::Word), ("not this", Shape::Phrase), ("-", Shape::Word), ("x y", Shape::Phrase), ("z", Shape::Begins)];
        assert_eq!(without, expected);
    }
}
