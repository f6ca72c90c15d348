"""The catalogues of the interface's words, and the command that keeps them."""
