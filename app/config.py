"""Settings: environment variables over defaults, read once at start.

Every name here stands in the README's table of settings.
"""

import os
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

MIB = 1024 * 1024
GIB = 1024 * MIB

# Name, default: each can be set in the environment under the same name.
_INTEGERS: dict[str, int] = {
    "MAX_UPLOAD_SIZE": 4 * GIB,  # bytes of one request
    "MAX_FILE_SIZE": 1 * GIB,  # bytes of one file, also of one unpacked ZIP entry
    "MAX_UPLOAD_FILES": 10_000,  # parts of one request and entries of one ZIP
    "MAX_ZIP_RATIO": 100,  # unpacked bytes to packed bytes
    "MAX_PIXEL_BYTES": 2 * GIB,  # Rows × Columns × Frames × samples × bytes of one instance
    "MAX_VOLUME_BYTES": 4 * GIB,  # one series as a volume
    "STORAGE_QUOTA": 20 * GIB,  # bytes of originals and masks one account may keep
    "MIN_FREE_DISK": 1 * GIB,  # an upload is answered 507 below this
    "PARSE_MEMORY": 1 * GIB,  # address space of the child that reads strangers' files
    "PARSE_SECONDS": 20,  # for one file
    "PARSE_WORKERS": 2,
    "JOB_WORKERS": 2,
    "JOB_SECONDS": 1800,
    "PROXY_HOPS": 0,  # trusted reverse proxies in front
    "ENGINE_MEMORY": 4 * GIB,  # of this process, for the images that engines work on
    "ENGINE_SESSIONS": 64,  # outlined at once, in each process
    "ENGINE_IDLE_SECONDS": 600,  # then an idle session gives engine memory and places on servers back
    "ENGINE_SESSION_SECONDS": 24 * 3600,  # then an idle session ends
}
_STRINGS: dict[str, str] = {
    "REGISTRATION": "invitation",  # open, invitation or off: until an administrator chooses otherwise
    "DEFAULT_LANGUAGE": "es",
    "DATABASE_URL": "",
    "NNINTERACTIVE_MODEL_DIR": "",  # a checkpoint can run code: only a folder that the administrator filled
    "NNINTERACTIVE_DEVICE": "auto",  # CUDA where there is one, else the CPU
    "NNINTERACTIVE_SERVERS": "",  # addresses, separated by spaces
    "NNINTERACTIVE_API_KEY": "",  # for these servers
}
_CHOICES = {"REGISTRATION": ("open", "invitation", "off"), "DEFAULT_LANGUAGE": ("es", "en")}


def instance_folder() -> Path:
    """The folder of everything that is not code: ``TRIPLANO_INSTANCE``, else ``instance/``."""
    default = Path(__file__).resolve().parent.parent / "instance"
    return Path(os.environ.get("TRIPLANO_INSTANCE") or default).resolve()


def secret_key(instance: Path) -> str:
    """The signing key, made once in a file that only its owner can read."""
    path = instance / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text().strip()
        if len(key) < 32:
            raise ValueError(f"{path} holds fewer than 32 characters: delete it to have a new one") from None
        return key
    with os.fdopen(descriptor, "w") as handle:
        key = secrets.token_urlsafe(48)
        handle.write(key)
    return key


def _integer(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not re.fullmatch(r"\d+", text, re.ASCII):
        raise ValueError(f"{name} is {text!r}; a whole number, not negative, is wanted")
    return int(text)


def _own_database(instance: Path) -> str:
    """SQLite in a file that only its owner can read; its journals are made with the file's own mode."""
    path = instance / "triplano.db"
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return f"sqlite:///{path}"


def load_settings(overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Flask's configuration from defaults, the environment and *overrides*, in rising order."""
    overrides = dict(overrides or {})
    instance = Path(overrides.pop("INSTANCE", None) or instance_folder())
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings: dict[str, Any] = {"INSTANCE": str(instance)}
    settings |= {name: _integer(name, default) for name, default in _INTEGERS.items()}
    settings |= {name: os.environ.get(name, default) for name, default in _STRINGS.items()}
    settings |= {
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": os.environ.get("SECURE_COOKIES", "") == "1",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a page left open must still save
        "WTF_CSRF_CHECK_DEFAULT": False,  # checked in app.security, where bearer tokens are known
        # Of every request but an upload, which raises it for itself: else anybody, not signed in, could
        # send gigabytes to the sign-in form, which are kept in memory or under /tmp.
        "MAX_CONTENT_LENGTH": 1 * MIB,
        # Errors of the database quote what was to be written, and are logged: names of patients.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
        "BABEL_TRANSLATION_DIRECTORIES": str(Path(__file__).resolve().parent / "translations"),
        "JOBS_START": True,
    }
    settings |= overrides
    for name, possible in _CHOICES.items():
        if settings[name] not in possible:
            raise ValueError(f"{name} is {settings[name]!r}; one of {', '.join(possible)} is wanted")
    settings.setdefault("SECRET_KEY", secret_key(instance))
    settings.setdefault("SQLALCHEMY_DATABASE_URI", settings["DATABASE_URL"] or _own_database(instance))
    settings.setdefault("MAX_FORM_PARTS", settings["MAX_UPLOAD_FILES"] + 100)
    return settings
