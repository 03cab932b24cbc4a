"""How a client provokes the finding of each filter: rows for settings.py."""
import subprocess
import tempfile

USER, DOMAIN, GLOBAL = FOLDERS = ('user', 'domain', 'global')
LEVELS = ('environment',) + FOLDERS


class Row:
    """
    how: key (switched by its name), number (by NAME=VALUE) or file (by a file
    NAME with TEXT; OTHER is what does not match).
    """

    def __init__(self, name, how, reply, **more):
        self.filter, self.how = name, how
        self.code, self.enhanced = reply.split()
        self.file = self.text = self.value = self.good = self.spared = None
        self.other = 'other.example\n'
        self.is_list = True             # of lines, with !inherit
        self.is_on = False              # without being switched on
        self.usual = 'reject'           # the mode of its key alone
        self.asks = False               # the DNS, of ZONE
        self.accepts = False            # instead of refusing
        self.early = self.login = False
        self.levels, self.file_levels = LEVELS, FOLDERS
        self.hello = 'EHLO client.example'
        self.sender, self.blank = '<a@far.example>', ''
        self.local, self.others = 'user', []
        self.message = []
        self.env, self.home = {}, {}
        self.title = name
        self.setting = None
        self.words = None
        self.__dict__.update(more)
        self.setting = self.setting or self.file or name
        self.words = self.words or self.setting

    def reply(self, mode):
        if mode != 'defer' or self.code < '500':
            return self.code, self.enhanced
        return ('452' if self.code == '552' else '450',
                '4' + self.enhanced[1:])

    def absent(self):
        """With nonexist_on_block: only policy is hidden."""
        if self.enhanced.startswith('5.7.') and not self.message:
            return '550', '5.1.1'
        return self.code, self.enhanced


def cdb(*keys):
    with tempfile.NamedTemporaryFile() as out:
        records = ''.join('+%d,0:%s->\n' % (len(k), k) for k in keys)
        subprocess.run(['cdb', '-c', '-t', out.name + '.tmp', out.name],
                       input=(records + '\n').encode(), check=True)
        with open(out.name, 'rb') as f:
            return f.read()


SOMEBODY = cdb('somebody@plain.test', 'somebody@ours.test')
MESSAGE = ['From: a@far.example', 'Date: Thu, 1 Jan 1970 00:00:00 +0000',
           '', 'text']
BADMAILFROM = Row('badmailfrom', 'file', '553 5.7.1', file='badmailfrom',
                  text='@far.example\n', good='goodmailfrom', is_on=True)
# What the DNS has; nothing else is there.
ZONE = '''
host.example A 9.9.9.9
six.example AAAA 2a00::1
*.list.example A 127.0.0.2
far.example TXT "v=spf1 -all"
'''
# What changes the finding of a filter, and is no list of it: spf.smtp has them.
ELSEWHERE = {'rspf', 'spfignore', 'spfstrict'}
LIST = 'list.example\n'
NETWORK, OTHER_NETWORK = '192.0.2.0/24\n', '198.51.100.0/24\n'
CLIENT6 = {'PROTO': 'TCP6', 'TCPREMOTEIP': '2001:db8:7::1',
           'TCPLOCALIP': '2001:db8::9'}

PROVOKE = [
    Row('nobounce', 'key', '550 5.7.1', sender='<>'),
    Row('whitelistauth', 'key', '553 5.7.1', login=True, accepts=True,
        home={'badmailfrom': '@far.example\n'}, spared=BADMAILFROM),
    # It is spoken at once: a recipient's folders are not known yet.
    Row('earlytalk', 'key', '554 5.5.1', early=True,
        levels=('environment', 'global'), words='before the greeting'),
    Row('rblsmtpd', 'key', '553 5.7.1', is_on=True, setting='RBLSMTPD',
        env={'RBLSMTPD': '-listed, see our page'}, words='see our page'),
    Row('forcestarttls', 'key', '530 5.7.0'),
    Row('noapos', 'key', '550 5.7.1', sender="<o'a@far.example>"),
    Row('onebounce', 'key', '550 5.5.3', sender='<>',
        others=['first@plain.test']),
    Row('nomail', 'file', '550 5.7.1', file='nomail', text='moved\n',
        file_levels=(USER, DOMAIN), levels=('environment', USER),
        is_list=False, words='moved'),
    Row('nomail', 'file', '552 5.2.2', title='nomail with codes',
        file='nomail', text='552 5.2.2 full # since May\n',
        file_levels=(USER, DOMAIN), levels=('environment', USER),
        is_list=False, words='full$'),
    Row('smtp_space_bug', 'number', '500 5.5.2', value=255, blank=' '),
    Row('usersize', 'number', '552 5.2.3', value=1000,
        sender='<a@far.example> SIZE=1001'),
    Row('block_SoberG', 'key', '550 5.7.1', hello='HELO a.example'),
    Row('ipbl', 'file', '550 5.7.1', file='ipbl', text=NETWORK,
        other=OTHER_NETWORK, good='ipwl', is_list=False),
    Row('ipbl', 'file', '550 5.7.1', title='ipblv6', file='ipblv6',
        text='2001:db8:7::/48\n', other='2001:db8:8::/48\n', good='ipwlv6',
        is_list=False, words='ipbl', env=CLIENT6),
    Row('helovalid', 'number', '550 5.7.1', value=8, hello='EHLO client'),
    Row('helovalid', 'number', '550 5.7.1', title='helovalid, own name',
        value=2, hello='EHLO mail.example.test'),
    Row('badhelo', 'file', '550 5.7.1', file='badhelo', is_on=True,
        text='client.example\n'),
    BADMAILFROM,
    Row('badcc', 'file', '550 5.7.1', file='badcc', is_on=True,
        text='listed@plain.test\n', others=['listed@plain.test']),
    Row('relayprobe', 'key', '550 5.7.1', local='us%er'),
    Row('badrcptto', 'file', '553 5.7.1', file='badrcptto', is_on=True,
        text='@{domain}\n'),
    Row('recipient', 'key', '550 5.1.1', is_on=True,
        setting='recipientcheck', words='no mailbox',
        home={'recipientcheck': ':cdb\n', 'validrcptto.cdb': SOMEBODY}),
    Row('localsender', 'key', '550 5.1.8', sender='<nobody@ours.test>',
        words='does not exist', home={'recipientcheck': 'ours.test:cdb\n',
                                      'validrcptto.cdb': SOMEBODY}),
    Row('loop', 'key', '554 5.4.6', is_on=True, setting='maxhops',
        words='hops', home={'maxhops': '3\n'},
        message=['Received: once'] * 3 + MESSAGE),
    Row('limits', 'key', '552 5.3.4', title='limits of size', is_on=True,
        setting='databytes', home={'databytes': '100\n'},
        message=MESSAGE + ['x' * 100]),
    Row('limits', 'key', '452 4.5.3', title='limits of recipients',
        is_on=True, setting='maxrcpt', words='recipients',
        home={'maxrcpt': '1\n', 'split': 'never\n'},
        others=['first@plain.test']),
    Row('check_strict_rfc2822', 'key', '550 5.6.0', words='no Date',
        message=MESSAGE[:1] + MESSAGE[2:]),
    Row('dnsbl', 'file', '550 5.7.1', file='dnsbl', text=LIST, asks=True,
        good='whitednsbl', words='listed by list.example'),
    Row('dnsbl', 'file', '550 5.7.1', title='dnsblv6', file='dnsblv6',
        text=LIST, asks=True, good='whitednsblv6',
        words='listed by list.example', env=CLIENT6),
    Row('dnsbl', 'file', '550 5.7.1', title='dnsbllist', file='dnsbllist',
        text='-list.example:x\n', asks=True, is_list=False,
        file_levels=(GLOBAL,), levels=('environment', GLOBAL),
        words='listed by list.example'),
    Row('dnsbl', 'file', '550 5.7.1', title='dnsbl_zones',
        file='dnsbl_zones', text='list.example:x\n', asks=True,
        is_list=False, file_levels=(GLOBAL,),
        levels=('environment', GLOBAL), words='listed by list.example'),
    Row('forceesmtp', 'file', '550 5.7.1', file='forceesmtp', text=LIST,
        asks=True, hello='HELO client.example', words='has to say EHLO'),
    Row('forceesmtp', 'file', '550 5.7.1', title='forceesmtpv6',
        file='forceesmtpv6', text=LIST, asks=True,
        hello='HELO client.example', words='has to say EHLO', env=CLIENT6),
    Row('rhsbl', 'file', '550 5.7.1', file='rhsbl', text=LIST, asks=True,
        words='far.example is listed'),
    Row('rhsbl', 'file', '550 5.7.1', title='rhsbl_zones',
        file='rhsbl_zones', text='list.example x\n', asks=True,
        is_list=False, file_levels=(GLOBAL,),
        levels=('environment', GLOBAL), words='far.example is listed'),
    Row('namebl', 'file', '550 5.7.1', file='namebl', text=LIST, asks=True,
        words='far.example is listed'),
    Row('ptr', 'key', '550 5.7.25', asks=True, words='no reverse name'),
    Row('helodns', 'key', '550 5.7.1', asks=True, usual='monitor'),
    Row('fromdomain', 'number', '550 5.1.8', asks=True, value=1,
        words="the sender's domain"),
    Row('fromdomain', 'number', '550 5.4.0', title='fromdomain, private',
        asks=True, value=4, sender='<a@[10.1.2.3]>', words='not public'),
    Row('reject_ipv6only', 'key', '550 5.4.0', asks=True,
        sender='<a@six.example>'),
    Row('mxof', 'key', '550 5.1.8', asks=True, words="the sender's domain"),
    Row('block_wildcardns', 'key', '550 5.7.1', asks=True,
        setting='wildcardns',
        sender='<a@host.example>', home={'wildcardns': 'example_9.9.9.9\n'}),
    Row('spf', 'key', '550 5.7.23', asks=True, setting='spfpolicy',
        words='SPF says fail'),
]
