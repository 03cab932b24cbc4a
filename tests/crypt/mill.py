"""Keys, certificates and lists of revoked ones, made by openssl(1)."""
import functools
import os
import subprocess
import threading

CONFIG = '''[ca]
default_ca = here
[here]
dir = %(dir)s
database = %(dir)s/index
serial = %(dir)s/serial
crlnumber = %(dir)s/crlnumber
new_certs_dir = %(dir)s
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
email_in_dn = yes
default_crl_days = 30
[any]
commonName = optional
emailAddress = optional
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:true
keyUsage = keyCertSign, cRLSign
subjectKeyIdentifier = hash
'''
RECENT = '250101000000Z', '20991231000000Z'
LONG_AGO = '150101000000Z', '160101000000Z'
NEWER = '250102000000Z', '21000101000000Z'
ALGORITHMS = {
    'ec': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    'rsa': ['-newkey', 'rsa:2048'],
    'weak': ['-newkey', 'rsa:512'],
    'ed25519': ['-newkey', 'ed25519'],
}


def openssl(*words, text=None):
    return subprocess.run(['openssl', *words], check=True, input=text,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE).stdout


class Mill:
    """A CA of its own in a folder, and what it issues, as octets."""

    def __init__(self, folder):
        self.folder = folder
        self.lock = threading.RLock()
        self.count = 0
        self.revoked = []
        for name, text in (('config', CONFIG % {'dir': folder}),
                           ('index', ''), ('serial', '1000\n'),
                           ('crlnumber', '1000\n')):
            with open(self.path(name), 'w') as file:
                file.write(text)
        openssl('req', '-x509', *ALGORITHMS['ec'], '-nodes', '-keyout',
                self.path('ca.key'), '-out', self.path('ca.pem'),
                '-config', self.path('config'), '-extensions', 'root',
                '-subj', '/CN=Test CA', '-days', '30')
        self.ca = self.read('ca.pem')

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    def issue(self, name, alternatives='', kind='ec', when=RECENT,
              is_self_signed=False, subject=None):
        """The certificate and its key; each only once."""
        with self.lock:
            return self._issue(name, alternatives, kind, when,
                               is_self_signed, subject)

    @functools.lru_cache(None)
    def _issue(self, name, alternatives, kind, when, is_self_signed, subject):
        self.count += 1
        key, wish, out = (self.path('%d.%s' % (self.count, end))
                          for end in ('key', 'csr', 'pem'))
        extra = []
        if alternatives:
            extra = ['-addext', 'subjectAltName=' + alternatives]
        if is_self_signed:
            extra += ['-x509', '-days', '30']
        openssl('req', '-new', *ALGORITHMS[kind], '-nodes', '-keyout', key,
                '-out', out if is_self_signed else wish,
                '-config', self.path('config'),
                '-subj', subject or '/CN=' + name, *extra)
        if not is_self_signed:
            openssl('ca', '-batch', '-notext', '-config',
                    self.path('config'), '-cert', self.path('ca.pem'),
                    '-keyfile', self.path('ca.key'), '-in', wish,
                    '-out', out, '-startdate', when[0], '-enddate',
                    when[1], '-preserveDN')
        return self.read(os.path.basename(out)), \
            self.read(os.path.basename(key))

    def revoke(self, certificate):
        """A list of all that was revoked."""
        rights = ['-config', self.path('config'), '-cert',
                  self.path('ca.pem'), '-keyfile', self.path('ca.key')]
        with self.lock:
            if certificate not in self.revoked:
                self.revoked.append(certificate)
                with open(self.path('revoke.pem'), 'wb') as file:
                    file.write(certificate)
                openssl('ca', *rights, '-revoke', self.path('revoke.pem'))
            return openssl('ca', *rights, '-gencrl')


def digest(certificate, of_key=False):
    if not of_key:
        octets = openssl('x509', '-outform', 'DER', text=certificate)
    else:
        octets = openssl('pkey', '-pubin', '-outform', 'DER',
                         text=openssl('x509', '-noout', '-pubkey',
                                      text=certificate))
    return openssl('dgst', '-sha256', '-binary', text=octets)
