"""Outlining by clicks: the protocol of the CVPR 2025 interactive challenge, on real cases and a phantom.

Five clicks a case: the largest component (26 neighbours) of what is wrong, its padded distance transform,
one of the deepest voxels by chance with a fixed seed; the sign is the truth's. After each click DSC and
NSD (surface Dice) at 2 mm, NSD nought where DSC is 0.2 or less; AUC is the trapezoid over the five (at
most 4). A failure counts as zeros. Real cases and phantoms are reported apart, and so are the artificial
regions of the liver SEG, which follow no edge of the image. What is not there (the shared test data, a
peer) is skipped and said so.

    python benchmarks/segmentation.py                        all cases, the embedded engine and the peers
    python benchmarks/segmentation.py --quick                small cases, the embedded engine alone
    python benchmarks/segmentation.py --engines embedded,watershed,walker --jitter 2 --csv FILE
    python benchmarks/segmentation.py --challenge 3D_val_npz --truths GTS    the challenge's own folders
"""

import argparse
import csv
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from segmentation_cases import Case, challenge_cases, phantom_cases, real_cases
from segmentation_peers import walker_session, watershed_session

from app.engines.base import Box, EngineVolume, Point
from app.engines.embedded import EmbeddedEngine
from app.imaging.segmentmetrics import compare_masks
from app.imaging.segments import BoxMask

SHARED = Path(os.environ.get("TRIPLANO_SHARED", Path(__file__).resolve().parents[2] / "shared"))
CLICKS = 5
GOALS = {1: 0.70, 3: 0.80, 5: 0.84}
_LEAST_DSC = 0.2
_FELL, _FELL_MUCH = 1e-4, 0.01
Sessions = dict[str, Callable[[EngineVolume], Any]]


@dataclass
class Result:
    """One case by one engine: a value after each click."""

    engine: str
    case: Case
    prompt: str
    dsc: list[float]
    nsd: list[float]
    seconds: list[float]
    fault: str = ""

    @property
    def auc(self) -> tuple[float, float]:
        return float(np.trapezoid(self.dsc[-CLICKS:])), float(np.trapezoid(self.nsd[-CLICKS:]))


def main() -> int:
    """Measure what can be, print the tables; 1 when a goal is missed by the embedded engine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="small cases, the embedded engine alone")
    parser.add_argument("--engines", default="embedded,watershed,walker")
    parser.add_argument("--jitter", type=int, default=0, help="clicks are off by up to so many voxels")
    parser.add_argument("--box", action="store_true", help="a box round the object before the clicks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--challenge", type=Path, help="folder of the challenge's images (.npz)")
    parser.add_argument("--truths", type=Path, help="folder of the challenge's masks, where apart")
    options = parser.parse_args()
    known: Sessions = {
        "embedded": EmbeddedEngine().open,
        "watershed": watershed_session,
        "walker": walker_session,
    }
    engines = ["embedded"] if options.quick else options.engines.split(",")
    EmbeddedEngine().open(next(phantom_cases(1)).volume).add(
        Point((10, 10, 10))
    )  # compiled before it is timed
    results: list[Result] = []
    for case in _cases(options):
        for name in engines:
            result = measure(case, name, known[name], options.seed, options.jitter, box=options.box)
            results.append(result)
            print(_line(result), flush=True)
    if options.csv:
        write_csv(results, options.csv)
    held = [
        _summary(results, name, kind) for name in engines for kind in sorted({r.case.kind for r in results})
    ]
    return int(not all(held))


def _cases(options: argparse.Namespace) -> Iterator[Case]:
    if options.challenge:
        yield from challenge_cases(options.challenge, options.truths or options.challenge)
        return
    yield from phantom_cases(1 if options.quick else 2)
    yield from real_cases(SHARED / "data", small=options.quick)


def measure(
    case: Case, name: str, opened: Callable[[EngineVolume], Any], seed: int, jitter: int, *, box: bool
) -> Result:
    """All prompts of one case by one engine."""
    rng = np.random.default_rng(seed)
    result = Result(name, case, "box+points" if box else "points", [], [], [])
    mask = np.zeros(case.truth.shape, np.bool_)
    try:
        session = opened(case.volume)
        if box:
            own = BoxMask.of(case.truth).box_ijk
            _take(session, Box(*own), mask, result, case)
        for _ in range(CLICKS):
            found = next_click(mask, case.truth, rng, jitter)
            if found is None:
                _note(result, mask, case, 0.0)
                continue
            _take(session, Point(*found), mask, result, case)
        session.close()
    except Exception as fault:
        result.fault = type(fault).__name__
    missing = CLICKS + int(box) - len(result.dsc)
    for values in (result.dsc, result.nsd, result.seconds):
        values.extend([0.0] * missing)
    return result


def _take(session: Any, prompt: Point | Box, mask: Any, result: Result, case: Case) -> None:
    begun = time.perf_counter()
    change = session.add(prompt)
    took = time.perf_counter() - begun
    if change.voxels.size:
        i, j, k = change.first_ijk
        depth, height, width = change.voxels.shape
        mask[k : k + depth, j : j + height, i : i + width] = change.voxels
    _note(result, mask, case, took)


def _note(result: Result, mask: Any, case: Case, took: float) -> None:
    found = compare_masks(BoxMask.of(mask), BoxMask.of(case.truth), case.volume.grid)
    result.dsc.append(found.dice)
    result.nsd.append(found.surface_dice if found.dice > _LEAST_DSC else 0.0)
    result.seconds.append(took)


def next_click(mask: Any, truth: Any, rng: Any, jitter: int) -> tuple[tuple[int, int, int], bool] | None:
    """Where the challenge would click next, (i, j, k), and whether it includes; None: nothing is wrong."""
    from scipy.ndimage import distance_transform_edt, label

    wrong = BoxMask.of(mask ^ truth)
    if not wrong.voxels.size:
        return None
    labels, _ = label(wrong.voxels, np.ones((3, 3, 3)))
    counts = np.bincount(labels.ravel())
    counts[0] = 0
    largest = BoxMask.of(labels == counts.argmax())
    depth = distance_transform_edt(np.pad(largest.voxels, 1))[1:-1, 1:-1, 1:-1]
    deepest = np.argwhere(depth == depth.max())
    at = deepest[rng.integers(len(deepest))] + np.add(largest.origin_ijk, wrong.origin_ijk)[::-1]
    if jitter:
        at = np.clip(at + rng.integers(-jitter, jitter + 1, 3), 0, np.array(truth.shape) - 1)
    k, j, i = (int(value) for value in at)
    return (i, j, k), bool(truth[k, j, i])


def _line(result: Result) -> str:
    name = f"{result.engine:10} {result.case.kind:10} {result.case.name[:26]:26}"
    return (
        f"{name} DSC {' '.join(f'{v:.2f}' for v in result.dsc)}  {max(result.seconds):.2f} s {result.fault}"
    )


def _summary(results: list[Result], engine: str, kind: str) -> bool:
    some = [r for r in results if r.engine == engine and r.case.kind == kind]
    dsc, nsd = np.array([r.dsc for r in some]), np.array([r.nsd for r in some])
    failures = sum(bool(r.fault) for r in some)
    seconds = np.concatenate([r.seconds for r in some])
    rng = np.random.default_rng(0)
    means = [dsc[rng.integers(0, len(dsc), len(dsc)), -1].mean() for _ in range(1000)]
    low, high = np.quantile(means, (0.025, 0.975))
    print(f"\n{engine}, {kind}, n = {len(some)}")
    print("  DSC after each prompt  " + " ".join(f"{v:.3f}" for v in dsc.mean(axis=0)), end="")
    print(f"   (95 % of the last: {low:.2f}–{high:.2f})")
    print("  NSD at 2 mm            " + " ".join(f"{v:.3f}" for v in nsd.mean(axis=0)))
    auc = np.mean([r.auc for r in some], axis=0)
    worst = np.quantile(dsc[:, -1], 0.1)
    print(f"  AUC DSC {auc[0]:.2f}, NSD {auc[1]:.2f};  worst decile {worst:.2f};  failures {failures}")
    falls = np.diff(dsc)
    much = (falls < -_FELL_MUCH).mean()
    print(f"  Dice falls in {(falls < -_FELL).mean():.1%} of steps, by more than 0.01 in {much:.1%};")
    print(f"  seconds: median {np.median(seconds):.2f}, 95 % {np.quantile(seconds, 0.95):.2f}")
    if engine != "embedded" or kind != "real":
        return True
    return all(dsc[:, clicks - 1].mean() >= goal for clicks, goal in GOALS.items())


def write_csv(results: list[Result], path: Path) -> None:
    """A row for each case and engine."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        steps = range(1, len(results[0].dsc) + 1)
        values = [*(f"dsc_{n}" for n in steps), *(f"nsd2mm_{n}" for n in steps), "auc_dsc", "auc_nsd"]
        writer.writerow(["engine", "kind", "case", "prompt", *values, "median_s", "max_s", "fault"])
        for r in results:
            numbers = [*r.dsc, *r.nsd, *r.auc]
            times = [f"{np.median(r.seconds):.2f}", f"{max(r.seconds):.2f}"]
            writer.writerow(
                [
                    r.engine,
                    r.case.kind,
                    r.case.name,
                    r.prompt,
                    *(f"{v:.3f}" for v in numbers),
                    *times,
                    r.fault,
                ]
            )


if __name__ == "__main__":
    raise SystemExit(main())
