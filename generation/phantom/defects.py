"""Defects a generator might make, drawn on purpose, each with the place where it is.

A defect of the scene changes its layers; a defect of the picture changes its frame, marker or grey values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from generation.phantom.layers import Body, Bone, Lines
from generation.phantom.scene import Finding, Joint, Scene
from generation.phantom.shapes import capsule

TAGS = {
    "random_trabeculae": "F01",
    "missing_fibula": "F02",
    "extra_finger": "F05",
    "fused_joint": "F06",
    "distorted_joint_surface": "F07",
    "cut_off_fingertips": "F08",
    "off_centre_collimation": "F09",
    "missing_patella": "F14",
    "absent_breast_shadows": "F17",
    "garbled_marker": "F24",
    "missing_rib": "F24",
    "missing_vertebra": "F16",
    "seam": "F24",
    "missing_carpal": "F10",
    "missing_joint_surface": "F11",
    "foreign_body": "F13",
    "smooth_patch": "F25",
}
# What a reader marks them as, by the tags of the rubric for radiographs; fused small bones have marks of their own.
MARKS = {
    **{name: name for name in ("random_trabeculae", "missing_fibula", "missing_patella", "absent_breast_shadows")},
    **{name: name for name in ("distorted_joint_surface", "missing_joint_surface", "foreign_body", "seam")},
    "extra_finger": "extra_digit",
    "cut_off_fingertips": "cut_off_part",
    "off_centre_collimation": "off_centre",
    "garbled_marker": "garbled_letters",
    "missing_rib": "wrong_rib_count",
    "missing_vertebra": "wrong_vertebra_count",
    "missing_carpal": "bone_missing",
    "smooth_patch": "unnatural_texture",
}
MARKS_OF_FUSIONS = {"F03": "fused_carpals", "F04": "fused_tarsals", "F06": "fused_joint"}
ONLY_IN_SEX = {"absent_breast_shadows": "F"}
OF_THE_PICTURE = ("off_centre_collimation", "garbled_marker", "seam", "smooth_patch")
OF_THE_FRAME = ("off_centre_collimation", "cut_off_fingertips")  # they move all that the picture shows
OF_BONES = ("random_trabeculae",)
OF_JOINTS = ("fused_joint", "distorted_joint_surface")


def largest_outline(bones: list[Bone]) -> np.ndarray:
    """The largest outline among these bones."""
    return max((o for bone in bones for o in bone.outlines), key=lambda o: float(np.prod(np.ptp(o, axis=0))))


def a_joint(scene: Scene, random: np.random.Generator) -> Joint:
    """One of the joints that are meant to be in the picture."""
    left, top, right, bottom = scene.box
    middles = [joint.place.mean(axis=0) for joint in scene.joints]
    shown = [j for j, (x, y) in zip(scene.joints, middles, strict=True) if left < x < right and top < y < bottom]
    return shown[random.integers(len(shown))]


def fused_joint(scene: Scene, random: np.random.Generator) -> Finding:
    """Two bones become one: no joint space, no plates between them."""
    joint = a_joint(scene, random)
    first, second = scene.bone(joint.first), scene.bone(joint.second)
    if max(first.thickness, second.thickness) > 2 * min(first.thickness, second.thickness):
        # A flat bone and a round one have no common thickness: a bridge between them has to do.
        bridge = replace(first, name=f"{first.name} bridge", outlines=[joint.place], shaft=None, shell_mm=0.1)
        scene.layers = [*scene.layers, bridge]
    else:
        merged = replace(
            first,
            outlines=[*first.outlines, *second.outlines, joint.place],
            thickness=(first.thickness + second.thickness) / 2,
            spongy=max(first.spongy, second.spongy) * 1.1,
            flow=[*(first.flow or []), *(second.flow or [])],
        )
        scene.layers = [merged if layer is first else layer for layer in scene.layers if layer is not second]
    return Finding("fused_joint", joint.tag, joint.place)


def distorted_joint_surface(scene: Scene, random: np.random.Generator) -> Finding:
    """A joint surface becomes a wave with steps."""
    joint = a_joint(scene, random)
    bone = scene.bone(joint.first)
    centre = joint.place.mean(axis=0)
    reach = np.sqrt(((joint.place - centre) ** 2).sum(axis=1)).max() * 1.05
    waves, phase = random.uniform(2.2, 3.4), random.uniform(0, 2 * np.pi)
    bent = []
    for outline in bone.outlines:
        offset = outline - centre
        away = np.hypot(offset[:, 0], offset[:, 1]) / reach
        weight = np.clip(1.15 - away, 0, 1) ** 0.5
        middle = outline.mean(axis=0)
        outward = (centre - middle) / (np.hypot(*(centre - middle)) + 1e-9)
        across = offset @ np.array([-outward[1], outward[0]]) / reach
        wave = np.sin(waves * np.pi * across + phase) + 0.5 * np.sign(np.sin(5 * across + phase))
        bent.append(outline + outward * (weight * (wave - 0.6) * 0.17 * reach)[:, None])
    bone.outlines = bent
    return Finding("distorted_joint_surface", TAGS["distorted_joint_surface"], joint.place)


def missing_joint_surface(scene: Scene, random: np.random.Generator) -> Finding:
    """A joint surface is not there: its bone ends before it, and so do the plates that would show it."""
    joint = a_joint(scene, random)
    bone = scene.bone(joint.second)
    centre = joint.place.mean(axis=0)
    reach = np.sqrt(((joint.place - centre) ** 2).sum(axis=1)).max() * 1.1
    cut = []
    for outline in bone.outlines:
        away = centre - outline.mean(axis=0)
        away /= np.hypot(*away) + 1e-9
        offset = outline - centre
        weight = np.clip(1.3 - np.hypot(offset[:, 0], offset[:, 1]) / reach, 0, 1) ** 0.5
        cut.append(outline - away * (weight * 0.5 * reach)[:, None])
    bone.outlines = cut
    for lines in (layer for layer in scene.layers if isinstance(layer, Lines)):
        lines.strokes = [one for one in lines.strokes if np.hypot(*(one[0].mean(axis=0) - centre)) > reach]
    return Finding("missing_joint_surface", TAGS["missing_joint_surface"], joint.place)


def foreign_body(scene: Scene, random: np.random.Generator) -> Finding:
    """Something of metal lies in a joint, remotely like a prosthesis: a ball on a stem."""
    joint = a_joint(scene, random)
    centre, reach = joint.place.mean(axis=0), float(np.ptp(joint.place, axis=0).max()) * 0.5
    stem = np.vstack(scene.bone(joint.first).outlines).mean(axis=0) - centre
    stem = stem / (np.hypot(*stem) + 1e-9) + random.normal(0, 0.12, 2)
    line = centre + np.outer([1.9, 1.3, 0.75, 0.35, 0.0], stem * reach)
    outline = capsule(line, np.array([0.16, 0.2, 0.3, 0.8, 0.85]) * reach)
    scene.layers = [*scene.layers, Body("foreign body", [outline], 2.2, 2.0)]
    return Finding("foreign_body", TAGS["foreign_body"], outline)


def random_trabeculae(scene: Scene, random: np.random.Generator) -> Finding:
    """The trabeculae of one large bone lose their direction."""
    left, top, right, bottom = scene.box
    sizes = []
    for bone in scene.bones:
        points = np.clip(np.vstack(bone.outlines), (left, top), (right, bottom))
        extent = np.ptp(points, axis=0)
        sizes.append(extent[0] * extent[1] if bone.grain else 0.0)
    largest = np.argsort(sizes)[::-1][:2]
    bone = scene.bones[int(random.choice(largest))]
    bone.flow, bone.grain = None, bone.grain * 1.5
    return Finding("random_trabeculae", TAGS["random_trabeculae"], largest_outline([bone]))


def without(defect: str, prefix: str) -> Callable[[Scene, np.random.Generator], Finding]:
    """The defect that leaves out every bone whose name begins so."""

    def drawn(scene: Scene, random: np.random.Generator) -> Finding:
        gone = [bone for bone in scene.bones if bone.name.startswith(prefix)]
        scene.layers = [layer for layer in scene.layers if not any(layer is bone for bone in gone)]
        scene.joints = [j for j in scene.joints if not j.first.startswith(prefix) and not j.second.startswith(prefix)]
        return Finding(defect, TAGS[defect], largest_outline(gone))

    return drawn


def one_without(defect: str, *prefixes: str) -> Callable[[Scene, np.random.Generator], Finding]:
    """The defect that leaves out the bones whose name begins with one of these, chosen by chance."""

    def drawn(scene: Scene, random: np.random.Generator) -> Finding:
        return without(defect, str(random.choice(prefixes)))(scene, random)

    return drawn


OF_THE_SCENE: dict[str, Callable[[Scene, np.random.Generator], Finding]] = {
    "missing_fibula": without("missing_fibula", "fibula"),
    "missing_patella": without("missing_patella", "patella"),
    "fused_joint": fused_joint,
    "distorted_joint_surface": distorted_joint_surface,
    "random_trabeculae": random_trabeculae,
    "missing_joint_surface": missing_joint_surface,
    "foreign_body": foreign_body,
}


def drawn_by_chance(possible: list[str], rate: float, random: np.random.Generator) -> list[str]:
    """One or two defects with the probability `rate`, else none."""
    if random.random() >= rate or not possible:
        return []
    number = min(len(possible), 1 if random.random() < 0.7 else 2)
    return sorted(random.choice(possible, size=number, replace=False).tolist())
