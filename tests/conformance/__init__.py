"""Every case of the shared test data, held against other tools: docs/conformance.md is written from here."""
