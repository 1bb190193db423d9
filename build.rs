//! Templates and fonts are compiled in: a new file there must rebuild the crate.

fn main() {
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=fonts");
}
