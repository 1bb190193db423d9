//! Documents that were set before and stand somewhere: what is made from the same is not made again.
//!
//! A document is asked for by the fingerprint of what it is made from ([`crate::workers::Workers::fingerprint`]). Whoever keeps the shelf
//! answers for it that what it gives is, byte for byte, what was made then.

use std::path::PathBuf;

use super::order;
use super::outcome::StageTimes;
use super::parts::PartInHand;
use crate::failure::Checked;
use crate::office::Office;
use crate::typesetting::Rendition;

/// Where documents that were set before are looked for.
pub trait Shelf: Sync {
    /// The files of the document with this fingerprint, all of them or nothing.
    fn find(&self, fingerprint: &str) -> Option<Vec<Standing>>;
}

/// A file that was made before.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Where it stands.
    pub path: PathBuf,
    /// The file itself.
    pub rendition: Rendition,
}

/// What is known of a part beforehand.
#[derive(Default)]
pub(super) struct Found {
    /// Its fingerprint, where there is a shelf.
    pub fingerprint: Option<String>,
    /// Its files, where they stand.
    pub standing: Option<Vec<Standing>>,
}

/// Looks for a part. Without a shelf, and for a part of which pictures are wanted, nothing is asked.
pub(super) fn look_for(
    made: &PartInHand,
    ppi: Option<u16>,
    office: &Office,
    shelf: Option<&dyn Shelf>,
    times: &mut StageTimes,
) -> Checked<Found> {
    let Some(shelf) = shelf.filter(|_| ppi.is_none()) else { return Ok(Found::default()) };
    let started = std::time::Instant::now();
    let fingerprint = office.workers().fingerprint(&order(made, None, None, office), office.clock().standing_at())?;
    let standing = shelf.find(&fingerprint);
    times.0.insert("comparing", super::milliseconds(started));
    Ok(Found { fingerprint: Some(fingerprint), standing })
}
