"""maildir-queue.py BUILD: what BUILD/maildir-queue files and refuses.

The real program runs in a home of its own below the temporary folder.  A case
that cannot run here (needs root, strace, ...) is skipped with its reason.
"""
import os
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

KIB = 1024
NOBODY = 65534
FILED, TOO_LONG, NO_MEMORY, TIMED_OUT, CANNOT_WRITE, CANNOT_READ = \
    0, 11, 51, 52, 53, 54
NO_HOME, NO_MAILDIR, CANNOT_CREATE, CANNOT_MOVE, BUG, BAD_ENVELOPE = \
    61, 62, 63, 65, 81, 91

ENVELOPE = b"Fs@example.org\0Tr@example.net\0\0"
FIELDS = b"Return-Path: <s@example.org>\nDelivered-To: r@example.net\n"
BIG = bytes(range(256)) * (3 * KIB)     # 768 KiB: does not fit in memory


class Skipped(Exception):
    pass


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError("%s: %.300r, not %.300r" % (what, got, wanted))


def pour(fd, octets):
    """Write it all; the program may have given up reading."""
    try:
        while octets:
            octets = octets[os.write(fd, octets):]
    except BrokenPipeError:
        pass


class Run:
    """One process, its message and its envelope still open."""

    def __init__(self, box, env=None, prefix=(), before=None, **more):
        message, self.message = more.pop("pipe", os.pipe)()
        envelope, self.envelope = os.pipe()
        everything = {"PATH": os.environ["PATH"], "QMAILHOME": box.home}
        if ASAN:
            everything["ASAN_OPTIONS"] = "detect_leaks=%d" % (not prefix)
        everything.update(env or {})
        everything = {k: v for k, v in everything.items() if v is not None}

        def child():
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if before:
                before()

        self.process = subprocess.Popen(
            [*prefix, box.program], stdin=message, stdout=envelope,
            stderr=subprocess.PIPE, env=everything, cwd="/",
            preexec_fn=child, **more)
        os.close(message)
        os.close(envelope)

    def say(self, message, envelope):
        pour(self.message, message)
        os.close(self.message)
        pour(self.envelope, envelope)

    def end(self):
        """Its exit code, or less than 0 for a signal."""
        for fd in self.message, self.envelope:
            try:
                os.close(fd)
            except OSError:
                pass
        self.reason = self.process.stderr.read().decode()
        self.process.stderr.close()
        return self.process.wait()


class Box:
    """A qmail home with a Maildir."""

    def __init__(self, home, program):
        self.home = home
        self.program = program
        for folder in "", "/tmp", "/new", "/cur":
            os.mkdir(home + "/Maildir" + folder)

    def path(self, *names):
        return os.path.join(self.home, "Maildir", *names)

    def filed(self):
        contents = []
        for name in sorted(os.listdir(self.path("new"))):
            with open(self.path("new", name), "rb") as file:
                contents.append(file.read())
        return contents

    def run(self, message, envelope, **more):
        run = Run(self, **more)
        run.say(message, envelope)
        return run.end(), run.reason

    def expect(self, code, message=b"Subject: x\n\nbody\n", envelope=ENVELOPE,
               content=None, **more):
        got, reason = self.run(message, envelope, **more)
        same(got, code, "exit code (%r)" % reason)
        if code == FILED:
            same(reason, "", "stderr")
            same(self.filed(), [content or FIELDS + message], "new")
        elif not re.fullmatch(r"maildir-queue: [^\n]+\n", reason):
            raise AssertionError("stderr: %r" % reason)
        else:
            same(os.listdir(self.path("new")), [], "new")
        same(os.listdir(self.path("tmp")), [], "tmp")
        return reason


CASES = []


def case(function):
    CASES.append((function.__name__.replace("_", " "), function, ()))
    return function


def table(rows):
    """One case a row; its first column is its name."""
    def add(function):
        for row in rows:
            CASES.append(("%s: %s" % (function.__name__.replace("_", " "),
                                      row[0]), function, row[1:]))
        return function
    return add


def needs(program):
    if not shutil.which(program):
        raise Skipped("no " + program)


def needs_root():
    if os.getuid() != 0:
        raise Skipped("not root")


# Messages

@table([
    ("plain", b"Subject: x\n\nbody\n"),
    ("empty", b""),
    ("NUL", b"a\0b\n\0"),
    ("eight bits", bytes(range(256))),
    ("CRLF", b"a\r\nb\r\n"),
    ("bare CR", b"a\rb\r"),
    ("no final newline", b"a\n\nb"),
    ("looks like an envelope", b"Fx\0Ty\0\0"),
    ("one less than fits in memory", b"x" * (256 * KIB - 1)),
    ("just fits in memory", b"x" * (256 * KIB)),
    ("one more than fits in memory", b"x" * (256 * KIB + 1)),
    ("twice what fits in memory", b"y" * (512 * KIB)),
    ("big", BIG),
])
def message(box, octets):
    box.expect(FILED, octets)


@case
def message_octet_by_octet(box):
    run = Run(box)
    for octet in b"Subject: x\n\nb":
        pour(run.message, bytes([octet]))
    os.close(run.message)
    for octet in ENVELOPE:
        pour(run.envelope, bytes([octet]))
    same(run.end(), FILED, "exit code")
    same(box.filed(), [FIELDS + b"Subject: x\n\nb"], "new")


@case
def message_from_a_socket(box):
    def pipe():
        ours, theirs = socket.socketpair()
        return theirs.detach(), ours.detach()
    box.expect(FILED, BIG, pipe=pipe)


@case
def message_from_a_descriptor_that_does_not_block(box):
    def pipe():
        theirs, ours = os.pipe()
        os.set_blocking(theirs, False)
        return theirs, ours
    box.expect(FILED, BIG, pipe=pipe)


@case
def message_from_a_file(box):
    path = os.path.join(box.home, "message")
    with open(path, "wb") as file:
        file.write(BIG)
    run = Run(box, pipe=lambda: (os.open(path, os.O_RDONLY),
                                 os.open("/dev/null", os.O_WRONLY)))
    run.say(b"", ENVELOPE)
    same(run.end(), FILED, "exit code")
    same(box.filed(), [FIELDS + BIG], "new")


@case
def memory_is_bounded(box):
    if ASAN:
        raise Skipped("the sanitizer takes more")
    limit = 4 * KIB * KIB
    octets = random.Random(1).randbytes(KIB * KIB) * 20
    envelope = b"Fs\0" + b"Tsomebody@example.net\0" * 100000
    run = Run(box, before=lambda: resource.setrlimit(
        resource.RLIMIT_AS, (limit, limit)))
    run.say(octets, envelope)
    with open("/proc/%d/status" % run.process.pid) as file:
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1])
    pour(run.envelope, b"\0")
    same(run.end(), FILED, "exit code (%r)" % run.reason)
    if peak * KIB >= limit:
        raise AssertionError("%d kB" % peak)
    print("peak memory with 20 MB and 100000 recipients: %d kB" % peak)
    same(box.filed(), [b"Return-Path: <s>\n" + octets.join(
        [b"Delivered-To: somebody@example.net\n" * 100000, b""])], "new")


# Envelopes and the fields made of them

@table([
    ("null", b"", b"<>"),
    ("plain", b"s@example.org", b"<s@example.org>"),
    ("no domain", b"root", b"<root>"),
    ("double bounce", b"#@[]", b"<#@[]>"),
    ("VERP", b"list-return-1-u=h.example@example.org",
     b"<list-return-1-u=h.example@example.org>"),
    ("every atext", b"!#$%&'*+-/=?^_`{|}~aZ09.x@d",
     b"<!#$%&'*+-/=?^_`{|}~aZ09.x@d>"),
    ("blank", b"joe smith@d", b'<"joe smith"@d>'),
    ("quote", b'a"b@d', b'<"a\\"b"@d>'),
    ("backslash", b"a\\b@d", b'<"a\\\\b"@d>'),
    ("at sign", b"a@b@d", b'<"a@b"@d>'),
    ("brackets", b"<a>@d", b'<"<a>"@d>'),
    ("leading dot", b".a@d", b'<".a"@d>'),
    ("trailing dot", b"a.@d", b'<"a."@d>'),
    ("double dot", b"a..b@d", b'<"a..b"@d>'),
    ("nothing before the at sign", b"@d", b'<""@d>'),
    ("eight bits", "\u00e9@d".encode(), '<"\u00e9"@d>'.encode()),
    ("blank, no domain", b"a b", b'<"a b">'),
    ("line end", b"a\r\nX-Bad: 1@d", b'<"a??X-Bad: 1"@d>'),
    ("line end in the domain", b"a@d\nX-Bad: 1", b"<a@d?X-Bad: 1>"),
    ("controls", b"a\t\x1b\x7f@d", b"<a???@d>"),
    ("longest", b"a" * 1000 + b"@d", b"<" + b"a" * 1000 + b"@d>"),
    ("longest, each octet escaped", b'"' * 1002,
     b'<"' + b'\\"' * 1002 + b'">'),
])
def return_path(box, path, value):
    box.expect(FILED, b"m\n", b"F" + path + b"\0Tr\0\0",
               b"Return-Path: " + value + b"\nDelivered-To: r\nm\n")


@table([
    ("as it is", [b'a "b\\c..@d'], [b'a "b\\c..@d']),
    ("empty", [b""], [b""]),
    ("line end", [b"a@d\nX-Bad: 1", b"a\r@d"], [b"a@d?X-Bad: 1", b"a?@d"]),
    ("controls", [b"\x01\x1f\x7f\xff"], [b"???\xff"]),
    ("longest", [b"a" * 1002], [b"a" * 1002]),
    ("none", [], []),
    ("in their order", [b"b", b"a", b"b"], [b"b", b"a", b"b"]),
    ("1000", [b"r%d@example.net" % i for i in range(1000)],
     [b"r%d@example.net" % i for i in range(1000)]),
    ("1000 of the longest", [b"a" * 1002] * 1000, [b"a" * 1002] * 1000),
])
def delivered_to(box, paths, values):
    box.expect(FILED, b"m\n",
               b"Fs\0" + b"".join(b"T%s\0" % path for path in paths) + b"\0",
               b"Return-Path: <s>\n" +
               b"".join(b"Delivered-To: %s\n" % value for value in values) +
               b"m\n")


@case
def what_follows_the_envelope_is_not_read(box):
    box.expect(FILED, envelope=ENVELOPE + b"Tx\0\0")


@table([
    ("empty", b"", CANNOT_READ),
    ("F only", b"F", CANNOT_READ),
    ("cut in the reverse-path", b"Fs@d", CANNOT_READ),
    ("no recipient, no end", b"Fs@d\0", CANNOT_READ),
    ("cut in a forward-path", b"Fs@d\0Tr", CANNOT_READ),
    ("no end", b"Fs@d\0Tr@d\0", CANNOT_READ),
    ("no end after many", b"Fs@d\0" + b"Tr@d\0" * 20000, CANNOT_READ),
    ("garbage", b"\xff\xfe\xfd", BAD_ENVELOPE),
    ("only NUL", b"\0", BAD_ENVELOPE),
    ("begins with T", b"Tr@d\0\0", BAD_ENVELOPE),
    ("lower case f", b"fs@d\0Tr@d\0\0", BAD_ENVELOPE),
    ("two reverse-paths", b"Fs@d\0Fs@d\0\0", BAD_ENVELOPE),
    ("lower case t", b"Fs@d\0tr@d\0\0", BAD_ENVELOPE),
    ("garbage after many", b"Fs@d\0" + b"Tr@d\0" * 20000 + b"x", BAD_ENVELOPE),
    ("reverse-path too long", b"F" + b"a" * 1003 + b"\0Tr\0\0", TOO_LONG),
    ("forward-path too long", b"Fs\0T" + b"a" * 1003 + b"\0\0", TOO_LONG),
    ("endless path", b"Fs\0T" + b"a" * 200000, TOO_LONG),
])
def envelope(box, octets, code):
    box.expect(code, envelope=octets)
    box.expect(code, BIG, octets)


# Descriptors and places

@table([("0", 0, CANNOT_READ), ("1", 1, CANNOT_READ)])
def closed_descriptor(box, fd, code):
    box.expect(code, before=lambda: os.close(fd))


@case
def descriptor_for_writing_only(box):
    def close(fd):
        os.dup2(os.open("/dev/null", os.O_WRONLY), fd)
    box.expect(CANNOT_READ, before=lambda: close(0))
    box.expect(CANNOT_READ, before=lambda: close(1))


@table([("filed", ENVELOPE, FILED), ("refused", b"", CANNOT_READ)])
def nowhere_for_the_reason(box, octets, code):
    got, _ = box.run(BIG, octets, before=lambda: os.close(2))
    same(got, code, "exit code")
    same(box.filed(), [FIELDS + BIG] if code == FILED else [], "new")
    same(os.listdir(box.path("tmp")), [], "tmp")


@case
def nobody_reads_the_reason(box):
    run = Run(box)
    run.process.stderr.close()
    run.process.stderr = open("/dev/null", "rb")
    run.say(b"", b"garbage")
    same(run.end(), BAD_ENVELOPE, "exit code")


@case
def the_name_and_the_mode(box):
    box.expect(FILED, before=lambda: os.umask(0o777))
    name, = os.listdir(box.path("new"))
    if not re.fullmatch(r"\d+\.M\d+P\d+_\d+\.[^/:]+", name):
        raise AssertionError(name)
    mode = os.stat(box.path("new", name)).st_mode
    same(mode, 0o100600, "mode")


@case
def a_host_with_slash_and_colon(box):
    needs_root()
    needs("unshare")
    box.expect(FILED, prefix=[
        "unshare", "-u", "sh", "-c",
        'printf %s "a/b:c" >/proc/sys/kernel/hostname && exec "$0"'])
    name, = os.listdir(box.path("new"))
    if not name.endswith(".a\\057b\\072c"):
        raise AssertionError(name)


@table([
    ("below the home", {"QSMTP_MAILDIR": "elsewhere"}, FILED),
    ("absolute", {"QSMTP_MAILDIR": "%s/elsewhere"}, FILED),
    ("absolute, no home",
     {"QSMTP_MAILDIR": "%s/elsewhere", "QMAILHOME": "/nowhere"}, FILED),
    ("missing", {"QSMTP_MAILDIR": "nowhere"}, NO_MAILDIR),
    ("empty", {"QSMTP_MAILDIR": ""}, NO_MAILDIR),
    ("a file", {"QSMTP_MAILDIR": "/dev/null"}, NO_MAILDIR),
    ("no home", {"QMAILHOME": "/nowhere"}, NO_HOME),
    ("home is a file", {"QMAILHOME": "/dev/null"}, NO_HOME),
    ("home is relative", {"QMAILHOME": "."}, NO_HOME),
    ("home is empty", {"QMAILHOME": ""}, NO_HOME),
])
def maildir(box, env, code):
    env = {name: value.replace("%s", box.home) for name, value in env.items()}
    if code != FILED:
        box.expect(code, env=env)
        return
    shutil.copytree(box.path(), box.home + "/elsewhere")
    same(box.run(b"m", ENVELOPE, env=env), (FILED, ""), "exit code")
    same(box.filed(), [], "new in the default Maildir")
    same(len(os.listdir(box.home + "/elsewhere/new")), 1, "new")


@table([("tmp", "tmp"), ("new", "new")])
def missing(box, folder):
    os.rmdir(box.path(folder))
    for octets in b"m", BIG:
        got, reason = box.run(octets, ENVELOPE)
        same(got, NO_MAILDIR, "exit code (%r)" % reason)
    same([name for _, _, names in os.walk(box.path()) for name in names], [],
         "files")


def as_nobody():
    if os.getuid() == 0:
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    return {}


@table([
    ("tmp", "tmp", 0o555, CANNOT_CREATE),
    ("new", "new", 0o555, CANNOT_MOVE),
    ("new unreadable", "new", 0o333, NO_MAILDIR),
    ("Maildir", "", 0o600, NO_MAILDIR),
])
def no_right(box, folder, mode, code):
    if os.getuid() == 0:
        for name in "", "tmp", "new":
            os.chown(box.path(name), NOBODY, NOBODY)
    os.chmod(box.path(folder), mode)
    try:
        for octets in b"m", BIG:
            got, reason = box.run(octets, ENVELOPE, **as_nobody())
            same(got, code, "exit code (%r)" % reason)
    finally:
        os.chmod(box.path(folder), 0o755)
    same([name for _, _, names in os.walk(box.path()) for name in names], [],
         "files")


# No room, no memory

@table([
    ("fields", b"m", b"Fs\0" + b"Tr@example.net\0" * 10000 + b"\0", 64),
    ("message", b"m" * (200 * KIB), ENVELOPE, 64),
    ("spool", BIG, ENVELOPE, 300),
    ("copy", BIG, ENVELOPE, 768),
    ("nothing may be written", b"m", ENVELOPE, 0),
])
def file_size_limit(box, octets, recipients, limit):
    box.expect(CANNOT_WRITE, octets, recipients,
               before=lambda: resource.setrlimit(
                   resource.RLIMIT_FSIZE, (limit * KIB, limit * KIB)))


def on_tmpfs(options, code, octets, recipients):
    needs_root()
    needs("unshare")
    if subprocess.run(["unshare", "-m", "true"], stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).returncode != 0:
        raise Skipped("no mount namespace can be made here")
    command = ["unshare", "-m", sys.executable, os.path.abspath(__file__),
               BUILD, "tmpfs", options]
    done = subprocess.run(command + [str(code), str(len(octets)),
                                     str(recipients)],
                          capture_output=True, text=True)
    if done.returncode == 77:
        raise Skipped(done.stdout.strip())
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)


@table([
    ("room", "size=2m", FILED, BIG, 1),
    ("spool", "size=512k", CANNOT_WRITE, BIG, 1),
    ("copy", "size=1m", CANNOT_WRITE, BIG, 1),
    ("message", "size=128k", CANNOT_WRITE, b"m" * (200 * KIB), 1),
    ("fields", "size=128k", CANNOT_WRITE, b"m", 20000),
    ("no inode", "size=2m,nr_inodes=5", CANNOT_WRITE, b"m", 1),
    ("no inode for the spool", "size=2m,nr_inodes=5", CANNOT_WRITE, BIG, 1),
])
def full_disk(box, options, code, octets, recipients):
    on_tmpfs(options, code, octets, recipients)


def inside_tmpfs(options, code, size, recipients):
    """Runs in a mount namespace of its own."""
    with tempfile.TemporaryDirectory() as home:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none",
                           home]).returncode != 0:
            print("cannot mount a tmpfs")
            sys.exit(77)
        try:
            box = Box(home, os.path.join(BUILD, "maildir-queue"))
            octets = b"m" * size
            box.expect(code, octets, b"Fs\0" + b"Tr\0" * recipients + b"\0",
                       b"Return-Path: <s>\n" + b"Delivered-To: r\n" *
                       recipients + octets)
        finally:
            subprocess.run(["umount", home])


@case
def no_memory(box):
    if ASAN:
        raise Skipped("the sanitizer takes more")
    box.expect(NO_MEMORY, before=lambda: resource.setrlimit(
        resource.RLIMIT_DATA, (300 * KIB, 300 * KIB)))


# Many at once

@case
def fifty_at_once(box):
    sizes = [i * 16 * KIB + i for i in range(50)]
    messages = [b"%d\n" % i + bytes([i]) * size
                for i, size in enumerate(sizes)]
    runs = [Run(box) for _ in messages]
    same(len({run.process.pid for run in runs}), 50, "processes")
    writers = [threading.Thread(target=run.say, args=(message, ENVELOPE))
               for run, message in zip(runs, messages)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    same([run.end() for run in runs], [FILED] * 50, "exit codes")
    same(sorted(box.filed()), sorted(FIELDS + m for m in messages), "new")
    same(os.listdir(box.path("tmp")), [], "tmp")


# Signals: the pipe takes 64 KiB, so the rest of a write has been read

SIGNALS = [(name, getattr(signal, name)) for name in (
    "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGPIPE", "SIGALRM", "SIGXCPU",
    "SIGKILL")]


def ended_by(run, number):
    run.process.send_signal(number)
    same(run.process.wait(),
         TIMED_OUT if number == signal.SIGALRM else -number, "exit code")
    run.end()


@table([(name + " " + when, number, size) for name, number in SIGNALS
        for when, size in (("in the message", 100), ("in the spool", 600))])
def stopped(box, number, size):
    run = Run(box)
    pour(run.message, b"m" * (size * KIB))
    ended_by(run, number)
    same(os.listdir(box.path("new")), [], "new")
    same(os.listdir(box.path("tmp")), [], "tmp")


@table([(name, number) for name, number in SIGNALS])
def stopped_in_the_envelope(box, number):
    run = Run(box)
    run.say(BIG, b"Fs\0" + b"Tr@example.net\0" * 20000)
    same(len(os.listdir(box.path("tmp"))), 1, "files in tmp")
    ended_by(run, number)
    same(os.listdir(box.path("new")), [], "new")
    same(len(os.listdir(box.path("tmp"))), number == signal.SIGKILL, "tmp")


@case
def stopped_though_the_caller_ignores_it(box):
    run = Run(box, before=lambda: signal.signal(signal.SIGTERM,
                                                signal.SIG_IGN))
    pour(run.message, b"m" * (100 * KIB))
    ended_by(run, signal.SIGTERM)


# System calls: their order, and each that fails

def needs_strace(box):
    needs("strace")
    if ASAN:
        raise Skipped("the sanitizer makes system calls of its own")
    if subprocess.run(["strace", "-o", "/dev/null", "true"]).returncode != 0:
        raise Skipped("strace may not trace")


@table([("in memory", b"m" * 1000), ("spooled", BIG)])
def synced_before_it_is_said(box, octets):
    needs_strace(box)
    log = os.path.join(box.home, "log")
    box.expect(FILED, octets, prefix=["strace", "-o", log, "-e", "trace=file,"
               "desc,process"])
    with open(log) as file:
        lines = file.read().splitlines()
    lines = lines[max(i for i, line in enumerate(lines)
                      if "O_EXCL" in line):]
    fd = lines[0].rsplit("= ", 1)[1]
    order = [line.split("(")[0] for line in lines]
    written = [i for i, line in enumerate(lines)
               if re.match(r"write\(%s," % fd, line)]
    synced = [i for i, word in enumerate(order) if word == "fsync"]
    linked = order.index("linkat")
    same(len(synced), 2, "fsync")
    same(all(lines[i].endswith("= 0") for i in synced), True, "fsync = 0")
    same(lines[synced[0]].startswith("fsync(%s)" % fd), True, "fsync(file)")
    new = re.match(r'linkat\(\d+, "[^"]+", (\d+),', lines[linked])[1]
    same(lines[synced[1]].startswith("fsync(%s)" % new), True, "fsync(new)")
    same(max(written) < synced[0] < linked < synced[1] <
         order.index("exit_group"), True, "order: " + " ".join(order))


FAULTS = [
    ("fsync:error=EIO:when=1", CANNOT_WRITE),
    ("fsync:error=EINVAL:when=1", CANNOT_WRITE),
    ("fsync:error=EIO:when=2", CANNOT_WRITE),
    ("fsync:error=EINVAL:when=2", CANNOT_WRITE),
    ("fsync:error=EINTR:when=1", FILED),
    ("close:error=EIO:when=1", CANNOT_WRITE),
    ("linkat:error=EEXIST", CANNOT_MOVE),
    ("linkat:error=ENOSPC", CANNOT_WRITE),
    ("linkat:error=EDQUOT", CANNOT_WRITE),
    ("write:error=EIO:when=1", CANNOT_WRITE),
    ("write:error=ENOSPC:when=2", CANNOT_WRITE),
    ("write:error=EDQUOT:when=3", CANNOT_WRITE),
    ("write:retval=0:when=1", CANNOT_WRITE),
    ("write:error=EINTR:when=1..3", FILED),
    ("pread64:error=EIO:when=1", CANNOT_WRITE),
    ("pread64:retval=0:when=2", CANNOT_WRITE),
    ("pread64:error=EINTR:when=1", FILED),
    ("read:error=EIO:when=1", CANNOT_READ),
    ("read:error=EIO:when=3", CANNOT_READ),
    ("read:error=EINTR:when=1..4", FILED),
    ("poll:error=EINTR:when=1..4", FILED),
    ("poll:error=ENOMEM:when=1", NO_MEMORY),
    ("openat:error=EMFILE:when=1", NO_HOME),
    ("openat:error=EMFILE:when=2", NO_MAILDIR),
    ("openat:error=EEXIST:when=5", CANNOT_CREATE),
    ("openat:error=EROFS:when=6", CANNOT_CREATE),
    ("signalfd4:error=EMFILE", BUG),
    ("fsync:signal=TERM:when=1", -signal.SIGTERM),
    ("linkat:signal=TERM", FILED),
    ("fsync:signal=TERM:when=2", FILED),
]


@table([(fault, fault, code) for fault, code in FAULTS])
def system_call(box, fault, code):
    needs_strace(box)
    prefix = ["strace", "-o", "/dev/null", "-e", "trace=" +
              fault.split(":")[0], "-e", "inject=" + fault]
    box.expect(code, BIG, prefix=prefix)


def main():
    signal.alarm(600)       # should a case hang
    skipped = failed = passed = 0
    for name, function, row in CASES:
        home = tempfile.mkdtemp(prefix="maildir-queue.")
        os.chmod(home, 0o755)
        # Anybody may run this copy, wherever the build lies.
        program = shutil.copy(os.path.join(BUILD, "maildir-queue"), home)
        os.chmod(program, 0o755)
        try:
            function(Box(home, program), *row)
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


BUILD = os.path.abspath(sys.argv[1])
with open(os.path.join(BUILD, "maildir-queue"), "rb") as binary:
    ASAN = b"__asan_init" in binary.read()
if sys.argv[2:3] == ["tmpfs"]:
    inside_tmpfs(sys.argv[3], *map(int, sys.argv[4:7]))
else:
    sys.exit(main())
