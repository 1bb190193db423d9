//! How a text falls into what is looked for: words, and in scripts without spaces single characters and pairs.
//!
//! Positions count words and characters, so that a phrase is found whatever it is made of. The same cutter serves the
//! index, the query and the marks in a hit. Pairs, and not a dictionary of words: they find
//! every word within another, names too, and need no data.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::fold::{Class, class, fold_into, fold_unit};

/// A longer word is cut; it is found by its beginning.
const MAX_WORD_BYTES: usize = 120;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word or number.
    Word,
    /// A number without the zeros before it, at the position of the number.
    Alias,
    /// One character of a script without spaces.
    Single,
    /// Two of them, at the position of the first.
    Pair,
}

/// Cuts a text, one token after the other.
pub(super) struct Cutter<'a> {
    text: &'a str,
    at: usize,
    position: usize,
    token: Token,
    kind: Kind,
    /// A token that follows the one given last.
    waiting: Option<(Token, Kind)>,
    /// The character before, while a run of a script without spaces goes on.
    before: String,
    before_from: usize,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, position: 0, token: Token::default(), kind: Kind::Word, waiting: None, before: String::new(), before_from: 0 }
    }

    /// The next token and what it is.
    pub(super) fn next_kind(&mut self) -> Option<(&Token, Kind)> {
        if self.advance() { Some((&self.token, self.kind)) } else { None }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// A word, from here to the next gap.
    fn word(&mut self) -> bool {
        let from = self.at;
        self.start(from, Kind::Word);
        while let Some(c) = self.peek() {
            match class(c) {
                Class::Word | Class::Mark => {
                    if self.token.text.len() < MAX_WORD_BYTES {
                        fold_into(c, &mut self.token.text);
                    }
                }
                Class::Invisible => {}
                Class::Unspaced | Class::Gap => break,
            }
            self.at += c.len_utf8();
        }
        self.before.clear();
        self.token.offset_to = self.at;
        if self.token.text.is_empty() {
            return false;
        }
        self.position += 1;
        let plain = self.token.text.trim_start_matches('0');
        if plain.len() < self.token.text.len() && !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            self.waiting = Some((Token { text: plain.to_owned(), ..self.token.clone() }, Kind::Alias));
        }
        true
    }

    /// A character of a script without spaces with its marks; first the pair that it makes with the one before it.
    fn unit(&mut self) {
        let from = self.at;
        self.at += self.peek().map_or(0, char::len_utf8);
        while let Some(c) = self.peek().filter(|c| matches!(class(*c), Class::Mark | Class::Invisible)) {
            self.at += c.len_utf8();
        }
        let mut single = Token { offset_from: from, offset_to: self.at, position: self.position, ..Token::default() };
        fold_unit(&self.text[from..self.at], &mut single.text);
        self.position += 1;
        let was_in_run = !self.before.is_empty();
        if was_in_run {
            self.start(self.before_from, Kind::Pair);
            self.token.offset_to = self.at;
            self.token.position = single.position - 1;
            self.token.text.push_str(&self.before);
            self.token.text.push_str(&single.text);
        }
        self.before.clear();
        self.before.push_str(&single.text);
        self.before_from = from;
        if was_in_run {
            self.waiting = Some((single, Kind::Single));
        } else {
            (self.token, self.kind) = (single, Kind::Single);
        }
    }

    fn start(&mut self, from: usize, kind: Kind) {
        self.token.text.clear();
        self.token.offset_from = from;
        self.token.position = self.position;
        self.token.position_length = 1;
        self.kind = kind;
    }
}

impl TokenStream for Cutter<'_> {
    fn advance(&mut self) -> bool {
        if let Some((token, kind)) = self.waiting.take() {
            (self.token, self.kind) = (token, kind);
            return true;
        }
        while let Some(c) = self.peek() {
            match class(c) {
                Class::Word => {
                    if self.word() {
                        return true;
                    }
                }
                Class::Unspaced => {
                    self.unit();
                    return true;
                }
                Class::Gap => {
                    self.before.clear();
                    self.at += c.len_utf8();
                }
                Class::Mark | Class::Invisible => self.at += c.len_utf8(),
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// The cutter, as the index calls it.
#[derive(Clone, Debug, Default)]
pub(super) struct Words;

impl Tokenizer for Words {
    type TokenStream<'a> = Cutter<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Cutter<'a> {
        Cutter::new(text)
    }
}

/// Only long words, written backwards: words that end alike stand beside each other in the index.
#[derive(Clone, Debug, Default)]
pub(super) struct Endings;

/// A shorter word is hardly made of several.
pub(super) const MIN_ENDING_CHARS: usize = 7;

impl Tokenizer for Endings {
    type TokenStream<'a> = EndingsStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> EndingsStream<'a> {
        EndingsStream { words: Cutter::new(text) }
    }
}

pub(super) struct EndingsStream<'a> {
    words: Cutter<'a>,
}

impl TokenStream for EndingsStream<'_> {
    fn advance(&mut self) -> bool {
        while self.words.advance() {
            let token = &mut self.words.token;
            if self.words.kind == Kind::Word && is_long_word(&token.text) {
                token.text = backwards(&token.text);
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.words.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.words.token
    }
}

fn is_long_word(text: &str) -> bool {
    text.len() >= MIN_ENDING_CHARS && !text.bytes().any(|byte| byte.is_ascii_digit()) && text.chars().nth(MIN_ENDING_CHARS - 1).is_some()
}

/// A word from its end to its beginning.
pub(super) fn backwards(word: &str) -> String {
    word.chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        let mut cutter = Cutter::new(text);
        let mut all = Vec::new();
        while let Some((token, _)) = cutter.next_kind() {
            all.push(format!("{}{}", token.position, token.text));
        }
        all
    }

    #[test]
    fn words_numbers_and_their_parts() {
        assert_eq!(cut("MIN-2026-014, Café"), ["0min", "12026", "2014", "214", "3cafe"]);
        assert_eq!(cut("so\u{ad}ft 000"), ["0soft", "1000"]);
        assert_eq!(cut("\u{301} — !"), [] as [&str; 0]);
    }

    #[test]
    fn scripts_without_spaces_give_characters_and_pairs() {
        assert_eq!(cut("会议纪要"), ["0会", "0会议", "1议", "1议纪", "2纪", "2纪要", "3要"]);
        assert_eq!(cut("第3次 会"), ["0第", "13", "2次", "3会"]);
        assert_eq!(cut("ｶﾞｰ"), ["0ガ", "0ガー", "1ー"]);
        assert_eq!(cut("한국"), ["0한", "0한국", "1국"]);
    }

    #[test]
    fn offsets_are_those_of_the_text() {
        let text = "Die Überstraße 会议";
        let mut cutter = Cutter::new(text);
        let mut seen = Vec::new();
        while let Some((token, _)) = cutter.next_kind() {
            seen.push(&text[token.offset_from..token.offset_to]);
        }
        assert_eq!(seen, ["Die", "Überstraße", "会", "会议", "议"]);
    }

    #[test]
    fn long_words_stand_backwards_among_the_endings() {
        let mut endings = Endings;
        let mut stream = endings.token_stream("Vorstandssitzung am 12345678 会议纪要会议纪要");
        assert!(stream.advance());
        assert_eq!(stream.token().text, "gnuztissdnatsrov");
        assert!(!stream.advance());
    }
}
