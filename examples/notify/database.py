"""Keeps each event once in SQLite: ckwh listen --exec 'python3 examples/notify/database.py events.db'"""

import json
import os
import sqlite3
import sys

body = sys.stdin.buffer.read()
event_id = json.loads(body)["event_id"]
with sqlite3.connect(sys.argv[1], timeout=20) as database:
    database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, type TEXT, body BLOB)")
    # A provider that got no answer sends the same event again: its id is kept once.
    row = (event_id, os.environ["CKWH_CAPTURE_EVENT"], body)
    database.execute("INSERT OR IGNORE INTO events VALUES (?, ?, ?)", row)
