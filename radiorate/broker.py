"""A Redis transport whose workers outlive the broker.

kombu 5.7 ends a worker that had not confirmed a message when the connection was lost: it gives the message back, or
confirms it later, over a channel that has no connection any more. Neither is needed: the rows are the truth, what was
lost is sent again, and a message that comes twice finds its row taken.
"""

from typing import Any

from kombu.transport.redis import Channel


def outlive() -> None:
    """From now on a channel without a connection gives nothing back and confirms nothing."""
    confirm = Channel.basic_ack

    def basic_ack(channel: Channel, delivery_tag: Any, *args: Any, **kwargs: Any) -> None:
        if channel.connection is not None:
            confirm(channel, delivery_tag, *args, **kwargs)

    Channel.do_restore = False
    Channel.basic_ack = basic_ack  # type: ignore[method-assign, assignment]
