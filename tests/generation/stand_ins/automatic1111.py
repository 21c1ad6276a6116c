"""The web UI's API: JSON with base64 pictures in, base64 pictures and a string of JSON about them out."""

import base64
import json
import re

from tests import factories
from tests.generation.stand_ins.server import KEY, Recorded, Reply, Request, words

SIGN_IN = "Basic " + base64.b64encode(KEY.encode()).decode()


class Automatic1111(Recorded):
    """Answers: delivery, no_image, garbage."""

    paid = re.compile(r"/sdapi/v1/.*")

    def error(self, status, message):
        return {"error": "HTTPException", "detail": message, "body": "", "errors": ""}

    def deliver(self, request: Request) -> Reply:
        if request.headers.get("authorization") != SIGN_IN:
            return words(401, {"detail": "Incorrect username or password"})
        fields = request.json
        needs = {"init_images"} if request.path.endswith("img2img") else {"prompt", "width", "height"}
        if needs - set(fields) or fields["batch_size"] * fields["n_iter"] != 1:
            return words(422, self.error(422, "field required"))
        seed = fields["seed"] if fields["seed"] != -1 else 31337
        data = factories.png(seed=seed % 2**31, size=(fields["width"], fields["height"]))
        images = {"no_image": [], "garbage": [base64.b64encode(b"no picture").decode()]}
        info = {"seed": seed, "sd_model_name": "roentgen", "sd_model_hash": "0a1b2c3d4e", "version": "v1.10.1"}
        info |= {
            "job_timestamp": "20261124183000",
            "infotexts": ["all of the prompt"],
            "steps": fields.get("steps", 20),
        }
        said = {"images": images.get(self.script, [base64.b64encode(data).decode()]), "parameters": fields}
        return words(200, {**said, "info": json.dumps(info)})
