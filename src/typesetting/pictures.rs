//! Images that cannot be set, found before Typst is asked: all of them at once, each by its name and its line. And what a
//! reader should know of those that can.

use std::sync::Arc;

use typst::foundations::{Bytes, Smart};
use typst::visualize::{ExchangeFormat, ImageFormat, RasterFormat, RasterImage, SvgImage, VectorFormat};

use super::fonts::Fonts;
use super::picture_bytes::{self, MAX_PIXELS, MAX_PIXELS_IN_ALL};
use crate::composition::{LOGO, Manuscript};
use crate::failure::{Blame, Problem, Warning};

/// What to do about an image.
const HELP: &str = "Open the image in a picture program and save it anew as PNG or JPEG, or take the line out of the note.";

/// What to do about the logo.
const LOGO_HELP: &str = "Open it in a picture program and save it anew as PNG or JPEG, or name another under [organisation].";

/// One problem for each image of the note that cannot be set.
pub(super) fn unreadable(fonts: &Fonts, manuscript: &Manuscript) -> Vec<Problem> {
    let mut pixels = 0;
    let mut problems = Vec::new();
    for (path, bytes) in images(manuscript) {
        let own = picture_bytes::size(bytes).filter(|_| is_raster(bytes)).map_or(0, |(width, height)| width * height);
        pixels += own;
        let fault = if own <= MAX_PIXELS && pixels > MAX_PIXELS_IN_ALL {
            pixels -= own;
            let most = MAX_PIXELS_IN_ALL / 1_000_000;
            Some(format!("all images of the note together have more than {most} million pixels, which is the limit; save them smaller"))
        } else {
            fault(fonts, bytes)
        };
        problems.extend(fault.map(|fault| problem(manuscript, path, &fault)));
    }
    problems
}

/// What the page does not show of images that can be set.
pub(super) fn notices(manuscript: &Manuscript) -> Vec<Warning> {
    let notice = |(path, bytes): (&String, &Arc<[u8]>)| {
        let name = manuscript.shown.get(path).map_or(path.as_str(), String::as_str);
        let (code, message) = if picture_bytes::is_animated(bytes) {
            ("image-animated", format!("the image `{name}` moves: its first picture is printed"))
        } else if is_drawing(bytes) && memchr::memmem::find(bytes, b"<foreignObject").is_some() {
            ("image-foreign", format!("the drawing `{name}` holds text that only browsers show (foreignObject): it is not printed"))
        } else {
            return None;
        };
        let warning = Warning::new(code, message);
        Some(match line(manuscript, path) {
            Some(line) => warning.at_line(line),
            None => warning,
        })
    };
    images(manuscript).filter_map(notice).collect()
}

fn images(manuscript: &Manuscript) -> impl Iterator<Item = (&String, &Arc<[u8]>)> {
    manuscript.files.iter().filter(|(path, _)| path.starts_with("/asset-") || *path == LOGO)
}

/// A problem with the image at a virtual path: told by its name, at the line that shows it.
pub(super) fn problem(manuscript: &Manuscript, path: &str, fault: &str) -> Problem {
    let name = manuscript.shown.get(path).map_or(path, String::as_str);
    if path == LOGO {
        let told = Problem::new("logo-unreadable", format!("The logo `{name}` could not be read: {}.", fault.trim()), LOGO_HELP);
        return told.in_file(crate::config::FILE_NAME).blaming(Blame::Configuration);
    }
    let told = Problem::new("image-unreadable", format!("The image `{name}` could not be read: {}.", fault.trim()), HELP);
    let told = told.in_file(&manuscript.note);
    match line(manuscript, path) {
        Some(line) => told.at(&manuscript.text, line, None),
        None => told,
    }
}

/// A problem with a drawing that shows only when the PDF is written, and then without a place.
pub(super) fn of_drawing(manuscript: &Manuscript, message: &str) -> Option<Problem> {
    let (fault, mark) = if message.contains("CMYK") {
        ("it holds a picture with the colours of printing presses (CMYK)", &b"data:image"[..])
    } else if message.contains("missing codepoints") {
        ("it has text in a script whose letters join, which cannot be set within a drawing; save its text as outlines", &b"<text"[..])
    } else if message.contains("could not be displayed") {
        ("it has characters that no font here has", &b"<text"[..])
    } else {
        return None;
    };
    let (path, _) = images(manuscript).find(|(_, bytes)| is_drawing(bytes) && memchr::memmem::find(bytes, mark).is_some())?;
    Some(problem(manuscript, path, fault))
}

fn is_drawing(bytes: &[u8]) -> bool {
    matches!(ImageFormat::detect(bytes), Some(ImageFormat::Vector(VectorFormat::Svg)))
}

fn is_raster(bytes: &[u8]) -> bool {
    matches!(ImageFormat::detect(bytes), Some(ImageFormat::Raster(_)))
}

/// What is wrong with an image's bytes. (What is decoded here is remembered, and not decoded again for the page.)
fn fault(fonts: &Fonts, bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() {
        return Some("the file is empty".to_owned());
    }
    match ImageFormat::detect(bytes) {
        Some(ImageFormat::Raster(format @ RasterFormat::Exchange(_))) => raster_fault(format, bytes),
        Some(ImageFormat::Vector(VectorFormat::Svg)) => drawing_fault(fonts, bytes),
        Some(ImageFormat::Vector(VectorFormat::Pdf)) => Some(
            "it is a PDF, which the archive's format cannot show within a page; name it under `attachments:` or save the page as PNG"
                .to_owned(),
        ),
        Some(_) => None,
        None => Some("it is no PNG, JPEG, GIF, WebP or SVG".to_owned()),
    }
}

fn raster_fault(format: RasterFormat, bytes: &[u8]) -> Option<String> {
    if format == RasterFormat::Exchange(ExchangeFormat::Jpg) {
        if picture_bytes::has_press_colours(bytes) {
            return Some(
                "it has the colours of printing presses (CMYK), which the archive's format cannot hold; save it with RGB colours"
                    .to_owned(),
            );
        }
        if picture_bytes::is_cut_off(bytes) {
            return Some("it is cut off: its end is missing".to_owned());
        }
    }
    if let Some((width, height)) = picture_bytes::size(bytes).filter(|(width, height)| width * height > MAX_PIXELS) {
        let most = MAX_PIXELS / 1_000_000;
        return Some(format!("it has {width} × {height} pixels, and the limit is {most} million; save it smaller"));
    }
    match RasterImage::new(Bytes::new(bytes.to_vec()), format, Smart::Auto) {
        Err(error) => Some(format!("it is broken, cut off or too large ({})", one_line(&error))),
        Ok(image) => image.icc().and_then(|profile| picture_bytes::profile_fault(profile)).map(str::to_owned),
    }
}

fn drawing_fault(fonts: &Fonts, bytes: &[u8]) -> Option<String> {
    if let Some(c) = std::str::from_utf8(bytes).ok().and_then(|svg| unprintable(fonts, svg)) {
        return Some(format!("no font on this machine has the character {c} (U+{:04X}) of its text", c as u32));
    }
    SvgImage::new(Bytes::new(bytes.to_vec())).err().map(|_| "the drawing is not well-formed SVG, or too large".to_owned())
}

/// A character in the text of a drawing that no font has.
fn unprintable(fonts: &Fonts, svg: &str) -> Option<char> {
    let mut texts = svg.split("<text").skip(1).filter_map(|text| text.split("</text").next());
    texts.find_map(|text| text.chars().find(|c| !c.is_ascii() && !c.is_control() && !fonts.have(*c)))
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
