"""The segments of a segmentation as files of other programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.archive.errors import BadParameter
from app.imaging.errors import N_
from app.models import Segmentation
from app.storage.store import Store

FORMATS = ("seg", "rtstruct", "nifti", "nrrd", "stl", "obj", "ply")


@dataclass(frozen=True)
class ExportedFile:
    """A file for the caller; its name says nothing of the patient."""

    name: str
    mimetype: str
    content: bytes


def exported(
    segmentation: Segmentation, arguments: Mapping[str, str], store: Store, settings: Mapping[str, Any]
) -> ExportedFile:
    """The formats of ``format``, the segments of ``segments`` (all without it).

    Raises
    ------
    BadParameter
    """
    template = N_("%(field)s is “%(found)s”; one or several of %(known)s are wanted.")
    raise BadParameter("format", template, arguments.get("format", ""), known=", ".join(FORMATS))
