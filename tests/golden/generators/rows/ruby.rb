# What Ruby makes of a body's bytes and text: what was done <TAB> body <TAB> base64 of the bytes that are hashed.
require 'base64'
require 'cgi'
require 'erb'
require 'json'
require 'uri'
require 'active_support'
require 'active_support/core_ext'

FOLDER = File.join(__dir__, '..', '..', 'texts')
ANY = {
  'body.bytes.inspect' => ->(body) { body.bytes.inspect },
  'unpack1(H*)' => ->(body) { body.unpack1('H*') },
  'Base64.encode64' => ->(body) { Base64.encode64(body) },
  'Base64.strict_encode64' => ->(body) { Base64.strict_encode64(body) },
  'scrub' => ->(body) { body.scrub },
  "scrub('')" => ->(body) { body.scrub('') },
  'body.chomp' => ->(body) { body.chomp },
  'nil.inspect' => ->(_) { nil.inspect },
  '{}.to_s' => ->(_) { {}.to_s },
  'byteslice' => ->(body) { body.byteslice(0, 200) }
}.freeze
TEXT = {
  'body.inspect' => ->(text) { text.inspect },
  'CGI.escape' => ->(text) { CGI.escape(text) },
  'dump' => ->(text) { text.dump },
  'downcase' => ->(text) { text.downcase },
  'encode xml: :text' => ->(text) { text.encode(xml: :text) },
  'encode xml: :attr' => ->(text) { text.encode(xml: :attr) },
  'json_escape' => ->(text) { ERB::Util.json_escape(text) },
  'squish' => ->(text) { text.squish },
  'CGI.escapeHTML' => ->(text) { CGI.escapeHTML(text) },
  'ERB::Util.url_encode' => ->(text) { ERB::Util.url_encode(text) },
  'encode_www_form_component' => ->(text) { URI.encode_www_form_component(text) },
  'encode ASCII, replace' => ->(text) { text.encode('ASCII', invalid: :replace, undef: :replace) },
  'encode ASCII, drop' => ->(text) { text.encode('ASCII', invalid: :replace, undef: :replace, replace: '') },
  'encode ISO-8859-1, replace' => ->(text) { text.encode('ISO-8859-1', undef: :replace) },
  'encode UTF-16' => ->(text) { text.encode('UTF-16') },
  'encode UTF-16LE' => ->(text) { text.encode('UTF-16LE') },
  'force_encoding ISO-8859-1' => ->(text) { text.dup.force_encoding('ISO-8859-1').encode('UTF-8') },
  'text[0, 50]' => ->(text) { text[0, 50] },
  'lines.map(&:strip).join' => ->(text) { text.lines.map(&:strip).join },
  'unicode_normalize(:nfd)' => ->(text) { text.unicode_normalize(:nfd) }
}.freeze
DATA_CALLS = {
  'sort.to_h.to_json' => ->(data) { JSON.generate(data.sort.to_h) },
  'to_a.inspect' => ->(data) { data.to_a.inspect },
  'values.join' => ->(data) { data.values.join },
  'encode_www_form' => ->(data) { URI.encode_www_form(data) },
  'slice' => ->(data) { JSON.generate(data.slice('id', 'type', 'amount')) },
  'symbolize_keys.inspect' => ->(data) { data.symbolize_keys.inspect },
  'deep_symbolize_keys.to_s' => ->(data) { data.deep_symbolize_keys.to_s },
  'params.inspect' => ->(data) { data.inspect },
  'to_query' => ->(data) { data.to_query },
  'JSON.generate without nil' => ->(data) { JSON.generate(data.compact) },
  'JSON.generate without id' => ->(data) { JSON.generate(data.except('id')) },
  'JSON.generate(customer)' => ->(data) { JSON.generate(data['customer']) },
  'deep_transform_keys underscore' => ->(data) { JSON.generate(data.deep_transform_keys(&:underscore)) },
  'to_json.to_json' => ->(data) { JSON.generate(data).to_json }
}.freeze
FORM = {
  'URI.encode_www_form(decode)' => ->(text) { URI.encode_www_form(URI.decode_www_form(text)) },
  'JSON of decode_www_form' => ->(text) { JSON.generate(URI.decode_www_form(text).to_h) },
  'inspect of decode_www_form' => ->(text) { URI.decode_www_form(text).to_h.inspect },
  'CGI.unescape' => ->(text) { CGI.unescape(text) },
  'to_query' => ->(text) { URI.decode_www_form(text).to_h.to_query }
}.freeze

def show(name, file, made)
  puts [name, file, Base64.strict_encode64(made)].join("\t")
end

(Dir.children(FOLDER)).sort.each do |file|
  body = File.binread(File.join(FOLDER, file)).force_encoding('UTF-8')
  ANY.each { |name, make| show(name, file, make.call(body)) }
  next unless body.valid_encoding?

  TEXT.each { |name, make| show(name, file, make.call(body)) }
  if file.end_with?('.json') && body.include?('customer')
    DATA_CALLS.each { |name, make| show(name, file, make.call(JSON.parse(body))) }
  end
  FORM.each { |name, make| show(name, file, make.call(body)) } if file == 'form.txt'
end
