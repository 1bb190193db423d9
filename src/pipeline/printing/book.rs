//! A PDF in the making: its documents are laid out one by one by one worker, and anew by another where that was lost.

use std::sync::atomic::Ordering;
use std::time::Instant;

use sha2::{Digest as _, Sha256};

use super::{Laid, PrintRow, Shop, ToldRow, Volume};
use crate::failure::{Blame, Checked, Problem, Problems, guarded};
use crate::model::hex;
use crate::pipeline::group::warnings_of;
use crate::pipeline::parts::{PartInHand, Parts};
use crate::pipeline::{milliseconds, order};
use crate::typesetting::{Caption, Imprint, LaidIn, Rendition, Unprintable};
use crate::workers::{Press, Unlaid};

/// What was laid out anew so often, and was lost again, is given up: something ends workers from outside.
const TRIES: usize = 5;

/// A PDF in the making.
pub(super) struct Book<'a, R> {
    shop: &'a Shop<'a, R>,
    press: Option<Press<'a>>,
    /// The rows that it has, and how many files of each: so they can be laid out anew.
    laid: Vec<(usize, usize)>,
    /// What became of all its rows, also of those that it does not have.
    told: Vec<ToldRow>,
    /// Of all that its documents say.
    content: Sha256,
    /// That of its first document.
    language: Option<String>,
}

impl<'a, R: Fn(usize) -> Checked<PrintRow> + Sync> Book<'a, R> {
    pub(super) fn new(shop: &'a Shop<'a, R>) -> Self {
        Self { shop, press: None, laid: Vec::new(), told: Vec::new(), content: Sha256::new(), language: None }
    }

    pub(super) fn pages(&self) -> usize {
        self.press.as_ref().map_or(0, Press::pages)
    }

    /// Lays out a row; one that fails stops no other. With one for which the machine is to blame there is no going on: it is given back.
    pub(super) fn add(&mut self, index: usize) -> Option<Checked<Box<Laid>>> {
        let laid = guarded(|| self.row(index));
        let problems = match &laid {
            Ok(laid) => laid.result.as_ref().err(),
            Err(problems) => Some(problems),
        };
        if problems.is_some_and(|problems| problems.iter().any(|problem| problem.blame == Blame::Machine)) {
            return Some(laid);
        }
        self.told.push((index, laid));
        None
    }

    fn row(&mut self, index: usize) -> Checked<Box<Laid>> {
        let (made, caption) = self.made(index)?;
        let result = self.lay(&made, &caption);
        let mut warnings = made.warnings();
        if let Ok(files) = &result {
            self.laid.push((index, files.len()));
            self.content.update(made.content_sha256());
            self.language.get_or_insert_with(|| made.classification.language.0.clone());
            warnings.extend(warnings_of(files.iter().flat_map(|file| &file.warnings)));
        }
        Ok(Box::new(Laid { classification: made.classification, result, warnings }))
    }

    /// A row, understood, and what it is called.
    fn made(&self, index: usize) -> Checked<(PartInHand, Caption)> {
        let Shop { office, wishes, row, .. } = self.shop;
        let PrintRow { submission, part, bookmark } = row(index)?;
        let made = Parts::of(&submission, Some(&part), office, wishes)?.get(0, office, wishes)?;
        // Pages are called by their row: so a sheet is found in the table again, whichever file it is in.
        Ok((made, Caption { bookmark, label: (index + 1).to_string() }))
    }

    /// Lays out a row; once more, if its worker came to an end that may have been chance.
    fn lay(&mut self, made: &PartInHand, caption: &Caption) -> Checked<Vec<LaidIn>> {
        let mut is_second = false;
        loop {
            let order = order(made, None, None, self.shop.office);
            match self.press()?.lay(&order, caption) {
                Ok(files) => return Ok(files),
                Err(Unlaid::Faulty(problems)) => return Err(problems),
                Err(Unlaid::Lost { problems, chance }) => {
                    self.press = None;
                    if is_second || !chance {
                        return Err(problems);
                    }
                    is_second = true;
                }
            }
        }
    }

    /// The worker that has all that was laid out; a new one is told all of it again.
    fn press(&mut self) -> Checked<&mut Press<'a>> {
        if self.press.is_none() {
            self.press = Some(self.laid_anew()?);
        }
        self.press.as_mut().ok_or_else(|| Problem::internal(&"a press is missing").into())
    }

    fn laid_anew(&self) -> Checked<Press<'a>> {
        'tries: for _ in 0..TRIES {
            let mut press = self.shop.office.workers().press(self.shop.job.fresh_sheets)?;
            for (row, _) in &self.laid {
                if self.shop.stop.load(Ordering::SeqCst) {
                    return Err(Problem::new("stopped", "The batch was stopped.", "Run the command again.").blaming(Blame::Machine).into());
                }
                let (made, caption) = self.made(*row)?;
                match press.lay(&order(&made, None, None, self.shop.office), &caption) {
                    Ok(_) => {}
                    Err(Unlaid::Faulty(problems)) => return Err(problems),
                    Err(Unlaid::Lost { .. }) => continue 'tries,
                }
            }
            return Ok(press);
        }
        let help = "Nothing was written. Look at what ends processes on this machine, such as too little memory, and begin again.";
        Err(Problem::new("press-lost", format!("The process that lays out the pages was ended {TRIES} times."), help)
            .blaming(Blame::Machine)
            .into())
    }

    /// Makes the PDF, if anything is in it, and says what became of its rows.
    pub(super) fn bind(mut self, place: (usize, usize)) -> (Option<Volume>, Vec<ToldRow>) {
        let started = Instant::now();
        let imprint = Imprint {
            title: self.shop.job.title.clone(),
            language: self.language.take().unwrap_or_default(),
            identity: hex(&self.content.clone().finalize()),
            created: self.shop.office.clock().now(),
        };
        let mut result = None;
        while result.is_none() && !self.laid.is_empty() {
            match guarded(|| Ok(self.exported(&imprint))) {
                Ok(Ok(rendition)) => result = Some(Ok(rendition)),
                Ok(Err(Unprintable::Documents(faulty))) if !faulty.is_empty() => self.leave_out(faulty),
                Ok(Err(unprintable)) => result = Some(Err(unprintable.into_problems())),
                Err(problems) => result = Some(Err(problems)),
            }
        }
        let volume = result.map(|result| Volume { place, documents: self.laid.len(), result, export_ms: milliseconds(started) });
        (volume, self.told)
    }

    /// The PDF; a second time, if the worker came to an end that may have been chance.
    fn exported(&mut self, imprint: &Imprint) -> Result<Rendition, Unprintable> {
        let mut is_second = false;
        loop {
            self.press()?;
            let Some(press) = self.press.take() else { return Err(Problems::from(Problem::internal(&"a press is missing")).into()) };
            match press.export(imprint) {
                Ok(rendition) => return Ok(rendition),
                Err(Unlaid::Lost { chance: true, .. }) if !is_second => is_second = true,
                Err(Unlaid::Faulty(unprintable)) => return Err(unprintable),
                Err(Unlaid::Lost { problems, .. }) => return Err(problems.into()),
            }
        }
    }

    /// Takes out the rows of files that only the PDF showed to be faulty; they are counted from 0, in the order in which they were laid out.
    fn leave_out(&mut self, faulty: Vec<(usize, Problems)>) {
        let mut faulty = faulty.into_iter().peekable();
        let (mut end, told) = (0, &mut self.told);
        self.laid.retain(|(row, files)| {
            end += files;
            let mut problems: Option<Problems> = None;
            while let Some((_, more)) = faulty.next_if(|(file, _)| *file < end) {
                problems = Some(match problems {
                    Some(problems) => problems.and(more),
                    None => more,
                });
            }
            let Some(problems) = problems else { return true };
            if let Some((_, Ok(laid))) = told.iter_mut().find(|(index, _)| index == row) {
                laid.result = Err(problems);
            }
            false
        });
    }
}
