//! Message authentication codes, and signatures by a key pair in their place, chosen by name.

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::secret::Key;

/// Which MAC (RFC 2104 over FIPS 180-4), or which signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// 20 bytes.
    HmacSha1,
    /// 32 bytes.
    HmacSha256,
    /// 64 bytes.
    HmacSha512,
    /// 64 bytes (RFC 8032): a key pair of 64 bytes signs and verifies, a public key of 32 bytes verifies.
    Ed25519,
}

/// Why a key can't be used, in words that follow the secret's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HmacSha1 => "HMAC-SHA-1",
            Self::HmacSha256 => "HMAC-SHA-256",
            Self::HmacSha512 => "HMAC-SHA-512",
            Self::Ed25519 => "Ed25519",
        })
    }
}

impl Kind {
    /// Every one, the commonest first.
    pub const ALL: [Self; 4] = [Self::HmacSha256, Self::HmacSha1, Self::HmacSha512, Self::Ed25519];

    /// Those that are HMACs.
    pub const HMACS: [Self; 3] = [Self::HmacSha256, Self::HmacSha1, Self::HmacSha512];

    /// The name in a provider's table.
    pub fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "hmac-sha1",
            Self::HmacSha256 => "hmac-sha256",
            Self::HmacSha512 => "hmac-sha512",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The length of what it gives, in bytes. A shorter one is never accepted.
    #[expect(clippy::len_without_is_empty, reason = "a MAC is never empty")]
    pub fn len(self) -> usize {
        match self {
            Self::HmacSha1 => 20,
            Self::HmacSha256 => 32,
            Self::HmacSha512 | Self::Ed25519 => 64,
        }
    }

    /// Whether it takes a content of any length in little memory; Ed25519 reads it twice.
    pub(crate) fn is_streamed(self) -> bool {
        self != Self::Ed25519
    }

    /// A key that signs, of random bytes; a text where any bytes will do.
    pub(crate) fn key(self, random: [u8; 32]) -> Vec<u8> {
        match self {
            Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha512 => hex::encode(random).into_bytes(),
            Self::Ed25519 => SigningKey::from_bytes(&random).to_keypair_bytes().to_vec(),
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
    Ed25519(Box<Pair>),
}

/// A key pair, or its public half, and what it is to sign.
#[derive(Clone)]
struct Pair {
    private: Option<SigningKey>,
    public: VerifyingKey,
    content: Vec<u8>,
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac(…)")
    }
}

impl Pair {
    fn new(key: &[u8]) -> Result<Self, KeyError> {
        let invalid = |_| KeyError::Invalid;
        let (private, public) = if let Ok(pair) = <&[u8; 64]>::try_from(key) {
            let private = SigningKey::from_keypair_bytes(pair).map_err(invalid)?;
            (Some(private.clone()), private.verifying_key())
        } else {
            let public = <&[u8; 32]>::try_from(key).map_err(|_| KeyError::Length)?;
            (None, VerifyingKey::from_bytes(public).map_err(invalid)?)
        };
        let content = Vec::new();
        Ok(Self {
            private,
            public,
            content,
        })
    }
}

impl Mac {
    /// Begins a MAC; a key of any length will do for an HMAC.
    ///
    /// # Errors
    /// [`KeyError`] for a signature.
    pub fn new(kind: Kind, key: &Key) -> Result<Self, KeyError> {
        const ANY_LENGTH: &str = "HMAC takes a key of any length";
        let key = key.expose();
        Ok(Self(match kind {
            Kind::HmacSha1 => Begun::Sha1(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Kind::HmacSha256 => Begun::Sha256(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Kind::HmacSha512 => Begun::Sha512(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Kind::Ed25519 => Begun::Ed25519(Box::new(Pair::new(key)?)),
        }))
    }

    /// Whether the key only verifies.
    pub(crate) fn is_public(&self) -> bool {
        matches!(&self.0, Begun::Ed25519(pair) if pair.private.is_none())
    }

    /// Takes more of the signed content.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Begun::Sha1(mac) => mac.update(bytes),
            Begun::Sha256(mac) => mac.update(bytes),
            Begun::Sha512(mac) => mac.update(bytes),
            Begun::Ed25519(pair) => pair.content.extend_from_slice(bytes),
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
            Begun::Ed25519(pair) => {
                let private = pair.private.ok_or(KeyError::Public)?;
                private.sign(&pair.content).to_bytes().to_vec()
            }
        })
    }

    /// Whether `tag` is this MAC, whole, compared in constant time.
    pub fn verify(self, tag: &[u8]) -> bool {
        match self.0 {
            Begun::Ed25519(pair) => Signature::from_slice(tag)
                .is_ok_and(|signature| pair.public.verify_strict(&pair.content, &signature).is_ok()),
            Begun::Sha1(mac) => mac.verify_slice(tag).is_ok(),
            Begun::Sha256(mac) => mac.verify_slice(tag).is_ok(),
            Begun::Sha512(mac) => mac.verify_slice(tag).is_ok(),
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
