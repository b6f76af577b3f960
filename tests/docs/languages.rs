//! How a page's handler is run in each language.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use super::theirs;

#[derive(Clone, Copy)]
pub enum Language {
    JavaScript,
    TypeScript,
    Python,
    Go,
    Ruby,
    Php,
    Java,
}

/// Debian's packages of Spring, of Jetty and of what they need.
const JARS: &[&str] = &[
    "commons-logging",
    "jackson-annotations",
    "jackson-core",
    "jackson-databind",
    "jetty9-http",
    "jetty9-io",
    "jetty9-security",
    "jetty9-server",
    "jetty9-servlet",
    "jetty9-util",
    "servlet-api",
    "spring3-aop",
    "spring3-beans",
    "spring3-context",
    "spring3-core",
    "spring3-expression",
    "spring3-web",
    "spring3-web.servlet",
];

impl Language {
    /// What a fence of this language is marked with.
    pub fn mark(self) -> &'static str {
        match self {
            Self::JavaScript => "js",
            Self::TypeScript => "ts",
            Self::Python => "python",
            Self::Go => "go",
            Self::Ruby => "ruby",
            Self::Php => "php",
            Self::Java => "java",
        }
    }
}

fn class_path() -> String {
    let jars = JARS.iter().map(|name| format!("/usr/share/java/{name}.jar"));
    jars.collect::<Vec<_>>().join(":")
}

/// What a page in this language wants and is not here; Node's and Python's are those of `tests/receivers`.
pub fn absent(language: Language) -> Option<&'static str> {
    let runs = |program: &str, args: &[&str]| {
        let status = Command::new(program)
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    };
    let (is_there, what) = match language {
        Language::JavaScript | Language::TypeScript | Language::Python => (true, ""),
        Language::Go => (runs("go", &["version"]), "Go"),
        Language::Ruby => (
            runs("ruby", &["-e", "require 'logger'; require 'action_controller/railtie'"]),
            "Rails (ruby-railties)",
        ),
        Language::Php => (
            runs("php", &["-r", "require 'Illuminate/autoload.php';"]),
            "Laravel (php-laravel-framework)",
        ),
        Language::Java => (
            runs("javac", &["--version"]) && class_path().split(':').all(|jar| Path::new(jar).exists()),
            "Java, or Spring and Jetty (libspring-web-servlet-java, libjetty9-java, libjackson2-databind-java)",
        ),
    };
    (!is_there).then_some(what)
}

/// Writes a handler into its folder, and compiles it where that is to be done.
pub fn command(language: Language, code: &str, folder: &Path, port: u16) -> Command {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    let node_modules = folder.join("node_modules");
    if !node_modules.exists() {
        symlink(theirs::folder().join("node_modules"), &node_modules).unwrap();
    }
    match language {
        Language::JavaScript => {
            write("handler.mjs", code);
            with("node", &["handler.mjs"])
        }
        Language::TypeScript => {
            write("package.json", r#"{"type":"module"}"#);
            write("handler.ts", code);
            let options = "--target es2022 --module nodenext --types node --skipLibCheck \
                --experimentalDecorators --emitDecoratorMetadata handler.ts";
            let compiler = node_modules.join(".bin/tsc");
            build(Command::new(compiler).args(options.split_whitespace()), folder);
            with("node", &["handler.js"])
        }
        Language::Python => {
            write("handler.py", code);
            let python = theirs::folder().join(".venv/bin/python");
            with(python.to_str().unwrap(), &["handler.py"])
        }
        Language::Go => {
            write("handler.go", code);
            build(
                Command::new("go").args(["build", "-o", "handler", "handler.go"]),
                folder,
            );
            Command::new(folder.join("handler"))
        }
        Language::Ruby => {
            write("handler.rb", code);
            let mut ruby = with("ruby", &["handler.rb"]);
            ruby.env("RAILS_ENV", "production");
            ruby
        }
        Language::Php => {
            write("handler.php", code);
            with("php", &["-S", &format!("localhost:{port}"), "handler.php"])
        }
        Language::Java => {
            write("App.java", code);
            let paths = format!(".:{}", class_path());
            build(Command::new("javac").args(["-cp", &paths, "App.java"]), folder);
            // This Spring is older than the modules of Java, whose own classes it opens.
            with(
                "java",
                &["--add-opens", "java.base/java.lang=ALL-UNNAMED", "-cp", &paths, "App"],
            )
        }
    }
}

fn with(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    command
}

fn build(command: &mut Command, folder: &Path) {
    let built = command.current_dir(folder).output().unwrap();
    let said = [built.stdout, built.stderr].concat();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&said));
}
