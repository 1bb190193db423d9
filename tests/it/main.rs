//! The one integration binary: Typst is linked once, not per file.
mod classification;
mod cli;
mod commands;
mod documentation;
mod intake;
mod reading;
mod records;
mod typesetting;

#[cfg(unix)]
mod crash;
#[cfg(unix)]
mod drops;
#[cfg(unix)]
mod machine;
#[cfg(unix)]
mod watching;
#[cfg(unix)]
mod writers;
