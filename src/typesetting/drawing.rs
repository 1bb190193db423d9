//! Pages as pictures.

use typst_layout::Page;

use crate::failure::{Checked, Problem};

/// How many pixels a picture may have: 600 MB while it is drawn. A4 at 600 pixels to the inch has 35 million.
const MAX_PIXELS: f64 = 150e6;

/// One page, from 0, as a PNG with `ppi` pixels to the inch.
///
/// # Errors
/// It would have too many pixels; only a layout of the office's own has pages of that size.
pub(super) fn png(page: &Page, index: usize, ppi: f32) -> Checked<Vec<u8>> {
    let scale = f64::from(ppi) / 72.0;
    let size = page.frame.size();
    // A strip too narrow for a pixel gets one.
    let (width, height) = ((size.x.to_pt() * scale).round().max(1.0), (size.y.to_pt() * scale).round().max(1.0));
    if width * height > MAX_PIXELS {
        let fits = (f64::from(ppi) * (MAX_PIXELS / (width * height)).sqrt()).floor();
        let help = if fits < 1.0 {
            "Render it as a PDF.".to_owned()
        } else {
            format!("Ask for at most {fits} pixels to the inch (`--ppi {fits}`).")
        };
        let message =
            format!("Page {} would be a picture of {width} × {height} pixels; at most {} million are drawn.", index + 1, MAX_PIXELS / 1e6);
        return Err(Problem::new("png", message, help).into());
    }
    let options = typst_render::RenderOptions { pixel_per_pt: scale.into(), ..Default::default() };
    typst_render::render(page, &options).encode_png().map_err(|error| {
        Problem::new("png", format!("Page {} could not be drawn: {error}", index + 1), "Ask for fewer pixels to the inch.").into()
    })
}
