"""Compares the whole program with the limit and with other programs, in one run, and writes what it found into docs/performance.md.

    python3 tests/benches/peers                        builds, installs what is missing, measures everything; some twenty minutes
    python3 tests/benches/peers --cases notice,render  some of: notice, minutes, summary, render, drop, long, merge
    python3 tests/benches/peers --peers typst          some of the peers; `--peers ""` none
    python3 tests/benches/peers --no-write             only prints

Needs Linux, Python 3 and Rust. Peers that registries have are installed below target/peers, LibreOffice, pandoc and LaTeX with apt; what cannot be
had is named and left out. Each round runs every program once, one after the other, so that what else the machine does strikes all of them; told are
medians.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import content
import measure
import others
import ours
import report

REPOSITORY = Path(__file__).resolve().parents[3]
CASES = ("notice", "minutes", "summary", "render", "drop", "long", "merge")
#: Documents of ours and of the limit, and how many of those a peer makes: enough that each takes some seconds.
DOCUMENTS = {"notice": 3_000, "minutes": 480, "summary": 120}
PEER_DOCUMENTS = {
    "typst": {"notice": 400, "minutes": 240, "summary": 80}, "typst-same": {"notice": 400, "minutes": 200, "summary": 80},
    "weasyprint": {"notice": 300, "minutes": 62, "summary": 22}, "weasyprint-plain": {"notice": 300, "minutes": 62, "summary": 22},
    "libreoffice": {"notice": 160, "minutes": 80, "summary": 50},
    "pdflatex": {"notice": 24, "minutes": 16, "summary": 12}, "xelatex": {"notice": 12, "minutes": 10, "summary": 8},
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = lambda text: [name for name in text.split(",") if name]
    parser.add_argument("--chancery", type=Path, help="the release binary; without it and --bench both are built")
    parser.add_argument("--bench", type=Path, help="the binary of the bench `speed`")
    parser.add_argument("--cases", type=names, default=list(CASES))
    parser.add_argument("--peers", type=names, default=list(others.ALL))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="so many times as many documents")
    parser.add_argument("--long", type=int, default=100_000, help="notices of the long run")
    parser.add_argument("--merge", type=int, default=10_000, help="notices of the print PDF")
    parser.add_argument("--times", type=int, default=25, help="fresh processes")
    parser.add_argument("--drops", type=int, default=200)
    parser.add_argument("--no-write", action="store_true")
    parser.add_argument("--keep", type=Path, help="a file that keeps the measurements as JSON; those of an earlier run in it are kept beside")
    return parser.parse_args()


def build():
    """Program and bench, as `cargo bench` makes them."""
    told = subprocess.run(["cargo", "bench", "--no-run", "--bench", "speed", "--message-format", "json"], cwd=REPOSITORY, check=True, stdout=subprocess.PIPE)
    made = {}
    for line in told.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable"):
            made[message["target"]["name"]] = Path(message["executable"])
    return made["chancery"], made["speed"]


class Comparison:
    def __init__(self, options, binary, bench):
        self.options, self.binary, self.bench = options, binary, bench
        self.workshop = others.Workshop(REPOSITORY, bench)
        self.place = self.workshop.target / "runs"
        self.found = {}

    def say(self, text):
        print(text, flush=True)

    def peers(self):
        here = []
        for key in self.options.peers:
            peer = others.ALL[key](self.workshop)
            version = peer.version()
            self.say(f"{peer.name}: {version or 'not here'}")
            if version:
                here.append((key, peer))
            self.found.setdefault("versions", {})[peer.name] = version or "not here"
        return here

    def documents(self, kind, peer=None):
        count = (PEER_DOCUMENTS[peer] if peer else DOCUMENTS)[kind]
        return max(2 * measure.CORES, int(count * self.options.scale))

    def kind(self, kind, peers):
        """All programs over the documents of a kind, round by round."""
        count, place = self.documents(kind), self.place / kind
        shutil.rmtree(place, ignore_errors=True)
        notes = place / "notes"
        content.write_notes(notes, kind, count)
        inputs = {}
        for key, peer in peers:
            inputs[key] = place / key
            peer.write(inputs[key], kind, self.documents(kind, key))
        rounds, failed = self.found.setdefault(kind, {}), set()
        for number in range(self.options.rounds):
            self.say(f"{kind}, round {number + 1} of {self.options.rounds}, load {measure.load():.1f}")
            for name, make in self.programs(kind, count, notes, place, peers, inputs):
                if name in failed:
                    continue
                try:
                    told = make()
                except RuntimeError as error:
                    if name not in others.ALL:
                        raise
                    # A peer that cannot make them is named and left out.
                    self.say(f"  {name}: left out: {error}")
                    failed.add(name)
                    rounds.pop(name, None)
                    continue
                rounds.setdefault(name, []).append(told)
                self.say(f"  {name}: {told['per_second']:.1f} a second, {told['cpu_ms']:.1f} ms of processor each, {told['peak_mb']:.0f} MB, pages {told['pages']}")
        shutil.rmtree(place)

    def programs(self, kind, count, notes, place, peers, inputs):
        office, cores = place / "office", measure.CORES

        def batch(jobs, *wanted):
            done = ours.batch(self.binary, office, kind, count, jobs, *wanted)
            return {"per_second": done.per_second, "cpu_ms": done.cpu_s * 1_000 / count, "peak_mb": done.peak_mb, "pages": content.PAGES[kind]}

        def limit(processes):
            told = ours.limit(self.bench, notes, place / "limit", processes)
            return {"per_second": told["per_second"], "cpu_ms": told["cpu"] * 1_000 / count, "peak_mb": told["peak_mb"], "pages": told["pages"] // count}
        yield "limit", lambda: limit(cores)
        yield "file", lambda: batch(cores, "--file")
        yield "limit-1", lambda: limit(1)
        yield "file-1", lambda: batch(1, "--file")
        yield "folder", lambda: batch(cores, "-o", "out")
        for key, peer in peers:
            yield key, lambda key=key, peer=peer: self.peer(peer, inputs[key], place / "out", self.documents(kind, key))

    def peer(self, peer, folder, out, count):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        done = peer.batch(folder, out)
        made = sorted(out.glob("*.pdf"))
        if len(made) != count:
            raise RuntimeError(f"{peer.name}: {len(made)} of {count} documents\n{done.err[-1000:]}")
        told = {"per_second": count / done.seconds, "cpu_ms": done.cpu_s * 1_000 / count, "peak_mb": done.peak_mb, "pages": measure.pages_of(made[0])}
        warm = [json.loads(line) for line in done.out.splitlines() if line.startswith('{"documents"')]
        if warm:
            told["per_second"] = sum(share["documents"] / share["seconds"] for share in warm)
        return told | {"cold_ms": measure.median(peer.cold(folder, out, 3)) * 1_000}

    def render(self, peers):
        place = self.place / "render"
        shutil.rmtree(place, ignore_errors=True)
        content.write_notes(place / "notes", "notice", 1)
        told = {"ours": ours.render(self.binary, place / "ours", self.options.times)}
        told["once"] = ours.once(self.bench, place / "notes", place / "once", self.options.times)
        for key, peer in peers:
            if key.startswith("typst"):
                (place / "out").mkdir(exist_ok=True)
                peer.write(place / key, "notice", 1)
                told[key] = measure.median(peer.cold(place / key, place / "out", self.options.times)) * 1_000
        self.found["render"] = told
        self.say(f"render: {json.dumps(told)}")

    def drop(self):
        self.found["drop"] = ours.drops(self.binary, self.place / "drop", self.options.drops)
        self.say(f"drop: {json.dumps(self.found['drop'])}")

    def long(self):
        count = self.options.long
        done = ours.batch(self.binary, self.place / "long", "notice", count, measure.CORES, "--file", samples_every=max(1, min(1_000, count // 10)))
        ends = min(ours.ENDS, count // 4)
        self.found["long"] = {"documents": count, "per_second": done.per_second, "first": done.rate(0, ends), "last": done.rate(count - ends, count),
                              "ends": ends, "first_mb": done.samples[0][1], "last_mb": done.samples[-1][1], "peak_mb": done.peak_mb, "jobs": measure.CORES,
                              "samples": done.samples[:: max(1, len(done.samples) // 20)]}
        self.say(f"long: {json.dumps(self.found['long'])}")
        shutil.rmtree(self.place / "long")

    def merge(self):
        if not ours.can(self.binary, "--merge"):
            self.say("merge: this program has no `batch --merge`")
            return
        self.found["merge"] = ours.merged(self.binary, self.place / "merge", self.options.merge, measure.CORES)
        self.say(f"merge: {json.dumps(self.found['merge'])}")

    def run(self):
        peers = self.peers()
        for case in self.options.cases:
            if case in content.KINDS:
                self.kind(case, peers)
            elif case == "render":
                self.render(peers)
            else:
                getattr(self, case)()


def main():
    options = arguments()
    unknown = set(options.cases) - set(CASES) | set(options.peers) - set(others.ALL)
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}")
    binary, bench = (options.chancery, options.bench) if options.chancery and options.bench else build()
    comparison = Comparison(options, binary.resolve(), bench.resolve())
    comparison.workshop.install()
    comparison.run()
    found = comparison.found | {"command": "python3 tests/benches/peers " + " ".join(shown(sys.argv[1:]))}
    if options.keep:
        earlier = json.loads(options.keep.read_text()) if options.keep.exists() else {}
        found = earlier | found
        options.keep.write_text(json.dumps(found, indent=1))
    text = report.page(found, binary)
    print(f"\n{text}")
    if not options.no_write:
        report.write(REPOSITORY / "docs/performance.md", text)


def shown(words):
    """The arguments without paths of this machine."""
    words = iter(words)
    for word in words:
        if word in ("--chancery", "--bench", "--keep"):
            next(words, None)
        else:
            yield word


if __name__ == "__main__":
    main()
