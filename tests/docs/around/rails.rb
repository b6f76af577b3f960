# A Rails application of one file around a page's controller.
require "logger"
require "action_controller/railtie"
require "rack/handler/webrick"

class App < Rails::Application
  config.root = __dir__
  config.eager_load = false
  config.hosts.clear
  config.logger = Logger.new($stdout)
  config.secret_key_base = "for-tests"
  routes.append { post "/webhooks/costkatana", to: "webhooks#costkatana" }
end
Rails.application.initialize!

# The page's handler:
HANDLER

$stdout.sync = true
Rack::Handler::WEBrick.run(Rails.application, Host: "localhost", Port: 3000)
