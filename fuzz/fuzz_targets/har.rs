//! HTTP archives: no panic; what is read is written and read back the same.
#![no_main]

use std::sync::Arc;

use ckwh::capture::Capture;
use ckwh::exchange;
use ckwh::exchange::har::{self, Har};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(found) = exchange::read(&Har, bytes) else { return };
    for recorded in found {
        let capture = Capture {
            id: 1,
            duplicate_of: None,
            recorded: Arc::new(recorded),
        };
        let headers = &capture.recorded.message.headers;
        let archive = har::begin() + &har::entry(&capture, headers, None) + har::END;
        let back = exchange::read(&Har, archive.as_bytes()).expect("what was written is read");
        assert_eq!(back[0].message.body, capture.recorded.message.body);
        assert_eq!(back[0].message.method, capture.recorded.message.method);
        assert_eq!(back[0].body_held, capture.recorded.body_held);
    }
});
