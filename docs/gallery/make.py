#!/usr/bin/env python3
"""Makes the pictures of the gallery: a document of each type in each house, and some in other languages.

    ./check gallery

The clock stands still and Pillow is the one of tests/requirements.txt, so that the same program gives the same pictures.
The machine's fonts are used where a house or a script asks for them; README.md says which were there.
"""
import argparse
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "tests"))

import papers
from PIL import Image

PPI = 90
# So many pages of a document are shown, side by side.
PAGES = 3
GAP = 14

# The example that shows a type, the one in Chinese, and the one in the official house, which follows a Chinese custom.
SHOWN = {
    "annual-summary": ("operations", "chinese", "chinese"),
    "disposal-certificate": ("one-record", "chinese", "chinese"),
    "document": ("position-paper", "rules-chinese", "rules-chinese"),
    "letter": ("new-lease", "reply-chinese", "reply-chinese"),
    "minutes": ("executive-committee", "board-chinese", "official-chinese"),
    "notice": ("year-end-meeting", "year-end-chinese", "official-chinese"),
    "speech": ("annual-dinner", "new-year-chinese", "new-year-chinese"),
}
OFFICIAL = "official"


def documents():
    """What is shown: (name of the picture, type, note, house)."""
    for kind in papers.types():
        usual, chinese, official = (papers.REPOSITORY / "templates" / kind / "examples" / name for name in SHOWN[kind])
        for house in papers.HOUSES:
            folder = official if house == OFFICIAL else usual
            yield f"{kind}-{house}", kind, papers.notes_in(folder)[0], house
        yield f"{kind}-chinese", kind, papers.notes_in(chinese)[0], papers.HOUSES[0]
    for folder in sorted((HERE / "notes").iterdir()):
        yield folder.name, None, papers.notes_in(folder)[0], papers.HOUSES[0]


def sheet(pages):
    """The first pages side by side on grey, in few colours."""
    pictures = [Image.open(page).convert("RGB") for page in pages]
    width, height = sum(picture.width + GAP for picture in pictures) + GAP, max(picture.height for picture in pictures) + 2 * GAP
    whole, place = Image.new("RGB", (width, height), "#b8b8b8"), GAP
    for picture in pictures:
        whole.paste(picture, (place, GAP))
        place += picture.width + GAP
    return whole.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def chosen(paths):
    """The pages that are shown of a document: the first ones of its first file, and the first of the others."""
    first = [path for path in paths if "(press" not in path.name]
    others = [path for path in paths if path not in first and "page" not in path.name]
    return first[: PAGES - len(others)] + others


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chancery", type=Path, required=True)
    chancery = parser.parse_args().chancery.resolve()
    with tempfile.TemporaryDirectory(prefix="chancery-gallery-") as folder:
        folder = Path(folder)

        def made(document):
            name, kind, note, house = document
            paths, problem = papers.render(
                chancery, papers.office(folder / "offices" / name, None, house), folder / name, kind, note, ("--png", "--ppi", str(PPI))
            )
            if problem:
                return f"{name}: not rendered: {problem}"
            sheet(chosen(paths)).save(HERE / f"{name}.png", optimize=True)
            return None

        wanted = list(documents())
        bad = [line for line in papers.each(made, wanted) if line]
    for path in HERE.glob("*.png"):
        if path.stem not in {name for name, *_ in wanted}:
            path.unlink()
    size = sum(path.stat().st_size for path in HERE.glob("*.png"))
    print("".join(f"  BAD: {line}\n" for line in bad), end="")
    print(f"{size / 1e6:.1f} MB\n{len(wanted) - len(bad)} passed, {len(bad)} failed")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
