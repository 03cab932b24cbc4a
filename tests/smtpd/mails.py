"""What the queue got, and whether it is what it should be."""
import os
import re
import shutil



TRACE = re.compile(r'\AReceived:[^\n]*\n(?:[ \t][^\n]*\n)*')


def collect(folder):
    """The mails in order of arrival; the folder is empty after it."""
    mails = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if not name.startswith('.'):
            mail = {}
            for part in ('message', 'envelope', 'environment', 'process'):
                with open(os.path.join(path, part), 'rb') as f:
                    mail[part] = f.read().decode('latin-1')
            mails.append(mail)
        shutil.rmtree(path, ignore_errors=True)
    return mails


def paths_of(envelope):
    return [p[1:] for p in envelope.split('\0')[:-2]]


def normal_message(text):
    m = TRACE.match(text)
    if not m:
        return text
    trace = re.sub(r'\bid [^\s;]+', 'id ID', m.group())
    trace = re.sub(r';[^;]*\Z', '; DATE\n', trace)
    rest = re.sub(r'^Message-ID: <[0-9a-f]+\.[0-9a-f]+\.', 'Message-ID: <',
                  text[m.end():], flags=re.M)
    return trace + re.sub(r'^Date: \w{3}, .*', 'Date: NOW', rest, flags=re.M)


def check_mail(mail, wanted, session):
    got = paths_of(mail['envelope'])
    if got != wanted['paths']:
        session.fail(0, 'envelope %s, wanted %s' % (got, wanted['paths']))
    message = mail['message']
    m = TRACE.match(message)
    if not m:
        session.fail(0, 'no Received on top: %r' % message[:80])
        return
    if re.search(r'[^\x20-\x7e\n\t]', m.group()):
        session.fail(0, 'Received is not printable: %r' % m.group())
    if re.search(r'[\r\0]', message):
        session.fail(0, 'a CR or NUL came into the queue')
    body = message[m.end():]
    if wanted['body'] is not None and body != wanted['body']:
        session.fail(0, 'message %s, wanted %s' % (
            brief(body), brief(wanted['body'])))
    for kind, text in wanted['checks']:
        if kind in ('Q~', 'Q!'):
            if bool(re.search(text, message, re.M)) != (kind == 'Q~'):
                session.fail(0, '%s in the message: %s\n        %s' % (
                    'missing' if kind == 'Q~' else 'unwanted', text,
                    brief(m.group())))
        elif kind == 'Qe':
            entries = mail['environment'].split('\0')
            if text.startswith('-'):
                if any(e.startswith(text[1:] + '=') for e in entries):
                    session.fail(0, 'in the environment: ' + text[1:])
            elif text not in entries:
                session.fail(0, 'not in the environment: ' + text)
        elif kind == 'Qp' and not re.search(text, mail['process'], re.M):
            session.fail(0, 'not so started: %s in %r' % (text,
                                                          mail['process']))


def brief(text):
    shown_text = repr(text)
    if len(shown_text) > 400:
        return '%s ... %s (%d octets)' % (shown_text[:200], shown_text[-150:],
                                          len(text))
    return shown_text


def check_queue(scenario, session, mails):
    if scenario.count is not None:
        if scenario.count not in (-1, len(mails)):
            session.fail(0, '%d mails queued, wanted %d' % (
                len(mails), scenario.count))
        return
    if len(mails) != len(scenario.mails):
        session.fail(0, '%d mails queued, wanted %d: %s' % (
            len(mails), len(scenario.mails),
            [paths_of(m['envelope']) for m in mails]))
    for mail, wanted in zip(mails, scenario.mails):
        check_mail(mail, wanted, session)
