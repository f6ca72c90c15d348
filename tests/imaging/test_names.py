"""Names by component groups, with the standard's examples."""

import pytest

from app.imaging.names import NameGroup, name_groups


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Doe^Jane", ("Doe, Jane",)),
        # PS3.5 6.2.1.1.1, example 1: Rev. John Robert Quincy Adams, B.A. M.Div.
        ("Adams^John Robert Quincy^^Rev.^B.A. M.Div.", ("Adams, Rev. John Robert Quincy B.A. M.Div.",)),
        ("Morrison-Jones^Susan^^^Ph.D., Chief Executive Officer",
         ("Morrison-Jones, Susan Ph.D., Chief Executive Officer",)),
        ("Doe^Jane^Mary^Dr^Jr", ("Doe, Dr Jane Mary Jr",)),
        ("Demo", ("Demo",)),
        ("^Jane", ("Jane",)),
        ("Pérez García^ María  José", ("Pérez García, María José",)),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", ("Yamada, Tarou", "山田 太郎")),
        ("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう", ("ﾔﾏﾀﾞ ﾀﾛｳ", "山田 太郎")),
        ("Hong^Gildong=洪^吉洞=홍^길동", ("Hong, Gildong", "洪 吉洞")),
        ("김희중", ("김희중",)),
        ("Wang^XiaoDong=王^小东=", ("Wang, XiaoDong", "王 小东")),
        ("=山田^太郎", ("山田 太郎",)),
        ("==やまだ^たろう", ("やまだ たろう",)),
        ("قباني^لنزار", ("قباني, لنزار",)),
        ("", ()),
        ("^^^^", ()),
        ("==", ()),
        ("a^b^c^d^e^f=g=h=i", ("a, d b c e", "g")),
    ],
)  # fmt: skip
def test_the_spellings_that_a_list_shows(stored: str, shown: tuple[str, ...]) -> None:
    assert name_groups(stored).written == shown


def test_each_component_has_its_name() -> None:
    groups = name_groups("Doe^Jane^Mary^Dr^Jr=山田^太郎=やまだ^たろう")
    assert groups.alphabetic == NameGroup("Doe", "Jane", "Mary", "Dr", "Jr")
    assert groups.every == ("Doe, Dr Jane Mary Jr", "山田 太郎", "やまだ たろう")
