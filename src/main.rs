//! `ckwh`: what was typed, what it means, one use case, an exit status.

#![warn(clippy::print_stdout, clippy::print_stderr, clippy::too_many_lines)]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(filtered) = cli::filter::if_asked() {
        return filtered;
    }
    cli::complete::if_asked();
    if std::env::args_os().len() < 2 {
        return cli::start().into();
    }
    let args = cli::args::parse();
    cli::run(&args).into()
}
