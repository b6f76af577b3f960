# JSON.generate, JSON.pretty_generate and Rails' to_json over every body: style <TAB> body <TAB> base64 of the bytes.
require 'json'
require 'base64'

bodies = Dir[File.join(__dir__, '..', 'bodies', '*.json')].sort.to_h { |path| [File.basename(path), File.read(path)] }
show = ->(name, file, text) { puts [name, file, Base64.strict_encode64(text)].join("\t") }
bodies.each do |file, text|
  value = JSON.parse(text)
  show.('ruby', file, JSON.generate(value))
  show.('ruby-pretty', file, JSON.pretty_generate(value))
end
require 'active_support'
require 'active_support/json'
bodies.each do |file, text|
  show.('rails', file, ActiveSupport::JSON.encode(JSON.parse(text)))
end
