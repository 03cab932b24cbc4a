"""spfquery.py BUILD: what BUILD/spfquery says, with fake/dnsd.py as the DNS.

What a record means is for tests/unit/mail/spf.c and tests/spfsuite.py; this is
about arguments, exit codes, and a DNS that is slow, silent or wrong.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "fake"))
import dnsd     # noqa: E402 pylint: disable=wrong-import-position

PASS, FAIL, SOFTFAIL, NEUTRAL, NONE, TEMPERROR, PERMERROR, USAGE = \
    0, 1, 2, 3, 4, 5, 6, 64

ZONE = r"""
a.test TXT "v=spf1 ip4:192.0.2.1 ~ip4:192.0.2.2" " exp=e.a.test ?ip4:192.0.2.3 -all"
e.a.test	TXT	"%{i} is not one of ours, says %{r}"
bad.test	TXT	"v=spf1 moo"
six.test	TXT	"v=spf1 a -all"
six.test	AAAA	2001:db8::1
verp.test	TXT	"v=spf1 exists:%{l}.l.verp.test -all"
u+a=b.l.verp.test	A	127.0.0.1
ptr.test	TXT	"v=spf1 ptr -all"
1.2.0.192.in-addr.arpa	PTR	host.ptr.test
host.ptr.test	A	192.0.2.1
dead.test	!servfail
silent.test	!timeout
garbage.test	!garbage
wrong.test	TXT	"v=spf1 all"
wrong.test	!wrongquestion
slow.test TXT "v=spf1 a:s1.test a:s2.test mx:s3.test" " exists:s4.test INCLUDES"
s1.test		A	10.0.0.1
s2.test		A	10.0.0.1
s3.test		MX	10 s1.test
s4.test		AAAA	::1
s5.test		TXT	"v=spf1 ip4:10.0.0.2"
s6.test		TXT	"v=spf1 ip4:192.0.2.1"
s1.test		!slow 300
s2.test		!slow 300
s3.test		!slow 300
s4.test		!slow 300
s5.test		!slow 300
s6.test		!slow 300
""".replace("INCLUDES", "include:s5.test include:s6.test -all")

ROWS = [
    (("192.0.2.1", "h", "x@a.test"), PASS, "pass\nmechanism=ip4:192.0.2.1\n"),
    (("::ffff:192.0.2.1", "h", "x@a.test"), PASS,
     "pass\nmechanism=ip4:192.0.2.1\n"),
    (("192.0.2.9", "h", "x@a.test"), FAIL, "fail\nmechanism=-all\n"
     "explanation=192.0.2.9 is not one of ours, says mx.test\n"),
    (("192.0.2.2", "h", "x@a.test"), SOFTFAIL,
     "softfail\nmechanism=~ip4:192.0.2.2\n"),
    (("192.0.2.3", "h", "x@a.test"), NEUTRAL,
     "neutral\nmechanism=?ip4:192.0.2.3\n"),
    (("192.0.2.1", "h", "x@nowhere.test"), NONE, "none\n"),
    (("192.0.2.1", "localhost", ""), NONE, "none\n"),
    (("192.0.2.1", "", ""), NONE, "none\n"),
    (("192.0.2.1", "a.test", ""), PASS, "pass\nmechanism=ip4:192.0.2.1\n"),
    (("192.0.2.1", "h", "x@bad.test"), PERMERROR,
     "permerror\nproblem=name of a mechanism\n"),
    (("2001:db8::1", "h", "x@six.test"), PASS, "pass\nmechanism=a\n"),
    (("192.0.2.1", "h", "U+a=B@verp.test"), PASS,
     "pass\nmechanism=exists:%{l}.l.verp.test\n"),
    (("192.0.2.1", "h", "u+a=c@verp.test"), FAIL, "fail\nmechanism=-all\n"),
    (("192.0.2.1", "h", "x@ptr.test"), PASS, "pass\nmechanism=ptr\n"),
] + [
    (("192.0.2.1", "h", "x@%s.test" % name), TEMPERROR,
     "temperror\nproblem=DNS failure\n")
    for name in ("dead", "silent", "garbage", "wrong")
]
WRONG = [(), ("192.0.2.1",), ("192.0.2.1", "h"), ("1.2.3", "h", "x@a.test"),
         ("", "h", "x@a.test"), ("192.0.2.1", "h", "x@a.test", "more")]
ROUNDS_MS = 300         # each of the answers of slow.test


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError("%r: %r, not %r" % (what, got, wanted))


def control(home, name, text):
    with open(home + "/control/" + name, "w", encoding="ascii") as file:
        file.write(text)


def run(home, words):
    done = subprocess.run(
        [PROGRAM, *words], stdin=subprocess.DEVNULL, timeout=60,
        env={"PATH": os.environ["PATH"], "QMAILHOME": home},
        capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def check(home):
    with dnsd.Server(ZONE) as server:
        control(home, "me", "mx.test\n")
        control(home, "resolvers", "127.0.0.1:%d\n" % server.port)
        control(home, "dnstimeout", "2\n")
        for words, code, out in ROWS:
            same(run(home, words), (code, out, ""), words)
        # Six terms and the names of an mx: two rounds and not seven.
        control(home, "dnstimeout", "20\n")
        began = time.monotonic()
        same(run(home, ("192.0.2.1", "h", "x@slow.test")),
             (PASS, "pass\nmechanism=include:s6.test\n", ""), "slow")
        took_ms = (time.monotonic() - began) * 1000
        if not ROUNDS_MS <= took_ms < 4 * ROUNDS_MS:
            raise AssertionError("slow.test took %d ms" % took_ms)
        before = len(server.questions)
        for words in WRONG:
            same(run(home, words), (USAGE, "", "spfquery: usage: spfquery "
                                    "address helo sender\n"), words)
        control(home, "resolvers", "nonsense\n")
        code, out, err = run(home, ("192.0.2.1", "h", "x@a.test"))
        same((code, out), (TEMPERROR, ""), "nonsense")
        if not err.startswith("spfquery: control/resolvers"):
            raise AssertionError(err)
        code, out, err = run(home + "/none", ("192.0.2.1", "h", "x@a.test"))
        same((code, out), (TEMPERROR, ""), "no home")
        if not err.startswith("spfquery: %s/none: " % home):
            raise AssertionError(err)
        same(len(server.questions), before, "questions")


def main():
    signal.alarm(120)       # should it hang
    home = tempfile.mkdtemp(prefix="spfquery.")
    try:
        os.mkdir(home + "/control")
        check(home)
    finally:
        shutil.rmtree(home)
    print("%d cases passed" % (len(ROWS) + len(WRONG) + 3))


PROGRAM = os.path.join(os.path.abspath(sys.argv[1]), "spfquery")
main()
