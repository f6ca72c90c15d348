"""The JSON that requests carry, for every feature alike."""

from typing import Any

from flask.json.provider import DefaultJSONProvider


class JsonBodies(DefaultJSONProvider):
    """Flask's own; but what is nested too deep to be read is bad JSON, and no fault of the server."""

    def loads(self, s: str | bytes, **options: Any) -> Any:
        """The value of *s*.

        Raises
        ------
        ValueError
        """
        try:
            return super().loads(s, **options)
        except RecursionError:
            raise ValueError("nested too deep") from None
