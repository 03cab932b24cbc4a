"""The cases of settings.py: what is set where, and what comes of it."""
import itertools
import re

import provoke

ENVIRONMENT, USER, DOMAIN, GLOBAL = LEVELS = (
    'environment', 'user', 'domain', 'global')


def above(level):
    return LEVELS[:LEVELS.index(level)]


def below(level):
    return LEVELS[LEVELS.index(level) + 1:]


class Layers:
    """What stands at each level: lines of filterconf, and files."""

    def __init__(self):
        self.lines = {level: [] for level in LEVELS}
        self.files = {level: {} for level in LEVELS}

    def line(self, level, text):
        self.lines[level].append(text)
        return self

    def file(self, level, name, text):
        self.files[level][name] = text
        return self

    def at(self, level, domain):
        """Files by name, as they are written."""
        out = {name: text.format(domain=domain)
               for name, text in self.files[level].items()}
        if self.lines[level]:
            out['filterconf'] = '\n'.join(self.lines[level]) + '\n'
        return out


class Case:
    def __init__(self, row, what, layers, wanted):
        self.row, self.what, self.layers = row, what, layers
        self.wanted = wanted    # a Finding; None: the mail is taken

    def __str__(self):
        out = []
        for level in LEVELS:
            out += ['%s: %s' % (level, x) for x in self.layers.lines[level]]
            out += ['%s has %s' % (level, x)
                    for x in self.layers.files[level]]
        return '%s, %s (%s)' % (self.row.title, self.what, '; '.join(out))


class Finding:
    """What the client hears, and what the log says of it."""

    def __init__(self, row, level, mode='reject', reply=None, event=None):
        self.code, self.enhanced = reply or row.reply(mode)
        self.level, self.mode = level, mode
        self.filter, self.setting = row.filter, row.setting
        self.words = row.words
        self.event = event or ('monitored' if mode == 'monitor' else
                               'rejected' if row.message else 'refused')
        self.is_refused = self.event in ('refused', 'rejected')


class Maker:
    """The cases of one row."""

    def __init__(self, row):
        self.row = row

    def place(self, level):
        """Where the list or the number stands, given where the mode does."""
        row = self.row
        if row.how == 'key':
            return level
        if row.how == 'file' and level in row.file_levels:
            return level
        for lower in below(level):
            if row.how == 'number' or lower in row.file_levels:
                return lower
        return None

    def value(self, layers, level):
        """The list or the number, at its place."""
        row = self.row
        if row.how == 'number':
            layers.line(level, '%s=%s' % (row.filter, row.value))
        elif row.how == 'file':
            layers.file(level, row.file, row.text)
        return layers

    def on(self, level):
        row, layers = self.row, Layers()
        if row.how == 'key':
            return layers.line(level, row.filter)
        return self.value(layers, level)

    def in_mode(self, level, mode):
        layers, place = Layers(), self.place(level)
        if place is None:
            return None, None
        if self.row.how != 'key':
            self.value(layers, place)
        return layers.line(level, '%s=%s' % (self.row.filter, mode)), place

    def levels(self):
        """Where it can be switched on alone."""
        row = self.row
        return row.file_levels if row.how == 'file' else row.levels

    def cases(self):
        yield from self.switched()
        yield from self.modes()
        if self.row.how == 'file' and self.row.is_list:
            yield from self.inherited()
        if not self.row.accepts:
            yield from self.reworded()

    def case(self, what, layers, wanted):
        return Case(self.row, what, layers, wanted)

    def found(self, level, mode=None, reply=None):
        """Whoever accepts leaves nothing to find, and the reverse."""
        if not self.row.accepts:
            return Finding(self.row, level, mode or self.row.usual, reply)
        return None

    def missed(self):
        return Finding(self.row.spared, GLOBAL) if self.row.accepts else None

    def without(self):
        """Nothing is set."""
        if self.row.is_on and self.row.how == 'key':
            return self.found('default')
        return self.missed()

    def switched(self):
        name = self.row.filter
        yield self.case('nothing set', Layers(), self.without())
        for level in self.levels():
            yield self.case('on', self.on(level), self.found(level))
            for higher in above(level):
                if higher not in self.row.levels:
                    continue
                yield self.case('off above', self.on(level).line(
                    higher, name + '=-1'), self.missed())
                yield self.case('0 above', self.on(level).line(
                    higher, name + '=0'), self.found(level))
            for lower in below(level):
                layers = self.on(level).line(lower, name + '=-1')
                if self.row.how == 'file':
                    layers.line(level, name)
                yield self.case('off below', layers, self.found(level))

    def modes(self):
        row = self.row
        modes = ['off', 'reject']
        if not row.accepts:
            modes += ['monitor', 'defer']
        for level, mode in itertools.product(row.levels, modes):
            layers, place = self.in_mode(level, mode)
            if layers is None:
                continue
            wanted = self.missed() if mode == 'off' else \
                self.found(place, mode)
            yield self.case('mode ' + mode, layers, wanted)
            for lower in below(level):
                # The modes of lower levels say nothing.
                other = 'reject' if mode == 'off' else 'off'
                if row.how != 'key' and lower == place:
                    continue
                again, _ = self.in_mode(level, mode)
                again.line(lower, '%s=%s' % (row.filter, other))
                yield self.case('mode %s over %s' % (mode, other), again,
                                wanted)

    def inherited(self):
        row = self.row
        for level in row.file_levels:
            for higher in above(level):
                if higher not in row.file_levels:
                    continue
                layers = self.on(level).file(higher, row.file, row.other)
                yield self.case('the highest list alone', layers, None)
                layers = self.on(level).file(
                    higher, row.file, row.other + '!inherit\n')
                yield self.case('!inherit', layers, self.found(level))
        if set(row.file_levels) >= {USER, DOMAIN, GLOBAL}:
            for middle, wanted in (('', None),
                                   ('!inherit\n', self.found(GLOBAL))):
                layers = self.on(GLOBAL)
                layers.file(USER, row.file, row.other + '!inherit\n')
                layers.file(DOMAIN, row.file, row.other + middle)
                yield self.case('!inherit and ' + (middle or 'none'),
                                layers, wanted)

    def reworded(self):
        row = self.row
        for level, said in itertools.product(row.levels, LEVELS):
            layers, place = self.in_mode(level, 'defer')
            if layers is None or row.early:
                continue
            layers.line(said, 'fail_hard_on_temp')
            # After RCPT it is a matter of the mode.
            wanted = self.found(place, 'defer', (row.code, row.enhanced))
            wanted.mode = 'reject' if row.message else 'defer'
            yield self.case('deferred, fail_hard_on_temp', layers, wanted)
            for off in above(said):
                layers, place = self.in_mode(level, 'defer')
                layers.line(said, 'fail_hard_on_temp')
                layers.line(off, 'fail_hard_on_temp=-1')
                yield self.case('deferred, fail_hard_on_temp off', layers,
                                self.found(place, 'defer'))
        for level, said in itertools.product(self.levels(), LEVELS):
            if row.early:
                continue
            layers = self.on(level).line(said, 'nonexist_on_block=1')
            yield self.case('nonexist_on_block', layers,
                            self.found(level, reply=row.absent()))
            for off in above(said):
                layers = self.on(level).line(said, 'nonexist_on_block=1')
                layers.line(off, 'nonexist_on_block=-1')
                yield self.case('nonexist_on_block off', layers,
                                self.found(level))


def exceptions():
    """Lists that spare what another list refuses."""
    for row in provoke.PROVOKE:
        if row.good is None:
            continue
        for level, bad in itertools.product(row.file_levels, repeat=2):
            layers = Layers().file(bad, row.file, row.text)
            layers.file(level, row.good, row.text)
            wanted = Finding(row, level, event='spared')
            wanted.setting = row.good
            yield Case(row, 'spared', layers, wanted)
            for higher in above(level):
                if higher not in row.file_levels:
                    continue
                layers = Layers().file(bad, row.file, row.text)
                layers.file(level, row.good, row.text)
                layers.file(higher, row.good, row.other)
                yield Case(row, 'not spared', layers, Finding(row, bad))


def broken():
    """A file that makes no sense puts off those whose it is."""
    row = provoke.PROVOKE[0]
    for level in LEVELS[1:]:
        layers = Layers().line(level, '# fine').line(level, 'no bounce')
        wanted = Finding(row, None, reply=('451', '4.3.0'))
        where = {USER: r'/user/', DOMAIN: r'[a-z]/', GLOBAL: 'control/'}
        wanted.setting = re.compile(where[level] + 'filterconf line 2')
        wanted.filter = wanted.mode = None
        wanted.words = ''
        yield Case(row, 'broken', layers, wanted)


def every():
    for row in provoke.PROVOKE:
        yield from Maker(row).cases()
    yield from exceptions()
    yield from broken()
