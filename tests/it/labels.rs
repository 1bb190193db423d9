//! The files of words: no language lacks one that English has, and each has the forms in which it counts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use icu_plurals::{PluralCategory, PluralRules};

type Labels = BTreeMap<String, String>;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The languages in a folder below `templates/`, by tag.
fn languages(folder: &str) -> BTreeMap<String, Labels> {
    let Ok(files) = std::fs::read_dir(repository().join("templates").join(folder).join("languages")) else { return BTreeMap::new() };
    let paths = files.map(|file| file.unwrap().path());
    let read = |path: PathBuf| {
        let tag = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (tag, toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    };
    paths.map(read).collect()
}

fn folders() -> Vec<String> {
    let folders = std::fs::read_dir(repository().join("templates")).unwrap();
    folders.map(|folder| folder.unwrap().file_name().to_str().unwrap().to_owned()).collect()
}

/// The forms in which a language counts, as labels end with them.
fn forms(tag: &str) -> Vec<&'static str> {
    let rules = PluralRules::try_new_cardinal(tag.parse::<icu_locale_core::Locale>().unwrap().into()).unwrap();
    let name = |category| match category {
        PluralCategory::Zero => "_zero",
        PluralCategory::One => "_one",
        PluralCategory::Two => "_two",
        PluralCategory::Few => "_few",
        PluralCategory::Many => "_many",
        PluralCategory::Other => "_other",
    };
    rules.categories().map(name).collect()
}

/// What a language has to have where English has these keys: of a word that goes by a number, every form that it counts in.
fn expected(english: &Labels, tag: &str) -> BTreeSet<String> {
    let counted = |key: &str| key.strip_suffix("_other").map(str::to_owned);
    let words: Vec<String> = english.keys().filter_map(|key| counted(key)).collect();
    let is_form = |key: &&String| words.iter().any(|word| key.strip_prefix(word).is_some_and(|form| ["_one", "_other"].contains(&form)));
    let plain = english.keys().filter(|key| !is_form(key)).cloned();
    let forms = forms(tag);
    plain.chain(words.iter().flat_map(|word| forms.iter().map(move |form| format!("{word}{form}")))).collect()
}

/// What stands in `{…}`.
fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

#[test]
fn no_language_lacks_a_word_that_english_has() {
    let tags: Vec<String> = languages("_shared").into_keys().collect();
    assert_eq!(tags, ["ar", "de", "en", "es", "fr", "ja", "zh", "zh-Hant"]);
    for folder in folders() {
        let found = languages(&folder);
        let Some(english) = found.get("en") else { continue };
        for tag in &tags {
            let labels = found.get(tag).unwrap_or_else(|| panic!("templates/{folder}/languages/{tag}.toml is missing"));
            let keys: BTreeSet<String> = labels.keys().cloned().collect();
            let wanted = expected(english, tag);
            assert!(keys == wanted, "{folder} {tag}: lacks {:?}, has {:?} besides", &wanted - &keys, &keys - &wanted);
            for (key, text) in labels.iter().filter(|(key, _)| english.contains_key(*key) && !key.ends_with("_one")) {
                assert_eq!(places(text), places(&english[key]), "{folder} {tag} {key}");
            }
        }
    }
}
