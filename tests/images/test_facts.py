"""What an image shows, out of manifests and headers."""

import pytest

from radiorate.images.facts import Facts, from_dicom, normalise


@pytest.mark.parametrize(
    ("words", "side", "position", "modifier"),
    [
        ("AP", "", "AP", ""),
        ("pa", "", "PA", ""),
        ("AP (Grashey)", "R", "AP", "Grashey"),
        ("AP (dorsoplantar)", "R", "AP", "dorsoplantar"),
        ("AP oblique", "L", "AP", "oblique"),
        ("lateral", "R", "RL", ""),
        ("lateral", "L", "LL", ""),
        ("lateral", "", "LL", ""),
        ("right lateral", "", "RL", ""),
        ("lateral (Y)", "R", "RL", "Y"),
        ("oblique", "L", "", "oblique"),
        ("frog-leg lateral", "L", "", "frog-leg lateral"),
        ("odontoid", "", "", "odontoid"),
        ("", "", "", ""),
    ],
)
def test_view_words_become_positions_or_stay_words(words: str, side: str, position: str, modifier: str) -> None:
    facts = normalise({"view": words, "laterality": side})
    assert (facts.view_position, facts.view_modifier) == (position, modifier)


def test_regions_have_one_name_each() -> None:
    told = ["Thorax", "CHEST", "skull", "LSPINE", "hip", "lumbar  spine", "Lower Leg", "tibia and fibula", "mandible"]
    named = ["chest", "chest", "head", "lumbar spine", "hip", "lumbar spine", "leg", "leg", "mandible"]
    assert [normalise({"region": region}).body_part for region in told] == named


def test_the_fields_own_names_are_columns_too() -> None:
    row = {"body_part": "knee", "view_position": "AP", "side": "left", "patient_sex": "female", "license": "CC0"}
    assert normalise(row) == Facts(body_part="knee", view_position="AP", laterality="L", patient_sex="F", licence="CC0")


def test_unknown_values_of_coded_columns_stay_empty() -> None:
    assert normalise({"laterality": "?", "sex": "unknown", "file": "a.png"}) == Facts()


def test_long_values_fit_their_columns() -> None:
    assert len(normalise({"attribution": "x" * 999}).attribution) == 300


def test_a_dicom_header_can_not_smuggle_words() -> None:
    assert from_dicom({"BodyPartExamined": "DOE JOHN", "ViewPosition": "DOE", "Modality": "CR"}) == Facts(modality="CR")
    assert from_dicom({"BodyPartExamined": "HAND", "ViewPosition": "PA", "ImageLaterality": "L"}) == Facts(
        body_part="hand", view_position="PA", laterality="L"
    )


def test_a_manifests_view_does_not_take_half_of_the_headers() -> None:
    manifest, header = Facts(view_modifier="oblique", licence="CC0"), Facts(view_position="AP", body_part="foot")
    assert manifest.or_else(header) == Facts(view_modifier="oblique", licence="CC0", body_part="foot")
