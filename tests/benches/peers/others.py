"""The peers: how each is installed, what it reads, and how it makes many documents with every core.

Each is used as its own users would who want many files: WeasyPrint kept open, one process for each core; LibreOffice with all files in one
call, one profile for each core; Typst, pandoc and LaTeX a process for each document, one for each core at a time.
"""

import ctypes.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import content
from measure import CORES, Run, checked, fresh, two_at_a_time

TYPST_VERSION = "0.15.1"
PYTHON_PACKAGES = ["weasyprint"]
FACES = "Source"


def first_line(command):
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True, timeout=120)
    except (OSError, subprocess.SubprocessError):
        return None
    return (done.stdout or done.stderr).strip().splitlines()[0]


def shares(files):
    return [files[core::CORES] for core in range(CORES)]


def together(commands, **options):
    """Some programs at the same time: their time is that of the last; a shell starts them, so that memory is counted together."""
    lines = " ".join(f"{command} &" for command in commands)
    return checked(["bash", "-c", f"{lines} status=0; for job in $(jobs -p); do wait $job || status=1; done; exit $status"], **options)


class Peer:
    """What all have in common: a folder of inputs, one file for each document."""

    name = ""
    #: What it makes, as far as it can.
    makes = ""
    suffix = ""

    def __init__(self, workshop):
        self.workshop = workshop

    def text(self, kind, row):
        raise NotImplementedError

    def write(self, folder, kind, count):
        folder.mkdir(parents=True, exist_ok=True)
        for index in range(count):
            (folder / f"{index:06}{self.suffix}").write_text(self.text(kind, content.cells(kind, index)))

    def inputs(self, folder):
        return sorted(folder.glob(f"*{self.suffix}"))

    def environment(self):
        """The repository's fonts and no others, so that all print with the same."""
        return os.environ | {"FONTCONFIG_FILE": str(self.workshop.fontconfig()), "OSFONTDIR": str(self.workshop.faces())}


class TypstPlain(Peer):
    name, suffix = "`typst compile`, a plain document", ".typ"
    makes = "tagged PDF/A-3a"

    def version(self):
        return first_line([self.workshop.typst(), "--version"])

    def text(self, kind, row):
        return content.typst(kind, row)

    def command(self, source, out):
        fonts = ["--ignore-system-fonts", "--font-path", self.workshop.faces()]
        return [self.workshop.typst(), "compile", *fonts, "--pdf-standard", "a-3a,ua-1", "-j", "1", source, out]

    def batch(self, folder, out):
        return two_at_a_time([file.stem for file in self.inputs(folder)], self.command(folder / "{}.typ", out / "{}.pdf"))

    def cold(self, folder, out, times):
        return fresh(self.command(self.inputs(folder)[0], out / "cold.pdf"), times)


class TypstSame(TypstPlain):
    """Our own pages: the manuscripts that the program makes, as folders."""

    name, suffix = "`typst compile`, our pages", ""
    makes = "tagged PDF/A-3a + UA-1, source attached"

    def write(self, folder, kind, count):
        notes = folder.with_name(f"{folder.name}-notes")
        content.write_notes(notes, kind, count)
        folder.mkdir(parents=True, exist_ok=True)
        checked([self.workshop.bench(), "dump", notes, folder])
        for main in folder.glob("*/main.typ"):
            # Our program puts the title into the finished document, so that it enters no style.
            main.write_text('#set document(title: json("/data.json").title)\n' + main.read_text())

    def inputs(self, folder):
        return sorted(path for path in folder.iterdir() if path.is_dir())

    def command(self, source, out):
        fonts = ["--ignore-system-fonts", "--font-path", self.workshop.faces()]
        return [self.workshop.typst(), "compile", *fonts, "--pdf-standard", "a-3a,ua-1", "-j", "1", "--root", source, source / "main.typ", out]

    def batch(self, folder, out):
        return two_at_a_time([file.name for file in self.inputs(folder)], self.command(folder / "{}", out / "{}.pdf"))


class Weasy(Peer):
    name, suffix = "WeasyPrint, kept open", ".html"
    variant = "pdf/a-3a"
    makes = "tagged PDF/A-3a"

    def version(self):
        told = first_line([self.workshop.python(), "-c", "import weasyprint; print('WeasyPrint', weasyprint.__version__)"])
        return told

    def text(self, kind, row):
        return content.page_html(kind, row)

    def command(self, out):
        return [self.workshop.python(), Path(__file__).with_name("weasy.py"), out, self.variant]

    def batch(self, folder, out):
        commands = []
        for number, share in enumerate(shares(self.inputs(folder))):
            names = folder / f"share-{number}.txt"
            names.write_text("".join(f"{file}\n" for file in share))
            commands.append(" ".join(map(str, self.command(out))) + f" < {names}")
        return together(commands, env=self.environment())

    def cold(self, folder, out, times):
        one = folder / "one.txt"
        one.write_text(f"{self.inputs(folder)[0]}\n")
        return fresh(["bash", "-c", " ".join(map(str, self.command(out))) + f" < {one}"], times, env=self.environment())


class WeasyPlain(Weasy):
    name, variant, makes = "WeasyPrint, kept open, plain PDF", "plain", "plain PDF"


class Office(Peer):
    name, suffix = "LibreOffice, all files in one call", ".fodt"
    makes = "tagged PDF/A-3b"
    filter = "pdf:writer_pdf_Export:" + json.dumps({"SelectPdfVersion": {"type": "long", "value": "3"}, "UseTaggedPDF": {"type": "boolean", "value": "true"}},
                                                   separators=(",", ":"))

    def version(self):
        return first_line(["soffice", "--version"])

    def text(self, kind, row):
        return content.flat_odt(kind, row)

    def command(self, core, out, files):
        profile = f"-env:UserInstallation=file://{self.workshop.target / f'soffice-{core}'}"
        return ["soffice", profile, "--headless", "--convert-to", self.filter, "--outdir", out, *files]

    def batch(self, folder, out):
        commands = [" ".join(f"'{part}'" for part in self.command(core, out, share)) for core, share in enumerate(shares(self.inputs(folder)))]
        return together(commands, env=self.environment())

    def cold(self, folder, out, times):
        return fresh(self.command(0, out, self.inputs(folder)[:1]), times, env=self.environment())


class Latex(Peer):
    suffix = ".md"
    makes = "plain PDF"
    engine, name = "pdflatex", "pandoc + pdflatex"

    def version(self):
        pandoc, engine = first_line(["pandoc", "--version"]), first_line([self.engine, "--version"])
        return pandoc and engine and f"{pandoc}, {engine}"

    def text(self, kind, row):
        return content.pandoc(kind, row, self.engine)

    def command(self, source, out):
        return ["pandoc", source, "-o", out, f"--pdf-engine={self.engine}"]

    def batch(self, folder, out):
        return two_at_a_time([file.stem for file in self.inputs(folder)], self.command(folder / "{}.md", out / "{}.pdf"), env=self.environment(),
                             cwd=out)

    def cold(self, folder, out, times):
        return fresh(self.command(self.inputs(folder)[0], out / "cold.pdf"), times, env=self.environment(), cwd=out)


class Xelatex(Latex):
    engine, name = "xelatex", "pandoc + xelatex"


ALL = {"typst": TypstPlain, "typst-same": TypstSame, "weasyprint": Weasy, "weasyprint-plain": WeasyPlain, "libreoffice": Office, "pdflatex": Latex,
       "xelatex": Xelatex}


class Workshop:
    """Where peers are installed, below `target/`, and the bench binary beside which they are measured."""

    def __init__(self, repository, bench):
        self.repository, self._bench = repository, bench
        self.target = repository / "target/peers"
        self.target.mkdir(parents=True, exist_ok=True)

    def bench(self):
        return self._bench

    def typst(self):
        return self.target / "bin/typst"

    def python(self):
        return self.target / "python/bin/python"

    def faces(self):
        """A folder with the faces that the documents use, and no others."""
        folder = self.target / "fonts"
        if not folder.is_dir():
            folder.mkdir()
            for file in (self.repository / "fonts").glob(f"{FACES}*"):
                shutil.copy(file, folder)
        return folder

    def fontconfig(self):
        file = self.target / "fonts.conf"
        cache = self.target / "fontconfig"
        file.write_text(f"<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'fonts.dtd'><fontconfig><dir>{self.faces()}</dir>"
                        f"<cachedir>{cache}</cachedir></fontconfig>")
        return file

    def install(self):
        """What registries have; the rest is named. Nothing here ends the script: a peer that is missing is left out."""
        attempt = lambda *command: subprocess.run([str(part) for part in command], check=False).returncode == 0
        if not self.typst().exists():
            attempt("cargo", "install", "typst-cli", "--version", TYPST_VERSION, "--locked", "--root", self.target)
        if not self.python().exists():
            attempt(sys.executable, "-m", "venv", self.target / "python")
            attempt(self.python(), "-m", "pip", "install", "--quiet", *PYTHON_PACKAGES)
        wanted = {"soffice": ["libreoffice-writer"], "pandoc": ["pandoc"], "pdflatex": ["texlive-latex-base", "texlive-latex-recommended", "lmodern"],
                  "xelatex": ["texlive-xetex", "texlive-fonts-recommended"], "pdfinfo": ["poppler-utils"]}
        missing = [package for program, packages in wanted.items() if not shutil.which(program) for package in packages]
        if not ctypes.util.find_library("harfbuzz-subset"):
            # Without it WeasyPrint takes a second for the fonts of each document.
            missing.append("libharfbuzz-subset0")
        if missing:
            as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
            attempt(*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "--no-install-recommends", *missing)
