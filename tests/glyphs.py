"""Which glyphs a PDF's pages show: `.notdef`, the empty box for what a font lacks, must not be among them.

Not a script; `validation.py` uses it. Content streams are read with pikepdf, operator by operator. In a Type 0 font with two
bytes to the code, which is what Typst writes, code 0 is CID 0, and that is `.notdef` in every font program (ISO 32000-1,
9.7.6.3). What readers and searches get for a glyph is U+FFFD where the Unicode map says nothing; pdftotext tells.
"""
import subprocess

import pikepdf

REPLACEMENT = "\ufffd"
SHOWING = ("Tj", "'", '"', "TJ")


def shown(operands):
    """The strings of a text-showing operator."""
    for operand in operands:
        if isinstance(operand, pikepdf.String):
            yield bytes(operand)
        elif isinstance(operand, pikepdf.Array):
            yield from (bytes(part) for part in operand if isinstance(part, pikepdf.String))


def codes(font, text):
    """The codes in a shown string. Type 3 fonts, which Typst takes for colour, have one byte to the code and no `.notdef`."""
    if font.get("/Subtype") != "/Type0":
        return []
    if font.get("/Encoding") != "/Identity-H":
        raise ValueError(f"a font with the encoding {font.get('/Encoding')}")
    return [int.from_bytes(text[at : at + 2], "big") for at in range(0, len(text), 2)]


def in_stream(stream, resources, found):
    """Counts the glyphs of a content stream and of the forms that it draws."""
    font, fonts = None, resources.get("/Font", {})
    for operands, operator in pikepdf.parse_content_stream(stream):
        operator = str(operator)
        if operator == "Tf":
            font = fonts[str(operands[0])]
        elif operator in SHOWING:
            for text in shown(operands):
                for code in codes(font, text):
                    found["glyphs"] += 1
                    if code == 0:
                        found["notdef"].append(str(font.get("/BaseFont")))
        elif operator == "Do":
            form = resources.get("/XObject", {})[str(operands[0])]
            if form.get("/Subtype") == "/Form":
                in_stream(form, form.get("/Resources", resources), found)


def faults(path, may_have_replacement):
    """What is wrong with the glyphs of a PDF, in words."""
    found = {"glyphs": 0, "notdef": []}
    with pikepdf.open(path) as pdf:
        for page in pdf.pages:
            in_stream(page, page.obj.get("/Resources", {}), found)
    complaints = [f"glyphs: .notdef of {font}" for font in sorted(set(found["notdef"]))]
    if not found["glyphs"]:
        complaints.append("glyphs: not one was found")
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout.decode()
    if REPLACEMENT in text and not may_have_replacement:
        complaints.append("glyphs: one without a character in the Unicode map (U+FFFD)")
    return complaints


def self_test(path, folder):
    """A judge that never complains is none: with its first glyph exchanged for `.notdef`, the PDF must not pass."""
    spoilt = folder / "spoilt.pdf"
    with pikepdf.open(path) as pdf:
        operators = list(pikepdf.parse_content_stream(pdf.pages[0]))
        at = next(at for at, (_, operator) in enumerate(operators) if str(operator) in SHOWING)
        operators[at] = ([pikepdf.String(b"\0\0")], pikepdf.Operator("Tj"))
        pdf.pages[0].Contents = pdf.make_stream(pikepdf.unparse_content_stream(operators))
        pdf.save(spoilt)
    return [] if any(".notdef" in line for line in faults(spoilt, False)) else [f"{path.name} with .notdef in it was passed"]
