"""A handler as a new user has one, with nothing but Python: it prints the port that it listens at."""

import hashlib
import hmac
import os
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        content = self.headers["x-costkatana-timestamp"].encode() + b"." + body
        computed = hmac.new(os.environ["WEBHOOK_SECRET"].encode(), content, hashlib.sha256).hexdigest()
        self.send_response(200 if self.headers["x-costkatana-signature"] == f"sha256={computed}" else 401)
        self.send_header("content-length", "0")
        self.end_headers()


server = HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
