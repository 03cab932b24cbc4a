"""What qmail-rspawn makes of the end and the output of qmail-remote.

It believes the first chunk ended by NUL that begins with K, Z or D; the first
octet of all may overrule that.  Whatever it cannot read is a bounce.
"""
import signal

RANK = {'D': -1, 'Z': 0, 'K': 1}


def chunks(output):
    """The chunks that a NUL ends; what stands behind the last is dropped."""
    return output.split(b'\0')[:-1]


def result_of(output):
    for chunk in chunks(output):
        letter = chunk[:1].decode('latin-1')
        if letter in RANK:
            return letter
    return 'D'


def outcome(status, output):
    """(K, Z or D, the text that qmail-send gets) of a wait status."""
    if status < 0:
        return 'Z', b'qmail-remote crashed.\n'
    if status == 111:
        return 'Z', b'Unable to run qmail-remote.\n'
    if status != 0:
        return 'D', b'Unable to run qmail-remote.\n'
    if not output:
        return 'Z', b'qmail-remote produced no output.\n'
    result = result_of(output)
    overruled = {b's': 'Z', b'h': 'D'}.get(output[:1], result)
    return overruled, shown(output, result, overruled)


def shown(output, result, overruled):
    """The first chunk, and the second if it may add to the first."""
    parts = chunks(output)
    text = parts[0][1:] if parts else b''
    if len(parts) > 1 and parts[1][:1] in (b'K', b'Z', b'D') and \
            RANK[result] <= RANK[overruled]:
        text += parts[1][1:]
    return text


def describe(status):
    if status < 0:
        return 'died by ' + signal.Signals(-status).name
    return 'exit %d' % status
