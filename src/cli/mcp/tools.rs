//! The tools: what an agent gives to each, and the command line that it becomes.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::ValueEnum as _;
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Bounds;
use crate::cli::args::Fault;
use crate::cli::exit::Failure;
use crate::cli::line::Line;

/// Deliveries of one call, at most.
const MOST_DELIVERIES: u32 = 100;
/// Captures of one answer, at most.
const MOST_LISTED: usize = 200;
/// Signatures that a handler computed, in one call.
const MOST_COMPUTED: usize = 50;
/// Requests that a check may make.
const MOST_REQUESTS: u32 = 2000;
/// The longest wait for a capture.
const LONGEST_WAIT: Duration = Duration::from_secs(120);
/// Bytes of a capture's body that are shown, where nothing is said, and at most.
const BODY: usize = 4 * 1024;
const LARGEST_BODY: usize = 64 * 1024;

/// What a tool does to the world, for the client's hints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Reads what is here.
    Reads,
    /// Sends requests to a target: what they change there is the handler's matter.
    Delivers,
}

/// One tool.
pub struct Row {
    pub name: &'static str,
    title: &'static str,
    about: &'static str,
    effect: Effect,
    schema: fn() -> JsonObject,
    plan: fn(Value, &Bounds) -> Result<Plan, Failure>,
}

/// What a call comes to.
#[derive(Debug)]
pub struct Plan {
    /// The command line, without the program's name.
    pub line: Vec<String>,
    /// The event type that is signed. It has to be a known one: a file can have any name.
    pub event: Option<String>,
    /// Whether it is asked again until it has a result, for at most so long.
    pub wait: Option<Duration>,
    /// How much of a body is shown, in bytes.
    pub body: usize,
    /// The fields that are shown, where only some are asked for.
    pub fields: Option<Vec<String>>,
}

pub const ROWS: &[Row] = &[
    row::<ListEvents>(
        "list_events",
        "List webhook events",
        "Lists the event types that can be sent, or shows one event's payload. Changes nothing and sends nothing.",
        Effect::Reads,
    ),
    row::<Providers>(
        "providers",
        "List webhook providers",
        "Lists the known webhook providers, or shows how one signs and retries, and which environment variable holds its secret. Changes nothing.",
        Effect::Reads,
    ),
    row::<Send>(
        "send",
        "Send a signed webhook",
        "Sends a correctly signed fixture event to the handler under test and returns its answer. The handler processes it as a real delivery. What was sent is named `sent` afterwards.",
        Effect::Delivers,
    ),
    row::<WaitForCapture>(
        "wait_for_capture",
        "Wait for a webhook",
        "Waits until `ckwh listen`, which must be running, has caught a delivery, and returns it. Takes as long as that takes, at most `seconds`.",
        Effect::Reads,
    ),
    row::<ListCaptures>(
        "list_captures",
        "List captured webhooks",
        "Lists what `ckwh listen` caught, the newest first, without heads and bodies. Changes nothing.",
        Effect::Reads,
    ),
    row::<GetCapture>(
        "get_capture",
        "Show a captured webhook",
        "Shows one captured request with its head, its body, the verdict on its signature, and what a handler answered. Credentials and signatures are hidden. Changes nothing.",
        Effect::Reads,
    ),
    row::<Explain>(
        "explain",
        "Explain a signature",
        "Says whether a delivery's signature is right and, if not, proves why. With `computed`, the signature that a handler computed and logged, it says what that handler did wrong. Takes up to some seconds of computing for large bodies. Changes nothing.",
        Effect::Reads,
    ),
    row::<Diff>(
        "diff",
        "Compare two webhooks",
        "Compares two captured requests: heads, bytes and JSON values. Changes nothing.",
        Effect::Reads,
    ),
    row::<Replay>(
        "replay",
        "Replay captured webhooks",
        "Delivers captured requests again to the handler under test, signed anew, and returns its answers. The handler processes them as real deliveries.",
        Effect::Delivers,
    ),
    row::<Check>(
        "check",
        "Check a webhook handler",
        "Fires some sixty cases at the handler under test, right and wrong deliveries, and says which rules it breaks, why each matters, and what mends it. Takes ten seconds to a minute and sends up to some hundred requests. The handler processes the right ones as real deliveries.",
        Effect::Delivers,
    ),
];

const fn row<T: Arguments>(name: &'static str, title: &'static str, about: &'static str, effect: Effect) -> Row {
    Row {
        name,
        title,
        about,
        effect,
        schema: schema::<T>,
        plan: plan::<T>,
    }
}

/// What an agent gives to a tool.
trait Arguments: DeserializeOwned + JsonSchema {
    fn plan(self, bounds: &Bounds) -> Result<Plan, Failure>;
}

fn plan<T: Arguments>(given: Value, bounds: &Bounds) -> Result<Plan, Failure> {
    let arguments: T = serde_json::from_value(given).map_err(|problem| Failure::usage(problem.to_string()))?;
    arguments.plan(bounds)
}

fn schema<T: Arguments>() -> JsonObject {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    match Value::from(settings.into_generator().into_root_schema_for::<T>()) {
        Value::Object(mut schema) => {
            schema.remove("title");
            schema
        }
        _ => JsonObject::new(),
    }
}

impl Row {
    /// As the protocol lists it.
    pub fn tool(&self) -> Tool {
        let reads = self.effect == Effect::Reads;
        let hints = ToolAnnotations::with_title(self.title)
            .read_only(reads)
            .destructive(!reads)
            .idempotent(reads)
            .open_world(!reads);
        Tool::new(self.name, self.about, (self.schema)())
            .with_title(self.title)
            .with_annotations(hints)
    }

    /// What a call with these arguments comes to.
    ///
    /// # Errors
    /// [`Failure::Usage`] for arguments that make no sense, or that lead out of the bounds.
    pub fn plan(&self, given: Value, bounds: &Bounds) -> Result<Plan, Failure> {
        (self.plan)(given, bounds)
    }
}

impl Line {
    fn store(self, bounds: &Bounds) -> Self {
        self.option("--store", bounds.store.as_ref())
    }

    fn plan(self) -> Plan {
        Plan {
            line: self.into_words(),
            event: None,
            wait: None,
            body: BODY,
            fields: None,
        }
    }
}

/// The target that is meant: one of those that were settled.
fn target(named: Option<String>, bounds: &Bounds) -> Result<String, Failure> {
    let Some(first) = bounds.targets.first() else {
        return Err(Failure::usage(
            "no target was given when the server began: start it as `ckwh mcp --to localhost:3000/webhook`",
        ));
    };
    match named {
        None => Ok(first.clone()),
        Some(named) if bounds.targets.contains(&named) => Ok(named),
        Some(named) => Err(Failure::usage(format!(
            "`{}` is no target that was given when the server began; those are {}",
            named.escape_debug(),
            bounds.targets.join(", ")
        ))),
    }
}

/// A capture by its number, `last` or `sent`: a path is no name of one.
fn capture(name: &str) -> Result<String, Failure> {
    let is_number = |text: &str| !text.is_empty() && text.len() < 19 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_sent = name.strip_prefix("sent:").is_some_and(is_number);
    match is_number(name) || is_sent || matches!(name, "last" | "sent") {
        true => Ok(name.to_owned()),
        false => Err(Failure::usage(format!(
            "`{}` names no capture: give its number, `last`, or `sent` for what `send` delivered",
            name.escape_debug()
        ))),
    }
}

/// A name of an event or a provider, or a pattern of them: never a path, and never standard input.
fn name(what: &str, given: String) -> Result<String, Failure> {
    let is_named = |char: char| char.is_ascii_alphanumeric() || "._-/:*?# ".contains(char);
    let is_path = given.starts_with(['/', '.', '-', ':', ' ']) || given.contains("://") || given.contains("..");
    match given.is_empty() || is_path || given.len() > 100 || !given.chars().all(is_named) {
        true => Err(Failure::usage(format!(
            "`{}` is no name of {what}",
            given.escape_debug()
        ))),
        false => Ok(given),
    }
}

fn provider(given: Option<String>) -> Result<Option<String>, Failure> {
    given.map(|given| name("a provider", given)).transpose()
}

fn no_more_than<T: PartialOrd + ToString>(what: &str, given: T, most: T) -> Result<T, Failure> {
    match given > most {
        true => Err(Failure::usage(format!("{what} may be {} at most", most.to_string()))),
        false => Ok(given),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListEvents {
    /// Show this event's payload instead of the list.
    event: Option<String>,
    /// Only this provider's events.
    provider: Option<String>,
}

impl Arguments for ListEvents {
    fn plan(self, _: &Bounds) -> Result<Plan, Failure> {
        let line = Line::new(&["events"]).option("--provider", provider(self.provider)?);
        Ok(match self.event {
            Some(event) => Plan {
                event: Some(event.clone()),
                ..line.behind(name("an event", event)?).plan()
            },
            None => line.plan(),
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Providers {
    /// Show this provider alone, with how it signs.
    provider: Option<String>,
}

impl Arguments for Providers {
    fn plan(self, _: &Bounds) -> Result<Plan, Failure> {
        Ok(match provider(self.provider)? {
            Some(provider) => Line::new(&["providers", "show"]).behind(provider).plan(),
            None => Line::new(&["providers", "list"]).plan(),
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Send {
    /// The event type, as `list_events` names it.
    event: String,
    /// Whose event it is, where several providers have one of that name.
    provider: Option<String>,
    /// Which of the provider's dialects.
    dialect: Option<String>,
    /// One of the targets that were given when the server began; the first where none is named.
    to: Option<String>,
    /// Values to change in the payload: a path such as `data.object.amount`, and the new value.
    #[serde(default)]
    set: BTreeMap<String, Value>,
    /// The message's id: the same id twice is a repeated delivery.
    id: Option<String>,
    /// Put one fault into the delivery, which the handler must refuse.
    #[serde(rename = "break")]
    fault: Option<Fault>,
    /// How many deliveries, 100 at most.
    count: Option<u32>,
    /// A body in place of the fixture's, where the server allows it.
    body: Option<String>,
}

impl Arguments for Send {
    fn plan(self, bounds: &Bounds) -> Result<Plan, Failure> {
        if self.body.is_some() && !bounds.allow_bodies {
            return Err(Failure::usage(
                "a body of your own is signed only where the server began with --allow-bodies; change the fixture with `set`",
            ));
        }
        if self.body.is_some() && self.provider.is_none() {
            return Err(Failure::usage(
                "a body does not say whose webhook it is: give `provider` too",
            ));
        }
        if self.body.as_ref().is_some_and(|body| body.starts_with('@')) {
            return Err(Failure::usage("a body that begins with @ would name a file"));
        }
        let count = no_more_than("`count`", self.count.unwrap_or(1), MOST_DELIVERIES)?;
        let line = Line::new(&["send"])
            .option("--to", Some(target(self.to, bounds)?))
            .option("--provider", provider(self.provider)?)
            .option("--dialect", self.dialect)
            .option("--id", self.id)
            .option(
                "--break",
                self.fault
                    .and_then(|fault| Some(fault.to_possible_value()?.get_name().to_owned())),
            )
            .option("--count", Some(count))
            .option("--timeout", Some("30s"))
            .each("--set", self.set.iter().map(|(path, value)| format!("{path}:={value}")));
        let event = name("an event", self.event.clone())?;
        let line = match self.body {
            Some(body) => line.option("--type", Some(event)).option("--data", Some(body)),
            None => line.behind(event),
        };
        Ok(Plan {
            event: Some(self.event),
            ..line.plan()
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WaitForCapture {
    /// Of this event type, or a pattern such as `invoice.*`.
    event: Option<String>,
    /// Of this provider.
    provider: Option<String>,
    /// How long to wait, 120 seconds at most; 30 where nothing is said.
    seconds: Option<u64>,
}

impl Arguments for WaitForCapture {
    fn plan(self, bounds: &Bounds) -> Result<Plan, Failure> {
        let seconds = no_more_than("`seconds`", self.seconds.unwrap_or(30), LONGEST_WAIT.as_secs())?;
        let line = Line::new(&["captures", "list"])
            .option("--event", self.event.map(|event| name("an event", event)).transpose()?)
            .option("--provider", provider(self.provider)?)
            .option("--since", Some(jiff::Timestamp::now()))
            .option("--limit", Some(1))
            .store(bounds);
        Ok(Plan {
            wait: Some(Duration::from_secs(seconds)),
            ..line.plan()
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListCaptures {
    /// Of this event type, or a pattern such as `invoice.*`.
    event: Option<String>,
    /// Of this provider.
    provider: Option<String>,
    /// Only those whose signature was not valid.
    #[serde(default)]
    invalid: bool,
    /// Only those whose last delivery failed.
    #[serde(default)]
    failed: bool,
    /// Not before: RFC 3339, or relative as `-10m`.
    since: Option<String>,
    /// How many, 200 at most; 20 where nothing is said.
    limit: Option<usize>,
}

impl Arguments for ListCaptures {
    fn plan(self, bounds: &Bounds) -> Result<Plan, Failure> {
        let limit = no_more_than("`limit`", self.limit.unwrap_or(20), MOST_LISTED)?;
        let line = Line::new(&["captures", "list"])
            .option("--event", self.event.map(|event| name("an event", event)).transpose()?)
            .option("--provider", provider(self.provider)?)
            .option("--since", self.since)
            .option("--limit", Some(limit.max(1)))
            .flag("--invalid", self.invalid)
            .flag("--failed", self.failed);
        Ok(line.store(bounds).plan())
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GetCapture {
    /// Its number, `last`, or `sent` for what `send` delivered.
    capture: String,
    /// Only these fields of it, such as `headers`, `body`, `forward`.
    fields: Option<Vec<String>>,
    /// How many bytes of the body are shown, 65,536 at most; 4,096 where nothing is said.
    body_bytes: Option<usize>,
}

impl Arguments for GetCapture {
    fn plan(self, bounds: &Bounds) -> Result<Plan, Failure> {
        let line = Line::new(&["captures", "show"]).store(bounds);
        Ok(Plan {
            body: no_more_than("`body_bytes`", self.body_bytes.unwrap_or(BODY), LARGEST_BODY)?,
            fields: self.fields,
            ..line.behind(capture(&self.capture)?).plan()
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Explain {
    /// The capture's number, `last`, or `sent` for what `send` delivered.
    capture: String,
    /// Signatures that the handler computed for this delivery, as its log shows them.
    #[serde(default)]
    computed: Vec<String>,
    /// Whose webhook it is, where that is not clear.
    provider: Option<String>,
    /// Which of the provider's dialects.
    dialect: Option<String>,
    /// What the handler is written with, for lines to paste, such as `express`, `nextjs`, `flask`, `django`.
    framework: Option<String>,
}

impl Arguments for Explain {
    fn plan(self, bounds: &Bounds) -> Result<Plan, Failure> {
        no_more_than("the number of `computed`", self.computed.len(), MOST_COMPUTED)?;
        if self.computed.iter().any(|text| text == "-" || text.len() > 1000) {
            return Err(Failure::usage("`computed` holds something that is no signature"));
        }
        let line = Line::new(&["verify"])
            .option("--provider", provider(self.provider)?)
            .option("--dialect", self.dialect)
            .option("--framework", self.framework)
            .each("--computed", self.computed)
            .store(bounds);
        Ok(line.behind(capture(&self.capture)?).plan())
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Diff {
    /// One: its number, `last` or `sent`.
    a: String,
    /// The other.
    b: String,
}

impl Arguments for Diff {
    fn plan(self, bounds: &Bounds) -> Result<Plan, Failure> {
        let line = Line::new(&["captures", "diff"]).store(bounds);
        Ok(line.behind(capture(&self.a)?).behind(capture(&self.b)?).plan())
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Replay {
    /// Their numbers, `last`, or `sent`; 100 at most.
    captures: Vec<String>,
    /// One of the targets that were given when the server began; the first where none is named.
    to: Option<String>,
    /// Send the signature as it was captured instead of a new one.
    #[serde(default)]
    keep_signature: bool,
    /// Give each request a new id, so that the handler does not take it for one that it has.
    #[serde(default)]
    fresh_id: bool,
}

impl Arguments for Replay {
    fn plan(self, bounds: &Bounds) -> Result<Plan, Failure> {
        if self.captures.is_empty() {
            return Err(Failure::usage("`captures` names none"));
        }
        no_more_than(
            "the number of `captures`",
            self.captures.len(),
            MOST_DELIVERIES as usize,
        )?;
        let mut line = Line::new(&["replay"])
            .option("--to", Some(target(self.to, bounds)?))
            .option("--timeout", Some("30s"))
            .flag("--keep-signature", self.keep_signature)
            .flag("--fresh-id", self.fresh_id)
            .store(bounds);
        for name in &self.captures {
            line = line.behind(capture(name)?);
        }
        Ok(line.plan())
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Check {
    /// Whose webhooks the handler takes.
    provider: String,
    /// Which of the provider's dialects.
    dialect: Option<String>,
    /// The event of most cases; the provider's first where none is named.
    event: Option<String>,
    /// One of the targets that were given when the server began; the first where none is named.
    to: Option<String>,
    /// Only these cases or families, such as `refuses` or `once.repeated`.
    #[serde(default)]
    only: Vec<String>,
    /// Not these.
    #[serde(default)]
    skip: Vec<String>,
    /// Also deliver chains of events in other orders, in sequences of up to so many deliveries, 6 at most.
    explore: Option<u32>,
}

impl Arguments for Check {
    fn plan(self, bounds: &Bounds) -> Result<Plan, Failure> {
        let explore = self
            .explore
            .map(|explore| no_more_than("`explore`", explore, 6))
            .transpose()?;
        let line = Line::new(&["check"])
            .option("--to", Some(target(self.to, bounds)?))
            .option("--provider", provider(Some(self.provider))?)
            .option("--dialect", self.dialect)
            .option("--max-requests", Some(MOST_REQUESTS))
            .option("--observe-url", bounds.observe_url.as_ref())
            .option("--explore", explore)
            .option("--orders", explore.map(|_| 200))
            .each("--only", self.only)
            .each("--skip", self.skip);
        Ok(match self.event {
            Some(event) => Plan {
                event: Some(event.clone()),
                ..line.behind(name("an event", event)?).plan()
            },
            None => line.plan(),
        })
    }
}
