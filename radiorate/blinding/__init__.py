"""The search for leaks: whether anything but the pixels tells a reader which image is real.

It stands above the rooms, because it does what a reader does, with all of them, and knows what a reader must not know.
"""
