"""DICOM files of every syntax come out with the pixels that went in, and with a closed list of facts."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom  # noqa: TID253  (the format itself is tested)
import pytest
from django.core.management import CommandError, call_command
from PIL import Image as Picture
from pydicom import uid  # noqa: TID253
from pydicom.encaps import encapsulate  # noqa: TID253

from radiorate.images import dicom as of_dicom
from radiorate.images import intake
from radiorate.images.decoding import Undecodable, decode
from radiorate.images.facts import NOTHING_TOLD
from radiorate.images.models import Image
from tests import factories
from tests.images.test_hostile import dicom, dicom_pixels

LEVELS = np.frombuffer(dicom_pixels(), "<u2").reshape(48, 64)  # 0 to 3135 of 12 bits
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def by_pydicom(syntax: uid.UID) -> bytes:
    return written(read := pydicom.dcmread(io.BytesIO(dicom())), read.compress(syntax))


def written(dataset: pydicom.Dataset, _: Any = None) -> bytes:
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()


def by_gdcm(syntax: str, folder: Path) -> bytes:
    import gdcm

    (folder / "plain.dcm").write_bytes(dicom())
    reader, writer, change = gdcm.ImageReader(), gdcm.ImageWriter(), gdcm.ImageChangeTransferSyntax()
    reader.SetFileName(str(folder / "plain.dcm"))
    assert reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax)))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(folder / "packed.dcm"))
    assert writer.Write()
    return (folder / "packed.dcm").read_bytes()


def big_endian() -> bytes:
    return dicom(syntax=uid.ExplicitVRBigEndian, PixelData=LEVELS.astype(">u2").tobytes())


def jpeg_baseline() -> bytes:
    eight = (LEVELS // 16).astype(np.uint8)
    stream = io.BytesIO()
    Picture.fromarray(eight).save(stream, "JPEG", quality=98)
    told = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "syntax": uid.JPEGBaseline8Bit}
    return dicom(**told, PixelData=encapsulate([stream.getvalue()]))


SYNTAXES: dict[str, Callable[[Path], bytes]] = {
    "implicit": lambda _: dicom(syntax=uid.ImplicitVRLittleEndian),
    "big endian": lambda _: big_endian(),
    "deflated": lambda _: dicom(syntax=uid.DeflatedExplicitVRLittleEndian),
    "RLE": lambda _: by_pydicom(uid.RLELossless),
    "JPEG 2000 lossless": lambda _: by_pydicom(uid.JPEG2000Lossless),
    "JPEG lossless": lambda folder: by_gdcm("JPEGLosslessProcess14", folder),
    "JPEG lossless SV1": lambda folder: by_gdcm("JPEGLosslessProcess14_1", folder),
    "JPEG-LS": lambda folder: by_gdcm("JPEGLSLossless", folder),
}


@pytest.mark.parametrize("name", SYNTAXES)
def test_each_lossless_syntax_gives_the_pixels_that_went_in(name: str, tmp_path: Path) -> None:
    data = SYNTAXES[name](tmp_path)
    plain, found = decode(dicom()), decode(data)
    np.testing.assert_array_equal(found.array, plain.array)
    expected = np.rint(LEVELS / LEVELS.max() * 65_535)
    np.testing.assert_allclose(found.array, expected, atol=1)
    assert found.source["compression"] == pydicom.dcmread(io.BytesIO(data)).file_meta.TransferSyntaxUID.name


def test_jpeg_baseline_gives_its_pixels_within_its_loss() -> None:
    found = decode(jpeg_baseline()).array.astype(int)
    assert np.abs(found - (LEVELS // 16) * (255 / (LEVELS // 16).max())).max() <= 6


def test_a_slope_and_intercept_are_applied_before_the_window() -> None:
    scaled = decode(dicom(RescaleSlope="2", RescaleIntercept="-1000", WindowCenter=1000, WindowWidth=1000)).array
    # PS3.3 C.11.2.1.2: black up to c - 0.5 - (w - 1) / 2, white above c - 0.5 + (w - 1) / 2
    share = np.clip((LEVELS * 2.0 - 1000 - 999.5) / 999 + 0.5, 0, 1)
    np.testing.assert_allclose(scaled / 65_535, share, atol=0.002)


def test_a_negative_slope_turns_the_picture() -> None:
    turned = decode(dicom(RescaleSlope="-1", RescaleIntercept="4095")).array
    assert turned[0, 0] == 65_535 and turned[-1, -1] == 0


def test_a_sigmoid_window_is_the_standards() -> None:
    found = decode(dicom(WindowCenter=1500, WindowWidth=800, VOILUTFunction="SIGMOID")).array / 65_535
    share = 1 / (1 + np.exp(-4 * (LEVELS - 1500.0) / 800))
    np.testing.assert_allclose(found, (share - share.min()) / (share.max() - share.min()), atol=0.002)


@pytest.mark.parametrize("kind", ["VOI", "Modality"])
def test_a_table_of_values_is_looked_up(kind: str) -> None:
    table = pydicom.Dataset()
    table.LUTDescriptor = [4096, 0, 16]
    curve = (np.sqrt(np.arange(4096) / 4095) * 65_535).astype("<u2")
    table.add_new("LUTData", "OW", curve.tobytes())
    if kind == "Modality":
        table.ModalityLUTType = "US"
    found = decode(dicom(**{f"{kind}LUTSequence": [table]})).array
    expected = curve[LEVELS].astype(float)
    np.testing.assert_allclose(found, expected / expected.max() * 65_535, atol=1)


def test_signed_pixels_are_read_as_such() -> None:
    told = {"PixelRepresentation": 1, "BitsStored": 16, "HighBit": 15}
    found = decode(dicom(**told, PixelData=(LEVELS.astype(np.int16) - 1500).astype("<i2").tobytes())).array
    np.testing.assert_allclose(found, np.rint(LEVELS / LEVELS.max() * 65_535), atol=1)


@pytest.mark.django_db
@pytest.mark.parametrize("modality", ["OT", "SC", "DX", "CR", None])
@pytest.mark.parametrize("colour", [False, True])
def test_a_secondary_capture_of_whatever_modality_is_held(modality: str | None, colour: bool) -> None:
    told: dict[str, Any] = {"SOPClassUID": f"{CAPTURE}.2", "Modality": modality}
    if colour:
        pixels = np.dstack([(LEVELS // 16).astype(np.uint8)] * 3)
        told |= {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
        told |= {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelData": pixels.tobytes()}
    image = intake.store(dicom(**told), "a.dcm", factories.collection(), NOTHING_TOLD)
    assert image.state == Image.State.HELD and "secondary capture" in image.state_reason


def test_other_modalities_stay_out_and_a_capture_is_known_by_its_class_alone() -> None:
    for told in ({"Modality": "OT"}, {"Modality": "MG"}, {"Modality": "MG", "SOPClassUID": CAPTURE}):
        with pytest.raises(Undecodable, match="only plain radiographs"):
            decode(dicom(**told))
    with pytest.raises(Undecodable, match="The modality is CT; this collection is not for cross-sections"):
        decode(dicom(Modality="CT", SOPClassUID=CAPTURE))


@pytest.mark.django_db
@pytest.mark.parametrize("modality", ["CT", "MR", "US"])
def test_cross_sections_come_into_a_collection_made_for_them(modality: str, tmp_path: Path) -> None:
    data = dicom(Modality=modality, BodyPartExamined="CHEST")
    with pytest.raises(intake.Rejected, match="not for cross-sections"):
        intake.store(data, "a.dcm", factories.collection(), NOTHING_TOLD)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.dcm").write_bytes(data)
    call_command("import_images", str(tmp_path / "in"), collection="slices", cross_sections=True, json=True)
    image = Image.objects.get()
    assert image.modality == modality and (image.state == Image.State.HELD) == (modality == "US")
    factories.collection(name="plain")
    with pytest.raises(CommandError, match="was not made for cross-sections"):
        call_command("import_images", str(tmp_path / "in"), collection="plain", cross_sections=True)


AGES = {"045Y": "40-49", "009Y": "0-9", "006M": "0-9", "089Y": "80-89", "090Y": "90+", "107Y": "90+"}
NO_AGES = dict.fromkeys(["", "45", "ZQ1Y", "1961"], "")


@pytest.mark.parametrize(("age", "band"), (AGES | NO_AGES).items())
def test_an_age_is_kept_as_its_decade(age: str, band: str) -> None:
    assert of_dicom.age_band(age) == band


def test_only_a_closed_list_of_facts_leaves_the_header() -> None:
    told = {"PatientAge": "067Y", "Manufacturer": "SIEMENS Healthineers", "ImagerPixelSpacing": [0.143, 0.143]}
    assert set(decode(dicom(**told)).source) == {
        *("format", "bytes", "compression", "photometric", "bits_stored"),
        *("pixel_spacing_mm", "age_band", "manufacturer"),
    }
    assert decode(dicom(**told)).source["manufacturer"] == "Siemens"
    assert decode(dicom(Manufacturer="Dr. Doe's own, Geneva")).source["manufacturer"] == "other"
    assert "manufacturer" not in decode(dicom()).source
