"""Numbers, units and names of planes, colour maps and phases, as the viewer writes them."""

from flask_babel import gettext as _

from app.imaging.colormap import COLORMAPS

_MINUS = "\N{MINUS SIGN}"
_NO_BREAK = "\N{NO-BREAK SPACE}"


def figure(value: float, decimals: int = 2) -> str:
    """A number with as many decimals as it needs, and a real minus sign."""
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return _MINUS + text[1:] if text.startswith("-") and text.strip("-0.") else text.lstrip("-")


def plane_words() -> dict[str, str]:
    """The planes' names."""
    return {
        "axial": _("Axial"),
        "sagittal": _("Sagittal"),
        "coronal": _("Coronal"),
        "stack": _("Images"),
        "facts": _("Series facts"),
    }


def colormap_words() -> dict[str, str]:
    """The colour maps' names; most are names of their own."""
    words = {name: name.capitalize() for name in COLORMAPS}
    return words | {
        "gray": _("Grey"),
        "bone": _("Bone"),
        "pet": _("PET (hot iron)"),
        "spectral": _("Spectral"),
    }


def unit_words() -> dict[str, str]:
    """Units as files name them, in the words of people who measure; what is not here is shown as it is."""
    return {
        "HU": _("HU"),
        "US": "",  # unspecified, PS3.3 C.11.1.1.2
        "BQML": "Bq/ml",
        "GML": "g/ml",
        "MGML": "mg/ml",
        "PCT": "%",
        "OD": "mOD",  # thousandths of optical density
    }


def shown_unit(unit: str) -> str:
    """The unit in the user's language."""
    return unit_words().get(unit, unit)


def phase_words() -> dict[str, str]:
    """What sets the volumes of one part apart."""
    return {
        "time": _("Time"),
        "b_value": _("b-value"),
        "echo": _("Echo"),
        "cardiac": _("Cardiac phase"),
        "kind": _("Image kind"),
        "acquisition": _("Acquisition"),
        "frame": _("Volume"),
        "copy": _("Volume"),
    }


def phase_label(unit: str, value: float | str) -> str:
    """One phase in words: "b-value 1000 s/mm²" without its first word; a direction after the unit."""
    text, *direction = value.split(" [", 1) if isinstance(value, str) else [figure(value)]
    text = f"{text}{_NO_BREAK}{unit}" if unit else text
    if not direction:
        return text
    # A direction stays on one line.
    return f"{text} [{direction[0].replace(' ', _NO_BREAK).replace('-', _MINUS)}"
