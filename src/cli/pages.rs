//! Completion scripts, manual pages and the table of exit statuses, made from the same source as `--help`.

use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::app::App;
use super::args;
use super::exit::{self, Failure, Status};
use super::report::Item;

pub fn completions(app: &mut App, shell: Shell) -> Result<Status, Failure> {
    let mut script = Vec::new();
    generate(shell, &mut args::command(), "ckwh", &mut script);
    print(app, script)
}

pub fn man(app: &mut App, command: Option<&str>) -> Result<Status, Failure> {
    let mut root = args::command();
    root.build();
    let page = match command {
        None => root,
        Some(name) => root
            .get_subcommands()
            .find(|own| own.get_name() == name && !own.is_hide_set())
            .ok_or_else(|| Failure::usage(format!("there is no command `{name}`; `ckwh help` lists them")))?
            .clone(),
    };
    let mut roff = Vec::new();
    Man::new(page).render(&mut roff).map_err(Failure::from_output)?;
    print(app, roff)
}

pub fn exit_codes(app: &mut App) -> Result<Status, Failure> {
    print(app, format!("{}\n", exit::page()).into_bytes())
}

fn print(app: &mut App, text: Vec<u8>) -> Result<Status, Failure> {
    app.result(Item::Text {
        text: String::from_utf8_lossy(&text).into_owned(),
    })?;
    Ok(Status::Yes)
}
