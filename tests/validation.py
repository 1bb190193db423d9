#!/usr/bin/env python3
"""The pages are what they say they are: PDFs of every type, house and language are valid PDF/A-3a and PDF/UA-1, the same each time.

Renders the examples of every type, the sample drops, what is hard to set, and a note of every type in every language, in
every house, each in two processes: with the built-in fonts alone, or with the machine's too. Each PDF must be sound (qpdf),
conform to PDF/A-3a and PDF/UA-1 (page-validation, which is not made by those who wrote the PDF), have all its fonts
embedded, show no glyph for what a font lacks (glyphs.py), and have the same bytes both times. Nothing is written outside a
temporary folder. Without `--all` it is a fixed sample: each type in each language in one house, and what once failed.

One report of page-validation 0.11.0 is measured again before it counts: of an embedded CFF font that is CID-keyed, such as
Noto CJK, it reads no widths (it says 0.000) and so finds them unlike those in the PDF. Such a report is dropped if fontTools,
reading the same font program, finds each glyph exactly as wide as the PDF says; how many were dropped is printed.

    validation.py --chancery target/debug/chancery [--all] [--corpus DIR] [--also PDF …]

With `--corpus`, the labelled documents of the corpus are judged too, one house after the other; with `--also`, PDFs that
were made elsewhere.

Needs: qpdf, pdffonts, pdftotext, and the packages of requirements.txt.
"""
import argparse
import io
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

import glyphs
import page
import papers
import pikepdf
from fontTools.cffLib import CFFFontSet
from fontTools.pens.basePen import NullPen

PROFILES = ("3a", "ua1")
WIDTH_RULES = ("PDFA3A-TRUETYPE-GLYPH-WIDTH-001", "PDFUA1-FONT-GLYPH-WIDTH-001")
UNREAD_WIDTH = "width 0.000 in its embedded CIDFontType0C program"
# Outside the built-in Han faces: rare Han, Japanese and Korean; their faces are CID-keyed and set in the machine's fonts.
FAR_SCRIPTS = "---\ntype: document\ndate: 2026-11-23\n---\n# 會議記錄\n\n鱻龘靐 **魑魅魍魉** *饕餮*\n\n- 日本語のテスト、カタカナ、**図書館**\n- 한국어 회의록\n"
# Pictures whose colours, profiles or transparency could break the standards.
PICTURES = ("alpha.png", "alpha.webp", "rgba-16.png", "ok.jpg", "turned.jpg", "ok.gif", "ok.svg", "text.svg", "profile.png", "profile.jpg",
            "profile-nonsense.png", "profile-grey.png")


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


def faults(path, may_have_replacement):
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
    return found + glyphs.faults(path, may_have_replacement), dropped


def made(chancery, office, out, notes):
    """The PDFs of some notes by the paths they have below `out`, each with its note; and what could not be rendered."""

    # Each note has a folder of its own: many are called `note.md`.
    def render(item):
        kind, note = item
        paths, problem = papers.render(chancery, office, out / f"{kind or ''} {note.parent.name} {note.stem}", kind, note)
        bad = [f"{note.parent.name}/{note.name}: not rendered: {problem}"] if problem else []
        return {str(path.relative_to(out)): (path, note) for path in paths if path.suffix == ".pdf"}, bad

    results = papers.each(render, notes)
    return {key: path for pdfs, _ in results for key, path in pdfs.items()}, [line for _, bad in results for line in bad]


def has_unprintable(text):
    """Whether a note holds what is printed as U+FFFD: broken UTF-8, control characters, or that character itself."""
    return any(letter == glyphs.REPLACEMENT or unicodedata.category(letter) == "Cc" and letter not in "\n\r\t" for letter in text)


def round_of(chancery, folder, label, house, fonts, notes):
    """Renders notes twice and examines them; the number of good PDFs, and complaints."""
    office = papers.office(folder / f"office {label}", fonts, house)
    (first, complaints), (second, _) = (made(chancery, office, folder / f"{turn} {label}", notes) for turn in ("first", "second"))
    if first.keys() != second.keys():
        complaints.append(f"not the same files twice: {sorted(first.keys() ^ second.keys())}")

    def examined(item):
        key, (path, note) = item
        lines, untrue = faults(path, has_unprintable(note.read_text(errors="replace")))
        if key in second and path.read_bytes() != second[key][0].read_bytes():
            lines.append("not the same bytes in two processes")
        return [f"{key}: {line}" for line in lines], untrue

    reports = papers.each(examined, first.items())
    if first:
        complaints += glyphs.self_test(next(iter(first.values()))[0], folder)
    good = sum(not lines for lines, _ in reports)
    dropped = sum(untrue for _, untrue in reports)
    complaints += [line for lines, _ in reports for line in lines]
    print(f"{label}: {len(first)} PDFs, {good} valid" + (f" ({dropped} reports of widths measured and dropped)" if dropped else ""), flush=True)
    return good, [f"{label}: {line}" for line in complaints]


def settable(notes):
    """Those notes in a language for which this machine has fonts, built in or its own; the others are named."""
    lacking = {tag for tag, name in papers.FONTS_OF.items() if not papers.machine_has(name)}
    for tag in sorted(lacking):
        print(f"skipped: language {tag}: {papers.FONTS_OF[tag]} is not on this machine")
    return [(kind, note) for kind, note in notes if note.parent.name not in lacking]


def pictures(folder):
    """A note that shows pictures of every kind."""
    shutil.copytree(papers.REPOSITORY / "tests/it/pictures", folder / "pictures")
    note = folder / "pictures/note.md"
    note.write_text("# Pictures\n\n2026-01-02\n\n" + "".join(f"A {name}: ![The picture]({name})\n\n" for name in PICTURES))
    return [("document", note)]


def rounds(folder, everything, corpus):
    """What is judged: label, house, folders with fonts, notes."""
    usual = papers.examples() + papers.samples() + papers.hard_cases() + pictures(folder)
    tongues = settable(papers.in_every_language())
    far = []
    if papers.machine_has(papers.FONTS_OF["ja"]):
        note = folder / "far-scripts/note.md"
        note.parent.mkdir()
        note.write_text(FAR_SCRIPTS)
        far = [(None, note)]
    labelled = [("document", note) for note in sorted((corpus / "labelled").rglob("*.md"))] if corpus else []
    count = len(papers.HOUSES)
    for at, house in enumerate(papers.HOUSES):
        # A note of each type in each language has one house; its neighbours have the others.
        mine = tongues if everything else [item for n, item in enumerate(tongues) if (n + n // len(papers.types())) % count == at]
        # What once failed, and the examples, of which a sample takes those in built-in fonts.
        if everything or at == 0:
            yield f"{house}, built-in fonts", house, [], usual
        yield f"{house}, the machine's fonts", house, None, far + mine + (usual if everything or at == 0 else papers.examples()) + labelled[at::count]


def made_elsewhere(paths):
    """Examines PDFs that are there already; the number of good ones, and complaints."""
    reports = papers.each(lambda path: [f"{path.name}: {line}" for line in faults(path, False)[0]], paths)
    good = sum(not lines for lines in reports)
    print(f"made elsewhere: {len(paths)} PDFs, {good} valid", flush=True)
    return good, [line for lines in reports for line in lines]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chancery", type=Path, required=True)
    parser.add_argument("--all", action="store_true", help="every type in every house and language")
    parser.add_argument("--corpus", type=Path, help="the folder with `labelled`")
    parser.add_argument("--also", type=Path, nargs="+", default=[], metavar="PDF", help="PDFs that were made elsewhere")
    arguments = parser.parse_args()
    good, bad = made_elsewhere(arguments.also) if arguments.also else (0, [])
    with tempfile.TemporaryDirectory(prefix="chancery-validation-") as folder:
        folder = Path(folder)
        for label, house, fonts, notes in rounds(folder, arguments.all, arguments.corpus):
            more, worse = round_of(arguments.chancery.resolve(), folder, label, house, fonts, notes)
            good += more
            bad += worse
    print("".join(f"  BAD: {line}\n" for line in bad), end="")
    print(f"{good} passed, {len(bad)} failed")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
