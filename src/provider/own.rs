/// What a table does not take over from the one that it extends: what is that provider's own. The build script has it too.
pub(crate) const OWN: [&str; 10] = [
    "title",
    "docs",
    "checked",
    "secret_env",
    "recognise",
    "events",
    "undocumented_events",
    "chain",
    "dialect_name",
    "dialect",
];
