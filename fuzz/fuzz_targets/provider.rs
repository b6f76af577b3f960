//! A provider's table: no panic, whatever it says, and none when it is used.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use ckwh::message::Message;
use ckwh::provider::{Folder, Origin, Places, Provider, Registry};
use ckwh::secret::{Secret, Source};
use ckwh::{sign, verify};
use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir()
        .join(format!("ckwh-fuzz-{}", std::process::id()))
        .join("fuzzed");
    fs::create_dir_all(&folder).expect("a folder");
    folder
});

fuzz_target!(|bytes: &[u8]| {
    fs::write(FOLDER.join("provider.toml"), bytes).expect("a file");
    let Some(folder) = Folder::at(FOLDER.clone(), Origin::User) else {
        return;
    };
    let Ok(all) = Provider::load_all(&folder) else { return };
    let secret = Secret::new(b"a5a5a5a5".to_vec(), Source::Flag).expect("a secret");
    let mut message = Message {
        url: Some("http://x.test/a?b=c".into()),
        id: Some("evt_1".into()),
        timestamp: "2026-05-08T12:00:00Z".parse().ok(),
        ..Message::new(r#"{"type":"a","id":"b"}"#)
    };
    let registry = Registry::new(&Places {
        user: FOLDER.parent().map(PathBuf::from),
        ..Places::default()
    });
    let _ = registry.recognise(&message, None);
    for provider in all {
        if let Ok(signed) = sign::sign(&provider.scheme, std::slice::from_ref(&secret), &message) {
            for (name, value) in signed.headers.iter() {
                message.headers.set(name, value);
            }
        }
        let options = verify::Options::new("2026-05-08T12:00:00Z".parse().expect("a time"));
        let _ = verify::verify(&provider.scheme, std::slice::from_ref(&secret), &message, &options);
    }
});
