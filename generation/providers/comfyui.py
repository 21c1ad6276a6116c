"""ComfyUI on a machine of one's own: the operator's workflow is the order, its nodes are filled in.

Options: `workflow`, as exported with "Export (API)"; `nodes`, which says where an order's parts go, as
"<id or title of the node>.<input>": `prompt` (always), `negative_prompt`, `seed`, `width`, `height`, `model`, `image`,
`mask`, and `left`, `right`, `top`, `bottom` for a pad; `output`, the node whose picture is taken, where there are more.

What the generator can do follows from `nodes`: a mask node makes it inpaint, and outpaint on a canvas that is
extended here; the four sides make it outpaint on its own; an image alone makes it vary. A mask node may be a LoadImage
(whose mask is its picture's transparency) or a LoadImageMask of any channel; it may also be the image's own node.
ComfyUI knows no sign-in; where a proxy before it does, the key is user:password, or a token.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from PIL import Image as Picture
from PIL import ImageOps

from generation import answers, pictures, web
from generation.provider import (
    Capabilities,
    Connection,
    Delivery,
    JobHandle,
    Mode,
    Order,
    Pad,
    Pending,
    ProviderError,
    Refusal,
)

SIDES = ("left", "right", "top", "bottom")
SLOTS = ("prompt", "negative_prompt", "seed", "width", "height", "model", "image", "mask", *SIDES)
POLL_SECONDS, UPLOAD_SECONDS = 1.0, 20
WEIGHTS = (".safetensors", ".ckpt", ".gguf", ".pt", ".sft")
Graph = dict[str, Any]


class Provider:
    """Uploads the pictures of an order, queues the filled workflow, and asks until its picture is there."""

    name = "comfyui"

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None:
        self.options = dict(options)
        self.nodes: Mapping[str, str] = options["nodes"] if isinstance(options.get("nodes"), Mapping) else {}
        self.service = web.Service("ComfyUI", "http://127.0.0.1:8188", connection, web.basic_or_bearer, needs_key=False)

    def capabilities(self, model: str) -> Capabilities:
        return Capabilities(
            modes=self._modes(), takes_seed="seed" in self.nodes, keeps_images_here=self.service.is_here
        )

    def estimate_usd(self, order: Order) -> Decimal:
        return Decimal(0)

    def problems(self, order: Order) -> list[str]:
        sentences = self.service.problems()
        sentences += web.unknown_options(self.options, order, ("workflow", "nodes", "output"))
        graph: Graph = self.options.get("workflow") or {}
        if not _is_graph(graph):
            return [*sentences, "The option workflow must be what ComfyUI exports with “Export (API)”."]
        sentences += self._problems_of_nodes(graph)
        if order.mode not in self._modes():
            sentences.append(f"The workflow does no {order.mode.replace('_', ' ')}: no node is named for it.")
        if order.negative_prompt and "negative_prompt" not in self.nodes:
            sentences.append("The option nodes names no place for a negative prompt.")
        many = [name for name, node in graph.items() if _number(node["inputs"].get("batch_size")) > 1]
        if many:
            sentences.append(f"An order is one image, and node {', '.join(many)} of the workflow makes several.")
        return sentences

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        web.refuse_impossible(self.problems(order))
        seed = order.seed if order.seed is not None else order.key.int % 2**32  # an equal order would not be run again
        values = self._values(order, seed)
        graph = self._filled(values)
        body = {"prompt": graph, "client_id": str(order.key), "prompt_id": str(order.key)}
        answer = self.service.post("/prompt", seconds=order.timeout_seconds, json=body)
        if answer.status != 200:
            raise self.service.failed(_explained(answer))
        job_id = str(answer.json().get("prompt_id") or "")
        if not job_id:
            raise self.service.lost("no_job", "took the workflow and named no job.")
        workflow = hashlib.sha256(json.dumps(self.options["workflow"], sort_keys=True).encode()).hexdigest()
        seed_sent = seed if "seed" in self.nodes else None
        sent = {slot: values[slot] for slot in self.nodes if slot in values}
        models = ", ".join(_weights(graph))
        remembered = {"seed": seed_sent, "models": models, "workflow_sha256": workflow, "sent": sent}
        return JobHandle(answers.plain(job_id, 200), "", answers.plain(job_id, 200), remembered)

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        run = self._run(handle.job_id)
        if not run and self._may_be_queued(handle.job_id):
            return Pending(POLL_SECONDS)
        run = run or self._run(handle.job_id)  # it may have left the queue between the two questions
        if not run:
            raise self.service.lost("no_such_job", "knows nothing of the job any more.", handle.job_id)
        status = _dict(run.get("status"))
        if status.get("status_str") == "error":
            raise self.service.failed_for_free("run_failed", f"says: {_reason(status)}", handle.job_id)
        node, file = self._file(_dict(run.get("outputs")))
        if not file:
            raise self.service.lost("no_image", "ran the workflow, and no picture came of it.", handle.job_id)
        query = {name: str(file.get(name) or "") for name in ("filename", "subfolder", "type")}
        data = self.service.get("/view", **query).body
        known = dict(handle.remembered)
        return Delivery(
            data=data,
            mime=answers.mime_of(data),
            model_reported=answers.plain(str(known.pop("models", "")), 200),
            seed=answers.seed_of(known.pop("seed", None)),
            provider_request_id=handle.job_id,
            cost_usd=Decimal(0),
            provenance={"address": self.service.url, "node": node, "file": answers.plain(query), **known},
        )

    def _run(self, job_id: str) -> dict[str, Any]:
        """What the history says of a job; empty before its end, and once the server has forgotten it."""
        return _dict(self.service.get(f"/history/{job_id}").json().get(job_id))

    def _may_be_queued(self, job_id: str) -> bool:
        """False only where the server shows its queue and the job is not in it."""
        try:
            queue = self.service.get("/queue").json()
        except ProviderError:  # a proxy may let nobody see it
            return True
        running, pending = queue.get("queue_running"), queue.get("queue_pending")
        if not (isinstance(running, list) and isinstance(pending, list)):
            return True
        return any(isinstance(entry, list) and job_id in entry[:2] for entry in running + pending)

    def _modes(self) -> frozenset[Mode]:
        """What the named nodes allow."""
        has = set(self.nodes)
        if "image" not in has:
            return frozenset({Mode.TEXT_TO_IMAGE})
        modes = {Mode.INPAINTING, Mode.OUTPAINTING} if "mask" in has else set()
        modes |= {Mode.OUTPAINTING} if has.issuperset(SIDES) else set()
        return frozenset(modes or {Mode.VARIATION})

    def _problems_of_nodes(self, graph: Graph) -> Iterator[str]:
        """Sentences on places that the workflow doesn't have."""
        for slot, place in self.nodes.items():
            if slot not in SLOTS:
                yield f"There is nothing to fill in for “{slot}”; there are: {', '.join(SLOTS)}."
                continue
            node, name = _found(graph, place)
            if not node:
                yield f"The workflow has no node for {slot}: “{place}” should be <id or title>.<input>."
            elif name not in graph[node]["inputs"]:
                yield f"Node {node} of the workflow has no input {name} for {slot}."
            elif isinstance(graph[node]["inputs"][name], list):
                yield f"Input {name} of node {node} comes from another node: {slot} can't be filled in there."
        if "prompt" not in self.nodes:
            yield "The option nodes must say where the prompt goes."
        if self.options.get("output") and not _named(graph, str(self.options["output"])):
            yield f"The workflow has no node {self.options['output']} to take the picture from."

    def _values(self, order: Order, seed: int) -> dict[str, Any]:
        """What can be filled in, by slot; the order's pictures are uploaded, which orders nothing yet."""
        pad = order.pad or Pad()
        values: dict[str, Any] = {
            "prompt": order.prompt,
            "negative_prompt": order.negative_prompt,
            "seed": seed,
            "width": order.width,
            "height": order.height,
            **vars(pad),
        }
        values |= {"model": order.model} if order.model else {}
        return values | {slot: self._upload(order, slot, png) for slot, png in self._pictures(order)}

    def _filled(self, values: Mapping[str, Any]) -> Graph:
        """The workflow with the order in it."""
        graph = copy.deepcopy(dict(self.options["workflow"]))
        for slot, place in self.nodes.items():
            if slot in values:
                node, name = _found(graph, place)
                graph[node]["inputs"][name] = values[slot]
        return graph

    def _pictures(self, order: Order) -> Iterator[tuple[str, bytes]]:
        """The pictures that an order's nodes load."""
        if order.mode == Mode.TEXT_TO_IMAGE:
            return
        if "mask" not in self.nodes:
            yield "image", pictures.source_of(order)
            return
        canvas, mask = pictures.canvas_of(order)
        transparent = ImageOps.invert(mask)  # a LoadImage's mask is 1 - alpha
        if self.nodes["mask"] == self.nodes["image"]:
            yield "image", pictures.png(Picture.merge("RGBA", (canvas, canvas, canvas, transparent)))
        else:
            yield "image", pictures.png(canvas)
            yield "mask", pictures.png(Picture.merge("RGBA", (mask, mask, mask, transparent)))

    def _upload(self, order: Order, slot: str, png: bytes) -> str:
        """The name under which the server has stored a picture."""
        name = f"radiorate-{order.key}-{slot}.png"
        answer = self.service.post(
            "/upload/image",
            seconds=UPLOAD_SECONDS,
            is_paid=False,
            files={"image": (name, png, "image/png")},
            data={"type": "input", "overwrite": "true"},
        )
        if answer.status != 200:
            raise self.service.failed(answer, is_paid=False)
        said = answer.json()
        return "/".join(str(part) for part in (said.get("subfolder"), said.get("name") or name) if part)

    def _file(self, outputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The node and the file of the picture: of the named output, else of the first node that stored one."""
        wanted = _named(self.options["workflow"], str(self.options.get("output") or ""))
        for node, output in outputs.items():
            files = _dicts(_dict(output).get("images"))
            if files and node == (wanted or node):
                return node, files[0]
        return "", {}


def _is_graph(graph: Any) -> bool:
    return (
        bool(graph)
        and isinstance(graph, Mapping)
        and all(
            isinstance(node, Mapping)
            and isinstance(node.get("inputs"), Mapping)
            and isinstance(node.get("_meta", {}), Mapping)
            and node.get("class_type")
            for node in graph.values()
        )
    )


def _named(graph: Graph, name: str) -> str:
    """The id of the node with this id or title; empty when there is none."""
    if name in graph:
        return name
    return next((node for node, said in graph.items() if said.get("_meta", {}).get("title") == name and name), "")


def _found(graph: Graph, place: Any) -> tuple[str, str]:
    """The node's id and the input of a place such as "6.text" or "Positive prompt.text"."""
    node, _, name = str(place).rpartition(".")
    return _named(graph, node), name


def _weights(graph: Graph) -> list[str]:
    """The files of weights that a workflow names: what its image comes from."""
    values = [value for node in graph.values() for value in node["inputs"].values() if isinstance(value, str)]
    return sorted({value for value in values if value.lower().endswith(WEIGHTS)})


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) else 0


def _reason(status: Mapping[str, Any]) -> str:
    """Why a run failed, out of the messages of its status."""
    messages = [message for message in _list(status.get("messages")) if isinstance(message, list)]
    told = [body for name, *rest in filter(None, messages) if name == "execution_error" for body in _dicts(rest)]
    return str(told[0].get("exception_message")) if told else "the run failed"


def _explained(answer: answers.Answer) -> answers.Answer:
    """A rejection with the reasons of each node among its words."""
    said = answer.json()
    reasons = [
        f"node {node}: {reason.get('message')} ({reason.get('details')})"
        for node, told in _dict(said.get("node_errors")).items()
        for reason in _dicts(_dict(told).get("errors"))
    ]
    if not reasons:
        return answer
    return answers.Answer(answer.status, answer.headers, json.dumps({"errors": reasons}).encode())
