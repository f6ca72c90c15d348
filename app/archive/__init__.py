"""Verbs that join rows and files, for two or more features. Never Flask."""
