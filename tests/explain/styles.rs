//! Every style writes what its runtime wrote.

use ckwh::json::{self, Style};

use crate::golden;

#[test]
fn every_style_writes_what_its_runtime_wrote() {
    let mut wrong = Vec::new();
    for golden in golden::all() {
        if golden::is_read_otherwise(&golden) {
            continue;
        }
        let Some(style) = Style::named(&golden.style) else {
            wrong.push(format!("no style is named {}", golden.style));
            continue;
        };
        let value = json::parse(&golden::body(&golden.body)).unwrap();
        let ours = json::rewrite(&value, style, usize::MAX).unwrap_or_default();
        if ours != golden.written {
            wrong.push(format!(
                "{} {}\n  {}\n  {}",
                golden.style,
                golden.body,
                String::from_utf8_lossy(&ours).escape_debug(),
                String::from_utf8_lossy(&golden.written).escape_debug()
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
