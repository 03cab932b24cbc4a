"""Receivers and senders with TLS, as receivers.py has them without."""
import ctypes
import functools
import os
import shutil
import subprocess

import receivers
import tlsplace
from clients import program

CLONE_NEWNET = 0x40000000
NAME = 'peer.example.test'
EXIM = '''primary_hostname = peer.example.test
exim_path = /mnt/root/usr/sbin/exim4
spool_directory = /mnt/work/spool
log_file_path = /mnt/work/spool/%%slog
pid_file_path = /mnt/work/spool/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = %(port)d
deliver_drop_privilege
keep_environment = LD_LIBRARY_PATH
log_selector = +tls_cipher +tls_certificate_verified +tls_sni
acl_smtp_rcpt = rcpt
%(tls)s
begin acl
rcpt:
%(rights)s
begin routers
%(routers)s
begin transports
%(transports)s
begin retry
* * F,1h,10m
'''
EXIM_KEEPS = '''keep:
  driver = appendfile
  directory = /mnt/work/Maildir
  maildir_format
  create_directory
  batch_max = 100
  return_path_add
  envelope_to_add
'''
EXIM_TLS = '''tls_advertise_hosts = *
tls_certificate = /mnt/work/cert.pem
tls_privatekey = /mnt/work/key.pem
tls_verify_certificates = /mnt/work/ca.pem
'''
POSTFIX = '''compatibility_level = 3.6
myhostname = peer.example.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
smtputf8_enable = no
queue_directory = /mnt/work/queue
data_directory = /mnt/work/data
daemon_directory = /mnt/root/usr/lib/postfix/sbin
command_directory = /mnt/root/usr/sbin
maillog_file = /mnt/work/spool/log
maillog_file_prefixes = /mnt
import_environment = LD_LIBRARY_PATH MAIL_CONFIG
alias_maps =
alias_database =
local_recipient_maps =
smtpd_recipient_restrictions = check_recipient_access
	inline:{{refused@example.test=REJECT}}, reject_unauth_destination
virtual_mailbox_domains = example.test
virtual_mailbox_base = /mnt/work
virtual_mailbox_maps = static:Maildir/
virtual_uid_maps = static:40004
virtual_gid_maps = static:40004
virtual_minimum_uid = 100
mailbox_size_limit = 0
virtual_mailbox_limit = 0
%s'''
POSTFIX_TLS = '''smtpd_tls_cert_file = /mnt/work/cert.pem
smtpd_tls_key_file = /mnt/work/key.pem
smtpd_tls_CAfile = /mnt/work/ca.pem
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
'''
SERVICES = '''127.0.0.1:%d inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
wrapped unix - - n - - smtp
	-o smtp_tls_wrappermode=yes
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
'''
OPENSMTPD = '''pki %(name)s cert "/mnt/work/cert.pem"
pki %(name)s key "/mnt/work/key.pem"
listen on 127.0.0.1 port %(port)d %(how)s pki %(name)s hostname %(name)s
action "keep" maildir
match from any for domain "example.test" action "keep"
match from any for any reject
'''


@functools.lru_cache(maxsize=None)
def has_network():
    """Give this process a network of its own, where all ports are free."""
    libc = ctypes.CDLL(None, use_errno=True)
    return os.getuid() == 0 and libc.unshare(CLONE_NEWNET) == 0 and \
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=False,
                       capture_output=True).returncode == 0


class Tls:
    """What all have in common.  `at_once` is set before they are made."""

    at_once = False
    kind = 'ecdsa'      # of its certificate
    asks = False        # for a certificate of the client, and needs it

    def is_broken(self):
        return False

    def place(self, owner=0):
        """Our CA, a certificate and its key, below the work."""
        ca = tlsplace.authority(self.build)
        certificate, key = ca.certificate(NAME, self.kind)
        for path, name in ((ca.file, 'ca.pem'), (certificate, 'cert.pem'),
                           (key, 'key.pem')):
            path = shutil.copy(path, os.path.join(self.work, name))
            os.chmod(path, 0o600)
            os.chown(path, owner, owner)


class Exim(Tls, receivers.Exim):
    """Exim"""
    seen = r'by peer\.example\.test with esmtps +\(TLS1\.%s\) tls \S+ '
    logged = r' <= .* P=esmtps X=TLS1\.%s:'

    def prepare(self):
        self.place(40001)
        self.write('exim.conf', EXIM % {
            'port': self.port, 'tls': EXIM_TLS + (
                'tls_on_connect_ports = %d\n' % self.port
                if self.at_once else '') + (
                'tls_verify_hosts = *\n' if self.asks else ''),
            'rights': '  deny !encrypted = *\n'
            '  deny local_parts = refused\n       message = no such user\n'
            '  accept domains = example.test\n  deny\n',
            'routers': 'keep:\n  driver = accept\n  transport = keep\n',
            'transports': EXIM_KEEPS})
        self.owned('spool', 40001)
        self.owned('Maildir', 40001)


class Postfix(Tls, receivers.Confined):
    """Postfix"""
    door, peer, copies = 'smtp-sink', 'postfix', 2
    seen = r'using TLSv1\.%s with cipher \S+ .* with ESMTPS id '
    logged = r'TLS connection established from .*: TLSv1\.%s with cipher '
    script = '''LD_LIBRARY_PATH=$LD_LIBRARY_PATH:/mnt/root/usr/lib/postfix
exec /mnt/root/usr/lib/postfix/sbin/master -c /etc/postfix -d
'''

    def prepare(self):
        self.place()
        self.settle(POSTFIX_TLS + 'smtpd_tls_%s = yes\n' % (
            'wrappermode' if self.at_once else 'req_ccert' if self.asks else
            'auth_only') + 'smtpd_tls_security_level = encrypt\n' + (
                'smtpd_tls_req_ccert = yes\n' if self.asks else ''))

    def settle(self, settings):
        """Its folders and files, as its packages would make them."""
        self.write('etc/postfix/main.cf', POSTFIX % settings)
        self.write('etc/postfix/master.cf', SERVICES % self.port)
        for name in ('active', 'bounce', 'corrupt', 'defer', 'deferred',
                     'flush', 'hold', 'incoming', 'private', 'saved',
                     'trace'):
            self.owned('queue/' + name, 40008)
        for name, group in (('public', 40009), ('maildrop', 40009)):
            path = os.path.join(self.work, 'queue', name)
            os.mkdir(path)
            os.chown(path, 40008, group)
        os.mkdir(self.work + '/queue/pid')
        self.owned('data', 40008)
        self.owned('spool', 40008)
        self.owned('Maildir', 40004)
        # It waits until what it reads has been the same for a while.
        for name in 'main.cf', 'master.cf':
            os.utime(self.work + '/etc/postfix/' + name, (0, 0))


class OpenSMTPD(Tls, receivers.OpenSMTPD):
    """OpenSMTPD"""
    kind = 'rsa'
    seen = r' by peer\.example\.test .* with ESMTPS id \S+ \(TLSv1\.%s:'
    logged = r'smtp tls ciphers=TLSv1\.%s:'

    def prepare(self):
        self.place()
        self.write('smtpd.conf', OPENSMTPD % {
            'name': NAME, 'port': self.port,
            'how': 'smtps' if self.at_once else 'tls'})
        self.owned('users/user', 40004)
        self.owned('users/two', 40005)

    def is_broken(self):
        """6.8 with OpenSSL 3: nobody shakes hands with it."""
        return subprocess.run(
            ['openssl', 's_client', '-connect', '127.0.0.1:%d' % self.port,
             *(() if self.at_once else ('-starttls', 'smtp'))], check=False,
            stdin=subprocess.DEVNULL, capture_output=True,
            timeout=receivers.WAIT_S).returncode != 0


class Aio(Tls, receivers.Aio):
    """aiosmtpd"""
    seen = r'^X-Cipher: TLSv1\.%s '
    logged = None

    def start(self):
        self.place()
        os.mkdir(self.work + '/kept')
        self.run(program(self.build, 'aiosmtpd'), os.path.join(
            os.path.dirname(os.path.abspath(__file__)), 'aioserver.py'),
            'smtps' if self.at_once else 'starttls',
            self.work + '/cert.pem', self.work + '/key.pem', str(self.port),
            self.work + '/kept', *(
                (self.mechanism, receivers.LOGIN,
                 receivers.PASSWORD.encode('latin-1'))
                if self.mechanism else ()))


class Own(Tls, receivers.Own):
    """Qsmtpd with maildir-queue"""
    seen = r'by client\.example with ESMTPS id \S+ \(TLSv1\.%s '
    logged = r'^event=end .* tls=TLSv1\.%s '

    def start(self):
        ca = tlsplace.authority(self.build)
        self.write('home/control/servercert.pem', ca.both(NAME).decode())
        if self.at_once:
            os.environ['SMTPS'] = '1'
        try:
            super().start()
        finally:
            os.environ.pop('SMTPS', None)
