"""The program itself, through its command line, and the limit: Typst alone over the same manuscripts (`tests/benches/limit.rs`)."""

import json
import os
import shutil
import subprocess
import time

import content
from measure import at_share, checked, fresh, median, memory_mb, pages_of, run

#: How many documents are the first and the last of a long run.
ENDS = 1_000


class Batch:
    """One `chancery batch`, told line by line."""

    def __init__(self, done, count, at, samples):
        self.seconds, self.cpu_s, self.peak_mb, self.count, self.at, self.samples = done.seconds, done.cpu_s, done.peak_mb, count, at, samples

    @property
    def per_second(self):
        return self.count / self.seconds

    def rate(self, start, end):
        """Between two documents, leaving out the start of the process."""
        return (end - start) / (self.at[end - 1] - self.at[start])


def batch(binary, folder, kind, count, jobs, *wanted, samples_every=0):
    """A batch in an office of its own; `wanted` says where the documents go."""
    shutil.rmtree(folder, ignore_errors=True)
    content.write_batch(folder, kind, count)
    os.sync()
    at, samples, bad = [], [], []

    def on_line(line, process):
        told = json.loads(line)
        if "part" not in told:
            return
        at.append(time.perf_counter())
        if told["status"] not in ("filed", "rendered") or told["pages"] not in (None, content.PAGES[kind]):
            bad.append(line)
        if samples_every and len(at) % samples_every == 0:
            samples.append((len(at), memory_mb(process)))
    command = [binary, "--json", "batch", "note.md", "--rows", "rows.csv", "--jobs", jobs, *wanted]
    done = run(command, on_line=on_line, cwd=folder)
    if done.code or bad or len(at) != count:
        raise RuntimeError(f"batch of {count} {kind}: exit code {done.code}, {len(at)} lines, {len(bad)} bad\n{done.err[-1500:]}\n{bad[:1]}")
    return Batch(done, count, at, samples)


def limit(bench, notes, out, processes):
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    done = checked([bench, "limit", notes, processes, out])
    return json.loads(done.out) | {"peak_mb": done.peak_mb}


class Watcher:
    """`chancery watch` in an office of its own."""

    def __init__(self, binary, folder):
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "inbox").mkdir(parents=True)
        (folder / "chancery.toml").write_text(content.OFFICE)
        self.folder = folder
        self.process = subprocess.Popen([binary, "--json", "watch"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for line in self.process.stderr:
            if line.startswith(b"Watching"):
                return
        raise RuntimeError("the watcher does not watch")

    def drop(self, number, renamed):
        """Milliseconds from the rename, or from the end of writing, to the line that says that the note is filed."""
        name, text = f"{number:06}.md", content.markdown("notice", content.cells("notice", number))
        if renamed:
            outside = self.folder / "outside.md"
            outside.write_text(text)
            started = time.perf_counter()
            outside.rename(self.folder / "inbox" / name)
        else:
            (self.folder / "inbox" / name).write_text(text)
            started = time.perf_counter()
        told = json.loads(self.process.stdout.readline())
        if told["status"] != "filed":
            raise RuntimeError(f"not filed: {told}")
        return (time.perf_counter() - started) * 1_000

    def close(self):
        self.process.kill()
        self.process.wait()


def drops(binary, folder, times):
    """Latencies of renamed and of written notes, one after the other, the watcher warm."""
    watcher = Watcher(binary, folder)
    try:
        for number in range(10):
            watcher.drop(number, True)
        taken = {}
        for renamed in (True, False):
            values = []
            for number in range(times):
                time.sleep(0.03)
                values.append(watcher.drop(1_000 + number + (0 if renamed else times), renamed))
            taken["renamed" if renamed else "written"] = {"median": median(values), "p99": at_share(values, 0.99)}
        taken["memory_mb"] = memory_mb(watcher.process.pid)
        return taken
    finally:
        watcher.close()


def render(binary, folder, times):
    """Milliseconds of fresh processes that make one page: in an office with the built-in fonts, and in one with the machine's."""
    taken = {}
    for name, office in (("built-in fonts", content.OFFICE), ("the machine's fonts", content.OFFICE.replace("folders = []", ""))):
        place = folder / name.replace(" ", "-")
        shutil.rmtree(place, ignore_errors=True)
        (place / ".chancery").mkdir(parents=True)
        (place / "chancery.toml").write_text(office)
        (place / "one-page.md").write_text(content.markdown("notice", content.cells("notice", 0)))
        # A page that stands already would not be made again.
        gone = lambda: (place / "one-page.pdf").unlink(missing_ok=True)
        fresh([binary, "render", "one-page.md"], 2, gone, cwd=place)
        taken[name] = median(fresh([binary, "render", "one-page.md"], times, gone, cwd=place)) * 1_000
    return taken


def once(bench, notes, folder, times):
    """The same page by the smallest program: Typst and the eight faces that it needs."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    checked([bench, "dump", notes, folder / "dump"])
    first = sorted((folder / "dump").iterdir())[0]
    return median(fresh([bench, "once", first, folder / "once.pdf"], times)) * 1_000


def can(binary, flag):
    return flag in checked([binary, "batch", "--help"]).out


def merged(binary, folder, count, jobs):
    """One PDF for the printer. What the export alone took is told by the program, if it does."""
    shutil.rmtree(folder, ignore_errors=True)
    content.write_batch(folder, "notice", count)
    done = checked([binary, "--json", "batch", "note.md", "--rows", "rows.csv", "--jobs", jobs, "--merge", "all.pdf"], cwd=folder)
    made = sorted(folder.glob("all*.pdf"))
    pages = [pages_of(pdf) for pdf in made]
    if None not in pages and sum(pages) != count:
        raise RuntimeError(f"merged: {pages} pages of {count}")
    exports = [found for line in done.out.splitlines() if (found := json.loads(line).get("export_ms")) is not None]
    return {"documents": count, "files": len(made), "bytes": sum(pdf.stat().st_size for pdf in made), "ms": done.seconds * 1_000 / count,
            "export_ms": sum(exports) / count if exports else None, "peak_mb": done.peak_mb}
