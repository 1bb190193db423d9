//! `chancery completions SHELL`: what the shell needs to complete commands and flags.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::args::Cli;
use crate::cli::ending::{Ending, Stop};
use crate::cli::session::Session;

/// Print the completions for your shell
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery completions bash > ~/.local/share/bash-completion/completions/chancery
  chancery completions fish > ~/.config/fish/completions/chancery.fish
  chancery completions zsh > ~/.zfunc/_chancery")]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints them on standard output.
pub fn run(session: &Session, args: &CompletionsArgs) -> Result<Ending, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "chancery", &mut script);
    session.output.bytes(&script).map_err(|error| Stop::machine("write", "standard output".as_ref(), &error))?;
    Ok(Ending::Done)
}
