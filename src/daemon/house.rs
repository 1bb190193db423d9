//! What the watcher needs of its office: the door between the loop and the stages.

use std::path::Path;

use crate::failure::{Checked, Problem};
use crate::filing::Recovered;
use crate::intake::{Arrival, Places, Rules};
use crate::pipeline::Outcome;

/// An office, as the watcher sees it.
pub(super) trait House {
    /// Where it is.
    fn places(&self) -> Places;

    /// How its inbox is to be treated.
    fn rules(&self, once: bool) -> Rules;

    /// Finishes or takes back what writers left behind that are gone.
    fn recover(&mut self) -> Checked<Vec<Recovered>>;

    /// Files an arrival.
    fn process(&mut self, arrival: &Arrival) -> Vec<Outcome>;

    /// Every problem that filing the arrival would find, without filing it.
    fn rehearse(&mut self, arrival: &Arrival) -> Vec<Problem>;

    /// Removes a filed arrival from the inbox. One that was edited meanwhile stays and counts as removed.
    fn clear(&mut self, arrival: &Arrival, outcomes: &[Outcome], folder: Option<&Path>) -> Checked<()>;

    /// Reads settings and types anew, if they have changed.
    fn refresh(&mut self) -> Checked<bool>;

    /// Writes down what is still to be written.
    fn close(&mut self) -> Checked<()>;
}
