"""Dialogues as they are written: the files *.smtp, read into scenarios."""
import os
import re



class Trouble(Exception):
    """A scenario that cannot be read or a way that cannot go on."""


class Skip(Exception):
    """What this machine does not have."""


ESCAPES = {'r': '\r', 'n': '\n', 't': '\t', '0': '\0', '\\': '\\', 's': ' ',
           '{': '{', '}': '}', '|': '|'}


def unescape(text):
    """Escapes as README has them, and {N*text}, to a string of octets."""
    out = []
    i = 0
    while i < len(text):
        c = text[i]
        if c == '\\':
            if i + 1 == len(text):
                raise Trouble('backslash at the end of: ' + text)
            if text[i + 1] == 'x':
                out.append(chr(int(text[i + 2:i + 4], 16)))
                i += 4
                continue
            if text[i + 1] not in ESCAPES:
                raise Trouble('unknown escape in: ' + text)
            out.append(ESCAPES[text[i + 1]])
            i += 2
        elif c == '{' and (m := re.match(r'\{(\d+)\*((?:[^\\}]|\\.)*)\}',
                                         text[i:])):
            out.append(unescape(m.group(2)) * int(m.group(1)))
            i += m.end()
        else:
            out.append(c)
            i += 1
    return ''.join(out)


def line_of(text, ending):
    """One line with its ending; a backslash at its very end leaves it off."""
    if text.endswith('\\') and not text.endswith('\\\\'):
        return unescape(text[:-1])
    return unescape(text) + ending


def numbers(text):
    for part in text.split(','):
        first, _, last = part.partition('-')
        for n in range(int(first), int(last or first) + 1):
            yield str(n)


def expand(lines, macros, depth=0):
    """Macro calls replaced by their bodies; (number, line) pairs."""
    if depth > 8:
        raise Trouble('macros call each other without end')
    for number, line in lines:
        m = re.match(r'@(\*?)([\w-]+)\s*(.*)', line)
        if not m:
            yield number, line
            continue
        if m.group(2) not in macros:
            raise Trouble('line %d: no macro %s' % (number, m.group(2)))
        args = [a.strip() for a in re.split(r'(?<!\\)\|', m.group(3))]
        heads = numbers(args[0]) if m.group(1) else [args[0]]
        for head in heads:
            values = [head] + args[1:]

            def value(match):
                i = int(match.group(1)) - 1
                if i < len(values):
                    return values[i]
                raise Trouble('line %d: too few arguments' % number)
            body = [(number, re.sub(r'\$(\d)', value, b))
                    for _, b in macros[m.group(2)]]
            yield from expand(body, macros, depth + 1)


class Scenario:
    def __init__(self, file, name):
        self.file = file
        self.name = name
        self.controls = {}
        self.files = {}
        self.cdbs = {}
        self.env = {}
        self.unset = set()
        self.server = 'tcp'
        self.ways = None
        self.user = None
        self.time = None
        self.space = None
        self.softlimit = None
        self.arguments = []
        self.modes = {}
        self.wait_s = 40.0
        self.steps = []
        self.mails = []
        self.count = None
        self.starts = None
        self.logs = []
        self.zone = []
        self.asked = None
        self.questions = []
        self.result = None

    @property
    def title(self):
        return '%s: %s' % (os.path.basename(self.file)[:-5], self.name)


def parse_reply(text, number):
    if text in ('close', 'quiet'):
        return (text, number)
    m = re.match(r'(\d\d\d)(?: ([245]\.[\d*]+\.[\d*]+))?(?: (.*))?$', text)
    if not m:
        raise Trouble('line %d: no reply: %s' % (number, text))
    enhanced = m.group(2)
    return ('reply', number, m.group(1), enhanced, m.group(3) or '', [])


def parse_line(scenario, number, line):
    word, _, rest = line.partition(' ')
    rest = rest.strip(' ') if word not in ('C:', 'Q=') else rest
    if word == 'C:':
        data = line_of(rest, '\r\n').encode('latin-1')
        if scenario.steps and scenario.steps[-1][0] == 'send':
            scenario.steps[-1][2].append(data)
        else:
            scenario.steps.append(('send', number, [data]))
    elif word == 'C!':
        scenario.steps.append(('act', number, rest))
    elif word == 'S:':
        scenario.steps.append(parse_reply(rest, number))
    elif word == 'S?':
        step = parse_reply(rest, number)
        scenario.steps.append(('maybe',) + step[1:])
    elif word in ('S~', 'S!'):
        if not scenario.steps or scenario.steps[-1][0] != 'reply':
            raise Trouble('line %d: %s without S:' % (number, word))
        scenario.steps[-1][5].append((word == 'S~', rest))
    elif word == 'Q:':
        paths = [unescape(p) for p in re.findall(r'<(.*?)>(?=\s|$)', rest)]
        if not paths:
            raise Trouble('line %d: no paths' % number)
        scenario.mails.append({'paths': paths, 'body': None, 'checks': []})
    elif word == 'Q=':
        mail = scenario.mails[-1]
        mail['body'] = (mail['body'] or '') + line_of(rest, '\n')
    elif word in ('Q~', 'Q!', 'Qe', 'Qp'):
        scenario.mails[-1]['checks'].append((word, unescape(rest)
                                             if word == 'Qe' else rest))
    elif word == 'Q*':
        scenario.count = int(rest)
    elif word == 'Q#':
        scenario.starts = int(rest)
    elif word in ('L:', 'L!'):
        scenario.logs.append((word == 'L:', rest.split()))
    elif word == 'L#':
        count, *patterns = rest.split()
        scenario.logs.append((int(count), patterns))
    elif word == 'zone':
        scenario.zone.append(rest)
    elif word == 'asked':
        scenario.asked = scenario.asked or set()
        if rest != 'nothing':
            name, kind = rest.split()
            scenario.asked.add((name, kind))
    elif word == 'D#':
        count, _, pattern = rest.partition(' ')
        scenario.questions.append((int(count), pattern))
    elif word == 'control':
        m = re.match(r'(\S+) (absent|folder|mode|=) ?(.*)$', rest)
        if not m:
            raise Trouble('line %d: control NAME = TEXT' % number)
        scenario.controls[m.group(1)] = (m.group(2),
                                         line_of(m.group(3), '\n')
                                         if m.group(2) == '=' else m.group(3))
    elif word == 'file':
        m = re.match(r'(\S+) = ?(.*)$', rest)
        scenario.files[m.group(1)] = line_of(m.group(2), '\n')
    elif word == 'cdb':
        m = re.match(r'(\S+) = ?(.*)$', rest)
        scenario.cdbs[m.group(1)] = unescape(m.group(2)).split('\n')
    elif word == 'env':
        if rest.startswith('-'):
            scenario.unset.add(rest[1:])
            scenario.env.pop(rest[1:], None)
        else:
            key, _, value = rest.partition('=')
            scenario.env[key] = unescape(value)
            scenario.unset.discard(key)
    elif word == 'server':
        scenario.server = rest
    elif word == 'ways':
        scenario.ways = rest.split()
    elif word == 'user':
        scenario.user = rest
    elif word == 'time':
        scenario.time = tuple(float(x) for x in rest.split())
    elif word == 'space':
        scenario.space = rest
    elif word == 'mode':
        path, mode = rest.split()
        scenario.modes[path] = int(mode, 8)
    elif word == 'softlimit':
        scenario.softlimit = rest.split()
    elif word == 'arguments':
        scenario.arguments = rest.split()
    elif word == 'wait':
        scenario.wait_s = float(rest)
    elif word == '--':
        scenario.steps.append(('cut', number))
    else:
        raise Trouble('line %d: what is: %s' % (number, line))


def read_file(path, known):
    """The scenarios of a file and all macros, its own and the known."""
    macros = dict(known)
    head = []
    blocks = []
    current = head
    name = None
    with open(path, encoding='ascii') as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip('\n')
            if name is not None:
                if line == 'end':
                    name = None
                else:
                    macros[name].append((number, line))
            elif not line.strip() or line.startswith('#'):
                continue
            elif line.startswith('define '):
                name = line.split()[1]
                macros[name] = []
            elif line.startswith('== '):
                current = []
                blocks.append((line[3:].strip(), current))
            else:
                current.append((number, line))
    scenarios = []
    for title, lines in blocks:
        scenario = Scenario(path, title)
        for number, line in expand(head + lines, macros):
            try:
                parse_line(scenario, number, line)
            except (IndexError, ValueError, AttributeError) as why:
                raise Trouble('%s:%d: %s: %s' % (path, number, line, why))
        scenarios.append(scenario)
    return scenarios, macros
