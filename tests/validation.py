#!/usr/bin/env python3
"""The pages are what they say they are: every example's PDF is valid PDF/A-3a and PDF/UA-1, and the same each time.

Renders every example of every document type, the sample drops, and a note in scripts that only the machine's fonts have:
once with the built-in fonts alone, once with the machine's too, each in two processes. Each PDF must be sound (qpdf),
conform to PDF/A-3a and PDF/UA-1 (page-validation, which is not made by those who wrote the PDF), have all its fonts
embedded, and have the same bytes both times. Nothing is written outside a temporary folder.

One report of page-validation 0.11.0 is measured again before it counts: of an embedded CFF font that is CID-keyed, such as
Noto CJK, it reads no widths (it says 0.000) and so finds them unlike those in the PDF. Such a report is dropped if fontTools,
reading the same font program, finds each glyph exactly as wide as the PDF says; how many were dropped is printed.

    validation.py --chancery target/debug/chancery

Needs: qpdf, pdffonts, and the packages of requirements.txt.
"""
import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import page
import pikepdf
from fontTools.cffLib import CFFFontSet
from fontTools.pens.basePen import NullPen

REPOSITORY = Path(__file__).resolve().parent.parent
NOTES = (".md", ".txt", ".yaml", ".yml", ".toml", ".json")
PROFILES = ("3a", "ua1")
WIDTH_RULES = ("PDFA3A-TRUETYPE-GLYPH-WIDTH-001", "PDFUA1-FONT-GLYPH-WIDTH-001")
UNREAD_WIDTH = "width 0.000 in its embedded CIDFontType0C program"
# Outside the built-in Han faces: rare Han, Japanese and Korean; their faces are CID-keyed and set in the machine's fonts.
FAR_SCRIPTS = "# 會議記錄\n\n鱻龘靐 **魑魅魍魉** *饕餮*\n\n- 日本語のテスト、カタカナ、**図書館**\n- 한국어 회의록\n"
NOW = "2026-11-23T09:00:00Z"


def drops(folder):
    """Every note to render, as (type or nothing, path) in a copy of the repository's examples."""
    found = []
    for case in sorted((REPOSITORY / "templates").glob("*/examples/*")):
        copy = folder / f"{case.parent.parent.name}-{case.name}"
        shutil.copytree(case, copy)
        found += [(case.parent.parent.name, note) for note in sorted(copy.glob("note.*")) if note.suffix in NOTES]
    shutil.copytree(REPOSITORY / "examples/inbox", folder / "samples")
    found += [(None, note) for note in sorted((folder / "samples").rglob("*")) if note.suffix in NOTES]
    return found


def office(folder, fonts):
    (folder / "inbox").mkdir(parents=True)
    text = (REPOSITORY / "examples/chancery.toml").read_text()
    assert "[fonts]" not in text, "the samples' configuration names fonts itself"
    (folder / "chancery.toml").write_text(text + (f"\n[fonts]\nfolders = {json.dumps(fonts)}\n" if fonts is not None else ""))
    return folder


def render(chancery, office, out, document_type, notes):
    """The PDFs of some notes of one type by the paths they have below `out`, and what could not be rendered."""
    out.mkdir(parents=True, exist_ok=True)
    pdfs, bad = {}, []
    # Each note has a folder of its own: many are called `note.md`.
    for note in notes:
        place = out / f"{note.parent.name}-{note.stem}"
        command = [chancery, "--json", "--now", NOW, "--office", office, "render", note, "-o", f"{place}{os.sep}"]
        done = subprocess.run(command + (["--type", document_type] if document_type else []), capture_output=True, timeout=120)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode or len(lines) != 1 or lines[0]["status"] != "rendered":
            said = lines[0].get("problem") if lines else done.stderr.decode(errors="replace")
            bad.append(f"{note.parent.name}/{note.name}: not rendered: {said}")
            continue
        pdfs.update({str(path.relative_to(out)): path for path in sorted(place.rglob("*.pdf"))})
    return pdfs, bad


def widths_in_pdf(font):
    """The widths that a CID font's `/W` gives, by CID (ISO 32000-1, 9.7.4.3)."""
    given, widths, at = list(font.get("/W", [])), {}, 0
    while at < len(given):
        first, then = int(given[at]), given[at + 1]
        if isinstance(then, pikepdf.Array):
            widths.update({first + offset: float(width) for offset, width in enumerate(then)})
            at += 2
        else:
            widths.update({cid: float(given[at + 2]) for cid in range(first, int(then) + 1)})
            at += 3
    return widths


def wrong_widths(path):
    """The glyphs of the file's CID-keyed CFF fonts that are not as wide as the PDF says, and how many were measured."""
    wrong, measured = [], 0
    with pikepdf.open(path) as pdf:
        for font in pdf.objects:
            if not isinstance(font, pikepdf.Dictionary) or font.get("/Subtype") != "/CIDFontType0":
                continue
            fonts = CFFFontSet()
            fonts.decompile(io.BytesIO(font.FontDescriptor.FontFile3.read_bytes()), None)
            program, widths = fonts[fonts.fontNames[0]], widths_in_pdf(font)
            for gid, name in enumerate(program.charset):
                # In a CID-keyed font the charset names CIDs; in any other the CID is the glyph's place.
                cid = int(name.removeprefix("cid")) if hasattr(program, "ROS") and name.startswith("cid") else gid
                glyph = program.CharStrings[name]
                glyph.draw(NullPen())
                measured += 1
                said = widths.get(cid, float(font.get("/DW", 1000)))
                if abs(glyph.width - said) > 1:
                    wrong.append(f"{font.BaseFont} CID {cid}: {glyph.width} in the font, {said} in the PDF")
    return wrong, measured


def conformance(path, profile):
    """The failures that page-validation finds and that hold, and how many did not hold."""
    report = page.validate_pdf(str(path), profile=profile)
    real = [failure for failure in report.failures if not (failure.rule_id in WIDTH_RULES and UNREAD_WIDTH in failure.message)]
    dropped = len(report.failures) - len(real)
    found = sorted({f"{failure.rule_id}: {failure.message}" for failure in real})
    if dropped:
        wrong, measured = wrong_widths(path)
        found += wrong or ([] if measured else [f"{profile}: widths were doubted, but there is no CFF font to measure"])
    if not report.is_compliant and not report.failures:
        found.append(f"{profile}: does not conform, no reason given")
    return found, dropped


def faults(path):
    """What is wrong with one PDF, in words; and how many reports of it did not hold."""
    found, dropped = [], 0
    qpdf = subprocess.run(["qpdf", "--check", path], capture_output=True)
    if qpdf.returncode:
        found.append(f"qpdf: {(qpdf.stdout + qpdf.stderr).decode(errors='replace').strip().splitlines()[-1]}")
    for profile in PROFILES:
        real, untrue = conformance(path, profile)
        found += real
        dropped += untrue
    listed = subprocess.run(["pdffonts", path], capture_output=True, check=True).stdout.decode().splitlines()[2:]
    if not listed:
        found.append("pdffonts: no font at all")
    # The columns from the right: object (2), Unicode map, subset, embedded.
    found += [f"pdffonts: not embedded: {line}" for line in listed if line.split()[-5] != "yes"]
    found += [f"pdffonts: no Unicode map: {line}" for line in listed if line.split()[-3] != "yes"]
    return found, dropped


def round_of(chancery, folder, name, fonts, notes):
    """Renders everything twice and examines it; the number of PDFs, and complaints."""
    house = office(folder / f"office-{name}", fonts)
    made = []
    for turn in ("first", "second"):
        out = folder / f"{name}-{turn}"
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(lambda drop: render(chancery, house, out, drop[0], [drop[1]]), notes))
        made.append({key: path for pdfs, _ in results for key, path in pdfs.items()})
        complaints = [line for _, bad in results for line in bad]
    first, second = made
    if first.keys() != second.keys():
        complaints.append(f"not the same files twice: {sorted(first.keys() ^ second.keys())}")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        examined = dict(zip(first, pool.map(faults, first.values())))
    found = {key: lines for key, (lines, _) in examined.items()}
    dropped = sum(untrue for _, untrue in examined.values())
    for key, path in first.items():
        if key in second and path.read_bytes() != second[key].read_bytes():
            found[key].append("not the same bytes in two processes")
    good = sum(not lines for lines in found.values())
    complaints += [f"{key}: {line}" for key, lines in found.items() for line in lines]
    print(f"{name}: {len(first)} PDFs, {good} valid" + (f" ({dropped} reports of widths measured and dropped)" if dropped else ""), flush=True)
    return good, [f"{name}: {line}" for line in complaints]


def far_fonts():
    """The folders in which the machine keeps faces for all of Chinese, Japanese and Korean."""
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts"]
    return any(found for folder in folders for found in folder.rglob("*CJK*"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chancery", type=Path, required=True)
    chancery = parser.parse_args().chancery.resolve()
    with tempfile.TemporaryDirectory(prefix="chancery-validation-") as folder:
        folder = Path(folder)
        notes = drops(folder / "drops")
        good, bad = round_of(chancery, folder, "built-in fonts", [], notes)
        if far_fonts():
            far = folder / "drops/far-scripts/note.md"
            far.parent.mkdir()
            far.write_text(FAR_SCRIPTS)
            notes.append(("document", far))
        else:
            print("skipped: the scripts that only the machine's fonts have: no CJK fonts on this machine")
        more, worse = round_of(chancery, folder, "the machine's fonts", None, notes)
    print("".join(f"  BAD: {line}\n" for line in bad + worse), end="")
    print(f"{good + more} passed, {len(bad + worse)} failed")
    sys.exit(1 if bad or worse else 0)


if __name__ == "__main__":
    main()
