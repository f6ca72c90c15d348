"""Bytes on disk, atomically. No DICOM, no SQL."""
