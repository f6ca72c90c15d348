"""Frames of several binary segmentations joined into one, in the order that their dimensions want.

References
----------
PS3.3 C.7.6.17 (Multi-frame Dimension); PS3.5 8.1.1 and 8.2: bits of a binary frame follow those of the
frame before without a gap, the first in the lowest bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

_BITS = 8


@dataclass(frozen=True)
class _Frame:
    item: Dataset
    pixels: bytes
    number: int

    @property
    def segment(self) -> int:
        return int(self.item.SegmentIdentificationSequence[0].ReferencedSegmentNumber)

    @property
    def place(self) -> int:
        return int(self.item.FrameContentSequence[0].InStackPositionNumber)


class JoinedFrames:
    """Frames of *count* pixels each, collected and written as one."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._frames: list[_Frame] = []

    def add(self, items: Sequence[Dataset], pixels: bytes) -> None:
        """The frames of one file: the functional groups of each, and its Pixel Data."""
        self._frames += [_Frame(item, pixels, number) for number, item in enumerate(items)]

    def write(self, document: Dataset, ascending: bool) -> None:
        """Put all frames into *document*, by segment, then by place."""
        sign = 1 if ascending else -1
        frames = sorted(self._frames, key=lambda frame: (frame.segment, sign * frame.place))
        places = sorted({frame.place for frame in frames}, reverse=not ascending)
        rank = {place: n for n, place in enumerate(places, 1)}
        for frame in frames:
            frame.item.FrameContentSequence[0].DimensionIndexValues = [frame.segment, rank[frame.place]]
        document.PerFrameFunctionalGroupsSequence = [frame.item for frame in frames]
        document.NumberOfFrames = len(frames)
        # Eight frames fill whole bytes, whatever their size.
        groups = (frames[begin : begin + _BITS] for begin in range(0, len(frames), _BITS))
        pixels = b"".join(self._packed(group) for group in groups)
        document.PixelData = pixels + b"\0" * (len(pixels) % 2)

    def _packed(self, frames: Sequence[_Frame]) -> bytes:
        if self._count % _BITS == 0:
            size = self._count // _BITS
            return b"".join(frame.pixels[frame.number * size : (frame.number + 1) * size] for frame in frames)
        bits = []
        for frame in frames:
            first, end = frame.number * self._count, (frame.number + 1) * self._count
            around = np.frombuffer(frame.pixels[first // _BITS : -(-end // _BITS)], np.uint8)
            unpacked = np.unpackbits(around, bitorder="little")
            bits.append(unpacked[first % _BITS :][: self._count])
        return np.packbits(np.concatenate(bits), bitorder="little").tobytes()
