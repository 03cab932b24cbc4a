"""How a message file has to look on the wire, up to the dot that ends it.

Written line by line, unlike the program: a line of the file ends with LF, and
a CR before that belongs to its end; any other CR is a space.
"""


def to_wire(message):
    lines = message.split(b'\n')
    last = lines.pop()
    out = [encode(line[:-1] if line.endswith(b'\r') else line)
           for line in lines]
    if last.endswith(b'\r'):
        last = last[:-1]
        out.append(encode(last))
    elif last:
        out.append(encode(last))
    return b''.join(out)


def encode(line):
    line = line.replace(b'\r', b' ')
    if line.startswith(b'.'):
        line = b'.' + line
    return line + b'\r\n'
