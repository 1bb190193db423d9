//! The line of an arrival or a batch as a whole, summed up while its parts are told: so that nobody has to keep a hundred thousand of
//! them until the last one is there.

use super::view::{FileView, Line, ProblemView, Status};

/// So many files are named in the line of a whole; of the others it is said how many there are.
pub const MAX_FILES: usize = 1_000;

/// So many problems are told once more in the line of a whole; of the others it is said how many there are.
pub const MAX_PROBLEMS: usize = 50;

/// What is known so far.
#[derive(Clone, Debug)]
pub struct Whole {
    source: String,
    first: Option<Line>,
    /// The first part of the status that the whole has.
    decisive: Option<Line>,
    files: Vec<FileView>,
    files_left_out: usize,
    problems: Vec<ProblemView>,
    problems_left_out: usize,
}

impl Whole {
    /// A whole without any part yet.
    pub fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            first: None,
            decisive: None,
            files: Vec::new(),
            files_left_out: 0,
            problems: Vec::new(),
            problems_left_out: 0,
        }
    }

    /// Takes in the line of the next part.
    pub fn add(&mut self, part: &Line) {
        take(&part.files, &mut self.files, &mut self.files_left_out, MAX_FILES);
        take(part.problems.as_deref().unwrap_or_default(), &mut self.problems, &mut self.problems_left_out, MAX_PROBLEMS);
        let is_worse = self.decisive.as_ref().is_none_or(|decisive| rank(part.status) < rank(decisive.status));
        if is_worse || self.first.is_none() {
            // Its files and problems are among those of all parts.
            let bare = Line { files: Vec::new(), problems: None, ..part.clone() };
            if self.first.is_none() {
                self.first = Some(bare.clone());
            }
            if is_worse {
                self.decisive = Some(bare);
            }
        }
    }

    /// The line for all parts, after those of the parts: filed only if all of them are. Nothing where there was none.
    pub fn line(self) -> Option<Line> {
        let (first, decisive) = (self.first?, self.decisive?);
        let status = decisive.status;
        let mut whole = Line {
            document_type: first.document_type,
            title: first.title,
            date: first.date,
            confidence: first.confidence,
            reason: first.reason,
            files: self.files,
            files_left_out: (self.files_left_out > 0).then_some(self.files_left_out),
            pdf: decisive.pdf,
            sha256: decisive.sha256,
            pages: decisive.pages,
            of: decisive.of,
            candidates: decisive.candidates,
            problem: decisive.problem,
            ..Line::new(status, Some(self.source))
        };
        if status == Status::Attention {
            whole.problems = Some(self.problems);
            whole.problems_left_out = (self.problems_left_out > 0).then_some(self.problems_left_out);
            whole.reason = whole.problem.as_ref().map(|problem| problem.message.clone());
        }
        Some(whole)
    }
}

/// The worst first. What is a duplicate only where all parts are.
fn rank(status: Status) -> u8 {
    match status {
        Status::Attention => 0,
        Status::Filed => 1,
        Status::Rendered => 2,
        Status::Ok => 3,
        Status::Duplicate => 4,
    }
}

fn take<T: Clone>(more: &[T], taken: &mut Vec<T>, left_out: &mut usize, most: usize) {
    let room = most.saturating_sub(taken.len()).min(more.len());
    taken.extend_from_slice(&more[..room]);
    *left_out += more.len() - room;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Problem, Problems};

    fn part(status: Status, pdf: &str) -> Line {
        let file = FileView { role: "document".to_owned(), path: pdf.to_owned(), sha256: String::new() };
        let line = Line { pdf: Some(pdf.to_owned()), files: vec![file], ..Line::new(status, Some("a.md".to_owned())) };
        let problems: Problems = Problem::new("code", "message", "help").into();
        if status == Status::Attention { line.troubled(&problems) } else { line }
    }

    fn whole(statuses: &[Status]) -> Line {
        let mut whole = Whole::new("a.md");
        statuses.iter().enumerate().for_each(|(index, status)| whole.add(&part(*status, &format!("{index}.pdf"))));
        whole.line().unwrap()
    }

    #[test]
    fn a_whole_is_filed_only_if_all_of_it_is() {
        use Status::{Attention, Duplicate, Filed, Rendered};
        assert_eq!(whole(&[Filed, Filed]).status, Filed);
        assert_eq!(whole(&[Filed, Duplicate]).status, Filed);
        assert_eq!(whole(&[Duplicate, Duplicate]).status, Duplicate);
        assert_eq!(whole(&[Filed, Attention]).status, Attention);
        assert_eq!(whole(&[Rendered]).status, Rendered);
        assert_eq!(whole(&[Duplicate, Filed, Filed]).pdf.as_deref(), Some("1.pdf"), "the first that stands for the whole");
        assert!(Whole::new("a.md").line().is_none());
    }

    #[test]
    fn of_very_many_parts_it_says_how_many_it_leaves_out() {
        let all = whole(&[Status::Attention; 60]);
        assert_eq!((all.problems.unwrap().len(), all.problems_left_out, all.files_left_out), (MAX_PROBLEMS, Some(10), None));
        let all = whole(&[Status::Rendered; MAX_FILES + 5]);
        assert_eq!((all.files.len(), all.files_left_out, all.problems_left_out), (MAX_FILES, Some(5), None));
        assert_eq!(all.files[MAX_FILES - 1].path, format!("{}.pdf", MAX_FILES - 1));
    }
}
