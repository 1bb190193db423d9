//! What the watcher needs of its office: the door between the loop and the stages.

use std::path::Path;

use crate::config::FILE_NAME;
use crate::failure::{Checked, Problem};
use crate::filing::{self, Recovered};
use crate::intake::{Arrival, Places, Rules};
use crate::office::Office;
use crate::pipeline::{self, Fate, Outcome, Wishes};
use crate::reading::Glance;
use crate::register::Damage;

/// An office, as the watcher sees it.
pub(super) trait House {
    /// Where it is.
    fn places(&self) -> Places;

    /// How its inbox is to be treated.
    fn rules(&self, once: bool) -> Rules;

    /// Finishes or takes back what writers left behind that are gone.
    fn recover(&mut self) -> Checked<Vec<Recovered>>;

    /// Which files a file names.
    fn glance(&self, name: &str, bytes: &[u8]) -> Checked<Glance>;

    /// Files an arrival; `by_hand` if somebody asked for this run.
    fn process(&mut self, arrival: &Arrival, by_hand: bool) -> Vec<Outcome>;

    /// Every problem that filing the arrival would find, without filing it.
    fn rehearse(&mut self, arrival: &Arrival) -> Vec<Problem>;

    /// Removes a filed arrival from the inbox. One that was edited meanwhile stays and counts as removed.
    fn clear(&mut self, arrival: &Arrival, outcomes: &[Outcome], folder: Option<&Path>) -> Checked<()>;

    /// Reads settings and types anew, if they have changed.
    fn refresh(&mut self) -> Checked<bool>;

    /// What is wrong with its types: documents of the others are made all the same.
    fn broken(&self) -> Vec<Problem>;

    /// The lines of its register that are not what was written.
    fn damage(&self) -> Checked<Vec<Damage>>;

    /// Writes down what is still to be written.
    fn close(&mut self) -> Checked<()>;
}

impl House for Office {
    fn places(&self) -> Places {
        Places { inbox: self.inbox(), state: self.state(), templates: self.templates(), configuration: self.root().join(FILE_NAME) }
    }

    fn rules(&self, once: bool) -> Rules {
        let settings = self.settings();
        let types = self.catalog().names().map(ToString::to_string).collect();
        Rules { settle: settings.settle, wait: settings.wait, rescan: settings.rescan, once, types }
    }

    fn recover(&mut self) -> Checked<Vec<Recovered>> {
        pipeline::recover(self)
    }

    fn glance(&self, name: &str, bytes: &[u8]) -> Checked<Glance> {
        self.workers().glance(name, bytes)
    }

    fn process(&mut self, arrival: &Arrival, by_hand: bool) -> Vec<Outcome> {
        pipeline::process(arrival, self, &Wishes { by_hand, ..Wishes::default() })
    }

    fn rehearse(&mut self, arrival: &Arrival) -> Vec<Problem> {
        match pipeline::preview(arrival, self, &Wishes::default(), None) {
            Err(problems) => problems.into_vec(),
            Ok(parts) => parts.into_iter().filter_map(|part| part.result.err()).flat_map(|problems| problems.into_vec()).collect(),
        }
    }

    fn clear(&mut self, arrival: &Arrival, outcomes: &[Outcome], folder: Option<&Path>) -> Checked<()> {
        let filed = |outcome: &Outcome| match &outcome.fate {
            Fate::Filed(record) => Some(record.seq),
            Fate::Duplicate(_) | Fate::Attention(_) => None,
        };
        let records: Vec<u64> = outcomes.iter().filter_map(filed).collect();
        // What was edited meanwhile stays and is a new submission, as intake sees by itself.
        filing::clear_inbox(&self.inbox(), arrival, self.register(), &records, folder).map(drop)
    }

    fn refresh(&mut self) -> Checked<bool> {
        Office::refresh(self)
    }

    fn broken(&self) -> Vec<Problem> {
        self.catalog().problems()
    }

    fn damage(&self) -> Checked<Vec<Damage>> {
        self.register().damage()
    }

    fn close(&mut self) -> Checked<()> {
        self.register().flush()
    }
}
