"""Imported by a worker of a control: from here on it works without the claim."""

from generation import lifecycle
from tests.generation import unguarded

lifecycle.claim, lifecycle.begin = unguarded.claim, unguarded.begin
