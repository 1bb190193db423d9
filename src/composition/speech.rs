//! How long a speech takes: cumulative times for each paragraph, from the speaker's pace.

use serde_json::{Value, json};

use super::dates;
use super::writer::{SpokenParagraph, spoken_length};

/// Words a minute where the note names no pace: the middle of the usual 125 to 150.
const WORDS_PER_MINUTE: f64 = 135.0;
/// Chinese and Japanese characters a minute: the usual 150 to 200, and a little more for short pauses.
const CHARACTERS_PER_MINUTE: f64 = 180.0;
/// A marked pause, and a long one, in seconds.
const PAUSE_SECONDS: f64 = 1.0;
const LONG_PAUSE_SECONDS: f64 = 2.5;

/// The `timing` that words and layouts see.
///
/// `pace` is the note's `words_per_minute` (characters a minute in a text written without spaces), `slot` its slot in
/// minutes.
pub(super) fn timing(paragraphs: &[SpokenParagraph], pace: Option<f64>, slot: Option<f64>) -> Value {
    let characters: usize = paragraphs.iter().map(|paragraph| paragraph.characters).sum();
    let words: usize = paragraphs.iter().map(|paragraph| paragraph.words).sum();
    let by_characters = characters > words;
    let pace = pace.filter(|pace| (20.0..=1000.0).contains(pace));
    let words_pace = pace.filter(|_| !by_characters).unwrap_or(WORDS_PER_MINUTE);
    let characters_pace = pace.filter(|_| by_characters).unwrap_or(CHARACTERS_PER_MINUTE);

    let mut elapsed = 0.0;
    let rows: Vec<Value> = paragraphs
        .iter()
        .map(|paragraph| {
            let spoken = paragraph.words as f64 / words_pace * 60.0 + paragraph.characters as f64 / characters_pace * 60.0;
            let seconds = spoken + paragraph.pauses as f64 * PAUSE_SECONDS + paragraph.long_pauses as f64 * LONG_PAUSE_SECONDS;
            let start = elapsed;
            elapsed += seconds;
            json!({ "seconds": whole(seconds), "start_text": dates::clock(whole(start)), "end_text": dates::clock(whole(elapsed)) })
        })
        .collect();
    let slot = slot.filter(|minutes| (0.1..=1440.0).contains(minutes)).map(|minutes| minutes * 60.0);
    json!({
        "words_per_minute": whole(if by_characters { characters_pace } else { words_pace }),
        "by_characters": by_characters,
        "total_seconds": whole(elapsed),
        "total_text": dates::clock(whole(elapsed)),
        "slot_seconds": slot.map(whole),
        "over_seconds": slot.map(|slot| (elapsed - slot).round() as i64),
        "paragraphs": rows,
    })
}

/// The timing of a text that was not yet taken apart: for words files, which run before the body is written.
pub(super) fn timing_of_text(text: &str, pace: Option<f64>, slot: Option<f64>) -> Value {
    timing(&[spoken_length(text)], pace, slot)
}

fn whole(seconds: f64) -> u64 {
    seconds.round().max(0.0) as u64
}
