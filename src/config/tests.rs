use serde_json::json;

use super::*;

const UTC: chrono_tz::Tz = chrono_tz::UTC;

fn parse(text: &str) -> Checked<Settings> {
    Settings::parse(text, Path::new("/office"), Some(Path::new("/home/anna")), UTC)
}

/// Line, code, help of each problem.
fn problems(text: &str) -> Vec<(u32, String, String)> {
    let problems = parse(text).expect_err("a problem").into_vec();
    for problem in &problems {
        assert_eq!(problem.blame, Blame::Configuration);
        assert_eq!(problem.file.as_deref(), Some("chancery.toml"));
        assert!(problem.line.is_none() || problem.excerpt.is_some(), "{problem:?}");
    }
    problems.into_iter().map(|problem| (problem.line.unwrap_or(0), problem.code, problem.help)).collect()
}

#[test]
fn an_office_without_configuration_has_defaults() {
    let folder = tempfile::tempdir().expect("a folder");
    let zone = chrono_tz::Asia::Shanghai;
    let settings = Settings::load(folder.path(), Some(Path::new("/home/anna")), zone).expect("defaults");
    assert_eq!(settings.language, Language("en".to_owned()));
    assert_eq!(settings.time_zone, zone);
    assert_eq!(settings.date_order, None);
    assert_eq!(settings.settle, Duration::from_millis(300));
    assert_eq!(settings.wait, Duration::from_secs(5));
    assert_eq!(settings.rescan, Duration::from_secs(180));
    assert_eq!(settings.attach, Attach::Full);
    let fonts = ["/usr/share/fonts", "/usr/local/share/fonts", "/home/anna/.local/share/fonts"];
    assert_eq!(settings.font_folders, fonts.map(PathBuf::from));
    assert_eq!(Settings::parse("", folder.path(), None, UTC).expect("defaults").font_folders.len(), 2);
}

#[test]
fn what_is_written_is_taken() {
    let settings = parse(
        r##"
        language = "zh"
        time_zone = "Asia/Shanghai"
        date_order = "dmy"
        [organisation]
        name = { en = "Riverside Trust", zh = "河滨基金会" }
        address = """
        1 Bridge Street
        Riverside"""
        contact = ["+44 1", "office@example.org"]
        [people.zhang]
        name = { en = "Zhang Wei", zh = "张伟" }
        title = "Chair"
        aliases = "老张"
        [inbox]
        settle = "1 s"
        wait = 2.5
        rescan = "10 min"
        [archive]
        attach = "record"
        [fonts]
        folders = ["~/fonts", "house fonts"]
        [style]
        accent = "#1F4E79"
        since = 1999-01-02
        "##,
    )
    .expect("settings");
    let (english, chinese) = (Language("en-GB".to_owned()), Language("zh-Hant".to_owned()));
    assert_eq!(settings.organisation.name(&english), Some("Riverside Trust"));
    assert_eq!(settings.organisation.name(&chinese), Some("河滨基金会"));
    assert_eq!(settings.organisation.name(&Language("de".to_owned())), Some("Riverside Trust"));
    assert_eq!(settings.organisation.contact, ["+44 1", "office@example.org"]);
    assert_eq!(settings.organisation.address.len(), 2);
    for called in ["@zhang", "zhang", "Ｚhang", "老张", "张伟", "zhang  wei"] {
        let (key, person) = settings.person(called).unwrap_or_else(|| panic!("{called}"));
        assert_eq!((key, person.title(&chinese)), ("zhang", Some("Chair")));
    }
    assert!(settings.person("wei").is_none());
    assert_eq!((settings.settle, settings.wait), (Duration::from_secs(1), Duration::from_millis(2500)));
    assert_eq!(settings.font_folders, [PathBuf::from("/home/anna/fonts"), PathBuf::from("/office/house fonts")]);
    assert_eq!(Value::Object(settings.style), json!({"accent": "#1F4E79", "since": "1999-01-02"}));
}

#[test]
fn every_problem_is_told_with_its_mend() {
    let found = problems(
        "langage = \"en\"\ntime_zone = \"shanghai\"\ndate_order = \"dym\"\n[inbox]\nsettle = \"5 parsecs\"\nrescan = 0\n[people.zhang]\ntitle = \"Chair\"\n[people.li]\nname = \"Li\"\naliases = [\"zhang\"]\n[fonts]\nfolders = [\"/a\", \"~anna/x\"]\n",
    );
    let expected = [
        (1, "unknown-key", "Did you mean `language`?"),
        (2, "time-zone", "Did you mean `Asia/Shanghai`?"),
        (3, "unknown-value", "Possible here: `dmy`, `mdy`, `ymd`."),
        (5, "wrong-value", "Correct the value, or delete the line to get the default."),
        (6, "out-of-range", "Write a time within these limits, or delete the line to get the default."),
        (7, "person-without-name", "Add a line `name = \"…\"` below it."),
        (11, "alias-twice", "Delete it from one of the two, so that a note means one person by it."),
        (13, "font-folder", "Write the folder's full path."),
    ];
    assert_eq!(found, expected.map(|(line, code, help)| (line, code.to_owned(), help.to_owned())));
}

#[test]
fn a_file_that_is_no_text_or_too_large_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(FILE_NAME);
    let load = || Settings::load(folder.path(), None, UTC);
    std::fs::write(&path, b"language = \"en\"\n[organisation]\nname = \"Caf\xe9\"\n").expect("written");
    let problems = load().expect_err("a problem");
    assert_eq!((problems.first().code.as_str(), problems.first().line), ("not-utf8", Some(3)));
    std::fs::write(&path, vec![b'#'; 2 * 1024 * 1024]).expect("written");
    assert_eq!(load().expect_err("a problem").first().code, "too-large");
    std::fs::write(&path, b"\xef\xbb\xbflanguage = \"zh\"\r\n").expect("written");
    assert_eq!(load().expect("settings").language, Language("zh".to_owned()));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_fall_over(text in "\\PC{0,200}", key in "[a-z_.\\[\\]]{1,12}", value in "[ =\"{}\\[\\],a-z0-9\n]{0,40}") {
        let _ = parse(&text);
        let _ = parse(&format!("{key} = {value}\n[people.a]\nname = {value}"));
    }
}

#[test]
fn the_paper_is_that_of_the_country_unless_another_is_named() {
    let paper = |text: &str| parse(text).expect("settings").style.get("paper").cloned();
    assert_eq!(paper("[organisation]\ncountry = \"us\"\n"), Some("us-letter".into()));
    assert_eq!(paper("[organisation]\ncountry = \"US\"\n[style]\npaper = \"a4\"\n"), Some("a4".into()));
    assert_eq!(paper("[organisation]\ncountry = \"DE\"\n"), None);
}

#[test]
fn the_country_and_the_form_of_letters_are_known_ones() {
    let settings = parse("[organisation]\ncountry = \"de\"\n[style]\nletter = { en = \"uk\", zh = \"china\" }").expect("settings");
    assert_eq!(settings.organisation.country.as_deref(), Some("de"));
    assert_eq!(settings.style["letter"]["zh"], json!("china"));
    assert_eq!(
        problems("[organisation]\ncountry = \"Germany\"\n[style]\nletter = \"din-5008\"\n"),
        [
            (2, "country".to_owned(), "Write the two letters of the country, such as `DE`, `CN` or `US`.".to_owned()),
            (4, "letter-form".to_owned(), "Did you mean `din-5008-b`?".to_owned()),
        ]
    );
    assert_eq!(problems("[style]\nletter = { en = 3 }\n")[0].1, "letter-form");
}

#[test]
fn a_house_that_is_not_there_is_refused_with_those_that_are() {
    let office = tempfile::tempdir().expect("a folder");
    let houses = office.path().join("templates/_shared/houses");
    std::fs::create_dir_all(&houses).expect("a folder");
    std::fs::write(houses.join("mine.typ"), "").expect("a house");
    std::fs::write(houses.join("mine-parts.typ"), "").expect("what the house imports");
    let parse = |text: &str| Settings::parse(text, office.path(), None, UTC);

    for known in ["modern", "mine"] {
        let settings = parse(&format!("[style]\nhouse = \"{known}\"")).expect(known);
        assert_eq!(settings.style["house"], json!(known));
    }
    let problems = parse("[style]\naccent = \"#123456\"\nhouse = \"modren\"").expect_err("a problem").into_vec();
    assert_eq!((problems.len(), problems[0].line, problems[0].code.as_str()), (1, Some(3), "house"));
    assert!(problems[0].help.starts_with("Did you mean `modern`? There are "), "{}", problems[0].help);
    assert!(problems[0].help.contains("`mine`") && !problems[0].help.contains("mine-parts"), "{}", problems[0].help);
    let problems = parse("[style]\nhouse = 3").expect_err("a problem").into_vec();
    assert_eq!((problems.len(), problems[0].line, problems[0].code.as_str()), (1, Some(2), "house"));
}

#[test]
fn what_style_says_of_the_page_is_checked_line_by_line() {
    let wrong = r##"[style]
paper = "letter"
access = "huge"
letterhead = "off"
marks = "din-5008"
text_size = 90
speech_size = "big"
accent = "blue"
contents = "yes"
margins = "5 mm"
my_own = "anything"
"##;
    let found: Vec<(u32, String)> = problems(wrong).into_iter().map(|(line, code, _)| (line, code)).collect();
    let code = |line| match line {
        2..=5 | 9 => "choice",
        6 | 7 => "out-of-range",
        8 => "colour",
        _ => "margin",
    };
    assert_eq!(found, (2..=10).map(|line| (line, code(line).to_owned())).collect::<Vec<_>>());
    assert!(problems("[style]\npaper = \"us-leter\"")[0].2.starts_with("Did you mean `us-letter`? "));

    for wrong in ["\"25\"", "\"25 miles\"", "\"1e2 mm\"", "\".5 in\"", "\"1. in\"", "-3", "true", "{ inner = 20 }", "{ left = \"2 km\" }"] {
        assert_eq!(problems(&format!("[style]\nmargins = {wrong}"))[0].1, "margin", "{wrong}");
    }
    for right in ["\"25 mm\"", "\"1in\"", "20", "22.5", "{ left = \"2.5 cm\", right = \"20 mm\", top = 30, bottom = \"72 pt\" }"] {
        parse(&format!("[style]\nmargins = {right}")).expect(right);
    }
}

#[test]
fn the_logo_is_read_or_its_fault_told() {
    let office = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| std::fs::write(office.path().join(name), bytes).expect("written");
    write("logo.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    write("logo.txt", b"no picture");
    write("empty.png", b"");
    write("large.png", &vec![0; 1_048_577]);
    let parse = |name: &str| Settings::parse(&format!("[organisation]\nlogo = \"{name}\""), office.path(), None, UTC);
    let logo = parse("logo.svg").expect("a logo").logo.expect("a logo");
    assert_eq!((logo.name.as_str(), logo.bytes.len()), ("logo.svg", 41));
    for (name, told) in [
        ("missing.png", "could not be read"),
        ("logo.txt", "no PNG"),
        ("empty.png", "is empty"),
        ("large.png", "at most"),
        (".", "no file"),
    ] {
        let problems = parse(name).expect_err("a problem").into_vec();
        assert_eq!((problems.len(), problems[0].line, problems[0].code.as_str()), (1, Some(2), "logo"), "{name}");
        assert!(problems[0].message.contains(told), "{}", problems[0].message);
    }
}
