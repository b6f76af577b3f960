#!/usr/bin/env python3
"""Describes a release to package managers of others, from its files: packages/describe.py DIST

Writes ckwh.rb (Homebrew), ckwh.json (Scoop), default.nix (Nix) and Dockerfile into DIST, for the archives that are
there. They are checked for their form and not run here.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

NOTE = "Written by packages/describe.py from the release's files; not run by ckwh's tests."
MACHINES = {
    ("macos", "arm"): "aarch64-apple-darwin",
    ("macos", "intel"): "x86_64-apple-darwin",
    ("linux", "arm"): "aarch64-unknown-linux-gnu",
    ("linux", "intel"): "x86_64-unknown-linux-gnu",
}
NIX = {
    "aarch64-darwin": "aarch64-apple-darwin",
    "x86_64-darwin": "x86_64-apple-darwin",
    "aarch64-linux": "aarch64-unknown-linux-gnu",
    "x86_64-linux": "x86_64-unknown-linux-gnu-static",
}


class Release:
    def __init__(self, dist: Path):
        command = ["cargo", "metadata", "--format-version=1", "--no-deps", "--offline"]
        root = Path(__file__).resolve().parent.parent
        self.about = json.loads(subprocess.check_output(command, cwd=root))["packages"][0]
        self.dist, self.version = dist, self.about["version"]
        self.base = f"{self.about['repository']}/releases/download/v{self.version}"

    def archive(self, target: str) -> tuple[str, str] | None:
        """The address and the SHA-256 of a target's archive, where there is one."""
        for end in ("tar.gz", "zip"):
            path = self.dist / f"ckwh-{self.version}-{target}.{end}"
            if path.exists():
                return f"{self.base}/{path.name}", hashlib.sha256(path.read_bytes()).hexdigest()
        return None

    def homebrew(self) -> str:
        systems = []
        for system in ("macos", "linux"):
            machines = []
            for machine in ("arm", "intel"):
                if found := self.archive(MACHINES[system, machine]):
                    machines.append(f'    on_{machine} do\n      url "{found[0]}"\n      sha256 "{found[1]}"\n    end\n')
            if machines:
                systems.append(f"  on_{system} do\n{''.join(machines)}  end\n")
        return (
            f'# {NOTE}\nclass Ckwh < Formula\n  desc "Test webhook handlers with correctly signed events"\n'
            f'  homepage "{self.about["homepage"]}"\n  version "{self.version}"\n  license any_of: ["MIT", "Apache-2.0"]\n\n'
            f"{''.join(systems)}\n"
            '  def install\n    bin.install "ckwh"\n    man1.install Dir["completions/man/*.1"]\n'
            '    bash_completion.install "completions/ckwh.bash" => "ckwh"\n    zsh_completion.install "completions/_ckwh"\n'
            '    fish_completion.install "completions/ckwh.fish"\n  end\n\n'
            '  test do\n    assert_match "valid: the signature matches", shell_output("#{bin}/ckwh send cost.alert")\n  end\nend\n'
        )

    def scoop(self) -> str:
        about = {
            "##": NOTE,
            "version": self.version,
            "description": self.about["description"],
            "homepage": self.about["homepage"],
            "license": "MIT|Apache-2.0",
        }
        target = "x86_64-pc-windows-msvc"
        if found := self.archive(target):
            folder = f"ckwh-{self.version}-{target}"
            about["architecture"] = {"64bit": {"url": found[0], "hash": found[1], "extract_dir": folder}}
        about |= {"bin": "ckwh.exe", "checkver": "github"}
        return json.dumps(about, indent=4) + "\n"

    def nix(self) -> str:
        rows = []
        for system, target in NIX.items():
            if found := self.archive(target):
                rows.append(f'    {system} = {{ url = "{found[0]}"; sha256 = "{found[1]}"; }};\n')
        return (
            f"# {NOTE}\n{{ pkgs ? import <nixpkgs> {{ }} }}:\nlet\n  archives = {{\n{''.join(rows)}  }};\nin\n"
            f'pkgs.stdenvNoCC.mkDerivation {{\n  pname = "ckwh";\n  version = "{self.version}";\n'
            "  src = pkgs.fetchurl archives.${pkgs.stdenvNoCC.hostPlatform.system};\n"
            "  nativeBuildInputs = [ pkgs.installShellFiles ]\n"
            "    ++ pkgs.lib.optional pkgs.stdenvNoCC.hostPlatform.isLinux pkgs.autoPatchelfHook;\n"
            "  installPhase = ''\n    install -Dm755 ckwh $out/bin/ckwh\n    installManPage completions/man/*.1\n"
            "    installShellCompletion --bash completions/ckwh.bash --zsh completions/_ckwh --fish completions/ckwh.fish\n"
            "  '';\n  meta.mainProgram = \"ckwh\";\n}\n"
        )

    def dockerfile(self) -> str:
        name = f"ckwh-{self.version}-x86_64-unknown-linux-gnu-static"
        return (
            f"# {NOTE} The static program alone: docker build -f Dockerfile .\n"
            f"FROM scratch AS unpacked\nADD {name}.tar.gz /\n\n"
            f'FROM scratch\nCOPY --from=unpacked /{name}/ckwh /ckwh\nENV HOME=/\nENTRYPOINT ["/ckwh"]\n'
        )


def main() -> None:
    dist = Path(sys.argv[1])
    release = Release(dist)
    for name, text in [
        ("ckwh.rb", release.homebrew()),
        ("ckwh.json", release.scoop()),
        ("default.nix", release.nix()),
        ("Dockerfile", release.dockerfile()),
    ]:
        (dist / name).write_text(text)


if __name__ == "__main__":
    main()
