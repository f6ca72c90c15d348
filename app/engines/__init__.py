"""Engines that turn prompts into masks, behind one protocol (:mod:`app.engines.base`)."""
