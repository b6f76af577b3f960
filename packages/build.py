#!/usr/bin/env python3
"""Makes every package of ckwh from one built program.

    python3 packages/build.py --binary target/release/ckwh --out target/packages
    python3 packages/build.py --target x86_64-unknown-linux-gnu --glibc 2.17 --build --out target/packages

Without --build it packs the program that is given. With it, the program is built as it is released: for Linux with
glibc by cargo-zigbuild, whose zig links against an old glibc, so that it runs on old systems too. Nothing is published.
"""

import argparse
import base64
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
# Packages made of the same program are the same bytes: the time of every file in them.
TIME = 1_700_000_000

# How hard what is packed is pressed: --fast, for tests, hardly presses it.
LEVEL = 9

# For each target: its name on npm, its tag on PyPI (None: by the glibc that the program needs) and Debian's name.
TARGETS = {
    "x86_64-unknown-linux-gnu": ("linux-x64", None, "amd64"),
    "aarch64-unknown-linux-gnu": ("linux-arm64", None, "arm64"),
    "x86_64-apple-darwin": ("darwin-x64", "macosx_10_12_x86_64", None),
    "aarch64-apple-darwin": ("darwin-arm64", "macosx_11_0_arm64", None),
    "x86_64-pc-windows-msvc": ("win32-x64", "win_amd64", None),
}


def cargo() -> dict:
    """What Cargo.toml says of the package."""
    command = ["cargo", "metadata", "--format-version=1", "--no-deps", "--offline"]
    return json.loads(subprocess.check_output(command, cwd=ROOT))["packages"][0]


def symbol_versions(binary: Path) -> list[tuple[int, ...]]:
    """The versions of glibc that a program needs, the highest last; none for a static one."""
    said = subprocess.run(["readelf", "--version-info", "--wide", binary], capture_output=True, text=True)
    found = {tuple(map(int, text.split("."))) for text in re.findall(r"GLIBC_([0-9.]+)", said.stdout)}
    # Addresses that are packed are unpacked from this version on.
    if "GLIBC_ABI_DT_RELR" in said.stdout:
        found.add((2, 36))
    return sorted(found)


class Package:
    """The program with what goes along with it."""

    def __init__(self, binary: Path, target: str, out: Path):
        self.binary, self.target, self.out = binary, target, out
        self.about = cargo()
        self.version = self.about["version"]
        self.exe = ".exe" if "windows" in target else ""
        self.npm, self.tag, self.debian = TARGETS[target]
        is_linux = "linux" in target
        self.glibc = (symbol_versions(binary) or [None])[-1] if is_linux else None
        self.name = f"ckwh-{self.version}-{target}"
        if is_linux and self.glibc is None:
            self.name += "-static"

    def path(self, name: str) -> Path:
        return self.out / name

    def beside(self) -> list[tuple[str, Path]]:
        """What stands beside the program in every archive, by its name there."""
        files = [(name, ROOT / name) for name in ("README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE")]
        completions = [path for path in sorted((ROOT / "completions").rglob("*")) if path.is_file()]
        kept = [path for path in completions if path.suffix != ".sh"]
        return files + [(str(path.relative_to(ROOT)), path) for path in kept]

    # --- an archive

    def archive(self) -> Path:
        files = [(f"ckwh{self.exe}", self.binary), *self.beside()]
        if self.exe:
            path = self.path(f"{self.name}.zip")
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
                for name, file in files:
                    archive.writestr(zip_entry(f"{self.name}/{name}", name.endswith(".exe")), file.read_bytes())
            return path
        path = self.path(f"{self.name}.tar.gz")
        write_tar(path, [(f"{self.name}/{name}", file.read_bytes(), name == "ckwh") for name, file in files])
        return path

    # --- npm: `ckwh`, and the program in a package of its platform

    def npm_platform(self) -> Path:
        system, cpu = self.npm.split("-")
        about = {
            "name": f"@ckwh/{self.npm}",
            "version": self.version,
            "description": f"The program of ckwh for {self.npm}",
            **self.npm_common(),
            "os": [system],
            "cpu": [cpu],
            # A program of glibc does not run on musl.
            **({"libc": ["glibc"]} if self.glibc else {}),
        }
        program = (f"package/bin/ckwh{self.exe}", self.binary.read_bytes(), True)
        return self.npm_pack(f"ckwh-{self.npm}", about, [program])

    def npm_main(self) -> Path:
        about = {
            "name": "ckwh",
            "version": self.version,
            "description": self.about["description"],
            **self.npm_common(),
            "keywords": self.about["keywords"],
            "bin": {"ckwh": "bin/ckwh.js"},
            "optionalDependencies": {f"@ckwh/{row[0]}": self.version for row in TARGETS.values()},
        }
        shim = ("package/bin/ckwh.js", (HERE / "npm/ckwh.js").read_bytes(), True)
        readme = ("package/README.md", (ROOT / "README.md").read_bytes(), False)
        return self.npm_pack("ckwh", about, [shim, readme])

    def npm_common(self) -> dict:
        return {
            "license": self.about["license"],
            "repository": {"type": "git", "url": f"git+{self.about['repository']}.git"},
            "engines": {"node": ">=18"},
        }

    def npm_pack(self, name: str, about: dict, files: list) -> Path:
        path = self.path(f"{name}-{self.version}.tgz")
        write_tar(path, [("package/package.json", json.dumps(about, indent=2).encode() + b"\n", False), *files])
        return path

    # --- PyPI

    def wheel(self) -> Path:
        """As https://packaging.python.org/en/latest/specifications/binary-distribution-format/ has it."""
        tags = [f"py3-none-{tag}" for tag in self.platform_tags()]
        compressed = f"py3-none-{'.'.join(self.platform_tags())}"
        path = self.path(f"ckwh-{self.version}-{compressed}.whl")
        info, data = f"ckwh-{self.version}.dist-info", f"ckwh-{self.version}.data"
        metadata = (
            f"Metadata-Version: 2.1\nName: ckwh\nVersion: {self.version}\nSummary: {self.about['description']}\n"
            f"License: {self.about['license']}\nProject-URL: Repository, {self.about['repository']}\n"
            f"Requires-Python: >=3.7\nDescription-Content-Type: text/markdown\n\n{(ROOT / 'README.md').read_text()}"
        )
        wheel = "Wheel-Version: 1.0\nGenerator: ckwh\nRoot-Is-Purelib: false\n" + "".join(f"Tag: {tag}\n" for tag in tags)
        files = [
            (f"{data}/scripts/ckwh{self.exe}", self.binary.read_bytes(), True),
            (f"{info}/METADATA", metadata.encode(), False),
            (f"{info}/WHEEL", wheel.encode(), False),
            *((f"{info}/licenses/{name}", (ROOT / name).read_bytes(), False) for name in ("LICENSE-MIT", "LICENSE-APACHE")),
        ]
        record = "".join(f"{name},sha256={url_digest(bytes_)},{len(bytes_)}\n" for name, bytes_, _ in files)
        files.append((f"{info}/RECORD", f"{record}{info}/RECORD,,\n".encode(), False))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
            for name, bytes_, is_program in files:
                archive.writestr(zip_entry(name, is_program), bytes_)
        return path

    def platform_tags(self) -> list[str]:
        if self.tag:
            return [self.tag]
        cpu = self.target.split("-")[0]
        if self.glibc is None:
            return [f"manylinux_2_17_{cpu}", f"manylinux2014_{cpu}", f"musllinux_1_1_{cpu}"]
        tags = [f"manylinux_{self.glibc[0]}_{self.glibc[1]}_{cpu}"]
        return tags + ([f"manylinux2014_{cpu}"] if self.glibc == (2, 17) else [])

    # --- Debian

    def deb(self) -> Path:
        path = self.path(f"ckwh_{self.version}-1_{self.debian}.deb")
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "ckwh"
            place(self.binary, root / "usr/bin/ckwh", 0o755)
            place(ROOT / "completions/ckwh.bash", root / "usr/share/bash-completion/completions/ckwh")
            place(ROOT / "completions/_ckwh", root / "usr/share/zsh/vendor-completions/_ckwh")
            place(ROOT / "completions/ckwh.fish", root / "usr/share/fish/vendor_completions.d/ckwh.fish")
            for page in sorted((ROOT / "completions/man").iterdir()):
                compressed(page, root / f"usr/share/man/man1/{page.name}.gz")
            doc = root / "usr/share/doc/ckwh"
            compressed(ROOT / "CHANGELOG.md", doc / "changelog.gz")
            write(doc / "copyright", copyright_of(self.about))
            size = sum(file.stat().st_size for file in root.rglob("*") if file.is_file()) // 1024
            depends = f"Depends: libc6 (>= {'.'.join(map(str, self.glibc))})\n" if self.glibc else ""
            write(
                root / "DEBIAN/control",
                f"Package: ckwh\nVersion: {self.version}-1\nArchitecture: {self.debian}\nSection: devel\n"
                f"Priority: optional\nMaintainer: the maintainers of ckwh <{self.about['repository']}>\n"
                f"Installed-Size: {size}\n{depends}Homepage: {self.about['homepage']}\n"
                f"Description: test webhook handlers with correctly signed events\n"
                " Sends, signs, verifies, catches and replays webhooks on this machine, and says\n"
                " why a signature does not match.\n",
            )
            command = ["dpkg-deb", "--root-owner-group", *(["-Zgzip", "-z1"] if LEVEL == 1 else ["-Zxz"]), "--build", root, path]
            environment = {**os.environ, "SOURCE_DATE_EPOCH": str(TIME)}
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
        return path

    def all(self) -> list[Path]:
        self.out.mkdir(parents=True, exist_ok=True)
        made = [self.archive(), self.npm_platform(), self.npm_main(), self.wheel()]
        if self.debian and shutil.which("dpkg-deb"):
            made.append(self.deb())
        return made


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def place(source: Path, path: Path, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, path)
    path.chmod(mode)


def compressed(source: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(source.read_bytes(), mtime=0))


def copyright_of(about: dict) -> str:
    mit = "\n".join(f" {line}" if line else " ." for line in (ROOT / "LICENSE-MIT").read_text().splitlines())
    return (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
        f"Upstream-Name: ckwh\nSource: {about['repository']}\n\nFiles: *\nCopyright: the authors of ckwh\n"
        f"License: Expat or Apache-2.0\n\nLicense: Expat\n{mit}\n\n"
        "License: Apache-2.0\n On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.\n"
    )


def url_digest(bytes_: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(bytes_).digest()).rstrip(b"=").decode()


def zip_entry(name: str, is_program: bool) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=(2023, 11, 14, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (0o100755 if is_program else 0o100644) << 16
    return entry


def write_tar(path: Path, files: list[tuple[str, bytes, bool]]) -> None:
    """A .tar.gz of (name, bytes, whether it is a program)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, bytes_, is_program in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = len(bytes_), TIME, 0o755 if is_program else 0o644
            archive.addfile(entry, io.BytesIO(bytes_))
    path.write_bytes(gzip.compress(buffer.getvalue(), LEVEL, mtime=0))


def built(target: str, glibc: str | None, is_static: bool) -> Path:
    """The program as it is released."""
    environment = dict(os.environ)
    command = ["cargo", "build", "--locked", "--release", "--target", target]
    if is_static:
        # Random bytes come by the system call, as in an empty root there is no /dev/urandom. What looks for getrandom when
        # it runs does not find it in a static program.
        environment["RUSTFLAGS"] = '-C target-feature=+crt-static --cfg getrandom_backend="linux_getrandom"'
    elif glibc:
        command = ["cargo", "zigbuild", "--locked", "--release", "--target", f"{target}.{glibc}"]
    subprocess.run(command, check=True, cwd=ROOT, env=environment)
    metadata = json.loads(subprocess.check_output(["cargo", "metadata", "--format-version=1", "--no-deps"], cwd=ROOT))
    exe = ".exe" if "windows" in target else ""
    return Path(metadata["target_directory"]) / target / "release" / f"ckwh{exe}"


def checksums(out: Path) -> None:
    """SHA256SUMS of every file beside it, as `sha256sum --check` reads it."""
    files = sorted(path for path in out.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (out / "SHA256SUMS").write_text("".join(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, help="the program to pack")
    parser.add_argument("--build", action="store_true", help="build it first")
    parser.add_argument("--target", default="x86_64-unknown-linux-gnu", choices=TARGETS)
    parser.add_argument("--static", action="store_true", help="build it without any library to load")
    parser.add_argument("--glibc", help="fail where the program needs a later glibc than this")
    parser.add_argument("--out", type=Path, default=ROOT / "target/packages")
    parser.add_argument("--fast", action="store_true", help="hardly compress, for tests")
    args = parser.parse_args()
    if args.fast:
        global LEVEL
        LEVEL = 1
    if not args.build and not args.binary:
        parser.error("--binary PATH, or --build")
    binary = built(args.target, args.glibc, args.static) if args.build else args.binary
    package = Package(binary, args.target, args.out)
    if args.glibc and package.glibc and package.glibc > tuple(map(int, args.glibc.split("."))):
        raise SystemExit(f"{binary} needs glibc {'.'.join(map(str, package.glibc))}, and not {args.glibc}")
    for path in package.all():
        print(path)
    installer = (HERE / "install.sh").read_text().replace("@VERSION@", package.version)
    package.path("install.sh").write_text(installer.replace("@REPOSITORY@", package.about["repository"]))
    checksums(args.out)


if __name__ == "__main__":
    main()
