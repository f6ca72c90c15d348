"""What keeps images from being one block, before anything is asked of where they lie.

References
----------
PS3.3 C.7.6.2 (Image Plane), C.11.1 (Modality LUT).
"""

from collections.abc import Iterable, Sequence

from app.imaging.errors import N_, NotAVolume
from app.imaging.sliceheader import SliceHeader

SAME_COSINE = 1e-3
SAME_SPACING = 1e-3
_MOST_KINDS = 64


def check_images(headers: Sequence[SliceHeader]) -> None:
    """Whether *headers* are alike, grey, rescaled, and say where they lie.

    Raises
    ------
    NotAVolume
        They are not; the message says why, with numbers.
    """
    _check_kinds(headers)
    _check_geometry(headers)
    _check_alike(headers)


def different(rows: Sequence[tuple[float, ...]], tolerance: float) -> int:
    """How many of *rows* differ from each other by more than *tolerance*, up to a handful."""
    kinds: list[tuple[float, ...]] = []
    for row in rows:
        if not any(max(abs(a - b) for a, b in zip(row, kind, strict=True)) <= tolerance for kind in kinds):
            kinds.append(row)
        if len(kinds) > _MOST_KINDS:
            break
    return len(kinds)


def _check_kinds(headers: Sequence[SliceHeader]) -> None:
    """What kind of images these are."""
    total = len(headers)
    if total == 0:
        raise NotAVolume(N_("The series has no images."))
    if total == 1:
        raise NotAVolume(N_("There is only 1 image; a volume needs at least 2."))
    colour = sum(header.layout.is_colour for header in headers)
    if colour:
        raise NotAVolume(N_("%(count)s of %(total)s images are in colour."), count=colour, total=total)
    scouts = sum("LOCALIZER" in header.image_type for header in headers)
    if scouts:
        raise NotAVolume(N_("%(count)s of %(total)s images are localizers."), count=scouts, total=total)
    broken = sum(not header.rescale.is_usable for header in headers)
    if broken:
        raise NotAVolume(
            N_(
                "Rescale Slope (0028,1053) or Intercept (0028,1052) is unusable "
                "in %(count)s of %(total)s images."
            ),
            count=broken,
            total=total,
        )


def _check_geometry(headers: Sequence[SliceHeader]) -> None:
    """Whether each image says where it lies."""
    total = len(headers)
    for attribute, template in (
        (
            "orientation",
            N_(
                "Image Orientation (Patient) (0020,0037) is missing or unusable "
                "in %(count)s of %(total)s images."
            ),
        ),
        (
            "position",
            N_(
                "Image Position (Patient) (0020,0032) is missing or unusable "
                "in %(count)s of %(total)s images."
            ),
        ),
        ("spacing", N_("Pixel Spacing (0028,0030) is missing or unusable in %(count)s of %(total)s images.")),
    ):
        absent = sum(getattr(header, attribute) is None for header in headers)
        if absent:
            raise NotAVolume(template, count=absent, total=total)
    projected = sum(header.spacing_source in ("detector", "magnified") for header in headers)
    if projected:
        raise NotAVolume(
            N_("%(count)s of %(total)s images are projections: their millimetres are not the patient's."),
            count=projected,
            total=total,
        )


def _check_alike(headers: Sequence[SliceHeader]) -> None:
    """Whether all images have one size, spacing, direction and frame of reference."""
    first = headers[0]
    sizes = sorted({(header.columns, header.rows) for header in headers})
    if len(sizes) > 1:
        raise NotAVolume(
            N_("The images have %(count)s different sizes: %(sizes)s."),
            count=len(sizes),
            sizes=_listed(f"{columns} × {rows}" for columns, rows in sizes),
        )
    turned = different([header.orientation or () for header in headers], SAME_COSINE)
    if turned > 1:
        raise NotAVolume(N_("The images have %(count)s different orientations."), count=turned)
    spacings = [header.spacing or (0.0, 0.0) for header in headers]
    if different(spacings, SAME_SPACING * min(first.spacing or (1.0,))) > 1:
        unique = sorted({f"{rows:g} × {columns:g} mm" for rows, columns in spacings})
        raise NotAVolume(
            N_("The images have %(count)s different pixel spacings: %(spacings)s."),
            count=len(unique),
            spacings=_listed(unique),
        )
    frames = {header.frame_of_reference_uid for header in headers}
    if len(frames) > 1:
        raise NotAVolume(N_("The images belong to %(count)s frames of reference."), count=len(frames))
    units = {(header.rescale.unit, header.layout.photometric, header.modality) for header in headers}
    if len(units) > 1:
        raise NotAVolume(
            N_("The images mix %(count)s units or photometric interpretations."), count=len(units)
        )


def _listed(texts: Iterable[str]) -> str:
    items = list(texts)
    return ", ".join(items[:4]) + (", …" if len(items) > 4 else "")
