"""The page of figures: goals beside what was measured, and the part of docs/performance.md that is replaced by it."""

import datetime
import os
import platform
import subprocess

import measure
import others

BEGIN = "<!-- begin: written by tests/benches/peers; changes between these marks are lost -->"
END = "<!-- end: written by tests/benches/peers -->"

KINDS = {"notice": "one-page notices", "minutes": "four-page minutes", "summary": "twelve-page annual summaries"}
#: Against the limit, and how many times as fast as a peer.
GOALS = {
    "notice": (0.85, {"weasyprint": 8, "typst": 5, "libreoffice": 25, "pdflatex": 120}),
    "minutes": (0.9, {"weasyprint": 5, "typst": 1.2}),
    "summary": (0.9, {"weasyprint": 5, "typst": 0.8}),
}


def of(found, kind, name, key="per_second"):
    """The median over the rounds."""
    rounds = found.get(kind, {}).get(name)
    return measure.median([told[key] for told in rounds if told[key] is not None]) if rounds else None


def ratio(found, kind, name, other):
    """The median of the ratios of each round."""
    ours, theirs = found.get(kind, {}).get(name), found.get(kind, {}).get(other)
    if not ours or not theirs:
        return None
    return measure.median([one["per_second"] / two["per_second"] for one, two in zip(ours, theirs)])


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def row(what, goal, measured, met):
    return f"| {what} | {goal} | **{measured}** | {'yes' if met else 'no'} |"


def goals(found):
    rows = []
    for kind, (share, peers) in GOALS.items():
        against = ratio(found, kind, "file", "limit")
        if against is None:
            continue
        rows.append(row(f"{KINDS[kind]} filed, against Typst alone as {measure.CORES} processes", f"≥ {share} ×", f"{against:.2f} ×", against >= share))
        for peer, wanted in peers.items():
            times = ratio(found, kind, "file", peer)
            if times is not None:
                rows.append(row(f"{KINDS[kind]} filed, against {others.ALL[peer].name}", f"≥ {wanted} ×", f"{number(times)} ×", times >= wanted))
        gains = [(two["per_second"] / one["per_second"], bare_two["per_second"] / bare_one["per_second"]) for two, one, bare_two, bare_one in
                 zip(*(found[kind][name] for name in ("file", "file-1", "limit", "limit-1")))]
        gain = measure.median([ours / bare for ours, bare in gains])
        own, bare = (measure.median([pair[at] for pair in gains]) for at in (0, 1))
        rows.append(row(f"{KINDS[kind]}: two workers against one ({own:.2f} ×), of what Typst alone gains ({bare:.2f} ×)", "≥ 0.95 ×", f"{gain:.2f} ×",
                        gain >= 0.95))
    return rows + goals_of_long_runs(found) + goals_of_single_documents(found)


def goals_of_long_runs(found):
    rows = []
    if "long" in found:
        told = found["long"]
        most = 60 + 60 * told["jobs"]
        grown, slower = told["last_mb"] / told["first_mb"], told["last"] / told["first"]
        rows.append(row(f"memory of the program and its workers, {told['documents']:,} notices filed", f"≤ {most} MB", f"{told['peak_mb']:.0f} MB at most",
                        told["peak_mb"] <= most))
        rows.append(row(f"the same at the end against after 1,000 ({told['last_mb']:.0f} MB, {told['first_mb']:.0f} MB)", "within 15 %",
                        f"{(grown - 1) * 100:+.0f} %", abs(grown - 1) <= 0.15))
        rows.append(row(f"the last {told['ends']:,} of them against the first ({told['last']:,.0f} and {told['first']:,.0f} a second)", "the same rate",
                        f"{slower:.2f} ×", slower >= 0.95))
    if "merge" in found:
        told = found["merge"]
        what = f"one print PDF of {told['documents']:,} notices ({told['files']} files)"
        if told["export_ms"] is not None:
            rows.append(row(f"{what}: export of a notice", "≤ 0.8 ms", f"{told['export_ms']:.2f} ms", told["export_ms"] <= 0.8))
        rows.append(f"| {what}: all that a notice takes | | {told['ms']:.2f} ms | |")
        rows.append(row("its memory", "≤ 1,500 MB", f"{told['peak_mb']:,.0f} MB", told["peak_mb"] <= 1_500))
    return rows


def goals_of_single_documents(found):
    rows = []
    if "drop" in found:
        renamed, written = found["drop"]["renamed"], found["drop"]["written"]
        rows.append(row("a note renamed into the inbox until it is filed and told: median", "≤ 15 ms", f"{renamed['median']:.1f} ms", renamed["median"] <= 15))
        rows.append(row("the same, 99 in 100", "≤ 40 ms", f"{renamed['p99']:.1f} ms", renamed["p99"] <= 40))
        rows.append(row("a note written there: median; 99 in 100 (`settle` is 300 ms)", "≤ 315; 340 ms", f"{written['median']:.0f}; {written['p99']:.0f} ms",
                        written["median"] <= 315 and written["p99"] <= 340))
    if "render" in found:
        told = found["render"]
        beside = [f"{told['once']:.0f} ms a bare Typst program"]
        beside += [f"{told[key]:.0f} ms {others.ALL[key].name}" for key in ("typst", "typst-same") if key in told]
        best, machine = told["ours"]["built-in fonts"], told["ours"]["the machine's fonts"]
        rows.append(row(f"`chancery render one-page.md`, a fresh process ({', '.join(beside)})", "≤ 35 ms", f"{best:.0f} ms", best <= 35))
        rows.append(row("the same with the machine's fonts, remembered", "", f"{machine:.0f} ms", machine <= 35))
    return rows


def comparison(found, kind):
    """Everybody who made documents of a kind."""
    own = of(found, kind, "file")
    names = {"file": "**`chancery batch --file`**: numbered, registered, synced", "folder": "`chancery batch -o DIR`",
             "file-1": "`chancery batch --file --jobs 1`", "limit": "Typst alone in process, two processes", "limit-1": "Typst alone, one process"}
    makes = "tagged PDF/A-3a + UA-1, source attached"
    lines = [f"\n{KINDS[kind][0].upper()}{KINDS[kind][1:]}:\n", "| program | makes | a second | filed by ours: so many times | processor, ms each | memory, MB | one, cold, ms |",
             "|---|---|--:|--:|--:|--:|--:|"]
    for name in found[kind]:
        peer = others.ALL.get(name)
        cold = of(found, kind, name, "cold_ms") if peer else None
        times = own / of(found, kind, name)
        cells = [peer.name if peer else names[name], peer.makes if peer else makes, number(of(found, kind, name)),
                 number(times) if name != "file" else "", number(of(found, kind, name, "cpu_ms")), number(of(found, kind, name, "peak_mb")),
                 number(cold) if cold else ""]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def winners(found):
    """Where somebody else is faster."""
    told = []
    for kind in KINDS:
        for name in found.get(kind, {}):
            if name in others.ALL and of(found, kind, name) > of(found, kind, "file"):
                told.append(f"{others.ALL[name].name} makes more {KINDS[kind]} a second ({number(of(found, kind, name))} against {number(of(found, kind, 'file'))}).")
    return told or ["None of the peers makes more documents a second."]


def page(found, binary):
    versions = [f"{name}: {version}" for name, version in found.get("versions", {}).items()]
    own = subprocess.run([str(binary), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    rust = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=False).stdout.split(" (")[0].strip()
    day = datetime.date.today()
    lines = [
        f"Measured on {day.day} {day:%B %Y} on {measure.CORES} cores ({measure.processor()}, {os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') >> 30} GB, "
        f"{platform.system()} {platform.release().split('-')[0]}); {own}, {rust}. Rounds: "
        f"{max((len(rounds) for kind in KINDS for rounds in found.get(kind, {}).values()), default=0)}, medians. In one run:\n",
        f"    {found['command']}\n",
        "| what | goal | measured | met |", "|---|---|---|---|", *goals(found),
        *(line for kind in KINDS if kind in found for line in comparison(found, kind)),
        "\n" + " ".join(winners(found)), "\nThe others: " + "; ".join(versions) + ".",
    ]
    return "\n".join(lines) + "\n"


def write(file, text):
    """Replaces what stands between the marks; the rest of the page stays."""
    page_text = file.read_text()
    before, rest = page_text.split(BEGIN)
    _, after = rest.split(END)
    file.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")
