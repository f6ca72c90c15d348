"""Accounts as rows: what the sign-in pages and the administration both do with them. No request here."""
