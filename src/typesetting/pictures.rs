//! Images that cannot be read, found before Typst is asked: all of them at once, each by its name and its line.

use typst::foundations::{Bytes, Smart};
use typst::visualize::{ExchangeFormat, ImageFormat, RasterFormat, RasterImage, SvgImage, VectorFormat};

use crate::composition::Manuscript;
use crate::failure::Problem;

/// What to do about an image.
const HELP: &str = "Open the image in a picture program and save it anew as PNG or JPEG, or take the line out of the note.";

/// One problem for each image of the note that cannot be read.
pub(super) fn unreadable(manuscript: &Manuscript) -> Vec<Problem> {
    let images = manuscript.files.iter().filter(|(path, _)| path.starts_with("/asset-"));
    images.filter_map(|(path, bytes)| Some(problem(manuscript, path, &fault(bytes)?))).collect()
}

/// A problem with the image at a virtual path: told by its name, at the line that shows it.
pub(super) fn problem(manuscript: &Manuscript, path: &str, fault: &str) -> Problem {
    let name = manuscript.shown.get(path).map_or(path, String::as_str);
    let told = Problem::new("image-unreadable", format!("The image `{name}` could not be read: {}.", fault.trim()), HELP);
    let told = told.in_file(&manuscript.note);
    match line(manuscript, path) {
        Some(line) => told.at(&manuscript.text, line, None),
        None => told,
    }
}

/// What is wrong with an image's bytes. (What is decoded here is remembered, and not decoded again for the page.)
fn fault(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() {
        return Some("the file is empty".to_owned());
    }
    let data = || Bytes::new(bytes.to_vec());
    match ImageFormat::detect(bytes) {
        None => Some("it is no PNG, JPEG, GIF, WebP or SVG".to_owned()),
        Some(ImageFormat::Raster(RasterFormat::Exchange(ExchangeFormat::Jpg))) if has_press_colours(bytes) => Some(
            "it has the colours of printing presses (CMYK), which the archive's format cannot hold; save it with RGB colours".to_owned(),
        ),
        Some(ImageFormat::Raster(format @ RasterFormat::Exchange(_))) => {
            let error = RasterImage::new(data(), format, Smart::Auto).err()?;
            Some(format!("it is broken, cut off or too large ({})", one_line(&error)))
        }
        Some(ImageFormat::Vector(VectorFormat::Svg)) => {
            SvgImage::new(data()).err().map(|_| "the drawing is not well-formed SVG".to_owned())
        }
        Some(_) => None,
    }
}

/// Whether a JPEG has four colour components (ITU-T T.81, B.2.2: the frame header names their number).
fn has_press_colours(jpeg: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xff, marker, high, low, ..]) = jpeg.get(at..) {
        match marker {
            0xff => at += 1,
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => return jpeg.get(at + 9) == Some(&4),
            _ => at += 2 + usize::from(u16::from_be_bytes([*high, *low])),
        }
    }
    false
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" )", ")")
}

/// The line of the note that shows the image at a virtual path.
fn line(manuscript: &Manuscript, path: &str) -> Option<u32> {
    let words = manuscript.files.get("/words.typ")?;
    let literal = format!("\"{path}\"");
    let shows = |origin: &&crate::composition::Origin| words.get(origin.start..origin.end) == Some(literal.as_bytes());
    manuscript.origins.iter().filter(shows).find_map(|origin| origin.line)
}
