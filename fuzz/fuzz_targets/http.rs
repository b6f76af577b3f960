//! Raw requests: no panic; what is read is written and read back the same.
#![no_main]

use ckwh::exchange::http;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = http::looks_like(bytes);
    let Ok(message) = http::read(bytes) else { return };
    // Writing may add a Content-Length, and there is a limit to how many fields are read.
    if message.headers.len() > 255 {
        return;
    }
    let target = message.url.clone().unwrap_or_default();
    let raw = http::write_whole(&message.method, &target, &message.headers, &message.body);
    let back = http::read(&raw).expect("what was written is read");
    assert_eq!(
        (back.method, back.url, back.body),
        (message.method, message.url, message.body)
    );
});
