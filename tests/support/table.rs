//! The smallest table of a provider.

/// One that signs in `header`, as these lines of its `[[signature]]` say.
pub fn table(title: &str, header: &str, lines: &str) -> String {
    format!(
        r#"version = 1
title = "{title}"
about = "for a test"
path = "/"
secret_env = ["NONE"]
request = {{}}
event = {{ type = "any" }}
recognise = {{ header = {{ "{header}" = "." }} }}

[[signature]]
headers = ["{header}"]
{lines}
"#
    )
}
