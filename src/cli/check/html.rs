//! The report as a page that needs no other file.

use super::super::report::{CaseItem, CheckSummaryItem};

const STYLE: &str = "\
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1e21;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}
pre{background:#f4f5f7;padding:.7rem;overflow-x:auto;border-radius:4px}
dl{display:grid;grid-template-columns:6rem 1fr;gap:.2rem .8rem}dt{color:#5f6670}dd{margin:0}
.fail{color:#b3261e}.warn{color:#8a5a00}.pass{color:#1b6e3c}.unseen,.skipped{color:#5f6670}
@media(prefers-color-scheme:dark){body{color:#e4e6ea;background:#16181c}td,th{border-color:#33373d}pre{background:#22262c}
.fail{color:#ff8a80}.warn{color:#ffcc66}.pass{color:#7bd89a}dt,.unseen,.skipped{color:#9aa2ad}}";

/// The page. All that came from the handler stands in it as text.
pub fn page(summary: &CheckSummaryItem, cases: &[CaseItem]) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>ckwh check</title><style>{STYLE}</style></head><body>\n<h1>{} · {}</h1>\n",
        text(&summary.provider),
        text(&summary.url)
    );
    page.push_str(&format!(
        "<p><b class=\"pass\">{} kept</b>, <b class=\"fail\">{} broken</b>, <b class=\"warn\">{} warned</b>, {} unseen, {} not \
         tried, in {} requests</p>\n",
        summary.pass, summary.fail, summary.warn, summary.unseen, summary.skipped, summary.requests
    ));
    if let Some(problem) = &summary.problem {
        page.push_str(&format!("<p class=\"fail\">{}</p>\n", text(problem)));
    }
    for finding in &summary.findings {
        page.push_str(&format!(
            "<h2 class=\"{}\">{}</h2>\n<dl>",
            finding.outcome.name(),
            text(&finding.says)
        ));
        for (name, fact) in [
            ("cases", &finding.cases.join(", ")),
            ("sent", &finding.sent),
            ("came", &finding.answered),
            ("why", &finding.why),
            ("remedy", &finding.remedy),
            ("again", &finding.command),
        ] {
            page.push_str(&format!("<dt>{name}</dt><dd>{}</dd>", text(fact)));
        }
        page.push_str("</dl>\n");
        for lines in [&finding.lines, &finding.curl].into_iter().flatten() {
            page.push_str(&format!("<pre>{}</pre>\n", text(lines.trim())));
        }
    }
    page.push_str("<h2>Cases</h2>\n<table><tr><th>case</th><th>outcome</th><th>what was seen</th></tr>\n");
    for case in cases {
        let outcome = case.outcome.name();
        page.push_str(&format!(
            "<tr><td>{}/{}</td><td class=\"{outcome}\">{outcome}</td><td>{}</td></tr>\n",
            case.family,
            text(&case.name),
            text(&case.reason)
        ));
    }
    page.push_str("</table></body></html>\n");
    page
}

fn text(text: &str) -> String {
    quick_xml::escape::escape(super::super::report::shown(text)).into_owned()
}
