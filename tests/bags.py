#!/usr/bin/env python3
"""An export is a bag: judged by the tools of others, and taken back whole.

Files the examples of every document type, and notes whose titles are hard on paths, into an office; exports all of it and a part of
it; and has each ZIP tested by Info-ZIP (`unzip -t`), unpacked, and validated by bagit-python, which is not made by those who wrote
the bag. What bagit-python 1.9 does not know of RFC 8493 is checked here: it does not decode `%25` in the names of a manifest, so a
bag with such names is compared with its manifest line by line, read as the RFC has it (section 2.1.3). A bag that was unpacked and
packed anew by Python, with no folder at its top, must import as the original does, to the same bytes.

    bags.py --chancery target/debug/chancery

Needs: unzip, and the packages of requirements.txt.
"""
import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import bagit

REPOSITORY = Path(__file__).resolve().parent.parent
NOW = "2026-11-23T09:00:00Z"
HARD = ["100 % sure", "50%0D and %41", "Überprüfung №7 “quoted” & <more>", "执行委员会会议纪要：第三次", "’tis a title's end …", "=1+1"]
CODES = {"%25": "%", "%0D": "\r", "%0A": "\n"}


class Checks:
    """Counts, and says what failed."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def that(self, what, good, why=""):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        if not good:
            print(f"  BAD: {what}: {why}")


def chancery(program, office, *arguments, code=0):
    command = [program, "--json", "--now", NOW, "--office", office, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=600)
    if done.returncode != code:
        sys.exit(f"{arguments}: exit code {done.returncode}: {done.stderr.decode(errors='replace')}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def new_office(folder):
    (folder / "inbox").mkdir(parents=True)
    shutil.copy(REPOSITORY / "examples/chancery.toml", folder)
    return folder


def filled(program, folder):
    """An office with the sample drops and the hard titles filed, one of them in two versions."""
    office = new_office(folder)
    shutil.copytree(REPOSITORY / "examples/inbox", office / "inbox", dirs_exist_ok=True)
    chancery(program, office, "watch", "--once")
    notes = folder / "notes"
    notes.mkdir()
    for number, title in enumerate(HARD + [HARD[0] + " again"]):
        note = notes / f"{number}.md"
        note.write_text(f"---\ntype: notice\nid: hard-{number % len(HARD)}\ndate: 2026-10-0{number + 1}\ntitle: {json.dumps(title)}\n---\nText {number}.\n")
        chancery(program, office, "file", note)
    return office


def by_the_letter(bag):
    """What is wrong with a bag, its names read as RFC 8493 says."""
    wrong, listed = [], set()
    for line in (bag / "manifest-sha256.txt").read_bytes().decode().split("\n")[:-1]:
        sha256, name = line.split("  ", 1)
        path = bag / re.sub("%25|%0D|%0A", lambda code: CODES[code.group().upper()], name, flags=re.IGNORECASE)
        listed.add(path)
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            wrong.append(f"{name} is missing or has another hash")
    found = {path for path in (bag / "data").rglob("*") if path.is_file()}
    wrong += [f"{path} is not listed" for path in found - listed]
    octets = sum(path.stat().st_size for path in found)
    if f"Payload-Oxum: {octets}.{len(found)}\n" not in (bag / "bag-info.txt").read_text():
        wrong.append("Payload-Oxum does not fit")
    for line in (bag / "tagmanifest-sha256.txt").read_text().splitlines():
        sha256, name = line.split("  ", 1)
        if hashlib.sha256((bag / name).read_bytes()).hexdigest() != sha256:
            wrong.append(f"{name} has another hash")
    return wrong


def judge(checks, name, archive, folder):
    """Unpacks a ZIP, has it judged, and gives its bag."""
    tested = subprocess.run(["unzip", "-tq", archive], capture_output=True)
    checks.that(f"{name}: unzip -t", tested.returncode == 0, tested.stdout.decode(errors="replace"))
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
        checks.that(f"{name}: one time for all", {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)})
    tops = list(folder.iterdir())
    checks.that(f"{name}: one folder at the top", len(tops) == 1 and tops[0].is_dir(), tops)
    bag = tops[0]
    wrong = by_the_letter(bag)
    checks.that(f"{name}: as RFC 8493 has it", not wrong, wrong)
    names = (bag / "manifest-sha256.txt").read_text()
    if "%" not in names:
        try:
            bagit.Bag(str(bag)).validate()
            checks.that(f"{name}: bagit-python", True)
        except bagit.BagError as error:
            checks.that(f"{name}: bagit-python", False, error)
    return bag


def archive_of(office):
    """The archive's files with their bytes, without locks."""
    root = office / "archive"
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files if not path.relative_to(root).parts[0].startswith(".")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chancery", type=Path, required=True)
    program = parser.parse_args().chancery.resolve()
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="chancery-bags-") as folder:
        folder = Path(folder)
        office = filled(program, folder / "office")
        chancery(program, office, "export", folder / "whole.zip")
        chancery(program, office, "export", folder / "again.zip")
        checks.that("whole: the same bytes twice", (folder / "whole.zip").read_bytes() == (folder / "again.zip").read_bytes())
        whole = judge(checks, "whole", folder / "whole.zip", folder / "unpacked-whole")
        checks.that("whole: names with a percent sign are among them", "%25" in (whole / "manifest-sha256.txt").read_text())
        for name, choice in [("minutes", ["--type", "minutes"]), ("speeches of the winter", ["--type", "speech", "--from", "2026-11-01"])]:
            chancery(program, office, "export", *choice, folder / f"{name}.zip")
            judge(checks, name, folder / f"{name}.zip", folder / f"unpacked-{name}")

        back = new_office(folder / "back")
        summary = chancery(program, back, "import", folder / "whole.zip")[-1]
        checks.that("whole: restored", summary["restored"] and archive_of(back) == archive_of(office), summary)
        chancery(program, back, "export", folder / "returned.zip")
        checks.that("whole: exported the same again", (folder / "returned.zip").read_bytes() == (folder / "whole.zip").read_bytes())

        with zipfile.ZipFile(folder / "repacked.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(whole.rglob("*")):
                packed.write(path, path.relative_to(whole))
        repacked = new_office(folder / "repacked")
        chancery(program, repacked, "import", folder / "repacked.zip")
        checks.that("packed anew by Python: restored", archive_of(repacked) == archive_of(office))

        # Unpacked, the payload is an archive that the program works with as it stands.
        (whole / "data/inbox").mkdir()
        listed = [chancery(program, place, "list", "--all") for place in (office, whole / "data")]
        checks.that("unpacked: lists the same", listed[0] == listed[1])
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
