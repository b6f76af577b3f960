//! What can be typed after `mcp`.

use clap::ValueEnum;

use super::StoreArgs;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ckwh mcp --to localhost:3000/webhook
  ckwh mcp --print-config claude-code --to localhost:3000/webhook")]
pub struct McpArgs {
    /// Where deliveries may go, and nowhere else; the first where the agent names none [default: `to` of your own settings]
    #[arg(long = "to", value_name = "URL")]
    pub targets: Vec<String>,
    /// An address that shows the handler's effects, for `check`
    #[arg(long, value_name = "URL")]
    pub observe_url: Option<String>,
    /// Sign and send bodies that the agent writes too, not fixture events alone
    #[arg(long)]
    pub allow_bodies: bool,
    /// Print what this client's configuration needs, and serve nothing
    #[arg(long, value_name = "CLIENT")]
    pub print_config: Option<McpClient>,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// A program that runs servers of the Model Context Protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum McpClient {
    ClaudeCode,
    ClaudeDesktop,
    Codex,
    Cursor,
    Gemini,
    Vscode,
    Zed,
}
