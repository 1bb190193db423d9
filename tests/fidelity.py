#!/usr/bin/env python3
"""Every word arrives: renders real notes and counts the words of each in its PDF.

Takes the labelled documents of the corpus with their type given, sets them with one `chancery render` per type in an
office of its own, and has each PDF judged by the corpus's own fidelity script, which reads the note with another Markdown
parser. Then an office's inbox of one month is handled by `watch --once`: each file must leave the inbox filed, or stay with
a problem note beside it. Prints a table, and what failed. Nothing is written outside a temporary folder.

    fidelity.py --chancery target/debug/chancery --corpus DIR --judge fidelity.py [--every 8] [--only TYPE…]

Needs: pdftotext, and the packages of requirements.txt for the judge.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# The types that have documents of their own in the corpus; what else is labelled there is set as a plain document.
TYPES = {
    "minutes": ["minutes"],
    "speech": ["speech"],
    "notice": ["notice"],
    "annual-summary": ["annual-summary"],
    "letter": ["letter"],
    "document": ["agenda", "report", "other"],
}
NOTES = (".md", ".txt")
SLOWEST_MS = 10_000
NOW = "2026-11-23T09:00:00Z"
# Documents that the judge is wrong about, with the reason. One that passes after all must leave this list.
MISJUDGED = {
    "nara-plans__ervation_Record_Categories-NARA_PreservationActionPlan_PresentationAndPublishing.md":
        "the judge takes `pitch<br>spacing<br>emphasis` for one word; the page has three lines",
    "nara-plans__Digital_Preservation_Record_Categories-NARA_PreservationActionPlan_Geospatial.md":
        "a word is divided over the end of a page inside a table cell; both halves are there",
    "rust-council-policies__policies-project-directorship-election-process.md":
        "its footnotes stand at the foot of their page, in the note at its end: the judge sees them out of order",
}
# A note that is right can only be asked about; what these say is the program's own fault.
OUR_FAULT = ("internal",)


def run(chancery, arguments, office, seconds):
    """What one command printed as JSON lines, and its exit code; a crash or a hang is raised."""
    command = [chancery, "--json", "--office", str(office), "--now", NOW, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command[:6]} … ended with {done.returncode}:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode


def labelled(corpus, document_type, every):
    files = [path for label in TYPES[document_type] for path in sorted((corpus / "labelled" / label).iterdir())]
    return [path for path in files if path.suffix in NOTES][::every]


def judged(judge, note, pdf):
    """The judge's row of one pair, and whether it passed it."""
    done = subprocess.run([sys.executable, judge, note, pdf], capture_output=True)
    if not done.stdout:
        raise SystemExit(f"{judge}: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout), done.returncode == 0


def render(options, document_type, notes, folder):
    """One row per note: what the program said of it and what the judge found."""
    office, out = folder / "office", folder / document_type
    (office / "inbox").mkdir(parents=True, exist_ok=True)
    out.mkdir()
    lines, _ = run(options.chancery, ["render", *notes, "-o", f"{out}{os.sep}", "--type", document_type], office, 30 + 10 * len(notes))
    if [line["source"] for line in lines] != [str(note) for note in notes]:
        raise SystemExit(f"render {document_type}: not one line for each file in the order given")
    rows = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pairs = [(note, line, office_path(office, line["pdf"]) if line.get("pdf") else None) for note, line in zip(notes, lines)]
        verdicts = [pool.submit(judged, options.judge, note, pdf) if pdf else None for note, _, pdf in pairs]
        for (note, line, _), verdict in zip(pairs, verdicts):
            found, good = verdict.result() if verdict else ({}, False)
            if found and note.name in MISJUDGED:
                good = not good
            rows.append({"note": note, "line": line, "found": found, "good": good, "ms": sum((line.get("ms") or {}).values())})
    return rows


def office_path(office, path):
    """Paths are told relative to where the command ran, or absolute."""
    path = Path(path)
    return path if path.is_absolute() or path.exists() else office / path


def complaint(row):
    if not row["found"]:
        problem = row["line"].get("problem") or {}
        return f"no PDF: {problem.get('code')}: {problem.get('message')}"
    found = row["found"]
    if row["note"].name in MISJUDGED:
        return "passes: it need not be listed as misjudged any more"
    slow = f", {row['ms']:.0f} ms" if row["ms"] > SLOWEST_MS else ""
    return f"recall {found['recall']}, order {found['order']}, lost {found['lost']}: {' '.join(found['missing'])}{slow}"


def sample_inbox(options, folder):
    """Files of the sample inbox that vanished or stayed without a word; and what was said of those that stayed."""
    office = folder / "sample"
    shutil.copytree(options.corpus / "sample-inbox", office / "inbox")
    (office / "archive").mkdir()
    for path in [office / "inbox", *(office / "inbox").iterdir()]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    names = sorted(path.name for path in (office / "inbox").iterdir())
    lines, _ = run(options.chancery, ["watch", "--once"], office, 300)
    told = {Path(line["source"]).name: line for line in lines if line.get("source") and not line.get("part")}
    bad, stayed, filed = [], [], 0
    for name in names:
        line, there = told.get(name), (office / "inbox" / name).exists()
        note = office / "inbox" / f"{name}.problem.txt"
        status = line["status"] if line else "nothing"
        if status in ("filed", "duplicate") and not there:
            pdf = office_path(office / "archive", line["pdf"]) if line.get("pdf") else None
            pdf = pdf if pdf is None or pdf.exists() else office / line["pdf"]
            good = status == "duplicate" or not name.endswith(NOTES) or judged(options.judge, options.corpus / "sample-inbox" / name, pdf)[1]
            filed += good
            bad += [] if good else [f"{name}: filed, but words are missing"]
        elif status == "attention" and line["problem"]["code"] in OUR_FAULT:
            bad.append(f"{name}: {line['problem']['code']}: {line['problem']['message']}")
        elif status == "attention" and there and note.exists() and line["problem"]["message"] in note.read_text():
            stayed.append(f"{name}: {line['problem']['code']}: {line['problem']['message']}")
        else:
            bad.append(f"{name}: {status}, {'still in' if there else 'gone from'} the inbox, problem note: {note.exists()}")
    return len(names), filed, stayed, bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chancery", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="take each Nth document only")
    parser.add_argument("--only", nargs="*", choices=TYPES, default=list(TYPES))
    options = parser.parse_args()
    options.chancery, options.corpus, options.judge = options.chancery.resolve(), options.corpus.resolve(), options.judge.resolve()
    passed, complaints = 0, []
    print("type             files  PDFs  below  over 10 s  slowest ms  pages")
    with tempfile.TemporaryDirectory(prefix="chancery-fidelity-") as folder:
        folder = Path(folder)
        for document_type in options.only:
            rows = render(options, document_type, labelled(options.corpus, document_type, options.every), folder)
            bad = [row for row in rows if not row["good"] or row["ms"] > SLOWEST_MS]
            pdfs = sum(bool(row["found"]) for row in rows)
            below = sum(bool(row["found"]) and not row["good"] for row in rows)
            slow = sum(row["ms"] > SLOWEST_MS for row in rows)
            slowest, pages = max(row["ms"] for row in rows), sum(row["line"].get("pages") or 0 for row in rows)
            print(f"{document_type:16}{len(rows):6}{pdfs:6}{below:7}{slow:11}{slowest:12.0f}{pages:7}", flush=True)
            passed += len(rows) - len(bad)
            complaints += [f"{document_type} {row['note'].name}: {complaint(row)}" for row in bad]
        count, filed, stayed, bad = sample_inbox(options, folder)
    print(f"\nsample inbox: {count} files, {filed} filed, {len(stayed)} stay with a problem note")
    print("".join(f"  stays: {line}\n" for line in stayed), end="")
    passed += count - len(bad)
    complaints += [f"sample inbox {line}" for line in bad]
    print("".join(f"  BAD: {line}\n" for line in complaints), end="")
    print(f"{passed} passed, {len(complaints)} failed")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
