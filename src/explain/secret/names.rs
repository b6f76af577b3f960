//! Variables by their names: a secret's whole line in an `.env` file, and a name in its value's place.

use crate::explain::cause::Kind;

/// Names that documentation gives the variables of secrets.
const NAMES: &[&str] = &[
    "WEBHOOK_SECRET",
    "GITHUB_WEBHOOK_SECRET",
    "STRIPE_WEBHOOK_SECRET",
    "WEBHOOK_SIGNING_SECRET",
    "SIGNING_SECRET",
    "SECRET",
    "STRIPE_ENDPOINT_SECRET",
    "SLACK_SIGNING_SECRET",
    "SHOPIFY_API_SECRET",
    "SHOPIFY_WEBHOOK_SECRET",
    "TWILIO_AUTH_TOKEN",
    "SECRET_TOKEN",
    "WEBHOOK_SECRET_KEY",
    "PADDLE_WEBHOOK_SECRET",
    "PADDLE_WEBHOOK_SECRET_KEY",
    "SVIX_WEBHOOK_SECRET",
    "STANDARD_WEBHOOKS_SECRET",
    "CLERK_WEBHOOK_SECRET",
    "CLERK_WEBHOOK_SIGNING_SECRET",
    "RESEND_WEBHOOK_SECRET",
    "LINEAR_WEBHOOK_SECRET",
    "ZOOM_WEBHOOK_SECRET_TOKEN",
    "WEBHOOK_SIGNING_KEY",
    "CALENDLY_WEBHOOK_SIGNING_KEY",
    "DISCORD_PUBLIC_KEY",
    "DROPBOX_APP_SECRET",
    "HUBSPOT_CLIENT_SECRET",
    "INTERCOM_CLIENT_SECRET",
    "LEMONSQUEEZY_WEBHOOK_SECRET",
    "LEMON_SQUEEZY_SIGNING_SECRET",
    "META_APP_SECRET",
    "M4D_APP_SECRET",
    "PAGERDUTY_WEBHOOK_SECRET",
    "PAYSTACK_SECRET_KEY",
    "QUOTAWATCH_WEBHOOK_SECRET",
    "RAZORPAY_WEBHOOK_SECRET",
    "SQUARE_WEBHOOK_SIGNATURE_KEY",
    "SQUARE_SIGNATURE_KEY",
    "TYPEFORM_WEBHOOK_SECRET",
    "SECRET_KEY",
    "API_SECRET",
    "APP_SECRET",
    "CLIENT_SECRET",
    "ENDPOINT_SECRET",
    "HMAC_SECRET",
    "webhook_secret",
    "webhookSecret",
    "signing_secret",
    "secret",
];

/// So many of them are tried with a body beyond this size, in bytes.
const LARGE: usize = 64 * 1024;
const FEW: usize = 6;

/// How a line gives a value; what stands behind is the value's.
struct Line {
    kind: Kind,
    text: &'static str,
}

const LINES: &[Line] = &[
    line(Kind::SecretPrefix, "NAME=VALUE"),
    line(Kind::SecretQuoted, "NAME=\"VALUE\""),
    line(Kind::SecretQuoted, "NAME='VALUE'"),
    line(Kind::SecretPrefix, "export NAME=VALUE"),
    line(Kind::SecretQuoted, "export NAME=\"VALUE\""),
    line(Kind::SecretQuoted, "export NAME='VALUE'"),
    line(Kind::SecretPrefix, "NAME: VALUE"),
    line(Kind::SecretQuoted, "NAME: \"VALUE\""),
    line(Kind::SecretPrefix, "NAME = VALUE"),
    line(Kind::SecretPrefix, "NAME=VALUE\n"),
];

/// What is written in a value's place, where nothing puts it there.
const REFERENCES: &[&str] = &[
    "NAME",
    "$NAME",
    "${NAME}",
    "process.env.NAME",
    "${{ secrets.NAME }}",
    "{{NAME}}",
    "{{ NAME }}",
    "%NAME%",
    "$(NAME)",
    "secrets.NAME",
    "import.meta.env.NAME",
    "env.NAME",
    "process.env['NAME']",
    "process.env[\"NAME\"]",
    "os.environ['NAME']",
    "os.environ[\"NAME\"]",
    "os.getenv('NAME')",
    "os.getenv(\"NAME\")",
    "ENV['NAME']",
    "ENV[\"NAME\"]",
    "env('NAME')",
    "getenv('NAME')",
    "<NAME>",
    "your_NAME",
    "your-NAME",
];

const fn line(kind: Kind, text: &'static str) -> Line {
    Line { kind, text }
}

/// A text in a secret's place.
pub(super) struct Named {
    pub(super) kind: Kind,
    /// What it is, in words; the secret is not in there.
    pub(super) what: String,
    pub(super) step: String,
    pub(super) text: Vec<u8>,
}

/// The names that are tried with a body of `length` bytes, `own` before all.
pub(super) fn names<'n>(own: &[&'n str], length: usize) -> Vec<&'n str> {
    let most = if length > LARGE { FEW } else { NAMES.len() };
    let mut all: Vec<&str> = Vec::new();
    for name in own.iter().chain(&NAMES[..most]) {
        if !all.contains(name) {
            all.push(name);
        }
    }
    all
}

/// The lines that give `value` to the variable `name`.
pub(super) fn lines(name: &str, value: &[u8]) -> Vec<Named> {
    let each = LINES.iter().map(|line| {
        let (before, behind) = line.text.split_once("VALUE").unwrap_or((line.text, ""));
        let before = before.replace("NAME", name);
        let shown = format!("{before}…{}", behind.replace('\n', "\\n"));
        Named {
            kind: line.kind,
            what: format!("as the whole line `{shown}` of an .env file"),
            step: format!("line:{shown}"),
            text: [before.as_bytes(), value, behind.as_bytes()].concat(),
        }
    });
    each.collect()
}

/// What stands for the variable `name` where nothing replaced it.
pub(super) fn references(name: &str) -> Vec<Named> {
    let each = REFERENCES.iter().map(|text| {
        let text = text.replace("NAME", name);
        Named {
            kind: Kind::SecretPlaceholder,
            what: format!("the text `{text}` in the secret's place: a variable's name, and not its value"),
            step: format!("name:{text}"),
            text: text.into_bytes(),
        }
    });
    each.collect()
}
