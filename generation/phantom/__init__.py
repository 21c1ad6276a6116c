"""A numerical phantom: radiographs computed from drawn anatomy, offline and free, with the truth about their defects.

A region (`regions/*.py`) draws bones and flesh as outlines; `layers` turns outlines into millimetres of material,
`projection` turns millimetres into the grey values of a detector, and `drawing` goes from facts to picture and truth.
No pixel of a real image is in here: outlines were drawn by hand after public radiographs (docs/phantom.md names them),
and every patient is random numbers.
"""

VERSION = "2"
