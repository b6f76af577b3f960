//! Message authentication codes, and signatures by a key pair in their place, chosen by name.

mod ecdsa;
mod ed25519;
mod hash;
mod rsa;

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::content::Sink;
use super::each::Values;
use super::hash::{HashFunction, Running};
use crate::secret::Key;

pub(super) use self::ecdsa::public_of;
pub use self::ecdsa::{Curve, Form};
pub use self::hash::Hash;
pub use self::rsa::Padding;

/// Which MAC (RFC 2104 over FIPS 180-4), or which signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "SignatureKind"))]
#[serde(try_from = "String", into = "&'static str")]
#[non_exhaustive]
pub enum Kind {
    /// 20 bytes.
    HmacSha1,
    /// 32 bytes.
    HmacSha256,
    /// 64 bytes.
    HmacSha512,
    /// 48 bytes.
    HmacSha384,
    /// 16 bytes.
    HmacMd5,
    /// 32 bytes: a plain hash of a content that the secret stands in, and no MAC.
    Sha256,
    /// 20 bytes, as [`Self::Sha256`].
    Sha1,
    /// 64 bytes, as [`Self::Sha256`].
    Sha512,
    /// 48 bytes, as [`Self::Sha256`].
    Sha384,
    /// 16 bytes, as [`Self::Sha256`].
    Md5,
    /// 32 bytes, as [`Self::Sha256`]; Keccak as Ethereum has it, from before FIPS 202.
    Keccak256,
    /// 64 bytes (RFC 8032): a key pair of 64 bytes signs and verifies, a public key of 32 bytes verifies.
    Ed25519,
    /// As long as the key (RFC 8017).
    Rsa(Padding, Hash),
    /// Two numbers of the curve (FIPS 186-5).
    Ecdsa(Curve, Hash, Form),
    /// The secret itself is shown, and signs nothing.
    Token,
    /// `user:password`, shown as Basic authentication (RFC 7617) shows it; it signs nothing.
    Basic,
}

/// Each with its name in a provider's table and in words, the commonest first.
#[rustfmt::skip]
const KINDS: [(Kind, &str, &str); 31] = [
    (Kind::HmacSha256, "hmac-sha256", "HMAC-SHA-256"),
    (Kind::HmacSha1, "hmac-sha1", "HMAC-SHA-1"),
    (Kind::HmacSha512, "hmac-sha512", "HMAC-SHA-512"),
    (Kind::HmacSha384, "hmac-sha384", "HMAC-SHA-384"),
    (Kind::HmacMd5, "hmac-md5", "HMAC-MD5"),
    (Kind::Sha256, "sha256", "a plain SHA-256"),
    (Kind::Sha1, "sha1", "a plain SHA-1"),
    (Kind::Sha512, "sha512", "a plain SHA-512"),
    (Kind::Sha384, "sha384", "a plain SHA-384"),
    (Kind::Md5, "md5", "a plain MD5"),
    (Kind::Keccak256, "keccak256", "a plain Keccak-256"),
    (Kind::Ed25519, "ed25519", "Ed25519"),
    (Kind::Rsa(Padding::Pkcs1, Hash::Sha256), "rsa-sha256", "RSA with SHA-256"),
    (Kind::Rsa(Padding::Pkcs1, Hash::Sha1), "rsa-sha1", "RSA with SHA-1"),
    (Kind::Rsa(Padding::Pkcs1, Hash::Sha384), "rsa-sha384", "RSA with SHA-384"),
    (Kind::Rsa(Padding::Pkcs1, Hash::Sha512), "rsa-sha512", "RSA with SHA-512"),
    (Kind::Rsa(Padding::Pss, Hash::Sha1), "rsa-pss-sha1", "RSA-PSS with SHA-1"),
    (Kind::Rsa(Padding::Pss, Hash::Sha256), "rsa-pss-sha256", "RSA-PSS with SHA-256"),
    (Kind::Rsa(Padding::Pss, Hash::Sha384), "rsa-pss-sha384", "RSA-PSS with SHA-384"),
    (Kind::Rsa(Padding::Pss, Hash::Sha512), "rsa-pss-sha512", "RSA-PSS with SHA-512"),
    (Kind::Ecdsa(Curve::P256, Hash::Sha256, Form::Der), "ecdsa-p256-sha256", "ECDSA over P-256 with SHA-256"),
    (Kind::Ecdsa(Curve::P256, Hash::Sha1, Form::Der), "ecdsa-p256-sha1", "ECDSA over P-256 with SHA-1"),
    (Kind::Ecdsa(Curve::P256, Hash::Sha512, Form::Der), "ecdsa-p256-sha512", "ECDSA over P-256 with SHA-512"),
    (Kind::Ecdsa(Curve::P384, Hash::Sha384, Form::Der), "ecdsa-p384-sha384", "ECDSA over P-384 with SHA-384"),
    (Kind::Ecdsa(Curve::P521, Hash::Sha512, Form::Der), "ecdsa-p521-sha512", "ECDSA over P-521 with SHA-512"),
    (Kind::Ecdsa(Curve::P256, Hash::Sha256, Form::Raw), "ecdsa-p256-sha256-raw", "ECDSA over P-256 with SHA-256, as two numbers"),
    (Kind::Ecdsa(Curve::P256, Hash::Sha1, Form::Raw), "ecdsa-p256-sha1-raw", "ECDSA over P-256 with SHA-1, as two numbers"),
    (Kind::Ecdsa(Curve::P384, Hash::Sha384, Form::Raw), "ecdsa-p384-sha384-raw", "ECDSA over P-384 with SHA-384, as two numbers"),
    (Kind::Ecdsa(Curve::P521, Hash::Sha512, Form::Raw), "ecdsa-p521-sha512-raw", "ECDSA over P-521 with SHA-512, as two numbers"),
    (Kind::Token, "token", "a shared secret"),
    (Kind::Basic, "basic", "Basic authentication"),
];

/// Why a key can't be used, in words that follow the secret's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Neither a pair nor a public key.
    #[error("is no Ed25519 key: a pair is 64 bytes, the seed and then the public key, and a public key is 32")]
    Length,
    /// Bytes that are no key, or two halves of different ones.
    #[error("is no Ed25519 key: its bytes belong to none")]
    Invalid,
    /// A public key where one has to sign.
    #[error("is a public key, which verifies and can't sign: give the key pair")]
    Public,
    /// Text without a colon where Basic authentication has one.
    #[error("is no user and password: they are given as `user:password`")]
    Basic,
    /// No key in a form that is read.
    #[error("is no key that can be used: it is {0}")]
    NoKey(&'static str),
    /// A key pair where a shared secret is needed.
    #[error("is a key pair's, and this provider signs with a shared secret (an HMAC)")]
    Shared,
    /// A private key under a passphrase.
    #[error("is under a passphrase: give it without one, as `openssl pkey -in FILE` writes it")]
    Encrypted,
    /// A key of another kind or curve.
    #[error("is {is}, and {needed} is needed")]
    Other {
        /// What it is.
        is: String,
        /// What is needed.
        needed: String,
    },
    /// An RSA key that is too small or too large, in bits.
    #[error("is an RSA key of {0} bits, and one of 1024 to 8192 bits is needed")]
    Size(usize),
    /// An RSA key that is too small for its hash.
    #[error("is an RSA key too small for this signature's hash: a larger one is needed")]
    Small,
    /// Numbers that make no key.
    #[error("is no key: its numbers do not belong together")]
    Wrong,
    /// A set of keys without the one that is named.
    #[error("has no key with the id `{id}`: {has}{published}")]
    NoId {
        /// The id that was looked for.
        id: String,
        /// What it has, in words.
        has: String,
        /// Where the provider publishes them, in words.
        published: String,
    },
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().2)
    }
}

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let row = KINDS.iter().find(|(_, own, _)| *own == name);
        row.map(|(kind, ..)| *kind).ok_or_else(|| {
            let known: Vec<_> = KINDS.iter().map(|(_, name, _)| format!("`{name}`")).collect();
            format!("unknown kind `{name}`, expected one of {}", known.join(", "))
        })
    }
}

impl From<Kind> for &'static str {
    fn from(kind: Kind) -> Self {
        kind.name()
    }
}

impl Kind {
    /// Those that are HMACs.
    pub const HMACS: [Self; 3] = [Self::HmacSha256, Self::HmacSha1, Self::HmacSha512];

    /// Every one that covers bytes, the commonest first.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|(kind, ..)| *kind).filter(|kind| !kind.is_shown())
    }

    /// Whether the secret itself is shown, which covers no bytes.
    pub fn is_shown(self) -> bool {
        matches!(self, Self::Token | Self::Basic)
    }

    fn row(self) -> &'static (Self, &'static str, &'static str) {
        let row = KINDS.iter().find(|(kind, ..)| *kind == self);
        // A combination that has no name can't be read from a table.
        row.unwrap_or(&(Self::Ed25519, "unnamed", "an unnamed signature"))
    }

    /// The name in a provider's table.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The length of what it gives, in bytes; the largest, where that depends on the key.
    pub fn longest(self) -> usize {
        match self {
            Self::HmacMd5 | Self::Md5 => 16,
            Self::HmacSha1 | Self::Sha1 => 20,
            Self::HmacSha256 | Self::Sha256 | Self::Keccak256 => 32,
            Self::HmacSha384 | Self::Sha384 => 48,
            Self::HmacSha512 | Self::Sha512 | Self::Ed25519 => 64,
            Self::Rsa(..) => 1024,
            Self::Ecdsa(curve, _, Form::Raw) => 2 * curve.len(),
            // Each number with its length and perhaps a zero, and the length of both.
            Self::Ecdsa(curve, _, Form::Der) => 2 * curve.len() + 9,
            // That is the secret's.
            Self::Token | Self::Basic => 0,
        }
    }

    /// Whether what it gives may be `length` bytes long. A MAC that was cut is never accepted.
    pub fn fits(self, length: usize) -> bool {
        match self {
            Self::Rsa(..) => (128..=self.longest()).contains(&length),
            Self::Ecdsa(_, _, Form::Der) => (8..=self.longest()).contains(&length),
            Self::Token | Self::Basic => length > 0,
            _ => length == self.longest(),
        }
    }

    /// Whether `tag`, which may be any bytes, looks like what it gives.
    pub(crate) fn may_give(self, tag: &[u8]) -> bool {
        match self {
            Self::Rsa(..) => [128, 256, 384, 512].contains(&tag.len()),
            Self::Ecdsa(_, _, Form::Der) => {
                // A sequence of two numbers, which are rarely much shorter than they may be.
                let is_sequence = tag.first() == Some(&0x30);
                is_sequence && (self.longest() - 8..=self.longest()).contains(&tag.len())
            }
            _ => self.fits(tag.len()),
        }
    }

    /// Whether it takes a content of any length in little memory; Ed25519 reads it twice.
    pub(crate) fn is_streamed(self) -> bool {
        self != Self::Ed25519
    }

    /// Whether it is an HMAC.
    pub fn is_hmac(self) -> bool {
        !self.is_plain() && !self.is_by_pair() && !self.is_shown()
    }

    /// Whether it is a plain hash, in whose content the secret stands.
    pub fn is_plain(self) -> bool {
        matches!(
            self,
            Self::Sha256 | Self::Sha1 | Self::Sha512 | Self::Sha384 | Self::Md5 | Self::Keccak256
        )
    }

    /// The hash function of those that are made of the table of all.
    fn hash(self) -> Option<&'static HashFunction> {
        HashFunction::named(match self {
            Self::HmacSha384 => "sha384",
            Self::HmacMd5 => "md5",
            plain if plain.is_plain() => plain.name(),
            _ => return None,
        })
    }

    /// The digest of `bytes`, of a plain hash.
    pub(crate) fn digest(self, bytes: &[u8]) -> Option<Vec<u8>> {
        let hash = self.is_plain().then(|| self.hash())?;
        Some(hash?.digest(bytes))
    }

    /// Whether one half of a key signs and the other verifies.
    pub fn is_by_pair(self) -> bool {
        matches!(self, Self::Ed25519 | Self::Rsa(..) | Self::Ecdsa(..))
    }

    /// Whether a key that is made for one delivery is one of those that everybody has.
    pub fn has_published_key(self) -> bool {
        matches!(self, Self::Rsa(..))
    }

    /// A key that signs, of random bytes; a text where any bytes will do.
    pub(crate) fn key(self, random: [u8; 32]) -> Vec<u8> {
        match self {
            Self::Ed25519 => ed25519::made_of(random),
            Self::Rsa(..) => rsa::made_of(random),
            Self::Ecdsa(curve, ..) => ecdsa::made_of(curve, random),
            Self::Basic => format!("ckwh:{}", hex::encode(random)).into_bytes(),
            _ => hex::encode(random).into_bytes(),
        }
    }
}

/// A MAC being computed, or a content being collected for a signature.
#[derive(Clone)]
pub struct Mac(Begun);

#[derive(Clone)]
enum Begun {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
    Ed25519(Box<ed25519::Pair>),
    Rsa(Box<rsa::Pair>),
    Ecdsa(Box<ecdsa::Pair>),
    /// An HMAC of a rarer hash.
    Rare(Running),
    Plain(Box<Plain>),
    /// The secret that is shown.
    Shown(Key),
}

/// A plain hash, and the secret that stands somewhere in what it takes.
#[derive(Clone)]
struct Plain {
    hash: Running,
    key: Key,
}

impl Sink for Mac {
    fn take(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }

    fn take_secret(&mut self) {
        self.take_secret();
    }

    fn take_values(&mut self, values: &Values<'_>) {
        Self::take_values(self, values);
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac(…)")
    }
}

impl Mac {
    /// Begins a MAC; a key of any length will do for an HMAC.
    ///
    /// # Errors
    /// [`KeyError`] for a signature.
    pub fn new(kind: Kind, key: &Key) -> Result<Self, KeyError> {
        const ANY_LENGTH: &str = "HMAC takes a key of any length";
        if let Some(hash) = kind.hash() {
            return Ok(Self(match kind.is_plain() {
                true => Begun::Plain(Box::new(Plain {
                    hash: (hash.plain)(),
                    key: key.clone(),
                })),
                false => Begun::Rare((hash.keyed)(key.expose())),
            }));
        }
        let key = key.expose();
        Ok(Self(match kind {
            Kind::HmacSha1 => Begun::Sha1(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Kind::HmacSha256 => Begun::Sha256(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Kind::HmacSha512 => Begun::Sha512(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Kind::Rsa(padding, hash) => Begun::Rsa(Box::new(rsa::Pair::new(padding, hash, key)?)),
            Kind::Basic if !key.contains(&b':') => return Err(KeyError::Basic),
            Kind::Token | Kind::Basic => Begun::Shown(Key::new(key.to_vec())),
            Kind::Ecdsa(curve, hash, form) => Begun::Ecdsa(Box::new(ecdsa::Pair::new(curve, hash, form, key)?)),
            _ => Begun::Ed25519(Box::new(ed25519::Pair::new(key)?)),
        }))
    }

    /// Whether the key only verifies.
    pub(crate) fn is_public(&self) -> bool {
        match &self.0 {
            Begun::Ed25519(pair) => pair.is_public(),
            Begun::Rsa(pair) => pair.is_public(),
            Begun::Ecdsa(pair) => pair.is_public(),
            _ => false,
        }
    }

    /// Whether another program makes the same bytes of the same key and content, so that they can be compared. Those of
    /// RSA can too, but to verify one is far faster than to make it.
    pub(crate) fn is_compared(&self) -> bool {
        !self.is_public() && !matches!(self.0, Begun::Rsa(_) | Begun::Ecdsa(_))
    }

    /// Whether the key made `tag`, whatever it signed; `None` where the key can't tell. No content is looked at.
    pub(crate) fn has_made(&self, tag: &[u8]) -> Option<bool> {
        match &self.0 {
            Begun::Rsa(pair) => pair.has_made(tag),
            _ => None,
        }
    }

    /// The public keys, each as DER (RFC 5480), of which `tag` would be a signature of the content; none where a signature does
    /// not tell.
    pub(crate) fn signers(&self, tag: &[u8]) -> Vec<Vec<u8>> {
        let Begun::Ecdsa(pair) = &self.0 else { return Vec::new() };
        let (curve, points) = pair.signers(tag);
        points
            .into_iter()
            .filter_map(|point| crate::scheme::keys::der_of(curve, point))
            .collect()
    }

    /// Takes more of the signed content.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Begun::Sha1(mac) => mac.update(bytes),
            Begun::Sha256(mac) => mac.update(bytes),
            Begun::Sha512(mac) => mac.update(bytes),
            Begun::Ed25519(pair) => pair.update(bytes),
            Begun::Rsa(pair) => pair.update(bytes),
            Begun::Ecdsa(pair) => pair.update(bytes),
            Begun::Rare(hash) => hash.update(bytes),
            Begun::Plain(plain) => plain.hash.update(bytes),
            Begun::Shown(_) => {}
        }
    }

    /// Takes the secret where it stands in the content of a plain hash; a key has its own place.
    pub(crate) fn take_secret(&mut self) {
        if let Begun::Plain(plain) = &mut self.0 {
            plain.hash.update(plain.key.expose());
        }
    }

    /// Takes values of which the secret of a plain hash may be one.
    pub(crate) fn take_values(&mut self, values: &Values<'_>) {
        match &mut self.0 {
            Begun::Plain(plain) => {
                let Plain { hash, key } = &mut **plain;
                values.feed(key.expose(), &mut |bytes| hash.update(bytes));
            }
            _ => values.feed(b"", &mut |bytes| self.update(bytes)),
        }
    }

    /// The finished MAC.
    ///
    /// # Errors
    /// [`KeyError::Public`].
    pub fn finish(self) -> Result<Vec<u8>, KeyError> {
        Ok(match self.0 {
            Begun::Sha1(mac) => mac.finalize().into_bytes().to_vec(),
            Begun::Sha256(mac) => mac.finalize().into_bytes().to_vec(),
            Begun::Sha512(mac) => mac.finalize().into_bytes().to_vec(),
            Begun::Ed25519(pair) => pair.sign()?,
            Begun::Rsa(pair) => pair.sign()?,
            Begun::Ecdsa(pair) => pair.sign()?,
            Begun::Rare(hash) => hash.finish(),
            Begun::Plain(plain) => plain.hash.finish(),
            Begun::Shown(secret) => secret.expose().to_vec(),
        })
    }

    /// Whether `tag` is this MAC, whole, compared in constant time.
    pub fn verify(self, tag: &[u8]) -> bool {
        match self.0 {
            Begun::Ed25519(pair) => pair.verify(tag),
            Begun::Rsa(pair) => pair.verify(tag),
            Begun::Ecdsa(pair) => pair.verify(tag),
            Begun::Sha1(mac) => mac.verify_slice(tag).is_ok(),
            Begun::Sha256(mac) => mac.verify_slice(tag).is_ok(),
            Begun::Sha512(mac) => mac.verify_slice(tag).is_ok(),
            Begun::Rare(hash) => hash.finish().ct_eq(tag).into(),
            Begun::Plain(plain) => plain.hash.finish().ct_eq(tag).into(),
            Begun::Shown(secret) => secret.is(&Key::new(tag.to_vec())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex::decode(hex).unwrap()
    }

    fn mac(key: &str, content: &[u8]) -> Mac {
        let mut mac = Mac::new(Kind::Ed25519, &Key::new(bytes(key))).unwrap();
        mac.update(content);
        mac
    }

    /// RFC 8032, section 7.1, tests 2 and 3: the seed, the public key, the message, the signature.
    const KNOWN: [(&str, &str, &str, &str); 2] = [
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];

    #[test]
    fn a_pair_signs_and_its_public_half_verifies() {
        for (seed, public, message, signature) in KNOWN {
            let (message, signature) = (bytes(message), bytes(signature));
            let pair = format!("{seed}{public}");
            assert_eq!(mac(&pair, &message).finish().unwrap(), signature);
            assert!(mac(&pair, &message).verify(&signature));
            assert!(mac(public, &message).verify(&signature));
            assert!(!mac(public, b"another").verify(&signature));
            assert!(!mac(public, &message).verify(&signature[..63]));
            assert_eq!(mac(public, &message).finish(), Err(KeyError::Public));
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let (seed, other) = (KNOWN[0].0, KNOWN[1].1);
        for (key, error) in [
            ("", KeyError::Length),
            (&seed[..62], KeyError::Length),
            (&format!("{seed}{other}"), KeyError::Invalid),
            // No point of the curve has this one.
            (&format!("02{}", "00".repeat(31)), KeyError::Invalid),
        ] {
            let refused = Mac::new(Kind::Ed25519, &Key::new(bytes(key)));
            assert_eq!(refused.err(), Some(error), "{key}");
        }
    }
}
