//! Known secrets, blanked out of what others answer before it is kept.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;

use super::MASK;
use crate::capture::Excerpt;
use crate::scheme::private_parts;
use crate::secret::Secret;

/// A shorter text is no secret: it would be found everywhere.
const SHORTEST: usize = 4;
/// Shorter bytes that a secret is the base64 or hex of are found everywhere as well.
const SHORTEST_KEY: usize = 8;

/// In so many bytes one text after the other is looked for sooner than what looks for all at once is made.
const FEW: usize = 1024;

/// A key pair of Ed25519, in bytes.
const PAIR: usize = 64;

/// Secrets as text, in hex and in base64.
#[derive(Clone, Default)]
pub struct Blanks(Option<Arc<Forms>>);

struct Forms {
    texts: Vec<Vec<u8>>,
    /// How long the shortest is: most values of headers are shorter.
    shortest: usize,
    /// Made when it is first needed, which it is not for the one answer of a `send`. `None` where the secrets are too large
    /// to be searched for; then everything may be one.
    all: OnceLock<Option<AhoCorasick>>,
}

impl Blanks {
    /// Those of `secrets`, in every form.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut texts: Vec<Vec<u8>> = secrets.into_iter().flat_map(|secret| forms(secret.expose())).collect();
        texts.sort();
        texts.dedup();
        let shortest = texts.iter().map(Vec::len).min();
        Self(shortest.map(|shortest| {
            Arc::new(Forms {
                texts,
                shortest,
                all: OnceLock::new(),
            })
        }))
    }

    /// Whether an answer's headers or body hold any of them.
    pub fn are_in(&self, excerpt: &Excerpt) -> bool {
        let is_in = |forms: &Arc<Forms>| {
            forms.is_in(&excerpt.body) || excerpt.headers.iter().any(|(_, value)| forms.is_in(value))
        };
        self.0.as_ref().is_some_and(is_in)
    }

    /// `text` without the secrets, where it holds any.
    pub fn without(&self, text: &str) -> Option<String> {
        let forms = self.0.as_ref().filter(|forms| forms.is_in(text.as_bytes()))?;
        Some(String::from_utf8_lossy(&forms.without(text.as_bytes())).into_owned())
    }

    /// Blanks the secrets out of an answer's headers and body.
    pub fn blank(&self, excerpt: &mut Excerpt) {
        let Some(forms) = &self.0 else { return };
        if excerpt.headers.iter().any(|(_, value)| forms.is_in(value)) {
            let blanked = |(name, value): (_, &[u8])| (name, forms.without(value));
            excerpt.headers = excerpt.headers.iter().map(blanked).collect();
        }
        if forms.is_in(&excerpt.body) {
            excerpt.body = forms.without(&excerpt.body);
        }
        if excerpt.truncated {
            let begun = forms.begun_at_end(&excerpt.body);
            excerpt.body.truncate(excerpt.body.len() - begun);
        }
    }
}

impl Forms {
    fn all(&self) -> Option<&AhoCorasick> {
        let made = self.all.get_or_init(|| {
            // Others are quicker to search with and take far longer to make.
            let all = AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .match_kind(MatchKind::LeftmostLongest)
                .build(&self.texts);
            all.ok()
        });
        made.as_ref()
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        if bytes.len() < self.shortest {
            return false;
        }
        if self.all.get().is_none() && bytes.len() <= FEW {
            return self.texts.iter().any(|text| memmem::find(bytes, text).is_some());
        }
        self.all().is_none_or(|all| all.is_match(bytes))
    }

    fn without(&self, bytes: &[u8]) -> Vec<u8> {
        let Some(all) = self.all() else {
            return MASK.as_bytes().to_vec();
        };
        let mut left = Vec::with_capacity(bytes.len());
        all.replace_all_with_bytes(bytes, &mut left, |_, _, left| {
            left.extend_from_slice(MASK.as_bytes());
            true
        });
        left
    }

    /// How many bytes of a secret stand at the end, where it was cut off in the middle.
    fn begun_at_end(&self, bytes: &[u8]) -> usize {
        let begun = |text: &Vec<u8>| {
            let longest = bytes.len().min(text.len() - 1);
            (SHORTEST..=longest)
                .rev()
                .find(|length| bytes.ends_with(&text[..*length]))
        };
        self.texts.iter().filter_map(begun).max().unwrap_or(0)
    }
}

impl fmt::Debug for Blanks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blanks(…)")
    }
}

/// A secret, what stands behind a prefix in it such as `whsec_`, and the bytes that either is the base64 or hex of: each
/// as it is, in hex and in base64.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let whole = secret.trim_ascii();
    let behind = whole.iter().position(|byte| *byte == b'_').map(|at| &whole[at + 1..]);
    let mut own = vec![whole.to_vec()];
    for text in [Some(whole), behind].into_iter().flatten() {
        let decoded = [
            STANDARD.decode(text).ok(),
            STANDARD_NO_PAD.decode(text).ok(),
            URL_SAFE_NO_PAD.decode(text).ok(),
            hex::decode(text).ok(),
        ];
        own.extend(decoded.into_iter().flatten().filter(|key| key.len() >= SHORTEST_KEY));
        // The first half of a key pair is what signs.
        own.extend(
            hex::decode(text)
                .ok()
                .filter(|pair| pair.len() == PAIR)
                .map(|pair| pair[..PAIR / 2].to_vec()),
        );
        if text.len() >= SHORTEST_KEY {
            own.push(text.to_vec());
        }
    }
    own.extend(private_parts(whole));
    own.retain(|bytes| bytes.len() >= SHORTEST);
    let written = own.iter().flat_map(|bytes| {
        [
            hex::encode(bytes).into_bytes(),
            hex::encode_upper(bytes).into_bytes(),
            STANDARD.encode(bytes).into_bytes(),
            STANDARD_NO_PAD.encode(bytes).into_bytes(),
            URL_SAFE_NO_PAD.encode(bytes).into_bytes(),
        ]
    });
    written.collect::<Vec<_>>().into_iter().chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Headers;
    use crate::secret::Source;

    fn blanks(text: &str) -> Blanks {
        Blanks::of([&Secret::new(text.into(), Source::Flag).unwrap()])
    }

    fn blanked(secret: &str, body: &str, truncated: bool) -> String {
        let headers: Headers = [("X-Echo", body)].into_iter().collect();
        let mut excerpt = Excerpt {
            body: body.into(),
            truncated,
            ..Excerpt::new(200, headers)
        };
        blanks(secret).blank(&mut excerpt);
        if !truncated {
            assert_eq!(excerpt.headers.get("x-echo"), Some(&excerpt.body[..]));
        }
        String::from_utf8(excerpt.body).unwrap()
    }

    /// The forms were written by `xxd -p` and `base64`.
    #[test]
    fn every_form_of_a_secret_is_blanked() {
        let secret = "correct horse?>~";
        for form in [
            secret,
            "636f727265637420686f7273653f3e7e",
            "636F727265637420686F7273653F3E7E",
            "Y29ycmVjdCBob3JzZT8+fg==",
            "Y29ycmVjdCBob3JzZT8-fg",
        ] {
            let shown = blanked(secret, &format!("<{form}>"), false);
            assert!(shown.starts_with("<[masked]") && shown.len() < 14, "{form}: {shown}");
        }
        let webhook = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        for form in [
            webhook,
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0",
        ] {
            assert_eq!(blanked(webhook, form, false), "[masked]", "{form}");
        }
        let pair = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\
                    d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(blanked(pair, &pair[..64], false), "[masked]");
        assert_eq!(blanked(pair, &pair[64..], false), &pair[64..], "the public key is none");
        assert_eq!(blanked(secret, "nothing of it", false), "nothing of it");
        assert_eq!(blanked("abc", "abc", false), "abc", "what is so short is no secret");
    }

    /// The key in JSON is that of RFC 8037, appendix A.1.
    #[test]
    fn what_is_private_of_a_key_in_a_file_is_blanked() {
        let pem = "-----BEGIN PRIVATE KEY-----\n\
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgybmvQz6wz0F2F4fR\n\
            NNhXOMjaM9hSzB44HFElj4+UGaihRANCAARUfPFJvVHYd25n8wB5CqGkS09GM6f4\n\
            EXAMPLE\n-----END PRIVATE KEY-----\n";
        let echo = |text: &str| blanked(pem, text, false);
        assert_eq!(
            echo("NNhXOMjaM9hSzB44HFElj4+UGaihRANCAARUfPFJvVHYd25n8wB5CqGkS09GM6f4"),
            "[masked]"
        );
        let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        assert_eq!(blanked(jwk, seed, false), "[masked]");
        assert_eq!(
            blanked(jwk, "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", false),
            "[masked]"
        );
        let public = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        assert_eq!(blanked(jwk, public, false), public, "the public key is none");
    }

    #[test]
    fn a_secret_that_was_cut_off_goes_as_well() {
        assert_eq!(blanked("hunter2-hunter2", "so: hunter2-hun", true), "so: ");
        assert_eq!(blanked("hunter2-hunter2", "so: hunter2-hun", false), "so: hunter2-hun");
        assert!(!format!("{:?}", blanks("hunter2-hunter2")).contains("hunter2"));
    }
}
