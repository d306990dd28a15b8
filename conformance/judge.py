#!/usr/bin/env python3
"""Compare the program with the recordings of one kind, and the differences with those that are meant.

    judge.py BINARY SHARED KIND        KIND: logs, metrics, exports, validate

Runs the tool `cases.py` of SHARED over the cases that this build can run: a case that names a component which the
program does not have yet is counted as "not in this build". Everything else has to agree, or to stand in
differs.toml beside this file with its reason; what stands there and agrees is an error, too. JUDGE_ONLY is a regular
expression for the names of the cases to run.
"""
import json, os, re, subprocess, sys, tempfile, tomllib

HEADER = re.compile(r"^[ \t]*([a-z_]\w*(?:\.[a-z_]\w*)+)[ \t]+\"", re.MULTILINE)
# What the tool itself adds to each case.
AROUND = {"logs": {"loki.source.api", "loki.write"}, "metrics": {"prometheus.scrape", "prometheus.remote_write"}, "exports": set(), "validate": set()}
FLAGS = ["--stability.level=experimental", "--feature.community-components.enabled"]


def unmark(line):
    """The mark U+27C2 keeps invented credentials from looking real; it stands for nothing."""
    return line.replace("\u27c2", "").replace("\\u27c2", "")


def missing_components(binary, names):
    """Those of `names` that the program does not know, told by its own findings on a file that has one of each."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "config.alloy")
        with open(path, "w") as file:
            file.writelines(f'{name} "x" {{ }}\n' for name in names)
        run = subprocess.run([binary, "validate", "--format=json", *FLAGS, path], capture_output=True, text=True, timeout=60)
    findings = json.loads(run.stdout)
    # One name on each line: the findings are told apart by where they stand.
    absent = ("config/unknown-component", "config/not-in-this-build")
    lines = {f["span"]["start"]["line"] for f in findings if f["code"] in absent}
    return {name for number, name in enumerate(names, 1) if number in lines}


def components_of(case, known):
    texts = [case.get("config", ""), case.get("scrape", ""), *case.get("files", {}).values(), *case.get("update", {}).values()]
    used = {name for text in texts for name in HEADER.findall(text)}
    return (used & known) | AROUND[case["kind"]]


def listed(kind):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "differs.toml")
    with open(path, "rb") as file:
        entries = tomllib.load(file).get("differs", [])
    for entry in entries:
        if not entry.get("reason") or ("name" in entry) == ("pattern" in entry) or entry.get("kind") not in AROUND:
            sys.exit(f"{path}: an entry needs a kind, a reason, and either a name or a pattern: {entry}")
    return [entry for entry in entries if entry["kind"] == kind]


def fits(entry, name):
    return entry["name"] == name if "name" in entry else re.fullmatch(entry["pattern"], name) is not None


# What a case refers to and the tool adds.
FAR_ENDS = {
    "logs": 'loki.write "@" {\n  endpoint {\n    url = "http://127.0.0.1:1"\n  }\n}\n',
    "metrics": 'prometheus.remote_write "@" {\n  endpoint {\n    url = "http://127.0.0.1:1"\n  }\n}\n',
}


def refused(binary, case):
    """Whether the program refuses the case alone. The tool runs many at a time and halves a group that is refused, so
    those are best kept together."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "config.alloy")
        with open(path, "w", newline="") as file:
            file.write((case.get("config", "") + "\n" + FAR_ENDS.get(case["kind"], "")).replace("@", "c0000"))
        return subprocess.run([binary, "validate", *FLAGS, path], capture_output=True, timeout=60).returncode != 0


def differing(binary, shared, cases):
    """Names of the cases that the tool calls different."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cases.jsonl")
        with open(path, "w") as file:
            file.writelines(json.dumps(case) + "\n" for case in cases)
        run = subprocess.run([sys.executable, os.path.join(shared, "tools", "cases.py"), "check", binary, path], stdout=subprocess.PIPE, text=True)
    names = {line.split(" ", 2)[2] for line in run.stdout.splitlines() if line.startswith("DIFF ")}
    if run.returncode != (1 if names else 0):
        sys.exit(f"the tool ended with {run.returncode}:\n{run.stdout[-2000:]}")
    return names


def main():
    binary, shared, kind = sys.argv[1:4]
    binary = os.path.abspath(binary)
    with open(os.path.join(shared, "conformance", "components.jsonl")) as file:
        known = [json.loads(unmark(line))["name"] for line in file]
    missing = missing_components(binary, known)
    with open(os.path.join(shared, "conformance", f"{kind}.jsonl")) as file:
        cases = [json.loads(unmark(line)) for line in file if line.strip()]
    only = re.compile(os.environ.get("JUDGE_ONLY", ""))
    cases = [case for case in cases if only.search(case["name"])]
    able = [case for case in cases if not components_of(case, set(known)) & missing]
    if kind != "validate":
        able.sort(key=lambda case: refused(binary, case))
    differ = differing(binary, shared, able) if able else set()
    entries = listed(kind)
    # The tool may give two of its many cases the same port, and a busy machine may be late for one: what really
    # differs does so again, with few beside it.
    doubtful = [case for case in able if case["name"] in differ and not any(fits(entry, case["name"]) for entry in entries)]
    if doubtful:
        differ -= {case["name"] for case in doubtful} - differing(binary, shared, doubtful)
    meant = {name for name in differ if any(fits(entry, name) for entry in entries)}
    bad = sorted(differ - meant)
    for name in bad:
        print(f"DIFFERS {kind} {name}")
    names = {case["name"] for case in able}
    stale = [entry for entry in entries if any(fits(entry, n) for n in names) and not any(fits(entry, n) for n in differ)]
    # An exact name, or a pattern, that fits a case which agrees is out of date.
    for entry in stale:
        print(f"AGREES, but differs.toml lists it: {kind} {entry.get('name') or entry.get('pattern')}")
    absent = len(cases) - len(able)
    print(f"{kind}: {len(able) - len(differ)} agree, {len(meant)} differ as listed, {len(bad)} differ, {absent} not in this build, of {len(cases)}")
    sys.exit(bool(bad or stale))


main()
