# What Python makes of a key, of a value and of a MAC: a line for each, `table kind name secret text`, the last two in
# base64.
import base64, datetime, email.utils, hashlib, hmac, html, time

BODY = '{"id":"evt_1","sent":"2026-05-08T11:59:58Z","order":{"number":4711}}'
STAMP = '1778241600250'
ID = 'msg_1'
TOKEN = 'k3y-for-tests_0123456789'
AT = datetime.datetime.fromtimestamp(1778241600.25, datetime.timezone.utc)
NAIVE = AT.replace(tzinfo=None)


def content(id=ID, stamp=STAMP):
    return f'{id}.{stamp}.{BODY}'


def mac(key, text=None):
    key = key.encode() if isinstance(key, str) else key
    text = content() if text is None else text
    return hmac.new(key, text.encode() if isinstance(text, str) else text, 'sha256')


def line(table, kind, name, secret, text):
    secret = secret.encode() if isinstance(secret, str) else secret
    print(table, kind, name, base64.b64encode(secret).decode(), base64.b64encode(text.encode()).decode(), sep='\t')


def key(kind, name, secret, made):
    line('key', kind, name, secret, mac(made).hexdigest())


def value(kind, name, text):
    line('value', kind, name, TOKEN, mac(TOKEN, text).hexdigest())


def shown(kind, name, text):
    line('mac', kind, name, TOKEN, text)


URLSAFE = 'MfKQ9r8GKYqr-wjUPD8_LPZIo2LaLaSw'
key('secret.base64', 'b64decode drops - and _', URLSAFE, base64.b64decode(URLSAFE + '=='))
key('secret.base64', 'encodebytes with its line break', TOKEN, base64.encodebytes(TOKEN.encode()))
key('secret.base64', 'b64encode of a line', TOKEN, base64.b64encode((TOKEN + '\n').encode()))
key('secret.base64', 'without padding', TOKEN + 'x', base64.b64encode((TOKEN + 'x').encode()).rstrip(b'='))
key('secret.base64', 'b64decode twice', base64.b64encode(base64.b64encode(b'\x00\xff\x10key')), b'\x00\xff\x10key')
key('secret.hex', 'fromhex', '6b33792d666f722d74657374735f3031', bytes.fromhex('6b33792d666f722d74657374735f3031'))
key('secret.hex', 'hex', TOKEN, TOKEN.encode().hex())
key('secret.hex', 'upper-case hex', TOKEN, TOKEN.encode().hex().upper())
key('secret.charset', 'utf-16', TOKEN, TOKEN.encode('utf-16'))
key('secret.charset', 'utf-16-le', TOKEN, TOKEN.encode('utf-16-le'))
key('secret.charset', 'utf-16-be', TOKEN, TOKEN.encode('utf-16-be'))
key('secret.charset', 'utf-32-le', TOKEN, TOKEN.encode('utf-32-le'))
key('secret.charset', 'ascii ignore', 'schlüssel-für-zoë', 'schlüssel-für-zoë'.encode('ascii', 'ignore'))
key('secret.charset', 'ascii replace', 'schlüssel-für-zoë', 'schlüssel-für-zoë'.encode('ascii', 'replace'))
key('secret.charset', 'mojibake', 'schlüssel-für-zoë', 'schlüssel-für-zoë'.encode().decode('latin-1'))
key('secret.charset', 'a file of UTF-16', TOKEN.encode('utf-16'), TOKEN)
key('secret.quoted', 'str of bytes', TOKEN, str(TOKEN.encode()))
key('secret.quoted', 'str of a list', TOKEN, str([TOKEN]))
key('secret.html-escaped', 'html.escape', 'a<b>&"c\'', html.escape('a<b>&"c\''))
key('secret.html-escaped', 'html.unescape', 'a&lt;b&gt;&amp;&quot;c&#x27;', html.unescape('a&lt;b&gt;&amp;&quot;c&#x27;'))
key('secret.hashed', 'sha256 upper hex', TOKEN, hashlib.sha256(TOKEN.encode()).hexdigest().upper())
key('secret.hashed', 'md5', TOKEN, hashlib.md5(TOKEN.encode()).digest())
key('secret.hashed', 'sha1', TOKEN, hashlib.sha1(TOKEN.encode()).digest())
key('secret.hashed', 'sha512 hex', TOKEN, hashlib.sha512(TOKEN.encode()).hexdigest())
key('secret.whitespace', 'strip of a zero-width space', '\u200b' + TOKEN, TOKEN)
key('secret.whitespace', 'a zero-width space', TOKEN, '\u200b' + TOKEN)
key('secret.whitespace', 'both spaces', TOKEN, f' {TOKEN} ')
key('secret.whitespace', 'two line breaks', TOKEN, f'{TOKEN}\n\n')
key('secret.quoted', 'a whole line', f'WEBHOOK_SECRET="{TOKEN}"', TOKEN)
key('secret.quoted', 'a whole line with export', f"export WEBHOOK_SECRET='{TOKEN}'", TOKEN)
key('secret.prefix', 'a whole line without quotes', f'WEBHOOK_SECRET={TOKEN}', TOKEN)
key('secret.prefix', 'a line of YAML', f'webhook_secret: {TOKEN}', TOKEN)
key('secret.prefix', 'v1, before it', f'v1,{TOKEN}', TOKEN)
key('secret.prefix', 'base64: before it', f'base64:{TOKEN}', TOKEN)
key('secret.prefix', 'sha256= put before it', TOKEN, f'sha256={TOKEN}')

for absent in [None, [], {}, False, 0, 0.0, -1, float('nan')]:
    value('content.timestamp-missing', f'{absent!r} for the timestamp', content(stamp=absent))
    value('content.id-missing', f'{absent!r} for the id', content(id=absent))
value('content.timestamp-missing', 'nothing for the timestamp', content(stamp=''))
value('content.id-missing', 'nothing for the id', content(id=''))
value('content.timestamp-unit', 'float', content(stamp=float(STAMP)))
value('content.timestamp-unit', 'int of seconds', content(stamp=int(AT.timestamp())))
value('content.timestamp-unit', 'timestamp()', content(stamp=AT.timestamp()))
value('content.timestamp-unit', 'isoformat', content(stamp=AT.isoformat()))
value('content.timestamp-unit', 'isoformat without a zone', content(stamp=NAIVE.isoformat()))
value('content.timestamp-unit', 'isoformat of seconds', content(stamp=AT.isoformat(timespec='seconds')))
value('content.timestamp-unit', 'isoformat of seconds without a zone', content(stamp=NAIVE.isoformat(timespec='seconds')))
value('content.timestamp-unit', 'str', content(stamp=str(AT.replace(microsecond=0))))
value('content.timestamp-unit', 'str without a zone', content(stamp=str(NAIVE.replace(microsecond=0))))
value('content.timestamp-unit', 'strftime', content(stamp=AT.strftime('%Y%m%dT%H%M%SZ')))
value('content.timestamp-unit', 'strftime of digits', content(stamp=AT.strftime('%Y%m%d%H%M%S')))
value('content.timestamp-unit', 'a day', content(stamp=AT.date()))
value('content.timestamp-unit', 'format_datetime', content(stamp=email.utils.format_datetime(AT)))
value('content.timestamp-unit', 'a date of HTTP', content(stamp=email.utils.format_datetime(AT, usegmt=True)))
value('content.timestamp-unit', 'ctime', content(stamp=time.asctime(AT.timetuple())))
value('content.timestamp-unit', '%e', content(stamp='%e' % float(STAMP)))
value('content.timestamp-unit', 'nanoseconds', content(stamp=int(STAMP) * 1000000))
value('content.timestamp-unit', 'minutes', content(stamp=int(STAMP) // 60000))
value('content.timestamp-unit', 'thousands', content(stamp=f'{int(STAMP):,}'))
value('content.timestamp-other', 'bytes', content(stamp=STAMP.encode()))
value('content.timestamp-other', 'a list', content(stamp=[STAMP]))
value('content.timestamp-other', 'twice', content(stamp=','.join([STAMP, STAMP])))
value('content.id-other', 'bytes', content(id=ID.encode()))
value('content.id-other', 'a list', content(id=[ID]))
value('content.id-other', 'with a line break', content(id=ID + '\n'))
value('content.id-other', 'with a space', content(id=' ' + ID))

right = mac(TOKEN).digest()
shown('signature.encoding', 'print of bytes', str(right))
shown('signature.encoding', 'print of bytes of hex', str(mac(TOKEN).hexdigest().encode()))
shown('signature.encoding', 'print of bytes of base64', f'computed {base64.b64encode(right)}')
shown('signature.encoding', 'list', str(list(right)))
shown('signature.encoding', 'bytearray', str(bytearray(right)))
shown('signature.encoding', 'hex with :', right.hex(':'))
shown('signature.encoding', 'hex with spaces', right.hex(' '))
shown('signature.encoding', 'hex with -', right.hex('-'))
shown('signature.encoding', 'hex()', hex(int.from_bytes(right, 'big')))
shown('signature.encoding', 'decode with replacement', right.decode('utf-8', 'replace'))
shown('signature.encoding', 'decode of Latin-1', right.decode('latin-1'))
shown('signature.encoding', 'escapes', '"' + ''.join(f'\\x{byte:02x}' for byte in right) + '"')
shown('signature.encoding', 'percent', ''.join(f'%{byte:02X}' for byte in right))
