"""The papers that the scripts in this folder look at, and how they are made: notes of every type, offices of every house.

Not a script. `validation.py` has all of them judged, `pages.py` compares some with stored pictures, `docs/gallery/make.py`
shows some.
"""
import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
NOTES = (".md", ".txt", ".yaml", ".yml", ".toml", ".json")
NOW = "2026-11-23T09:00:00Z"
# What `[style] house` may say; the first is what stands where nothing is said. Files with other names are parts of these.
NAMES = [path.stem for path in (REPOSITORY / "templates/_shared/houses").glob("*.typ")]
HOUSES = ("modern", *sorted(name for name in NAMES if re.fullmatch("[a-z0-9_]+", name) and name != "modern"))
# The languages whose script no built-in font has, and the file that serves them where it is installed.
FONTS_OF = {"ja": "NotoSerifCJK-Regular"}


def types():
    return sorted(folder.name for folder in (REPOSITORY / "templates").iterdir() if not folder.name.startswith("_"))


def languages():
    return sorted(folder.name for folder in (REPOSITORY / "tests/it/languages").iterdir())


def notes_in(folder):
    return [note for note in sorted(folder.glob("note.*")) if note.suffix in NOTES]


def examples():
    """The examples of every type, as (type, note)."""
    cases = sorted((REPOSITORY / "templates").glob("*/examples/*"))
    return [(case.parent.parent.name, note) for case in cases for note in notes_in(case)]


def samples():
    """The drops of `examples/inbox`; what type they are is seen from them."""
    return [(None, note) for note in sorted((REPOSITORY / "examples/inbox").rglob("*")) if note.suffix in NOTES]


def in_every_language():
    """One note of every type in every language, as (type, note); the language is the folder's name."""
    return [(note.stem, note) for tag in languages() for note in sorted((REPOSITORY / "tests/it/languages" / tag).glob("*.md"))]


def hard_cases():
    """What is hard to set; the notes say themselves what type they are."""
    return [(None, note) for case in sorted((REPOSITORY / "tests/pages/notes").iterdir()) for note in notes_in(case)]


def office(folder, fonts=None, house=HOUSES[0]):
    """An office of the samples' organisation. `fonts` are the folders with fonts beside the built-in ones; None: the machine's."""
    (folder / "inbox").mkdir(parents=True)
    text = (REPOSITORY / "examples/chancery.toml").read_text()
    assert "[fonts]" not in text and "[style]" not in text, "the samples' configuration sets fonts or style itself"
    if house != HOUSES[0]:
        text += f"\n[style]\nhouse = {json.dumps(house)}\n"
    if fonts is not None:
        text += f"\n[fonts]\nfolders = {json.dumps([str(folder) for folder in fonts])}\n"
    (folder / "chancery.toml").write_text(text)
    return folder


def render(chancery, office, out, document_type, note, options=()):
    """Renders one note into the folder `out`: the paths of what was written, and why there is nothing."""
    out.mkdir(parents=True, exist_ok=True)
    command = [chancery, "--json", "--now", NOW, "--office", office, "render", note, "-o", f"{out}{os.sep}", *options]
    done = subprocess.run(command + (["--type", document_type] if document_type else []), capture_output=True, timeout=120)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or len(lines) != 1 or lines[0]["status"] != "rendered":
        return [], (lines[0].get("problem") if lines else None) or done.stderr.decode(errors="replace")
    return [Path.cwd() / file["path"] for file in lines[0]["files"]], None


def each(do, items):
    """`do` of each item, as many at a time as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(do, items))


def machine_has(name):
    """Where the machine keeps a font file, whose name begins so; or nothing."""
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts"]
    return next((found for folder in folders for found in sorted(folder.rglob(f"{name}*"))), None)
