//! Named blocks in rendered words: `::: name` … `:::`, as pandoc writes them, and the place of the note's own text.

use super::words::BODY_MARK;

/// A stretch of rendered words.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Markdown.
    Text(String),
    /// A block of this name begins.
    Open(String),
    /// The innermost block ends.
    Close,
    /// The note's own text stands here.
    Body,
}

/// Takes rendered words apart. Blocks that are left open are closed at the end; without a place for the note's
/// text, it comes last.
pub(super) fn pieces(words: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut depth = 0usize;
    let mut has_body = false;
    let flush = |text: &mut String, pieces: &mut Vec<Piece>| {
        if !text.trim().is_empty() {
            pieces.push(Piece::Text(std::mem::take(text)));
        }
        text.clear();
    };
    for line in words.lines() {
        if let Some(rest) = line.strip_prefix(":::") {
            let name = rest.trim();
            if name.is_empty() && depth > 0 {
                flush(&mut text, &mut pieces);
                pieces.push(Piece::Close);
                depth -= 1;
                continue;
            }
            if is_block_name(name) {
                flush(&mut text, &mut pieces);
                pieces.push(Piece::Open(name.to_owned()));
                depth += 1;
                continue;
            }
        }
        let mut rest = line;
        while let Some((before, after)) = rest.split_once(BODY_MARK) {
            text.push_str(before);
            flush(&mut text, &mut pieces);
            pieces.push(Piece::Body);
            has_body = true;
            rest = after;
        }
        text.push_str(rest);
        text.push('\n');
    }
    flush(&mut text, &mut pieces);
    pieces.extend((0..depth).map(|_| Piece::Close));
    if !has_body {
        pieces.push(Piece::Body);
    }
    pieces
}

fn is_block_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_body_are_found_and_closed() {
        let words = format!("intro\n::: head\n# x\n:::\n{BODY_MARK}\n::: end\nlast");
        let expected = vec![
            Piece::Text("intro\n".to_owned()),
            Piece::Open("head".to_owned()),
            Piece::Text("# x\n".to_owned()),
            Piece::Close,
            Piece::Body,
            Piece::Open("end".to_owned()),
            Piece::Text("last\n".to_owned()),
            Piece::Close,
        ];
        assert_eq!(pieces(&words), expected);
    }

    #[test]
    fn without_a_place_the_body_comes_last() {
        assert_eq!(pieces("a"), vec![Piece::Text("a\n".to_owned()), Piece::Body]);
    }
}
