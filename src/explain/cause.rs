//! What an explanation consists of.

use serde::Serialize;

/// What went wrong. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Kind {
    /// White space around or in the secret.
    #[serde(rename = "secret.whitespace")]
    SecretWhitespace,
    /// Quotes kept from a file, or what an `.env` reader makes of a value.
    #[serde(rename = "secret.quoted")]
    SecretQuoted,
    /// A prefix such as `whsec_` kept or taken away.
    #[serde(rename = "secret.prefix")]
    SecretPrefix,
    /// Decoded from base64 or not.
    #[serde(rename = "secret.base64")]
    SecretBase64,
    /// Decoded from hex or not.
    #[serde(rename = "secret.hex")]
    SecretHex,
    /// URL-encoded or not.
    #[serde(rename = "secret.url-encoded")]
    SecretUrlEncoded,
    /// No secret at all.
    #[serde(rename = "secret.empty")]
    SecretEmpty,
    /// The text of a placeholder, or what an unset variable becomes.
    #[serde(rename = "secret.placeholder")]
    SecretPlaceholder,
    /// Another secret that is at hand.
    #[serde(rename = "secret.other")]
    SecretOther,
    /// Parsed JSON, written again.
    #[serde(rename = "body.reserialised")]
    BodyReserialised,
    /// A line break at the end, added or lost.
    #[serde(rename = "body.newline")]
    BodyNewline,
    /// CRLF for LF or the other way round.
    #[serde(rename = "body.line-endings")]
    BodyLineEndings,
    /// White space trimmed or taken out.
    #[serde(rename = "body.whitespace")]
    BodyWhitespace,
    /// A byte order mark, added or lost.
    #[serde(rename = "body.bom")]
    BodyBom,
    /// Decoded with another character set.
    #[serde(rename = "body.charset")]
    BodyCharset,
    /// Another Unicode normal form.
    #[serde(rename = "body.unicode-normalised")]
    BodyUnicodeNormalised,
    /// Compressed or not.
    #[serde(rename = "body.compression")]
    BodyCompression,
    /// Encoded once more, or once less.
    #[serde(rename = "body.double-encoded")]
    BodyDoubleEncoded,
    /// Escaped for HTML or not.
    #[serde(rename = "body.html-escaped")]
    BodyHtmlEscaped,
    /// Nothing, or what is left of a body that was read before.
    #[serde(rename = "body.empty")]
    BodyEmpty,
    /// A form where JSON was meant, or another writing of a form.
    #[serde(rename = "body.form")]
    BodyForm,
    /// The timestamp is not part of the content.
    #[serde(rename = "content.timestamp-missing")]
    ContentTimestampMissing,
    /// The timestamp is in another unit.
    #[serde(rename = "content.timestamp-unit")]
    ContentTimestampUnit,
    /// Other text between the parts, or another order.
    #[serde(rename = "content.separator")]
    ContentSeparator,
    /// The id is not part of the content.
    #[serde(rename = "content.id-missing")]
    ContentIdMissing,
    /// Another URL.
    #[serde(rename = "content.url")]
    ContentUrl,
    /// What another scheme signs.
    #[serde(rename = "content.other-scheme")]
    ContentOtherScheme,
    /// Base64 for hex, or the other way round.
    #[serde(rename = "signature.encoding")]
    SignatureEncoding,
    /// Upper-case hex for lower-case, or the other way round.
    #[serde(rename = "signature.case")]
    SignatureCase,
    /// What stands around the MAC in the header is kept, lost or another.
    #[serde(rename = "signature.prefix")]
    SignaturePrefix,
    /// Only the beginning of the MAC.
    #[serde(rename = "signature.truncated")]
    SignatureTruncated,
    /// Another hash function.
    #[serde(rename = "signature.algorithm")]
    SignatureAlgorithm,
    /// A plain hash.
    #[serde(rename = "signature.not-hmac")]
    SignatureNotHmac,
    /// The header of another dialect.
    #[serde(rename = "signature.dialect")]
    SignatureDialect,
    /// No signature at all.
    #[serde(rename = "signature.unsigned")]
    SignatureUnsigned,
    /// The signature is right, and too old.
    #[serde(rename = "time.stale")]
    TimeStale,
    /// The signature is right, and from too far ahead.
    #[serde(rename = "time.future")]
    TimeFuture,
    /// Nothing that was tried gives this signature.
    #[serde(rename = "unknown")]
    Unknown,
}

impl Kind {
    /// Whether it is of the body.
    pub(crate) fn is_body(self) -> bool {
        matches!(
            self,
            Self::BodyReserialised
                | Self::BodyNewline
                | Self::BodyLineEndings
                | Self::BodyWhitespace
                | Self::BodyBom
                | Self::BodyCharset
                | Self::BodyUnicodeNormalised
                | Self::BodyCompression
                | Self::BodyDoubleEncoded
                | Self::BodyHtmlEscaped
                | Self::BodyEmpty
                | Self::BodyForm
        )
    }
}

/// Why a delivery or a handler's signature is what it is: several causes where only together they give the MAC.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The causes; none where nothing is wrong.
    pub causes: Vec<Cause>,
}

impl Explanation {
    pub(super) fn of(cause: Cause) -> Self {
        Self { causes: vec![cause] }
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.causes.iter().any(|cause| cause.kind == Kind::Unknown)
    }
}

/// One cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Cause {
    /// Its stable name.
    pub kind: Kind,
    /// One sentence, without its full stop.
    pub detail: String,
    /// The class of JSON writers, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// The rows of the style table that give these bytes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub writers: Vec<&'static str>,
    /// Where the body's bytes differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// Lines to paste, or what to do.
    pub remedy: String,
    /// Why this is sure; nothing is for `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// For `unknown`, whether everything was tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
    /// For `unknown`, what was ruled out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ruled_out: Vec<String>,
}

impl Cause {
    pub(super) fn new(kind: Kind, by: Basis) -> Self {
        Self {
            kind,
            detail: String::new(),
            style: None,
            writers: Vec::new(),
            difference: None,
            remedy: String::new(),
            proof: Some(Proof { by, recipe: None }),
            search: None,
            ruled_out: Vec::new(),
        }
    }
}

/// Whether a search went to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Search {
    /// Every hypothesis of the effort's tables was tried.
    Complete,
    /// Work or time ran out before, or a body was too large for some.
    Incomplete,
}

/// Why a cause is sure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Proof {
    /// What proves it.
    pub by: Basis,
    /// How the MAC is made again. It names the secret's source, and never holds a secret or a MAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Recipe>,
}

/// What proves a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Basis {
    /// A MAC of at least 128 bits that is equal.
    Mac,
    /// The clock, after the MAC matched.
    Clock,
    /// The headers as they stand.
    Parse,
}

/// How a MAC is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Recipe {
    /// Where the secret came from.
    pub secret: String,
    /// The steps from its text to the key, in order.
    pub key: Vec<String>,
    /// The steps from the delivery's body to the bytes that were signed, in order.
    pub body: Vec<String>,
    /// The parts of the signed content.
    pub content: String,
    /// The timestamp's text in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// The URL in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The MAC.
    pub mac: String,
    /// How it is written.
    pub encoding: String,
}

/// Where two bodies begin to differ, with a few bytes around.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The offset of the first byte that differs.
    pub offset: usize,
    /// The offset that both excerpts begin at.
    pub from: usize,
    /// Of the delivery's body.
    pub delivered: String,
    /// Of the bytes that were signed, or that the handler hashed.
    pub signed: String,
    /// The length of the delivery's body, in bytes.
    pub delivered_bytes: usize,
    /// The length of what was signed, in bytes.
    pub signed_bytes: usize,
}
