"""Which features there are; each brings its blueprint and its commands."""

from importlib import import_module

from flask import Flask

FEATURES = (
    "accounts",
    "admin",
    "studies",
    "viewer",
    "workspace",
    "reports",
    "segmentation",
    "scene3d",
    "deidentification",
    "jobs",
    "demo",
    "health",
)


def register_features(app: Flask) -> None:
    """Let each feature attach itself: ``app.<feature>.register(app)``."""
    for name in FEATURES:
        import_module(f"app.{name}").register(app)
