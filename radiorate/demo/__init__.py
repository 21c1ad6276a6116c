"""The offline study a newcomer tries: real radiographs where there are any, phantoms, and simulated ratings."""
