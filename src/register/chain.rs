//! The chain: seals a line with a hash over the one before it, and checks a line that was read.
//!
//! `hash` is the last key of each line: SHA-256, in hexadecimal, of the previous line's hash (nothing before the first
//! line) and of this line's bytes before `,"hash"`. The chain runs over all year files.

use sha2::{Digest, Sha256};

/// `,"hash":"`, 64 digits, `"}`.
const SEAL_BYTES: usize = 9 + 64 + 2;

/// Seals `object`, the text of a JSON object, and gives the line without its newline, and its hash.
pub(super) fn seal(previous: &str, object: &str) -> (String, String) {
    let body = object.strip_suffix('}').unwrap_or(object);
    let hash = hash(previous, body.as_bytes());
    (format!("{body},\"hash\":\"{hash}\"}}"), hash)
}

/// The bytes of a line that its hash covers, and the hash that it states; `None` if it states none.
pub(super) fn split(line: &[u8]) -> Option<(&[u8], &str)> {
    let (body, seal) = line.split_at_checked(line.len().checked_sub(SEAL_BYTES)?)?;
    let digits = seal.strip_prefix(b",\"hash\":\"")?.strip_suffix(b"\"}")?;
    let hexadecimal = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    if digits.iter().all(hexadecimal) { Some((body, std::str::from_utf8(digits).ok()?)) } else { None }
}

/// Whether a line is sealed rightly after `previous`.
pub(super) fn is_sound(previous: &str, line: &[u8]) -> bool {
    split(line).is_some_and(|(body, stated)| hash(previous, body) == stated)
}

/// The hash of a line with this body after `previous`.
pub(super) fn hash(previous: &str, body: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(previous.as_bytes());
    hasher.update(body);
    crate::model::hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_sha256_over_the_previous_hash_and_the_bytes_before_it() {
        // echo -n '{"v":1' | sha256sum
        let (line, hash) = seal("", r#"{"v":1}"#);
        assert_eq!(hash, crate::model::sha256_hex(br#"{"v":1"#));
        assert_eq!(line, format!(r#"{{"v":1,"hash":"{hash}"}}"#));
        let (second, _) = seal(&hash, r#"{"v":1,"title":",\"hash\":\"x\"}"}"#);
        assert!(is_sound("", line.as_bytes()));
        assert!(is_sound(&hash, second.as_bytes()));
        assert!(!is_sound("", second.as_bytes()));
        assert!(serde_json::from_str::<serde_json::Value>(&second).is_ok());
    }

    #[test]
    fn any_changed_byte_is_seen() {
        let (line, _) = seal("abc", r#"{"v":1,"title":"x"}"#);
        for index in 0..line.len() {
            let mut changed = line.clone().into_bytes();
            changed[index] ^= 1;
            assert!(!is_sound("abc", &changed), "byte {index}");
        }
        assert!(split(b"").is_none());
        assert!(split(&[b'x'; SEAL_BYTES]).is_none());
    }
}
