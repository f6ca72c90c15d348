"""Triplano: a web workbench in which radiology students read medical images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from flask_wtf.csrf import generate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix

from app.assets import register_assets
from app.config import load_settings
from app.errors import register_errors
from app.features import register_features
from app.i18n import LANGUAGES, babel, choose_language, choose_theme, tell
from app.jsonbodies import JsonBodies
from app.models import db
from app.security import register_security
from app.start import register_commands
from app.storage.store import Store

__version__ = "0.1.0"
ROOT = Path(__file__).resolve().parent.parent
migrate = Migrate()


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """The application. *settings* override environment and defaults (``app.config``)."""
    configuration = load_settings(settings)
    app = Flask(
        "triplano",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=None,
        instance_path=configuration["INSTANCE"],
    )
    app.config.from_mapping(configuration, VERSION=__version__)
    app.json = JsonBodies(app)
    app.extensions["store"] = Store(Path(configuration["INSTANCE"]))
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    babel.init_app(app, locale_selector=choose_language)
    register_security(app)
    register_assets(app, ROOT / "static")
    register_errors(app)
    register_features(app)
    register_commands(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["tell"] = tell
    app.jinja_env.filters["combine"] = lambda first, second: {**first, **second}
    app.context_processor(_page_words)
    if hops := app.config["PROXY_HOPS"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _page_words() -> dict[str, Any]:
    """What every template may use."""
    return {
        "language": choose_language(),
        "languages": LANGUAGES,
        "theme": choose_theme(),
        "version": __version__,
        "csrf_token": generate_csrf,
    }
