//! The watcher as it runs: from a rename to the durable record, from start to ready, and its memory.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{notice_text, spread};

/// How many notices come one by one.
const DROPS: usize = 50;
/// How often the watcher is started, each way.
const STARTS: usize = 11;
/// After how many documents memory is read.
const FEW: usize = 100;
const MANY: usize = 1_000;
/// How many are dropped at once while memory grows.
const BURST: usize = 20;

/// A watcher in an office of its own, with the machine's font folders.
struct Watcher {
    child: Child,
    out: Lines<BufReader<ChildStdout>>,
    said: Lines<BufReader<ChildStderr>>,
    root: PathBuf,
}

impl Watcher {
    fn start(root: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
        let command = command.current_dir(root).args(["--json", "watch"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (out, said) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self { child, out: BufReader::new(out).lines(), said: BufReader::new(said).lines(), root: root.to_owned() }
    }

    /// Waits until it says that it watches.
    fn ready(&mut self) {
        while !self.said.next().unwrap().unwrap().starts_with("Watching") {}
    }

    /// Renames a notice into the inbox.
    fn rename_in(&self, number: usize) {
        let outside = self.root.join("outside.md");
        fs::write(&outside, notice_text(number)).unwrap();
        fs::rename(outside, self.root.join(format!("inbox/{number}.md"))).unwrap();
    }

    /// Waits for a document's line, which comes once it is durable and has left the inbox.
    fn filed(&mut self) {
        let line = self.out.next().unwrap().unwrap();
        assert!(line.starts_with("{\"status\":\"filed\""), "{line}");
    }

    /// Resident memory in MB.
    fn resident(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn office() -> tempfile::TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    fs::create_dir(folder.path().join("inbox")).unwrap();
    folder
}

pub fn drop_to_filed() {
    let office = office();
    let mut watcher = Watcher::start(office.path());
    watcher.ready();
    let mut taken = Vec::new();
    for number in 0..=DROPS {
        std::thread::sleep(Duration::from_millis(40));
        let started = Instant::now();
        watcher.rename_in(number);
        watcher.filed();
        taken.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    println!("the first after a start without a cache of fonts: {:.1} ms", taken[0]);
    println!("from the rename to the record, durable and told: {} ms", spread(taken.split_off(1)).1);
}

pub fn start_to_ready() {
    let office = office();
    let cache = office.path().join(".chancery/cache");
    for (what, cold) in [("without a cache of fonts", true), ("with one", false)] {
        let (mut ready, mut first) = (Vec::new(), Vec::new());
        for number in 0..STARTS {
            if cold && cache.exists() {
                fs::remove_dir_all(&cache).unwrap();
            }
            let started = Instant::now();
            let mut watcher = Watcher::start(office.path());
            watcher.ready();
            ready.push(started.elapsed().as_secs_f64() * 1_000.0);
            // Right after the first word of it, as a hurried user.
            let started = Instant::now();
            watcher.rename_in(number + if cold { 0 } else { STARTS });
            watcher.filed();
            first.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        println!("{what}: from start to ready {} ms; then from the first rename to its record {} ms", spread(ready).1, spread(first).1);
    }
}

pub fn memory() {
    let office = office();
    let mut watcher = Watcher::start(office.path());
    watcher.ready();
    let mut few = 0.0;
    for start in (0..MANY).step_by(BURST) {
        (start..start + BURST).for_each(|number| watcher.rename_in(number));
        (start..start + BURST).for_each(|_| watcher.filed());
        if start + BURST == FEW {
            few = watcher.resident();
        }
    }
    let many = watcher.resident();
    println!("resident after {FEW} documents {few:.1} MB, after {MANY} {many:.1} MB: {:.2} times as much", many / few);
}
