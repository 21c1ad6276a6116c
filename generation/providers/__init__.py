"""One file a provider; the folder is its own list (see radiorate.registry)."""
