"""The format of *.smtp, see README."""
import base64
import hmac
import os
import re
import shlex

ESCAPES = {'r': '\r', 'n': '\n', 't': '\t', '0': '\0', 's': ' ',
           '\\': '\\', '{': '{', '}': '}', '|': '|', '#': '#', '$': '$'}


class Trouble(Exception):
    """The scenario cannot be read or played."""


class Skip(Exception):
    """This machine cannot play it, and why."""


def computed(how, text):
    """{64=TEXT} and {cram=PASSWORD=CHALLENGE}."""
    if how == '64':
        return base64.b64encode(unescape(text))
    if how == 'cram':
        password, _, challenge = text.partition('=')
        return hmac.new(unescape(password), unescape(challenge),
                        'md5').hexdigest().encode()
    raise Trouble('{%s= is not known' % how)


def unescape(text):
    """The octets that a text stands for."""
    out, at = bytearray(), 0
    while at < len(text):
        if text[at] == '\\' and text[at + 1:at + 2] == 'x':
            out.append(int(text[at + 2:at + 4], 16))
            at += 4
        elif text[at] == '\\' and text[at + 1:at + 2] in ESCAPES:
            out += ESCAPES[text[at + 1]].encode()
            at += 2
        elif text[at] == '{':
            end = closing(text, at)
            number, _, what = text[at + 1:end].partition('*')
            how, equal, rest = text[at + 1:end].partition('=')
            if number.isdigit():
                out += unescape(what) * int(number)
            elif equal:
                out += computed(how, rest)
            else:
                raise Trouble('no number in ' + text)
            at = end + 1
        else:
            out += text[at].encode()
            at += 1
    return bytes(out)


def closing(text, at):
    depth = 0
    while at < len(text):
        if text[at] == '\\':
            at += 1
        elif text[at] == '{':
            depth += 1
        elif text[at] == '}':
            depth -= 1
            if depth == 0:
                return at
        at += 1
    raise Trouble('no } in ' + text)


class Scenario:
    def __init__(self, file, title):
        self.file, self.title = file, title
        self.control = {'me': b'me.test\n', 'timeoutremote': b'6\n',
                        'timeoutconnect': b'6\n', 'dnstimeout': b'5\n'}
        self.files = {}         # path: (kind, octets or mode)
        self.routed = True      # everything goes to 127.0.0.1
        self.zone = []
        self.env = {}
        self.cwd = None
        self.host, self.sender = 'x.test', 'a@me.test'
        self.recipients = ['r@x.test']
        self.argv = None
        self.message = b'Subject: t\n\nbody\n'
        self.stdin = 'file'
        self.port = 25
        self.descriptors = None
        self.stderr = 'same'
        self.hosts = []         # [address, [script, ...], is it needed]
        self.report = []
        self.outcome = None
        self.died = None
        self.tcpto = {}         # file: [(address, count, age)] or octets
        self.after = []         # the same, after the run
        self.order = None
        self.runs, self.spread = 1, []
        self.time = (0, 20)
        self.tls = 'embedded'   # or service, or none
        self.copies = []        # (certificate, path)
        self.modes = {}
        self.questions = []     # (number, pattern)

    def copy(self, title):
        other = Scenario(self.file, title)
        for key, value in vars(self).items():
            if key == 'title':
                continue
            if isinstance(value, (dict, list)):
                value = type(value)(value)
            setattr(other, key, value)
        other.hosts = [[a, [list(s) for s in scripts], needed]
                       for a, scripts, needed in self.hosts]
        return other

    def steps(self):
        if not self.hosts:
            self.hosts.append(['127.0.0.1', [[]], True])
        return self.hosts[-1][1][-1]


def assign(scenario, rest):
    """control NAME = TEXT, open TEXT, absent, folder or mode OCTAL."""
    name, how, *more = rest.split(' ', 2)
    text = more[0] if more else ''
    if name == 'smtproutes':
        scenario.routed = False
    scenario.files.pop('control/' + name, None)
    scenario.control.pop(name, None)
    if how in ('=', 'open'):
        scenario.control[name] = unescape(text) + b'\n'
        scenario.files['control/' + name] = (
            'mode', 0o644 if how == 'open' else 0o640)
    elif how == 'raw':
        scenario.control[name] = unescape(text)
    elif how == 'folder':
        scenario.files['control/' + name] = ('folder', 0)
    elif how == 'mode':
        scenario.files['control/' + name] = ('mode', int(text, 8))
        scenario.control[name] = b''
    elif how != 'absent':
        raise Trouble('control %s' % rest)


def tcpto(rest):
    """ADDRESS COUNT AGE; the age `new` is what was written just now."""
    address, count, age = rest.split()
    return address, int(count), None if age == 'new' else int(age)


def words(rest):
    """Words as in a shell, but that a backslash is one of our escapes."""
    lexer = shlex.shlex(rest, posix=True)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, '', ''
    return [unescape(w).decode('utf-8', 'surrogateescape') for w in lexer]


def take(scenario, word, rest):
    if word in ('S:', 'C:', 'C~', 'C?', 'B:', 'X', 'TLS'):
        scenario.steps().append((word, rest))
    elif word == 'R:':
        scenario.report.append(rest)
    elif word == '->':
        scenario.outcome = rest
    elif word == 'control':
        assign(scenario, rest)
    elif word == 'file':
        path, _, text = rest.partition(' = ')
        scenario.files[path] = ('text', unescape(text) + b'\n')
    elif word == 'zone':
        scenario.zone.append(rest)
    elif word == 'args':
        scenario.host, scenario.sender, *scenario.recipients = words(rest)
    elif word == 'recipients':
        number, *more = rest.split()
        scenario.recipients = [
            'r%d%s@x.test' % (i + 1, 'x' * int(more[0]) if more else '')
            for i in range(int(number))]
    elif word == 'argv':
        scenario.argv = words(rest)
    elif word == 'message':
        scenario.message = unescape(rest)
    elif word == 'host':
        address, _, how = rest.partition(' ')
        if how not in ('', 'maybe'):
            raise Trouble('host ' + rest)
        scenario.hosts.append([address, [[]], how != 'maybe'])
    elif word == 'again':
        scenario.hosts[-1][1].append([])
    elif word == 'copy':
        scenario.copies.append(tuple(rest.split()))
    elif word == 'mode':
        path, mode = rest.split()
        scenario.modes[path] = int(mode, 8)
    elif word in ('stdin', 'stderr', 'cwd', 'died', 'tls'):
        setattr(scenario, word, rest)
    elif word == 'env':
        name, _, value = rest.partition('=')
        scenario.env[name] = value
    elif word == 'tcpto':
        scenario.tcpto['tcpto'] = scenario.tcpto.get('tcpto', []) + [
            tcpto(rest)]
    elif word == 'tcpto6':
        scenario.tcpto['tcpto6'] = scenario.tcpto.get('tcpto6', []) + (
            [tcpto(rest)] if rest else [])
    elif word == 'tcpto-none':
        scenario.tcpto['tcpto'] = None
    elif word in ('port', 'descriptors'):
        setattr(scenario, word, int(rest))
    elif word == 'tcpto-raw':
        scenario.tcpto['tcpto'] = unescape(rest)
    elif word == 'T:':
        scenario.after.append(tcpto(rest))
    elif word == 'order':
        scenario.order = rest.split()
    elif word == 'runs':
        scenario.runs = int(rest)
    elif word == 'spread':
        scenario.spread = rest.split()
    elif word == 'time':
        scenario.time = tuple(float(n) for n in rest.split())
    elif word == 'D#':
        number, _, pattern = rest.partition(' ')
        scenario.questions.append((int(number), pattern))
    else:
        raise Trouble('unknown word: ' + word)


def numbers(text):
    for part in text.split(','):
        first, _, last = part.partition('-')
        yield from range(int(first), int(last or first) + 1)


def expand(line, macros):
    """A line as lines, macros replaced."""
    if not line.startswith('@'):
        yield line
        return
    name, _, rest = line[1:].partition(' ')
    args = [a.strip() for a in rest.split(' | ')] if rest else []
    if name.startswith('*'):
        for i in numbers(args[0]):
            call = '@%s %s' % (name[1:], ' | '.join([str(i)] + args[1:]))
            yield from expand(call, macros)
        return
    if name not in macros:
        raise Trouble('no macro ' + name)
    for each in macros[name]:
        text = re.sub(r'(?<!\\)\$([1-9])', lambda m: args[int(m[1]) - 1]
                      if int(m[1]) <= len(args) else '', each)
        yield from expand(text, macros)


def without_macros(lines, macros):
    """(number, line) of what is no definition; those go to `macros`."""
    out, defining = [], None
    for number, line in enumerate(lines, 1):
        if defining is not None:
            if line.strip() == 'end':
                defining = None
            else:
                macros[defining].append(line.strip())
        elif line.startswith('define '):
            defining = line[7:].strip()
            macros[defining] = []
        elif line.strip() and not line.startswith('#'):
            out.append((number, line))
    return out


def read_file(path, macros):
    """The scenarios of a file, and the macros known in it."""
    name = os.path.basename(path)
    common = current = Scenario(name, '')
    found, macros = [], dict(macros)
    with open(path, encoding='utf-8') as file:
        lines = without_macros(file.read().split('\n'), macros)
    for number, line in lines:
        try:
            if line.startswith('== '):
                current = common.copy(name[:-5] + ': ' + line[3:].strip())
                found.append(current)
                continue
            for each in expand(line, macros):
                word, _, rest = each.partition(' ')
                take(current, word, rest)
        except (Trouble, ValueError, IndexError) as why:
            raise Trouble('line %d: %s' % (number, why)) from why
    for scenario in found:
        if bool(scenario.report) == bool(scenario.died):
            raise Trouble('%s: R: or died' % scenario.title)
        if scenario.outcome is None:
            raise Trouble('%s: no -> line' % scenario.title)
    return found, macros
