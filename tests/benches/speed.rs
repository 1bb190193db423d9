//! How fast the program is and how much memory it takes:
//! `cargo bench --bench speed -- [notice|page|merge|drop|start|memory|filing|verify|register|search] …`, all but the last two without an argument, which take
//! minutes and gigabytes. Each prints medians; docs/performance.md keeps the figures and says what they mean.
//! `limit`, `dump` and `once` are parts of `tests/benches/peers`, which compares the whole program with that limit and with other programs.
//! It ends with a panic when something is not as it should be.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[cfg(target_os = "linux")]
mod bare;
#[cfg(target_os = "linux")]
mod filing;
#[cfg(target_os = "linux")]
mod limit;
#[cfg(target_os = "linux")]
mod merge;
#[cfg(target_os = "linux")]
mod notice;
#[cfg(target_os = "linux")]
mod page;
#[cfg(target_os = "linux")]
mod register;
#[cfg(target_os = "linux")]
mod search;
#[cfg(target_os = "linux")]
mod verification;
#[cfg(target_os = "linux")]
mod watcher;

#[cfg(target_os = "linux")]
fn main() {
    const USUAL: usize = 8;
    // Those with arguments of their own: parts of `tests/benches/peers`.
    const PARTS: [(&str, fn()); 4] =
        [("limit", limit::run), ("limit-process", limit::process), ("dump", limit::dump), ("once", limit::once)];
    const ALL: [(&str, fn()); 10] = [
        ("notice", notice::run),
        ("page", page::run),
        ("merge", merge::run),
        ("drop", watcher::drop_to_filed),
        ("start", watcher::start_to_ready),
        ("memory", watcher::memory),
        ("filing", filing::run),
        ("verify", verification::run),
        ("register", register::run),
        ("search", search::run),
    ];
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if let Some((_, part)) = PARTS.iter().find(|(name, _)| asked.first().is_some_and(|asked| asked == name)) {
        return part();
    }
    for (index, (name, run)) in ALL.into_iter().enumerate() {
        if (asked.is_empty() && index < USUAL) || asked.iter().any(|asked| asked == name) {
            println!("\n## {name}");
            run();
        }
    }
}

/// Memory and events are measured where the watcher's own home is.
#[cfg(not(target_os = "linux"))]
fn main() {}

/// Median, and the limits within which nine in ten lie, as text.
#[cfg(target_os = "linux")]
fn spread(mut values: Vec<f64>) -> (f64, String) {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
    (at(0.5), format!("{:.2} ({:.2} to {:.2})", at(0.5), at(0.05), at(0.95)))
}

/// The text of a one-page notice; each number makes another one.
#[cfg(target_os = "linux")]
fn notice_text(number: usize) -> String {
    format!(
        "---\ntype: notice\ndate: 2026-11-20\nto: All staff\nplace: Hall {number}\nreply_by: 2026-12-01\n---\n# Year-end meeting {number}\n\n\
         All staff are invited to the year-end meeting number {number} on Friday. The meeting begins at nine o'clock in the \
         morning and ends at noon; lunch is served afterwards in the yard.\n\n## What is on the table\n\n\
         1. The accounts of the year, by the treasurer\n2. The plan for the next one, in {number} parts\n3. Questions\n\n\
         Please tell the office by the day named above whether you come, and whether you eat with us. Those who cannot come \
         may send a colleague in their place, if the office knows the name beforehand.\n\n\
         Who comes by train is met at the station at half past eight.\n"
    )
}
