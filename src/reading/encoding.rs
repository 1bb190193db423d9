//! Bytes to text: byte-order marks, UTF-16 with and without one, UTF-8, and the legacy encodings.
//!
//! Never refuses text: bytes that fit no encoding become U+FFFD and are named with their line in a warning. A
//! file with a few broken bytes among good UTF-8 stays UTF-8, because a wild guess would spoil all the rest.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::characters::{name_lines, replace_controls, unify_line_ends};
use crate::failure::Warning;

/// The detector is slow and has seen enough after so many bytes.
const SAMPLE_BYTES: usize = 256 << 10;

/// Text and what was absorbed to get it.
#[derive(Debug)]
pub(super) struct Decoded {
    /// Line ends as `\n`, no byte-order mark, nothing that cannot be printed.
    pub(super) text: String,
    /// The encoding where it is not UTF-8, broken bytes, control characters.
    pub(super) warnings: Vec<Warning>,
}

/// Decodes a file that is text.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let (encoding, bom_length) = Encoding::for_bom(bytes).unwrap_or_else(|| (guess(bytes), 0));
    let (decoded, broken) = encoding.decode_without_bom_handling(&bytes[bom_length..]);
    let mut warnings = Vec::new();
    if encoding != UTF_8 {
        let name = encoding.name();
        warnings.push(Warning::new("encoding", format!("The file is not UTF-8; it was read as {name}.")));
    }
    let text = unify_line_ends(decoded.into_owned());
    if broken {
        warnings.extend(broken_bytes(&text, encoding));
    }
    let (text, controls) = replace_controls(text);
    warnings.extend(controls);
    Decoded { text, warnings }
}

/// Whether bytes are UTF-16 without a byte-order mark, by where their NULs stand.
pub(super) fn utf16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES) & !1];
    let units = sample.len() / 2;
    if units < 2 {
        return None;
    }
    let high = sample.iter().step_by(2).filter(|byte| **byte == 0).count();
    let low = sample.iter().skip(1).step_by(2).filter(|byte| **byte == 0).count();
    let (encoding, many, few) = if low > high { (UTF_16LE, low, high) } else { (UTF_16BE, high, low) };
    if few * 20 > many {
        return None;
    }
    // Latin text is half NULs. Of Chinese text only spaces, digits and line ends have one, but then the rest
    // is no UTF-8 and every pair of bytes must be a character.
    let fits = match std::str::from_utf8(sample) {
        Ok(_) => many * 10 >= units * 6,
        Err(_) => many * 50 >= units && !encoding.decode_without_bom_handling(sample).1,
    };
    fits.then_some(encoding)
}

/// The encoding of bytes without a byte-order mark.
fn guess(bytes: &[u8]) -> &'static Encoding {
    if let Some(encoding) = utf16_without_bom(bytes) {
        return encoding;
    }
    let (good, broken) = count_utf8(bytes);
    if broken == 0 {
        let escaped_japanese = good == 0 && bytes.windows(2).any(|pair| pair == b"\x1b$");
        return if escaped_japanese && detect(bytes) == ISO_2022_JP { ISO_2022_JP } else { UTF_8 };
    }
    // Each broken byte needs a good character beside it: chance hardly makes valid UTF-8 out of a legacy encoding.
    if good >= broken {
        return UTF_8;
    }
    let guessed = detect(bytes);
    // A guess that breaks on more bytes than it explains is worse than the one that hardly ever breaks.
    if broken_share(bytes, guessed) > 50 { WINDOWS_1252 } else { guessed }
}

/// What the detector says of the part where the first byte beyond ASCII stands.
fn detect(bytes: &[u8]) -> &'static Encoding {
    let start = Encoding::ascii_valid_up_to(bytes).saturating_sub(64).min(bytes.len().saturating_sub(SAMPLE_BYTES));
    let sample = &bytes[start..(start + SAMPLE_BYTES).min(bytes.len())];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(sample, start + sample.len() == bytes.len());
    detector.guess(None, Utf8Detection::Deny)
}

/// How many U+FFFD a decoding gives per thousand characters beyond ASCII.
fn broken_share(bytes: &[u8], encoding: &'static Encoding) -> usize {
    let (text, broken) = encoding.decode_without_bom_handling(&bytes[..bytes.len().min(SAMPLE_BYTES)]);
    if !broken {
        return 0;
    }
    let beyond = text.chars().filter(|c| !c.is_ascii()).count().max(1);
    text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count() * 1000 / beyond
}

/// How many characters beyond ASCII are good UTF-8, and how many stretches are none.
fn count_utf8(bytes: &[u8]) -> (usize, usize) {
    bytes.utf8_chunks().fold((0, 0), |(good, broken), chunk| {
        let beyond = chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        (good + beyond, broken + usize::from(!chunk.invalid().is_empty()))
    })
}

/// Names the lines with U+FFFD.
fn broken_bytes(text: &str, encoding: &'static Encoding) -> Option<Warning> {
    let lines: Vec<u32> = (1..).zip(text.split('\n')).filter(|(_, line)| line.contains('\u{fffd}')).map(|(n, _)| n).collect();
    let first = *lines.first()?;
    let place = name_lines(&lines);
    let message = format!("Bytes that are no {} became \u{fffd} ({place}): look which letter was meant.", encoding.name());
    Some(Warning::new("broken-bytes", message).at_line(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(decoded: &Decoded) -> Vec<&str> {
        decoded.warnings.iter().map(|warning| warning.code.as_str()).collect()
    }

    #[test]
    fn a_byte_order_mark_and_crlf_pass_without_a_word() {
        let decoded = decode(b"\xef\xbb\xbf# A\r\nline\r\n");
        assert_eq!(decoded.text, "# A\nline\n");
        assert!(decoded.warnings.is_empty());
    }

    #[test]
    fn utf16_is_seen_with_and_without_its_mark() {
        for text in ["# Protokoll – Sitzung\n\nAnwesend: Müller\n", "# 会议纪要\n\n时间：2024年3月12日\n出席：张三、李四\n"]
        {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for bytes in [[&b"\xff\xfe"[..], &little].concat(), little.clone(), [&b"\xfe\xff"[..], &big].concat(), big.clone()] {
                let decoded = decode(&bytes);
                assert_eq!(decoded.text, text);
                assert_eq!(codes(&decoded), ["encoding"]);
            }
        }
    }

    #[test]
    fn one_broken_byte_leaves_the_rest_utf8() {
        let decoded = decode(b"Gr\xc3\xb6\xc3\x9fe\nM\xfcller\n");
        assert_eq!(decoded.text, "Größe\nM\u{fffd}ller\n");
        assert_eq!(codes(&decoded), ["broken-bytes"]);
        assert_eq!(decoded.warnings[0].line, Some(2));
    }

    #[test]
    fn legacy_encodings_are_read_and_named() {
        let chinese = "# 会议纪要\n\n时间：2024年3月12日\n参会人员：张三、李四\n决议：同意通过。\n";
        let (bytes, ..) = encoding_rs::GBK.encode(chinese);
        let decoded = decode(&bytes);
        assert_eq!(decoded.text, chinese);
        assert_eq!(decoded.warnings[0].message, "The file is not UTF-8; it was read as GBK.");
        let decoded = decode(b"Caf\xe9 M\xfcller, na\xefve\n");
        assert_eq!(decoded.text, "Café Müller, naïve\n");
    }
}
