#!/usr/bin/env python3
"""The pages look as they did: draws a fixed set of documents and compares each page with a stored picture of it.

A page has changed if somewhere on it a square of 8 × 8 pixels differs more than antialiasing does, or if there are more or
fewer pages. Then a picture with the stored page, the page as it is now and the difference between them is written to
target/check/pages/, and its path is printed. Whoever wanted the change looks at those and accepts it:

    ./check pages           compares
    ./check accept-pages    stores what has changed as it is now

The pictures do not depend on the machine's fonts: documents are set with the built-in ones alone. Where a script is not
among those, the very font file with which its picture was drawn has to be there, else the document is skipped, which is said.
"""
import argparse
import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

import papers
from PIL import Image, ImageChops, ImageDraw, ImageOps

STORED = papers.REPOSITORY / "tests/pages/references"
SHOWN = papers.REPOSITORY / "target/check/pages"
PPI = 60
SQUARE = 8
# The mean difference of a square, of 255. Storing in 256 colours makes up to 6; another letter makes 30 and more.
TOLERANCE = 12
# How the SHA-256 of the files begins with which pages in scripts that no built-in font has were drawn.
DIGESTS = {"ja": "a04178ec485d"}


# What is drawn in the languages that have no picture of every type.
ELSEWHERE = {"de": ("letter",), "fr": ("letter",), "ar": ("minutes", "letter"), "ja": ("letter",)}


def documents():
    """What is drawn: name → (type or nothing, note, house, language of the fonts that are needed or nothing)."""
    found = {}
    for kind, note in papers.hard_cases():
        found[note.parent.name] = (kind, note, papers.HOUSES[0], None)
    for kind, note in papers.in_every_language():
        tag = note.parent.name
        # Every type in every house in English and Chinese; the other languages where they look different.
        houses = papers.HOUSES if tag in ("en", "zh") else papers.HOUSES[:1] if kind in ELSEWHERE.get(tag, ()) else ()
        for house in houses:
            found[f"{tag}-{kind}-{house}"] = (kind, note, house, tag if tag in papers.FONTS_OF else None)
    for kind, example in (("minutes", "board-english-chinese"), ("notice", "official-chinese"), ("annual-summary", "operations")):
        note = papers.notes_in(papers.REPOSITORY / "templates" / kind / "examples" / example)[0]
        found[f"{kind}-{example}"] = (kind, note, "official" if "official" in example else papers.HOUSES[0], None)
    return found


def fonts_for(language):
    """The folders with the fonts of a language; nothing if this machine lacks them or has others."""
    if language is None:
        return []
    found = papers.machine_has(papers.FONTS_OF[language])
    return [found.parent] if found and hashlib.sha256(found.read_bytes()).hexdigest().startswith(DIGESTS[language]) else None


def pictures(chancery, folder, name, document):
    """The pages of a document as they are now, by name; or why it was skipped; or why it failed."""
    kind, note, house, language = document
    fonts = fonts_for(language)
    if fonts is None:
        return {}, f"skipped: {name}: {papers.FONTS_OF[language]} is not on this machine, or another version of it", None
    office = papers.office(folder / "offices" / name, fonts, house)
    paths, problem = papers.render(chancery, office, folder / name, kind, note, ("--png", "--ppi", str(PPI)))
    stem = note.stem
    return {f"{name}{path.stem.removeprefix(stem)}": Image.open(path).convert("RGB") for path in paths}, None, problem


def difference(stored, now):
    """How far the squares of two pages differ, of 255, as a small grey picture; None if they have not the same size."""
    if stored.size != now.size:
        return None
    bands = ImageChops.difference(stored, now).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return most.reduce(SQUARE)


def side_by_side(name, stored, now):
    """Writes the picture of what has changed, and gives its path. A page that is not there is an empty one."""
    size = (now or stored).size
    blank = Image.new("RGB", size, "#dddddd")
    stored, now = stored or blank, now or blank
    sheet = Image.new("RGB", (stored.width + 2 * now.width + 40, max(stored.height, now.height) + 30), "#888888")
    faded = Image.blend(ImageOps.grayscale(now).convert("RGB"), Image.new("RGB", now.size, "white"), 0.6)
    squares = difference(stored, now)
    if squares is not None:
        changed = squares.point(lambda value: 110 if value > TOLERANCE else 0).resize(
            (squares.width * SQUARE, squares.height * SQUARE), Image.Resampling.NEAREST
        ).crop((0, 0, *now.size))
        faded.paste(Image.new("RGB", now.size, "#d00000"), mask=changed)
    place = 10
    for title, picture in (("stored", stored), ("now", now), ("difference", faded)):
        ImageDraw.Draw(sheet).text((place, 4), f"{name}: {title}", "white")
        sheet.paste(picture, (place, 20))
        place += picture.width + 10
    SHOWN.mkdir(parents=True, exist_ok=True)
    sheet.save(SHOWN / f"{name}.png")
    return SHOWN / f"{name}.png"


def judged(name, now):
    """What has changed about a page, in words, or nothing."""
    path = STORED / f"{name}.png"
    stored = Image.open(path).convert("RGB") if path.exists() else None
    if stored is None or now is None:
        said = "a page that was not there before" if stored is None else "a page is no longer there"
    else:
        squares = difference(stored, now)
        if squares is None:
            said = f"the page was {stored.width} × {stored.height} pixels and is {now.width} × {now.height}"
        else:
            changed = sum(squares.histogram()[TOLERANCE + 1 :])
            if not changed:
                return None
            said = f"{changed} squares differ, by up to {squares.getextrema()[1]} of 255"
    return f"{name}: {said}: {side_by_side(name, stored, now)}"


def store(name, now):
    path = STORED / f"{name}.png"
    if now is None:
        path.unlink()
        return
    STORED.mkdir(parents=True, exist_ok=True)
    now.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chancery", type=Path, required=True)
    parser.add_argument("--accept", action="store_true", help="store what has changed as it is now")
    arguments = parser.parse_args()
    chancery = arguments.chancery.resolve()
    shutil.rmtree(SHOWN, ignore_errors=True)
    now, skipped, bad = {}, [], []
    with tempfile.TemporaryDirectory(prefix="chancery-pages-") as folder:
        wanted = documents()
        drawn = papers.each(lambda item: pictures(chancery, Path(folder), *item), wanted.items())
    for name, (pages, skip, problem) in zip(wanted, drawn):
        now |= pages
        skipped += [name] if skip else []
        bad += [f"{name}: not rendered: {problem}"] if problem else []
        if skip:
            print(skip)
    # Of a document that was skipped the stored pages stay.
    stored = {path.stem for path in STORED.glob("*.png")}
    gone = {name: None for name in sorted(stored - now.keys()) if not any(name == left or name.startswith(f"{left} (") for left in skipped)}
    changed = {name: said for name, page in (now | gone).items() if (said := judged(name, page))}
    if arguments.accept:
        for name in changed:
            store(name, now.get(name))
        left = [said for name in changed if name in now and (said := judged(name, now[name]))]
        bad += [f"stored in few colours it is not the same page any more: {said}" for said in left]
        print("".join(f"accepted: {said}\n" for said in changed.values()), end="")
    else:
        bad += changed.values()
    print("".join(f"  BAD: {line}\n" for line in bad), end="")
    if bad and not arguments.accept:
        print("If these changes are wanted: look at the pictures, then ./check accept-pages")
    print(f"{len(now) if arguments.accept else len(now.keys() - changed.keys())} passed, {len(bad)} failed")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
