//! Nothing: every document is made and none is written. What would be wrong?

use super::Aim;
use crate::cli::previews;
use crate::cli::telling::Told;
use crate::cli::view::{Line, Status};
use crate::failure::Checked;
use crate::pipeline::Preview;

/// Looks and writes nothing.
pub struct Judging;

impl Aim for Judging {
    fn take(&mut self, _: usize, source: &str, made: Vec<Preview>) -> Told {
        previews::judged(Line::new(Status::Ok, Some(source.to_owned())), made)
    }

    fn close(self: Box<Self>, _: bool) -> Checked<String> {
        Ok("Nothing was written (--dry-run).".to_owned())
    }

    fn can_go_on(&self) -> bool {
        false
    }
}
