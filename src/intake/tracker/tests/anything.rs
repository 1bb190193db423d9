//! Whatever happens in an inbox, nothing is forgotten and nothing is in two hands.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

const NAMES: &[&str] = &[
    "a.md",
    "b.md",
    "draft.md",
    "_logo.png",
    "p.png",
    "f.yaml",
    "g.yaml",
    "visit/n.md",
    "visit/m.md",
    "visit/p.png",
    "visit/deep/n.md",
    "visit/_x/o.md",
    "minutes/x.md",
    "minutes/p.png",
    "_g/y.md",
    "_g/p.png",
];
const NAMED: &[&str] = &["p.png", "f.yaml", "g.yaml", "_logo.png", "visit/p.png", "deep/n.md", "missing.png"];

#[derive(Clone, Debug)]
enum Act {
    Rename(&'static str, Vec<&'static str>),
    Write(&'static str, Vec<&'static str>),
    BeginWriting(&'static str),
    Close(&'static str),
    Delete(&'static str),
    Pass(u64),
    Take,
    File,
    Fail(Blame),
    Abandon,
    Walk,
}

fn act() -> impl Strategy<Value = Act> {
    let (name, named) = (|| select(NAMES), || subsequence(NAMED, 0..3));
    prop_oneof![
        4 => (name(), named()).prop_map(|(name, named)| Act::Rename(name, named)),
        4 => (name(), named()).prop_map(|(name, named)| Act::Write(name, named)),
        1 => name().prop_map(Act::BeginWriting),
        2 => name().prop_map(Act::Close),
        2 => name().prop_map(Act::Delete),
        4 => (0..7_000_u64).prop_map(Act::Pass),
        6 => Just(Act::Take),
        4 => Just(Act::File),
        2 => select(&[Blame::Note, Blame::Machine, Blame::Template][..]).prop_map(Act::Fail),
        1 => Just(Act::Abandon),
        1 => Just(Act::Walk),
    ]
}

fn play(inbox: &mut Inbox, hands: &mut Vec<Set>, act: Act) {
    if let Act::Rename(name, _) | Act::Write(name, _) | Act::Delete(name) = act {
        inbox.open.remove(Path::new(name));
    }
    match act {
        Act::Rename(name, named) => inbox.rename_in(name, &named),
        Act::Write(name, named) => inbox.write(name, &named),
        Act::BeginWriting(name) => {
            inbox.put(name, &[]);
            inbox.open.insert(name.into());
            inbox.notice(name, Notice::Written);
        }
        Act::Close(name) => {
            if inbox.open.remove(Path::new(name)) && inbox.files.contains_key(Path::new(name)) {
                inbox.notice(name, Notice::Closed);
            }
        }
        Act::Delete(name) => inbox.delete(name),
        Act::Pass(ms) => inbox.pass(Duration::from_millis(ms)),
        Act::Take => {
            if let Ok(set) = inbox.step() {
                assert!(!inbox.open.contains(&set.note.0), "{:?} is being written", set.note.0);
                for (path, stamp) in set.stamps() {
                    let in_hand = hands.iter().any(|other| other.stamps().iter().any(|(taken, _)| *taken == path));
                    assert!(!in_hand, "{path:?} is in two hands");
                    assert_eq!(inbox.files[&path].0, stamp, "{path:?} is not as it lies there");
                }
                hands.push(set);
            }
        }
        Act::File => {
            if let Some(set) = hands.pop() {
                inbox.file_unchanged(&set);
            }
        }
        Act::Fail(blame) => {
            if let Some(set) = hands.pop() {
                inbox.fail(&set.note.0.to_string_lossy(), blame);
            }
        }
        Act::Abandon => {
            if let Some(set) = hands.pop() {
                inbox.tracker.abandon(&set.note.0, inbox.now);
            }
        }
        Act::Walk => {
            for name in NAMES.iter().filter(|name| inbox.files.contains_key(Path::new(name))).copied().collect::<Vec<_>>() {
                let open = inbox.open.contains(Path::new(name));
                inbox.notice(name, Notice::Found { age: Duration::ZERO, open });
            }
        }
    }
}

impl Inbox {
    /// As filing does: only what is as it was taken leaves.
    fn file_unchanged(&mut self, set: &Set) {
        let is_edited = |(path, stamp): &(PathBuf, Stamp)| self.files.get(path).is_some_and(|(now, _)| now != stamp);
        if set.stamps().iter().any(is_edited) {
            self.tracker.finish(&set.note.0, &Verdict::Done, self.now);
        } else {
            self.file(set);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_forgotten_and_nothing_is_in_two_hands(once: bool, acts in proptest::collection::vec(act(), 0..60)) {
        let mut inbox = Inbox::with(once);
        let mut hands = Vec::new();
        for act in acts {
            play(&mut inbox, &mut hands, act);
        }
        for set in std::mem::take(&mut hands) {
            inbox.file_unchanged(&set);
        }
        for name in std::mem::take(&mut inbox.open) {
            if inbox.files.contains_key(&name) {
                inbox.notice(&name.to_string_lossy(), Notice::Closed);
            }
        }
        inbox.delete("draft.md");
        for blame in [Blame::Note, Blame::Machine, Blame::Template] {
            inbox.tracker.retry(blame, inbox.now);
        }
        inbox.run();
        let left: Vec<_> = inbox.files.keys().filter(|path| *path != Path::new("_logo.png")).collect();
        prop_assert!(left.is_empty(), "forgotten: {left:?}\n{:#?}", inbox.tracker);
    }
}
