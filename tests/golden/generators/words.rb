# What Ruby makes of a key, of a value and of a MAC: a line for each, `table kind name secret text`, the last two in base64.
require 'openssl'
require 'base64'
require 'json'
require 'time'

BODY = '{"id":"evt_1","sent":"2026-05-08T11:59:58Z","order":{"number":4711}}'
STAMP = '1778241600250'
ID = 'msg_1'
TOKEN = 'k3y-for-tests_0123456789'
AT = Time.at(1_778_241_600, 250, :millisecond).utc

def content(id: ID, stamp: STAMP) = "#{id}.#{stamp}.#{BODY}"
def mac(key, text = content) = OpenSSL::HMAC.digest('sha256', key, text)
def hex(key, text = content) = OpenSSL::HMAC.hexdigest('sha256', key, text)
def line(table, kind, name, secret, text) = puts([table, kind, name, Base64.strict_encode64(secret), Base64.strict_encode64(text)].join("\t"))
def key(kind, name, secret, made) = line('key', kind, name, secret, hex(made))
def value(kind, name, text) = line('value', kind, name, TOKEN, hex(TOKEN, text))
def shown(kind, name, text) = line('mac', kind, name, TOKEN, text)

key('secret.base64', 'decode64 of a secret with marks', 'my-secret_key.with+chars', Base64.decode64('my-secret_key.with+chars'))
key('secret.base64', 'decode64 up to =', 'QUJDREVG=R0hJSktMTU5P', 'QUJDREVG=R0hJSktMTU5P'.unpack1('m'))
key('secret.base64', 'encode64', TOKEN, Base64.encode64(TOKEN))
key('secret.hex', 'pack H*', 'zJ7pQ2vLk9TnR4xW', ['zJ7pQ2vLk9TnR4xW'].pack('H*'))
key('secret.hashed', 'sha256 hex', TOKEN, OpenSSL::Digest::SHA256.hexdigest(TOKEN))
key('secret.empty', 'nil.to_s', 'k3y-for-tests_0123456789', nil.to_s)
value('content.timestamp-missing', 'nil', content(stamp: nil))
value('content.timestamp-missing', 'nil.inspect', content(stamp: nil.inspect))
value('content.id-missing', 'nil.inspect', content(id: nil.inspect))
value('content.timestamp-unit', 'Time', content(stamp: AT))
value('content.timestamp-unit', 'Time with an offset', content(stamp: AT.getlocal('+00:00')))
value('content.timestamp-unit', 'iso8601', content(stamp: AT.iso8601))
value('content.timestamp-unit', 'iso8601 of milliseconds', content(stamp: AT.iso8601(3)))
value('content.timestamp-unit', 'iso8601 of microseconds', content(stamp: AT.iso8601(6)))
value('content.timestamp-unit', 'httpdate', content(stamp: AT.httpdate))
value('content.timestamp-unit', 'to_i', content(stamp: AT.to_i))
value('content.timestamp-unit', 'a Float', content(stamp: STAMP.to_i / 1000.0))
value('content.id-other', 'inspect', content(id: ID.inspect))

right = mac(TOKEN)
shown('signature.encoding', 'inspect', right.inspect)
shown('signature.encoding', 'inspect of UTF-8', right.dup.force_encoding('UTF-8').inspect)
shown('signature.encoding', 'bytes', right.bytes.inspect)
shown('signature.encoding', 'signed bytes', right.unpack('c*').inspect)
shown('signature.encoding', 'scrub', right.dup.force_encoding('UTF-8').scrub)
shown('signature.encoding', 'strict_encode64', Base64.strict_encode64(right))
shown('signature.encoding', 'encode64', Base64.encode64(right))
shown('signature.prefix', 'a log line', "I, [2026-05-08]  INFO -- : digest=#{right.unpack1('H*')}")
