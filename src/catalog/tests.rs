use std::fs;
use std::path::PathBuf;

use super::assembly::assemble;
use super::folder::OfficeFolder;
use super::*;
use crate::failure::Blame;
use crate::model::Language;

const MANIFEST: &str = r#"
title = { en = "Letter", zh = "信函" }
summary = { en = "A letter." }
[archive]
path = "{{ year }}/{{ type }}/{{ date }} {{ title }}"
"#;

/// A built-in `letter` with shared labels, for tests that must not depend on the real types.
fn builtin() -> Files {
    files(&[
        ("_shared/main.typ", "// main"),
        ("_shared/languages/en.toml", "place = \"Place\"\ndate = \"Date\"\n"),
        ("_shared/languages/zh.toml", "place = \"地点\"\n"),
        ("letter/manifest.toml", MANIFEST),
        ("letter/words.md", "{{ body }}"),
        ("letter/layout.typ", "#let layout(data, words) = words(())"),
        ("letter/languages/en.toml", "dear = \"Dear\"\n"),
        ("letter/examples/short/note.md", "Hello"),
        ("letter/examples/short/seal.svg", "<svg/>"),
        ("letter/examples/empty/readme.txt", "no note"),
    ])
}

fn files(contents: &[(&str, &str)]) -> Files {
    contents.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes()))).collect()
}

fn with(office: &[(&str, &str)]) -> Catalog {
    assemble(&builtin(), OfficeFolder { files: files(office), ..OfficeFolder::default() })
}

fn name(name: &str) -> TypeName {
    name.parse().expect("a type name")
}

/// The letter of a catalog in which nothing is wrong.
fn letter(catalog: &Catalog) -> &DocumentType {
    assert_eq!(catalog.problems(), []);
    catalog.get(&name("letter")).expect("a letter")
}

/// Adds a type `memo` with this manifest and gives line, code, message and help of its problems.
fn memo_problems(manifest: &str) -> Vec<(u32, String, String, String)> {
    let catalog = with(&[("memo/manifest.toml", manifest), ("memo/words.md", ""), ("memo/layout.typ", "")]);
    assert!(catalog.get(&name("letter")).is_some(), "the other type goes on");
    let problems = catalog.require(&name("memo")).expect_err("problems").clone();
    for problem in problems.iter() {
        assert_eq!(problem.blame, Blame::Template);
        assert_eq!(problem.file.as_deref(), Some("templates/memo/manifest.toml"));
    }
    let tell = |problem: Problem| (problem.line.unwrap_or(0), problem.code, problem.message, problem.help);
    problems.into_vec().into_iter().map(tell).collect()
}

fn codes(manifest: &str) -> Vec<(u32, String)> {
    memo_problems(manifest).into_iter().map(|(line, code, ..)| (line, code)).collect()
}

#[test]
fn a_type_has_its_files_labels_and_examples() {
    let catalog = with(&[]);
    let letter = letter(&catalog);
    assert!(letter.builtin);
    assert_eq!(letter.manifest.files[0].words, "words.md");
    assert_eq!(letter.shared.keys().count(), 3);
    let examples = letter.examples();
    assert_eq!(examples.len(), 1, "a folder without a note is no example");
    assert_eq!((examples[0].case, examples[0].note, examples[0].files.len()), ("short", "note.md", 2));
    let ejected: Vec<&str> = letter.folder().map(|(path, _)| path).collect();
    assert!(ejected.contains(&"manifest.toml") && ejected.contains(&"examples/short/seal.svg"), "{ejected:?}");
}

#[test]
fn labels_fall_back_from_tag_to_primary_to_english() {
    let catalog = with(&[("_shared/languages/zh-Hant.toml", "place = \"地點\"\n"), ("_shared/languages/zh-hk.toml", "place = \"地方\"\n")]);
    let labels = |tag: &str| {
        let labels = letter(&catalog).labels(&Language(tag.to_owned()));
        ["place", "date", "dear"].map(|key| labels[key].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(labels("zh"), ["地点", "Date", "Dear"]);
    assert_eq!(labels("zh_hant"), ["地點", "Date", "Dear"]);
    assert_eq!(labels("zh-TW"), ["地點", "Date", "Dear"]);
    assert_eq!(labels("zh-MO-u-nu-latn"), ["地點", "Date", "Dear"]);
    assert_eq!(labels("zh-HK"), ["地方", "Date", "Dear"]);
    assert_eq!(labels("zh-CN"), ["地点", "Date", "Dear"]);
    assert_eq!(labels("zh-Hans-HK"), ["地点", "Date", "Dear"]);
    assert_eq!(labels("it"), ["Place", "Date", "Dear"]);
}

#[test]
fn a_file_of_the_office_replaces_the_built_in_one() {
    let before = with(&[]);
    let same = with(&[("letter/words.md", "{{ body }}")]);
    let other = with(&[("letter/words.md", "Dear all,\n\n{{ body }}")]);
    assert!(letter(&same).builtin, "the same bytes are the built-in type");
    assert_eq!(letter(&same).sha256, letter(&before).sha256);
    assert!(!letter(&other).builtin);
    assert_ne!(letter(&other).sha256, letter(&before).sha256);
    assert_eq!(&letter(&other).files["words.md"][..4], b"Dear");
    assert!(letter(&other).files.contains_key("layout.typ"));
    let shared = with(&[("_shared/main.typ", "// other")]);
    assert_ne!(letter(&shared).sha256, letter(&before).sha256);
}

#[test]
fn examples_do_not_count_for_the_hash() {
    let other = with(&[("letter/examples/short/note.md", "Good morning")]);
    assert_eq!(letter(&other).sha256, letter(&with(&[])).sha256);
}

#[test]
fn every_problem_of_a_manifest_is_told_with_its_line() {
    let manifest = r#"title = { en = "Memo" }
sumary = { en = "A memo." }
find = ["atendance"]
one_per = "recipient"

[number]
pattern = "MEMO-{{ year }}-{{ sequence }}"

[recognise]
titles = ["memo", " "]
signs = ["spokn"]
fields = ["too"]

[[fields]]
name = "to"
kind = "peeple"
help = "Whom"

[[fields]]
name = "recipients"
kind = "people"
help = "Whom"
aliases = ["To", "recipients"]

[archive]
path = "../{{ title }}"

[[files]]
role = "document"
words = "word.md"
"#;
    let expected = [
        (2, "unknown-key", "Did you mean `summary`?"),
        (3, "unknown-name", "Did you mean `attendance`?"),
        (4, "unknown-name", "Did you mean `recipients`?"),
        (7, "number-pattern", "Did you mean `seq`?"),
        (10, "empty", "It would fit every document or none: write a word, or delete it."),
        (11, "unknown-name", "Did you mean `spoken`?"),
        (12, "unknown-name", "Did you mean `To`?"),
        (16, "unknown-value", "Did you mean `people`?"),
        (23, "field-twice", "Delete it in one of the two places."),
        (26, "archive-path", ""),
        (30, "file-missing", "Did you mean `words.md`? Add the file, or correct its name here."),
    ];
    let found = memo_problems(manifest);
    let found: Vec<_> = found.iter().map(|(line, code, _, help)| (*line, code.as_str(), help.as_str())).collect();
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!((found.0, found.1), (expected.0, expected.1), "{found:?}");
        assert!(expected.2.is_empty() || found.2 == expected.2, "{found:?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:?}");
}

#[test]
fn retention_is_some_years_or_for_ever_from_a_day_that_there_is() {
    let memo = |rule: &str| {
        let fields =
            "[[fields]]\nname = \"reply_by\"\nkind = \"date\"\nhelp = \"x\"\n[[fields]]\nname = \"to\"\nkind = \"text\"\nhelp = \"x\"\n";
        let manifest =
            format!("title = {{ en = \"Memo\" }}\nsummary = {{ en = \"x\" }}\n[archive]\npath = \"x\"\n[retention]\n{rule}\n{fields}");
        let catalog = with(&[("memo/manifest.toml", &manifest), ("memo/words.md", ""), ("memo/layout.typ", "")]);
        let problems = catalog.require(&name("memo")).map_or_else(|problems| problems.clone().into_vec(), |_| Vec::new());
        problems.into_iter().map(|problem| (problem.line.unwrap_or(0), problem.help)).collect::<Vec<_>>()
    };
    for fine in ["years = 7", "permanent = true", "years = 7\nfrom = \"filed\"", "years = 1\nfrom = \"reply_by\""] {
        assert_eq!(memo(fine), [], "{fine}");
    }
    for (wrong, line, help) in [
        ("permanent = false", 5, "Write `years = 7` or"),
        ("permanent = true\nyears = 7", 7, "Write `years = 7` or"),
        ("years = 0", 6, "from 1 to 1000"),
        ("years = 7\nfrom = \"fileed\"", 7, "Did you mean `filed`?"),
        ("years = 7\nfrom = \"to\"", 7, ""),
        ("yeers = 7\npermanent = true", 6, "Did you mean `years`?"),
    ] {
        let found = memo(wrong);
        assert!(found.len() == 1 && found[0].0 == line && found[0].1.contains(help), "{wrong}: {found:?}");
    }
}

#[test]
fn a_manifest_must_say_the_least() {
    assert_eq!(codes(""), [(0, "missing-key"), (0, "missing-key"), (0, "missing-key")].map(|(line, code)| (line, code.to_owned())));
    assert_eq!(codes("title = \"Memo\"\n").first(), Some(&(1, "wrong-kind".to_owned())));
    assert_eq!(codes("title = {\n").first().map(|(line, code)| (*line, code.as_str())), Some((1, "toml-syntax")));
}

#[test]
fn a_broken_type_keeps_its_problems_and_its_recognition() {
    let catalog = with(&[("letter/manifest.toml", "title = 1\n[recognise]\ntitles = [\"letter\"]\n")]);
    assert!(catalog.get(&name("letter")).is_none());
    assert_eq!(catalog.types().count(), 0);
    assert_eq!(catalog.names().count(), 1);
    let (_, broken) = catalog.broken().next().expect("a broken type");
    assert_eq!(broken.recognise.titles, ["letter"]);
    assert_eq!(catalog.require(&name("letter")).expect_err("problems"), broken.problems);
}

#[test]
fn a_file_that_cannot_be_read_blames_the_machine_and_its_type_alone() {
    let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    let problem = Problem::machine("read", Path::new("templates/memo/words.md"), &denied);
    let unreadable = BTreeMap::from([("memo/words.md".to_owned(), problem)]);
    let files = files(&[("memo/manifest.toml", MANIFEST), ("memo/layout.typ", "")]);
    let catalog = assemble(&builtin(), OfficeFolder { files, unreadable, ..OfficeFolder::default() });
    let problems = catalog.require(&name("memo")).expect_err("problems").clone();
    assert_eq!(problems.iter().map(|problem| problem.blame).collect::<Vec<_>>(), [Blame::Machine], "{problems}");
    assert!(catalog.get(&name("letter")).is_some());
}

#[test]
fn an_unknown_type_is_answered_with_the_nearest() {
    let problems = with(&[]).require(&name("leter")).expect_err("a problem").clone();
    assert_eq!((problems.first().blame, problems.first().help.as_str()), (Blame::Note, "Did you mean `letter`?"));
}

#[test]
fn folders_that_are_no_types_are_told_or_left_alone() {
    let catalog = with(&[("plans/todo.md", "x"), ("My Type/manifest.toml", MANIFEST), ("_old/words.md", "x"), ("readme.md", "x")]);
    let told: Vec<_> = catalog.problems().into_iter().map(|problem| (problem.code, problem.file.unwrap_or_default())).collect();
    let expected = [("type-name", "templates/My Type"), ("manifest-missing", "templates/plans")];
    assert_eq!(told, expected.map(|(code, file)| (code.to_owned(), file.to_owned())));
    assert!(catalog.get(&name("letter")).is_some());
}

#[test]
fn languages_are_checked() {
    let file = |path: &str, text: &str| {
        let problems = with(&[(path, text)]).problems();
        let first = problems.first().expect("a problem");
        assert_eq!(first.file.as_deref(), Some(format!("templates/{path}").as_str()));
        (problems.len(), first.code.clone(), first.line)
    };
    assert_eq!(file("letter/languages/zh.toml", "deer = \"敬启者\"\n"), (1, "label-without-english".to_owned(), None));
    assert_eq!(file("_shared/languages/zh.toml", "place = 3\n"), (1, "wrong-kind".to_owned(), Some(1)));
    assert_eq!(file("_shared/languages/chinese.toml", "place = \"x\"\n"), (1, "language".to_owned(), None));
}

fn office(contents: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let templates = folder.path().join("templates");
    for (path, bytes) in contents {
        let path = templates.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    (folder, templates)
}

#[test]
fn an_offices_folder_is_read_and_the_rest_left_out() {
    let large = vec![b'x'; 9 * 1024 * 1024];
    let (_guard, templates) = office(&[
        ("memo/manifest.toml", MANIFEST.as_bytes()),
        ("memo/words.md", b""),
        ("memo/layout.typ", b""),
        ("memo/.hidden", b"x"),
        ("memo/words.md~", b"x"),
        ("memo/film.mov", &large),
        (".git/config", b"x"),
    ]);
    let catalog = Catalog::load(Some(&templates)).expect("a catalog");
    let memo = catalog.get(&name("memo")).expect("the memo");
    assert_eq!(memo.files.keys().collect::<Vec<_>>(), ["layout.typ", "manifest.toml", "words.md"]);
    assert!(!memo.builtin);
    assert_eq!(catalog.warnings().len(), 1);
    assert!(catalog.warnings()[0].message.contains("8 MiB"));
    assert!(Catalog::load(Some(&templates.join("nothing"))).is_ok());
    assert!(Catalog::load(Some(&templates.join("memo/words.md"))).is_err());
}

#[cfg(unix)]
#[test]
fn links_are_followed_only_inside_the_folder() {
    use std::os::unix::fs::symlink;
    let (guard, templates) = office(&[("memo/manifest.toml", MANIFEST.as_bytes()), ("memo/plain.md", b"words")]);
    fs::write(guard.path().join("secret"), "secret").expect("written");
    symlink("plain.md", templates.join("memo/words.md")).expect("linked");
    symlink(guard.path().join("secret"), templates.join("memo/layout.typ")).expect("linked");
    symlink(guard.path(), templates.join("memo/all")).expect("linked");
    symlink(".", templates.join("memo/again")).expect("linked");
    let catalog = Catalog::load(Some(&templates)).expect("a catalog");
    let problems = catalog.require(&name("memo")).expect_err("no layout").clone();
    assert!(problems.first().message.contains("link that leaves the folder"), "{problems}");
    assert_eq!(problems.iter().count(), 1, "{problems}");
}

#[test]
fn a_change_shows_in_the_fingerprint() {
    let (_guard, templates) = office(&[("memo/manifest.toml", MANIFEST.as_bytes())]);
    let before = Catalog::fingerprint(&templates);
    assert_eq!(before, Catalog::fingerprint(&templates));
    fs::write(templates.join("memo/words.md"), "x").expect("written");
    let more = Catalog::fingerprint(&templates);
    assert_ne!(before, more);
    fs::write(templates.join("memo/words.md"), "xy").expect("written");
    assert_ne!(more, Catalog::fingerprint(&templates));
    assert_eq!(Catalog::fingerprint(&templates.join("nothing")), Fingerprint::default());
}

#[test]
fn every_built_in_type_is_whole() {
    let catalog = Catalog::load(None).expect("a catalog");
    assert_eq!(catalog.problems(), []);
    for document_type in catalog.types() {
        let name = &document_type.name;
        for tag in ["en", "zh"] {
            assert!(document_type.manifest.title.contains_key(tag), "{name} has no title in {tag}");
            assert!(document_type.manifest.summary.contains_key(tag), "{name} has no summary in {tag}");
        }
        assert!(document_type.manifest.fields.iter().all(|field| !field.required), "{name} requires a field");
        assert!(document_type.builtin);
    }
}

#[test]
fn every_built_in_type_has_three_examples_one_of_them_chinese() {
    for document_type in Catalog::load(None).expect("a catalog").types() {
        let name = &document_type.name;
        let examples = document_type.examples();
        assert!(examples.len() >= 3, "{name} has {} examples", examples.len());
        let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        let chinese =
            |example: &Example<'_>| String::from_utf8_lossy(example.files[example.note]).chars().filter(|c| is_han(*c)).count() > 20;
        assert!(examples.iter().any(chinese), "{name} has no Chinese example");
    }
}

#[test]
fn an_office_that_is_the_repository_has_the_built_in_types() {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let (plain, office) = (Catalog::load(None).expect("a catalog"), Catalog::load(Some(&templates)).expect("a catalog"));
    assert!(office.types().all(|document_type| document_type.builtin));
    let hashes = |catalog: &Catalog| catalog.types().map(|document_type| document_type.sha256.clone()).collect::<Vec<_>>();
    assert_eq!(hashes(&plain), hashes(&office));
}

proptest::proptest! {
    #[test]
    fn no_manifest_makes_it_fall_over(text in "\\PC{0,120}", key in "(title|number|files|fields|archive|find)", value in "[ ={}\\[\\]\",a-z0-9%\n]{0,40}") {
        let _ = with(&[("memo/manifest.toml", &text)]).problems();
        let _ = with(&[("memo/manifest.toml", &format!("{key} = {value}")), ("letter/languages/zh.toml", &text)]).problems();
    }
}
