//! The fingerprint of a record that is to be made: a hash over all that its pages depend on. Two orders with one fingerprint give
//! the same document, so what was made of the first need not be made again.
//!
//! No time stamp is part of it: neither when the note was last changed nor the hour of making, which stands in a PDF as the time of
//! its creation and nowhere else. Only a clock that was set, for a result that can be repeated to the byte, is.

use std::io::{self, Write};

use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Order;
use crate::composition::Commission;
use crate::failure::{Checked, Problem, Problems};
use crate::model::hex;
use crate::reading::Submission;

/// Raised when the meaning of a fingerprint changes.
const FORMAT: u32 = 1;

/// The program that makes it: its version, and the code that it was built from.
const PROGRAM: &str = concat!("chancery ", env!("CARGO_PKG_VERSION"), " ", env!("CHANCERY_CODE"));

/// The fingerprint of an order. `fonts_sha256` is the hash of the fonts that it is set with, `set` the time at which the clock was
/// set to stand.
///
/// # Errors
/// A mistake of the program.
pub(super) fn fingerprint(order: &Order<'_>, fonts_sha256: &str, set: Option<DateTime<FixedOffset>>) -> Checked<String> {
    let Order { commission, ppi, limits } = order;
    let Commission { submission, classification, document_type, settings, ticket, status, said, now: _ } = commission;
    // Named one by one, so that whoever adds to a submission is asked here. Nothing is composed of rows: each is put into its note first.
    let Submission { name, format, text, fields, body, rows: _, company, source, modified: _, folder, warnings } = submission;
    let mut hash = Hashed(Sha256::new());
    hash.add(&(FORMAT, PROGRAM, fonts_sha256, set))?;
    hash.add(&(name, format, text, fields, body, folder, warnings))?;
    hash.add(&serde_bytes::Bytes::new(source))?;
    hash.add(&company.len())?;
    for file in company {
        hash.add(&(&file.name, &file.sha256))?;
    }
    hash.add(&(classification, &document_type.name, &document_type.sha256, settings))?;
    hash.add(&(ticket, status, said, ppi, limits))?;
    Ok(hex(&hash.0.finalize()))
}

/// What is written is hashed and not kept.
struct Hashed(Sha256);

impl Hashed {
    /// Each piece says by itself where it ends, so that two rows of pieces are never one.
    fn add<T: Serialize>(&mut self, piece: &T) -> Checked<()> {
        rmp_serde::encode::write(self, piece).map_err(|error| Problems::from(Problem::internal(&error.to_string())))
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
