"""How long a rendition takes for each kind of source, as a ratio to what Pillow needs at least for the same picture.

    .venv/bin/python bench/rendition.py [rounds]

Prints milliseconds and the ratio for a picture of 3000 x 2500 pixels on a canvas of 1024. The floor decodes, fits with
Lanczos in 8 bits and writes an uncompressed PNG: no stretch, no checks, no 16 bits. DICOM is held against 8-bit PNG.
"""

import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image as Picture

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "radiorate.settings")
SIZE = (2500, 3000)  # width, height in pixels
CANVAS = 1024


def radiograph() -> np.ndarray:
    """12-bit grey levels of shape (3000, 2500), uint16: smooth shapes and quantum noise."""
    random = np.random.default_rng(1)
    coarse = Picture.fromarray(random.uniform(300, 3500, (30, 25)).astype(np.float32))
    smooth = np.asarray(coarse.resize(SIZE, Picture.Resampling.BICUBIC))
    return np.clip(smooth + random.normal(0, 25, smooth.shape), 0, 4095).astype(np.uint16)


def dicom(levels: np.ndarray, syntax: str) -> bytes:
    import pydicom
    from pydicom.dataset import FileDataset, FileMetaDataset

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = pydicom.uid.ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset = FileDataset(None, {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, "1.2.3"
    dataset.Modality, dataset.PhotometricInterpretation, dataset.SamplesPerPixel = "CR", "MONOCHROME2", 1
    dataset.Rows, dataset.Columns = levels.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.PixelData = levels.astype("<u2").tobytes()
    if syntax != pydicom.uid.ExplicitVRLittleEndian:
        dataset.compress(syntax)
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()


def sources() -> dict[str, bytes]:
    import pydicom

    levels = radiograph()
    shallow = Picture.fromarray((levels >> 4).astype(np.uint8))
    deep = Picture.frombytes("I;16", SIZE, (levels << 4).astype("<u2").tobytes())
    files = {}
    for name, picture, kind in [("JPEG", shallow, "JPEG"), ("PNG 8 bit", shallow, "PNG"), ("PNG 16 bit", deep, "PNG")]:
        stream = io.BytesIO()
        picture.save(stream, kind, **({"quality": 92} if kind == "JPEG" else {}))
        files[name] = stream.getvalue()
    files["DICOM"] = dicom(levels, pydicom.uid.ExplicitVRLittleEndian)
    files["DICOM RLE"] = dicom(levels, pydicom.uid.RLELossless)
    files["DICOM JPEG 2000"] = dicom(levels, pydicom.uid.JPEG2000Lossless)
    return files


def floor(data: bytes) -> None:
    with Picture.open(io.BytesIO(data)) as picture:
        scale = CANVAS / max(picture.size)
        fitted = picture.convert("L").resize(
            tuple(round(side * scale) for side in picture.size), Picture.Resampling.LANCZOS
        )
    page = Picture.new("L", (CANVAS, CANVAS))
    page.paste(fitted)
    page.save(io.BytesIO(), "PNG", compress_level=0)


def fastest(act: Callable[[], object], rounds: int) -> float:
    """Milliseconds of the fastest of some rounds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def main() -> None:
    import django

    django.setup()
    from radiorate.images.decoding import decode, grey_png
    from radiorate.images.rendition import WRITER, render

    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    recipe = f"{WRITER}/{CANVAS}/pad"
    files = sources()
    least = fastest(lambda: floor(files["PNG 8 bit"]), rounds)
    print(f"{'source':<16} {'decode ms':>10} {'all ms':>8} {'of the floor':>13}")
    for name, data in files.items():
        own = fastest(lambda data=data: floor(data), rounds) if "DICOM" not in name else least
        decoded = fastest(lambda data=data: decode(data), rounds)
        whole = fastest(lambda data=data: render(decode(data).array, recipe), rounds)
        print(f"{name:<16} {decoded:>10.0f} {whole:>8.0f} {whole / own:>12.2f}x")
    kept = grey_png(decode(files["DICOM"]).array)
    again = fastest(lambda: render(decode(kept).array, recipe), rounds)
    print(f"\nFrom the kept original of a DICOM file: {again:.0f} ms.")


if __name__ == "__main__":
    main()
