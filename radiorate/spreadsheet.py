"""What a spreadsheet would compute instead of show, when it opens a CSV file."""

# The full-width forms too; a tab or a line break may stand before the sign.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\n", "\r")


def guarded(text: str) -> str:
    """The text, with an apostrophe before it where it begins like a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
