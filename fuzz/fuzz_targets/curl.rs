//! curl command lines: no panic, nothing opened; what is read is written and read back the same.
#![no_main]

use ckwh::exchange;
use ckwh::exchange::curl::{self, Curl};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(found) = exchange::read(&Curl, bytes) else {
        return;
    };
    for recorded in found {
        let message = recorded.message;
        let url = format!("http://x.test{}", message.url.as_deref().unwrap_or("/"));
        let line = curl::write_exactly(&message.method, &url, &message.headers, &message.body);
        if let Ok(back) = exchange::read(&Curl, line.as_bytes()) {
            assert_eq!(back[0].message.body, message.body, "{line}");
        }
    }
});
