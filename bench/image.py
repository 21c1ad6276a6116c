"""Server CPU of one guarded image against Django's FileResponse behind the same check.

    python bench/image.py [IMAGES]

Goal: at most 1.3 times.
"""

import re
import statistics
import sys

from reading_ground import Client, ground, serving, session_of

ROUNDS = 5
CANVAS = 1024  # pixels a side


def main(images: int = 200) -> None:
    with ground():
        from tests.reading import scene

        scene.CANVAS = CANVAS
        study = scene.reading_study(pairs=2)
        with serving() as server:
            client = Client(server.port, session_of(study.readers.get().user))
            html = client.ask("GET", f"/reading/{study.slug}/").decode()
            token = re.search(r'data-viewer="/reading/image/([^"]+)"', html)[1]

            def fetch(path: str, count: int) -> float:
                before = server.cpu_seconds()
                for _ in range(count):
                    size = len(client.ask("GET", path))
                assert size > CANVAS * CANVAS
                return (server.cpu_seconds() - before) * 1000 / count

            paths = f"/reading/image/{token}", f"/floor/{token}"
            for path in paths:
                fetch(path, 20)
            costs = [[fetch(path, images) for path in paths] for _ in range(ROUNDS)]
    cost, least = (statistics.median(column) for column in zip(*costs, strict=True))
    print(f"CPU an image        {cost:.2f} ms")
    print(f"CPU of the floor    {least:.2f} ms")
    print(f"ratio               {cost / least:.2f} (goal: 1.3)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
