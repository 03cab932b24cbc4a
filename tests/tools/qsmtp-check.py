"""qsmtp-check.py BUILD: what BUILD/qsmtp-check finds in homes of all kinds.

Each case has a home of its own.  One that cannot run here is skipped with its
reason.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

GOOD, WARNINGS, ERRORS, USAGE, UNABLE = 0, 1, 2, 64, 111
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PASSWD = "/etc/passwd"
MOST = 16 << 20         # octets of a control file that is read
NO_QUEUE = "note: queue: No such file or directory: there is no queue of " \
    "qmail in this home"


class Skipped(Exception):
    pass


EMPTY_MAP = (b"\0\x08\0\0" + b"\0" * 4) * 256


class Link(str):
    pass


class Fifo:
    pass


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError("%s: %.1500r, not %.1500r" % (what, got, wanted))


CLEAN = {
    "control/me": "mail.example.org\n",
    "control/rcpthosts": "example.org\n.example.org\n",
    "control/locals": "example.org\n",
    "queue/lock/tcpto": "",
    "queue/lock/tcpto6": "",
}
PROGRAMS = {"qmail-queue": 0o4755, "Qsmtpd": 0o755, "Qremote": 0o755,
            "qmail-remote": 0o755}


class Box:
    """A home in which nothing is amiss."""

    def __init__(self, home):
        self.home = home
        os.chmod(home, 0o755)
        for path, text in CLEAN.items():
            self.put(path, text)
        self.put("spool", None, 0o700)
        for name, mode in PROGRAMS.items():
            self.put("bin/" + name, "#!/bin/sh\n", mode)

    def path(self, name):
        return os.path.join(self.home, name)

    def put(self, name, what, mode=None):
        """A file, a link, a FIFO; a folder where there is nothing."""
        path = self.path(name)
        self.remove(name)
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        if what is None:
            os.mkdir(path, 0o755)
        elif isinstance(what, Link):
            os.symlink(what, path)
            return
        elif isinstance(what, Fifo):
            os.mkfifo(path, 0o644)
        else:
            with open(path, "wb") as file:
                file.write(what if isinstance(what, bytes)
                           else what.encode())
        os.chmod(path, mode or (0o755 if what is None else 0o644))

    def remove(self, name):
        path = self.path(name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)

    def run(self, *words, prefix=(), **more):
        env = {"PATH": os.environ["PATH"], **more}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        done = subprocess.run([*prefix, PROGRAM, *words], env=env,
                              stdin=subprocess.DEVNULL, timeout=120,
                              capture_output=True, check=False)
        if b"Sanitizer" in done.stderr or b"runtime error" in done.stderr:
            raise AssertionError(done.stderr.decode())
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def expect(self, *wanted, code=None, **more):
        """All findings, but that nobody knows qmaild here."""
        got, out, err = self.run(self.home, **more)
        same(err, "", "standard error")
        lines = out.replace(self.home, "HOME").splitlines()
        found = [line for line in lines[:-1] if PASSWD not in line]
        same(found, list(wanted), "findings")
        counts = [sum(line.startswith(word + ":") for line in lines)
                  for word in ("error", "warning", "note")]
        same(lines[-1], "%d error%s, %d warning%s, %d note%s" % tuple(
            x for n in counts for x in (n, "" if n == 1 else "s")), "sum")
        if code is None:
            code = ERRORS if counts[0] else WARNINGS if counts[1] else GOOD
        same(got, code, "exit code")


CASES = []


def case(function):
    CASES.append((function.__name__.replace("_", " "), function, ()))
    return function


def table(rows):
    def add(function):
        for row in rows:
            CASES.append(("%s: %s" % (function.__name__.replace("_", " "),
                                      row[0]), function, row))
        return function
    return add


@case
def clean(box):
    box.expect()
    code, out, err = box.run("-q", box.home)
    same((code, out, err), (GOOD, "", ""), "quiet")
    code, out, err = box.run(QMAILHOME=box.home)
    same((code, err), (GOOD, ""), "by QMAILHOME")


E, W, N = "error: control/", "warning: control/", "note: control/"
SENSELESS = ": makes no sense"
FOLDER = ": Is a directory"
NOWHERE = ": is a link that leads nowhere"
ABSENT = ": No such file or directory"
NO_FILE = ": is no file that can be read"
CR = ": ends with CR and matches nothing"
CR_VALUE = " line 1: ends with CR, which is a part of it"
LEAD = ": begins with a blank and matches nothing"
INNER = ": has a blank inside and matches nothing; a comment begins its line"
PATTERN = ": is a pattern of other qmails; here it matches only itself"
NO_AT = ": has no @: it is a domain with all below it, as in Qsmtp; stock " \
    "qmail matches nothing by it"
COMMENT = " line 1: is the value: there are no comments in this file"
NO_DIGIT = " line 1: begins with no digit, so the file counts as absent"
NO_ME = W + "me: is absent: other programs of qmail need it, too"
NO_COLON = ": has no colon, so the line counts for nothing"
EXPOSED = ": holds a password and is readable by all"
CLEAR = ": lets its password go without TLS"
TWICE = ": counts for nothing: a later line has its key; in Qsmtp the " \
    "first one counts"
NOBODYS = ": is known to no program of a qmail"
WRITABLE = ": can be written by others than its owner (mode %s)"


SPOOLED = ": long messages are spooled in the system's temporary folder"
BITS = ": helovalid: bits 1 and 16, which Qsmtp's manual suggests, are none " \
    "of what it refuses: 4 is our address in brackets, 8 an invalid name, " \
    "32 our address"


def of(whose, why):
    return ": is of %s and not supported: %s" % (whose, why)


QSMTP, SAGREDO = "Qsmtp", "sagredo's qmail"
SQMAIL, PERL = "s/qmail", "qpsmtpd"
NO_PARAMETERS = "OpenSSL has its own"
NO_CERTIFICATE = ": has no certificate in PEM"
NO_KEY = ": has no key in PEM"
NO_HOST = ": is for no host: a name is in lower case"
KEY_IS_OPEN = ": holds a key, and is readable by all"
SECRET_IS_OPEN = ": may hold a key or a password, and is readable by all"
UNKNOWN_VERSION = " line 1: makes no sense: it is 1.0, 1.1, 1.2 or 1.3"
OLD_VERSION = " line 1: lets a version of TLS be used that is not safe"
PEM = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
PEM_KEY = "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"
LOCKED = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
LOCKED_KEY = ": has a key that needs a password, and none can be given"
NO_SPF = "spfpolicy in control/filterconf says what is refused"
NOT_BESIDE = ": counts for nothing beside control/"

# Files of control/ besides those of a clean home, and what is found.
FOUND = [
    ("no me", {"me": ...}, E + "me" + ABSENT, NO_ME),
    ("no me, but its kin", {"me": ..., "smtpgreeting": "mx.example.org hi\n",
                            "helohost": "mx.example.org\n"}, NO_ME),
    ("words", {"barelf": "mend\n", "split": "users\n", "ipfamily": "5\n",
               "outgoingip": "::1\n", "outgoingip6": "192.0.2.1\n"},
     *[E + name + SENSELESS for name in
       ("barelf", "ipfamily", "outgoingip", "outgoingip6", "split")]),
    ("empty helohost", {"helohost": "\n"}, E + "helohost" + SENSELESS,
     N + "helohost line 1: is empty, which is its value"),
    ("folders", {"rcpthosts": None, "databytes": None, "notipme": None,
                 "smtproutes": None, "filterconf": None, "me": None},
     *[E + name + FOLDER for name in
       ("databytes", "filterconf", "me", "notipme", "rcpthosts",
        "smtproutes")]),
    ("links", {"badhelo": Link("x"), "morercpthosts.cdb": Link("x")},
     E + "badhelo" + NOWHERE, E + "morercpthosts.cdb" + NOWHERE),
    ("FIFO", {"timeoutsmtpd": Fifo(), "badrcptto": Fifo()},
     E + "badrcptto" + NO_FILE, E + "timeoutsmtpd" + NO_FILE),
    ("too large", {"badmailfrom": b"\n" * (MOST + 1)},
     E + "badmailfrom: File too large"),
    ("relayclients, text",
     {"relayclients": "10.0.0.0/8\n1.2.3.4.\n\n1::2\nb\n"},
     E + "relayclients line 2" + SENSELESS,
     E + "relayclients line 5" + SENSELESS),
    ("relayclients, good text", {"relayclients": "# us\n10.0.0.0/8\n::1\n"},
     N + "relayclients: a text of 2 networks"),
    ("relayclients, binary", {"relayclients": b"\x0a\0\0\0\x08" * 2,
                              "relayclients6": b"\0" * 16 + b"\x40"},
     N + "relayclients: a binary list of 2 networks of IPv4",
     N + "relayclients6: a binary list of 1 network of IPv6"),
    ("relayclients, bad record", {"relayclients": b"\x0a\0\0\0\x08\0\0\0\0"
                                  b"\x21"},
     E + "relayclients record 2" + SENSELESS),
    ("relayclients, half a record", {"relayclients": b"\x0a\0\0\0\x08\0"},
     E + "relayclients record 2" + SENSELESS),
    ("relayclients, a word", {"relayclients": "mail\n"},
     W + "relayclients: is read as a binary list, but looks like a text "
     "that is no list of networks",
     N + "relayclients: a binary list of 1 network of IPv4"),
    ("relayclients, names", {"relayclients": "relay.example.org\n"},
     E + "relayclients record 1" + SENSELESS,
     W + "relayclients: is read as a binary list, but looks like a text "
     "that is no list of networks"),
    ("smtproutes", {"smtproutes": "a.test:r:x\n#\nb.test\n:[::1\nc.test:r\n"},
     E + "smtproutes line 1" + SENSELESS, E + "smtproutes line 4" + SENSELESS,
     W + "smtproutes line 3" + NO_COLON),
    ("smtproutes, many", {"smtproutes": "a:r:x\n" * 30},
     *[E + "smtproutes line %d" % n + SENSELESS for n in range(1, 21)],
     W + "smtproutes line 1" + TWICE + "; 28 more lines like it"),
    ("smtproutes, traps",
     {"smtproutes": "a.test:r\n b.test:r\nA.test:q\nc.test:r\r\n"},
     W + "smtproutes line 1" + TWICE, W + "smtproutes line 2" + LEAD,
     W + "smtproutes line 4: ends with CR, which is a part of it"),
    ("smtproutes, passwords",
     {"smtproutes": "a.test:r|u|p\n\nb.test:r|u|p|cleartext\nc:r|u\n"},
     E + "smtproutes line 4" + SENSELESS,
     W + "smtproutes" + EXPOSED, N + "smtproutes line 3" + CLEAR),
    ("authsenders", {"authsenders": "a@x.test:r|u|p\n@x.test:r:0\n"
                                    "b@x.test\n:r|u|p|cleartext\n"},
     E + "authsenders line 2" + SENSELESS, W + "authsenders" + EXPOSED,
     W + "authsenders line 3" + NO_COLON, N + "authsenders line 4" + CLEAR),
    ("senderhosts", {"senderhosts": "x.test|::1\nx.test|192.0.2.1\n|1|2\n"},
     E + "senderhosts line 1" + SENSELESS,
     E + "senderhosts line 3" + SENSELESS),
    ("smtproutes.d", {"smtproutes.d/x.test": "relay=r\nhost=r\nport=0\n",
                      "smtproutes.d/*.x.test": "relay=r\n",
                      "smtproutes.d/Z.test": "relay=r\n",
                      "smtproutes.d/y.test": "clientcert=control/c.pem\n",
                      "smtproutes.d/default": "port=26\n",
                      "smtproutes.d/f.test": None},
     E + "smtproutes.d/f.test" + FOLDER,
     E + "smtproutes.d/x.test line 2" + SENSELESS,
     E + "smtproutes.d/x.test line 3" + SENSELESS,
     W + "smtproutes.d/Z.test: is for no host: a name is in lower case, "
     "*.DOMAIN, or default"),
    ("smtproutes.d is a file", {"smtproutes.d": ""},
     E + "smtproutes.d: Not a directory"),
    ("resolvers", {"resolvers": "127.0.0.1\n# x\n127.0.0.256\n"},
     E + "resolvers line 3" + SENSELESS),
    ("filterconf", {"filterconf": "badhelo=off\nlimits=maybe\nspfpolicy=3\n"
                                  "loop = off\nother=1\nhelovalid=18\n"
                                  "fail_hard_on_temp=x # y\n=\n"},
     E + "filterconf line 2: key limits: its value makes no sense",
     E + "filterconf line 4" + SENSELESS,
     E + "filterconf line 7: key fail_hard_on_temp: its value makes no sense",
     E + "filterconf line 8" + SENSELESS,
     W + "filterconf line 5: key other is known to no filter",
     W + "filterconf line 6" + BITS),
    ("filterconf, keys of all kinds",
     {"filterconf": "whitelistauth=1\nforcestarttls=1\nnobounce\nnoapos\n"
                    "check_strict_rfc2822\nusersize=20000\nhelovalid=44\n"
                    "block_SoberG\nsmtp_space_bug=1\nfromdomain=7\n"
                    "reject_ipv6only\nblock_wildcardns\nnomail=off\n"
                    "ptr=monitor\nptrconfirmed\nptrdefer=0\nhelodns\n"
                    "mxof=defer\n"}),
    ("filterconf, keys of ptr", {"filterconf": "ptrconfirmed=x\n"},
     E + "filterconf line 1: key ptrconfirmed: its value makes no sense"),
    ("wildcardns", {"wildcardns": "# all\ncom_::ffff:192.0.2.1 # old\n"
                                  "com_192.0.2.1\ncom 192.0.2.1\n"
                                  "photography_2001:db8::1\nco.uk_::1\n"},
     W + "wildcardns line 4: matches nothing: no top-level domain, "
     "underscore and address; 1 more line like it"),
    ("files of filters", {"badcc": "a@x.test\r\n", "nomail": "",
                          "goodmailfrom": "a@x.test b\n",
                          "ipbl": "192.0.2.0/24\n", "ipblv6": "::1/129\n",
                          "ipwl": b"\xc0\0\2\1\x20",
                          "ipwlv6": b"\x20\1\x0d\xb8"},
     E + "ipblv6 line 1" + SENSELESS, E + "ipwlv6 record 1" + SENSELESS,
     W + "badcc line 1" + CR, W + "goodmailfrom line 1" + INNER,
     N + "ipbl: a text of 1 network",
     N + "ipwl: a binary list of 1 network of IPv4",
     N + "nomail: is of Qsmtp and has no effect: it counts in the folder "
     "of a domain or of a user"),
    ("lines and numbers of the server",
     {"msgidhost": "# us\n", "spooldir": "spool # ours\n", "tarpit": "x\n",
      "vpopbounce": "| bounce\n"},
     W + "msgidhost" + COMMENT, W + "tarpit" + NO_DIGIT,
     "note: spool # ours" + ABSENT + SPOOLED),
    ("recipientcheck, a bad line",
     {"recipientcheck": "# who\nexample.org:none\nx.test:ldap\n:cdb\n"},
     E + "recipientcheck line 3" + SENSELESS),
    ("two bad lines of recipientcheck",
     {"recipientcheck": "x.test:ldap\n# who\n:none\ny.test\n"},
     E + "recipientcheck line 1" + SENSELESS,
     E + "recipientcheck line 4" + SENSELESS),
    ("recipientcheck is a folder", {"recipientcheck": None},
     E + "recipientcheck" + FOLDER),
    ("recipientcheck, what it names",
     {"recipientcheck": "a.test:cdb\nb.test:cdb:other.cdb\n.c.test:qmail\n"
                        "d.test:program:bin/nothing\ne.test:program\n"
                        "f.test:program:bin/qmail-queue\n:vpopmail\n"},
     "error: bin/nothing" + ABSENT + ": mail to the domains that it tells "
     "of is put off", "error: bin/qmail-getpw" + ABSENT + ": mail to users "
     "that users/cdb does not have is put off",
     *[E + "recipientcheck: names control/%s, which is absent: mail to its "
       "domains is put off" % name for name in ("other.cdb",
                                                "validrcptto.cdb")]),
    ("recipientcheck, a damaged list",
     {"recipientcheck": ":cdb:other.cdb\n", "other.cdb": "no cdb\n"},
     E + "other.cdb: is a damaged cdb"),
    ("recipientcheck, a list and its text",
     {"recipientcheck": "a.test:none\n:cdb:other.cdb\n", "other": "",
      "other.cdb": EMPTY_MAP, "more.cdb": EMPTY_MAP}, N + "more.cdb" + NOBODYS),
    ("recipientcheck, a text alone",
     {"recipientcheck": ":cdb:other.cdb\n", "other": ""},
     E + "recipientcheck: names control/other.cdb, which is absent: mail to "
     "its domains is put off", W + "other: counts only as "
     "control/other.cdb, which is absent"),
    ("damaged cdb", {"morercpthosts.cdb": "no cdb\n"},
     E + "morercpthosts.cdb: is a damaged cdb"),
    ("text without cdb", {"morercpthosts": "example.net\n"},
     W + "morercpthosts: counts only as control/morercpthosts.cdb, which is "
     "absent"),
    ("values", {"me": "# us\n", "helohost": "mx.example.org\r\n",
                "localiphost": " x\n", "smtpgreeting": "\n"},
     W + "helohost" + CR_VALUE,
     W + "localiphost line 1: begins with a blank, which is a part of it",
     W + "me" + COMMENT,
     N + "smtpgreeting line 1: is empty, which is its value"),
    ("no host", {"me": "us\nthem\n", "helohost": "a b\n"},
     W + "helohost line 1: is no name of a host"),
    ("numbers", {"databytes": "# none\n20\n", "maxrcpt": "10M\n",
                 "maxhops": "-1\n", "maxerrors": "5 # five\n",
                 "timeoutsmtpd": "20\r\n", "timeoutremote": "\n"},
     W + "databytes" + NO_DIGIT, W + "maxhops" + NO_DIGIT,
     W + "maxrcpt line 1: only its digits count, not what follows them",
     W + "timeoutremote" + NO_DIGIT),
    ("lists", {"badrcptto": "a@x.test\r\n\n b@x.test\n\tc@x.test\n"
                            "d@x.test # why\n"},
     W + "badrcptto line 1" + CR,
     W + "badrcptto line 3" + LEAD + "; 1 more line like it",
     W + "badrcptto line 5" + INNER),
    ("patterns", {"badmailfrom": "*@x.test\n!a@x.test\n!inherit\n@y.test\n",
                  "badhelo": "[192.0.2.1]\n^local.*$\n[a-z]+\n"},
     W + "badhelo line 2" + PATTERN + "; 1 more line like it",
     W + "badmailfrom line 1" + PATTERN + "; 1 more line like it"),
    ("dialects of badmailfrom", {"badmailfrom": "a@x.test\n.y.test\nz.test\n"
                                                "!inherit\n"},
     N + "badmailfrom line 2" + NO_AT + "; 1 more line like it"),
    ("no rcpthosts", {"rcpthosts": ...},
     W + "rcpthosts: is absent: no domain is ours, and strangers can send "
     "nothing; stock qmail would relay for all"),
    ("locals", {"locals": "example.org\n# x\nexample.net\n"},
     W + "locals line 3: is in no list of rcpthosts: Qsmtpd refuses its "
     "mail from others"),
    ("logins", {"authsenders-allowed": "joe|joe@example.org\n# x\nann\n"
                                       "eve| |\n", "authcleartext": "1\n",
                "authtypes": "gssapi\n", "forcesslauth": "0\n"},
     W + "authcleartext: lets passwords of clients go without TLS",
     W + "authsenders-allowed line 3: names no address: its login may send "
     "as nobody by this line; 1 more line like it",
     W + "authtypes: has no mechanism that is known here: nobody can log in",
     N + "forcesslauth: AUTH wants TLS with or without it; "
     "control/authcleartext says that it need not"),
    ("DNS lists", {
        "dnsbl": "# all\nBL.test\nbl.test=127.0.0.[2;4..9]*1000  # x\n"
                 "!inherit\nbl.test*1001\nbl test\n bl.test\nbl.test\r\n"
                 " # x\nbl.test=127.0.0\nbl.test=126.0.0.2\n",
        "dnsblv6": "bl.test=127.0.0.2*0\n", "whitednsbl": "wl.test#\n",
        "whitednsblv6": "a..b\n", "rhsbl": "-bl.test\n",
        "namebl": "bl.test:text\n", "forceesmtp": "bl.test*2\n",
        "forceesmtpv6": "*\n"},
     *[E + "dnsbl line %d" % n + SENSELESS for n in (5, 6, 7, 8, 10, 11)],
     *[E + name + " line 1" + SENSELESS for name in (
         "dnsblv6", "forceesmtpv6", "namebl", "rhsbl", "whitednsbl",
         "whitednsblv6")]),
    ("DNS lists of others", {
        "dnsbllist": "-bl.test\nbl.test # x\nbl.test:x\nbl.test*2\n",
        "dnsbl_zones": "bl.test:x y\nbl.test x\n-bl.test:\n=x\n",
        "rhsbl_zones": "bl.test x y\nbl.test=127.0.0.2\n"},
     E + "dnsbl_zones line 3" + SENSELESS, E + "dnsbl_zones line 4" +
     SENSELESS, E + "dnsbllist line 4" + SENSELESS,
     E + "rhsbl_zones line 2" + SENSELESS),
    ("DNS lists of others beside ours", {
        "dnsbl": "bl.test\n", "rhsbl": "", "dnsbllist": "?\n",
        "dnsbl_zones": "bl.test\n", "rhsbl_zones": "bl.test\n"},
     W + "dnsbl_zones" + NOT_BESIDE + "dnsbl",
     W + "dnsbllist" + NOT_BESIDE + "dnsbl",
     W + "rhsbl_zones" + NOT_BESIDE + "rhsbl"),
    ("DNS lists of a domain", {
        "domains/x.test/dnsbl": "a b\n!inherit\nbl.test\n",
        "domains/x.test/a/whitednsblv6": "wl.test\nwl.test=1\n",
        "domains/x.test/dnsbllist": "bl.test\n"},
     E + "domains/x.test/a/whitednsblv6 line 2" + SENSELESS,
     E + "domains/x.test/dnsbl line 1" + SENSELESS,
     W + "domains/x.test/dnsbllist: counts for nobody in such a folder"),
    ("as many DNS lists as may be asked", {"dnsbl": "bl.test\n" * 100}),
    ("one DNS list too many", {"dnsbl": "bl.test\n" * 103},
     E + "dnsbl line 101: is one too many: 100 lists may be asked"),
    ("bad DNS lists, many", {"dnsbl": "?\n" * 30},
     *[E + "dnsbl line %d" % n + SENSELESS for n in range(1, 21)]),
    ("names", {"helodnscheck": "", "spfbehavior": "", "tlsdestinations": "",
               "whitelist_zones": "", "rsa2048.pem": "",
               "servercert.pem.192.0.2.1:25": None, "notlshosts_auto": "1",
               "exhaustivelist": "", "tls_protocols": "", "queuelifetime": "",
               "rcpthosts~": "", "virtualdomains": None},
     E + "servercert.pem.192.0.2.1:25" + FOLDER,
     E + "virtualdomains" + FOLDER,
     W + "exhaustivelist" +
     of(SAGREDO, "it counts as control/tlshosts/exhaustivelist"),
     W + "helodnscheck" +
     of(SAGREDO, "filters helodns and ptr look names up"),
     W + "spfbehavior" + of(SAGREDO, NO_SPF),
     W + "tls_protocols" + of(PERL, "control/tlsserverminimum is read"),
     W + "tlsdestinations" +
     of(SQMAIL, "control/tlspolicy says what hosts are to have"),
     W + "whitelist_zones" + of(PERL, "control/whitednsbl has such lists"),
     N + "notlshosts_auto: is of sagredo's qmail and has no effect: where "
     "TLS fails the mail goes without it, unless control/tlspolicy or "
     "control/tlshosts wants it",
     N + "rcpthosts~" + NOBODYS,
     N + "rsa2048.pem: is of Qsmtp and has no effect: " + NO_PARAMETERS),
    ("tlspolicy", {"tlspolicy": "x.test:encrypt\n:what\n*.x.test:may\n"
                   "x.test may\n\n# no\n:may ca=c\nX.test:none\n"
                   "y.test:verify ca=control/me\nz.test:verify ca=c/a\n"
                   "b.test:verify ca=control/me/a"},
     *[E + "tlspolicy line %d" % n + SENSELESS for n in (2, 3, 4, 7)],
     E + "tlspolicy line 10: c/a: No such file or directory",
     E + "tlspolicy line 11: control/me/a: Not a directory",
     W + "tlspolicy line 1: counts for nothing: a later line has its key; "
     "2 more lines like it"),
    ("tlspolicy, many", {"tlspolicy": "a:b\n" * 30},
     *[E + "tlspolicy line %d" % n + SENSELESS for n in range(1, 21)],
     W + "tlspolicy line 1: counts for nothing: a later line has its key; "
     "28 more lines like it"),
    ("tlspolicy is a folder", {"tlspolicy": None}, E + "tlspolicy" + FOLDER),
    ("versions of TLS", {"tlsclientminimum": "1.2\n1.4\n",
                         "tlsserverminimum": "1.3 \n",
                         "tlsclientciphers": "ECDHE\n# no\n!aNULL\n"}),
    ("odd versions of TLS", {"tlsclientminimum": "TLSv1.2\n",
                             "tlsserverminimum": ""},
     E + "tlsclientminimum: makes no sense",
     E + "tlsserverminimum" + UNKNOWN_VERSION),
    ("old versions of TLS", {"tlsclientminimum": "1.0\n",
                             "tlsserverminimum": "1.1"},
     W + "tlsclientminimum" + OLD_VERSION,
     W + "tlsserverminimum" + OLD_VERSION),
    ("tlshosts", {"tlshosts/x.test.pem": PEM, "tlshosts/X.test.pem": PEM,
                  "tlshosts/y.test": PEM, "tlshosts/z.test.pem": "z",
                  "tlshosts/f.test.pem": None, "tlshosts/.pem": PEM,
                  "tlshosts/l.test.pem": Link("l"),
                  "tlshosts/k.test.pem": PEM + PEM_KEY,
                  "tlshosts/exhaustivelist": ""},
     E + "tlshosts/f.test.pem" + FOLDER, E + "tlshosts/l.test.pem" + NOWHERE,
     E + "tlshosts/z.test.pem" + NO_CERTIFICATE,
     *[W + "tlshosts/" + name + NO_HOST + " with .pem behind it"
       for name in (".pem", "X.test.pem")],
     W + "tlshosts/k.test.pem" + KEY_IS_OPEN,
     W + "tlshosts/y.test" + NO_HOST + " with .pem behind it",
     N + "tlshosts/exhaustivelist: other hosts than those here get no TLS, "
     "unless control/tlspolicy wants it"),
    ("notlshosts", {"notlshosts/x.test": "", "notlshosts/X.test": "",
                    "notlshosts/*.y.test": "", "notlshosts/f.test": None},
     E + "notlshosts/f.test" + FOLDER, W + "notlshosts/*.y.test" + NO_HOST,
     W + "notlshosts/X.test" + NO_HOST),
    ("hosts that are no folders", {"tlshosts": "", "notlshosts": Link("x"),
                                   "servercerts": Link("servercerts")},
     E + "notlshosts" + NOWHERE,
     E + "servercerts: Too many levels of symbolic links",
     E + "tlshosts: Not a directory"),
    ("certificates", {"clientcert.pem": PEM, "servercert.pem": PEM,
                      "servercert.pem.::1:25": PEM, "clientca.pem": PEM},
     E + "clientcert.pem: has no key in it, nor is there a "
     "control/clientkey.pem"),
    ("no certificates", {"clientcert.pem": PEM_KEY, "servercert.pem": "",
                         "serverkey.pem": PEM, "clientca.pem": "x"},
     E + "clientca.pem" + NO_CERTIFICATE,
     E + "clientcert.pem" + NO_CERTIFICATE,
     E + "servercert.pem" + NO_CERTIFICATE, E + "serverkey.pem" + NO_KEY,
     W + "clientcert.pem" + KEY_IS_OPEN,
     W + "serverkey.pem" + SECRET_IS_OPEN),
    ("keys", {"clientkey.pem": PEM_KEY, "servercert.pem": PEM + PEM_KEY,
              "serverkey.pem.192.0.2.1": LOCKED,
              "servercerts/x.test/key.pem": PEM_KEY,
              "servercerts/x.test/cert.pem": PEM, "servercerts/y": PEM_KEY},
     E + "serverkey.pem.192.0.2.1" + LOCKED_KEY,
     W + "clientkey.pem: counts only beside control/clientcert.pem",
     W + "clientkey.pem" + SECRET_IS_OPEN, W + "servercert.pem" + KEY_IS_OPEN,
     W + "servercerts/x.test/key.pem" + KEY_IS_OPEN,
     W + "servercerts/y: is no folder of a name, and counts for nothing",
     W + "serverkey.pem.192.0.2.1" + SECRET_IS_OPEN),
    ("other links", {"smtproutes.d": Link("x"), "Qsmtpd_debug": Link("x"),
                     "rspf": Link("x"), "locals": Link("x"),
                     "dnsbl": Link("x")},
     E + "dnsbl" + NOWHERE, E + "locals" + NOWHERE, E + "rspf" + NOWHERE,
     E + "smtproutes.d" + NOWHERE,
     W + "Qsmtpd_debug" + NOWHERE),
    ("odd names", {"a\nb\x1b[1m": "", "c d 3": ""},
     N + "a?b?[1m" + NOBODYS, N + "c d 3" + NOBODYS),
]


@table(FOUND)
def found(box, _, files, *wanted):
    for name, what in files.items():
        if what is ...:
            box.remove("control/" + name)
        else:
            box.put("control/" + name, what)
    box.expect(*wanted)


@case
def numbers_are_sorted(box):
    box.put("control/relayclients", "1.2.3.4.5\n" * 12)
    box.expect(*[E + "relayclients line %d" % n + SENSELESS
                 for n in range(1, 13)])


@case
def maps(box):
    if not shutil.which("cdb"):
        raise Skipped("cdb of tinycdb is not here")
    for path, source in (("control/morercpthosts.cdb",
                          "control/morercpthosts"),
                         ("control/validrcptto.cdb", "control/validrcptto"),
                         ("users/cdb", "users/assign")):
        box.put(source, "example.net\n")
        subprocess.run(["cdb", "-c", "-m", box.path(path), box.path(source)],
                       check=True)
        box.expect()
        when = os.stat(box.path(path)).st_mtime
        os.utime(box.path(source), (when + 2, when + 2))
        box.expect("warning: %s: is older than %s, and is to be made anew" %
                   (path, source))
        with open(box.path(path), "r+b") as file:
            file.truncate(os.path.getsize(box.path(path)) - 1)
        os.utime(box.path(path), (when + 4, when + 4))
        box.expect("error: %s: is a damaged cdb" % path)
        box.remove(path)
        box.remove(source)
    box.put("users/assign", ".\n")
    box.expect("warning: users/assign: has no users/cdb beside it; "
               "qmail-newu makes that")


@case
def age_of_other_maps(box):
    box.put("control/validrcptto.cdb", "")
    box.put("control/validrcptto", "")
    when = os.stat(box.path("control/validrcptto.cdb")).st_mtime
    os.utime(box.path("control/validrcptto"), (when + 2, when + 2))
    box.expect(E + "validrcptto.cdb: is a damaged cdb",
               W + "validrcptto.cdb: is older than control/validrcptto, and "
               "is to be made anew")


@case
def queue_programs(box):
    lost = ": all mail is put off"
    box.put("bin/qmail-queue", "", 0o755)
    box.expect("warning: bin/qmail-queue: is not setuid: it cannot write to "
               "the queue for qmaild (mode 0755)")
    box.put("bin/qmail-queue", "", 0o644)
    box.expect("error: bin/qmail-queue: is no program" + lost)
    box.expect("error: bin/other" + ABSENT + lost, QMAILQUEUE="bin/other")
    box.expect("error: bin/other" + ABSENT + lost,
               QMAILQUEUE="/bin/true", QMAILQUEUEAUTH="bin/other")
    box.put("bin/other", "", 0o755)
    box.expect(QMAILQUEUE="bin/other")
    box.put("bin/qmail-queue", Link("nothing"))
    box.expect("error: bin/qmail-queue: is a link that leads nowhere" + lost)
    box.remove("bin/qmail-queue")
    box.expect("error: bin/qmail-queue" + ABSENT + lost)
    box.put("bin/qmail-queue", "", 0o4775)
    box.expect("warning: bin/qmail-queue" + WRITABLE % "4775")


@case
def programs(box):
    bounces = ": without it qmail-rspawn bounces all mail to other hosts"
    box.put("bin/qmail-remote", Link("Qremot"))
    box.expect("error: bin/qmail-remote: is a link that leads nowhere" +
               bounces)
    for name in ("qmail-remote", "Qsmtpd", "Qremote"):
        box.remove("bin/" + name)
    box.expect("warning: bin/qmail-remote" + ABSENT + bounces,
               *["note: bin/%s" % name + ABSENT + ": make install puts it "
                 "there" for name in ("Qremote", "Qsmtpd")])
    box.remove("bin")
    box.expect("note: bin" + ABSENT + ": no program of qmail is in this "
               "home", QMAILQUEUE="/bin/true")


@case
def places(box):
    waits = ": Qremote waits anew for each IPv%d host that does not answer"
    box.remove("queue/lock/tcpto")
    box.remove("queue/lock/tcpto6")
    box.expect("warning: queue/lock/tcpto" + ABSENT + waits % 4,
               "note: queue/lock/tcpto6" + ABSENT + waits % 6 +
               "; make install as root makes it")
    box.put("queue/lock/tcpto", None)
    box.put("queue/lock/tcpto6", "", 0o666)
    box.expect("warning: queue/lock/tcpto: is no file" + waits % 4,
               "warning: queue/lock/tcpto6: can be written by all "
               "(mode 0666)")
    box.remove("queue")
    box.expect(NO_QUEUE)


@case
def spool(box):
    box.remove("spool")
    box.expect("note: spool" + ABSENT + SPOOLED)
    box.put("spool", "", 0o600)
    box.expect("note: spool: is no folder" + SPOOLED)
    box.put("spool", None, 0o770)
    box.expect("warning: spool" + WRITABLE % "0770")
    box.put("spool", None, 0o1777)
    box.expect()
    box.put("control/spooldir", box.path("other") + "\n")
    box.expect("note: HOME/other" + ABSENT + SPOOLED)
    box.put("other", None, 0o700)
    box.expect()
    box.put("control/spooldir", None)
    box.expect(E + "spooldir" + FOLDER)


@case
def modes(box):
    box.put("control/me", "mail.example.org\n", 0o664)
    box.put("control/badhelo", "x\n", 0o646)
    os.chmod(box.path("control"), 0o777)
    os.chmod(box.home, 0o775)
    box.expect("warning: HOME" + WRITABLE % "0775",
               "warning: control" + WRITABLE % "0777",
               W + "badhelo" + WRITABLE % "0646",
               W + "me" + WRITABLE % "0664")
    box.put("control/smtproutes", ":r|u|p|cleartext\n", 0o600)
    os.chmod(box.home, 0o755)
    os.chmod(box.path("control"), 0o755)
    box.put("control/me", "mail.example.org\n")
    box.remove("control/badhelo")
    box.expect(N + "smtproutes line 1" + CLEAR)


def with_accounts(box):
    """A prefix with which qmaild and qmailr are known."""
    if os.getuid() != 0 or not shutil.which("unshare"):
        raise Skipped("another /etc/passwd takes root and unshare")
    box.put("passwd", "root:x:0:0::/:/bin/sh\nqmaild:x:7791:7790::/:/x\n"
            "qmailq:x:7794:7795::/:/x\nqmailrr:x:1:1::/:/x\n"
            "qmailr:x:7793:7795::/:/x\n")
    prefix = ["unshare", "-m", "sh", "-c",
              'mount --bind "$0" /etc/passwd && exec "$@"',
              box.path("passwd")]
    if subprocess.run([*prefix, "true"], check=False,
                      capture_output=True).returncode != 0:
        raise Skipped("nothing can be mounted here")
    return prefix


@case
def accounts(box):
    prefix = with_accounts(box)
    os.chown(box.path("bin/qmail-queue"), 7794, 7795)
    os.chmod(box.path("bin/qmail-queue"), 0o4711)
    for name in ("tcpto", "tcpto6"):
        os.chown(box.path("queue/lock/" + name), 7793, 7795)
    box.expect("note: spool: cannot be written by qmaild" + SPOOLED,
               prefix=prefix)
    os.chown(box.path("spool"), 7791, 7790)
    box.put("control/domains/x.test/filterconf", "", 0o600)
    box.put("program", "", 0o700)
    box.put("control/recipientcheck", "x.test:program:program\n")
    box.expect(E + "domains/x.test/filterconf: cannot be read by qmaild",
               "error: program: cannot be executed by qmaild: mail to the "
               "domains that it tells of is put off", prefix=prefix)
    os.chmod(box.path("program"), 0o755)
    os.chmod(box.path("control/domains/x.test/filterconf"), 0o644)
    box.expect(prefix=prefix)

    box.put("control/rcpthosts", "example.org\n", 0o600)
    box.put("control/me", "mail.example.org\n", 0o640)
    os.chown(box.path("control/me"), 0, 7795)
    box.put("control/smtproutes", ":r|u|p|cleartext\n", 0o400)
    os.chown(box.path("queue/lock/tcpto"), 0, 0)
    os.chown(box.path("bin/qmail-queue"), 0, 0)
    os.chmod(box.path("bin/qmail-queue"), 0o4710)
    os.chmod(box.home, 0o750)
    os.chown(box.home, 0, 7790)
    box.expect(
        "error: HOME: cannot be searched by qmailr",
        "error: bin/qmail-queue: cannot be executed by qmaild: all mail is "
        "put off",
        E + "me: cannot be read by qmaild",
        E + "rcpthosts: cannot be read by qmaild",
        E + "smtproutes: cannot be read by qmailr",
        "warning: bin/qmail-queue: does not belong to qmailq",
        "warning: queue/lock/tcpto: cannot be written by qmailr: Qremote "
        "waits anew for each IPv4 host that does not answer",
        N + "smtproutes line 1" + CLEAR, prefix=prefix)


@case
def quiet(box):
    box.put("control/other", "")
    box.put("control/whitelist_zones", "")
    code, out, _ = box.run("-q", box.home)
    same(code, WARNINGS, "exit code")
    same("note:" in out, False, "notes")
    same(out.splitlines()[0], W + "whitelist_zones" +
         of(PERL, "control/whitednsbl has such lists"), "finding")


@case
def cannot_run(box):
    for words, wanted in (
            (["/nonexistent"], UNABLE), ([box.path("bin")], UNABLE),
            (["-x"], USAGE), ([box.home, box.home], USAGE),
            (["-s", "a@b", box.home], USAGE),
            (["-q", "-r", "a@b", box.home], USAGE)):
        code, out, err = box.run(*words)
        same((code, out, err != ""), (wanted, "", True), " ".join(words))


@case
def environment(box):
    box.expect("error: $QSMTP_FILTERS: QSMTP_FILTERS word 2 makes no sense",
               QSMTP_FILTERS="loop=off =")
    box.expect("error: $DNSCACHEIP: makes no sense", DNSCACHEIP="nowhere")


# What a host with Qsmtp has in its control folder.
QSMTPS = {
    "me": "mx.example.org\n", "rcpthosts": "# ours\nexample.org\n",
    "relayclients": b"\x7f\0\0\0\x08\xc0\0\2\0\x18",
    "relayclients6": b"\x20\1\x0d\xb8" + b"\0" * 12 + b"\x20",
    "spffriends": b"\xc0\0\2\7\x20", "ipbl": b"\xc6\x33\x64\0\x18",
    "timeoutsmtpd": "320\n", "databytes": "20000000  # 20 MB\n",
    "filterconf": "# all\nwhitelistauth\nfromdomain=7\nspfpolicy=2\n"
                  "helovalid=18\nsmtp_space_bug=1\nfail_hard_on_temp=0\n",
    "badmailfrom": "spam.test\n@bulk.test\na@x.test\n",
    "badhelo": "localhost\n.dialup.test\n", "dnsbl": "bl.example.net\n",
    "whitednsbl": "wl.example.net\n", "namebl": "rhs.example.net\n",
    "authtypes": "plain\nlogin\ncram-md5\n", "forcesslauth": "1\n",
    "servercert.pem": PEM + PEM_KEY, "serverkey.pem": PEM_KEY,
    "dh2048.pem": "",
    "tlsserverciphers": "HIGH\n", "vpopbounce": "| bounce-no-mailbox\n",
    "smtproutes": "example.net:10.0.0.1\n:relay.example.org:26\n",
    "smtproutes.d/example.com": "relay=mx.example.com\nport=587\n",
    "outgoingip": "192.0.2.7\n", "helohost": "mx.example.org\n",
    "timeoutremote": "320\n", "tlshosts/mx.example.com.pem": PEM,
    "virtualdomains": "example.org:example.org\n",
}
KEY = " is of Qsmtp, and not supported"


@case
def whole_qsmtp(box):
    box.remove("control/locals")
    for name, what in QSMTPS.items():
        box.put("control/" + name, what,
                0o600 if name.endswith("key.pem") else None)
    box.expect(
        W + "filterconf line 5" + BITS,
        W + "servercert.pem" + KEY_IS_OPEN,
        N + "badmailfrom line 1" + NO_AT,
        N + "dh2048.pem: is of Qsmtp and has no effect: " + NO_PARAMETERS,
        N + "forcesslauth: AUTH wants TLS with or without it; "
        "control/authcleartext says that it need not",
        N + "ipbl: a binary list of 1 network of IPv4",
        N + "relayclients: a binary list of 2 networks of IPv4",
        N + "relayclients6: a binary list of 1 network of IPv6",
        N + "spffriends: a binary list of 1 network of IPv4")


SAGREDOS = {
    "me": "mx.example.org\n", "rcpthosts": "example.org\n",
    "locals": "localhost\nexample.org\n", "virtualdomains": "x.test:x\n",
    "defaultdomain": "example.org\n", "plusdomain": "example.org\n",
    "concurrencyremote": "60\n", "queuelifetime": "172800\n",
    "databytes": "20000000\n", "maxrcpt": "100\n", "brtlimit": "2\n",
    "spfbehavior": "3\n", "spfrules": "include:x.test\n",
    "badmailfrom": "!good@x.test\n.*@.*\\.test\n@bulk.test\n",
    "badmailfromnorelay": "@example.org\n", "badhelo": "^localhost$\n",
    "badrcptto": "gone@example.org\n", "dnsbllist": "-bl.example.net\n",
    "smtpplugins": "[helo]\n", "servercert.pem": PEM + PEM_KEY,
    "clientcert.pem": PEM + PEM_KEY,
    "tlsserverciphers": "HIGH\n", "notlshosts": None, "authservid": "mx\n",
    "authsenders": "@example.com:relay.example.com:587|joe|secret\n",
    "smtproutes": "example.net:relay.example.net:587|me|secret\n"
                  ":backup.example.org\n",
    "outgoingip": "192.0.2.7\n", "moreipme": "192.0.2.8\n",
    "filterargs": "*:remote:x\n", "domainkeys": None, "qfilters": "x\n",
    "srs_domain": "srs.example.org\n", "timeoutsmtpd": "600\n",
    "relayclients": "",
}


@case
def whole_sagredo(box):
    for name, what in SAGREDOS.items():
        box.put("control/" + name, what, 0o600 if what is not None and
                ("secret" in what or name == "clientcert.pem") else None)
    one = "Qsmtpd judges all clients by the file without its end"
    box.expect(
        W + "badhelo line 1" + PATTERN,
        W + "badmailfrom line 1" + PATTERN + "; 1 more line like it",
        W + "badmailfromnorelay" + of(SAGREDO, one),
        W + "brtlimit" + of(SAGREDO, "control/maxrcpt bounds recipients"),
        W + "locals line 1: is in no list of rcpthosts: Qsmtpd refuses its "
        "mail from others",
        W + "servercert.pem" + KEY_IS_OPEN,
        W + "smtpplugins" + of(SAGREDO, "a program that QMAILQUEUE names "
                               "can judge mail"),
        W + "spfbehavior" + of(SAGREDO, NO_SPF),
        W + "spfrules" + of(SAGREDO, NO_SPF),
        N + "authservid: is of sagredo's qmail and has no effect: there is "
        "no Authentication-Results",
        N + "relayclients: a text of 0 networks")


def documented():
    with open(os.path.join(TOP, "man", "qsmtp-control.5"),
              encoding="utf-8") as page:
        return re.findall(r"^\.It Pa ([A-Za-z0-9_.-]+)$", page.read(), re.M)


def examples():
    """Those of control/: no program, run script, or rules of tcpserver."""
    return [name for name in os.listdir(os.path.join(TOP, "control-examples"))
            if name not in ("README", "tcp.smtp", "suggested") and
            not name.startswith(("run.", "checkpassword-")) and
            not name.endswith(".service")]


FOLDERS = ("smtproutes.d", "domains", "tlshosts", "notlshosts",
           "servercerts")


@case
def every_name_is_known(box):
    names = sorted(set(documented() + examples()))
    same(len(names) > 30, True, "more than 30 names")
    for name in names:
        if name not in ("me", "rcpthosts"):
            box.put("control/" + name, None if name in FOLDERS else "")
    _, out, _ = box.run(box.home)
    same([line for line in out.splitlines() if NOBODYS in line or
          "not supported" in line], [], "unknown")


@case
def examples_are_good(box):
    source = os.path.join(TOP, "control-examples")
    for name in examples():
        box.remove("control/" + name)
        path = os.path.join(source, name)
        if os.path.isdir(path):
            shutil.copytree(path, box.path("control/" + name))
        else:
            with open(path, "rb") as file:
                box.put("control/" + name, file.read())
    # What recipientcheck names besides users/cdb.
    box.put("bin/qmail-getpw", "", 0o755)
    box.put("control/validrcptto.cdb", EMPTY_MAP)
    _, out, _ = box.run(box.home)
    same([line for line in out.splitlines() if line.startswith("error:") and
          "goes only over TLS" not in line and
          "/known-recipient: No such file" not in line], [], "errors")


OF_DOMAIN = ("badcc", "badhelo", "badmailfrom", "badrcptto", "dnsbl",
             "dnsblv6", "filterconf", "forceesmtp", "forceesmtpv6",
             "goodmailfrom", "ipbl", "ipblv6", "ipwl", "ipwlv6", "namebl",
             "nomail", "rhsbl", "whitednsbl", "whitednsblv6")

# All files that are read, at once.
HOSTILE = [
    ("nothing", b""), ("NULs", b"\0" * 4096), ("a NUL in a line", b"a\0b:c\n"),
    ("octets", bytes(range(256)) * 40), ("one long line", b"a" * 200000),
    ("bars and colons", b"|:@=[" * 3000 + b"\n"), ("CR", b"\r\n" * 5000),
    ("feeds", b"\n" * 100000), ("no end", b"a.test:r|u|p"),
    ("folders", None), ("FIFOs", Fifo()), ("links", Link("nothing")),
    ("links to themselves", Link("me")), ("a device", Link("/dev/zero")),
    ("an empty device", Link("/dev/null")),
]


@table(HOSTILE)
def hostile(box, _, what):
    for name in documented() + examples() + [
            "authsenders-allowed", "authtypes", "split", "relayclients",
            "relayclients6", "virtualdomains", "locals"]:
        if name not in FOLDERS or not isinstance(what, bytes):
            box.put("control/" + name, what)
    if isinstance(what, bytes):
        for name in ("smtproutes.d/x.test", "tlshosts/x.test.pem",
                     "notlshosts/x.test", "servercerts/x.test/key.pem",
                     "tlspolicy", "clientcert.pem", "tlsserverminimum"):
            box.put("control/" + name, what)
        for name in OF_DOMAIN:
            box.put("control/domains/example.org/" + name, what)
            box.put("control/domains/example.org/a/" + name, what)
    box.put("users/cdb", what)
    box.put("users/assign", what)
    for words in ([], ["-r", "a@example.org", "-s", "b@example.org"]):
        code, _, err = box.run(*words, box.home)
        if code not in (GOOD, WARNINGS, ERRORS) or err:
            raise AssertionError("exit code %d: %s" % (code, err))


# The largest files that are read, with a flaw in each line.
@table([("rcpthosts", b"a test\n"), ("relayclients", b"10.0.0.0/8\n"),
        ("relayclients", b"10.0.0.0/8 1\n"), ("relayclients6", b"\0"),
        ("smtproutes", b"a\n"), ("smtproutes", b"a:b:c\n"),
        ("authsenders", b"a@b:c|d|e\n"), ("filterconf", b"a\n"),
        ("filterconf", b"a b\n"), ("filterconf", b"loop=x\n"),
        ("authsenders-allowed", b"a\n"), ("badmailfrom", b"*\r\n"),
        ("senderhosts", b"a|b\n"), ("smtproutes.d/a", b"a\n"),
        ("tlspolicy", b"a:b\n"), ("tlspolicy", b"a:verify ca=c\n"),
        ("clientcert.pem", b"-----\n"),
        ("locals", b"a." * 200 + b"\n"), ("resolvers", b"# x\n"),
        ("recipientcheck", b".x:cdb:a.cdb\n"), ("ipbl", b"::1\n"),
        ("domains/x.test/badcc", b"*\r\n"),
        ("dnsbl", b"a b\n"), ("domains/x.test/rhsbl", b"a.test\n"),
        ("virtualdomains", b"a b\n"),
        ("domains/x.test/a/filterconf", b"a b\n")])
def large(box, name, line):
    box.put("control/" + name, line * (MOST // len(line)))
    if name == "locals":
        box.put("control/rcpthosts", b"a.test\n" * (MOST // 7))
    code, _, err = box.run(box.home)
    if code not in (GOOD, WARNINGS, ERRORS) or err:
        raise AssertionError("exit code %d: %s" % (code, err))


def show(box, *words, **more):
    code, out, err = box.run(*words, box.home, **more)
    same(err, "", "standard error")
    return code, out.splitlines()


def has(lines, *wanted):
    for line in wanted:
        if line not in lines:
            raise AssertionError("%r is not in %r" % (line, lines))


@case
def settings_of_address(box):
    def off(*names):
        return [name + ": off, by default" for name in names]

    box.put("control/filterconf", "earlytalk=monitor\n# x\nloop=off\n"
            "earlytalk=defer\nnonexist_on_block\nother=3\n")
    box.put("control/badmailfrom", "a@x.test\n\n@y.test\n")
    box.put("control/split", "recipient\n")
    box.put("control/databytes", "1000\n")
    box.put("control/dnsbllist", "bl.test\n-bl.test\n")
    box.put("control/dnsbl_zones", "bl.test\n")
    box.put("control/rhsbl", "rhs.test\n")
    box.put("control/rhsbl_zones", "rhs.test\n")
    code, lines = show(box, "-r", "joe@Example.org", QSMTP_FILTERS="limits="
                       "monitor")
    same(code, GOOD, "exit code")
    same(lines, [
        "domain: ours, control/rcpthosts line 1",
        "recipient: not checked, by nobody",
        "settings of the user: no folder",
        "settings of the domain: no folder",
        *off("whitelistauth"),
        "earlytalk: defer, global, control/filterconf line 4",
        "rblsmtpd: reject, by default",
        *off("forcestarttls", "nobounce", "noapos", "onebounce", "nomail",
             "smtp_space_bug", "usersize", "block_SoberG", "ipbl",
             "helovalid"),
        "badhelo: reject, by default",
        "badmailfrom: reject, global, as its file is there",
        "  control/badmailfrom: global, 2 lines",
        "badcc: reject, by default", *off("relayprobe"),
        "badrcptto: reject, by default", "recipient: reject, by default",
        *off("localsender"),
        "loop: off, global, control/filterconf line 3",
        "limits: monitor, environment, QSMTP_FILTERS",
        *off("check_strict_rfc2822"),
        "dnsbl: reject, global, as its file is there",
        "  control/dnsbllist: global, 2 lines",
        "dnsblthreshold: 0, by default", "dnsblfault: 0, by default",
        *off("forceesmtp"),
        "rhsbl: reject, global, as its file is there",
        "  control/rhsbl: global, 1 lines", "rhsblthreshold: 0, by default",
        *off("namebl"), "nameblthreshold: 0, by default", *off("ptr"),
        "ptrconfirmed: 0, by default", "ptrdefer: 0, by default",
        *off("helodns", "fromdomain", "reject_ipv6only", "mxof",
             "block_wildcardns", "spf"), "spfpolicy: 0, by default",
        "fail_hard_on_temp: 0, by default",
        "nonexist_on_block: 1, global, control/filterconf line 5",
        "other is known to no filter, global, control/filterconf line 6",
        "databytes: 1000, control/databytes",
        "maxrcpt: 500, by default", "maxrcptrelay: 0, by default",
        "maxhops: 100, by default", "split: recipient, control/split"],
        "settings")


def make_map(box, name, **records):
    if not shutil.which("cdb"):
        raise Skipped("cdb of tinycdb is not here")
    os.makedirs(os.path.dirname(box.path(name)), exist_ok=True)
    lines = "".join("+%d,%d:%s->%s\n" % (len(key), len(value), key, value)
                    for key, value in records.items())
    subprocess.run(["cdb", "-c", box.path(name), "-"], check=True,
                   input=(lines + "\n").encode())


def use_vpopmail(box):
    make_map(box, "users/cdb", **{"!example.org-": "\0".join(
        ["example.org", "89", "89", box.path("vdom"), "-", ""])})
    return box.path("vdom")


GETPW = """#!/bin/sh
case $1 in
joe) set -- joe HOME/joe '' '' ;;
*) set -- alias HOME/alias - "$1" ;;
esac
printf '%s\\0001\\0002\\000%s\\000%s\\000%s\\000' "$@"
"""


def use_qmail(box):
    box.put("control/recipientcheck", "x.test:none\n:qmail\n")
    box.put("bin/qmail-getpw", GETPW.replace("HOME", box.home), 0o755)
    box.put("joe", None)
    box.put("alias", None)
    return "control/domains/example.org"


def use_cdb(box):
    box.put("control/recipientcheck", "example.org:cdb\n:none\n")
    make_map(box, "control/validrcptto.cdb", **{"joe@example.org": ""})
    return "control/domains/example.org"


def use_program(box):
    box.put("control/recipientcheck", ":program:bin/known\n")
    box.put("bin/known", "#!/bin/sh\ncase $RECIPIENT in\n[Jj]oe@*) ;;\n"
            "full@*) exit 113 ;;\n*) exit 100 ;;\nesac\n", 0o755)
    return "control/domains/example.org"


def use_none(box):
    box.put("control/recipientcheck", "example.org:none\n")
    return "control/domains/example.org"


ABSENT_USER = "does not exist"


@table([("vpopmail", use_vpopmail, "exists", ABSENT_USER),
        ("qmail", use_qmail, "exists", ABSENT_USER),
        ("cdb", use_cdb, "exists", ABSENT_USER),
        ("program", use_program, "exists", "is refused"),
        ("nobody", use_none, "not checked", "not checked")])
def recipient_by(box, back_end, use, present, absent):
    """One setting of each level, in the folders that the back end has."""
    folder = use(box)
    box.put(folder + "/filterconf", "# x\nlimits=monitor\nloop=off\n")
    box.put(folder + "/joe/filterconf", "loop=monitor\nusersize=9\nx=1\n")
    box.put(folder + "/joe/badmailfrom", "a@x.test\n!inherit\n")
    box.put(folder + "/badmailfrom", "@y.test\n")
    box.put("control/badmailfrom", "@z.test\n@zz.test\n")
    box.put("control/filterconf", "earlytalk=defer\nlimits=off\n")
    box.expect(*[W + "domains/example.org/joe/filterconf line 3: key x is "
                 "known to no filter"] if folder[0] != "/" else ())

    code, lines = show(box, "-r", "Joe@example.org",
                       QSMTP_FILTERS="badrcptto=monitor")
    same((code, lines[1]), (GOOD, "recipient: %s, by %s" %
                            (present, back_end)), "present")
    has(lines, "settings of the user: %s/joe" % folder,
        "settings of the domain: " + folder,
        "loop: monitor, user, %s/joe/filterconf line 1" % folder,
        "limits: monitor, domain, %s/filterconf line 2" % folder,
        "earlytalk: defer, global, control/filterconf line 1",
        "badrcptto: monitor, environment, QSMTP_FILTERS",
        "badhelo: reject, by default",
        "  %s/joe/badmailfrom: user, 2 lines" % folder,
        "x is known to no filter, user, %s/joe/filterconf line 3" % folder)

    code, lines = show(box, "-r", "gone@example.org")
    same((code, lines[1]), (WARNINGS if absent != present else GOOD,
                            "recipient: %s, by %s" % (absent, back_end)),
         "absent")
    has(lines, "settings of the user: no folder",
        "settings of the domain: " + folder,
        "loop: off, domain, %s/filterconf line 3" % folder)


@case
def recipient_behind_a_closed_folder(box):
    if os.getuid() != 0 or not shutil.which("setpriv"):
        raise Skipped("to be nobody takes root and setpriv")
    prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if subprocess.run([*prefix, "test", "-x", PROGRAM],
                      check=False).returncode != 0:
        raise Skipped("nobody may not run the program where it lies")
    folder = use_vpopmail(box)
    box.put(folder, None, 0o700)
    code, out, _ = box.run("-r", "joe@example.org", box.home, prefix=prefix)
    same((code, out.splitlines()[1:3]), (GOOD, [
        "recipient: exists, by vpopmail", "  %s: the folder may not be "
        "searched, any mailbox is taken" % folder]), "as nobody")


@case
def recipient_put_off(box):
    use_program(box)
    code, lines = show(box, "-r", "full@example.org")
    same((code, lines[1]), (WARNINGS, "recipient: is put off, by program"),
         "by the program")
    box.put("control/recipientcheck", "example.org:ldap\n")
    code, lines = show(box, "-r", "joe@example.org")
    same((code, lines[1]), (ERRORS, "cannot be told: control/recipientcheck "
                            "line 1: Invalid argument"), "a bad line")
    box.put("control/recipientcheck", ":cdb\n")
    code, lines = show(box, "-r", "joe@example.org")
    same((code, lines[1]), (ERRORS, "cannot be told: "
                            "control/validrcptto.cdb" + ABSENT), "no list")
    box.put("control/recipientcheck", ":none\n")
    box.put("control/domains/example.org/filterconf", "loop = off\n")
    code, lines = show(box, "-r", "joe@example.org")
    same(code, ERRORS, "exit code")
    has(lines, "settings: control/domains/example.org/filterconf line 1 "
        "makes no sense, so mail is put off")


@table([
    ("joe@a.example.org", GOOD, "ours, control/rcpthosts line 2"),
    ("joe@example.net", WARNINGS, "not ours, as it is not in "
     "control/rcpthosts"),
    ("joe", WARNINGS, "none; only postmaster is ours without one"),
    ("postmaster", GOOD, "none; only postmaster is ours without one"),
    ("joe@", WARNINGS, "not ours, as it is not in control/rcpthosts"),
])
def domain(box, address, wanted, why):
    code, lines = show(box, "-r", address)
    same((code, lines[0]), (wanted, "domain: " + why), address)


@case
def domain_in_other_lists(box):
    box.remove("control/rcpthosts")
    code, lines = show(box, "-r", "joe@example.org")
    same((code, lines[0]), (WARNINGS, "domain: not ours, as there is no "
                            "control/rcpthosts"), "without rcpthosts")
    box.put("control/rcpthosts", None)
    code, lines = show(box, "-r", "joe@example.org")
    same((code, lines), (ERRORS, ["cannot be told: control/rcpthosts: Is a "
                                  "directory"]), "a folder")
    if not shutil.which("cdb"):
        raise Skipped("cdb of tinycdb is not here")
    box.put("control/rcpthosts", "")
    box.put("control/morercpthosts", "example.net\n")
    subprocess.run(["cdb", "-c", "-m", box.path("control/morercpthosts.cdb"),
                    box.path("control/morercpthosts")], check=True)
    code, lines = show(box, "-r", "joe@example.net")
    same((code, lines[0]), (GOOD, "domain: ours, control/morercpthosts.cdb"),
         "in the map")


# Flaws of control/domains, by their path in it, and what is found.
SENSELESS_VALUE = ": its value makes no sense"
FOR_NOBODY = ": counts for nobody in such a folder"
OF_FOLDERS = [
    ("good", {"x.test/filterconf": "loop=off\n# all\nusersize=99\n",
              "x.test/a/filterconf": "badhelo=monitor # a\n",
              "x.test/a/badmailfrom": "@b.test\n!inherit\n",
              "x.test/nomail": "550 5.2.1 moved\n", "x.test/b": None}),
    ("no sense", {"x.test/filterconf": "loop = off\nlimits=maybe\n\n=\n",
                  "x.test/a/filterconf": "ok=1\nnonexist_on_block=x\n"},
     E + "domains/x.test/a/filterconf line 2: key nonexist_on_block" +
     SENSELESS_VALUE,
     E + "domains/x.test/filterconf line 1" + SENSELESS,
     E + "domains/x.test/filterconf line 2: key limits" + SENSELESS_VALUE,
     E + "domains/x.test/filterconf line 4" + SENSELESS,
     W + "domains/x.test/a/filterconf line 1: key ok is known to no filter"),
    ("keys", {"x.test/filterconf": "helovalid=17\nspfpolicy=2\nother=1\n",
              "x.test/a/filterconf": "helovalid=16\n"},
     W + "domains/x.test/a/filterconf line 1" + BITS,
     W + "domains/x.test/filterconf line 1" + BITS,
     W + "domains/x.test/filterconf line 3: key other is known to no filter"),
    ("names", {"x.test/rcpthosts": "", "x.test/other": "", "y.test": "",
               "x.test/a/databytes": "1\n", "x.test/a/b/filterconf": "=\n",
               "Z.test/filterconf": "", "x.test/Joe/nomail": ""},
     W + "domains/Z.test: is for nobody: names are in lower case",
     W + "domains/x.test/Joe: is for nobody: names are in lower case",
     W + "domains/x.test/a/b" + FOR_NOBODY,
     W + "domains/x.test/a/databytes" + FOR_NOBODY,
     W + "domains/x.test/other" + FOR_NOBODY,
     W + "domains/x.test/rcpthosts" + FOR_NOBODY,
     W + "domains/y.test: is no folder of a domain"),
    ("lists", {"x.test/badmailfrom": "*@x.test\nspam.test\n",
               "x.test/badcc": " a@x.test\n", "x.test/a/badrcptto": "a\r\n",
               "x.test/goodmailfrom": "a@x.test b\n",
               "x.test/ipbl": "192.0.2.256\n",
               "x.test/a/ipblv6": b"\x20\1" + b"\0" * 14 + b"\x81",
               "x.test/a/ipwl": b"\xc0\0\2\0\x18"},
     E + "domains/x.test/a/ipblv6 record 1" + SENSELESS,
     E + "domains/x.test/ipbl line 1" + SENSELESS,
     W + "domains/x.test/a/badrcptto line 1" + CR,
     W + "domains/x.test/badcc line 1" + LEAD,
     W + "domains/x.test/badmailfrom line 1" + PATTERN,
     W + "domains/x.test/goodmailfrom line 1" + INNER,
     N + "domains/x.test/a/ipwl: a binary list of 1 network of IPv4",
     N + "domains/x.test/badmailfrom line 2" + NO_AT),
    ("no files", {"x.test/filterconf": Fifo(), "x.test/badhelo": Link("x"),
                  "y.test": Link("nowhere")},
     E + "domains/x.test/badhelo" + NOWHERE,
     E + "domains/x.test/filterconf" + NO_FILE,
     W + "domains/y.test: is no folder of a domain"),
]


@table(OF_FOLDERS)
def folders(box, _, files, *wanted):
    for name, what in files.items():
        box.put("control/domains/" + name, what)
    box.expect(*wanted)


@case
def no_folder_of_domains(box):
    box.put("control/domains", "example.org\n")
    box.expect(E + "domains: Not a directory")


@case
def modes_of_folders(box):
    box.put("control/domains/x.test/badhelo", "a\n", 0o666)
    box.put("control/domains/x.test/a", None, 0o777)
    box.expect(W + "domains/x.test/a" + WRITABLE % "0777",
               W + "domains/x.test/badhelo" + WRITABLE % "0666")


@case
def settings_that_make_no_sense(box):
    box.put("control/filterconf", "loop=maybe\n")
    code, lines = show(box, "-r", "joe@example.org")
    same(code, ERRORS, "exit code")
    has(lines, "loop: makes no sense, global, control/filterconf line 1")
    box.put("control/filterconf", "loop=off\nloop = off\n")
    code, lines = show(box, "-r", "joe@example.org")
    same(code, ERRORS, "exit code")
    has(lines, "settings: control/filterconf line 2 makes no sense, so mail "
        "is put off")


SYSTEMS = ["source of IPv%d: as the system chooses" % n for n in (4, 6)]
BY_MX = ["route: by the DNS, as no file has one", "relay: example.net",
         "relay is looked up: its MX, then its addresses", "port: 25"]
ROUTES = [
    ("by the DNS", {}, "", GOOD,
     ["route: by the DNS, as no file has one", "relay: example.net",
      "relay is looked up: its MX, then its addresses", "port: 25",
      "TLS: may, by default", *SYSTEMS, "helo: mail.example.org, control/me"]),
    ("all", {"smtproutes": ".net:r.test:26|u|sesame|cleartext\n",
             "outgoingip": "192.0.2.1\n", "helohost": "h.test\n"}, "", GOOD,
     ["route: control/smtproutes", "relay: r.test",
      "relay is looked up: its addresses", "port: 26",
      "login: u, also without TLS", "TLS: may, by default",
      "source of IPv4: 192.0.2.1, control/outgoingip", SYSTEMS[1],
      "helo: h.test, control/helohost"]),
    ("by sender", {"authsenders": "a@x.test:r.test|u|sesame\n",
                   "senderhosts": "x.test|192.0.2.2||x.test\n"}, "a@x.test",
     GOOD,
     ["route: control/authsenders", "relay: r.test",
      "relay is looked up: its addresses", "port: 25",
      "login: u, only with TLS",
      "TLS: verify, control/authsenders", "TLS names: r.test",
      "TLS certificates: of the system's CAs",
      "source of IPv4: 192.0.2.2, control/senderhosts", SYSTEMS[1],
      "helo: x.test, control/senderhosts"]),
    ("by folder", {"smtproutes.d/example.net": "relay=[::1]\n"
                   "outgoingip6=::2\n"}, "a@x.test", GOOD,
     ["route: control/smtproutes.d/example.net", "relay: [::1]",
      "relay is looked up: its addresses", "port: 25",
      "TLS: may, by default", SYSTEMS[0],
      "source of IPv6: ::2, control/smtproutes.d/example.net",
      "helo: mail.example.org, control/me"]),
    ("TLS of a domain", {"tlspolicy": ".net:verify minimum=1.2 ca=c\n",
                         "tlshosts/x.test.pem": PEM}, "", GOOD,
     [*BY_MX, "TLS: verify, control/tlspolicy", "TLS version: 1.2 or later",
      "TLS names: example.net .example.net", "TLS certificates: of c",
      "TLS of its hosts: as a file in control/tlshosts or "
      "control/notlshosts says, if it may", *SYSTEMS,
      "helo: mail.example.org, control/me"]),
    ("TLS of a relay", {"smtproutes": ":r.test:465\n",
                        "tlshosts/x.test.pem": PEM}, "", GOOD,
     ["route: control/smtproutes", "relay: r.test",
      "relay is looked up: its addresses", "port: 465",
      "TLS: encrypt, control/smtproutes", *SYSTEMS,
      "helo: mail.example.org, control/me"]),
    ("no TLS", {"notlshosts/example.net": ""}, "", GOOD,
     [*BY_MX, "TLS: none, control/notlshosts/example.net",
      "TLS of its hosts: as a file in control/tlshosts or "
      "control/notlshosts says, if it may", *SYSTEMS,
      "helo: mail.example.org, control/me"]),
    ("senseless TLS", {"tlspolicy": "# x\n:all\n"}, "", ERRORS,
     ["the mail waits: control/tlspolicy line 2: Invalid argument"]),
    ("senseless", {"smtproutes": "\n:r:0\n"}, "", ERRORS,
     ["the mail waits: control/smtproutes line 2: Invalid argument"]),
]


@table(ROUTES)
def route(box, _, files, sender, wanted, way):
    for name, what in files.items():
        box.put("control/" + name, what)
    box.put("control/rcpthosts", "example.net\n")
    code, lines = show(box, "-r", "joe@example.net", "-s", sender)
    same(code, wanted, "exit code")
    begin = [i for i, line in enumerate(lines)
             if re.match("route:|the mail waits: c", line)]
    same(lines[begin[0]:], way, "way")
    same("sesame" in "\n".join(lines), False, "password")


def main():
    skipped = failed = passed = 0
    for name, function, row in CASES:
        home = tempfile.mkdtemp(prefix="qsmtp-check.")
        try:
            function(Box(home), *row)
            passed += 1
        except Skipped as reason:
            print("skipped: %s: %s" % (name, reason))
            skipped += 1
        except Exception as error:
            print("FAILED: %s: %s: %s" % (name, type(error).__name__, error))
            failed += 1
        finally:
            shutil.rmtree(home)
    print("%d failed, %d skipped" % (failed, skipped))
    print("%d cases passed" % passed)
    return 1 if failed or not passed else 0


PROGRAM = os.path.join(os.path.abspath(sys.argv[1]), "qsmtp-check")
os.umask(0o022)
sys.exit(main())
