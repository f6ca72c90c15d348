"""Where files lie, and who may look."""

from pathlib import Path

from app.storage.store import Store


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_every_folder_is_the_servers_alone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    temporary = store.incoming / "x"
    temporary.write_bytes(b"x")
    store.adopt_all([(temporary, store.original("owner", "ab" * 32))])
    store.make_series_folder("series")
    store.job_result("job", ".zip").write_bytes(b"x")
    assert store.quarantine.is_dir()
    folders = [path for path in tmp_path.rglob("*") if path.is_dir()]
    assert {path.name for path in folders} >= {"incoming", "originals", "owner", "ab", "derived", "series"}
    assert {mode(folder) for folder in folders} == {0o700}
