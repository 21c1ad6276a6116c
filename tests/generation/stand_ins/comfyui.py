"""ComfyUI: pictures are uploaded, a workflow is queued, and its history names the files to be viewed."""

import re

from tests import factories
from tests.generation.stand_ins.server import Recorded, Reply, Request, words

WORKFLOW = {
    "3": {
        "class_type": "KSampler",
        "inputs": {"seed": 1, "steps": 2, "model": ["4", 0], "positive": ["6", 0], "latent_image": ["5", 0]},
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "roentgen.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
    "6": {
        "class_type": "CLIPTextEncode",
        "_meta": {"title": "Positive prompt"},
        "inputs": {"text": "", "clip": ["4", 1]},
    },
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "x"}},
    "10": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "11": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "12": {
        "class_type": "ImagePadForOutpaint",
        "inputs": {"image": ["10", 0], "left": 0, "top": 0, "right": 0, "bottom": 0, "feathering": 0},
    },
}
NODES = {"prompt": "Positive prompt.text", "seed": "3.seed", "width": "5.width", "height": "5.height"}


class ComfyUI(Recorded):
    """Answers: delivery, bad_node, run_failed, forgotten, hidden_queue, nothing_stored, garbage."""

    paid = re.compile(r"/prompt")

    def __init__(self) -> None:
        super().__init__()
        self.polls_pending = 1
        self.uploads: dict[str, bytes] = {}

    def error(self, status, message):
        return {"error": {"type": "prompt_no_outputs", "message": message, "details": "", "extra_info": {}}}

    def deliver(self, request: Request) -> Reply:
        if self.script == "bad_node":
            reason = {
                "type": "value_not_in_list",
                "message": "Value not in list",
                "details": "ckpt_name: 'x' not in []",
            }
            said = self.error(400, "Prompt outputs failed validation")
            return words(
                400, {**said, "node_errors": {"4": {"errors": [reason], "class_type": "CheckpointLoaderSimple"}}}
            )
        return words(200, {"prompt_id": request.json["prompt_id"], "number": 3, "node_errors": {}})

    def ask(self, request: Request) -> Reply:
        if request.path == "/upload/image":
            form = request.form
            name = re.search(rb'name="image"; filename="([^"]+)"', request.body).group(1).decode()
            self.uploads[name] = form["image"]
            return words(200, {"name": name, "subfolder": "", "type": "input"})
        if request.path == "/view":
            data = b"no picture" if self.script == "garbage" else factories.png(seed=5, size=(64, 64))
            return Reply(200 if request.query["filename"] == "x_00001_.png" else 404, data)
        job = self.orders[-1].json["prompt_id"]
        if request.path == "/queue":
            self.polls_pending -= 1
            if self.script == "hidden_queue":
                return words(403, {})
            waits = [[3, job, {}, {}, []]] if self.polls_pending >= 0 else []
            return words(200, {"queue_running": waits, "queue_pending": []})
        if self.polls_pending >= 0 or self.script == "forgotten":
            return words(200, {})
        status = {"status_str": "success", "completed": True, "messages": [["execution_start", {}]]}
        outputs = {"9": {"images": [{"filename": "x_00001_.png", "subfolder": "", "type": "output"}]}}
        if self.script == "run_failed":
            failed = ["execution_error", {"node_id": "3", "exception_message": "out of memory"}]
            status, outputs = {"status_str": "error", "completed": False, "messages": [failed]}, {}
        if self.script == "nothing_stored":
            outputs = {"9": {"text": ["no picture"]}}
        return words(200, {job: {"prompt": [], "outputs": outputs, "status": status}})
