//! Templates, fonts and sample drops are compiled in: a new file there must rebuild the crate.
//!
//! The code that documents are made by is part of what they are made from: `CHANCERY_CODE` tells one build's from another's, so that what was
//! made by other code is made again.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

/// What documents are made by and with: the program, and the fonts in it. Of templates it is known which ones a document needs.
const CODE: [&str; 4] = ["src", "fonts", "Cargo.lock", "Cargo.toml"];

fn main() {
    for data in ["templates", "fonts", "examples"] {
        println!("cargo:rerun-if-changed={data}");
    }
    let mut files = Vec::new();
    for code in CODE {
        println!("cargo:rerun-if-changed={code}");
        gather(Path::new(code), &mut files);
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for path in files {
        path.hash(&mut hasher);
        fs::read(&path).unwrap_or_default().hash(&mut hasher);
    }
    println!("cargo:rustc-env=CHANCERY_CODE={:016x}", hasher.finish());
}

/// The files at a path and below it.
fn gather(path: &Path, files: &mut Vec<PathBuf>) {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| gather(&entry.path(), files)),
        Err(_) => files.push(path.to_owned()),
    }
}
