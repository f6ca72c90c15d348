"""The list of codes that a segment may be given."""

from tests.viewer.conftest import Reader


def test_codes_are_named_in_the_readers_language(volume: Reader) -> None:
    english = volume.client.get("/viewer/anatomy.json", headers={"Accept-Language": "en"}).json["concepts"]
    spanish = volume.client.get("/viewer/anatomy.json", headers={"Accept-Language": "es"}).json["concepts"]
    assert [one["value"] for one in english] == [one["value"] for one in spanish]
    (liver,) = [one for one in english if one["value"] == "10200004"]  # PS3.16 CID 7151
    assert (liver["scheme"], liver["meaning"], liver["name"]) == ("SCT", "Liver", "Liver")
    assert [one["name"] for one in spanish if one["value"] == "10200004"] == ["Hígado"]
