"""The service: who may ask, what a child may do, renewals, many at once."""
import contextlib
import os
import pwd
import resource
import signal
import ssl
import subprocess
import threading
import time

import program as P
from cases_certificates import der
from place import Box, client_context, has, same, until
from run import IS_SANITIZED, Skipped, case

MANY = 500


def service(function):
    return case(ways=('service',))(function)


def needs_root():
    if os.geteuid() != 0:
        raise Skipped('it takes root')


def status(pid):
    with open('/proc/%d/status' % pid) as file:
        return dict(line.rstrip('\n').split(':\t', 1) for line in file
                    if ':\t' in line)


def links(pid):
    folder = '/proc/%d/fd' % pid
    return {int(fd): os.readlink(os.path.join(folder, fd)).split(':')[0]
            for fd in os.listdir(folder)}


@service
def what_a_child_has_left(box):
    needs_root()
    box.put_certificate()
    os.makedirs(box.path('ca'))
    inherited = os.open(box.path('control/servercert.pem'), os.O_RDONLY)
    box.start(pass_fds=[inherited])
    os.close(inherited)
    parent = status(box.service.pid)
    same(parent['CapEff'], '0000000000000004', 'only to read')
    same(parent['Uid'].split()[1] != '0', True, 'another user')
    same(parent['Groups'].strip(), '', 'groups')
    with box.serving() as (_, __, tls):
        tls.result()
        child, = box.children()
        said = status(child)
        for name in ('CapInh', 'CapPrm', 'CapEff', 'CapAmb'):
            same(int(said[name], 16), 0, name)
        same((said['NoNewPrivs'], said['Seccomp']), ('1', '2'), 'confined')
        same(said['Uid'], parent['Uid'], 'user')
        same(sorted(links(child)), [0, 1, 2, 3, 4], 'descriptors')
        same({links(child)[3], links(child)[4]}, {'socket'}, '3 and 4')
        limits = open('/proc/%d/limits' % child).read()
        has(' '.join(limits.split()), 'Max core file size 0 0', 'limits')
        has(' '.join(limits.split()), 'Max processes 0 0', 'limits')
        # Keys are in its memory: nobody of the same user may look.
        if not IS_SANITIZED:
            same(os.stat('/proc/%d/maps' % child).st_uid, 0, 'tracing')


@case(ways=('embedded',))
def what_is_executed_has_left(box):
    box.put_certificate()
    with box.serving() as (_, __, tls):
        tls.result()
        child = box.executed[-1].pid
        said = status(child)
        same((int(said['CapPrm'], 16), said['NoNewPrivs'], said['Seccomp']),
             (0, '1', '2'), 'confined')
        same(sorted(links(child)), [0, 1, 2, 3, 4], 'descriptors')


PROBE = """import contextlib, socket
channel = socket.socket(socket.AF_UNIX)
channel.connect("run/tls")
with contextlib.suppress(BrokenPipeError):
    channel.send(b"QT\\1X\\0\\0")
print(channel.recv(200))
"""


@service
def who_may_ask(box):
    """Two users ask for nothing that there is, and one may."""
    needs_root()
    box.put_certificate()
    box.start('-a', 'daemon')
    for name, answer in (('bin', b'this user may not ask'),
                         ('daemon', b'not a request')):
        user = pwd.getpwnam(name)
        got = subprocess.run(['python3', '-c', PROBE], cwd=box.home,
                             user=user.pw_uid, group=user.pw_gid,
                             extra_groups=[], timeout=20,
                             capture_output=True)
        has(got.stdout, answer, '%s: %s' % (name, got.stderr))
    box.logs('event=refused uid=%d reason="this user may not ask"' %
             pwd.getpwnam('bin').pw_uid)
    same(box.said().count('event=refused'), 1, 'refusals')


@service
def options_that_are_wrong(box):
    rows = [(['-c', '5'], 100), (['-s', '-c', '0'], 100),
            (['-s', '-c', 'x'], 100), (['-s', 'more'], 100), (['-x'], 100),
            (['-s', '-a', 'no-such-user'], 100), ([], 100)]
    if os.geteuid() == 0:
        rows += [(['-s'], 111), (['-s', '-u', 'root'], 111),
                 (['-s', '-u', 'no-such-user'], 111)]
    for words, code in rows:
        got = subprocess.run([box.program, *words], timeout=20,
                             stdin=subprocess.DEVNULL, stderr=box.log,
                             env=dict(os.environ, QMAILHOME=box.home))
        same(got.returncode, code, ' '.join(words))
    got = subprocess.run([box.program, '-s', '-u', 'nobody'], timeout=20,
                         stderr=box.log, env=dict(os.environ, QMAILHOME='/x'))
    same(got.returncode, 111, 'no home')


@service
def the_systems_openssl_cnf(box):
    """A stricter version holds; TLS of the kernel would end sessions."""
    conf = box.path('openssl.cnf')
    with open(conf, 'w', encoding='ascii') as file:
        file.write('openssl_conf = c\n[c]\nssl_conf = s\n[s]\n'
                   'system_default = d\n[d]\nMinProtocol = TLSv1.3\n'
                   'Options = KTLS\n')
    os.chmod(conf, 0o644)
    box.put_certificate()
    # Not in our own environment: other cases run at the same time.
    box.start(variables={'OPENSSL_CONF': conf})
    with box.serving() as (facts, _, tls):
        same(facts['version'], ['TLSv1.3'], 'the version')
        tls.result()
    old = client_context()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with box.serving(old, kind='E') as (facts, _, tls):
        same(facts['code'], [P.HANDSHAKE], 'TLS 1.2')


@service
def a_folder_that_is_shut(box):
    """What cannot be read is not absent: nothing is changed."""
    if os.geteuid() != 0:
        raise Skipped('no other user to be')
    box.put_certificate()
    box.put('servercerts/other.example.org', b'')
    user = pwd.getpwnam('nobody')
    os.chown(box.path('run'), user.pw_uid, user.pw_gid)
    for folder in (box.path('control'), box.path('control/servercerts')):
        os.chmod(folder, 0o755)
    os.chmod(box.path('control/servercert.pem'), 0o644)
    box.service = subprocess.Popen(
        [box.program, '-s'], stdin=subprocess.DEVNULL, stderr=box.log,
        user=user.pw_uid, group=user.pw_gid, extra_groups=[],
        env=dict(os.environ, QMAILHOME=box.home))
    box.logs('event=loaded certificates=1')
    os.chmod(box.path('control/servercerts'), 0)
    box.service.send_signal(signal.SIGHUP)
    box.logs('event=fault what=reload reason="nothing is changed"')
    with box.serving() as (facts, _, tls):
        tls.result()


@service
def second_service(box):
    """One that is there stays; one that is gone gives way."""
    box.put_certificate()
    first = box.start()
    second = Box.start(box)
    same(second.wait(20), 111, 'the second')
    box.logs('reason="Address already in use"')
    box.service = first
    box.ready().close()
    first.kill()
    first.wait()
    same(os.path.exists(box.path('run/tls')), True, 'its socket')
    box.service = None
    box.start()
    box.logs('event=loaded')
    until(lambda: attempt(box), 'the third')


def attempt(box):
    try:
        box.ready().close()
        return True
    except ConnectionRefusedError:
        return False


@service
def sessions_outlive_the_service(box):
    """TERM and HUP are the parent's; sessions go on."""
    box.put_certificate()
    with box.serving() as (_, channel, tls):
        tls = tls.result()
        child, = box.children()
        os.kill(child, signal.SIGHUP)
        box.service.send_signal(signal.SIGHUP)
        until(lambda: box.said().count('event=loaded') == 2, 'a reload')
        waiting = box.channel()
        box.service.send_signal(signal.SIGTERM)
        same(box.service.wait(20), 0, 'its exit')
        tls.sendall(b'NOOP\r\n')
        same(P.read_exactly(channel, 6), b'NOOP\r\n', 'inwards')
        channel.sendall(b'250 ok\r\n')
        same(tls.recv(100), b'250 ok\r\n', 'outwards')
        # Who had connected before is served, too.
        P.request(waiting, [('role', P.SERVER)])
        same(P.receive(waiting)[0], 'Y', 'who was waiting')
        waiting.close()


def wait_for_second():
    """Files are looked at once in a second, by the clock."""
    # The service's clock may be some milliseconds behind ours.
    second = int(time.time()) + 1.05
    until(lambda: time.time() > second, 'a second')


def certificate_now(box, name=None):
    with box.serving(name=name) as (_, __, tls):
        return tls.result().getpeercert(True)


@service
def renewals(box):
    """As certbot makes them, links to links; and half-written ones."""
    one = box.mill.issue('mx.example.org')
    two = box.mill.issue('mx.example.org', 'DNS:mx.example.org')
    for version, (certificate, key) in enumerate((one, two), 1):
        box.put('archive/x/fullchain%d.pem' % version, certificate)
        box.put('archive/x/privkey%d.pem' % version, key)
    os.makedirs(box.path('control/live/x'))

    def point(name, version):
        place = box.path('control/live/x/' + name)
        os.symlink('../../archive/x/%s%d.pem' % (name, version),
                   place + '.new')
        os.rename(place + '.new', place + '.pem')
    for own, name in (('servercert.pem', 'fullchain'),
                      ('serverkey.pem', 'privkey')):
        point(name, 1)
        os.symlink('live/x/%s.pem' % name, box.path('control/' + own))
    same(certificate_now(box), der(one[0]), 'the first')
    point('fullchain', 2)
    wait_for_second()
    # The key is that of before: all stays as it was, and the log says it.
    same(certificate_now(box), der(one[0]), 'half of a renewal')
    box.logs('reason="the key fits no certificate"')
    point('privkey', 2)
    wait_for_second()
    same(certificate_now(box), der(two[0]), 'the second, without a signal')
    # In place, as cp does it, and broken; the sessions know nothing of it.
    with box.serving() as (_, channel, tls):
        for octets in (b'', one[0][:300], one[0]):
            with open(box.path('control/archive/x/fullchain2.pem'),
                      'wb') as file:
                file.write(octets)
            wait_for_second()
            same(certificate_now(box), der(two[0]), 'what it had')
        with open(box.path('control/archive/x/privkey2.pem'), 'wb') as file:
            file.write(one[1])
        wait_for_second()
        same(certificate_now(box), der(one[0]), 'the first again')
        tls.result().sendall(b'NOOP\r\n')
        same(P.read_exactly(channel, 6), b'NOOP\r\n', 'a session')


@service
def settings_that_come_and_go(box):
    """Names, addresses, and none at all any more."""
    other = der(box.put_certificate('b.example', 'servercerts/b.example'))
    same(certificate_now(box, 'x.example'), other, 'for want of another')
    own = der(box.put_certificate())
    wait_for_second()
    same(certificate_now(box, 'x.example'), own, 'the host')
    same(certificate_now(box, 'b.example'), other, 'by name')
    os.unlink(box.path('control/servercerts/b.example'))
    os.unlink(box.path('control/servercert.pem'))
    wait_for_second()
    box.refused(P.SERVER, [], P.NO_CERTIFICATE, 'no certificate')
    box.ready(P.CLIENT).close()


@case(ways=('service',), ordinary=True)
def swapped_under_load(box):
    pairs = [box.mill.issue('mx.example.org', 'DNS:mx.example.org',
                            kind=kind) for kind in ('ec', 'rsa')]
    ders = {der(pair[0]) for pair in pairs}
    box.put('servercert.pem', b''.join(pairs[0]))
    box.start()
    seen = []
    end = time.monotonic() + 4

    def hammer():
        while time.monotonic() < end:
            seen.append(certificate_now(box))
    jobs = [threading.Thread(target=hammer) for _ in range(3)]
    for job in jobs:
        job.start()
    turn = 0
    while time.monotonic() < end:
        turn += 1
        box.put('servercert.pem', b''.join(pairs[turn % 2]))
        if turn % 3 == 0:
            box.service.send_signal(signal.SIGHUP)
        time.sleep(0.05)
    for job in jobs:
        job.join()
    same(set(seen), ders, 'certificates')
    same(len(seen) > 20, True, 'enough of them, not %d' % len(seen))
    until(lambda: not box.children(), 'no child')
    return '%d sessions, %d renewals' % (len(seen), turn)


def pss(pid):
    with contextlib.suppress(OSError):
        for line in open('/proc/%d/smaps_rollup' % pid):
            if line.startswith('Pss:'):
                return int(line.split()[1])
    return 0


@case(ways=('service',), ordinary=True)
def many_at_once(box):
    """As many as there may be; one more is told so, and all goes away."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if limit < 3 * MANY:
        raise Skipped('only %d descriptors' % limit)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    box.put_certificate()
    box.start('-c', str(MANY))
    until(lambda: 'event=loaded' in box.said(), 'the service')
    before = box.descriptors()
    context = client_context()
    held = []
    for _ in range(MANY):
        channel, far = box.hand_over(wanted=[('handshake_s', 300)])
        tls = context.wrap_socket(far)
        same(P.receive(channel)[0], 'F', 'session %d' % len(held))
        held.append((channel, tls))
    channel, (kind, items) = box.ask()
    same((kind, items['code']), ('E', [P.BUSY]), 'one more')
    channel.close()
    box.logs('event=refused uid=%d reason="as many sessions as' % os.getuid())
    children = box.children()
    same(len(children), MANY, 'children')
    said = 'PSS of an idle child %d kB, of the service %d kB' % (
        sum(map(pss, children[:20])) // 20, pss(box.service.pid))
    for number, (channel, tls) in enumerate(held):
        text = b'%d\r\n' % number
        tls.sendall(text)
        same(P.read_exactly(channel, len(text)), text, 'a session')
    for channel, tls in held:
        channel.close()
        tls.close()
    until(lambda: not box.children(), 'no child')
    same(box.descriptors(), before, 'descriptors of the service')
    box.ready().close()
    return said


@service
def callers_that_do_nothing(box):
    """Connections that say nothing cost a child each, and no more."""
    box.put_certificate()
    box.start('-c', '5')
    idle = [P.connect(box.home) for _ in range(5)]
    until(lambda: len(box.children()) == 5, 'five')
    channel, (kind, items) = box.ask()
    channel.close()
    same((kind, items['code']), ('E', [P.BUSY]), 'the sixth')
    for one in idle:
        one.close()
    until(lambda: not box.children(), 'none')
    until(lambda: not_busy(box), 'room again')


def not_busy(box):
    channel, (kind, _) = box.ask()
    channel.close()
    return kind == 'Y'


@service
def rights_from_outside(box):
    """Started as its user, with the right to read as an ambient one."""
    needs_root()
    certificate = box.put_certificate()
    user = pwd.getpwnam('nobody')
    os.chown(box.path('run'), user.pw_uid, user.pw_gid)
    box.service = subprocess.Popen(
        ['setpriv', '--reuid', str(user.pw_uid), '--regid', str(user.pw_gid),
         '--clear-groups', '--inh-caps', '-all,+dac_read_search',
         '--ambient-caps', '-all,+dac_read_search', box.program, '-s'],
        stdin=subprocess.DEVNULL, stderr=box.log,
        env=dict(os.environ, QMAILHOME=box.home))
    until(lambda: os.path.exists(box.path('run/tls')) or
          box.service.poll() is not None, 'run/tls')
    same(certificate_now(box), der(certificate), 'a file of root alone')
    with box.serving():
        child = status(box.children()[0])
        for name in ('CapInh', 'CapPrm', 'CapEff', 'CapAmb'):
            same(int(child[name], 16), 0, name)
    box.service.send_signal(signal.SIGTERM)
    same(box.service.wait(20), 0, 'its exit')
    same(os.listdir(box.path('run')), [], 'what it leaves')


@service
def example_scripts(box):
    """control-examples/run.tls and run.s6-tls start it."""
    needs_root()
    box.put_certificate()
    os.makedirs(box.path('bin'))
    os.symlink(box.program, box.path('bin/qsmtp-tls'))
    examples = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                            '../../control-examples')
    for name in ('run.tls', 'run.s6-tls'):
        with open(os.path.join(examples, name)) as file:
            script = file.read()
        for old, new in (('/var/qmail', box.home), ('qmailtls', 'nobody')):
            has(script, old, name)
            script = script.replace(old, new)
        with open(box.path(name), 'w') as file:
            file.write(script)
        box.service = subprocess.Popen(
            ['sh', box.path(name)], stdin=subprocess.DEVNULL,
            stdout=box.log, env=dict(os.environ, QMAILHOME=box.home))
        until(lambda: os.path.exists(box.path('run/tls')), 'run/tls')
        box.ready().close()
        box.service.send_signal(signal.SIGTERM)
        same(box.service.wait(20), 0, name)
        os.unlink(box.path('run/tls'))
