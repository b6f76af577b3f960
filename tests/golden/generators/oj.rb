# What Ruby's Oj writes, over every body: style <TAB> body <TAB> base64 of the bytes.
require 'base64'
require 'oj'

BODIES = ARGV[0]
READ = { mode: :compat, bigdecimal_load: :float }.freeze
WRITERS = {
  'oj' => { mode: :compat },
  'oj-rails' => { mode: :rails },
  'oj-strict' => { mode: :strict },
  'oj-ascii' => { mode: :compat, escape_mode: :ascii },
}.freeze

Dir.children(BODIES).sort.each do |file|
  text = File.read(File.join(BODIES, file))
  WRITERS.each do |name, options|
    written = Oj.dump(Oj.load(text, READ), options)
    puts [name, file, Base64.strict_encode64(written)].join("\t")
  end
end
