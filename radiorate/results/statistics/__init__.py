"""The inference: pure functions, arrays in, plain dicts of floats out; an undefined value is nan."""
