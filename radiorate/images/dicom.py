"""Radiographs in DICOM files: display-ready grey pixels and about ten technical facts; everything else stays unread."""

import io
import re
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from PIL import Image as Picture

from radiorate.images import facts
from radiorate.images.decoding import Pixels, Undecodable, jpeg_sizes, refuse_size

if TYPE_CHECKING:
    from pydicom import Dataset

# An allow-list, because lists of what to remove leak: dates, names, UIDs, private tags and sequences are never parsed.
FACTS = ["Modality", "BodyPartExamined", "ViewPosition", "ImageLaterality", "Laterality", "PatientSex"]
TECHNICAL = [
    *("PhotometricInterpretation", "BitsStored", "ImagerPixelSpacing", "PixelSpacing"),
    *("PatientAge", "Manufacturer"),  # kept as a decade, and as one of a closed list
]
NEEDED = [
    *("SOPClassUID", "BurnedInAnnotation", "SamplesPerPixel", "NumberOfFrames", "Rows", "Columns", "BitsAllocated"),
    *("HighBit", "PixelRepresentation", "PlanarConfiguration", "RescaleSlope", "RescaleIntercept", "RescaleType"),
    *("ModalityLUTSequence", "WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence", "PixelData"),
]
PLAIN, CROSS_SECTIONS = {"CR", "DX"}, {"CT", "MR", "US"}
OTHERS = {"MG", "XA", "RF", "NM", "PT", "OT", "SC"}  # named in a refusal; what else stands there may be anything
MANUFACTURERS = {
    "agfa": "Agfa",
    "canon|toshiba": "Canon",
    "carestream|kodak": "Carestream",
    "fuji": "Fujifilm",
    r"\bge\b|general electric|lunar": "GE",
    "hologic|lorad": "Hologic",
    "konica|minolta": "Konica Minolta",
    "philips": "Philips",
    "samsung|medison": "Samsung",
    "shimadzu": "Shimadzu",
    "siemens": "Siemens",
}
DEFLATED = "1.2.840.10008.1.2.1.99"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
COLOURS = {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"}


def decode(data: bytes, cross_sections: bool = False) -> Pixels:
    """The pixels as a viewer would show them first, scaled to 8 or 16 bits. Raises Undecodable with the reason.

    cross_sections: whether CT, MR and ultrasound are wanted, too.
    """
    try:
        dataset = _read(data)
        _check(dataset, cross_sections)
        grey = _displayed(dataset)
    except Undecodable:
        raise
    except (Exception, RecursionError):
        # Parser and codecs raise nearly everything on hostile bytes; what was raised may quote the file.
        raise Undecodable("The DICOM file is damaged, ends too early or is in a form that can't be read.") from None
    tags = {name: str(dataset.get(name) or "").strip() for name in FACTS}
    source: dict[str, Any] = {"format": "DICOM", "bytes": len(data)}
    source["compression"] = dataset.file_meta.TransferSyntaxUID.name
    source["photometric"] = dataset.PhotometricInterpretation
    source["bits_stored"] = int(dataset.BitsStored)
    if spacing := dataset.get("ImagerPixelSpacing") or dataset.get("PixelSpacing"):
        source["pixel_spacing_mm"] = float(spacing[0])
    if decade := age_band(str(dataset.get("PatientAge") or "")):
        source["age_band"] = decade
    if maker := str(dataset.get("Manufacturer") or "").lower():
        source["manufacturer"] = next(
            (name for words, name in MANUFACTURERS.items() if re.search(words, maker)), "other"
        )
    return Pixels(grey, int(dataset.BitsStored), "DICOM", source, facts.from_dicom(tags), _doubt(dataset))


def age_band(age: str) -> str:
    """The decade of an age as DICOM writes it (045Y, 006M), such as "40-49" or "90+"; empty where it is none."""
    if not (found := re.fullmatch(r"\s*(\d{3})([YMWD])\s*", age)):
        return ""
    decade = int(found[1]) // 10 * 10 if found[2] == "Y" else 0
    return "90+" if decade >= 90 else f"{decade}-{decade + 9}"


def _read(data: bytes) -> "Dataset":
    import pydicom

    meta = pydicom.filereader.read_partial(io.BytesIO(data), stop_when=lambda tag, vr, length: True)
    if meta.file_meta.TransferSyntaxUID == DEFLATED:
        _refuse_bomb(data, meta)
    return pydicom.dcmread(io.BytesIO(data), specific_tags=FACTS + TECHNICAL + NEEDED)


def _refuse_bomb(data: bytes, meta: "Dataset") -> None:
    # 128 bytes preamble, "DICM", the 12 bytes of the group length and the group itself come before the deflated part.
    packed = data[132 + 12 + meta.file_meta.FileMetaInformationGroupLength :]
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflater.decompress(packed, settings.IMAGE_MAX_BYTES)
    if inflater.unconsumed_tail:
        raise Undecodable(f"The DICOM file unpacks to more than {settings.IMAGE_MAX_BYTES:,} bytes.")


def _check(dataset: "Dataset", cross_sections: bool) -> None:
    modality = str(dataset.get("Modality") or "")
    # A secondary capture says OT or SC where nobody knew what it was taken of; a person will look at it anyway.
    taken = (
        PLAIN | (CROSS_SECTIONS if cross_sections else set()) | ({"", "OT", "SC"} if _is_capture(dataset) else set())
    )
    if modality not in taken:
        told = modality if modality in CROSS_SECTIONS | OTHERS else "unknown"
        if told in CROSS_SECTIONS:
            raise Undecodable(f"The modality is {told}; this collection is not for cross-sections and ultrasound.")
        raise Undecodable(f"The modality is {told}; only plain radiographs (CR, DX) and captures of them are taken.")
    if "PixelData" not in dataset:
        raise Undecodable("The DICOM file holds no picture.")
    if int(dataset.get("NumberOfFrames") or 1) != 1:
        raise Undecodable("The file holds several pictures; send one a file.")
    if not _is_grey(dataset) and not (_may_be_coloured(dataset) and dataset.PhotometricInterpretation in COLOURS):
        raise Undecodable("The DICOM picture is in colour; only grey ones (MONOCHROME1, MONOCHROME2) are taken.")
    if dataset.BitsAllocated not in (8, 16) or not 1 <= dataset.BitsStored <= dataset.BitsAllocated:
        raise Undecodable(f"Pixels of {dataset.BitsAllocated} bits are not supported: send 8 or 16 bits.")
    refuse_size(dataset.Columns, dataset.Rows)
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        # A codestream may declare more than its header does, and the codec would allocate that.
        from pydicom.encaps import get_frame

        stream = get_frame(dataset.PixelData, 0, number_of_frames=1)
        for width, height in _declared(stream):
            if (width, height) != (dataset.Columns, dataset.Rows):
                raise Undecodable("The DICOM header and the compressed picture in it disagree about its size.")


def _declared(stream: bytes) -> list[tuple[int, int]]:
    if stream.startswith(b"\xff\x4f\xff\x51"):  # JPEG 2000: Xsiz, Ysiz, XOsiz, YOsiz of the SIZ segment
        right, bottom, left, top = struct.unpack(">IIII", stream[8:24])
        return [(right - left, bottom - top)]
    return list(jpeg_sizes(stream)) if stream.startswith(b"\xff\xd8") else []


def _displayed(dataset: "Dataset") -> np.ndarray:
    """Grey levels of shape (rows, columns), uint8 up to 8 stored bits and else uint16, bright is dense."""
    from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
    from pydicom.pixels.utils import pixel_array

    raw = pixel_array(dataset)
    if not _is_grey(dataset):  # pydicom gives RGB whatever the colour space of the file
        return np.array(Picture.fromarray(raw).convert("L"))
    # Old overlays, drawn text among them, lie in the bits above those stored.
    spare = 8 * raw.dtype.itemsize - dataset.BitsStored
    values = np.asarray(apply_voi_lut(apply_modality_lut((raw << spare) >> spare, dataset), dataset), np.float32)
    values -= values.min()
    values /= max(float(values.max()), 1e-9)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        values = 1 - values
    depth = np.uint8 if dataset.BitsStored <= 8 else np.uint16
    return np.rint(values * np.iinfo(depth).max).astype(depth)


def _doubt(dataset: "Dataset") -> str:
    if str(dataset.get("BurnedInAnnotation") or "").upper() == "YES":
        return "The file says that words are burnt into its pixels."
    if _is_capture(dataset):
        return "It is a secondary capture, which often shows a name in its pixels."
    if dataset.get("Modality") == "US":
        return "It is an ultrasound image, which often shows a name in its pixels."
    return ""


def _is_capture(dataset: "Dataset") -> bool:
    return bool(re.fullmatch(rf"{re.escape(SECONDARY_CAPTURE)}(\.\d+)*", str(dataset.get("SOPClassUID") or "")))


def _may_be_coloured(dataset: "Dataset") -> bool:
    """Screens are photographed in colour, whatever they show."""
    return _is_capture(dataset) or dataset.get("Modality") == "US"


def _is_grey(dataset: "Dataset") -> bool:
    return dataset.get("SamplesPerPixel") == 1 and dataset.PhotometricInterpretation in ("MONOCHROME1", "MONOCHROME2")
