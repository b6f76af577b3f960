//! JSON lines: no panic; what is read is written and read back the same.
#![no_main]

use std::sync::Arc;

use ckwh::exchange::jsonl;
use ckwh::exchange::jsonl::CaptureFields;
use ckwh::capture::{Capture, Recorded};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = jsonl::looks_like(bytes);
    let Ok(found) = jsonl::read(bytes) else { return };
    for mut recorded in found {
        // A capture has a target; a line that names none means the root.
        recorded.message.url.get_or_insert_with(|| "/".into());
        let capture = Capture {
            id: 1,
            duplicate_of: None,
            recorded: Arc::new(Recorded {
                received_at: Some(recorded.received_at.unwrap_or_default()),
                ..recorded
            }),
        };
        let fields = CaptureFields::new(&capture, None, usize::MAX);
        let mut line = serde_json::to_string(&fields).expect("it is written");
        line.insert_str(1, "\"type\":\"capture\",");
        let back = jsonl::read(line.as_bytes()).expect("what was written is read");
        assert_eq!(back[0].message, capture.recorded.message);
    }
});
