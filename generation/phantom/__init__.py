"""A numerical phantom: radiographs computed from drawn anatomy, offline and free, with the truth about their defects.

A region (`regions/*.py`) draws bones and flesh as outlines; `layers` turns outlines into millimetres of material,
`projection` turns millimetres into the grey values of a detector, and `drawing` goes from facts to picture and truth.
Nothing here is a real patient's image: outlines were drawn by hand and every patient is random numbers.
"""

VERSION = "1"
