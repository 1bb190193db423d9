//! What the bytes of a picture say before anybody decodes them: its size, whether it moves, whether it is whole.

/// Pixels of one picture, and of all of a note together: a page of A3 at 600 pixels to the inch has 70 million. They are held in
/// memory while the page is set, three bytes and more for each.
pub(super) const MAX_PIXELS: u64 = 100_000_000;
/// The same for all pictures of a note.
pub(super) const MAX_PIXELS_IN_ALL: u64 = 400_000_000;

/// How many pixels a picture has across and down, as its head says.
pub(super) fn size(bytes: &[u8]) -> Option<(u64, u64)> {
    let size = imagesize::blob_size(bytes).ok()?;
    Some((size.width as u64, size.height as u64))
}

/// Whether a JPEG has four colour components (ITU-T T.81, B.2.2: the frame header names their number).
pub(super) fn has_press_colours(jpeg: &[u8]) -> bool {
    segments(jpeg).any(|(marker, at)| is_frame(marker) && jpeg.get(at + 9) == Some(&4))
}

/// Whether a JPEG ends before its picture does: behind the scan stands no end-of-image marker (ITU-T T.81, B.1.1.3).
pub(super) fn is_cut_off(jpeg: &[u8]) -> bool {
    let scan = segments(jpeg).find(|(marker, _)| *marker == 0xda);
    scan.is_some_and(|(_, at)| memchr::memmem::find(jpeg.get(at..).unwrap_or_default(), b"\xff\xd9").is_none())
}

fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

/// The segments of a JPEG up to the scan: each marker, and where it stands.
fn segments(jpeg: &[u8]) -> impl Iterator<Item = (u8, usize)> {
    let mut at = 2;
    let mut is_over = false;
    std::iter::from_fn(move || {
        while !is_over {
            let [0xff, marker, rest @ ..] = jpeg.get(at..)? else { return None };
            let found = (*marker, at);
            match (marker, rest) {
                (0xff, _) => {
                    at += 1;
                    continue;
                }
                (0xda, _) => is_over = true,
                (_, [high, low, ..]) => at += 2 + usize::from(u16::from_be_bytes([*high, *low])),
                _ => is_over = true,
            }
            return Some(found);
        }
        None
    })
}

/// Whether a GIF, PNG or WebP moves.
pub(super) fn is_animated(bytes: &[u8]) -> bool {
    match bytes {
        [b'G', b'I', b'F', b'8', ..] => frames_of_gif(bytes) > 1,
        // The chunk of animation must stand before the picture's own data.
        [0x89, b'P', b'N', b'G', ..] => {
            let data = memchr::memmem::find(bytes, b"IDAT").unwrap_or(bytes.len());
            let head = &bytes[..data];
            let frames = memchr::memmem::find(head, b"acTL").and_then(|at| head.get(at + 4..at + 8));
            frames.is_some_and(|frames| frames != [0, 0, 0, 1])
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', b'V', b'P', b'8', b'X', _, _, _, _, flags, ..] => flags & 0x02 != 0,
        _ => false,
    }
}

/// How many pictures a GIF holds; no more than two are counted (GIF89a, sections 18 to 26).
fn frames_of_gif(gif: &[u8]) -> usize {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3usize << ((flags & 7) + 1) };
    let past_blocks = |mut at: usize| {
        while let Some(length) = gif.get(at).filter(|length| **length > 0) {
            at += 1 + usize::from(*length);
        }
        at + 1
    };
    let Some(flags) = gif.get(10) else { return 0 };
    let (mut at, mut frames) = (13 + table(*flags), 0);
    while frames < 2 {
        at = match gif.get(at) {
            Some(0x21) => past_blocks(at + 2),
            Some(0x2c) => {
                frames += 1;
                let Some(flags) = gif.get(at + 9) else { break };
                past_blocks(at + 11 + table(*flags))
            }
            _ => break,
        };
    }
    frames
}

/// Why a colour profile cannot stand in the archive's format (ISO 19005-2, 6.2.4.2), if so: it must be of a screen, a camera, a
/// printer or a colour space, and not of the newest kind.
pub(super) fn profile_fault(profile: &[u8]) -> Option<&'static str> {
    // What has not its signature is no profile, and is left out of the page.
    let class = profile.get(12..16).filter(|_| profile.get(36..40) == Some(b"acsp"))?;
    let is_known = [&b"scnr"[..], b"mntr", b"prtr", b"spac"].contains(&class);
    if !is_known {
        Some("its colour profile is not that of a screen, a camera or a printer")
    } else if profile.get(8).is_some_and(|version| *version > 4) {
        Some("its colour profile is of a kind that the archive's format does not know")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jpeg_is_walked_to_its_scan() {
        let whole = b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xc0\0\x0b\x08\0\x01\0\x01\x04\0\0\0\xff\xda\0\x02abc\xff\xd9";
        assert!(has_press_colours(whole) && !is_cut_off(whole));
        assert!(is_cut_off(&whole[..whole.len() - 2]));
        assert!(!has_press_colours(b"\xff\xd8") && !is_cut_off(b"\xff\xd8\xff"));
    }

    #[test]
    fn nothing_is_counted_beyond_the_bytes() {
        for length in 0..40 {
            let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0".to_vec();
            gif.resize(length, 0x2c);
            is_animated(&gif);
            size(&gif);
        }
    }
}
