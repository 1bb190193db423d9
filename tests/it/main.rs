//! The one integration binary: Typst is linked once, not per file.
mod cli;
mod documentation;
mod intake;
mod reading;
