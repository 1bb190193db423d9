//! The log: JSON lines in `.chancery/log/YYYY-MM-DD.log`, for whoever looks after the machine.
//!
//! It never reaches standard output, and a log that cannot be written never stops a document. A month is kept.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use chrono::{Days, NaiveDate, Utc};
use chrono_tz::Tz;
use tracing::Level;

use super::view::{Line, Status};

/// For how many days a log is kept.
const KEPT_DAYS: u64 = 31;

/// Starts the log of this process in the office's state folder.
pub fn start(state: &Path, zone: Tz, verbose: bool) {
    let level = if verbose { Level::DEBUG } else { Level::INFO };
    // Whatever cannot be made here is tried again with the first line.
    let _ = fs::create_dir_all(state.join("log"));
    let daily = Daily { folder: state.join("log"), zone, open: None };
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_max_level(level).with_writer(Mutex::new(daily)).finish();
    // Only the first of a process counts; there is no second.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// From now on a panic is noted with its place instead of being printed: who meets it tells it in the user's words.
pub fn panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let payload = panic.payload();
        let words = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
        tracing::error!(place, words, "panic");
    }));
}

/// Notes what became of a document.
pub fn document(line: &Line) {
    let problems = line.problems.as_ref().map(|problems| problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>());
    let problems = problems.unwrap_or_default().join(" | ");
    let warnings: Vec<&str> = line.warnings.iter().map(|warning| warning.message.as_str()).collect();
    let (source, pdf, id) = (line.source.as_deref(), line.pdf.as_deref(), line.id.as_deref());
    let status = serde_json::to_value(line.status).ok();
    let status = status.as_ref().and_then(|status| status.as_str());
    if line.status == Status::Attention {
        tracing::warn!(status, source, part = line.part, problems, "document");
    } else {
        tracing::info!(status, source, part = line.part, id, pdf, pages = line.pages, warnings = warnings.join(" | "), "document");
    }
}

/// A file per day, opened when the first line of the day is written.
struct Daily {
    folder: PathBuf,
    zone: Tz,
    open: Option<(NaiveDate, File)>,
}

impl Daily {
    fn file(&mut self) -> io::Result<&mut File> {
        let today = Utc::now().with_timezone(&self.zone).date_naive();
        if self.open.as_ref().is_none_or(|(day, _)| *day != today) {
            fs::create_dir_all(&self.folder)?;
            forget_old(&self.folder, today);
            let file = OpenOptions::new().create(true).append(true).open(self.folder.join(format!("{today}.log")))?;
            self.open = Some((today, file));
        }
        self.open.as_mut().map(|(_, file)| file).ok_or_else(|| io::Error::other("no log file"))
    }
}

impl Write for Daily {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full disk must not be reported through the log that is on it.
        if let Ok(file) = self.file() {
            let _ = file.write_all(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Removes the logs of more than a month ago; anything else in the folder stays.
fn forget_old(folder: &Path, today: NaiveDate) {
    let Some(oldest) = today.checked_sub_days(Days::new(KEPT_DAYS)) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let day = name.to_str().and_then(|name| name.strip_suffix(".log")).and_then(|day| day.parse::<NaiveDate>().ok());
        if day.is_some_and(|day| day < oldest) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["2026-10-01.log", "2026-11-22.log", "notes.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let mut daily = Daily { folder: folder.path().to_path_buf(), zone: Tz::UTC, open: None };
        forget_old(folder.path(), "2026-11-23".parse().unwrap());
        assert!(!folder.path().join("2026-10-01.log").exists());
        assert!(folder.path().join("2026-11-22.log").exists());
        assert!(folder.path().join("notes.txt").exists());
        daily.write_all(b"{}\n").unwrap();
        let today = daily.folder.join(format!("{}.log", Utc::now().date_naive()));
        assert_eq!(fs::read_to_string(today).unwrap(), "{}\n");
    }
}
