"""The application's own way from files to values, as an upload goes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.imaging.parts import Part, split_series
from app.imaging.plan import VolumePlan, plan_volume
from app.imaging.sliceheader import SliceHeader
from app.imaging.slices import read_slice_headers
from app.imaging.volume import Volume, build_volume, load_volume
from tests.conformance.case import require_same


@dataclass(frozen=True)
class Built:
    """A plan and the volume it made."""

    plan: VolumePlan
    volume: Volume

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a student is told of it."""
        return tuple(map(str, self.plan.warnings))

    @property
    def grid(self) -> str:
        """Its size, spacing and letters in words."""
        header = self.volume.header
        shape = " × ".join(map(str, header.shape_ijk))
        spacing = " × ".join(f"{one:.4g}" for one in header.spacing_mm)
        return f"{shape} voxels of {spacing} mm, axes to {header.orientation}"


def files_below(folder: Path) -> list[Path]:
    """All files of a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def headers_of(paths: Iterable[Path]) -> list[SliceHeader]:
    """The headers of all frames of all files."""
    return [header for path in paths for header in read_slice_headers(path)]


def parts_of(paths: Iterable[Path]) -> list[Part]:
    """What the files, taken as one series, are split into."""
    headers = headers_of(paths)
    parts = split_series(headers)
    require_same("images in parts", sum(len(part.headers) for part in parts), len(headers))
    return parts


def only_part(paths: Iterable[Path]) -> Part:
    """The one part of a series that has no more."""
    parts = parts_of(paths)
    require_same("parts", [str(part.label) for part in parts], [str(parts[0].label)])
    return parts[0]


def build(headers: Sequence[SliceHeader], folder: Path, name: str = "volume") -> Built:
    """The volume of *headers*."""
    plan = plan_volume(headers)
    path = folder / f"{name}.npy"
    header = build_volume(plan, path)
    return Built(plan, load_volume(path, header))


def build_phases(part: Part, folder: Path) -> list[Built]:
    """The volumes of a part, one for each phase."""
    return [build(phase, folder, f"phase{n}") for n, phase in enumerate(part.phases)]
