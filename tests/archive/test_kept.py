"""What a process keeps stays within its bound, whatever the size of one value."""

from app.archive.kept import Kept


def kept() -> Kept[str]:
    return Kept(10, len)


def test_the_least_recently_used_go_when_the_weight_is_too_much() -> None:
    values = kept()
    values.put(("root", "a"), "1234")
    values.put(("root", "b"), "1234")
    assert values.get(("root", "a")) == "1234"
    values.put(("root", "c"), "123456")
    assert [values.get(("root", name)) for name in "abc"] == ["1234", None, "123456"]


def test_a_value_beyond_the_bound_is_kept_alone() -> None:
    values = kept()
    values.put(("root", "a"), "1")
    values.put(("root", "b"), "x" * 50)
    assert [values.get(("root", name)) is None for name in "ab"] == [True, False]
    values.put(("root", "c"), "1")
    assert [values.get(("root", name)) is None for name in "bc"] == [True, False]


def test_what_is_put_again_is_weighed_once_and_a_series_is_dropped_whole() -> None:
    values = kept()
    for _ in range(5):
        values.put(("root", "a", 1), "1234")
    values.put(("root", "a", 2), "12")
    values.put(("root", "b", 1), "1234")
    values.drop("a")
    assert [values.get(key) for key in (("root", "a", 1), ("root", "a", 2))] == [None, None]
    assert values.get(("root", "b", 1)) == "1234"
