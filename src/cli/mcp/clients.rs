//! What the configuration of each usual client needs, to start this server.

use std::env;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use crate::cli::args::{McpArgs, McpClient};
use crate::cli::exit::{Failure, OrUnavailable as _};

/// How a client's configuration is written.
enum Form {
    /// A command that adds the server.
    Command(&'static str),
    /// A member of a JSON object in this file, with these members beside the command.
    Json(&'static str, &'static str, &'static [(&'static str, &'static str)]),
    /// A table of TOML in this file.
    Toml(&'static str, &'static str),
}

fn form(client: McpClient) -> Form {
    match client {
        McpClient::ClaudeCode => Form::Command("claude mcp add ckwh --"),
        McpClient::ClaudeDesktop => Form::Json("claude_desktop_config.json", "mcpServers", &[]),
        McpClient::Codex => Form::Toml("~/.codex/config.toml", "mcp_servers"),
        McpClient::Cursor => Form::Json(".cursor/mcp.json", "mcpServers", &[]),
        McpClient::Gemini => Form::Json(".gemini/settings.json", "mcpServers", &[]),
        McpClient::Vscode => Form::Json(".vscode/mcp.json", "servers", &[("type", "stdio")]),
        McpClient::Zed => Form::Json(
            "~/.config/zed/settings.json",
            "context_servers",
            &[("source", "custom")],
        ),
    }
}

/// The text to paste, with this program's own path: a client rarely has the shell's `PATH`.
pub fn config(client: McpClient, args: &McpArgs) -> Result<String, Failure> {
    let program = env::current_exe().context("this program's own path").or_unavailable()?;
    let program = program.to_string_lossy().into_owned();
    let mut line = vec!["mcp".to_owned()];
    line.extend(
        args.targets
            .iter()
            .flat_map(|target| ["--to".to_owned(), target.clone()]),
    );
    if let Some(url) = &args.observe_url {
        line.extend(["--observe-url".to_owned(), url.clone()]);
    }
    if args.allow_bodies {
        line.push("--allow-bodies".to_owned());
    }
    if let Some(store) = &args.store.store {
        line.extend(["--store".to_owned(), store.to_string_lossy().into_owned()]);
    }
    Ok(match form(client) {
        Form::Command(begin) => {
            let quoted = std::iter::once(&program).chain(&line).map(|word| quote(word));
            format!("{begin} {}\n", quoted.collect::<Vec<_>>().join(" "))
        }
        Form::Json(file, member, more) => {
            let more = more
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
            let mut server: Map<String, Value> = more.collect();
            server.insert("command".into(), program.into());
            server.insert("args".into(), line.into());
            format!("// {file}\n{:#}\n", json!({ member: { "ckwh": server } }))
        }
        Form::Toml(file, table) => {
            format!(
                "# {file}\n[{table}.ckwh]\ncommand = {}\nargs = {}\n",
                Value::from(program),
                Value::from(line)
            )
        }
    })
}

fn quote(word: &str) -> String {
    ckwh::exchange::curl::quote(word).to_string()
}
