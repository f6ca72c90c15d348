"""The codes with which marks stand in a structured report, for writing it and for reading it back.

A code is (value, scheme, meaning). ``99TRIPLANO`` is our own scheme: it says which of our kinds a mark is,
where the geometry alone does not (a rectangle is a polygon too).

References
----------
PS3.16 TID 1500, 1501, 1410, 300; CID 7464 (derivations), 7470 (linear), 218 (intensities); UCUM.
"""

Code = tuple[str, str, str]

SCHEME = "99TRIPLANO"
DEVICE_UID = "2.25.216478304972133127893541090347614905367"
"""Of the observer "Triplano" in every report: made once at random; it names the program, no machine."""

IMAGING_MEASUREMENTS: Code = ("126010", "DCM", "Imaging Measurements")
MEASUREMENT_GROUP: Code = ("125007", "DCM", "Measurement Group")
TRACKING_IDENTIFIER: Code = ("112039", "DCM", "Tracking Identifier")
TRACKING_UID: Code = ("112040", "DCM", "Tracking Unique Identifier")
FINDING: Code = ("121071", "DCM", "Finding")
TIME_POINT: Code = ("C2348792", "UMLS", "Time Point")
PROCEDURE: Code = ("363679005", "SCT", "Imaging procedure")
KIND: Code = ("mark-kind", SCHEME, "Kind of mark")

KINDS: dict[str, str] = {
    "length": "Length",
    "bidirectional": "Two diameters",
    "angle": "Angle",
    "cobb": "Cobb angle",
    "ellipse": "Ellipse",
    "ellipse-second": "Ellipse whose second half axis is the longer one",
    "rectangle": "Rectangle",
    "freehand": "Freehand region",
    "arrow": "Arrow",
    "probe": "Probe",
    "keyimage": "Key image",
}
"""Value → meaning of :data:`KIND`. ELLIPSE stores the longer axis first, a mark as it was drawn."""

MEASURES: dict[str, Code] = {
    "length": ("410668003", "SCT", "Length"),
    "long_axis": ("103339001", "SCT", "Long axis"),
    "short_axis": ("103340004", "SCT", "Short axis"),
    "angle": ("1483009", "SCT", "Angle"),
    "cobb_angle": ("285285000", "SCT", "Cobb angle"),
    "area": ("42798000", "SCT", "Area"),
    "perimeter": ("131191004", "SCT", "Perimeter"),
}
DERIVATIONS: dict[str, Code] = {
    "mean": ("373098007", "SCT", "Mean"),
    "std": ("386136009", "SCT", "Standard Deviation"),
    "min": ("255605001", "SCT", "Minimum"),
    "max": ("56851009", "SCT", "Maximum"),
}
# Other schemes' codes for the two diameters (SNOMED RT, as OHIF wrote them until 2021).
LONG_AXIS = frozenset(("103339001", "G-A185"))
SHORT_AXIS = frozenset(("103340004", "G-A186"))
DEGREES = "deg"

_UNITS: dict[str, Code] = {
    "mm": ("mm", "UCUM", "millimeter"),
    "mm²": ("mm2", "UCUM", "square millimeter"),
    "px": ("{pixels}", "UCUM", "pixels"),
    "px²": ("{square_pixels}", "UCUM", "square pixels"),
    "°": (DEGREES, "UCUM", "degree"),
    "HU": ("[hnsf'U]", "UCUM", "Hounsfield unit"),
    "SUVbw": ("{SUVbw}g/ml", "UCUM", "Standardized Uptake Value body weight"),
    "Bq/ml": ("Bq/ml", "UCUM", "Becquerels/milliliter"),
    "BQML": ("Bq/ml", "UCUM", "Becquerels/milliliter"),
    "": ("1", "UCUM", "no units"),
}


def unit_code(unit: str) -> Code:
    """The UCUM code of *unit*; what UCUM does not know stands in it as an annotation."""
    if unit in _UNITS:
        return _UNITS[unit]
    plain = "".join(letter for letter in unit if letter.isascii() and (letter.isalnum() or letter in "_/-"))
    return (f"{{{plain[:14]}}}", "UCUM", unit[:64]) if plain else _UNITS[""]


def intensity_code(modality: str, unit: str) -> Code:
    """What a pixel's value is, of which mean and deviation are told."""
    if unit == "HU":
        return ("112031", "DCM", "Attenuation Coefficient")
    if unit == "SUVbw":
        return ("126401", "DCM", "SUVbw")
    if modality == "MR":
        return ("110852", "DCM", "MR signal intensity")
    return ("pixel-value", SCHEME, "Pixel value")
