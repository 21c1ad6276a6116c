"""Files with passwords and keys in them."""

from pathlib import Path


def write(path: Path, text: str) -> None:
    """Replace a file as a whole, readable for its owner alone from the first byte."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600, exist_ok=False)
    unfinished.write_text(text)
    unfinished.replace(path)
