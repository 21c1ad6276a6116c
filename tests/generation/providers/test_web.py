"""One request, and what its failure means: every provider against every fault, counted by the services themselves."""

import socket
import threading
from decimal import Decimal

import pytest

from generation import answers, web
from generation.provider import Connection, ErrorKind, ProviderError
from tests.conftest import eventually
from tests.generation.stand_ins.cases import CASES, Case, answer_of
from tests.generation.stand_ins.server import KEY, Recorded, Reply

REJECTED, THROTTLED, UNAVAILABLE, LOST = ErrorKind
# What the service does -> the error's kind, its code, whether the batch stops.
FAULTS = {
    "400": (REJECTED, "http_400", False),
    "404": (REJECTED, "http_404", False),
    "413": (REJECTED, "http_413", False),
    "422": (REJECTED, "http_422", False),
    "401": (REJECTED, "bad_key", True),
    "403": (REJECTED, "bad_key", True),
    "402": (REJECTED, "no_credit", True),
    "throttled": (THROTTLED, "throttled", False),
    "503": (UNAVAILABLE, "busy", False),
    "408": (LOST, "http_408", False),
    "500": (LOST, "http_500", False),
    "502": (LOST, "http_502", False),
    "504": (LOST, "http_504", False),
    "redirect": (LOST, "http_307", False),
    "drop": (LOST, "connection_dropped", False),
    "half": (LOST, "connection_dropped", False),
    "stall": (LOST, "no_answer", False),
    "too_large": (LOST, "too_large", False),
}


@pytest.fixture(params=CASES, ids=lambda case: case.provider)
def case(request) -> Case:
    return request.param


@pytest.fixture
def service(case):
    with case.service() as service:
        yield service


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_each_service_is_told_by_its_kind_after_one_request(fault, case, service, monkeypatch):
    monkeypatch.setattr(web, "MOST_BYTES", 250_000)
    service.script = fault
    with Recorded() as elsewhere:
        service.redirect_to = f"{elsewhere.url}/stolen"
        with pytest.raises(ProviderError) as caught:
            case.make(service.url).submit(case.order(timeout_seconds=0.3 if fault == "stall" else 60))
        assert elsewhere.asked == elsewhere.orders == []  # no redirect is followed
    error = caught.value
    kind, code, stops = FAULTS[fault]
    kind = LOST if fault == "503" and not case.is_free_when_busy else kind
    assert (error.kind, error.code, error.stops_batch) == (kind, code, stops)
    assert error.retry_after_seconds == (7 if fault == "throttled" else None)
    eventually(lambda: len(service.orders) == 1, 5)
    assert KEY not in str(error) and KEY not in repr(error)


def test_where_nobody_listens_nothing_was_sent(case):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(ProviderError) as caught:
            case.make(f"http://127.0.0.1:{free.getsockname()[1]}").submit(case.order())
    assert (caught.value.kind, caught.value.code) == (UNAVAILABLE, "no_connection")


def test_an_image_comes_for_one_order_with_its_price_and_request_id(case, service):
    provider, asked = case.make(service.url), case.order(seed=7)
    delivery = answer_of(provider, asked)
    assert answers.mime_of(delivery.data) == delivery.mime == "image/png"
    assert delivery.provider_request_id
    assert delivery.cost_usd is None or 0 <= delivery.cost_usd <= provider.estimate_usd(asked)
    assert len(service.orders) == 1


def test_bytes_that_are_no_picture_are_named_so(case, service):
    service.script = "garbage"
    assert answer_of(case.make(service.url), case.order()).mime == "application/octet-stream"


@pytest.mark.parametrize("case", [case for case in CASES if case.needs_key], ids=lambda case: case.provider)
def test_a_missing_key_is_found_before_anything_is_sent(case):
    with case.service() as service:
        for key, code in {"": "no_key", "ключ": "bad_key", "a\nb": "bad_key"}.items():
            with pytest.raises(ProviderError) as caught:
                case.make(service.url, key=key).submit(case.order())
            assert (caught.value.kind, caught.value.code, caught.value.stops_batch) == (REJECTED, code, True)
        assert service.orders == []


def test_a_missing_key_is_told_with_the_name_of_its_variable():
    from generation.providers.stability import Provider

    case = next(case for case in CASES if case.provider == "stability")
    with pytest.raises(ProviderError, match="set STABILITY_API_KEY in its environment"):
        Provider({}, Connection(name="STABILITY")).submit(case.order())


def test_problems_are_told_without_a_key_and_without_the_network(case):
    provider = case.make("https://gateway.example/images", key="")
    assert provider.problems(case.order()) == []
    assert not provider.capabilities(case.model).keeps_images_here
    assert "no option webhook" in " ".join(case.make("", webhook="https://strange.example").problems(case.order()))


@pytest.mark.parametrize(
    "address",
    [
        "http://gateway.example",
        "ftp://127.0.0.1",
        "https://user@gateway.example",
        "https://",
        "https://[",
        "http://10.0.0.1",
    ],
)
def test_an_address_must_be_https_or_this_machine(address, case):
    provider = case.make(address)
    assert "address" in " ".join(provider.problems(case.order()))
    with pytest.raises(ProviderError) as caught:
        provider.submit(case.order())
    assert caught.value.kind is REJECTED


def test_only_this_machine_keeps_images_here(case, service):
    assert case.make(service.url).capabilities(case.model).keeps_images_here


def test_each_mode_has_a_price_by_a_declared_name(case):
    provider, declared = case.make(""), case.make("").capabilities(case.model)
    prices = dict.fromkeys(declared.rates, Decimal(1))
    for mode in declared.modes:
        assert (provider.estimate_usd(case.order(mode=mode, rates=prices)) > 0) == bool(declared.rates)
        if declared.rates:
            with pytest.raises(KeyError) as missing:
                provider.estimate_usd(case.order(mode=mode, rates={}))
            assert missing.value.args[0] in declared.rates


# -- addresses that a service gives ------------------------------------------------------------------------------------
def bfl(base_url: str = "") -> web.Service:
    return web.Service("A", "https://api.bfl.ai", Connection(base_url, KEY), web.bearer, own_hosts=["bfl.ai"])


@pytest.mark.parametrize(
    "url",
    [
        "https://strange.example/x.png",
        "https://bfl.ai.strange.example/x.png",
        "https://notbfl.ai/x.png",
        "http://delivery.bfl.ai/x.png",
        "https://delivery.bfl.ai:8443/x.png",
        "https://key@delivery.bfl.ai/x.png",
        "https://169.254.169.254/latest/meta-data",
        "http://127.0.0.1/x.png",
        "https://[::1]/x.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "",
        "https://[",
    ],
)
def test_results_are_fetched_from_the_services_own_hosts_only(url):
    for ask in (bfl().fetch, bfl().get):
        with pytest.raises(ProviderError) as caught:
            ask(url)
        assert (caught.value.kind, caught.value.code) == (LOST, "strange_host")


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.9", "::1", "fe80::1", "fd00::1"]
)
def test_an_own_host_that_leads_into_a_private_network_is_not_asked(address, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(web.socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ProviderError) as caught:
        bfl().fetch("https://delivery.eu.bfl.ai/x.png")
    assert (caught.value.kind, caught.value.code) == (LOST, "private_host")


def test_a_server_on_this_machine_may_not_send_us_to_another_port_of_it():
    with Recorded() as service, Recorded() as other:
        with pytest.raises(ProviderError) as caught:
            bfl(service.url).fetch(f"{other.url}/x.png")
        assert caught.value.code == "strange_host"
        assert other.asked == []


def test_a_result_is_fetched_without_the_key_and_its_redirect_is_not_followed():
    class Moved(Recorded):
        def ask(self, request):
            return Reply(302, b"", {"Location": f"{self.url}/elsewhere"})

    with Moved() as service:
        with pytest.raises(ProviderError):
            bfl(service.url).fetch(f"{service.url}/x.png")
        assert [request.path for request in service.asked] == ["/x.png"]
        assert "authorization" not in service.asked[0].headers


@pytest.mark.parametrize(
    ("base_url", "url", "is_shown"),
    [
        ("", "https://api.us1.bfl.ai/x", True),
        ("https://api.eu.bfl.ai", "https://api.eu2.bfl.ai/x", True),
        ("https://gateway.example/flux", "https://gateway.example/x", True),
        ("https://gateway.example/flux", "https://api.bfl.ai/x", False),
    ],
)
def test_a_gateways_key_is_shown_to_the_gateway_alone(base_url, url, is_shown, monkeypatch):
    sent = []
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))]
    monkeypatch.setattr(web.socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(web.Service, "_send", lambda *given, **_: sent.append(given) or answers.Answer(200, {}, b"{}"))
    bfl(base_url).get(url)
    assert (KEY in str(sent[0][-1])) == is_shown


@pytest.mark.parametrize("url", ["https://strange.example/v1/x", "http://api.bfl.ai/v1/x", "https://api.bfl.ai:8443/x"])
def test_a_library_sends_nothing_and_no_key_elsewhere(url, monkeypatch):
    monkeypatch.setattr(web.Service, "_send", lambda *_, **__: pytest.fail("it was sent"))
    with pytest.raises(ProviderError) as caught:
        bfl().forward("POST", url, 5, {}, b"{}")
    assert (caught.value.kind, caught.value.code) == (REJECTED, "strange_host")


@pytest.mark.parametrize(
    ("base_url", "kind"),
    [
        ("", UNAVAILABLE),
        ("https://api.eu.bfl.ai", UNAVAILABLE),
        ("http://127.0.0.1:9", UNAVAILABLE),
        ("https://gateway.example", LOST),
    ],
)
def test_what_a_gateway_answers_when_busy_may_have_cost_something(base_url, kind):
    assert bfl(base_url).failed(answers.Answer(503, {}, b"")).kind is kind


def test_an_answer_that_trickles_is_cut_off_at_its_time():
    """Each byte comes in time for a time limit on silence; the limit on the whole ends it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def trickle() -> None:
            line, _ = server.accept()
            with line:
                line.recv(65536)
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while not over.wait(0.05):
                    line.sendall(b" ")

        threading.Thread(target=trickle, daemon=True).start()
        with pytest.raises(ProviderError) as caught:
            bfl(f"http://127.0.0.1:{server.getsockname()[1]}").post("/v1/x", seconds=0.3, json={})
        over.set()
    assert (caught.value.kind, caught.value.code) == (LOST, "no_answer")


# -- what comes back from outside --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0.5", 0.5),
        ("Wed, 01 Jan 2020 00:00:00 GMT", 0),
        ("-3", None),
        ("soon", None),
        ("", None),
        ("9e9", None),
    ],
)
def test_when_to_come_back_is_read_as_seconds_or_as_a_date(header, seconds):
    assert answers.Answer(429, {"retry-after": header}, b"").retry_after_seconds == seconds


def test_what_a_service_says_fits_into_a_row():
    said = answers.Answer(
        200, {}, b'{"a": "x\\u0000y\\ud800", "b": [NaN, 1e999], "c": [1, {"d": "%s"}]}' % (b"z" * 9000)
    ).json()
    assert answers.plain(said) == {"a": "xy?", "b": [None, None], "c": [1, {"d": "z" * 4000}]}
    assert answers.seed_of(2**63) is None and answers.seed_of("12") == 12 and answers.seed_of(float("inf")) is None
    assert answers.Answer(200, {}, b"[" * 100_000).json() == answers.Answer(200, {}, b"[1]").json() == {}


@pytest.mark.parametrize(
    "said",
    [
        {"errors": ["too long"]},
        {"error": {"message": "too long", "type": "x"}},
        {"detail": [{"loc": ["body"], "msg": "too long"}]},
        {"error": "", "message": "too long"},
        b"too long",
    ],
)
def test_the_words_of_an_error_are_found_in_any_of_the_usual_shapes(said):
    assert bfl().words(said) == "too long"
    assert bfl().words(f"{KEY} is wrong") == "[key] is wrong"
