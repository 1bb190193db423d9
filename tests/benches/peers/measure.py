"""Runs programs and says how long they took, what they had of the processors, and how much memory they and their children held."""

import os
import re
import statistics
import subprocess
import threading
import time
from pathlib import Path

CORES = os.cpu_count()
SAMPLE_S = 0.25


def family(root):
    """A process and all that came of it."""
    children = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                stat = Path(entry.path, "stat").read_text()
            except OSError:
                continue
            children.setdefault(int(stat.rsplit(")", 1)[1].split()[1]), []).append(int(entry.name))
    found, open_ = [], [root]
    while open_:
        process = open_.pop()
        found.append(process)
        open_ += children.get(process, [])
    return found


def memory_mb(root):
    """What a process and all its children hold together, pages that they share counted once (PSS)."""
    total = 0
    for process in family(root):
        try:
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.M)
        except OSError:
            continue
        total += int(found[1]) if found else 0
    return total / 1024


class Run:
    """A finished run."""

    def __init__(self, seconds, cpu_s, peak_mb, code, out, err):
        self.seconds, self.cpu_s, self.peak_mb, self.code, self.out, self.err = seconds, cpu_s, peak_mb, code, out, err


def run(command, stdin=b"", on_line=None, **options):
    """Runs a program to its end. `on_line(line, process id)` is told of each line on its standard output as it comes."""
    with subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options) as process:
        started = time.perf_counter()
        peak, over = [0.0], threading.Event()

        def watch():
            while not over.wait(SAMPLE_S):
                peak[0] = max(peak[0], memory_mb(process.pid))
        err = []
        threads = [threading.Thread(target=watch), threading.Thread(target=lambda: err.append(process.stderr.read()))]
        for thread in threads:
            thread.start()
        feeder = threading.Thread(target=feed, args=(process, stdin))
        feeder.start()
        out = []
        for line in process.stdout:
            out.append(line) if on_line is None else on_line(line, process.pid)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        over.set()
        for thread in [*threads, feeder]:
            thread.join()
    # Of processes too short for a sample the kernel knows the largest.
    peak_mb = max(peak[0], used.ru_maxrss / 1024)
    return Run(seconds, used.ru_utime + used.ru_stime, peak_mb, process.returncode, b"".join(out).decode(), b"".join(err).decode(errors="replace"))


def feed(process, stdin):
    try:
        process.stdin.write(stdin)
        process.stdin.close()
    except BrokenPipeError:
        pass


def checked(command, **options):
    done = run(command, **options)
    if done.code != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit code {done.code}\n{done.err[-2000:]}{done.out[-500:]}")
    return done


def two_at_a_time(lines, command, **options):
    """Runs a command for each line (put in for `{}`), as many at once as there are cores; `xargs` costs less than threads here."""
    shown = ["xargs", "-P", CORES, "-I", "{}", *command]
    return checked(shown, stdin="".join(f"{line}\n" for line in lines).encode(), **options)


def fresh(command, times, before=lambda: None, **options):
    """Seconds of each of some processes, one after the other; what happens before each is not measured."""
    taken = []
    for _ in range(times):
        before()
        started = time.perf_counter()
        subprocess.run([str(part) for part in command], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        taken.append(time.perf_counter() - started)
    return taken


def median(values):
    return statistics.median(values)


def at_share(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, round((len(values) - 1) * share))]


def load():
    return os.getloadavg()[0]


def processor():
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    return found[1].strip() if found else "unknown"


def pages_of(pdf):
    """How many pages a PDF has, as poppler counts; None where poppler is not here."""
    try:
        told = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return int(re.search(r"^Pages:\s+(\d+)", told, re.M)[1])
