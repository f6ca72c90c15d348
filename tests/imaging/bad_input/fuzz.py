"""A fuzzer: bytes of sound series changed by seeded chance, each taken the whole way.

``make fuzz SECONDS=600`` runs it for long; the suite runs a short form. A finding names its seed, and the
bytes that made it are kept under tests/artifacts.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.imaging.bad_input.damage import elements_of, retyped, revalued, wrong_types
from tests.imaging.bad_input.reader import MIB, Answer, Reader
from tests.imaging.bad_input.sound import DICOM, KINDS, MARK, series

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
_WILD = (
    b"\0", b"\xff", b"\x7f", b"\x80", b"\0\0", b"\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0",
    b"\xff\xff\xff\x7f",
    b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0", b"\xfe\xff\xdd\xe0", b"SQ", b"UN", b"OB", b"DS", b"NaN", b"\\",
    b"1e999", b"-", b"\0\0\xc0\x7f", b"\xff\xff\xff\xff\xff\xff\xef\x7f",
)  # fmt: skip
_MOST_FINDINGS = 100
_TYPES = tuple(wrong_types(MARK))


def mutated(files: list[bytes], chance: random.Random, is_dicom: bool) -> list[bytes]:
    """*files* with one of them changed in 1 to 8 places; sometimes by elements."""
    changed = list(files)
    n = chance.randrange(len(changed))
    if is_dicom and chance.random() < 0.3:
        changed[n] = _by_element(changed[n], chance)
    else:
        changed[n] = _by_bytes(changed[n], chance)
    return changed


def _by_bytes(whole: bytes, chance: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        if not data:
            break
        at = chance.randrange(len(data))
        match chance.randrange(7):
            case 0 | 1:
                data[at] = chance.randrange(256)
            case 2:
                data[at] ^= 1 << chance.randrange(8)
            case 3:
                wild = chance.choice(_WILD)
                data[at : at + len(wild)] = wild
            case 4:
                del data[at : at + chance.choice((1, 2, 4, 8, 64))]
            case 5:
                data[at:at] = chance.choice(_WILD) * chance.choice((1, 1, 4, 300))
            case 6:
                start = chance.randrange(len(data))
                data[at:at] = data[start : start + chance.choice((2, 8, 40, 200))]
    return bytes(data)


def _by_element(whole: bytes, chance: random.Random) -> bytes:
    element = chance.choice(elements_of(whole))
    match chance.randrange(4):
        case 0:
            vr, value = chance.choice(_TYPES)
            return retyped(whole, element, vr, value)
        case 1:
            return revalued(whole, element, chance.randbytes(chance.choice((0, 1, 2, 4, 8, 40))))
        case 2:
            number = chance.choice(("0", "-1", "1e9", "NaN", "1e308", "-0", "65536", "1\\2\\3", "0.1e-30"))
            return revalued(whole, element, number.encode())
    other = chance.choice(elements_of(whole))
    return whole[: element.start] + whole[other.start : other.end] + whole[element.end :]


def findings(reader: Reader, seed: int, count: int) -> Iterator[tuple[str, list[bytes], Answer]]:
    """What goes wrong with *count* changed series of every kind in turn."""
    for n in range(count):
        kind = KINDS[n % len(KINDS)]
        chance = random.Random(f"{seed}:{n}")
        files = mutated(series(kind), chance, kind in DICOM)
        answer = reader.read(files)
        if answer.wrong:
            yield f"{kind}-{seed}-{n}", files, answer


def save(name: str, files: list[bytes]) -> Path:
    """The files of a finding, kept for looking at."""
    folder = ARTIFACTS / f"fuzz-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    for n, data in enumerate(files):
        (folder / f"{n}.dcm").write_bytes(data)
    return folder


def main() -> int:
    """Run for the given time; the exit status says whether anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=None, help="by default another one each time")
    given = parser.parse_args()
    seed = int.from_bytes(os.urandom(4), "big") if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    ends, found, rounds = time.monotonic() + given.seconds, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(Path(folder))
        while time.monotonic() < ends and found < _MOST_FINDINGS:
            for name, files, answer in findings(reader, seed + rounds, 10 * len(KINDS)):
                found += 1
                print(f"{name}: {'; '.join(answer.wrong)} ({save(name, files)})", flush=True)
            rounds += 1
        reader.close()
    print(
        f"{rounds * 10 * len(KINDS)} series, {found} findings; at worst {reader.worst_seconds:.2f} s of "
        f"processor time and {reader.worst_memory / MIB:.0f} MiB"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
