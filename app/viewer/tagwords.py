"""What common elements of a DICOM header mean, in plain words: keyword → a template of the catalogue.

The words are for students who see a header for the first time: what the element says, and what it is
mistaken for. They are ours; the elements are those of PS3.6.
"""

from collections.abc import Iterable

from flask_babel import gettext

from app.imaging.errors import N_

WORDS: dict[str, str] = {
    # Identification
    "PatientName": N_("The patient's name, family name first; a caret (^) stands between its parts."),
    "PatientID": N_("The number under which the hospital files the patient. It is not unique in the world."),
    "IssuerOfPatientID": N_("Which institution gave out the patient's number."),
    "PatientBirthDate": N_("The patient's day of birth, year first."),
    "PatientSex": N_("M for male, F for female, O for other."),
    "PatientAge": N_("The age on the day of the study: 045Y is 45 years, 006M six months."),
    "PatientWeight": N_("The weight in kilograms. Uptake values in PET (SUV) are computed from it."),
    "PatientSize": N_("The height in metres."),
    "PatientPosition": N_(
        "How the patient lay when scanned: HFS is head first, on the back; FFP feet first, face down."
    ),
    "PatientComments": N_("Free remarks about the patient. They may hold names."),
    "PatientIdentityRemoved": N_("YES when names and numbers that identify the patient were taken out."),
    "DeidentificationMethod": N_("How the patient's identity was removed."),
    "BurnedInAnnotation": N_("Whether the pixels themselves show text that may identify the patient."),
    "StudyInstanceUID": N_(
        "The number, unique in the world, that holds together everything of one examination."
    ),
    "SeriesInstanceUID": N_(
        "The number, unique in the world, of one series: images of one run or reconstruction."
    ),
    "SOPInstanceUID": N_("The number, unique in the world, of this very image or object."),
    "SOPClassUID": N_("What kind of object this is: a CT image, an ultrasound clip, a report …"),
    "FrameOfReferenceUID": N_(
        "Images with the same number share one coordinate system: the same millimetres are the same place."
    ),
    "StudyDate": N_("The day on which the examination began."),
    "StudyTime": N_("The time of day at which the examination began."),
    "SeriesDate": N_("The day on which this series began."),
    "SeriesTime": N_("The time of day at which this series began. SUV are corrected for decay up to it."),
    "AcquisitionDate": N_("The day on which the data of this image were taken."),
    "AcquisitionTime": N_("The time of day at which the data of this image were taken."),
    "ContentDate": N_("The day on which the image was made, which may be after the scan."),
    "ContentTime": N_("The time at which the image was made."),
    "InstanceCreationDate": N_("The day on which this file's object was written."),
    "AccessionNumber": N_("The number of the order in the radiology department's system."),
    "StudyID": N_("A short number of the study, given by the scanner."),
    "StudyDescription": N_("What the examination is called, in the words of the department."),
    "SeriesDescription": N_("What the series is called: body part, phase, plane, kernel …"),
    "SeriesNumber": N_("The number of the series within the study. It says nothing about time."),
    "AcquisitionNumber": N_("Counts the runs of the scanner within the series."),
    "InstanceNumber": N_(
        "The number of the image within the series. Places are to be taken from Image Position, not from it."
    ),
    "ReferringPhysicianName": N_("The physician who asked for the examination."),
    "PerformingPhysicianName": N_("The physician who carried out the examination."),
    "OperatorsName": N_("The technologist who ran the scanner."),
    "Modality": N_(
        "The kind of machine: CT, MR, PT (PET), US (ultrasound), CR and DX (X-ray), MG (mammography) …"
    ),
    "BodyPartExamined": N_("The body part, in one word such as CHEST."),
    "Laterality": N_("R or L: which of two paired body parts."),
    "ProtocolName": N_("The scanner's programme for this run."),
    "RequestedProcedureDescription": N_("What was asked for."),
    "PerformedProcedureStepDescription": N_("What was done."),
    # Equipment
    "Manufacturer": N_("Who built the scanner."),
    "ManufacturerModelName": N_("The scanner's model."),
    "StationName": N_("The scanner's name in the hospital's network."),
    "DeviceSerialNumber": N_("The scanner's serial number."),
    "SoftwareVersions": N_("The version of the scanner's software."),
    "InstitutionName": N_("The hospital."),
    "InstitutionAddress": N_("The hospital's address."),
    "InstitutionalDepartmentName": N_("The department within the hospital."),
    "MagneticFieldStrength": N_("The strength of the magnet in tesla."),
    # Geometry
    "ImagePositionPatient": N_(
        "Where the centre of the first pixel lies: x to the patient's left, y to the back, z to the "
        "head, in mm."
    ),
    "ImageOrientationPatient": N_(
        "Two directions in the patient: along a row of pixels, then down a column."
    ),
    "PixelSpacing": N_("Distance between pixel centres in mm: between rows first, then between columns."),
    "ImagerPixelSpacing": N_(
        "Pixel spacing at the detector. In the patient lengths are smaller, since the beam spreads."
    ),
    "NominalScannedPixelSpacing": N_("Pixel spacing of a film that was scanned."),
    "PixelAspectRatio": N_("Height to width of a pixel, where its size in mm is not known."),
    "EstimatedRadiographicMagnificationFactor": N_(
        "How many times larger things look at the detector than they are."
    ),
    "SliceThickness": N_("How thick a slice is, in mm. It is not the distance to the next one."),
    "SpacingBetweenSlices": N_("Distance from one slice's centre to the next, in mm."),
    "SliceLocation": N_("Place of the slice along the table, as the scanner counts. Not fit for computing."),
    "GantryDetectorTilt": N_("By how many degrees the gantry was tilted against the table."),
    "TableHeight": N_("Height of the table in mm below the centre of rotation."),
    "PositionReferenceIndicator": N_("The landmark in the patient from which places are counted."),
    "ImageType": N_(
        "ORIGINAL or DERIVED, PRIMARY or SECONDARY, then the maker's own words such as AXIAL or LOCALIZER."
    ),
    "PatientOrientation": N_("Where rows and columns run to in the patient: letters such as L, P, H."),
    "ViewPosition": N_("The projection of an X-ray: PA is from back to front."),
    # Pixels
    "Rows": N_("Height of the image in pixels."),
    "Columns": N_("Width of the image in pixels."),
    "NumberOfFrames": N_("How many images the file holds."),
    "SamplesPerPixel": N_("1 for greys, 3 for colours."),
    "PhotometricInterpretation": N_(
        "What pixel values mean: MONOCHROME2 is low = dark, MONOCHROME1 low = bright, RGB and YBR are "
        "colours."
    ),
    "PlanarConfiguration": N_(
        "Whether the three colours are stored pixel by pixel (0) or plane by plane (1)."
    ),
    "BitsAllocated": N_("Bits that each sample takes in the file."),
    "BitsStored": N_("Bits of a sample that hold the value."),
    "HighBit": N_("The place of the highest of the bits that hold the value."),
    "PixelRepresentation": N_("0: values are never negative. 1: they may be."),
    "SmallestImagePixelValue": N_("The lowest stored value of the image."),
    "LargestImagePixelValue": N_("The highest stored value of the image."),
    "PixelPaddingValue": N_("The stored value of pixels outside what was scanned."),
    "RescaleSlope": N_("Value = stored value × this + Rescale Intercept."),
    "RescaleIntercept": N_("What is added to get the value, in CT mostly −1024."),
    "RescaleType": N_("The unit of values: HU is Hounsfield units, US unspecified."),
    "Units": N_("The unit of PET values: BQML is becquerels per millilitre."),
    "WindowCenter": N_("The value in the middle of the greys, as the scanner suggests."),
    "WindowWidth": N_("The range of values from black to white, as the scanner suggests."),
    "WindowCenterWidthExplanation": N_("What the suggested windows are for."),
    "VOILUTFunction": N_("How values become greys: LINEAR, LINEAR_EXACT or SIGMOID."),
    "VOILUTSequence": N_("Tables that make greys of values, in place of a window."),
    "ModalityLUTSequence": N_("A table that makes values of stored values, in place of slope and intercept."),
    "PresentationLUTShape": N_("IDENTITY or INVERSE: whether bright means much."),
    "LossyImageCompression": N_("01 when the image lost detail by compression at some time."),
    "LossyImageCompressionRatio": N_("How many times smaller the lossy compression made it."),
    "TransferSyntaxUID": N_("How the file is written: byte order and compression."),
    "PixelData": N_("The pixels themselves."),
    "SpecificCharacterSet": N_(
        "Which letters the texts of the file use: ISO_IR 100 is western Europe, ISO_IR 192 all the world."
    ),
    "SharedFunctionalGroupsSequence": N_("What holds for all frames of a multi-frame image."),
    "PerFrameFunctionalGroupsSequence": N_("What holds for each frame: its place, its time, its values."),
    "DerivationDescription": N_("How the image was computed from others."),
    # X-rays
    "KVP": N_("Tube voltage in kilovolts: how hard the X-rays are."),
    "XRayTubeCurrent": N_("Tube current in milliamperes: how many X-rays."),
    "ExposureTime": N_("How long X-rays were on, in milliseconds."),
    "Exposure": N_("Current times time, in milliampere-seconds."),
    "ConvolutionKernel": N_(
        "The filter of the reconstruction: soft kernels are smooth, sharp ones show edges and noise."
    ),
    "FilterType": N_("The metal in the beam that takes out soft X-rays."),
    "SpiralPitchFactor": N_("How far the table moves in one turn, in beam widths. Above 1 there are gaps."),
    "SingleCollimationWidth": N_("Width of one detector row in mm."),
    "TotalCollimationWidth": N_("Width of the whole beam in mm."),
    "TableSpeed": N_("Speed of the table in mm a second."),
    "RevolutionTime": N_("Seconds for one turn of the tube."),
    "ReconstructionDiameter": N_("Width in mm of the round field that was reconstructed."),
    "DataCollectionDiameter": N_("Width in mm of the field that was measured."),
    "CTDIvol": N_("The scanner's dose index in mGy, in a plastic phantom. It is not the patient's dose."),
    "FocalSpots": N_("Size of the spot in the tube that X-rays come from, in mm."),
    "ScanOptions": N_("How the scanner ran: HELICAL, AXIAL, with or without gating …"),
    "ContrastBolusAgent": N_("The contrast agent; empty or absent where there was none."),
    "ContrastBolusVolume": N_("How many millilitres of contrast agent were given."),
    "ContrastBolusRoute": N_("How the contrast agent was given: IV, oral, rectal."),
    "DistanceSourceToDetector": N_("From the tube to the detector in mm."),
    "DistanceSourceToPatient": N_("From the tube to the patient in mm."),
    "RelativeXRayExposure": N_("The detector's own measure of the exposure."),
    "CompressionForce": N_("Force on the breast in newtons, in mammography."),
    # Magnetic resonance
    "ScanningSequence": N_(
        "The family of the sequence: SE spin echo, GR gradient echo, IR inversion recovery, EP echo planar."
    ),
    "SequenceVariant": N_("How the sequence differs from its family's plain form."),
    "SequenceName": N_("The maker's name of the sequence."),
    "MRAcquisitionType": N_("2D: slice by slice. 3D: the whole block at once."),
    "RepetitionTime": N_("TR: milliseconds from one excitation to the next. A short one weights towards T1."),
    "EchoTime": N_("TE: milliseconds from excitation to signal. A long one weights towards T2."),
    "InversionTime": N_(
        "TI: milliseconds from inversion to excitation. It chooses what is black: fat, or fluid."
    ),
    "FlipAngle": N_("By how many degrees the magnetisation is tipped."),
    "EchoTrainLength": N_("How many echoes are read after one excitation."),
    "NumberOfAverages": N_("How often each line was measured. More means less noise and more time."),
    "ImagingFrequency": N_("The resonance frequency in MHz."),
    "PixelBandwidth": N_(
        "Hertz for each pixel. A high one means fewer chemical shift artefacts and more noise."
    ),
    "InPlanePhaseEncodingDirection": N_("Along which side of the image movement smears: ROW or COL."),
    "ReceiveCoilName": N_("The coil that received the signal."),
    "PercentPhaseFieldOfView": N_("The field in the phase direction, in per cent of the other."),
    "DiffusionBValue": N_("How strongly diffusion is weighted, in s/mm²."),
    "SAR": N_("Power taken up by the body in watts per kilogram."),
    "TriggerTime": N_("Milliseconds after the heartbeat that started the measurement."),
    "TemporalPositionIdentifier": N_("Which of several moments this image shows."),
    # Others
    "Radiopharmaceutical": N_("What was injected."),
    "RadiopharmaceuticalInformationSequence": N_(
        "What was injected, how much, and when: SUV are computed from it."
    ),
    "RadionuclideTotalDose": N_("The injected activity in becquerels."),
    "RadionuclideHalfLife": N_("Seconds in which half of the activity is gone."),
    "RadiopharmaceuticalStartTime": N_("When it was injected."),
    "DecayCorrection": N_(
        "To which moment the values are corrected for decay: START is the beginning of the scan, ADMIN "
        "the injection."
    ),
    "AttenuationCorrectionMethod": N_("How what the body swallows was corrected for."),
    "FrameTime": N_("Milliseconds from one frame of a film to the next."),
    "CineRate": N_("Frames a second at which the film was taken or is to be shown."),
    "RecommendedDisplayFrameRate": N_("Frames a second at which the film is to be shown."),
    "HeartRate": N_("Heartbeats a minute."),
    "TransducerType": N_("The ultrasound probe: LINEAR, SECTOR, CURVED LINEAR …"),
    "SequenceOfUltrasoundRegions": N_(
        "Which parts of an ultrasound picture are images, and how large their pixels are."
    ),
    "ReferencedImageSequence": N_("Other images that this one refers to, such as its localizer."),
    "SourceImageSequence": N_("The images that this one was made of."),
}


def explanations(keywords: Iterable[str]) -> dict[str, str]:
    """What is known of *keywords*, in the user's language."""
    return {keyword: gettext(WORDS[keyword]) for keyword in sorted(set(keywords)) if keyword in WORDS}
