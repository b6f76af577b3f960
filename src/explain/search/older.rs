//! The table of older signatures: what providers sent before, or send beside, the header that is expected.

use crate::explain::algorithm::Algorithm;
use crate::explain::cause::Kind;
use crate::scheme::{self, Part};

/// One row.
pub(super) struct Older {
    pub(super) header: &'static str,
    pub(super) kind: Kind,
    /// What it is, in words that follow "what was signed is".
    pub(super) what: &'static str,
    pub(super) content: &'static [Piece],
    made: Made,
}

enum Made {
    Mac(scheme::Kind),
    /// A plain SHA-256 of the secret and the content.
    Sha256,
}

/// A part of the content.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece {
    Method,
    Url,
    Body,
    Form,
}

impl Piece {
    pub(super) fn part(&self) -> Part {
        match self {
            Self::Method => Part::Method,
            Self::Url => Part::Url,
            Self::Body => Part::Body,
            Self::Form => Part::FormSorted,
        }
    }
}

impl Older {
    pub(super) fn algorithm(&self) -> Algorithm {
        match self.made {
            Made::Mac(kind) => Algorithm::Named(kind),
            Made::Sha256 => Algorithm::sha256_of_key_and_content(),
        }
    }
}

/// Sources: the providers' documentation of their earlier versions.
pub(super) const ROWS: &[Older] = &[
    Older {
        header: "X-HubSpot-Signature",
        kind: Kind::SignatureNotHmac,
        what: "HubSpot's version 1 in X-HubSpot-Signature: a plain SHA-256 of the secret and the body",
        content: &[Piece::Body],
        made: Made::Sha256,
    },
    Older {
        header: "X-HubSpot-Signature",
        kind: Kind::SignatureNotHmac,
        what: "HubSpot's version 2 in X-HubSpot-Signature: a plain SHA-256 of the secret, the method, the URL and the body",
        content: &[Piece::Method, Piece::Url, Piece::Body],
        made: Made::Sha256,
    },
    Older {
        header: "X-Square-Signature",
        kind: Kind::SignatureOlder,
        what: "Square's older signature in x-square-signature: HMAC-SHA-1 of the URL and the body",
        content: &[Piece::Url, Piece::Body],
        made: Made::Mac(scheme::Kind::HmacSha1),
    },
    Older {
        header: "X-Hub-Signature",
        kind: Kind::SignatureOlder,
        what: "the older signature in X-Hub-Signature: HMAC-SHA-1 of the body",
        content: &[Piece::Body],
        made: Made::Mac(scheme::Kind::HmacSha1),
    },
    Older {
        header: "X-Mandrill-Signature",
        kind: Kind::SignatureOlder,
        what: "Mandrill's signature in X-Mandrill-Signature: HMAC-SHA-1 of the URL and the sorted fields",
        content: &[Piece::Url, Piece::Form],
        made: Made::Mac(scheme::Kind::HmacSha1),
    },
];
