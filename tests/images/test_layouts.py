"""Open data sets come in as they are published: folders and labels become facts, what they leave open stays open."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from radiorate.images import imports, layouts, sharing
from radiorate.images.models import Collection, Image, Import
from tests import factories
from tests.images.test_hostile import dicom
from tests.images.test_imports import packed

pytestmark = pytest.mark.django_db


def table(*rows: list[str]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode()


def report(meaning: str, *pictures: str) -> bytes:
    named = "".join(f'<parentImage id="{picture}"><url/></parentImage>' for picture in pictures)
    return f"<eCitation><MeSH><major>{meaning}</major></MeSH>{named}</eCitation>".encode()


NIH_HEAD = [
    *("Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", "Patient Gender", "View Position"),
    *("OriginalImage[Width", "Height]", "OriginalImagePixelSpacing[x", "y]", ""),
]
CHEXPERT = "CheXpert-v1.0-small/train/patient00001/study1"
FRACATLAS_HEAD = [
    *("image_id", "hand", "leg", "hip", "shoulder", "mixed", "hardware", "multiscan", "fractured"),
    *("fracture_count", "frontal", "lateral", "oblique"),
]
WRIST = "0001_1297860395_01_WRI-L1_M014"
# Of each set: its files, and by picture the region, view, more on the view, side, sex and pathology it must get.
SETS: dict[str, tuple[dict[str, bytes], dict[str, tuple[str, ...]]]] = {
    "nih_chestxray14": (
        {
            "images_001/images/00000001_000.png": factories.png(1),
            "images_002/images/00001336_000.png": factories.png(2),
            "Data_Entry_2017_v2020.csv": table(
                NIH_HEAD,
                ["00000001_000.png", "Cardiomegaly|Emphysema", "0", "1", "57", "M", "PA", *"8888", ""],
                ["00001336_000.png", "No Finding", "0", "1336", "414", "F", "AP", *"8888", ""],
                ["00009999_000.png", "No Finding", "0", "9999", "40", "F", "AP", *"8888", ""],
            ),
            "README_CHESTXRAY.pdf": b"%PDF",
        },
        {
            "images_001/images/00000001_000.png": ("chest", "PA", "", "", "M", "cardiomegaly, emphysema"),
            "images_002/images/00001336_000.png": ("chest", "AP", "", "", "F", "no finding"),
        },
    ),
    "chexpert": (
        {
            "small/train/patient00001/study1/view1_frontal.jpg": factories.png(1),
            "small/train/patient00001/study1/view2_lateral.jpg": factories.png(2),
            "small/valid/patient64541/study1/view1_frontal.jpg": factories.png(3),
            "small/train.csv": table(
                ["Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", "No Finding", "Edema", "Pneumonia"],
                [f"{CHEXPERT}/view1_frontal.jpg", "Female", "68", "Frontal", "AP", "", "1.0", "-1.0"],
                [f"{CHEXPERT}/view2_lateral.jpg", "Female", "68", "Lateral", "", "1.0", "0.0", ""],
            ),
        },
        {
            "small/train/patient00001/study1/view1_frontal.jpg": ("chest", "AP", "", "", "F", "edema"),
            "small/train/patient00001/study1/view2_lateral.jpg": ("chest", "LL", "", "", "F", "no finding"),
            "small/valid/patient64541/study1/view1_frontal.jpg": ("", "", "", "", "", ""),
        },
    ),
    "mimic_cxr_jpg": (
        {
            "files/p10/p10000032/s50414267/02aa804e-bde0afdd.jpg": factories.png(1),
            "files/p10/p10000032/s50414267/174413ec-4ec4c1f7.jpg": factories.png(2),
            "mimic-cxr-2.0.0-metadata.csv.gz": gzip.compress(
                table(
                    ["dicom_id", "subject_id", "study_id", "ViewPosition", "StudyDate"],
                    ["02aa804e-bde0afdd", "10000032", "50414267", "PA", "21800506"],
                    ["174413ec-4ec4c1f7", "10000032", "50414267", "LATERAL", "21800506"],
                )
            ),
            "mimic-cxr-2.0.0-chexpert.csv.gz": gzip.compress(
                table(["subject_id", "study_id", "Atelectasis", "Edema"], ["10000032", "50414267", "1.0", "0.0"])
            ),
            "patients.csv": table(["subject_id", "gender", "anchor_age"], ["10000032", "F", "52"]),
            "LICENSE.txt": b"PhysioNet",
        },
        {
            "files/p10/p10000032/s50414267/02aa804e-bde0afdd.jpg": ("chest", "PA", "", "", "F", "atelectasis"),
            "files/p10/p10000032/s50414267/174413ec-4ec4c1f7.jpg": ("chest", "LL", "", "", "F", "atelectasis"),
        },
    ),
    "vindr_cxr": (
        {
            "train/0a1b.dicom": dicom(PatientSex="F", ViewPosition=None, BodyPartExamined=None, Modality="DX"),
            "annotations/image_labels_train.csv": table(
                ["image_id", "rad_id", "Aortic enlargement", "Cardiomegaly", "No finding"],
                ["0a1b", "R9", "1", "0", "0"],
                ["0a1b", "R10", "1", "1", "0"],
                ["0a1b", "R8", "0", "0", "1"],
            ),
            "annotations/annotations_train.csv": table(
                ["image_id", "rad_id", "class_name", "x_min", "y_min", "x_max", "y_max"],
                ["0a1b", "R9", "Aortic enlargement", "1", "1", "2", "2"],
            ),
        },
        {"train/0a1b.dicom": ("chest", "", "", "", "F", "aortic enlargement")},
    ),
    "mura": (
        {
            "MURA-v1.1/train/XR_WRIST/patient00001/study1_positive/image1.png": factories.png(1),
            "MURA-v1.1/valid/XR_HAND/patient11185/study1_negative/image1.png": factories.png(2),
            "MURA-v1.1/train_image_paths.csv": b"MURA-v1.1/train/XR_WRIST/patient00001/study1_positive/image1.png\n",
        },
        {
            "MURA-v1.1/train/XR_WRIST/patient00001/study1_positive/image1.png": ("wrist", "", "", "", "", "abnormal"),
            "MURA-v1.1/valid/XR_HAND/patient11185/study1_negative/image1.png": ("hand", "", "", "", "", "normal"),
        },
    ),
    "fracatlas": (
        {
            "FracAtlas/images/Fractured/IMG0000019.jpg": factories.png(1),
            "FracAtlas/images/Non_fractured/IMG0000000.jpg": factories.png(2),
            "FracAtlas/images/Non_fractured/IMG0000001.jpg": factories.png(3),
            "FracAtlas/dataset.csv": table(
                FRACATLAS_HEAD,
                ["IMG0000019.jpg", "1", "0", "0", "0", "0", "0", "0", "1", "1", "1", "0", "0"],
                ["IMG0000000.jpg", "0", "0", "1", "0", "0", "0", "0", "0", "0", "0", "1", "0"],
                ["IMG0000001.jpg", "1", "1", "0", "0", "1", "0", "1", "0", "0", "1", "0", "0"],
            ),
        },
        {
            "FracAtlas/images/Fractured/IMG0000019.jpg": ("hand", "", "frontal", "", "", "fracture"),
            "FracAtlas/images/Non_fractured/IMG0000000.jpg": ("hip", "LL", "", "", "", "no fracture"),
            "FracAtlas/images/Non_fractured/IMG0000001.jpg": ("", "", "", "", "", "no fracture"),
        },
    ),
    "grazpedwri_dx": (
        {
            f"images_part1/{WRIST}.png": factories.png(1),
            "images_part1/0002_0354485735_01_WRI-R2_F012.png": factories.png(2),
            "dataset.csv": table(
                ["filestem", "gender", "age", "laterality", "projection", "fracture_visible"],
                [WRIST, "M", "14.0", "L", "1", "1.0"],
            ),
        },
        {
            f"images_part1/{WRIST}.png": ("wrist", "", "frontal", "L", "M", "fracture"),
            "images_part1/0002_0354485735_01_WRI-R2_F012.png": ("wrist", "RL", "", "R", "F", ""),
        },
    ),
    "openi": (
        {
            "NLMCXR_png/CXR1_1_IM-0001-3001.png": factories.png(1),
            "NLMCXR_png/CXR1_1_IM-0001-4001.png": factories.png(2),
            "ecgen-radiology/1.xml": report("normal", "CXR1_1_IM-0001-3001", "CXR1_1_IM-0001-4001"),
            "indiana_projections.csv": table(
                ["uid", "filename", "projection"],
                ["1", "1_IM-0001-3001.dcm.png", "Frontal"],
                ["1", "1_IM-0001-4001.dcm.png", "Lateral"],
            ),
        },
        {
            "NLMCXR_png/CXR1_1_IM-0001-3001.png": ("chest", "", "frontal", "", "", "normal"),
            "NLMCXR_png/CXR1_1_IM-0001-4001.png": ("chest", "LL", "", "", "", "normal"),
        },
    ),
}
PASSED_ON = {"nih_chestxray14", "fracatlas", "grazpedwri_dx"}


def laid_out(files: dict[str, bytes], under: Path) -> Path:
    for name, data in files.items():
        path = under / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return under / "set"


def command(path: Path, **options: Any) -> dict[str, Any]:
    answer = io.StringIO()
    call_command("import_images", str(path), json=True, stdout=answer, **{"collection": "theirs", **options})
    result: dict[str, Any] = json.loads(answer.getvalue())
    return result


def shown(image: Image) -> tuple[str, ...]:
    return (
        *(image.body_part, image.view_position, image.view_modifier),
        *(image.laterality, image.patient_sex, image.pathology),
    )


def test_every_set_that_is_known_has_its_tree_here() -> None:
    assert set(layouts.names()) == set(SETS)


@pytest.mark.parametrize("name", SETS)
def test_a_published_set_is_recognised_and_its_labels_are_taken_over(name: str, tmp_path: Path) -> None:
    files, expected = SETS[name]
    result = command(laid_out(files, tmp_path))
    assert {file["file"]: shown(Image.objects.get(pk=file["image"])) for file in result["files"]} == expected
    of_set, collection = layouts.named(name), Collection.objects.get()
    assert (collection.licence, collection.source) == (of_set.licence, of_set.source)
    named = [image for image in Image.objects.all() if any(shown(image))]
    assert {(image.licence, image.attribution) for image in named} == {(of_set.licence, of_set.attribution)}


@pytest.mark.parametrize("name", SETS)
def test_a_published_set_comes_in_by_the_page_as_a_zip_file(name: str, client: Client) -> None:
    files, expected = SETS[name]
    into = factories.collection()
    client.force_login(factories.admin())
    archive = SimpleUploadedFile(
        "set.zip", packed({f"wrapped/{path}": data for path, data in files.items()}).getvalue()
    )
    answer = client.post(reverse("images:upload", args=[into.pk]), {"pictures": archive, "layout": ""})
    assert answer.status_code == 302
    imports.run(Import.objects.get().pk)
    assert sorted(map(shown, Image.objects.all())) == sorted(expected.values())


@pytest.mark.parametrize("name", SETS)
def test_the_licence_of_a_set_decides_whether_its_pictures_may_leave(name: str) -> None:
    refusal = sharing.licence_refusal(layouts.named(name).licence)
    assert (refusal == "") == (name in PASSED_ON), refusal


@pytest.mark.parametrize("name", SETS)
def test_a_part_of_one_set_is_never_taken_for_another(name: str) -> None:
    files = [imports.Found(path, len(data), lambda data=data: data) for path, data in SETS[name][0].items()]
    fitting = [other for other in layouts.names() if layouts.named(other).fits(layouts.Tree(files))]
    assert fitting == [name]


def test_a_manifest_goes_before_recognition_and_a_named_set_before_a_manifest(tmp_path: Path) -> None:
    files = dict(SETS["mura"][0])
    wrist = next(iter(files))
    files["manifest.csv"] = f"file,region\n{wrist},forearm\n".encode()
    tree = laid_out(files, tmp_path)
    command(tree)
    assert Image.objects.get(body_part="forearm").licence == ""
    command(tree, collection="again", layout="mura")
    assert set(Image.objects.filter(collection__name="again").values_list("body_part", flat=True)) == {"wrist", "hand"}
    command(tree, collection="plain", layout="none", manifest=tree / "manifest.csv")
    assert Image.objects.filter(collection__name="plain", body_part="forearm").count() == 1


def test_a_sample_is_the_same_for_the_same_seed_and_files_not_chosen_are_not_read(tmp_path: Path) -> None:
    files = {
        f"XR_HAND/patient{n:05}/study1_negative/image1.png": factories.png(n) if n % 2 else b"spoilt" for n in range(9)
    }
    tree = laid_out(files, tmp_path)
    first = command(tree, sample=4, seed=7, collection="one")
    again = command(tree, sample=4, seed=7, collection="two")
    assert [file["file"] for file in first["files"]] == [file["file"] for file in again["files"]]
    assert len(first["files"]) == 4
    assert [file["file"] for file in command(tree, only="*00003*", collection="three")["files"]] == [
        "XR_HAND/patient00003/study1_negative/image1.png"
    ]


def test_a_set_of_real_radiographs_is_not_taken_as_synthetic(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="holds real radiographs"):
        command(laid_out(SETS["mura"][0], tmp_path), origin="synthetic")
    assert not Collection.objects.exists()


@pytest.mark.parametrize(
    ("name", "path", "data", "words"),
    [
        ("openi", "ecgen-radiology/1.xml", b'<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>', "defines entities"),
        ("openi", "ecgen-radiology/1.xml", b"<x>", "is damaged"),
        ("mimic_cxr_jpg", "mimic-cxr-2.0.0-metadata.csv.gz", b"\x1f\x8b spoilt", "is damaged"),
        ("mimic_cxr_jpg", "mimic-cxr-2.0.0-metadata.csv.gz", gzip.compress(b"")[:10] + b"spoilt", "is damaged"),
        ("mimic_cxr_jpg", "mimic-cxr-2.0.0-metadata.csv.gz", gzip.compress(b"a" * 200_000), "is damaged"),
        ("fracatlas", "FracAtlas/dataset.csv", b"image_id,hand\nIMG0000019.jpg,1\n", "lack a column .* 'fractured'"),
    ],
)
def test_spoilt_labels_are_refused_in_one_sentence(
    name: str, path: str, data: bytes, words: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=words):
        command(laid_out({**SETS[name][0], path: data}, tmp_path), layout=name)
    assert not Image.objects.exists()


def test_a_label_row_that_ends_too_early_leaves_the_rest_open(tmp_path: Path) -> None:
    files = SETS["nih_chestxray14"][0]
    (cut := dict(files))["Data_Entry_2017_v2020.csv"] = table(NIH_HEAD, ["00000001_000.png"])
    command(laid_out(cut, tmp_path))
    assert sorted(map(shown, Image.objects.all())) == [("", *[""] * 5), ("chest", *[""] * 5)]


def test_labels_that_unpack_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "LARGEST_TABLE", 100)
    with pytest.raises(CommandError, match="unpacks to more than 100 bytes"):
        command(laid_out(SETS["mimic_cxr_jpg"][0], tmp_path), layout="mimic_cxr_jpg")
