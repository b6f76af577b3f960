//! `ckwh`: what was typed, what it means, one use case, an exit status.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = cli::args::parse();
    cli::run(&args).into()
}
