"""The worklist, a study page, uploads."""
