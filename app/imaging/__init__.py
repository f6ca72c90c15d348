"""Pure imaging: numpy and pydicom in and out; no Flask, no SQL, no globals, no clock."""
