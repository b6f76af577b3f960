//! A delivery that is learned from: no panic, and none where what is found is written down.
#![no_main]

use ckwh::capture::Recorded;
use ckwh::exchange::http;
use ckwh::explain::Effort;
use ckwh::learn::draft::{Draft, Sender};
use ckwh::learn::{Delivery, learn};
use ckwh::provider::Origin;
use ckwh::scheme::{Encoding, Kind, Mac};
use ckwh::secret::{Secret, Source};
use libfuzzer_sys::fuzz_target;

/// Stands for a signature in the seeds.
const MARK: &str = "{sig}";

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut message) = http::read(bytes) else { return };
    let secret = Secret::new(b"whsec_a5a5a5a5".to_vec(), Source::Flag).expect("a secret");
    let key = secret.key(&[]).expect("a text is a key");
    let mut mac = Mac::new(Kind::HmacSha256, &key).expect("an HMAC takes any key");
    mac.update(&message.body);
    let tag = Encoding::Hex.encode(&mac.finish().expect("an HMAC"));
    message.headers = message
        .headers
        .iter()
        .map(|(name, value)| (name, String::from_utf8_lossy(value).replace(MARK, &tag)))
        .collect();
    let secrets = [secret];
    let delivery = Delivery {
        message: &message,
        secrets: &secrets,
        given: &[],
        effort: Effort::Low,
    };
    let Some(fit) = learn(&delivery).fit else { return };
    let credentials = ckwh::exchange::credentials::Credentials::default();
    let sender = Sender {
        credentials: &credentials,
        name: "fuzzed",
        origin: Origin::User,
        secret_env: "FUZZED",
        secrets: &secrets,
    };
    let _ = Draft::new(&sender, &Recorded::new(message), &fit);
});
