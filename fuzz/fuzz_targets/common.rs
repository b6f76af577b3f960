//! What every reader must keep: no panic; what is read is written as a JSON line and read back the same.

use std::sync::Arc;

use ckwh::capture::{Capture, Recorded};
use ckwh::exchange::jsonl::{self, CaptureFields};
use ckwh::exchange::{self, Exchange};

/// Reads `bytes` as a format's file, and each request of it again from a line.
pub fn comes_back(format: &dyn Exchange, bytes: &[u8]) {
    let Ok(found) = exchange::read(format, bytes) else {
        return;
    };
    for mut recorded in found {
        // A capture has a target; a file that names none means the root.
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
        let back = jsonl::read_line(line.as_bytes()).expect("what was written is read");
        let back = back.expect("it is a request");
        assert_eq!(back.message, capture.recorded.message);
        assert_eq!(back.body_held, capture.recorded.body_held);
    }
}
