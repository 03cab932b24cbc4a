"""addipbl.py BUILD: what BUILD/addipbl makes of lists, and dumpipbl shows.

Each case has a folder of its own.  One that cannot run here is skipped with
its reason.
"""
import concurrent.futures
import errno
import fcntl
import ipaddress
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading

DONE, USAGE, NO_NETWORK, NOT_LISTED, UNUSABLE = 0, 1, 22, 100, 101
NOBODY = 65534
NEGATIVE_WAIT_S = 0.2
MANY = 100000


class Skipped(Exception):
    pass


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError("%s: %.300r, not %.300r" % (what, got, wanted))


def record(text):
    """A record of a list; host bits stay, as Qsmtp's addipbl keeps them."""
    address, prefix = text.split("/")
    return ipaddress.ip_address(address).packed + bytes([int(prefix)])


def records(text):
    return b"".join(record(word) for word in text.split())


class Box:
    def __init__(self, home):
        self.home = home

    def path(self, name):
        return os.path.join(self.home, name)

    def put(self, name, octets):
        with open(self.path(name), "wb") as file:
            file.write(octets)

    def get(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def start(self, *words, program="addipbl", **more):
        env = {"PATH": os.environ["PATH"], "ASAN_OPTIONS": "detect_leaks=1"}
        return subprocess.Popen(
            [os.path.join(BUILD, program), *words], cwd=self.home, env=env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, **more)

    def run(self, *words, text=b"", **more):
        with self.start(*words, **more) as child:
            out, err = child.communicate(text, timeout=120)
        return child.returncode, out.decode(), err.decode()

    def expect(self, code, *words, holds=None, **more):
        """The exit code; what the list holds then; no other file is left."""
        before = set(os.listdir(self.home))
        got, out, err = self.run(*words, **more)
        same(got, code, "exit code of %s, which said %s%s" % (
            " ".join(words), out, err))
        if code not in (DONE, NOT_LISTED) and err == "":
            raise AssertionError("%s: not a word" % " ".join(words))
        file = words[1] if words[0][0] == "-" else words[0]
        if holds is not None:
            same(self.get(file), holds, "list after " + " ".join(words))
        same(set(os.listdir(self.home)) - before - {file}, set(), "new files")
        return out, err

    def dump(self, *words, code=DONE):
        got, out, err = self.run(*words, program="dumpipbl")
        same(got, code, "exit code of dumpipbl, which said " + err)
        return out.split("\n")[:-1]


CASES = []


def case(function):
    CASES.append((function.__name__.replace("_", " "), function, ()))
    return function


def table(rows):
    """One case a row; its first column is its name."""
    def add(function):
        for row in rows:
            CASES.append(("%s: %s" % (function.__name__.replace("_", " "),
                                      row[0]), function, row))
        return function
    return add


# Name, the list before (None: absent), arguments behind it, the list after.
ADDED = [
    ("as Qsmtp", None, "127.0.0.0/8", b"\x7f\0\0\0\x08"),
    ("an address", None, "192.0.2.1", b"\xc0\0\2\1\x20"),
    ("ipv6", None, "2001:db8::/32",
     b"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0\x20"),
    ("ipv6 address", None, "2001:db8::1",
     b"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x80"),
    ("mapped is ipv4", None, "::ffff:10.0.0.0/104", "10.0.0.0/8"),
    ("parts", None, "10.1. 192.0.2.", "10.1.0.0/16 192.0.2.0/24"),
    ("host bits", None, "10.1.2.3/8", "10.0.0.0/8"),
    ("sorted", None, "192.0.2.1 9.0.0.0/8 10.0.0.1",
     "9.0.0.0/8 10.0.0.1/32 192.0.2.1/32"),
    ("twice", "10.0.0.0/8", "10. 10.0.0.0/8", "10.0.0.0/8"),
    ("lies in one", "10.0.0.0/8", "10.1.2.3", "10.0.0.0/8"),
    ("holds some", "10.1.0.0/16 10.3.0.0/16 11.0.0.0/8", "10.",
     "10.0.0.0/8 11.0.0.0/8"),
    ("to an empty one", "", "10.", "10.0.0.0/8"),
    # What Qsmtp's addipbl appended: in any order, twice, with host bits.
    ("as Qsmtp appends", "192.0.2.1/32 10.1.2.3/8 10.1.2.3/8 10.9.0.0/16",
     "172.16.", "10.0.0.0/8 172.16.0.0/16 192.0.2.1/32"),
    ("wide ipv6 stays", "2000::/8 fe80::1/10", "fd00::/32",
     "2000::/8 fd00::/32 fe80::/10"),
    ("largest", None, "255.255.255.255 0.0.0.0/8",
     "0.0.0.0/8 255.255.255.255/32"),
]


@table(ADDED)
def add(box, _, before, words, after):
    if before is not None:
        box.put("list", records(before))
    if isinstance(after, str):
        after = records(after)
    box.expect(DONE, "list", *words.split(), holds=after)
    box.expect(DONE, "list", *words.split(), holds=after)


@case
def what_is_dropped_is_said(box):
    _, err = box.expect(DONE, "list", "10.1.", "10.", "10.2.3.4", "10.")
    same(err, "addipbl: 10.1.0.0/16 lies in 10.0.0.0/8\n"
         "addipbl: 10.2.3.4/32 lies in 10.0.0.0/8\n", "messages")


TAKEN = [
    ("one", "10.0.0.0/8 11.0.0.0/8", "10.", DONE, "11.0.0.0/8"),
    ("the last", "10.0.0.0/8", "10.0.0.0/8", DONE, ""),
    ("all that lie in it", "10.1.0.0/16 10.9.1.0/24 11.0.0.1/32", "10.",
     DONE, "11.0.0.1/32"),
    ("several", "10.0.0.0/8 11.0.0.0/8 12.0.0.0/8 13.0.0.0/8", "13. 11.",
     DONE, "10.0.0.0/8 12.0.0.0/8"),
    ("one in the other", "10.1.0.0/16 11.0.0.0/8", "10. 10.1.", DONE,
     "11.0.0.0/8"),
    ("twice", "10.1.0.0/16 11.0.0.0/8", "10.1. 10.1.", DONE, "11.0.0.0/8"),
    ("unsorted", "11.0.0.0/8 10.1.2.3/16 10.1.9.9/32", "10.1.", DONE,
     "11.0.0.0/8"),
    ("only a part", "10.0.0.0/8 11.0.0.0/8", "10.1.", NOT_LISTED, None),
    ("not listed", "10.0.0.0/8", "11.", NOT_LISTED, None),
    ("one of two not listed", "10.0.0.0/8", "10. 11.", NOT_LISTED, None),
    ("one of two a part", "10.0.0.0/8 11.0.0.0/8", "11. 10.1.", NOT_LISTED,
     None),
    ("from an empty list", "", "10.", NOT_LISTED, None),
    ("ipv6", "2001:db8::/32 fe80::/10", "2001::/16", DONE, "fe80::/10"),
    ("a wide one", "fe80::/10 ff00::/32", "fe00::/8", DONE, "ff00::/32"),
    ("of another family", "10.0.0.0/8", "2001:db8::", UNUSABLE, None),
]


@table(TAKEN)
def take_off(box, _, before, words, code, after):
    before = records(before)
    box.put("list", before)
    box.expect(code, "-d", "list", *words.split(),
               holds=before if after is None else records(after))


# Name of the list, its octets, the arguments, the exit code: untouched.
REFUSED = [
    ("list", b"", "localhost", NO_NETWORK),
    ("list", b"", "10.1", NO_NETWORK),
    ("list", b"", "10.0.0.0/7", NO_NETWORK),
    ("list", b"", "10. 11.0.0.0/33", NO_NETWORK),
    ("list", b"", "2001:db8::/31", NO_NETWORK),
    ("list", b"", "2001:db8::/129", NO_NETWORK),
    ("list", b"", "10. 2001:db8::", NO_NETWORK),
    ("list", b"", "fe80::1%lo", NO_NETWORK),
    ("list6", b"", "10.", NO_NETWORK),
    ("relayclients", b"", "2001:db8::", NO_NETWORK),
    ("spffriends", b"", "2001:db8::", NO_NETWORK),
    ("ipbl", b"", "2001:db8::", NO_NETWORK),
    ("ipwl", b"", "2001:db8::", NO_NETWORK),
    ("relayclients6", b"", "10.", NO_NETWORK),
    ("relayclients6", b"", "::ffff:10.1.2.3", NO_NETWORK),
    # A bad argument counts before a bad list.
    ("list", b"x", "10.1", NO_NETWORK),
    ("list", records("10.0.0.0/8"), "2001:db8::", UNUSABLE),
    ("list", records("2001:db8::/32"), "10.", UNUSABLE),
    ("relayclients", records("2001:db8::/32"), "10.", UNUSABLE),
    ("relayclients6", records("10.0.0.0/8"), "2001:db8::", UNUSABLE),
    ("list", b"x", "10.", UNUSABLE),
    ("list", records("10.0.0.0/8") + b"\0", "11.", UNUSABLE),
    ("list", records("10.0.0.0/8") + b"\x0b\0\0\0\x07", "11.", UNUSABLE),
    ("list", records("10.0.0.0/8") + b"\x0b\0\0\0\x21", "11.", UNUSABLE),
    ("list6", records("fe80::/10") + bytes(16) + b"\x07", "::1", UNUSABLE),
    # Text is for an editor.
    ("list", b"10.0.0.0/8\n", "11.", UNUSABLE),
    ("list", b"# nothing\n", "11.", UNUSABLE),
    ("list", b"10.1\n", "10.", UNUSABLE),
]


@table([("%s %s" % (row[0], row[2]), *row) for row in REFUSED])
def refused(box, _, name, octets, words, code):
    box.put(name, octets)
    before = os.stat(box.path(name))
    box.expect(code, name, *words.split(), holds=octets)
    box.expect(NOT_LISTED if words == "2001:db8::/31" else code, "-d", name,
               *words.split(), holds=octets)
    after = os.stat(box.path(name))
    same((after.st_ino, after.st_mtime_ns), (before.st_ino,
                                             before.st_mtime_ns), "the file")


@case
def each_bad_argument_has_its_message(box):
    got, _, err = box.run("relayclients", "x", "10.", "::1", "10.0.0.0/7")
    same(got, NO_NETWORK, "exit code")
    same([line.split(": ")[1] for line in err.splitlines()],
         ["x", "10.0.0.0/7", "::1/128"], "messages")
    same(os.listdir(box.home), [], "files")


@case
def octets_that_read_as_text(box):
    box.expect(UNUSABLE, "list", "49.48.46.49")
    same(os.listdir(box.home), [], "files")
    both = records("49.48.46.49/32 50.48.46.49/31")
    box.expect(DONE, "list", "49.48.46.49", "50.48.46.49/31",
               holds=records("49.48.46.49/32 50.48.46.48/31"))
    box.put("list", both)
    _, err = box.expect(UNUSABLE, "-d", "list", "50.48.46.", holds=both)
    if "keep it as a text file" not in err:
        raise AssertionError(err)


# The octets of a list, an address, whether it is listed or the exit code.
TESTED = [
    ("binary", records("10.0.0.0/8 11.0.0.0/8"), "11.2.3.4", "11.0.0.0/8"),
    ("unsorted", records("11.0.0.0/8 10.1.2.3/8"), "10.2.3.4", "10.0.0.0/8"),
    ("mapped", records("10.0.0.0/8"), "::ffff:10.1.2.3", "10.0.0.0/8"),
    ("not", records("10.0.0.0/8"), "11.2.3.4", NOT_LISTED),
    ("empty", b"", "11.2.3.4", NOT_LISTED),
    ("another family", records("10.0.0.0/8"), "2001:db8::", NOT_LISTED),
    ("ipv6", records("2001:db8::/32"), "2001:db8::9", "2001:db8::/32"),
    ("text", b"10.\n2001:db8:\n", "10.1.2.3", "10.0.0.0/8"),
    ("text ipv6", b"10.\n2001:db8:\n", "2001:db8::9", "2001:db8::/32"),
    ("text, not", b"10.\n2001:db8:\n", "11.1.2.3", NOT_LISTED),
    ("text, malformed", b"10.\n11\n", "10.1.2.3", UNUSABLE),
    ("malformed", records("10.0.0.0/8") + b"\0", "10.1.2.3", UNUSABLE),
    ("a network", records("10.0.0.0/8"), "10.0.0.0/8", NO_NETWORK),
    ("parts", records("10.0.0.0/8"), "10.", NO_NETWORK),
    ("a zone", records("fe80::/10"), "fe80::1%lo", NO_NETWORK),
    ("a name", records("10.0.0.0/8"), "localhost", NO_NETWORK),
]


@table(TESTED)
def test(box, _, octets, address, result):
    box.put("list", octets)
    code = result if isinstance(result, int) else DONE
    got, out, err = box.run("-t", "list", address)
    same(got, code, "exit code, with " + err)
    same(out, "" if code else result + "\n", "output")
    same(box.get("list"), octets, "list")


LISTED = [
    ("binary", records("11.0.0.0/8 10.1.2.3/8 10.1.0.0/16"), DONE,
     "10.0.0.0/8\n11.0.0.0/8\n"),
    ("empty", b"", DONE, ""),
    ("ipv6", records("2001:db8::1/128"), DONE, "2001:db8::1/128\n"),
    ("text", b"2001:db8:\n10.1. # x\n10.\n", DONE,
     "10.0.0.0/8\n2001:db8::/32\n"),
    ("malformed", b"x", UNUSABLE, ""),
    ("text, malformed", b"10.\n11\n", UNUSABLE, ""),
]


@table(LISTED)
def show(box, _, octets, code, out):
    box.put("list", octets)
    same(box.run("-l", "list")[:2], (code, out), "outcome")


@table([(" ".join(words) or "none", words) for words in (
    [], ["list"], ["-l"], ["-l", "list", "10."], ["-t", "list"],
    ["-t", "list", "10.0.0.1", "10.0.0.2"], ["-d", "list"], ["-d"], ["-"],
    ["-x", "list", "10."], ["-dd", "list", "10."], ["--", "list", "10."],
    ["-a", "list"])])
def called_wrongly(box, _, words):
    code, out, err = box.run(*words)
    same((code, out, err[:6]), (USAGE, "", "usage:"), "outcome")
    same(os.listdir(box.home), [], "files")


@case
def standard_input(box):
    box.expect(DONE, "list", "-", text=b"# ours\n10.1. # x\n\n192.0.2.1",
               holds=records("10.1.0.0/16 192.0.2.1/32"))
    box.expect(DONE, "-d", "list", "-", text=b"10.\n",
               holds=records("192.0.2.1/32"))
    box.expect(DONE, "list", "-", "11.", text=b"",
               holds=records("11.0.0.0/8 192.0.2.1/32"))
    before = box.get("list")
    for text in (b"10.\n11\n", b"10.\n2001:db8:\n", b"10.\n\0", b"all\n",
                 records("10.0.0.0/8")):
        box.expect(NO_NETWORK, "list", "12.", "-", text=text, holds=before)
    _, err = box.expect(NO_NETWORK, "list", "-", text=b"10.\n11\n")
    same(err, "addipbl: standard input: line 2 is no network\n", "message")


@case
def large_list(box):
    text = "".join("10.%d.%d.%d\n" % (i >> 14, i >> 6 & 255, i << 2 & 255)
                   for i in range(MANY))
    box.expect(DONE, "list", "-", text=text.encode())
    octets = box.get("list")
    same(len(octets), 5 * MANY, "size")
    same(octets, b"".join(sorted(record(word + "/32")
                                 for word in text.split())), "list")
    box.expect(DONE, "-t", "list", "10.3.0.4")
    box.expect(NOT_LISTED, "-t", "list", "10.3.0.5")
    same(box.dump("list"), [word + "/32" for word in text.split()], "dump")
    box.expect(DONE, "-d", "list", "10.0.", "-", text=b"10.1.\n")
    same(len(box.get("list")), 5 * (MANY - 2 * 16384), "size after -d")


@case
def too_large(box):
    text = b"".join(b"10.%d.%d.%d\n" % (i >> 16, i >> 8 & 255, i & 255)
                    for i in range((16 << 20) // 11))
    box.expect(errno.EFBIG, "list", "-", text=text + b"\n" * (4 << 20))
    with open(box.path("list"), "wb") as file:
        file.truncate((16 << 20) + 1)
    for words in (["list", "10."], ["-d", "list", "10."], ["-l", "list"],
                  ["-t", "list", "10.1.2.3"]):
        box.expect(errno.EFBIG, *words)


def seal(facts):
    mix = 0
    for number in (facts.st_ino, facts.st_size, facts.st_mtime_ns // 10**9):
        mix = (mix ^ number) * 0x9e3779b97f4a7c15 % (1 << 64)
        mix ^= mix >> 29
    return 1 + mix % 999999999


@case
def the_seal(box):
    for words in (["list", "10."], ["list", "11."], ["-d", "list", "10."]):
        box.expect(DONE, *words)
        facts = os.stat(box.path("list"))
        same(facts.st_mtime_ns % 10**9, seal(facts), "seal")


ERRORS = [
    ("absent, -t", ["-t", "list", "10.1.2.3"], errno.ENOENT),
    ("absent, -l", ["-l", "list"], errno.ENOENT),
    ("absent, -d", ["-d", "list", "10."], errno.ENOENT),
    ("no folder", ["folder/list", "10."], errno.ENOENT),
    ("a file for a folder", ["file/list", "10."], errno.ENOTDIR),
    ("a folder", ["folder2", "10."], errno.EISDIR),
    ("a folder, -l", ["-l", "folder2"], errno.EISDIR),
    ("the folder itself", [".", "10."], errno.EISDIR),
    ("a link to nothing", ["nowhere", "10."], errno.ENOENT),
    ("a link to itself", ["ring", "10."], errno.ELOOP),
    ("a long name", ["x" * 252, "10."], errno.ENAMETOOLONG),
    ("no name", ["", "10."], errno.ENOENT),
    ("a fifo", ["fifo", "10."], errno.EINVAL),
]


@table(ERRORS)
def errors(box, _, words, code):
    box.put("file", b"")
    os.mkdir(box.path("folder2"))
    os.mkfifo(box.path("fifo"))
    os.symlink("nothing", box.path("nowhere"))
    os.symlink("ring", box.path("ring"))
    before = sorted(os.listdir(box.home))
    got, _, err = box.run(*words)
    same(got, code, "exit code, with " + err)
    same(err.startswith("addipbl: "), True, "message: " + err)
    same(sorted(os.listdir(box.home)), before, "files")


@case
def a_device_stays_one(box):
    try:
        os.mknod(box.path("null"), stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except OSError as error:
        raise Skipped("cannot make a device") from error
    box.expect(errno.EINVAL, "null", "10.")
    same(stat.S_ISCHR(os.stat(box.path("null")).st_mode), True, "a device")


@case
def cannot_write(box):
    """The old list stays, and no other file."""
    box.put("list", records("10.0.0.0/8"))

    def child():
        resource.setrlimit(resource.RLIMIT_FSIZE, (7, 7))
    box.expect(errno.EFBIG, "list", "11.", preexec_fn=child,
               holds=records("10.0.0.0/8"))
    if os.getuid() != 0:
        raise Skipped("the rest is for root")
    os.chmod(box.home, 0o755)
    box.expect(errno.EACCES, "list", "11.", user=NOBODY, group=NOBODY,
               extra_groups=[], holds=records("10.0.0.0/8"))
    os.chmod(box.path("list"), 0o600)
    box.expect(errno.EACCES, "-l", "list", user=NOBODY, group=NOBODY,
               extra_groups=[])


@case
def mode_and_owner(box):
    box.expect(DONE, "list", "10.", preexec_fn=lambda: os.umask(0o077))
    same(os.stat(box.path("list")).st_mode & 0o7777, 0o644, "mode")
    for mode in (0o600, 0o640, 0o444, 0o666):
        os.chmod(box.path("list"), mode)
        box.expect(DONE, "list", "11.", preexec_fn=lambda: os.umask(0o077))
        same(os.stat(box.path("list")).st_mode & 0o7777, mode, "mode")
    if os.getuid() != 0:
        raise Skipped("the rest is for root")
    os.chown(box.path("list"), NOBODY, NOBODY - 1)
    os.chmod(box.path("list"), 0o640)
    box.expect(DONE, "list", "12.")
    facts = os.stat(box.path("list"))
    same((facts.st_uid, facts.st_gid, facts.st_mode & 0o7777),
         (NOBODY, NOBODY - 1, 0o640), "owner, group and mode")


@case
def symbolic_link(box):
    os.mkdir(box.path("real"))
    box.put("real/list", records("10.0.0.0/8"))
    os.symlink("real/list", box.path("list"))
    box.expect(DONE, "list", "11.", holds=records("10.0.0.0/8 11.0.0.0/8"))
    same(os.readlink(box.path("list")), "real/list", "link")
    same(os.listdir(box.path("real")), ["list"], "files")
    os.symlink("real", box.path("folder"))
    box.expect(DONE, "folder/new", "12.", holds=records("12.0.0.0/8"))
    same(sorted(os.listdir(box.path("real"))), ["list", "new"], "files")
    box.expect(DONE, box.path("real/list"), "12.",
               holds=records("10.0.0.0/8 11.0.0.0/8 12.0.0.0/8"))


@case
def what_was_left_is_taken_away(box):
    """Also a link, which is not followed."""
    box.put("victim", b"precious")
    box.put("list", records("10.0.0.0/8"))
    for leave in (lambda: box.put("list.new", b"x" * 99),
                  lambda: os.symlink("victim", box.path("list.new"))):
        leave()
        box.expect(DONE, "list", "11.")
        same(sorted(os.listdir(box.home)), ["list", "victim"], "files")
        same(box.get("victim"), b"precious", "victim")


@case
def waits_for_the_folder(box):
    """And a reader that locks the list as Qsmtp does is not in its way."""
    box.put("list", records("10.0.0.0/8"))
    folder = os.open(box.home, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with open(box.path("list"), "rb") as reader:
        fcntl.flock(reader, fcntl.LOCK_SH | fcntl.LOCK_NB)
        with box.start("list", "11.") as child:
            child.stdin.close()
            try:
                child.wait(NEGATIVE_WAIT_S)
                raise AssertionError("did not wait")
            except subprocess.TimeoutExpired:
                pass
            same(box.get("list"), records("10.0.0.0/8"), "list")
            box.expect(DONE, "-t", "list", "10.1.2.3")
            fcntl.flock(folder, fcntl.LOCK_UN)
            same(child.wait(60), DONE, "exit code")
            child.stdout.close()
            child.stderr.close()
    os.close(folder)
    same(box.get("list"), records("10.0.0.0/8 11.0.0.0/8"), "list")


WRITERS, EACH = 8, 10


def write_some(box, n):
    for i in range(EACH):
        same(box.run("list", "10.%d.%d." % (n, 2 * i)), (DONE, "", ""),
             "outcome")


def read_as_qsmtp(box):
    with open(box.path("list"), "rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        octets = file.read()
    rows = [octets[i:i + 5] for i in range(0, len(octets), 5)]
    same(len(octets) % 5, 0, "half a record")
    same(sorted(set(rows)), rows, "order")
    return len(rows)


@case
def many_writers_and_readers(box):
    first = ["11.%d.0.0/17" % i for i in range(256)]
    box.put("list", records(" ".join(first)))
    done = threading.Event()
    reads = [0, 0]

    def keep_reading(which):
        last = len(first)
        while not done.is_set() or not reads[which]:
            now = read_as_qsmtp(box) if which else len(box.dump("list"))
            if now < last:
                raise AssertionError("%d networks after %d" % (now, last))
            last = now
            reads[which] += 1

    with concurrent.futures.ThreadPoolExecutor(WRITERS + 2) as pool:
        readers = [pool.submit(keep_reading, which) for which in (0, 1)]
        writers = [pool.submit(write_some, box, n) for n in range(WRITERS)]
        concurrent.futures.wait(writers)
        done.set()
        for future in writers + readers:
            future.result()
    wanted = ["10.%d.%d.0/24" % (n, 2 * i) for n in range(WRITERS)
              for i in range(EACH)] + first
    same(box.dump("list"), wanted, "list")
    same(os.listdir(box.home), ["list"], "files")


def kill_while_it_writes(box, text):
    """Whether it was killed with the new list half done."""
    with box.start("list", "-") as child:
        child.stdin.write(text)
        child.stdin.close()
        while not os.path.exists(box.path("list.new")) and \
                child.poll() is None:
            pass
        child.send_signal(signal.SIGKILL)
        child.wait(60)
        child.stdout.close()
        child.stderr.close()
    return os.path.exists(box.path("list.new"))


@case
def killed_in_the_middle(box):
    old = records("10.0.0.0/8")
    text = "".join("11.%d.%d.%d\n" % (i >> 14, i >> 6 & 255, i << 2 & 255)
                   for i in range(MANY))
    new = old + records(" ".join(word + "/32" for word in text.split()))
    killed = 0
    for _ in range(50):
        box.put("list", old)
        half = kill_while_it_writes(box, text.encode())
        octets = box.get("list")
        if octets not in (old, new) or (half and octets != old):
            raise AssertionError("%d octets" % len(octets))
        killed += half
        if killed == 3:
            break
    if not killed:
        raise AssertionError("never killed in the middle")
    box.expect(DONE, "list", "12.", holds=old + records("12.0.0.0/8"))
    same(os.listdir(box.home), ["list"], "files")


@case
def stopped_by_a_signal(box):
    """SIGTERM leaves the old list or the new one, and no other file."""
    text = "".join("11.%d.%d.%d\n" % (i >> 14, i >> 6 & 255, i << 2 & 255)
                   for i in range(MANY))
    for _ in range(5):
        box.put("list", b"")
        with box.start("list", "-") as child:
            child.stdin.write(text.encode())
            child.stdin.close()
            while not os.path.exists(box.path("list.new")) and \
                    child.poll() is None:
                pass
            child.send_signal(signal.SIGTERM)
            same(child.wait(60), DONE, "exit code")
            child.stdout.close()
            child.stderr.close()
        same(os.listdir(box.home), ["list"], "files")
        same(len(box.get("list")), 5 * MANY, "size")


# Name, octets, flag, what dumpipbl prints, or the exit code.
DUMPED = [
    ("list", records("192.0.2.1/32 10.1.2.3/8 10.1.2.3/8"), "",
     "192.0.2.1/32 10.1.2.3/8 10.1.2.3/8"),
    ("list", records("192.0.2.1/32"), "-4", "192.0.2.1/32"),
    ("list6", records("192.0.2.1/32"), "-4", "192.0.2.1/32"),
    ("list", records("fe80::1/10 2001:db8::/32"), "",
     "fe80::1/10 2001:db8::/32"),
    ("list", records("2001:db8::/32"), "-6", "2001:db8::/32"),
    ("list6", records("2001:db8::/32"), "", "2001:db8::/32"),
    # Of IPv4 and of IPv6, by its octets: 17 records or 5.
    ("list", records("32.32.32.32/32 " * 16 + "0.0.0.0/32"), "",
     "32.32.32.32/32 " * 16 + "0.0.0.0/32"),
    ("list6", records("32.32.32.32/32 " * 16 + "0.0.0.0/32"), "",
     "2020:2020:2020:2020:2020:2020:2020:2020/32 " * 4 +
     "2020:2020:2020:2020:2020:2020::/32"),
    ("list", b"", "", ""),
    ("list", b"", "-6", ""),
    ("list", b"10.1.\n# x\n2001:db8:\n10.\n", "",
     "10.1.0.0/16 2001:db8::/32 10.0.0.0/8"),
    ("list", b"10.1\n", "", 1),
    ("list", records("192.0.2.1/32"), "-6", 1),
    ("list", records("2001:db8::/32"), "-4", 1),
    ("list6", records("192.0.2.1/32"), "", 1),
    ("relayclients", records("2001:db8::/32"), "", 1),
    ("list", records("192.0.2.1/32") + b"\0", "", 1),
    ("list", records("192.0.2.1/32 10.0.0.0/7"), "", 1),
    ("list", b"\0", "", 1),
]


@table([("%s %s, %d octets" % (row[2], row[0], len(row[1])), *row)
        for row in DUMPED])
def dump(box, _, name, octets, flag, result):
    box.put(name, octets)
    code = result if isinstance(result, int) else DONE
    same(box.dump(*flag.split(), name, code=code),
         [] if code else result.split(), "output")


@case
def dump_what_is_not_there(box):
    box.dump("list", code=errno.ENOENT)
    box.dump("-6", "list", code=errno.ENOENT)
    box.dump(".", code=errno.EISDIR)
    box.put("list", b"")
    for words in ([], ["-4"], ["-6"], ["-5", "list"], ["list", "list"],
                  ["-4", "list", "list"], ["-4", "-6", "list"]):
        box.dump(*words, code=USAGE)


def run(name, function, row):
    home = tempfile.mkdtemp(prefix="addipbl.")
    try:
        function(Box(home), *row)
        return "passed", name, ""
    except Skipped as reason:
        return "skipped", name, str(reason)
    except Exception as error:
        return "FAILED", name, "%s: %s" % (type(error).__name__, error)
    finally:
        shutil.rmtree(home)


def main():
    signal.alarm(300)       # should a case hang
    counts = {"passed": 0, "skipped": 0, "FAILED": 0}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(run, *one) for one in CASES]:
            word, name, why = future.result()
            counts[word] += 1
            if word != "passed":
                print("%s: %s: %s" % (word, name, why))
    print("%(FAILED)d failed, %(skipped)d skipped" % counts)
    print("%(passed)d cases passed" % counts)
    return 1 if counts["FAILED"] or not counts["passed"] else 0


BUILD = os.path.abspath(sys.argv[1])
sys.exit(main())
