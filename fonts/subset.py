#!/usr/bin/env python3
"""Make every font file of this folder again, byte for byte.

What it needs (see README.md for the commands):
  --noto-cjk DIR   the folder of the .ttc files of Debian's fonts-noto-cjk
  --noto-core DIR  the folder of the .ttf files of Debian's fonts-noto-core
  --npm DIR        a node_modules folder with the @expo-google-fonts packages
  --crate DIR      the unpacked crate typst-assets
  --out DIR        where to write (default: the folder of this script)
  --han NAME       which Han characters: level1, gb2312 or wide (default: wide)
  --check          write nothing; compare with SHA256SUMS and fail on a difference

Only fontTools is used. Nothing is read from the network, no clock is read.
"""

import argparse
import hashlib
import io
import os
import sys
from pathlib import Path

# 2026-01-01T00:00:00Z, used by fontTools wherever it would read the clock.
EPOCH = 1767225600
os.environ["SOURCE_DATE_EPOCH"] = str(EPOCH)

import fontTools  # noqa: E402
from fontTools import subset  # noqa: E402
from fontTools.cffLib import SubrsIndex  # noqa: E402
from fontTools.misc.psCharStrings import T2WidthExtractor, calcSubrBias  # noqa: E402
from fontTools.misc.timeTools import epoch_diff  # noqa: E402
from fontTools.ttLib import TTFont  # noqa: E402

FONTTOOLS = "4.68.0"
MODIFIED = EPOCH - epoch_diff  # seconds since 1904

# --------------------------------------------------------------------------
# The Han characters

# Characters of personal names that GB 2312 lacks (or that people expect it to lack).
NAMES = "镕喆堃玥祎瑄" "珺旸翀赟燊垚玚瑀甯璟煊昇淼琎玙珩玘珅璘翙晞昉曈旻暐晔祾禛祺颢骎骢彧翃翾麐奡奭亹甡犇骉羴劼勍堉墉埕"

# Traditional forms used in Hong Kong and in older print that Big5 level 1 lacks.
VARIANTS = "裏爲衆羣麪衞綫牀竈啓峯鉢汙艷銹喦濶強鷄"


def gb2312(first_row, last_row):
    """The characters of these rows of GB 2312, by Python's own table."""
    out = set()
    for row in range(first_row, last_row + 1):
        for cell in range(1, 95):
            try:
                out.add(bytes([row + 160, cell + 160]).decode("gb2312"))
            except UnicodeDecodeError:
                pass
    return out


def big5_level1():
    """The 5,401 frequently used characters of Big5 (A440 to C67E)."""
    out = set()
    for code in range(0xA440, 0xC67F):
        try:
            out.add(code.to_bytes(2, "big").decode("big5"))
        except UnicodeDecodeError:
            pass
    return out


LEVEL1 = gb2312(16, 55)
LEVEL2 = gb2312(56, 87)
BIG5_1 = big5_level1()

# Frequent traditional characters of office labels, for the smaller sets.
LABELS = (
    "會議紀錄決議案單號簽發報請閱覆辦處關於應將學習組織機構務員長級別內容時間開結參與經過討論審"
    "見聽取說明總體實動態計劃預備負責監督檢查產業財稅費額幣億萬圓個幾種類項條項編號頁頭題標檔"
    "電話傳真郵寄區縣鄉鎮國際聯繫絡網頻視點線團隊黨軍衛醫藥療養護殘疾婦兒歲齡勞資職稱謂歷曆證書"
    "約據擬訂閱讀寫為無從後來對當這還進選舉獎懲規則範圍規劃圖紙張樓門車場館廳縣農漁礦鐵鋼銀買賣"
    "價貿貨運輸轉換遞達適遠隨頒佈佈達續確認許諾響應雙邊難題類韓國際陽陰雲霧風飛馬龍鳳鳥魚麥黃齊"
)


def han_characters(which):
    chars = LEVEL1 | set(NAMES) | set(VARIANTS) | set(LABELS)
    if which in ("gb2312", "wide"):
        chars |= LEVEL2
    if which == "wide":
        chars |= BIG5_1
    return chars


def symbols_for_han():
    """Everything that is not a Han character: punctuation, kana, full-width forms, ASCII."""
    points = set()
    for first, last in (
        (0x0020, 0x007E),  # ASCII, so that a run of the face alone never fails
        (0x00A0, 0x00A0),
        (0x2460, 0x24FF),  # circled and bracketed numbers and letters
        (0x2E3A, 0x2E3B),  # two- and three-em dashes
        (0x3000, 0x303F),  # CJK symbols and punctuation, with 〇 〔 〕
        (0x3040, 0x309F),  # hiragana
        (0x30A0, 0x30FF),  # katakana
        (0x3100, 0x312F),  # bopomofo
        (0x31F0, 0x31FF),  # small katakana
        (0x3200, 0x32FF),  # enclosed CJK letters and months, with ㈠ and ㊙
        (0x3300, 0x33FF),  # CJK compatibility, with ㎡ and ㎏
        (0xFE10, 0xFE1F),  # vertical forms
        (0xFE30, 0xFE4F),
        (0xFF00, 0xFFEF),  # full-width and half-width forms
    ):
        points.update(range(first, last + 1))
    # Hangul belongs to a Korean face, not here.
    points -= set(range(0x3200, 0x321F)) | set(range(0x3260, 0x3280)) | set(range(0xFFA0, 0xFFDD))
    points.update(ord(c) for c in "‘’“”–—―…‥‧·•※℃℉№℡™©®°±×÷§¶¥€£¢‰′″→←↑↓⇒⇔≤≥≠≈∞∑√∶⋯□■○●◎△▲▽▼◇◆☆★")
    # The symbols of GB 2312, but no box drawing: half of that block would not join
    # with the other half from the mono face.
    points.update(ord(c) for c in gb2312(1, 9) if not 0x2500 <= ord(c) <= 0x257F)
    return points


# --------------------------------------------------------------------------
# Symbol faces: what of them is kept

SYMBOLS = [(0x0020, 0x0020), (0x00A0, 0x00A0), (0x2000, 0x2BFF), (0x2E00, 0x2E7F), (0x1F100, 0x1F1FF)]
SYMBOLS2 = SYMBOLS + [(0x1F300, 0x1F8FF), (0x1F900, 0x1F9FF)]
MATH = SYMBOLS + [
    (0x0021, 0x007E),
    (0x00A1, 0x00FF),
    (0x0131, 0x0131),
    (0x0237, 0x0237),
    (0x0300, 0x03FF),
    (0x1D400, 0x1D7FF),
]

# Scripts whose faces are taken as they are, serif and sans; Arabic beside them, whose serif is a Naskh.
SCRIPTS = ("Devanagari", "Hebrew", "Thai")

# --------------------------------------------------------------------------


def subsetter(features):
    options = subset.Options()
    options.hinting = False
    options.desubroutinize = False
    options.layout_features = features
    options.name_IDs = ["*"]
    options.name_languages = [0x409]
    options.name_legacy = False
    options.notdef_outline = True
    options.glyph_names = False
    options.recalc_timestamp = False
    options.prune_unicode_ranges = True
    return options


def save(font):
    font["head"].modified = MODIFIED
    font.recalcTimestamp = False
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def load(path, number=-1):
    return TTFont(path, fontNumber=number, lazy=True, recalcTimestamp=False)


def face_number(path, family):
    from fontTools.ttLib import TTCollection

    with TTCollection(path, lazy=True) as collection:
        for number, font in enumerate(collection):
            if font["name"].getDebugName(1) == family:
                return number
    sys.exit(f"{path.name}: no face called {family}")


def make_han(folder, kind, weight, which):
    """Noto Serif/Sans CJK SC, subset and renamed Chancery Serif/Sans Han."""
    path = folder / f"Noto{kind}CJK-{weight}.ttc"
    font = load(path, face_number(path, f"Noto {kind} CJK SC"))
    options = subsetter([])
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx", "GPOS", "GSUB", "GDEF", "DSIG"]
    tool = subset.Subsetter(options)
    tool.populate(unicodes=symbols_for_han() | {ord(c) for c in han_characters(which)})
    tool.subset(font)

    family = f"Chancery {kind} Han"
    postscript = f"Chancery{kind}Han-{weight}"
    full = family if weight == "Regular" else f"{family} {weight}"
    name = font["name"]
    source_version = name.getDebugName(5).split(";")[0]
    copyright_ = name.getDebugName(0)
    licence, licence_url = name.getDebugName(13), name.getDebugName(14)
    vendor, designer = name.getDebugName(8), name.getDebugName(9)
    name.names = []
    for number, text in (
        (0, copyright_ + f" Subset of Noto {kind} CJK SC, renamed {family}."),
        (1, family),
        (2, weight),
        (3, f"{source_version};{postscript}"),
        (4, full),
        (5, source_version),
        (6, postscript),
        (8, vendor),
        (9, designer),
        (10, f"A subset of Noto {kind} CJK SC without hints and without layout features."),
        (13, licence),
        (14, licence_url),
    ):
        if text:
            name.setName(text, number, 3, 1, 0x409)

    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    top = cff.topDictIndex[0]
    top.FullName = full
    top.FamilyName = family
    make_name_keyed(font, top)
    return save(font)


def make_name_keyed(font, top):
    """Turn the CID-keyed outlines into name-keyed ones; no outline and no width changes.

    The source keeps a dozen font dicts, for their hints. Without hints they differ in
    nothing but the usual width and the local subroutines, so they are joined into one
    and every width is written out. The reason: Typst writes a CID-keyed face into the PDF
    with an FDSelect table of format 0. That is correct, but the checker `page-validation`
    0.11.0 misreads it and calls every glyph 0 wide. Name-keyed faces go another way.
    """
    parts = list(top.FDArray)
    joined, offsets = [], []
    for part in parts:
        offsets.append(len(joined))
        joined.extend(getattr(part.Private, "Subrs", None) or [])
    new_bias = calcSubrBias(joined)

    def renumber(program, part):
        old_bias = calcSubrBias(getattr(parts[part].Private, "Subrs", None) or [])
        program = list(program)
        for at, token in enumerate(program):
            if token == "callsubr":
                program[at - 1] += old_bias + offsets[part] - new_bias
        return program

    # All widths first: they need the old numbers.
    widths = font["hmtx"]
    programs = []
    for glyph in font.getGlyphOrder():
        outline, part = top.CharStrings.getItemAndSelector(glyph)
        private = parts[part].Private
        outline.decompile()
        extractor = T2WidthExtractor(
            getattr(private, "Subrs", None) or [], top.GlobalSubrs, private.nominalWidthX, private.defaultWidthX
        )
        extractor.execute(outline)
        width = widths[glyph][0]
        program = renumber(outline.program, part)
        if extractor.width != width:
            sys.exit(f"{glyph}: width {extractor.width} in the outline, {width} in hmtx")
        if width != private.defaultWidthX:
            if program[0] != width - private.nominalWidthX:
                sys.exit(f"{glyph}: the width is not in front")
            program.pop(0)
        programs.append((outline, [width] + program))
    for routine in top.GlobalSubrs:
        routine.decompile()
        if "callsubr" in routine.program:
            sys.exit("a global subroutine calls a local one")
    renumbered = []
    for part, dict_ in enumerate(parts):
        for routine in getattr(dict_.Private, "Subrs", None) or []:
            routine.decompile()
            renumbered.append((routine, renumber(routine.program, part)))

    private = parts[0].Private
    private.defaultWidthX = 0
    private.nominalWidthX = 0
    subrs = SubrsIndex()
    for routine, program in renumbered:
        routine.setProgram(program)
        subrs.append(routine)
    private.Subrs = subrs
    for outline, program in programs:
        outline.setProgram(program)
        outline.private = private

    # Short new glyph names: they are stored in the file.
    old = font.getGlyphOrder()
    new = [".notdef"] + [f"g{number:x}" for number in range(1, len(old))]
    names = dict(zip(old, new))
    for table in font["cmap"].tables:
        table.cmap = {point: names[glyph] for point, glyph in table.cmap.items()}
    font["hmtx"].metrics = {names[glyph]: metric for glyph, metric in font["hmtx"].metrics.items()}
    strings = top.CharStrings
    strings.charStrings = {names[glyph]: at for glyph, at in strings.charStrings.items()}
    for item in (strings, strings.charStringsIndex):
        for attribute in ("fdArray", "fdSelect"):
            if hasattr(item, attribute):
                setattr(item, attribute, None)
    for attribute in ("ROS", "CIDCount", "CIDFontVersion", "FDArray", "FDSelect"):
        top.rawDict.pop(attribute, None)
        top.__dict__.pop(attribute, None)
    top.charset = new
    top.Private = strings.private = private
    font.setGlyphOrder(new)


def make_symbols(path, ranges, features):
    font = load(path)
    options = subsetter(features)
    options.drop_tables += ["vhea", "vmtx", "DSIG", "STAT"]
    tool = subset.Subsetter(options)
    points = {p for first, last in ranges for p in range(first, last + 1)}
    # Box drawing and blocks come from the mono face alone, so that the pieces join.
    tool.populate(unicodes=points - set(range(0x2500, 0x25A0)))
    tool.subset(font)
    return save(font)


def without_hints(path):
    """The whole face; all that is left out is what only screens need."""
    font = load(path)
    options = subsetter(["*"])
    options.drop_tables += ["DSIG"]
    tool = subset.Subsetter(options)
    tool.populate(unicodes=font.getBestCmap())
    tool.subset(font)
    return save(font)


def copy(path):
    return path.read_bytes()


def files(arguments):
    npm = arguments.npm / "@expo-google-fonts"
    for short, package, stem in (
        ("SourceSerif4", "source-serif-4", "SourceSerif4"),
        ("SourceSans3", "source-sans-3", "SourceSans3"),
    ):
        for style, folder in (
            ("Regular", "400Regular"),
            ("Italic", "400Regular_Italic"),
            ("Bold", "700Bold"),
            ("BoldItalic", "700Bold_Italic"),
        ):
            yield f"{short}-{style}.ttf", lambda p=package, s=stem, f=folder: copy(npm / p / f / f"{s}_{f}.ttf")
    mono = arguments.crate / "files" / "fonts"
    for name in ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"):
        yield name, lambda n=name: copy(mono / n)
    yield "NotoEmoji-Regular.ttf", lambda: copy(npm / "noto-emoji/400Regular/NotoEmoji_400Regular.ttf")
    for name, package, ranges, features in (
        ("NotoSansMath", "noto-sans-math", MATH, ["*"]),
        ("NotoSansSymbols", "noto-sans-symbols", SYMBOLS, ["mark", "mkmk", "ccmp"]),
        ("NotoSansSymbols2", "noto-sans-symbols-2", SYMBOLS2, ["mark", "mkmk", "ccmp"]),
    ):
        yield f"{name}-Regular.ttf", lambda n=name, p=package, r=ranges, f=features: make_symbols(
            npm / p / "400Regular" / f"{n}_400Regular.ttf", r, f
        )
    for weight in ("Regular", "Bold"):
        yield f"NotoSans-{weight}.ttf", lambda w=weight: without_hints(arguments.noto_core / f"NotoSans-{w}.ttf")
    for name in ("NaskhArabic", "SansArabic", *(kind + script for script in SCRIPTS for kind in ("Serif", "Sans"))):
        for weight in ("Regular", "Bold"):
            yield f"Noto{name}-{weight}.ttf", lambda n=name, w=weight: copy(arguments.noto_core / f"Noto{n}-{w}.ttf")
    for kind in ("Serif", "Sans"):
        for weight in ("Regular", "Bold"):
            yield f"Chancery{kind}Han-{weight}.otf", lambda k=kind, w=weight: make_han(
                arguments.noto_cjk, k, w, arguments.han
            )


def main():
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--noto-cjk", type=Path, default=Path("/usr/share/fonts/opentype/noto"))
    parser.add_argument("--noto-core", type=Path, default=Path("/usr/share/fonts/truetype/noto"))
    parser.add_argument("--npm", type=Path, required=True)
    parser.add_argument("--crate", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=here)
    parser.add_argument("--han", choices=("level1", "gb2312", "wide"), default="wide")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if fontTools.version != FONTTOOLS:
        print(f"warning: made with fontTools {FONTTOOLS}, this is {fontTools.version}", file=sys.stderr)

    lines, total = [], 0
    for name, make in files(arguments):
        data = make()
        total += len(data)
        lines.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
        print(f"{len(data):>9}  {name}", flush=True)
        if not arguments.check:
            (arguments.out / name).write_bytes(data)
    lines.sort(key=lambda line: line.split()[1])
    print(f"{total:>9}  together; {len(han_characters(arguments.han))} Han characters asked for")
    sums = "".join(lines)
    if arguments.check:
        if sums != (here / "SHA256SUMS").read_text():
            sys.exit("differs from SHA256SUMS")
        print("the same as SHA256SUMS")
    else:
        (arguments.out / "SHA256SUMS").write_text(sums)


if __name__ == "__main__":
    main()
