"""spfsuite.py BUILD [SUITE]: the public test suite of RFC 7208 by spfquery.

SUITE is rfc7208-tests.yml of the openspf project; it is no part of this tree.
Its zones are served by fake/dnsd.py, so that real questions are asked.
"""
import concurrent.futures
import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "fake"))
import dnsd     # noqa: E402 pylint: disable=wrong-import-position

CODES = {"pass": 0, "fail": 1, "softfail": 2, "neutral": 3, "none": 4,
         "temperror": 5, "permerror": 6}
SKIPPED = 77


def escaped(text, special):
    """As a zone of dnsd.py has it; the suite means octets by characters."""
    return "".join(chr(c) if 33 <= c < 127 and chr(c) not in special
                   else "\\%03d" % c for c in text.encode("latin-1"))


def name_of(text):
    return escaped(text, "\\") or "."


def strings_of(value):
    """The strings of a TXT record, each of which holds 255 octets."""
    whole = []
    for text in [value] if isinstance(value, str) else value or [""]:
        whole += [text[i:i + 255] for i in range(0, len(text), 255)] or [""]
    return " ".join('"%s"' % escaped(text, '\\"') for text in whole)


def data_of(kind, value):
    if kind == "TXT":
        return strings_of(value)
    if kind == "MX":
        return "%d %s" % (value[0], name_of(value[1]))
    return value if kind in ("A", "AAAA") else name_of(value)


def zone_of(data):
    """The lines of a zone.  Records of the type SPF are also those of TXT,
    where a name has no TXT of its own; TXT: NONE is no record.  TIMEOUT is
    for those types of which there is none."""
    lines = []
    for name, rows in data.items():
        rows = [("TIMEOUT", True) if isinstance(row, str) else
                next(iter(row.items())) for row in rows]
        has_txt = any(kind == "TXT" for kind, _ in rows)
        for kind, value in rows:
            if kind == "TIMEOUT":
                lines += ["%s !servfail:%s" % (name_of(name), other)
                          for other in ("A", "AAAA", "MX", "PTR", "TXT")
                          if not any(k == other and v != "NONE"
                                     for k, v in rows)]
            elif kind == "SPF":
                if not has_txt:
                    lines.append("%s TXT %s" % (name_of(name),
                                                strings_of(value)))
            elif value != "NONE":
                lines.append("%s %s %s" % (name_of(name), kind,
                                           data_of(kind, value)))
    return "\n".join(lines)


def run(home, name, test):
    done = subprocess.run(
        [PROGRAM, test["host"], test["helo"], test["mailfrom"]],
        env={"PATH": os.environ["PATH"], "QMAILHOME": home},
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        check=False)
    lines = done.stdout.decode().splitlines() or [""]
    facts = dict(line.split("=", 1) for line in lines[1:])
    wanted = test["result"]
    if lines[0] not in (wanted if isinstance(wanted, list) else [wanted]):
        return "%s: %s, not %s; %s%s" % (name, lines[0], wanted, facts,
                                         done.stderr.decode())
    if done.returncode != CODES[lines[0]]:
        return "%s: exit code %d" % (name, done.returncode)
    wanted = test.get("explanation")
    if wanted == "DEFAULT":
        wanted = ""
    if wanted is not None and facts.get("explanation", "") != wanted:
        return "%s: explanation %r, not %r" % (
            name, facts.get("explanation"), wanted)
    return None


def scenario(group):
    """What is wrong, and of how many cases."""
    home = tempfile.mkdtemp(prefix="spfsuite.")
    try:
        os.mkdir(home + "/control")
        with dnsd.Server(zone_of(group["zonedata"])) as server:
            with open(home + "/control/resolvers", "w",
                      encoding="ascii") as file:
                file.write("127.0.0.1:%d\n" % server.port)
            wrong = [run(home, name, test)
                     for name, test in group["tests"].items()]
    finally:
        shutil.rmtree(home)
    return [line for line in wrong if line], len(wrong)


def main():
    if len(sys.argv) < 3:
        print("no public suite: name it as SPF_SUITE")
        return SKIPPED
    try:
        import yaml     # pylint: disable=import-outside-toplevel
    except ImportError:
        print("no module yaml for Python (Debian: python3-yaml)")
        return SKIPPED
    signal.alarm(300)       # should a case hang
    with open(sys.argv[2], encoding="utf-8") as file:
        groups = list(yaml.safe_load_all(file))
    wrong, count = [], 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for lines, n in pool.map(scenario, groups):
            wrong += lines
            count += n
    for line in wrong:
        print(line)
    print("%d of %d cases passed" % (count - len(wrong), count))
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    PROGRAM = os.path.join(os.path.abspath(sys.argv[1]), "spfquery")
    sys.exit(main())
