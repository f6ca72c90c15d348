"""De-identified copies of data sets and files: PS3.15 Basic Profile, options, then the user's own values.

A :class:`Deidentifier` belongs to one run. Its key decides the new UIDs and pseudonyms: objects that
refer to each other keep doing so when one run copies them all, and two runs cannot be linked. The
originals are read, never written.

What a copy does not promise: nobody has looked at its pixels. Text painted into them, and a face that can
be rendered from a head scan, stay; :func:`warnings_for` tells of the first where the header gives a sign.
Comments inside compressed frames stay too, unless the last look finds a name in them and stops the export.

References
----------
PS3.15 Annex E.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydicom.charset import default_encoding
from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from app.imaging.deid_dummies import method_statements
from app.imaging.deid_fields import FIELD_BY_KEYWORD, Field, original_values, validate_override
from app.imaging.deid_file import cut_behind_pixels, encoding_of, file_meta, transfer_syntax, write_copy
from app.imaging.deid_identifiers import identifiers_of
from app.imaging.deid_overlays import clear_embedded_overlays
from app.imaging.deid_presets import preset_named, preset_values
from app.imaging.deid_preview import Fate, PreviewRow
from app.imaging.deid_profile import Action, RuleBook
from app.imaging.deid_refusal import identity_of, refuse_unsuitable, warnings_for
from app.imaging.deid_scan import all_codecs_of, codecs_of
from app.imaging.deid_search import search_terms
from app.imaging.deid_uids import UidMap
from app.imaging.deid_walk import Walk
from app.imaging.dicomfile import read_dataset
from app.imaging.errors import N_, InvalidElement, Message
from app.imaging.formats.inspect import refuse_other_formats
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.values import raw_value, uid

_CHARACTER_SET = 0x00080005
_UTF_8 = "ISO_IR 192"
_NO_OVERRIDES: Mapping[str, str] = {}
_NO_SERIES: Mapping[str, Mapping[str, str]] = {}


@dataclass(frozen=True)
class CopyReport:
    """What came of copying one file.

    Attributes
    ----------
    sop_instance_uid, series_instance_uid : str
        New UIDs of the copy.
    identifiers : frozenset of str
        Of the original: search every output of the run for them.
    encodings : tuple of str
        Python codecs of the original's character sets, for that search.
    warnings : tuple of Message
        What a person should look at.
    counts : mapping of str to int
        Elements removed, replaced and kept, nested ones counted.
    """

    sop_instance_uid: str
    series_instance_uid: str
    identifiers: frozenset[str]
    encodings: tuple[str, ...]
    warnings: tuple[Message, ...]
    counts: Mapping[Fate, int]


class Deidentifier:
    """One run: the same key, preset and values for everything it copies.

    Parameters
    ----------
    run_key : bytes
        At least 16 random bytes, a secret of the run.
    preset : str, optional
        Key of :data:`app.imaging.deid_presets.PRESETS`.
    overrides : mapping of str to str, optional
        Keyword to value, on top of the preset; "" leaves the field to the profile. They hold for all
        that this object copies: give each patient an object of his own (same key) where his name, ID
        or study is set by hand.
    series_overrides : mapping of str to mapping, optional
        By original Series Instance UID; fields of the series level only.

    Raises
    ------
    InvalidElement
        Unknown preset or field, a value that its field forbids, a patient's or study's field given
        for one series.
    ValueError
        The key is too short.
    """

    def __init__(
        self,
        run_key: bytes,
        preset: str = "anonymous",
        overrides: Mapping[str, str] = _NO_OVERRIDES,
        series_overrides: Mapping[str, Mapping[str, str]] = _NO_SERIES,
    ) -> None:
        self.uids = UidMap(run_key)
        self._run_key = run_key
        self._preset = preset_named(preset)
        self._overrides = {keyword: validate_override(keyword, text) for keyword, text in overrides.items()}
        self._series_overrides = {
            series: {keyword: _series_value(keyword, text) for keyword, text in values.items()}
            for series, values in series_overrides.items()
        }
        self._rules: dict[tuple[str, bool], RuleBook] = {}

    @property
    def typed(self) -> tuple[str, ...]:
        """The values set by hand: where one equals an original, the scan warns in place of blocking."""
        every = (self._overrides, *self._series_overrides.values())
        return tuple({text: None for values in every for text in values.values() if text})

    def fields(self, dataset: Dataset) -> dict[str, str]:
        """The value that each of the seventeen fields gets in the copy of *dataset*; "" = the profile's."""
        originals = original_values(dataset)
        series = uid(dataset, "SeriesInstanceUID") or ""
        preset = preset_values(self._preset.name, originals, self._run_key)
        return preset | self._overrides | self._series_overrides.get(series, {})

    def dataset(self, dataset: Dataset) -> Dataset:
        """A de-identified copy, with a file meta of its own.

        Raises
        ------
        UnsupportedData
            An object whose text cannot be cleaned: a report, a document, a waveform, …
        MissingElement
            It has no SOP Class or Instance UID.
        LimitExceeded
            Sequences too deep.
        """
        return self._copy(dataset)[0]

    def preview(self, dataset: Dataset) -> list[PreviewRow]:
        """What :meth:`dataset` does to each element, in the order of the data set, nested ones below.

        Raises
        ------
        UnsupportedData, MissingElement, LimitExceeded
            As :meth:`dataset`.
        """
        return self._copy(dataset, record=True)[1].rows

    def file(self, source: Path, target: Path, limits: ReadLimits = DEFAULT_LIMITS) -> CopyReport:
        """Write a de-identified copy of one file; its folder is made.

        Parameters
        ----------
        source, target : Path
            Original and copy. The copy has a zero preamble, a new file meta and nothing behind its
            data set; the name of *target* is the caller's, see :func:`export_name`.

        Raises
        ------
        ImagingError
            The original cannot be read, or as :meth:`dataset`; nothing is written then.
        """
        if source.resolve() == target.resolve():
            raise ValueError("a copy must not replace its original")
        refuse_other_formats(source)
        original = read_dataset(source, limits=limits)
        copy, walk, identifiers = self._copy(original)
        target.parent.mkdir(parents=True, exist_ok=True)
        syntax = copy.file_meta.TransferSyntaxUID
        write_copy(copy, target, original.original_encoding if syntax.is_private else (None, None))
        return CopyReport(
            sop_instance_uid=str(copy.SOPInstanceUID),
            series_instance_uid=str(copy.get("SeriesInstanceUID", "")),
            identifiers=identifiers,
            encodings=all_codecs_of(original),
            warnings=warnings_for(original),
            counts=dict(walk.counts),
        )

    def _copy(self, source: Dataset, record: bool = False) -> tuple[Dataset, Walk, frozenset[str]]:
        refuse_unsuitable(source)
        identifiers = identifiers_of(source)  # before the fields: decoding forgets the bytes
        fields = {FIELD_BY_KEYWORD[keyword]: text for keyword, text in self.fields(source).items()}
        settings = method_statements(self._preset)
        settings |= {field.tag: _element(field, text) for field, text in fields.items() if text}
        is_utf_8 = not all(_can_write(source, text) for text in fields.values())
        if is_utf_8:
            settings[_CHARACTER_SET] = DataElement(_CHARACTER_SET, "CS", _UTF_8)
        class_uid, instance_uid = identity_of(source)
        if not raw_value(source, "SOPClassUID"):
            settings[0x00080016] = DataElement(0x00080016, "UI", class_uid)
        if not raw_value(source, "SOPInstanceUID"):
            settings[0x00080018] = DataElement(0x00080018, "UI", self.uids.replacement(instance_uid))
        basic = self._book(class_uid, has_options=False)
        actions: dict[int, Action] = {
            field.tag: basic.action(field.tag) for field, text in fields.items() if not text
        }
        syntax = transfer_syntax(source)
        walk = Walk(
            self._book(class_uid, has_options=True),
            self.uids,
            search_terms(identifiers, all_codecs_of(source)),
            encoding=encoding_of(source, syntax),
            keep_bytes=not is_utf_8 and encoding_of(source, syntax) == source.original_encoding,
            record=record,
        )
        copy = walk.root(source, settings, actions)
        cut_behind_pixels(copy, source, syntax)
        clear_embedded_overlays(copy, source, syntax)
        copy.file_meta = file_meta(copy, syntax)
        copy.preamble = bytes(128)
        return copy, walk, identifiers

    def _book(self, class_uid: str, has_options: bool) -> RuleBook:
        key = (class_uid, has_options)
        if key not in self._rules:
            self._rules[key] = RuleBook(class_uid, self._preset.options if has_options else frozenset())
        return self._rules[key]


def export_name(series: int, image: int, study: int = 1) -> str:
    """The generated name of a copy, ``ST0001/SE0001/IM00001.dcm``; numbers count from 1."""
    if min(series, image, study) < 1:
        raise ValueError("numbers count from 1")
    return f"ST{study:04d}/SE{series:04d}/IM{image:05d}.dcm"


def _series_value(keyword: str, text: str) -> str:
    field = FIELD_BY_KEYWORD.get(keyword)
    if field is not None and field.level != "series":
        raise InvalidElement(
            N_("%(keyword)s %(tag)s belongs to the whole patient or study; it cannot be set for one series."),
            keyword=field.keyword,
            tag=field.tag_text,
        )
    return validate_override(keyword, text)


def _element(field: Field, text: str) -> DataElement:
    value = text.split("\\") if field.may_be_many and "\\" in text else text
    return DataElement(field.tag, field.vr, value, validation_mode=IGNORE)


# pydicom 3 writes ISO 2022 IR 58 without its escape sequence: other readers would not understand it.
_WRITTEN_BARE = frozenset(("iso_ir_58", "GB2312"))


def _can_write(dataset: Dataset, text: str) -> bool:
    """Whether the data set's own character set holds every character of *text* (PS3.3 C.12.1.1.2)."""
    if text.isascii():
        return True
    for codec in codecs_of(dataset):
        if codec == default_encoding:
            continue  # pydicom reads the default repertoire as Latin-1; only ASCII may be written in it
        if codec in _WRITTEN_BARE:
            continue
        try:
            text.encode(codec)
        except (UnicodeEncodeError, LookupError):
            continue
        return True
    return False
