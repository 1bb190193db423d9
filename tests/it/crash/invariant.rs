//! What must be true of an office whatever happened to it: each drop is in the inbox or filed, once, numbers have no
//! gap that no line explains, the chain is sound, and nothing is left over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use chancery::model::sha256_hex;
use chancery::register::{Record, Register};
use serde_json::Value;

use super::office::{Drop, Kind, Office};
use crate::drops::walk;

impl Office {
    /// The records that stand, and the copies that joined one.
    fn filed(&self) -> Vec<Record> {
        let all = Register::open(&self.path("archive")).unwrap().all().unwrap();
        all.into_iter().filter(|state| state.void.is_none() && state.superseded_by.is_none()).map(|state| state.record).collect()
    }

    /// Of each of these that was dropped, the files are in the inbox (perhaps under a hidden name), or its records stand.
    #[track_caller]
    pub fn assert_nothing_lost(&self, drops: &[Drop], when: &str) {
        let inbox: BTreeSet<Vec<u8>> = walk(&self.path("inbox")).iter().map(|path| fs::read(path).unwrap()).collect();
        let records = self.filed();
        records.iter().for_each(|record| self.assert_stands(record, when));
        for drop in drops {
            let filed = records.iter().filter(|record| drop.is_source_of(record)).count();
            let (expected, _) = drop.becomes();
            assert!(filed <= expected, "{when}: {} is filed more than once", drop.name);
            let all_there = drop.files.iter().all(|(_, bytes)| inbox.contains(bytes));
            assert!(all_there || filed == expected && filed > 0, "{when}: {} is lost", drop.name);
        }
    }

    /// After a restart everything is filed or has its problem note, once; and another restart changes nothing.
    #[track_caller]
    pub fn assert_settled(&self, drops: &[Drop], when: &str) {
        let stays = drops.iter().any(|drop| drop.kind == Kind::Unprintable);
        assert_eq!(self.run(&["-q", "watch", "--once"], "").code(), Some(i32::from(stays)), "{when}: the restart");
        self.assert_filed(drops, when);
        let register = Register::open(&self.path("archive")).unwrap();
        assert_eq!(register.damage().unwrap(), [], "{when}");
        self.assert_numbers_explained(when);
        let before = self.everything();
        assert_eq!(self.run(&["-q", "watch", "--once"], "").code(), Some(i32::from(stays)), "{when}: the second restart");
        let after = self.everything();
        if !stays {
            assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "{when}: the second restart changed something");
            assert!(before == after, "{when}: the second restart changed something");
        }
    }

    /// Whether a power cut left zeros within the lines that were being added: they cannot be told from old ones that the disk
    /// lost, so they stay and are named, and what they were about is left alone (docs/reliability.md, what it does not cover).
    pub fn has_hole(&self) -> bool {
        let files = walk(&self.root());
        files
            .iter()
            .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
            .any(|path| fs::read(path).unwrap().contains(&0))
    }

    /// What is promised where such a line stays: each drop is filed once and has left the inbox, and `verify` names the line and each
    /// file that no record has.
    #[track_caller]
    pub fn assert_filed_and_named(&self, drops: &[Drop], when: &str) {
        self.assert_nothing_lost(drops, when);
        let records = self.filed();
        for drop in drops {
            let own = records.iter().filter(|record| drop.is_source_of(record)).count();
            assert_eq!(own, drop.becomes().0, "{when}: {} is filed once", drop.name);
            assert!(drop.files.iter().all(|(name, _)| !self.path("inbox").join(name).exists()), "{when}: {} stays", drop.name);
        }
        let output = self.command(&["verify"]).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{when}: {said}");
        assert!(said.contains(".jsonl"), "{when}: {said}");
        let has = |path: &PathBuf| records.iter().flat_map(|record| &record.files).any(|file| path.ends_with(&file.path));
        let pdfs = walk(&self.path("archive")).into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "pdf"));
        for stray in pdfs.filter(|path| !has(path)) {
            assert!(said.contains(stray.file_name().unwrap().to_str().unwrap()), "{when}: {} is not named: {said}", stray.display());
        }
    }

    /// Every byte is as the register says, and nothing else stands in the archive.
    #[track_caller]
    pub fn assert_verified(&self, when: &str) {
        let output = self.command(&["verify"]).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{when}: {said}");
    }

    /// The index beside the office says what the register says.
    #[track_caller]
    pub fn assert_indexed(&self, when: &str) {
        let anew = Register::open(&self.path("archive")).unwrap();
        let kept = Register::open_in(&self.path("archive"), &self.path(".chancery")).unwrap();
        assert_eq!(kept.all().unwrap(), anew.all().unwrap(), "{when}: the index");
        assert_eq!(kept.head(), anew.head(), "{when}: the index");
    }

    #[track_caller]
    fn assert_filed(&self, drops: &[Drop], when: &str) {
        let records = self.filed();
        let mut expected = BTreeSet::new();
        for record in &records {
            self.assert_stands(record, when);
            expected.extend(record.files.iter().map(|file| self.path("archive").join(&file.path)));
        }
        let mut all = 0;
        let mut one = Vec::new();
        for drop in drops {
            let own: Vec<&Record> = records.iter().filter(|record| drop.is_source_of(record)).collect();
            let (count, files) = drop.becomes();
            assert_eq!(own.len(), count, "{when}: {} is filed once", drop.name);
            assert!(own.iter().all(|record| record.files.len() == files), "{when}");
            let parts: BTreeSet<_> = own.iter().map(|record| record.part.clone()).collect();
            assert_eq!(parts.len(), count, "{when}: each part once");
            all += if one.contains(&drop.kind) { 0 } else { count };
            one.extend(matches!(drop.kind, Kind::Same | Kind::Signed).then_some(drop.kind));
            if drop.kind == Kind::Unprintable {
                let note = self.path("inbox").join(format!("{}.md", drop.name));
                assert_eq!(fs::read(&note).unwrap(), drop.files[0].1, "{when}");
                assert!(note.with_extension("md.problem.txt").exists(), "{when}");
                expected.extend([note.clone(), note.with_extension("md.problem.txt")]);
            }
        }
        assert_eq!(records.len(), all, "{when}: nothing else is filed");
        let kept = |path: &PathBuf| {
            let inside = |folder: &str| path.starts_with(self.path(folder));
            let lock = path.ends_with("archive/.lock") || path.ends_with("inbox/.watcher");
            !(inside("archive/register") || inside("archive/.writers") || inside(".chancery") || lock || path.ends_with("chancery.toml"))
        };
        let left: BTreeSet<PathBuf> = walk(&self.root()).into_iter().filter(kept).collect();
        assert_eq!(left, expected, "{when}: nothing is left over");
        assert!(!walk(&self.root()).iter().any(|path| is_temporary(path)), "{when}: a temporary file is left");
    }

    #[track_caller]
    fn assert_stands(&self, record: &Record, when: &str) {
        for file in &record.files {
            let path = self.path("archive").join(&file.path);
            let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{when}: {}: {error}", path.display()));
            assert!(bytes.starts_with(b"%PDF-"), "{when}");
            assert_eq!(sha256_hex(&bytes), file.sha256, "{when}: {}", path.display());
        }
    }

    /// Each number from the first to the last stands on a record, or a `void` line says what became of it; none is on two.
    #[track_caller]
    pub fn assert_numbers_explained(&self, when: &str) {
        let lines = self.lines();
        let of = |event: &'static str| lines.iter().filter(move |line| line["event"] == event);
        let filed: Vec<&str> = of("filed")
            .filter(|line| line["supersedes"].is_null() && line["joins"].is_null())
            .filter_map(|line| line["number"].as_str())
            .collect();
        let once: BTreeSet<&str> = filed.iter().copied().collect();
        assert_eq!(filed.len(), once.len(), "{when}: a number stands on two records");
        let closed: BTreeSet<(u64, &str)> =
            of("filed").chain(of("void")).filter_map(|line| Some((line["reserve"].as_u64()?, line["id"].as_str()?))).collect();
        for reserve in of("reserve") {
            let several = reserve["records"].as_array().cloned().unwrap_or_else(|| vec![reserve.clone()]);
            for reserved in &several {
                let place = (reserve["seq"].as_u64().unwrap(), reserved["id"].as_str().unwrap());
                assert!(closed.contains(&place), "{when}: the reservation {reserved} is open");
            }
        }
        let void = of("void").filter(|line| line["reusable"] != true).filter_map(|line| line["number"].as_str());
        let mut by_series: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for number in once.into_iter().chain(void).collect::<BTreeSet<_>>() {
            let (series, count) = number.rsplit_once('-').unwrap();
            by_series.entry(series).or_default().push(count);
        }
        for (series, counts) in by_series {
            let gapless: Vec<String> = (1..=counts.len()).map(|n| format!("{n:03}")).collect();
            assert_eq!(counts, gapless, "{when}: {series} has gaps");
        }
    }

    fn lines(&self) -> Vec<Value> {
        let mut lines = Vec::new();
        if !self.path("archive/register").is_dir() {
            return lines;
        }
        for path in walk(&self.path("archive/register")) {
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                let text = fs::read_to_string(path).unwrap();
                lines.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
            }
        }
        lines
    }

    /// Every file with its bytes, but for what says who is running.
    fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let matters = |path: &PathBuf| {
            let passing = [".chancery", "archive/.writers", "inbox/.watcher"];
            !passing.iter().any(|name| path.starts_with(self.path(name)))
        };
        walk(&self.root()).into_iter().filter(matters).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }
}

/// Whether a file's name is one of ours that must not be left over.
pub fn is_temporary(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(".chancery-") || name.to_string_lossy().starts_with(".removing-"))
}
