//! What an explanation consists of.

use serde::Serialize;

/// What went wrong. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "CauseKind"))]
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
    /// In another character set.
    #[serde(rename = "secret.charset")]
    SecretCharset,
    /// Escaped for HTML or not.
    #[serde(rename = "secret.html-escaped")]
    SecretHtmlEscaped,
    /// In upper or lower case.
    #[serde(rename = "secret.case")]
    SecretCase,
    /// Only the beginning of it.
    #[serde(rename = "secret.truncated")]
    SecretTruncated,
    /// Hashed before it became the key.
    #[serde(rename = "secret.hashed")]
    SecretHashed,
    /// Another value of the delivery in the secret's place.
    #[serde(rename = "secret.swapped")]
    SecretSwapped,
    /// No secret at all.
    #[serde(rename = "secret.empty")]
    SecretEmpty,
    /// The text of a placeholder, or what an unset variable becomes.
    #[serde(rename = "secret.placeholder")]
    SecretPlaceholder,
    /// Another secret that is at hand.
    #[serde(rename = "secret.other")]
    SecretOther,
    /// Another key pair.
    #[serde(rename = "secret.key-pair")]
    SecretKeyPair,
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
    /// Another value in the timestamp's place.
    #[serde(rename = "content.timestamp-other")]
    ContentTimestampOther,
    /// Other text between the parts, or another order.
    #[serde(rename = "content.separator")]
    ContentSeparator,
    /// The id is not part of the content.
    #[serde(rename = "content.id-missing")]
    ContentIdMissing,
    /// Another value in the id's place.
    #[serde(rename = "content.id-other")]
    ContentIdOther,
    /// Another method, or another writing of it.
    #[serde(rename = "content.method")]
    ContentMethod,
    /// A digest or a MAC in the content's place.
    #[serde(rename = "content.digest")]
    ContentDigest,
    /// A token's claim that does not say what the message is.
    #[serde(rename = "content.claim")]
    ContentClaim,
    /// A signed header with another value, or another list of signed headers.
    #[serde(rename = "content.header")]
    ContentHeader,
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
    /// Only a part of the MAC.
    #[serde(rename = "signature.truncated")]
    SignatureTruncated,
    /// No whole MAC: too few digits of one, or other characters.
    #[serde(rename = "signature.malformed")]
    SignatureMalformed,
    /// The MAC but for a digit or two.
    #[serde(rename = "signature.mistyped")]
    SignatureMistyped,
    /// The header's name is another.
    #[serde(rename = "signature.header")]
    SignatureHeader,
    /// What a variable that is not set becomes as text, or nothing, in the signature's place.
    #[serde(rename = "signature.placeholder")]
    SignaturePlaceholder,
    /// Another hash function.
    #[serde(rename = "signature.algorithm")]
    SignatureAlgorithm,
    /// A plain hash.
    #[serde(rename = "signature.not-hmac")]
    SignatureNotHmac,
    /// The header of another dialect.
    #[serde(rename = "signature.dialect")]
    SignatureDialect,
    /// A signature that the provider sent before the one that is expected.
    #[serde(rename = "signature.older")]
    SignatureOlder,
    /// It covers less than the provider's signatures do.
    #[serde(rename = "signature.coverage")]
    SignatureCoverage,
    /// No signature at all.
    #[serde(rename = "signature.unsigned")]
    SignatureUnsigned,
    /// The signature is right, and too old.
    #[serde(rename = "time.stale")]
    TimeStale,
    /// The signature is right, and from too far ahead.
    #[serde(rename = "time.future")]
    TimeFuture,
    /// The time is written in another unit or form than it is read in.
    #[serde(rename = "time.unit")]
    TimeUnit,
    /// Nothing that was tried gives this signature.
    #[serde(rename = "unknown")]
    Unknown,
}

impl Kind {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        serde_variant::to_variant_name(&self).unwrap_or_default()
    }

    /// What it is, in words that follow "not"; nothing for what is not searched for.
    pub(super) fn class(self) -> Option<&'static str> {
        Some(match self {
            Self::SecretWhitespace => "white space or an invisible character",
            Self::SecretQuoted => "quotes, or what an .env file makes of it",
            Self::SecretPrefix | Self::SignaturePrefix => "another prefix",
            Self::SecretBase64 | Self::BodyDoubleEncoded => "base64 or another encoding",
            Self::SecretHex => "hex",
            Self::SecretUrlEncoded => "URL-encoded",
            Self::SecretCharset | Self::BodyCharset => "another character set",
            Self::SecretHtmlEscaped | Self::BodyHtmlEscaped => "escaped for HTML",
            Self::SecretCase => "in another case",
            Self::SecretTruncated => "cut",
            Self::SecretHashed => "hashed first",
            Self::SecretSwapped => "another value of the delivery",
            Self::SecretEmpty | Self::BodyEmpty => "empty",
            Self::SecretPlaceholder => "a placeholder",
            Self::SecretOther => "another one at hand",
            Self::BodyReserialised => "JSON written again",
            Self::BodyNewline => "a line break at its end",
            Self::BodyLineEndings => "other line breaks",
            Self::BodyWhitespace => "white space",
            Self::BodyBom => "a byte order mark",
            Self::BodyUnicodeNormalised => "another Unicode form",
            Self::BodyCompression => "compressed",
            Self::BodyForm => "another writing of a form",
            Self::ContentTimestampMissing => "its timestamp left out",
            Self::ContentTimestampUnit => "the timestamp in another unit or form",
            Self::ContentTimestampOther => "another value for the timestamp",
            Self::ContentSeparator => "another order or separator",
            Self::ContentIdMissing => "its id left out",
            Self::ContentIdOther => "another value for the id",
            Self::ContentMethod => "another method",
            Self::ContentDigest => "a digest",
            Self::ContentUrl => "another URL",
            Self::ContentHeader => "another header, or list of headers",
            Self::ContentOtherScheme => "what another scheme signs",
            Self::SignatureAlgorithm => "another hash function",
            Self::SignatureNotHmac => "a plain hash",
            Self::SignatureDialect => "another dialect's",
            Self::SignatureOlder => "an older one of the provider's",
            Self::SignatureEncoding
            | Self::SignatureCase
            | Self::SignatureTruncated
            | Self::SignatureMalformed
            | Self::SignatureMistyped
            | Self::SignatureHeader
            | Self::SignaturePlaceholder
            | Self::SignatureUnsigned
            | Self::SignatureCoverage
            | Self::TimeStale
            | Self::TimeFuture
            | Self::TimeUnit
            | Self::SecretKeyPair
            | Self::ContentClaim
            | Self::Unknown => return None,
        })
    }

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

/// Why a delivery or a handler's signature is what it is: at least one cause, and several where only together they give
/// the MAC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    causes: Vec<Cause>,
}

impl Explanation {
    pub(super) fn of(cause: Cause) -> Self {
        Self { causes: vec![cause] }
    }

    /// `None` where there is no cause.
    pub(super) fn all(causes: Vec<Cause>) -> Option<Self> {
        (!causes.is_empty()).then_some(Self { causes })
    }

    pub(super) fn and(mut self, causes: impl IntoIterator<Item = Cause>) -> Self {
        self.causes.extend(causes);
        self
    }

    /// The same with `more` behind each cause's sentence.
    pub(super) fn with_detail(mut self, more: &str) -> Self {
        for cause in &mut self.causes {
            cause.detail.push_str(more);
        }
        self
    }

    /// The causes, never none.
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// The same, taken.
    pub fn into_causes(self) -> Vec<Cause> {
        self.causes
    }

    /// Whether nothing that was tried gives the signature.
    pub fn is_unknown(&self) -> bool {
        self.causes.iter().any(|cause| cause.kind == Kind::Unknown)
    }

    pub(super) fn is_by_mac(&self) -> bool {
        let by_mac = |cause: &Cause| cause.proof.as_ref().is_some_and(|proof| proof.by == Basis::Mac);
        self.causes.iter().any(by_mac)
    }
}

/// One cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Basis {
    /// A MAC of at least 128 bits that is equal.
    Mac,
    /// The clock, after the MAC matched.
    Clock,
    /// The headers as they stand, and what a public key makes of a signature in them.
    Parse,
}

/// How a MAC is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
