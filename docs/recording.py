#!/usr/bin/env python3
"""Records docs/recording.svg: a terminal in which ckwh says why a handler refuses a right delivery.

    python3 docs/recording.py --ckwh target/debug/ckwh            # writes it
    python3 docs/recording.py --ckwh target/debug/ckwh --check    # fails where the same commands say something else

The handler is a server of Python's that hashes the JSON as it writes it again. What is shown is what the commands said.
"""

import argparse
import fcntl
import hashlib
import hmac
import html
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

RECORDING = Path(__file__).with_suffix(".svg")
SECRET = "whatever-your-handler-has"
COMMANDS = [
    "ckwh send cost.alert --to 3000 --id evt_1",
    "ckwh verify sent --framework flask --computed - < handler.log",
]
COLUMNS, PITCH, LINE, MARGIN = 80, 8.43, 19, 16
# How long a line stands alone before the next one, and a command before its output, in seconds.
STEP, PAUSE = 0.06, 1.2

STYLE = """
rect{fill:#f6f8fa;stroke:#d0d7de}text{font:14px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328}
.b{font-weight:700}.d{fill:#656d76}.g{fill:#1a7f37}.r{fill:#cf222e}.y{fill:#9a6700}.c{fill:#1b7c83}
@media(prefers-color-scheme:dark){rect{fill:#0d1117;stroke:#30363d}text{fill:#e6edf3}.d{fill:#8b949e}.g{fill:#3fb950}
.r{fill:#f85149}.y{fill:#d29922}.c{fill:#39c5cf}}
@media(prefers-reduced-motion:no-preference){text{animation:s .01s both}@keyframes s{from{opacity:0}to{opacity:1}}}
"""
CLASSES = {1: "b", 2: "d", 31: "r", 32: "g", 33: "y", 36: "c"}


class Handler(BaseHTTPRequestHandler):
    """Takes what is signed over the JSON as Python writes it."""

    log = None

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        written = json.dumps(json.loads(body))
        content = f"{self.headers['x-costkatana-timestamp']}.{written}"
        computed = hmac.new(SECRET.encode(), content.encode(), hashlib.sha256).hexdigest()
        self.log.write_text(f"computed sha256={computed}\n")
        self.send_response(200 if self.headers["x-costkatana-signature"] == f"sha256={computed}" else 401)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


def listening() -> HTTPServer:
    """The handler at a port of four digits, so that lines break where they do with 3000."""
    for port in range(3000, 3100):
        try:
            return HTTPServer(("127.0.0.1", port), Handler)
        except OSError:
            continue
    sys.exit("no port from 3000 to 3099 is free")


def output(command: str, folder: Path, environment: dict) -> str:
    """What a command prints to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    child = subprocess.Popen(["bash", "-c", command], cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        said += piece
    child.wait()
    return said.decode().replace("\r\n", "\n")


def recorded(ckwh: Path) -> list[tuple[str, str]]:
    """Each command with what it said."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bin").mkdir()
        (folder / "bin/ckwh").symlink_to(ckwh.resolve())
        Handler.log = folder / "handler.log"
        server = listening()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = {
            "HOME": name,
            "PATH": f"{folder}/bin:/usr/bin:/bin",
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "WEBHOOK_SECRET": SECRET,
        }
        port = str(server.server_port)
        shown = []
        for command in COMMANDS:
            said = output(command.replace("3000", port), folder, environment)
            shown.append((command, said.replace(port, "3000")))
        server.shutdown()
    return shown


def wrapped(line: str) -> list[str]:
    """A line as a terminal breaks it; the colours of one that is so long stand at its beginning."""
    if "\x1b" in line[COLUMNS:] or len(re.sub(r"\x1b\[[0-9;]*m", "", line)) <= COLUMNS:
        return [line]
    over = len(line) - len(re.sub(r"\x1b\[[0-9;]*m", "", line))
    return [line[: COLUMNS + over], line[COLUMNS + over :]]


def drawn(text: str) -> str:
    # Not every browser keeps blanks of SVG as they are.
    return html.escape(text, quote=False).replace(" ", "\u00a0")


def spans(line: str) -> str:
    """A line's text with its colours, as SVG has them."""
    parts, classes = [], set()
    for piece in re.split(r"(\x1b\[[0-9;]*[A-Za-z])", line):
        if found := re.fullmatch(r"\x1b\[([0-9;]*)m", piece):
            for number in map(int, found[1].split(";") if found[1] else ["0"]):
                if number in (0, 39, 22):
                    classes.clear()
                elif number in CLASSES:
                    classes.add(CLASSES[number])
        elif piece and not piece.startswith("\x1b"):
            text = drawn(piece)
            parts.append(f'<tspan class="{" ".join(sorted(classes))}">{text}</tspan>' if classes else text)
    return "".join(parts)


def drawing(shown: list[tuple[str, str]]) -> str:
    lines, time = [], 0.0
    for command, said in shown:
        lines.append((time, f'<tspan class="d">$\u00a0</tspan><tspan class="b">{drawn(command)}</tspan>'))
        time += PAUSE
        for line in said.rstrip("\n").split("\n"):
            for piece in wrapped(line):
                lines.append((time, spans(piece)))
            time += STEP
        time += PAUSE
        lines.append((time, ""))
    lines.pop()
    width, height = round(COLUMNS * PITCH + 2 * MARGIN), len(lines) * LINE + 2 * MARGIN
    rows = "".join(
        f'<text x="{MARGIN}" y="{MARGIN + (row + 1) * LINE - 5}" style="animation-delay:{time:.2f}s">{text}</text>\n'
        for row, (time, text) in enumerate(lines)
        if text
    )
    said = html.escape("ckwh sends a signed event, and says why the handler refused it")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img"><title>{said}</title><style>{STYLE}</style>\n'
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"/>\n{rows}</svg>\n'
    )


def comparable(svg: str) -> str:
    """The text of a recording, without what differs each time: how long something took."""
    text = re.sub(r"<style>.*?</style>|<[^>]*>", "", svg, flags=re.S).replace("\u00a0", " ")
    return re.sub(r"\d+(\.\d+)? (ms|s)\b", "N \\2", text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ckwh", type=Path, required=True, help="the program")
    parser.add_argument("--check", action="store_true", help="compare with what is recorded")
    args = parser.parse_args()
    svg = drawing(recorded(args.ckwh))
    if not args.check:
        RECORDING.write_text(svg)
    elif comparable(svg) != comparable(RECORDING.read_text()):
        sys.exit(f"{RECORDING} is not what the commands say: python3 docs/recording.py --ckwh PROGRAM\n{comparable(svg)}")


if __name__ == "__main__":
    main()
