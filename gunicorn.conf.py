"""gunicorn's settings: one process with threads, since segmentation sessions live in the process.

More workers stay correct (volumes are memory-mapped files, jobs are rows), they only cost memory.
"""

import os
import re

from gunicorn.glogging import Logger

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '5001')}"
workers = int(os.environ.get("WEB_WORKERS", "1"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "16"))
timeout = 120  # of a silent worker, not of a request: an upload may take as long as it flows
graceful_timeout = 30
keepalive = 15
# Paths hold random ids only; queries (searches for patients' names) are left out of the log.
accesslog = os.environ.get("ACCESS_LOG") or None
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'


class QuietLogger(Logger):
    """An access log without the secrets of one-time links, which stand in the path."""

    def atoms(self, resp, req, environ, request_time):  # type: ignore[no-untyped-def]
        found = super().atoms(resp, req, environ, request_time)
        found["U"] = re.sub(r"^/(setup|invitation|reset)/.+", r"/\1/…", found["U"] or "")
        return found


logger_class = QuietLogger
loglevel = os.environ.get("LOG_LEVEL", "warning")
control_socket_disable = True


def post_worker_init(worker):  # type: ignore[no-untyped-def]
    """Start the job runner in each web process, after the fork."""
    from app.worker import start_runner

    start_runner(worker.app.wsgi())
