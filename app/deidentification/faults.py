"""What can be wrong with a request to this feature."""

from typing import Any

from app.imaging.errors import InvalidElement, TriplanoError


class InvalidOrder(TriplanoError):
    """A part of the request's JSON that cannot be meant; ``field`` names it."""

    code = "invalid"

    def __init__(self, field: str, template: str, /, **values: Any) -> None:
        super().__init__(template, **values)
        self.field = field


class InvalidOverride(InvalidElement):
    """A value that cannot stand in its element; ``field`` is the element's keyword."""

    code = "invalid"

    def __init__(self, field: str, fault: InvalidElement) -> None:
        super().__init__(fault.message.template, **fault.message.values)
        self.field = field
