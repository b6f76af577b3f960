//! Results as data: what `--json` writes, and what is rendered for people. Fields are only ever added.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ckwh::clock::Unit;
use ckwh::delivery::Outgoing;
use ckwh::delivery::run::RequestOrigin;
use ckwh::exchange::credentials::Credentials;
use ckwh::exchange::jsonl::{BodyFields, CaptureFields, HeaderPairs};
use ckwh::explain::Cause;
use ckwh::learn::Searched;
use ckwh::message::{Message, Place};
use ckwh::scheme::{Encoding, Kind};
use ckwh::store::{Change as StoreChange, Summary};
use ckwh::trust::{Caveat, State};
use ckwh::verify::{Reason, SignatureState};
use serde::Serialize;

use super::checked::{CaseItem, CheckSummaryItem, ExplorationItem};
use super::options::{RequestFormat, SignatureFormat};
use super::run::{LatenciesItem, RunItem};

/// A result.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Item {
    Delivery(DeliveryItem),
    Skipped(SkippedItem),
    Summary(SummaryItem),
    Request(RequestItem),
    Signature(SignatureItem),
    Verdict(VerdictItem),
    Fingerprint(FingerprintItem),
    Diagnosis(DiagnosisItem),
    Error(ErrorItem),
    Event(EventItem),
    Payload(PayloadItem),
    Provider(ProviderItem),
    ProviderTest(ProviderTestItem),
    Learned(Box<LearnedItem>),
    Trust(TrustItem),
    Ready(ReadyItem),
    Capture(Box<CaptureItem>),
    Entry(Box<Summary>),
    Refused(RefusedItem),
    ListenSummary(ListenSummaryItem),
    Difference(DifferenceItem),
    Run(Box<RunItem>),
    Case(Box<CaseItem>),
    CheckSummary(Box<CheckSummaryItem>),
    Exploration(ExplorationItem),
    Store(StoreItem),
    StoreStatus(StoreStatusItem),
    StoreCopy(StoreCopyItem),
    /// A text that stands for itself: a script, a page.
    Text {
        text: String,
    },
}

impl Item {
    /// Masks the credentials in URLs, in whatever result they stand. What captures hold is masked as it is asked for,
    /// when the result is made.
    pub fn mask(&mut self, credentials: &Credentials) {
        let hide = |url: &mut String| {
            if let Cow::Owned(masked) = credentials.mask_url(url) {
                *url = masked;
            }
        };
        match self {
            Self::Delivery(item) => {
                hide(&mut item.url);
                if let Some(response) = &mut item.response {
                    response.headers = HeaderPairs(credentials.mask_headers(&response.headers.0));
                }
            }
            Self::Verdict(item) => {
                let proofs = item.causes.iter_mut().filter_map(|item| item.cause.proof.as_mut());
                let recipes = proofs.filter_map(|proof| proof.recipe.as_mut());
                recipes.filter_map(|recipe| recipe.url.as_mut()).for_each(hide);
                if let Some(base) = &mut item.signature_base {
                    *base = masked_base(base, credentials);
                }
            }
            Self::Run(item) => {
                hide(&mut item.url);
                item.requests
                    .iter_mut()
                    .flatten()
                    .for_each(|request| hide(&mut request.url));
            }
            Self::Learned(item) => item.url.iter_mut().for_each(hide),
            _ => {}
        }
    }
}

/// A signature base with the credentials in its lines replaced.
fn masked_base(base: &str, credentials: &Credentials) -> String {
    let line = |line: &str| {
        let Some((name, value)) = line.split_once(": ") else {
            return line.to_owned();
        };
        let header = name.split(';').next().unwrap_or_default().trim_matches('"');
        let shown = match header.starts_with(['@', '(']) {
            true => credentials.mask_url(value),
            false => String::from_utf8_lossy(&credentials.mask_value(header, value.as_bytes()))
                .into_owned()
                .into(),
        };
        format!("{name}: {shown}")
    };
    base.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// All attempts at one message.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DeliveryItem {
    pub provider: Option<String>,
    pub dialect: Option<String>,
    /// Whether the provider is a project's own that the user does not trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caveat: Option<Caveat>,
    pub event_type: Option<String>,
    pub event_id: Option<String>,
    #[serde(flatten)]
    pub origin: RequestOrigin,
    pub url: String,
    /// Whether it met its expectation.
    pub ok: bool,
    pub attempts: Vec<AttemptItem>,
    pub response: Option<ResponseItem>,
    /// What of the expectation was not met.
    pub unmet: Vec<String>,
    /// How that differs from the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<VerdictChange>,
}

/// What came of a delivery, beside what came of the same the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum VerdictChange {
    /// It failed then, and does no more.
    Fixed,
    /// It failed not then, and does now.
    Regressed,
    /// It failed then, and does now.
    StillFailing,
}

impl VerdictChange {
    /// What changed since `before`, where a time before is known: whether it went well then.
    pub fn of(before: Option<bool>, ok: bool) -> Option<Self> {
        match (before?, ok) {
            (false, true) => Some(Self::Fixed),
            (true, false) => Some(Self::Regressed),
            (false, false) => Some(Self::StillFailing),
            (true, true) => None,
        }
    }

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Regressed => "regressed",
            Self::StillFailing => "still failing",
        }
    }
}

/// A request that could not go out.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SkippedItem {
    #[serde(flatten)]
    pub origin: RequestOrigin,
    pub reason: String,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AttemptItem {
    pub status: Option<u16>,
    pub duration_ms: f64,
    pub error: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ResponseItem {
    pub status: u16,
    pub headers: HeaderPairs,
    #[serde(flatten)]
    pub body: BodyFields,
}

/// What came of many deliveries. Times are of single attempts.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SummaryItem {
    /// The replay's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<i64>,
    pub deliveries: u64,
    pub ok: u64,
    pub failed: u64,
    /// How many could not go out.
    pub skipped: u64,
    /// How many had no turn; of those that were on their way nothing is known either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_sent: Option<u64>,
    pub statuses: BTreeMap<u16, u64>,
    pub failures: BTreeMap<ckwh::delivery::FailureCause, u64>,
    pub duration_ms: f64,
    #[serde(flatten)]
    pub latencies: LatenciesItem,
    pub slowest: Vec<SlowItem>,
}

/// One of the slowest deliveries, without the waits between its attempts.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SlowItem {
    #[serde(flatten)]
    pub origin: RequestOrigin,
    pub event_type: Option<String>,
    pub event_id: Option<String>,
    pub duration_ms: f64,
}

/// A request that would go out, or that arrived.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RequestItem {
    pub method: String,
    pub url: String,
    pub headers: HeaderPairs,
    #[serde(flatten)]
    pub body: BodyFields,
    /// The path and query.
    #[serde(skip)]
    pub target: String,
    #[serde(skip)]
    pub bytes: bytes::Bytes,
    /// How it is shown byte for byte; `None` shows it for reading.
    #[serde(skip)]
    pub format: Option<RequestFormat>,
}

impl RequestItem {
    /// A request as it would go out.
    pub fn outgoing(outgoing: Outgoing, message: Message, format: RequestFormat) -> Self {
        Self {
            url: outgoing.url,
            target: outgoing.target,
            headers: HeaderPairs(outgoing.headers),
            body: BodyFields::new(&message.body, false),
            method: message.method,
            bytes: message.body,
            format: Some(format),
        }
    }

    /// Masks the credentials in it; says whether there were any.
    pub fn mask(&mut self, credentials: &Credentials) -> bool {
        let headers = credentials.mask_headers(&self.headers.0);
        let message = Message {
            method: self.method.clone(),
            headers: std::mem::take(&mut self.headers.0),
            ..Message::new(self.bytes.clone())
        };
        let body = credentials.mask_body(&message, None).into_owned();
        let is_masked = headers != message.headers
            || body != self.bytes
            || matches!(credentials.mask_url(&self.target), Cow::Owned(_));
        self.headers = HeaderPairs(headers);
        self.body = BodyFields::new(&body, false);
        self.bytes = body;
        for url in [&mut self.url, &mut self.target] {
            *url = credentials.mask_url(url).into_owned();
        }
        is_masked
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SignatureItem {
    pub provider: String,
    pub dialect: String,
    pub timestamp: Option<String>,
    pub headers: HeaderPairs,
    /// How many bytes were signed.
    pub signed_bytes: u64,
    /// The signature header's name.
    #[serde(skip)]
    pub header: String,
    #[serde(skip)]
    pub format: SignatureFormat,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct VerdictItem {
    pub valid: bool,
    pub reason: Reason,
    pub signature: SignatureState,
    pub provider: Option<String>,
    pub dialect: Option<String>,
    /// At the time of judging; negative is ahead.
    pub timestamp_age_ms: Option<i64>,
    /// The capture that it is on, where others are shown beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture: Option<i64>,
    /// Of a capture, which is judged at its arrival: its age now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_age_today_ms: Option<i64>,
    /// Where the secret that matched came from.
    pub matched_secret: Option<String>,
    /// What it rests on that the user does not trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caveat: Option<Caveat>,
    /// Why the signature does not match.
    pub causes: Vec<CauseItem>,
    /// For each signature of `--computed`, whether it is the right one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub computed: Vec<bool>,
    /// What exactly is wrong, in one sentence.
    pub detail: Option<String>,
    /// The secrets that were tried.
    pub tried: Vec<TriedItem>,
    /// What an HTTP message signature is over, line by line, as it was put together here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_base: Option<String>,
    /// Whether the provider shows its secret, and signs nothing with it.
    #[serde(skip)]
    pub is_shown: bool,
}

impl VerdictItem {
    /// Whether the answer is yes: the signature is valid, or the provider that the user named showed its secret.
    pub fn counts(&self) -> bool {
        self.valid || self.reason.is_authentic() && self.caveat.is_none()
    }
}

/// A secret that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TriedItem {
    /// Where it came from.
    pub secret: String,
    pub fingerprint: String,
}

/// Something that was looked at, and how it is.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DiagnosisItem {
    /// What was looked at.
    pub subject: &'static str,
    /// Null where nothing is wrong and nothing is there.
    pub ok: Option<bool>,
    /// How it is, in a sentence.
    pub says: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Why there is no result.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorItem {
    /// Which kind of mistake: an open set.
    pub kind: String,
    pub message: String,
    /// The nearest real names.
    pub did_you_mean: Vec<String>,
    /// The command that helps.
    pub hint: Option<String>,
}

/// What names a secret without showing it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FingerprintItem {
    /// Where it came from.
    pub secret: String,
    pub fingerprint: String,
    /// The lines that give the same, by language.
    #[serde(skip)]
    pub lines: &'static [(&'static str, &'static str)],
}

/// One cause; under `--computed`, with the number of the signature that it is of, counted from one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CauseItem {
    #[serde(flatten)]
    pub cause: Cause,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub computed: Option<usize>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EventItem {
    pub event_type: String,
    pub provider: String,
    pub documented: bool,
    pub description: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PayloadItem {
    pub event_type: String,
    pub provider: String,
    pub dialect: String,
    pub documented: bool,
    pub body: String,
    /// Whether it is as it is sent, byte for byte.
    #[serde(skip)]
    pub is_raw: bool,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProviderItem {
    pub provider: String,
    pub dialect: String,
    pub title: String,
    pub about: String,
    pub docs: Option<String>,
    /// The day on which its facts were last compared with their source.
    pub checked: Option<jiff::civil::Date>,
    pub origin: ckwh::provider::Origin,
    pub dialects: Vec<String>,
    pub events: usize,
    pub path: String,
    pub secret_env: Vec<String>,
    pub signature_headers: Vec<String>,
    /// More for people, where it is shown alone.
    #[serde(skip)]
    pub facts: Option<Vec<(String, String)>>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProviderTestItem {
    pub provider: String,
    pub dialect: String,
    /// What was checked.
    pub subject: String,
    pub ok: bool,
    pub detail: Option<String>,
}

/// How far something of a project is trusted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TrustItem {
    pub path: String,
    /// Of what it holds now: what `CKWH_TRUST` takes.
    pub digest: String,
    pub state: State,
    /// What it may do where it is trusted, in words.
    pub allows: Vec<String>,
}

/// What was found out about how a delivery is signed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LearnedItem {
    pub provider: String,
    pub found: bool,
    /// Where the provider's folder was written.
    pub folder: Option<String>,
    /// The files in it.
    pub files: Vec<String>,
    /// Each signature that the delivery carries.
    pub signatures: Vec<RuleItem>,
    /// Where the signed time stands.
    pub timestamp: Option<TimeItem>,
    pub event_type: Option<String>,
    pub event_type_from: Option<Place>,
    pub id_from: Option<Place>,
    /// The URL that was signed.
    pub url: Option<String>,
    /// Where the secret came from.
    pub secret: Option<String>,
    /// The known provider that sends such requests too.
    pub known_as: Option<String>,
    /// Other readings of the same signed bytes.
    pub fits_too: Vec<String>,
    /// What of the delivery could not be taken over.
    pub notes: Vec<String>,
    pub searched: Searched,
    /// What may be wrong where nothing was found.
    pub reasons: Vec<String>,
    /// What is proven to be wrong.
    pub causes: Vec<CauseItem>,
    /// The same for people.
    #[serde(skip)]
    pub facts: Vec<(String, String)>,
}

impl LearnedItem {
    /// A search of which nothing is told yet.
    pub fn new(provider: &str, searched: &Searched) -> Self {
        Self {
            provider: provider.to_owned(),
            found: false,
            folder: None,
            files: Vec::new(),
            signatures: Vec::new(),
            timestamp: None,
            event_type: None,
            event_type_from: None,
            id_from: None,
            url: None,
            secret: None,
            known_as: None,
            fits_too: Vec::new(),
            notes: Vec::new(),
            searched: searched.clone(),
            reasons: Vec::new(),
            causes: Vec::new(),
            facts: Vec::new(),
        }
    }
}

/// How one signature header comes about.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuleItem {
    pub header: String,
    /// How its value is put together.
    pub form: String,
    pub mac: Kind,
    pub encoding: Encoding,
    /// What is signed.
    pub content: String,
    /// The steps from the secret to the key.
    pub key: Vec<String>,
}

/// Where a signed time stands.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TimeItem {
    pub from: Place,
    pub unit: Unit,
}

/// A catch-server that listens.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReadyItem {
    pub url: String,
    /// Every address it listens on.
    pub addresses: Vec<String>,
    pub store: String,
    /// Where the inspector is, with its token, where it was asked for too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ui: Option<String>,
    /// Where it says whether what arrives can be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<String>,
    /// What is done with what arrives, in lines.
    #[serde(skip)]
    pub about: Vec<String>,
}

/// A capture.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CaptureItem {
    #[serde(flatten)]
    pub fields: CaptureFields,
    /// The body, where more than a line is shown.
    #[serde(skip)]
    pub bytes: bytes::Bytes,
}

/// A request that was not kept.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RefusedItem {
    pub peer: String,
    pub status: Option<u16>,
    pub problem: String,
}

/// The store had to be opened anew, since its files were taken away.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StoreItem {
    pub store: String,
    pub change: StoreChange,
    /// The number of the next capture.
    pub next: i64,
    pub detail: String,
}

/// What stands at a store's place.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StoreStatusItem {
    pub store: String,
    pub state: StoreState,
    /// The store's version, where it is one.
    pub version: Option<u32>,
    /// How many captures it holds, where it can be used.
    pub captures: Option<u64>,
    /// The newest capture's number.
    pub last: Option<i64>,
    /// What is not as it should be, in sentences.
    pub notes: Vec<String>,
}

/// Whether a store can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StoreState {
    Ready,
    /// Of an earlier version, which `ckwh store migrate` brings up.
    Old,
    /// Of a later version.
    New,
    /// There is none.
    Empty,
    /// Something that is no store.
    Other,
}

/// What was copied from one store to another, and compared.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StoreCopyItem {
    pub from: String,
    pub to: String,
    /// How many captures there are.
    pub captures: u64,
    /// How many were written now.
    pub copied: u64,
    /// How many were there already.
    pub there: u64,
    /// The SHA-256 of all of them as JSON lines, in hex.
    pub digest: String,
}

/// What a catch-server did.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListenSummaryItem {
    pub captures: u64,
    pub valid: u64,
    /// Those whose shared secret was right, which covers no bytes.
    pub authenticated: u64,
    pub invalid: u64,
    pub unverified: u64,
    pub duplicates: u64,
    /// How many requests were not kept.
    pub refused: u64,
    pub duration_ms: f64,
    /// What was expected and did not come.
    pub unmet: Vec<String>,
}

/// A JSON pointer, and the values that two bodies have there.
pub type Change = (String, Option<serde_json::Value>, Option<serde_json::Value>);

/// How two captures differ.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DifferenceItem {
    pub a: i64,
    pub b: i64,
    pub equal: bool,
    /// Of the head: what, and the values of both.
    pub head: Vec<(String, Option<String>, Option<String>)>,
    pub body_equal: bool,
    /// The first byte of the bodies that differs.
    pub first_difference: Option<u64>,
    /// Of bodies that are JSON: the pointer, and the values of both.
    pub json: Option<Vec<Change>>,
    /// Of bodies that are text: lines, marked ` `, `-` and `+`.
    #[serde(skip)]
    pub lines: Vec<(char, String)>,
}
