#!/usr/bin/env python3
"""detente init and detente serve from the outside: real daemons on free ports of loopback, real
sockets, real files. Prints TAP. Arguments: the program, the directory of agreements.

What is seen through the interface is compared with what `detente watch` prints for the same feed, and
with the database as Python's sqlite3 reads it."""

import contextlib
import datetime
import http.server
import json
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.error
import urllib.request

DETENTE, AGREEMENTS = sys.argv[1], sys.argv[2]
TUTORIAL = os.path.join(AGREEMENTS, "tutorial")
DAY = os.path.join(TUTORIAL, "day.csv")
PATIENCE_S = 60  # the machine may be busy
HEADER = "time,track,lat,lon,alt_m,alt_ref,speed_mps,course_deg,vrate_mps,class,flag,name,err_m\n"


def wait_for(what, condition, seconds=PATIENCE_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s for {what}")


def run(*arguments, **more):
    return subprocess.run([DETENTE, *arguments], capture_output=True, text=True,
                          timeout=PATIENCE_S, check=False, **more)


def watch_lines():
    done = run("watch", "--agreement", TUTORIAL, "--party", "A", DAY)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


class Node:
    """A serving node; ends with the block."""

    def __init__(self, home, *arguments, **more):
        self.process = subprocess.Popen([DETENTE, "serve", home, "--port", "0", *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        **more)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise AssertionError(self.process.stderr.read())
        self.port = int(self.url.rsplit(":", 1)[1].strip("/"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.process.stdout.close()
        self.process.stderr.close()

    def ask(self, path, body=None, headers=None, method=None):
        """Status, headers, body."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path.lstrip("/"), data, headers or {},
                                         method=method)
        if data and "Content-type" not in request.headers:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers, refusal.read()

    def get(self, path):
        status, _, body = self.ask(path)
        assert status == 200, (path, status, body)
        return json.loads(body)

    def metric(self, name):
        for line in self.ask("/metrics")[2].decode().splitlines():
            if line.startswith(name + " ") or line.startswith(name + "{"):
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError(f"no metric {name}")

    def wait_ended(self):
        return wait_for("the feed's end", lambda: all(
            f["state"] == "ended" for f in self.get("/v1/health")["feeds"]))

    def events(self, last=None):
        return Events(self.port, last)


class Events:
    """A reader of /v1/events."""

    def __init__(self, port, last=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        head = f"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        if last is not None:
            head += f"Last-Event-ID: {last}\r\n"
        self.socket.sendall((head + "\r\n").encode())
        self.file = self.socket.makefile("rb")
        self.head = b""
        while not self.head.endswith(b"\r\n\r\n"):
            self.head += self.file.readline()
        self.text = b""

    def next(self):
        """(id or None, event, data); None at the end."""
        while b"\n\n" not in self.text:
            size = self.file.readline().strip()
            if not size or int(size, 16) == 0:
                return None
            self.text += self.file.read(int(size, 16))
            self.file.readline()
        frame, self.text = self.text.split(b"\n\n", 1)
        fields = dict(line.split(b": ", 1) for line in frame.split(b"\n"))
        number = int(fields[b"id"]) if b"id" in fields else None
        return number, fields[b"event"].decode(), json.loads(fields[b"data"])

    def kept(self, count):
        """The next things that carry an id."""
        found = []
        while len(found) < count:
            event = self.next()
            assert event, "the stream ended"
            if event[0] is not None:
                found.append(event)
        return found

    def close(self):
        self.file.close()
        self.socket.close()


class Feed:
    """A TCP server that says what it is told to."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(PATIENCE_S)
        self.port = self.server.getsockname()[1]
        self.url = f"tcp://127.0.0.1:{self.port}?format=csv&name=test"
        self.connection = None

    def accept(self):
        self.connection = self.server.accept()[0]
        self.connection.sendall(HEADER.encode())

    def say(self, *lines):
        self.connection.sendall(("\n".join(lines) + "\n").encode())

    def close(self):
        if self.connection:
            self.connection.close()
        self.server.close()


def fix(track, lat, lon=0.45, after_s=0.0, kind="cargo_ship"):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=after_s)
    stamp = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"{stamp},{track},{lat:.7f},{lon:.7f},,,5,0,,{kind},XB,,10"


@contextlib.contextmanager
def home(party="A"):
    with tempfile.TemporaryDirectory() as scratch:
        place = os.path.join(scratch, "home")
        done = run("init", place, "--agreement", TUTORIAL, "--party", party)
        assert done.returncode == 0, done.stderr
        yield place


def rows(place, sql):
    with contextlib.closing(sqlite3.connect(os.path.join(place, "detente.db"))) as db:
        return db.execute(sql).fetchall()


def one_line(text):
    return text.endswith("\n") and text.count("\n") == 1


# ---- the tests ------------------------------------------------------------------------------------


def test_init_makes_a_home_once():
    with home() as place:
        assert sorted(os.listdir(place)) == ["agreement", "detente.conf", "detente.db", "log",
                                             "version"]
        with open(os.path.join(place, "version"), encoding="ascii") as f:
            assert f.read() == "detente-home 1\n"
        with open(os.path.join(TUTORIAL, "agreement.json"), "rb") as a, \
                open(os.path.join(place, "agreement", "agreement.json"), "rb") as b:
            assert a.read() == b.read()
        again = run("init", place, "--agreement", TUTORIAL, "--party", "A")
        assert again.returncode == 77 and one_line(again.stderr) and place in again.stderr
        elsewhere = run("init", place + "2", "--agreement", TUTORIAL, "--party", "Q")
        assert elsewhere.returncode == 64 and "A, B" in elsewhere.stderr
        assert os.listdir(os.path.dirname(place)) == ["home"]  # nothing half is left


def test_what_is_kept_is_what_watch_prints():
    lines = watch_lines()
    with home() as place, Node(place, "--feed", DAY) as node:
        node.wait_ended()
        sightings = node.get("/v1/sightings?limit=1000")["sightings"]
        expected = [l for l in lines if l["type"] != "alert"]
        assert [s["id"] for s in sightings] == [l["id"] for l in reversed(expected)]
        assert sightings == list(reversed(expected))
        alerts = {a["id"]: a for a in node.get("/v1/alerts?state=all&limit=1000")["alerts"]}
        last = {l["id"]: l for l in lines if l["type"] == "alert"}
        assert alerts == last
        opened = node.get("/v1/alerts")["alerts"]
        assert {a["id"] for a in opened} == {i for i, a in last.items() if a["state"] != "closed"}
        raised = [a["raised"] for a in opened]
        assert raised == sorted(raised, reverse=True)
        of_ship = node.get("/v1/sightings?track=toy:ship-1")["sightings"]
        assert of_ship and {s["track"] for s in of_ship} == {"toy:ship-1"}
        health = node.get("/v1/health")
        assert health["simulated"] is True and health["party"] == "A"
        assert health["feeds"][0]["positions"] == 31 and health["feeds"][0]["skipped"] == {}
        assert health["sightings"] == len(expected) and health["sequence"] == len(lines)


def test_every_path_of_openapi_answers():
    with home() as place, Node(place, "--feed", DAY) as node:
        node.wait_ended()
        alert = node.get("/v1/alerts")["alerts"][0]
        paths = node.get("/openapi.json")["paths"]
        assert len(paths) == 14
        for path, methods in paths.items():
            if "get" not in methods or path == "/v1/events":
                continue
            status, headers, body = node.ask(path.format(track=alert["track"], id=alert["id"]))
            assert status == 200 and body, path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert "default-src 'self'" in headers["Content-Security-Policy"], path
        why = node.get(f"/v1/alerts/{alert['id']}")["why"]
        assert why["sighting"]["id"] == alert["last_cause"]
        assert why["rule"]["id"] == alert["rule"] and why["zone"]["id"] == alert["zone"]
        assert why["provision"]["id"] == alert["provision"]
        assert [f["track"] for f in why["fixes"]] == [alert["track"]] * len(why["fixes"])
        assert [f["time"] for f in why["fixes"]] == sorted(f["time"] for f in why["fixes"])
        status = node.get("/v1/status?on=2030-06-01")["status"]
        told = run("status", "--agreement", TUTORIAL, "--on", "2030-06-01", "--json").stdout
        assert [{k: v for k, v in s.items() if k != "in_force"} for s in status] == \
            [json.loads(l) for l in told.splitlines()]
        zones = node.get("/v1/zones.geojson")["features"]
        assert {z["properties"]["zone"] for z in zones} == \
            {z["id"] for z in node.get("/v1/agreement")["zones"]}


def test_wrong_questions_are_refused():
    with home() as place, Node(place) as node:
        for path, expected in (("/v1/alerts?limit=0", 400), ("/v1/alerts?limit=x", 400),
                               ("/v1/alerts?state=some", 400), ("/v1/alerts/xyz", 404),
                               ("/v1/alerts/0123456789abcdef", 404), ("/v1/nothing", 404),
                               ("/v1/tracks/ais:1", 404), ("/v1/status?on=never", 400),
                               ("/nothing", 404), ("/v1/health/", 404), ("/%00", 400)):
            status, _, body = node.ask(path)
            assert status == expected, (path, status)
            assert json.loads(body)["error"]["status"] == expected, path
        ack = "/v1/alerts/0123456789abcdef/ack"
        assert node.ask(ack)[0] == 405
        assert node.ask(ack, {"by": "x"})[0] == 404
        assert node.ask(ack, {"to": "x"})[0] == 400
        assert node.ask(ack, {"by": "x" * 48})[0] == 400
        assert node.ask(ack, {"by": "x"}, {"Content-Type": "text/plain"})[0] == 415
        assert node.ask(ack, {"by": "x"}, {"Origin": "http://elsewhere.example"})[0] == 403
        assert node.ask("/v1/health", None, {"Host": "elsewhere.example"})[0] == 421
        assert node.ask("/v1/health", method="DELETE")[0] in (405, 501)
        assert node.ask(ack, {"by": "x" * 20000})[0] in (400, 413)
        assert node.metric("detente_http_refused_total") == 3


def test_the_console_is_served_and_nothing_beside_it():
    with home() as place:
        folder = os.path.join(os.path.dirname(place), "console")
        os.makedirs(os.path.join(folder, "in"))
        for name, text in (("index.html", "<p>hello"), ("in/a.js", "1"), (".hidden", "no")):
            with open(os.path.join(folder, name), "w", encoding="ascii") as f:
                f.write(text)
        with open(os.path.join(os.path.dirname(place), "secret"), "w", encoding="ascii") as f:
            f.write("no")
        os.symlink("../secret", os.path.join(folder, "link"))
        with Node(place, "--console", folder) as node:
            status, headers, body = node.ask("/")
            assert (status, body) == (200, b"<p>hello")
            assert headers["Content-Type"] == "text/html; charset=utf-8"
            again = node.ask("/", None, {"If-None-Match": headers["ETag"]})
            assert again[0] == 304 and again[2] == b""
            assert node.ask("/in/a.js")[1]["Content-Type"] == "text/javascript; charset=utf-8"
            for path in ("/../secret", "/%2e%2e/secret", "/in/../../secret", "/.hidden", "/link",
                         "/in", "/in/", "/in//a.js", "/in%2f..%2f..%2fsecret"):
                assert node.ask(path)[0] in (400, 404), path


def test_the_stream_resumes_where_it_was_left():
    with home() as place, Node(place, "--feed", DAY) as node:
        node.wait_ended()
        sequence = node.get("/v1/health")["sequence"]
        whole = node.events(0)
        assert b"text/event-stream" in whole.head
        hello = whole.next()
        assert hello[:2] == (None, "hello") and hello[2]["sequence"] == sequence
        everything = whole.kept(sequence)
        assert [e[0] for e in everything] == list(range(1, sequence + 1))
        rest = node.events(5)
        assert rest.kept(sequence - 5) == everything[5:]
        fresh = node.events()
        assert fresh.next()[1] == "hello"
        kinds = {fresh.next()[1] for _ in range(2)}
        assert kinds <= {"health", "positions"}  # nothing of before
        for stream in (whole, rest, fresh):
            stream.close()
        wait_for("the streams to be let go", lambda: node.metric("detente_sse_clients") == 0)


def test_a_long_stream_is_caught_up_in_pages():
    with home() as place, Node(place) as node:
        filler = '{"type":"sighting","id":"%016x","x":"' + "y" * 2000 + '"}'
        node.process.send_signal(signal.SIGTERM)
        node.process.wait(PATIENCE_S)
        with contextlib.closing(sqlite3.connect(os.path.join(place, "detente.db"))) as db:
            db.executemany("INSERT INTO kept VALUES (?, 1, ?, 7, 0, ?)",
                           [(i, i, filler % i) for i in range(1, 2001)])
            db.commit()
        with Node(place) as second:
            stream = second.events(100)
            assert [e[0] for e in stream.kept(1900)] == list(range(101, 2001))
            stream.close()
            assert second.metric("detente_sse_dropped_total") == 0


def test_acknowledged_once_and_over_a_restart():
    with home() as place:
        with Node(place, "--feed", DAY) as node:
            node.wait_ended()
            alert = next(a for a in node.get("/v1/alerts")["alerts"] if a["state"] == "unacked")
            stream = node.events()
            status, _, body = node.ask(f"/v1/alerts/{alert['id']}/ack", {"by": "Kim"})
            acked = json.loads(body)
            assert (status, acked["state"], acked["acked_by"]) == (200, "acked", "Kim")
            number, name, shown = stream.kept(1)[0]
            assert (name, shown) == ("alert", acked)
            assert number == node.get("/v1/health")["sequence"]
            again = node.ask(f"/v1/alerts/{alert['id']}/ack", {"by": "Lee"})
            assert again[0] == 200 and json.loads(again[2])["acked_by"] == "Kim"
            assert node.get("/v1/health")["sequence"] == number
            before = node.get("/v1/alerts?state=all")
            fixes = node.get(f"/v1/tracks/{alert['track']}")["fixes"]
            stream.close()
            node.process.send_signal(signal.SIGINT)
            assert node.process.wait(PATIENCE_S) == 0
        with Node(place) as node:
            assert node.get("/v1/alerts?state=all") == before
            assert node.get("/v1/health")["alerts"]["acked"] == 1
            assert node.get(f"/v1/alerts/{alert['id']}")["why"]["fixes"]
            track = node.get(f"/v1/tracks/{alert['track']}")
            assert track["fixes"] == fixes and track["alerted"] is True and track["stale"] is True
            kept = node.get("/v1/sightings?limit=1000")
        with Node(place, "--feed", DAY) as node:  # a replay says nothing twice
            node.wait_ended()
            assert node.get("/v1/sightings?limit=1000") == kept


def test_kill_loses_nothing_that_was_shown():
    feed = Feed()
    with home() as place, Node(place, "--feed", feed.url) as node:
        feed.accept()
        stream = node.events()
        stream.next()
        feed.say(fix("s:1", 0.20), fix("s:1", 0.33, after_s=0.1))
        seen = stream.kept(1)
        for i in range(20):
            feed.say(fix(f"s:{i + 2}", 0.33))
            seen += stream.kept(1)
        node.process.kill()
        node.process.wait(PATIENCE_S)
        with contextlib.suppress(AssertionError, OSError, ValueError):
            seen += stream.kept(100)
        stream.close()
        kept = dict(rows(place, "SELECT sequence, body FROM kept"))
        assert len(seen) >= 21
        for number, _, data in seen:
            assert json.loads(kept[number]) == data
    feed.close()


def test_a_full_disk_ends_it_and_shows_nothing_more():
    feed = Feed()
    limit = 160 * 1024

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    with home() as place, Node(place, "--feed", feed.url, preexec_fn=small_files) as node:
        feed.accept()
        stream = node.events()
        stream.next()
        seen = []
        with contextlib.suppress(OSError):
            for i in range(500):
                if node.process.poll() is not None:
                    break
                feed.say(fix(f"s:{i}", 0.33))
                time.sleep(0.01)
        with contextlib.suppress(AssertionError, OSError, ValueError):
            while True:
                seen += stream.kept(1)
        stream.close()
        assert node.process.wait(PATIENCE_S) == 74
        said = node.process.stderr.read()
        assert "detente.db" in said.splitlines()[-1], said
        kept = dict(rows(place, "SELECT sequence, body FROM kept"))
        assert seen and all(json.loads(kept[n]) == data for n, _, data in seen)
    feed.close()


def test_a_limit_of_the_database_is_kept():
    feed = Feed()
    with home() as place:
        with open(os.path.join(place, "detente.conf"), "a", encoding="ascii") as f:
            f.write("[store]\nmax_mb = 1\n")
        with Node(place, "--feed", feed.url) as node:
            feed.accept()
            with contextlib.suppress(OSError):
                for i in range(200):
                    if node.process.poll() is not None:
                        break
                    feed.say(*(fix(f"s:{i}-{k}", 0.33) for k in range(20)))
                    time.sleep(0.02)
            assert node.process.wait(PATIENCE_S) == 74
            assert "no room is left" in node.process.stderr.read()
    feed.close()


def test_taken_ports_and_homes():
    with home() as place, home() as other, Node(place) as node:
        taken = run("serve", place, "--port", "0")
        assert taken.returncode == 69 and one_line(taken.stderr)
        assert str(node.process.pid) in taken.stderr
        port = run("serve", other, "--port", str(node.port))
        assert port.returncode == 69 and one_line(port.stderr) and str(node.port) in port.stderr
        none = run("serve", place + "-none", "--port", "0")
        assert none.returncode == 66 and "detente init" in none.stderr


def test_the_configuration():
    with home() as place:
        conf = os.path.join(place, "detente.conf")
        with open(conf, encoding="ascii") as f:
            whole = f.read()
        for text, said in (("[http]\nprot = 1\n", 'no key "prot"'), ("[htp]\n", "[htp]"),
                           ("[http]\nport = 70000\n", "0 to 65535"), ("[http]\nport\n", "key")):
            with open(conf, "w", encoding="ascii") as f:
                f.write(whole + text)
            done = run("serve", place)
            assert done.returncode == 78 and one_line(done.stderr), done.stderr
            line = len(whole.splitlines()) + len(text.splitlines())
            assert f"detente.conf:{line}: " in done.stderr and said in done.stderr, done.stderr
        with open(conf, "w", encoding="ascii") as f:
            f.write(whole + "[feeds]\nfeed = /nowhere/at/all\n")
        assert run("serve", place, "--port", "0").returncode == 66
        env = dict(os.environ, DETENTE_FEEDS_FEED=DAY)
        with Node(place, env=env) as node:
            assert node.get("/v1/health")["feeds"][0]["url"] == DAY
        for arguments in (["--feed", "xyz://a"], ["--feed", "ais+tcp://"], ["--listen", "0.0.0.0"],
                          ["--port", "x"], ["--feed", DAY + "?speed=1", "--feed", "udp://:9"],
                          ["--feed", "file:" + DAY + "?speed=0"]):
            done = run("serve", place, "--port", "0", *arguments)
            assert done.returncode in (64, 66) and one_line(done.stderr), (arguments, done.stderr)


def test_another_agreement_needs_another_home():
    with home() as place:
        path = os.path.join(place, "agreement", "agreement.json")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(text.replace('"km": 5', '"km": 6'))
        done = run("serve", place, "--port", "0")
        assert done.returncode == 78 and "digest" in done.stderr, done.stderr


def test_who_does_not_read_is_dropped():
    feed = Feed()
    with home() as place, Node(place, "--feed", feed.url) as node:
        feed.accept()
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", node.port))
        slow.sendall(f"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:{node.port}\r\n\r\n".encode())
        wait_for("the stream", lambda: node.metric("detente_sse_clients") == 1)
        quick = node.events()
        read = []

        def follow():
            with contextlib.suppress(OSError, ValueError):
                while True:
                    event = quick.next()
                    if not event:
                        return
                    read.append(event[1])

        reader = threading.Thread(target=follow, daemon=True)
        reader.start()

        def move_all():
            feed.say(*(fix(f"t:{i}", -1.0 - i * 1e-4) for i in range(400)))
            time.sleep(0.2)
            return node.metric("detente_sse_dropped_total") == 1

        wait_for("the slow client to be dropped", move_all)
        assert node.metric("detente_sse_clients") == 1
        assert "positions" in read and node.get("/v1/health")["tracks"] == 400
        slow.close()
        quick.socket.shutdown(socket.SHUT_RDWR)
        reader.join(PATIENCE_S)
    feed.close()


def drip(port, pieces):
    """Seconds until the other side closed."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=0.5) as s:
        for piece in pieces:
            try:
                s.sendall(piece)
                if s.recv(4096) == b"":
                    return time.monotonic() - began
            except socket.timeout:
                continue
            except OSError:
                return time.monotonic() - began
    return None


def test_who_drips_is_closed():
    with home() as place, Node(place) as node:
        head = f"POST /v1/alerts/0123456789abcdef/ack HTTP/1.1\r\nHost: 127.0.0.1:{node.port}\r\n"
        whole = head + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n"
        for pieces in ([b"GET / HTTP/1.1\r\n"] + [b"X-A: b\r\n"] * 60,
                       [whole.encode()] + [b"x"] * 60):
            seconds = drip(node.port, pieces)
            assert seconds is not None and 4.5 < seconds < 10, seconds
        assert node.metric("detente_http_late_total") == 2
        stream = node.events()  # which has no whole-request deadline
        began = time.monotonic()
        while time.monotonic() - began < 7:
            assert stream.next()
        stream.close()
        wait_for("all to be let go", lambda: node.metric("detente_http_connections") <= 1)


def test_a_crowd_is_held_off():
    with home() as place, Node(place) as node:
        crowd = []
        with contextlib.suppress(OSError):
            for _ in range(560):
                crowd.append(socket.create_connection(("127.0.0.1", node.port), timeout=5))
        time.sleep(1.0)
        for s in crowd:
            s.close()

        def left():
            with contextlib.suppress(OSError):  # who asks too early is one of the crowd
                return node.metric("detente_http_connections") <= 2

        wait_for("the crowd to leave", left)
        assert node.metric("detente_http_crowded_total") >= 40


def test_feeds_over_the_network():
    sentence = b"!AIVDM,1,1,,A,14eG;o@034o8sd<L9i:a;WF>062D,0*7D\r\n"  # gpsd's AIVDM document
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    class Aircraft(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps({"now": time.time(), "aircraft": [
                {"hex": "71be12", "lat": 1.5, "lon": 0.5, "seen_pos": 0.1}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Aircraft)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    feed = Feed()
    urls = [f"ais+udp://:{port}", f"aircraft+http://127.0.0.1:{web.server_port}/data/aircraft.json",
            feed.url]
    with home() as place, Node(place, *sum((["--feed", u] for u in urls), [])) as node:
        feed.accept()
        feed.say(fix("s:1", -1.0))

        def all_there():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.sendto(sentence, ("127.0.0.1", port))
            return {"ais:316001245", "icao:71BE12", "s:1"} <= \
                {t["track"] for t in node.get("/v1/tracks")["tracks"]}

        wait_for("three tracks", all_there)
        wait_for("a second poll", lambda: node.get("/v1/health")["feeds"][1]["positions"] >= 2)
        feed.connection.close()
        wait_for("its loss", lambda: node.get("/v1/health")["feeds"][2]["state"] == "waiting")
        feed.accept()  # it came again by itself
        feed.say(fix("s:2", -1.0))
        wait_for("it to go on", lambda: node.ask("/v1/tracks/s:2")[0] == 200)
        assert node.get("/v1/health")["simulated"] is True  # the agreement is
    feed.close()
    web.shutdown()
    web.server_close()


def test_a_loop_goes_on_in_time():
    with home() as place, \
            Node(place, "--feed", f"file:{DAY}?format=csv&speed=100000&loop=1") as node:
        def told():
            return node.get("/v1/health")["data_time"] or ""

        began = time.monotonic()
        wait_for("the sixth day", lambda: told() >= "2030-06-06")
        # 4 hours of each day at 100,000 times: the rest of a day is passed over
        assert time.monotonic() - began < PATIENCE_S / 2
        assert node.get("/v1/health")["feeds"][0]["skipped"] == {}
        assert node.metric("detente_late_fixes_total") == 0


def test_it_paces_a_replay():
    with home() as place:
        slow = os.path.join(os.path.dirname(place), "slow.csv")
        with open(slow, "w", encoding="ascii") as f:
            f.write(HEADER)
            for second in range(0, 60, 10):
                f.write(f"2030-06-01T08:00:{second:02d}Z,p:1,-1.0,0.0,,,,,,,,,\n")
        with Node(place, "--feed", slow, "--simulate-speed", "10") as node:
            began = time.monotonic()
            node.wait_ended()
            assert 3.0 < time.monotonic() - began < PATIENCE_S / 2  # 50 s at 10 times: 5 s


# ---------------------------------------------------------------------------------------------------


def main():
    tests = [f for n, f in sorted(globals().items()) if n.startswith("test_")]
    only = sys.argv[3:]
    tests = [t for t in tests if not only or t.__name__ in only]
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        name = test.__name__[5:].replace("_", " ")
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except Exception as reason:  # a test that breaks has failed; the others still run
            failed += 1
            print(f"not ok {number} - {name}", flush=True)
            for line in traceback.format_exc().splitlines():
                print("#", line[:400])
            del reason
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
