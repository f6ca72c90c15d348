"""Files of whole volumes, NIfTI and NRRD, beside DICOM: recognised by their bytes, read within limits.

``inspect`` (what a file is), ``build`` (its arrays) and ``volumefile`` (its header) are for the other
floors; the rest is theirs. Reading strangers' files needs no more imports than it must, so none stand here.
"""
