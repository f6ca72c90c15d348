"""Sizes and counts in messages and pages: point for decimals, comma for thousands."""

_UNITS = ("B", "KB", "MB", "GB", "TB")


def size_text(size: int) -> str:
    """*size* bytes in three figures and a unit; a GB is 1024 MB, as in the settings."""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    figures = 0 if value >= 99.95 or unit == 0 else 1 if value >= 9.995 else 2
    text = f"{value:.{figures}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}\N{NO-BREAK SPACE}{_UNITS[unit]}"


def count_text(count: int) -> str:
    """*count* with commas between thousands."""
    return f"{count:,}"
