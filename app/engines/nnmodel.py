"""nnInteractive's network: what a folder of weights says of itself, and loading it, once.

Loading unpickles: **a checkpoint can run code**. So the folder is the administrator's, never an upload.
"""

import builtins
import json
import os
import shutil
import threading
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from app.engines.base import EngineUnavailable
from app.engines.nnprompts import UNKNOWN_LICENCE, kinds_taken, licence_word
from app.imaging.errors import N_, Message

_NOT_INSTALLED = N_("nnInteractive is not installed on this server.")
_NO_FOLDER = N_("No weights of nnInteractive have been set up on this server.")
_NOT_WHOLE = N_("The folder of nnInteractive's weights lacks %(found)s.")
_NOT_READ = N_("The weights of nnInteractive cannot be loaded (%(found)s).")
_OFFICIAL = "Dataset225_nnInteractiveV2"  # published without a LICENSE file at first
_MOST_TEXT = 1 << 20
_TAKEN = {"points": True, "bbox2d": True, "scribble": True, "lasso": True}  # where the folder does not say


@dataclass(frozen=True)
class Folder:
    """What the files beside the weights say, read without loading them."""

    prompts: frozenset[Any]
    licence: str
    reason: Message | None = None


@dataclass(frozen=True)
class Model:
    """The network and what belongs to it: shared by all sessions, changed by none."""

    artifacts: dict[str, Any]
    device: Any
    licence: str
    patch_kji: tuple[int, int, int]


def read_folder(folder: Path | None) -> Folder:
    """What an engine on *folder* could do, or why there is none."""
    if not _is_installed():
        return Folder(frozenset(), "", Message(_NOT_INSTALLED))
    if folder is None:
        return Folder(frozenset(), "", Message(_NO_FOLDER))
    for name in ("plans.json", "dataset.json", "fold_*/checkpoint_final.pth"):
        if next(folder.glob(name), None) is None:
            return Folder(frozenset(), "", Message(_NOT_WHOLE, {"found": name}))
    try:
        info = _json(folder / "inference_info.json")
        licence = _licence(folder)
    except (OSError, ValueError):
        return Folder(frozenset(), "", Message(_NOT_WHOLE, {"found": "plans.json"}))
    supported = info.get("supported_interactions")
    return Folder(kinds_taken(_TAKEN | supported if isinstance(supported, dict) else _TAKEN), licence)


def has_gpu() -> bool:
    """Whether a CUDA device is likely, without importing torch: that costs seconds and half a gigabyte."""
    try:
        if metadata.version("torch").endswith("+cpu"):
            return False
    except metadata.PackageNotFoundError:
        return False
    return Path("/dev/nvidia0").exists() or shutil.which("nvidia-smi") is not None


def load_model(folder: Path, device_name: str, threads: int) -> Model:
    """The network of *folder* on *device_name*. To be called in the thread that predicts.

    Raises
    ------
    EngineUnavailable
    """
    try:
        torch, make_session = imported()
        device = torch.device(_device_name(torch, device_name))
        session = make_session(device=device, torch_n_threads=threads, interactions_storage="blosc2")
        try:
            artifacts = session._load_model_artifacts_from_disk(str(folder), None)
            session.initialize_from_loaded_artifacts(artifacts)
            session.warmup()  # cuDNN's choice of algorithms belongs to the thread; does nothing on a CPU
        finally:
            session.executor.shutdown(wait=False)
    except ImportError:
        raise EngineUnavailable(_NOT_INSTALLED) from None
    except Exception as error:
        # Anything may come out of files that are unpickled, and of drivers.
        raise EngineUnavailable(_NOT_READ, found=type(error).__name__) from error
    k, j, i = (int(n) for n in artifacts["configuration_manager"].patch_size)
    return Model(artifacts, device, licence_word(artifacts["license"]), (k, j, i))


def imported() -> tuple[Any, Any]:
    """torch and the session class, quiet: the class prints each click to the server's output."""
    import torch
    from nnInteractive.inference import inference_session

    with _import_lock:
        # Its own name "print" hides the built-in one there and nowhere else; redirecting standard
        # output would silence the whole process.
        if getattr(inference_session, "print", builtins.print) is builtins.print:
            inference_session.print = _say_nothing
    return torch, inference_session.nnInteractiveInferenceSession


_import_lock = threading.Lock()


def _say_nothing(*_words: object, **_options: object) -> None:
    """In place of the session's ``print``."""


def default_threads() -> int:
    """As many as there are cores, up to its own default; the number counts for the whole process."""
    return min(8, os.cpu_count() or 1)


def _is_installed() -> bool:
    try:
        # The thin client has the same package name: only the distributions tell them apart.
        metadata.version("nninteractive")
        metadata.version("torch")
    except metadata.PackageNotFoundError:
        return False
    return True


def _device_name(torch: Any, name: str) -> str:
    if name != "auto":
        return name
    return "cuda:0" if torch.cuda.is_available() else "cpu"


def _licence(folder: Path) -> str:
    """The first line of LICENSE, as the session itself reads it; else that of the official weights."""
    path = folder / "LICENSE"
    if path.is_file():
        with path.open(encoding="utf-8") as text:
            lines = (line.strip() for line in text.read(_MOST_TEXT).splitlines())
            if first := next((line for line in lines if line), ""):
                return licence_word(first[:200])
    is_official = _json(folder / "plans.json").get("dataset_name") == _OFFICIAL
    return "CC BY-NC-SA 4.0" if is_official else UNKNOWN_LICENCE


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else {}
