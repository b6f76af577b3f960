"""A Django view as it is often written: it logs what it computed, and refuses what differs."""
import hashlib
import hmac
import json
import os
from wsgiref.simple_server import make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="not the webhook's")


def hook(request):
    #BODY
    timestamp = request.headers["X-CostKatana-Timestamp"].encode()
    mac = hmac.new(os.environ["SECRET"].encode(), timestamp + b"." + body, hashlib.sha256)
    computed = "sha256=" + mac.hexdigest()
    print(f"computed {computed}, received {request.headers['X-CostKatana-Signature']}", flush=True)
    return HttpResponse(status=200 if computed == request.headers["X-CostKatana-Signature"] else 401)


urlpatterns = [path("hook", hook)]
make_server("127.0.0.1", int(os.environ["PORT"]), get_wsgi_application()).serve_forever()
