"""Sends a mail for an event: ckwh listen --exec 'python3 examples/notify/mail.py'

MAIL_HOST is host:port of a mail server that takes mails from here, MAIL_TO who gets them.
"""

import os
import smtplib
import sys
from email.message import EmailMessage

host, _, port = os.environ["MAIL_HOST"].partition(":")
mail = EmailMessage()
mail["From"] = "ckwh@localhost"
mail["To"] = os.environ["MAIL_TO"]
# A line break in a header would be a header of the sender's: EmailMessage refuses it.
mail["Subject"] = f"webhook {os.environ['CKWH_CAPTURE_EVENT']} (#{os.environ['CKWH_CAPTURE_ID']})"
mail.set_content(sys.stdin.read())
with smtplib.SMTP(host, int(port or 25), timeout=20) as server:
    server.send_message(mail)
