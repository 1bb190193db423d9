"""The documents that everybody makes: the same words as a note with a table of rows, and as what each peer reads.

A document is a list of blocks. `{name}` in a block's text stands for a cell of the row; a notice has few cells in much
constant text, as a mail merge has; of minutes and summaries each paragraph is the row's own.
"""

import csv
import html
import json
import random
import re
from pathlib import Path

PAGES = {"notice": 1, "minutes": 4, "summary": 12}

SUBJECTS = ("the harbour office", "the warehouse at the north quay", "the sales department", "the committee for buildings", "the new workshop",
            "the insurers", "the carrier on the coast", "the accounts department", "the school next door", "the agent in Rotterdam", "the auditors",
            "the staff of the canteen", "the maker of the racking", "the office for permits", "the crew of the second shift", "the bank")
VERBS = ("reported", "explained", "expected", "confirmed", "was told", "had found", "showed", "regretted", "noted", "maintained")
CLAUSES = ("that the figures of the quarter were better than those of the year before", "that nobody had asked for an offer in time",
           "that the lease ends in spring and cannot be renewed on the same terms", "that the price of containers had risen again since the summer",
           "that three of the five sites could be reached by rail", "that training had fallen behind the plan during the move",
           "that the work would be finished before the first frost", "that the customers noticed the change mainly on the envelope",
           "that the budget allowed for no more than one further vehicle", "that the survey of the roof was still to be paid",
           "that half of all orders now came through the portal", "that the new rule on working hours would hold from January")
ENDS = ("and asked for a decision within {n} weeks", "and named {n} reasons for it", "although {n} of the offers had come late",
        "which {n} of those present had not known before", "and put the cost at {n} thousand", "so that {n} deliveries were made a day later",
        "and promised a paper of {n} pages for the next meeting", "with {n} votes in favour and none against")
NAMES = ("Amelia Ford", "Kofi Mensah", "Priya Raman", "Chen Jie", "Zhang Wei", "Jonas Keller", "Maria Lopez", "Ines Duarte", "Tom Archer", "Yuki Mori")


def paragraph(rng, sentences):
    def sentence():
        subject = rng.choice(SUBJECTS)
        return f"{subject[0].upper()}{subject[1:]} {rng.choice(VERBS)} {rng.choice(CLAUSES)}, {rng.choice(ENDS).format(n=rng.randint(2, 99))}."
    return " ".join(sentence() for _ in range(sentences))


def notice(_rng):
    return "Year-end meeting {number}", [
        ("facts", [("To", "{name}"), ("Place", "Hall {hall}"), ("Reply by", "1 December 2026")]),
        ("p", "{name} is invited to the year-end meeting number {number} on Friday. The meeting begins at nine o'clock in the morning and ends at noon; "
              "lunch is served afterwards in the yard."),
        ("h", "What is on the table"),
        ("ol", ["The accounts of the year, by the treasurer", "The plan for the next one, in {hall} parts", "Questions"]),
        ("p", "Please tell the office by the day named above whether you come, and whether you eat with us. Those who cannot come may send a "
              "colleague in their place, if the office knows the name beforehand."),
        ("p", "Who comes by train is met at the station at half past eight. Seats are kept for {name} in row {number}."),
    ]


def sections(prefix, headings, paragraphs):
    blocks, count = [], 0
    for heading in headings:
        blocks.append(("h", heading))
        for _ in range(paragraphs):
            count += 1
            blocks.append(("p", "{p%02d}" % count))
    return blocks, count


MINUTES = ("1. Minutes of the last meeting", "2. The lease", "3. The budget for 2027", "4. Training", "5. The portal", "6. Other business")
SUMMARY = ("Overview", "The move", "Sales", "Shipments", "The portal", "Buildings", "Staff", "Training", "Finance", "Insurance", "Neighbours", "Suppliers",
           "Problems", "What was learned", "Plan for the next year", "Thanks")
PARAGRAPHS = {"minutes": 3, "summary": 4}


def minutes(_rng):
    body, _ = sections("p", MINUTES, PARAGRAPHS["minutes"])
    people = ["{chair}, General Manager (chair)", "Chen Jie, Finance", "Amelia Ford, Operations", "Kofi Mensah, Sales"]
    return "Minutes of the committee for {area}", [
        ("facts", [("Date", "23 November 2026, 09:30 to 11:15"), ("Place", "Board Room {number}")]),
        ("h", "Present"), ("ul", people), *body,
        ("h", "Figures"),
        ("table", ("Concerning", "Plan", "Actual", "Year before"),
         [("{what%d}" % row, "{plan%d}" % row, "{cost%d}" % row, "{last%d}" % row) for row in range(1, 7)]),
        ("p", "The next meeting is on 21 December 2026 at half past nine."),
    ]


def summary(_rng):
    body, _ = sections("p", SUMMARY, PARAGRAPHS["summary"])
    table = ("table", ("Indicator", "Plan", "Actual", "Year before"),
             [("{what%d}" % row, "{plan%d}" % row, "{cost%d}" % row, "{last%d}" % row) for row in range(1, 9)])
    return "Annual summary of {area}", [*body[:6], table, *body[6:]]


KINDS = {"notice": notice, "minutes": minutes, "summary": summary}


def cells(kind, index):
    """The row of a document; the same number gives the same row."""
    rng = random.Random(f"{kind} {index}")
    row = {"number": str(index + 1), "name": f"{rng.choice(NAMES)} {index + 1}", "hall": str(rng.randint(2, 40))}
    if kind == "notice":
        return row
    row |= {"chair": rng.choice(NAMES), "area": f"district {index + 1}"}
    for at in range(1, 9):
        row[f"what{at}"] = f"{rng.choice(SUBJECTS)} {at}"
        row |= {f"{key}{at}": f"{rng.randint(100, 9_999)}" for key in ("cost", "plan", "last")}
    paragraphs = PARAGRAPHS[kind] * len(MINUTES if kind == "minutes" else SUMMARY)
    for at in range(1, paragraphs + 1):
        row["p%02d" % at] = paragraph(rng, 3)
    return row


def fill(text, row):
    return re.sub(r"\{(\w+)\}", lambda found: row[found[1]], text)


def document(kind, row):
    """Title and blocks with the row put in; `row` gives what stands for a cell."""
    title, blocks = KINDS[kind](None)

    def put(value):
        return fill(value, row) if isinstance(value, str) else type(value)(put(item) for item in value)
    return put(title), [(name, *(put(part) for part in parts)) for name, *parts in blocks]


class Merge(dict):
    """A row whose cells are fields, for the note of a batch."""

    def __missing__(self, name):
        return "{{ row.%s }}" % name


# --- what we read -----------------------------------------------------------------------------------------------------

def markdown(kind, row):
    """The note of one row; with `Merge` the note that a batch puts rows into."""
    title, blocks = document(kind, row)
    head = {"notice": ["type: notice", "date: 2026-11-20"], "minutes": ["type: minutes", "date: 2026-11-23"],
            "summary": ["type: annual-summary", "date: 2026-12-31", "period: 2026"]}[kind]
    keys = {"To": "to", "Place": "place", "Reply by": "reply_by"}
    lines = ["---", *head]
    if kind == "notice":
        facts = dict(blocks[0][1]) | {"Reply by": "2026-12-01"}
        lines += [f'{keys[label]}: "{value}"' if label != "Reply by" else f"{keys[label]}: {value}" for label, value in facts.items()]
    lines += ["---", f"# {title}", ""]
    return "\n".join(lines) + "\n" + common_markdown([block for block in blocks if kind != "notice" or block[0] != "facts"])


def common_markdown(blocks):
    out = []
    for name, *parts in blocks:
        if name == "facts":
            out += [f"{label}: {value}\n" for label, value in parts[0]]
        elif name == "h":
            out.append(f"## {parts[0]}\n")
        elif name == "p":
            out.append(f"{parts[0]}\n")
        elif name in ("ol", "ul"):
            out.append("\n".join(f"{'1.' if name == 'ol' else '-'} {item}" for item in parts[0]) + "\n")
        else:
            head, rows = parts
            out.append("\n".join(["| " + " | ".join(head) + " |", "|---" * len(head) + "|", *("| " + " | ".join(row) + " |" for row in rows)]) + "\n")
    return "\n".join(out)


def write_notes(folder, kind, count):
    """`notes/` with each note as the batch makes it and its row, and the office's settings."""
    (folder / "notes").mkdir(parents=True)
    (folder / "chancery.toml").write_text(OFFICE)
    for index in range(count):
        row = cells(kind, index)
        (folder / "notes" / f"{index:06}.md").write_text(markdown(kind, row))
        (folder / "notes" / f"{index:06}.json").write_text(json.dumps(row, indent=2) + "\n")


def write_batch(folder, kind, count):
    """An office with `note.md` and `rows.csv`."""
    (folder / "inbox").mkdir(parents=True)
    (folder / "chancery.toml").write_text(OFFICE)
    (folder / "note.md").write_text(markdown(kind, Merge()))
    with open(folder / "rows.csv", "w", newline="") as table:
        rows = csv.DictWriter(table, list(cells(kind, 0)))
        rows.writeheader()
        rows.writerows(cells(kind, index) for index in range(count))


# Without a page of contents, which the peers do not make either.
OFFICE = """language = "en"
time_zone = "Europe/Berlin"

[organisation]
name = "Harbour Hill Trading Limited"
address = ["12/F Harbour House", "8 Wing Hing Street, Hong Kong"]

[fonts]
folders = []

[style]
contents = false
"""

# --- what the peers read ----------------------------------------------------------------------------------------------


def typst(kind, row):
    """A plain document with page numbers, as somebody writes who has no template."""
    size, leading = {"notice": ("11pt", "0.65em"), "minutes": ("11pt", "0.75em"), "summary": ("11pt", "0.75em")}[kind]
    title, blocks = document(kind, row)
    word = lambda text: re.sub(r"([#*_`$<>@\\\[\]~])", r"\\\1", text)
    out = [f'#set document(title: "{title}", date: datetime(year: 2026, month: 11, day: 20))',
           f'#set text(font: "Source Serif 4", size: {size}, lang: "en")', f"#set par(justify: true, leading: {leading})",
           '#set page(paper: "a4", margin: 25mm, numbering: "1 / 1", header: [Harbour Hill Trading Limited])', f"= {word(title)}", ""]
    for name, *parts in blocks:
        if name == "facts":
            out += [f"*{label}:* {word(value)} \\" for label, value in parts[0]] + [""]
        elif name == "h":
            out += [f"== #[{word(parts[0])}]", ""]
        elif name == "p":
            out += [word(parts[0]), ""]
        elif name in ("ol", "ul"):
            out += [("+ " if name == "ol" else "- ") + word(item) for item in parts[0]] + [""]
        else:
            head, rows = parts
            out.append(f"#table(columns: {len(head)}, table.header({', '.join(f'[{word(cell)}]' for cell in head)}),")
            out += ["  " + ", ".join(f"[{word(cell)}]" for cell in row) + "," for row in rows] + [")", ""]
    return "\n".join(out)


def page_html(kind, row):
    size, line = {"notice": ("11pt", "1.4"), "minutes": ("11pt", "1.5"), "summary": ("11pt", "1.66")}[kind]
    title, blocks = document(kind, row)
    word = html.escape
    out = [f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{word(title)}</title><style>
@page {{ size: A4; margin: 25mm; @top-left {{ content: "Harbour Hill Trading Limited" }} @bottom-center {{ content: counter(page) " / " counter(pages) }} }}
body {{ font: {size}/{line} "Source Serif 4"; text-align: justify }} table {{ border-collapse: collapse; width: 100% }}
td, th {{ border: 0.5pt solid; padding: 1mm; text-align: left }}</style></head><body><h1>{word(title)}</h1>"""]
    for name, *parts in blocks:
        if name == "facts":
            out.append("<p>" + "<br>".join(f"<b>{label}:</b> {word(value)}" for label, value in parts[0]) + "</p>")
        elif name == "h":
            out.append(f"<h2>{word(parts[0])}</h2>")
        elif name == "p":
            out.append(f"<p>{word(parts[0])}</p>")
        elif name in ("ol", "ul"):
            out.append(f"<{name}>" + "".join(f"<li>{word(item)}</li>" for item in parts[0]) + f"</{name}>")
        else:
            line = lambda cells, tag: "<tr>" + "".join(f"<{tag}>{word(cell)}</{tag}>" for cell in cells) + "</tr>"
            out.append("<table><thead>" + line(parts[0], "th") + "</thead><tbody>" + "".join(line(row, "td") for row in parts[1]) + "</tbody></table>")
    return "".join(out) + "</body></html>"


def pandoc(kind, row, engine):
    """Markdown with the settings that pandoc hands to LaTeX."""
    stretch = {"pdflatex": {"notice": "1.1", "minutes": "1.25", "summary": "1.6"}, "xelatex": {"notice": "1.1", "minutes": "1.15", "summary": "1.52"}}[engine][kind]
    title, blocks = document(kind, row)
    fonts = ["mainfont: Source Serif 4"] if engine == "xelatex" else []
    head = ["---", f"title: {json.dumps(title)}", "lang: en", "papersize: a4", "geometry: margin=25mm", "fontsize: 11pt", f"linestretch: {stretch}",
            "indent: false", *fonts, "---", ""]
    return "\n".join(head) + "\n" + common_markdown(blocks).replace("\n: ", "\n ")


def flat_odt(kind, row):
    line = {"notice": "120%", "minutes": "122%", "summary": "136%"}[kind]
    title, blocks = document(kind, row)
    word = html.escape
    out = []
    for name, *parts in blocks:
        if name == "facts":
            out += [f'<text:p text:style-name="B">{label}: {word(value)}</text:p>' for label, value in parts[0]]
        elif name == "h":
            out.append(f'<text:h text:style-name="H2" text:outline-level="2">{word(parts[0])}</text:h>')
        elif name == "p":
            out.append(f'<text:p text:style-name="B">{word(parts[0])}</text:p>')
        elif name in ("ol", "ul"):
            items = "".join(f'<text:list-item><text:p text:style-name="B">{word(item)}</text:p></text:list-item>' for item in parts[0])
            out.append(f'<text:list text:style-name="{"N" if name == "ol" else "D"}">{items}</text:list>')
        else:
            cell = lambda text: f'<table:table-cell table:style-name="C" office:value-type="string"><text:p text:style-name="B">{word(text)}</text:p></table:table-cell>'
            line_of = lambda cells: "<table:table-row>" + "".join(cell(text) for text in cells) + "</table:table-row>"
            out.append(f'<table:table table:name="T"><table:table-column table:number-columns-repeated="{len(parts[0])}"/>'
                       f"<table:table-header-rows>{line_of(parts[0])}</table:table-header-rows>{''.join(line_of(row) for row in parts[1])}</table:table>")
    return FLAT_ODT.replace("LINE", line).replace("TITLE", word(title)).replace("BODY", "".join(out))


FLAT_ODT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
 xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text">
<office:meta><dc:title>TITLE</dc:title><dc:language>en-GB</dc:language></office:meta>
<office:font-face-decls><style:font-face style:name="S" svg:font-family="'Source Serif 4'"/></office:font-face-decls>
<office:styles>
<style:default-style style:family="paragraph"><style:text-properties style:font-name="S" fo:font-size="11pt" fo:language="en" fo:country="GB"/></style:default-style>
<style:style style:name="B" style:family="paragraph"><style:paragraph-properties fo:margin-bottom="2mm" fo:line-height="LINE" fo:text-align="justify"/></style:style>
<style:style style:name="H1" style:family="paragraph" style:default-outline-level="1"><style:paragraph-properties fo:margin-bottom="4mm"/>
<style:text-properties fo:font-size="18pt" fo:font-weight="bold"/></style:style>
<style:style style:name="H2" style:family="paragraph" style:default-outline-level="2"><style:paragraph-properties fo:margin-top="4mm" fo:margin-bottom="2mm" fo:keep-with-next="always"/>
<style:text-properties fo:font-size="13pt" fo:font-weight="bold"/></style:style>
<text:list-style style:name="N"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."><style:list-level-properties text:space-before="5mm" text:min-label-width="6mm"/></text:list-level-style-number></text:list-style>
<text:list-style style:name="D"><text:list-level-style-bullet text:level="1" text:bullet-char="-"><style:list-level-properties text:space-before="5mm" text:min-label-width="6mm"/></text:list-level-style-bullet></text:list-style>
</office:styles>
<office:automatic-styles><style:page-layout style:name="A4"><style:page-layout-properties fo:page-width="210mm" fo:page-height="297mm" fo:margin="20mm"/><style:header-style/><style:footer-style/></style:page-layout>
<style:style style:name="C" style:family="table-cell"><style:table-cell-properties fo:border="0.5pt solid #000000" fo:padding="1mm"/></style:style></office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="A4"><style:header><text:p>Harbour Hill Trading Limited</text:p></style:header>
<style:footer><text:p><text:page-number/> / <text:page-count/></text:p></style:footer></style:master-page></office:master-styles>
<office:body><office:text><text:h text:style-name="H1" text:outline-level="1">TITLE</text:h>BODY</office:text></office:body></office:document>
"""
