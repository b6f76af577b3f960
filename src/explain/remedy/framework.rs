//! The lines that give a framework's handler the body as it came.

use std::fmt;
use std::str::FromStr;

/// What a handler is written with.
#[derive(Clone, Copy, PartialEq)]
pub struct Framework(&'static Row);

#[derive(PartialEq)]
struct Row {
    name: &'static str,
    /// Texts in an answer's `X-Powered-By` or `Server` that give it away, or what it runs on.
    servers: &'static [&'static str],
    /// Project files and a text in them that give it away.
    files: &'static [(&'static str, &'static str)],
    /// How its handler gets the bytes.
    lines: &'static str,
}

/// The more particular first: a Next.js project may have Express in it too.
static FRAMEWORKS: [Row; 13] = [
    Row {
        name: "next",
        servers: &["Next.js"],
        files: &[("package.json", "\"next\"")],
        lines: "\
export async function POST(request) {
  const body = Buffer.from(await request.arrayBuffer()); // hash these bytes, then JSON.parse(body)",
    },
    Row {
        name: "nest",
        servers: &["Express"],
        files: &[("package.json", "\"@nestjs/core\"")],
        lines: "\
const app = await NestFactory.create(AppModule, { rawBody: true });
// in the handler, with @Req() request: RawBodyRequest<Request>: hash request.rawBody",
    },
    Row {
        name: "fastify",
        servers: &[],
        files: &[("package.json", "\"fastify\"")],
        lines: "\
fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
  request.rawBody = body; // hash these bytes
  try { done(null, JSON.parse(body)); } catch (error) { error.statusCode = 400; done(error); }
});",
    },
    Row {
        name: "express",
        servers: &["Express"],
        files: &[("package.json", "\"express\"")],
        lines: "\
app.use(express.json({ verify: (req, res, bytes) => { req.rawBody = bytes; } }));
// then hash req.rawBody where you hash JSON.stringify(req.body)",
    },
    Row {
        name: "fastapi",
        servers: &["uvicorn"],
        files: &[("requirements.txt", "fastapi"), ("pyproject.toml", "fastapi")],
        lines: "\
async def webhook(request: Request):
    body = await request.body()  # hash these bytes, then json.loads(body)",
    },
    Row {
        name: "django",
        servers: &["WSGIServer"],
        files: &[
            ("manage.py", "django"),
            ("requirements.txt", "Django"),
            ("requirements.txt", "django"),
            ("pyproject.toml", "django"),
        ],
        lines: "\
body = request.body  # before request.POST is touched: hash these bytes, then json.loads(body)",
    },
    Row {
        name: "flask",
        servers: &["Werkzeug"],
        files: &[
            ("requirements.txt", "Flask"),
            ("requirements.txt", "flask"),
            ("pyproject.toml", "flask"),
        ],
        lines: "\
body = request.get_data()  # hash these bytes; request.get_json() still works behind it",
    },
    Row {
        name: "rails",
        servers: &["Phusion Passenger", "puma"],
        files: &[("Gemfile", "rails")],
        lines: "\
body = request.raw_post # hash these bytes, then JSON.parse(body)",
    },
    Row {
        name: "laravel",
        servers: &["PHP/"],
        files: &[("composer.json", "laravel/framework")],
        lines: "\
$body = $request->getContent(); // hash this text, then json_decode($body, true)",
    },
    Row {
        name: "spring",
        servers: &[],
        files: &[
            ("pom.xml", "spring-boot"),
            ("build.gradle", "springframework"),
            ("build.gradle.kts", "springframework"),
        ],
        lines: "\
@PostMapping(\"/webhooks\")
ResponseEntity<Void> webhook(@RequestBody byte[] body) { // hash these bytes, then objectMapper.readTree(body)",
    },
    Row {
        name: "aspnet",
        servers: &["Kestrel", "ASP.NET"],
        files: &[("appsettings.json", "")],
        lines: "\
Request.EnableBuffering();
using var bytes = new MemoryStream();
await Request.Body.CopyToAsync(bytes); // hash bytes.ToArray()
Request.Body.Position = 0;",
    },
    Row {
        name: "gin",
        servers: &[],
        files: &[("go.mod", "gin-gonic/gin")],
        lines: "\
body, err := c.GetRawData() // hash these bytes
c.Request.Body = io.NopCloser(bytes.NewReader(body)) // for what binds it behind",
    },
    Row {
        name: "axum",
        servers: &[],
        files: &[("Cargo.toml", "axum")],
        lines: "\
async fn webhook(headers: HeaderMap, body: axum::body::Bytes) -> StatusCode {
    // hash body, then serde_json::from_slice(&body)",
    },
];

impl Framework {
    /// Every framework there are lines for.
    pub fn all() -> impl Iterator<Item = Self> {
        FRAMEWORKS.iter().map(Self)
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The one that an answer and a project's files speak of: `server` is what the answer's `X-Powered-By` or `Server`
    /// says, `read` gives a file's text by its name. The answer counts before the files, which decide where several
    /// frameworks answer alike.
    pub fn guess(server: Option<&str>, read: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let in_project = |framework: &Self| {
            let mut files = framework.0.files.iter();
            files.any(|(name, text)| read(name).is_some_and(|found| found.contains(text)))
        };
        let answers = |framework: &Self| {
            let mut servers = framework.0.servers.iter();
            servers.any(|text| server.is_some_and(|server| server.contains(text)))
        };
        Self::all()
            .filter(answers)
            .find(in_project)
            .or_else(|| Self::all().filter(answers).last())
            .or_else(|| Self::all().find(in_project))
    }

    /// The lines that give its handler the body's bytes.
    pub fn lines(self) -> &'static str {
        self.0.lines
    }
}

impl FromStr for Framework {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::all().find(|framework| framework.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::all().map(Self::name).collect();
            format!("unknown framework, expected one of {}", names.join(", "))
        })
    }
}

impl fmt::Debug for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_framework_is_known_by_its_answers_and_by_its_project() {
        let guess = |server: Option<&str>, file: &str, text: &str| {
            let found = Framework::guess(server, |name| (name == file).then(|| text.to_owned()));
            found.map(Framework::name)
        };
        let answering = |server| guess(Some(server), "", "");
        assert_eq!(answering("Express"), Some("express"));
        assert_eq!(answering("Next.js"), Some("next"));
        assert_eq!(answering("Werkzeug/3.1.3 Python/3.11"), Some("flask"));
        assert_eq!(answering("ASP.NET, Kestrel"), Some("aspnet"));
        assert_eq!(answering("nginx"), None);
        let project = |file, text| guess(None, file, text);
        assert_eq!(
            project("package.json", r#"{"dependencies":{"express":"5","next":"16"}}"#),
            Some("next")
        );
        assert_eq!(
            project("go.mod", "require github.com/gin-gonic/gin v1.10.0"),
            Some("gin")
        );
        assert_eq!(project("package.json", "{}"), None);
        // A workspace of several: what answered counts, and NestJS answers as Express.
        let both = r#"{"dependencies":{"next":"16","express":"5"}}"#;
        assert_eq!(guess(Some("Express"), "package.json", both), Some("express"));
        let nest = r#"{"dependencies":{"@nestjs/core":"11"}}"#;
        assert_eq!(guess(Some("Express"), "package.json", nest), Some("nest"));
        assert_eq!(guess(Some("nginx"), "package.json", nest), Some("nest"));
        for framework in Framework::all() {
            assert_eq!(framework.name().parse::<Framework>(), Ok(framework));
        }
    }
}
