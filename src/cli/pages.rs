//! Completion scripts, manual pages and the table of exit statuses, made from the same source as `--help`.

use ckwh::exchange::FORMATS;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::app::App;
use super::args;
use super::complete;
use super::exit::{self, Failure, Status};
use super::report::Item;

pub fn completions(app: &mut App, shell: Shell) -> Result<Status, Failure> {
    let script = match complete::script(shell) {
        Some(script) => script.map_err(Failure::from_output)?,
        None => {
            let mut script = Vec::new();
            generate(shell, &mut args::command(), "ckwh", &mut script);
            script
        }
    };
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

/// What is shown where nothing was typed.
pub const START: &str = "\
ckwh tests your webhook handler: correctly signed events, offline.

  ckwh send cost.alert              see a signed event, now
  ckwh send cost.alert --to 3000    send it to your handler
  ckwh events                       what there is to send
  ckwh listen --forward 3000        catch what arrives, and pass it on
  ckwh verify last                  say why a signature does not match
  ckwh replay last --to 3000        deliver it again
  ckwh doctor --to 3000             see what is missing

ckwh help lists everything; ckwh send --help has examples.
";

/// `ckwh help secrets`.
pub const SECRETS: &str = "\
Signing secrets are taken from the first of these that has one:

  --secret-file PATH|-   a file, or standard input, without its last line break
  --secret-env NAME      a variable
  --env-file PATH        the provider's variables in a file as .env
  --secret VALUE         for a quick try: other users of the machine see it
  CKWH_SECRET            whatever provider it is
  the settings           secret_file, secret_env
  the provider's own     its variables in the environment, then in ./.env;
                         `ckwh providers show NAME` names them

A secret is never shown. `ckwh fingerprint` prints the beginning of the SHA-256
of its text, to compare with your handler's.";

/// `ckwh help targets`.
pub const TARGETS: &str = "\
A target is where events go: --to, or the last word after `ckwh send`.

  3000                   localhost:3000, at the provider's documented path
  3000/hooks             localhost:3000/hooks
  localhost:3000/        the root
  https://example.com/x  any URL

No scheme means http. localhost is this machine, by IPv6 and IPv4, whatever a
resolver says. CKWH_TO, and `to` in the settings, name one for good.";

/// A page that stands for itself.
pub fn topic(app: &mut App, page: &str) -> Result<Status, Failure> {
    print(app, format!("{page}\n").into_bytes())
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
