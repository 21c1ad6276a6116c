"""Server CPU of one rating against a bare view with the same statements, and what a rating costs on the wire.

    python bench/rating.py [RATINGS]

Goals: one request a rating, its answer at most 8 kB without images, CPU at most 1.5 times the floor's.
"""

import json
import re
import statistics
import sys

from reading_ground import Client, ground, serving, session_of

ROUNDS = 5


def main(ratings: int = 100) -> None:
    with ground():
        from tests.reading.scene import answers, posted, reading_study

        study = reading_study(pairs=ROUNDS * ratings + 30, readers=2, break_every=10_000)
        ours, floor = (session_of(reader.user) for reader in study.readers.select_related("user"))
        with serving() as server:
            real, bare = Client(server.port, ours), Client(server.port, floor)
            stored = json.dumps(answers())

            def read(client: Client, html: str, count: int, bare: bool) -> tuple[str, float, list[int]]:
                """The last answer, CPU milliseconds a rating, and the answers' sizes."""
                before, sizes = server.cpu_seconds(), []
                for _ in range(count):
                    action = re.search(r'<form [^>]*?action="/\w+/([^"]+)"', html)[1]
                    ahead = re.search(r'name="ahead" value="([^"]+)"', html)[1]
                    fields = {"answers": stored, "ahead": ahead} if bare else posted(ahead=ahead)
                    body = client.ask("POST", f"/{'floor' if bare else 'reading'}/{action}", fields, fragment=True)
                    sizes.append(len(body))
                    html = body.decode()
                return html, (server.cpu_seconds() - before) * 1000 / count, sizes

            pages = [client.ask("GET", f"/reading/{study.slug}/").decode() for client in (real, bare)]
            pages[0], *_ = read(real, pages[0], 10, bare=False)
            pages[1], *_ = read(bare, pages[1], 10, bare=True)
            costs, floors = [], []
            asked = real.requests
            for _ in range(ROUNDS):
                pages[0], cost, sizes = read(real, pages[0], ratings, bare=False)
                pages[1], least, _ = read(bare, pages[1], ratings, bare=True)
                costs.append(cost)
                floors.append(least)
            asked = real.requests - asked
    cost, least = statistics.median(costs), statistics.median(floors)
    print(f"requests a rating        {asked / ROUNDS / ratings:.2f}")
    print(f"answer without images    {max(sizes)} bytes at most (goal: 8000)")
    print(f"CPU a rating             {cost:.2f} ms")
    print(f"CPU of the floor         {least:.2f} ms")
    print(f"ratio                    {cost / least:.2f} (goal: 1.5)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
