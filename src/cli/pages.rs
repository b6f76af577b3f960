//! Completion scripts, manual pages and the table of exit statuses, made from the same source as `--help`.

use ckwh::exchange::FORMATS;
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

/// Prints the formats of requests that are read.
pub fn formats(app: &mut App) -> Result<Status, Failure> {
    print(app, format!("{}\n", formats_page()).into_bytes())
}

/// The formats of requests that are read, as `ckwh help formats` prints them.
pub fn formats_page() -> String {
    let mut page = String::from(
        "Files and lines of requests, which `verify`, `captures import`, `replay --from`, `providers new --learn` and `sign` \
         tell by their shape:\n",
    );
    for format in FORMATS.iter() {
        page.push_str(&format!("\n  {:<16} {}", format.name(), format.title()));
    }
    page.push_str(BY_HAND);
    page
}

/// The format to make by hand.
const BY_HAND: &str = "\n\nWhat is not known here is made into JSON lines by hand, an object each: \
    {\"method\":\"POST\",\"url\":\"/hooks\",\"headers\":{\"a\":\"b\"},\"body\":\"text\"} \
    (`body_base64` for bytes, `received_at` for the time). jq does it in one line, such as:\n\n  \
    jq -c '.[] | {method: .verb, url: .path, headers: .headers, body: .payload, received_at: .time}' log.json | ckwh captures import -";

fn print(app: &mut App, text: Vec<u8>) -> Result<Status, Failure> {
    app.result(Item::Text {
        text: String::from_utf8_lossy(&text).into_owned(),
    })?;
    Ok(Status::Yes)
}
