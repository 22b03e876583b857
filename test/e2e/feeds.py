#!/usr/bin/env python3
"""Feeds by address: a small server of each kind on loopback, and what `detente decode` prints of it.
Datagrams, a multicast group, connections, gpsd's greeting, pages, TLS with a client's certificate and
with those that must be refused.

usage: feeds.py DETENTE"""
import http.server
import json
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE_S = 20
POSITION = {"lat": 37.5, "lon": 126.25}
EVENT = ("<event version='2.0' uid='u1' type='a-f-S' time='2018-11-01T00:00:01Z' "
         "start='2018-11-01T00:00:01Z' stale='2199-01-01T00:00:00Z' how='m-g'>"
         "<point lat='37.5' lon='126.25' hae='9999999.0' ce='9999999.0' le='9999999.0'/></event>")
# The even and odd frame of the worked example in J. Sun, The 1090 Megahertz Riddle, chapter 5.
FRAMES = ("8D40621D58C386435CC412692AD6", "8D40621D58C382D690C8AC2863A7")
AIR = {"lat": 52.2572, "lon": 3.91937}


def beast(frame, counter):
    body = counter.to_bytes(6, "big") + b"\x40" + bytes.fromhex(frame)
    return b"\x1a3" + body.replace(b"\x1a", b"\x1a\x1a")


BEAST = b"".join(beast(frame, 12_000_000 * (i + 1)) for i, frame in enumerate(FRAMES))
AVR = "".join(f"*{frame};\n" for frame in FRAMES).encode()
AIS = {"class": "AIS", "type": 1, "mmsi": 440123456, "scaled": True, **POSITION}
UNSCALED = {**AIS, "scaled": False, "lat": 22_500_000, "lon": 75_750_000}
PLANE = {"hex": "71be12", **POSITION}


def line(value):
    return (json.dumps(value) + "\n").encode()


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """Sends its bytes to whoever calls, when it has heard what it expects."""

    def __init__(self, data, expect=b"", context=None):
        self.data, self.expect, self.context = data, expect, context
        self.heard, self.certificate, self.connections = b"", None, 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer):
        try:
            if self.context:
                peer = self.context.wrap_socket(peer, server_side=True)
                self.certificate = peer.getpeercert()
            while len(self.heard) < len(self.expect):
                more = peer.recv(4096)
                if not more:
                    return
                self.heard += more
            peer.sendall(self.data)
            peer.recv(1)    # until the other side goes
        except OSError:
            pass
        finally:
            peer.close()

    def close(self):
        self.socket.close()


class Page(http.server.BaseHTTPRequestHandler):
    pages = {}

    def do_GET(self):
        body = self.pages.get(self.path)
        self.send_response(200 if body else 404)
        self.end_headers()
        if body:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Decode:
    def __init__(self, detente, url):
        self.process = subprocess.Popen([detente, "decode", url], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.lines, self.notes = [], []
        for stream, to in ((self.process.stdout, self.lines), (self.process.stderr, self.notes)):
            threading.Thread(target=self.read, args=(stream, to), daemon=True).start()

    @staticmethod
    def read(stream, to):
        for text in stream:
            to.append(text.decode())

    def wait_for(self, done):
        end = time.monotonic() + PATIENCE_S
        while not done() and time.monotonic() < end and self.process.poll() is None:
            time.sleep(0.05)
        return done()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_S)


class Report:
    def __init__(self):
        self.number = self.failed = 0

    def tell(self, name, wrong):
        self.number += 1
        self.failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {self.number} - {name}", flush=True)
        if wrong:
            print(f"# {wrong}")


def same_place(text, expected):
    found = json.loads(text)
    return all(abs(found[key] - value) < 5e-6 for key, value in expected.items())


def check_position(detente, url, expected, nudge=None):
    """None, or what is wrong."""
    run = Decode(detente, url)
    try:
        def done():
            if nudge:
                nudge()
            return bool(run.lines)
        run.wait_for(done)
    finally:
        code = run.stop()
    if not run.lines or not same_place(run.lines[-1], expected):
        return f"expected {expected}, got {run.lines[:1]}, told {run.notes[:3]}"
    return None if code == 0 else f"exit {code}: {run.notes}"


def check_refused(detente, url, word):
    run = Decode(detente, url)
    try:
        run.wait_for(lambda: any(word in note for note in run.notes))
    finally:
        run.stop()
    if run.lines:
        return f"a position came: {run.lines[0]}"
    return None if any(word in note for note in run.notes) else f"{run.notes} do not say {word!r}"


# ---- what is sent -------------------------------------------------------------------------------

def check_connections(report, detente):
    watch = b'?WATCH={"enable":true,"json":true,"scaled":false};'
    for scheme, data, expected, expect in (
            ("sbs+tcp", b"MSG,3,,,71BE12,,,,,,,100,,,37.5,126.25,,,,,,0\n", POSITION, b""),
            ("beast+tcp", BEAST, AIR, b""), ("avr+tcp", AVR, AIR, b""),
            ("cot+tcp", EVENT.encode(), POSITION, b""), ("aiscatcher+tcp", line(AIS), POSITION, b""),
            ("aircraft+tcp", line(PLANE), POSITION, b""), ("gpsd", line(UNSCALED), POSITION, watch),
            ("tcp", BEAST, AIR, b""), ("tcp", EVENT.encode(), POSITION, b"")):
        server = Server(data, expect)
        wrong = check_position(detente, f"{scheme}://127.0.0.1:{server.port}", expected)
        if not wrong and not server.heard.startswith(expect):
            wrong = f"it said {server.heard!r}"
        server.close()
        report.tell(f"{scheme}: {expected}", wrong)


def check_datagrams(report, detente):
    for scheme, data, expected in (("cot+udp", EVENT.encode(), POSITION),
                                   ("aiscatcher+udp", line(AIS).strip(), POSITION)):
        port = free_port(socket.SOCK_DGRAM)
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        wrong = check_position(detente, f"{scheme}://:{port}", expected,
                               lambda: sender.sendto(data, ("127.0.0.1", port)))
        report.tell(f"{scheme}: {expected}", wrong)


def check_beast_datagrams(report, detente):
    """A frame a datagram: no line end must come between."""
    port = free_port(socket.SOCK_DGRAM)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def nudge():
        for i, frame in enumerate(FRAMES):
            sender.sendto(beast(frame, i + 1), ("127.0.0.1", port))
    run = Decode(detente, f"udp://:{port}?format=beast")
    run.wait_for(lambda: nudge() or bool(run.lines))
    code = run.stop()
    wrong = None if code == 0 and run.lines and not any("not_a_record" in n for n in run.notes) \
        else f"{code} {run.lines[:1]} {run.notes}"
    report.tell("udp of Beast frames", wrong)


def check_group(report, detente):
    """A group of the range for one's own use (RFC 2365). Where no interface takes it, say so."""
    group, port = "239.255.77.31", free_port(socket.SOCK_DGRAM)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)    # not beyond this machine
    try:
        sender.sendto(b"\n", (group, port))
    except OSError as why:
        print(f"ok {report.number + 1} - a multicast group # SKIP {why}")
        report.number += 1
        return
    wrong = check_position(detente, f"cot+udp://{group}:{port}", POSITION,
                           lambda: sender.sendto(EVENT.encode(), (group, port)))
    report.tell("cot+udp from a multicast group", wrong)


def check_pages(report, detente):
    Page.pages = {"/data/aircraft.json": line({"now": 1541030400, "aircraft": [PLANE]}),
                  "/api/ships.json": line({"count": 1, "ships": [{**AIS, "last_signal": 1}]})}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for scheme, path in (("aircraft+http", "/data/aircraft.json"), ("ais+http", "/api/ships.json")):
        url = f"{scheme}://127.0.0.1:{server.server_port}{path}"
        report.tell(f"{scheme}: {POSITION}", check_position(detente, url, POSITION))
    server.shutdown()


# ---- TLS ----------------------------------------------------------------------------------------

def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_certificate(folder, name, ca=None, subject_alt=None):
    """NAME.key and NAME.pem, signed by CA.key or by itself."""
    key, pem = folder / f"{name}.key", folder / f"{name}.pem"
    command = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-keyout", str(key), "-out", str(pem), "-days", "2", "-subj", f"/CN={name}"]
    if ca:
        command += ["-CA", str(folder / f"{ca}.pem"), "-CAkey", str(folder / f"{ca}.key"),
                    "-addext", "basicConstraints=critical,CA:FALSE"]
    if subject_alt:
        command += ["-addext", f"subjectAltName={subject_alt}"]
    openssl(*command)


def context_of(folder, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def check_tls(report, detente):
    if not shutil.which("openssl"):
        report.number += 1
        print(f"ok {report.number} - TLS # SKIP openssl is not installed")
        return
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        make_certificate(folder, "ca")
        make_certificate(folder, "server", "ca", "DNS:tak.example,IP:127.0.0.1")
        make_certificate(folder, "client", "ca")
        make_certificate(folder, "stranger")
        ours = f"cert={folder}/client.pem&key={folder}/client.key"
        trust = f"ca={folder}/ca.pem"
        server = Server(EVENT.encode(), context=context_of(folder, "server"))
        url = f"cot+tls://127.0.0.1:{server.port}?"
        report.tell("cot+tls by the address in the certificate",
                    check_position(detente, f"{url}{trust}&{ours}", POSITION))
        wrong = None
        if not server.certificate or (("commonName", "client"),) not in server.certificate["subject"]:
            wrong = f"the server saw {server.certificate}"
        report.tell("the server sees our certificate", wrong)
        report.tell("cot+tls by the server's name",
                    check_position(detente, f"{url}{trust}&{ours}&server=tak.example", POSITION))
        report.tell("another name is refused",
                    check_refused(detente, f"{url}{trust}&{ours}&server=tok.example", "mismatch"))
        report.tell("an authority that is not ours is refused",
                    check_refused(detente, f"{url}ca={folder}/stranger.pem&{ours}", "certificate"))
        report.tell("a server that does not get a certificate gives nothing",
                    check_refused(detente, f"{url}{trust}", "trying again"))
        server.close()
        done = subprocess.run([detente, "decode", f"{url}ca={folder}/none.pem"],
                              capture_output=True, text=True, timeout=PATIENCE_S)
        report.tell("a file that is not there is told before anything",
                    None if done.returncode == 78 and "none.pem" in done.stderr
                    else f"{done.returncode} {done.stderr}")


def check_again(report, detente):
    """A server that comes later, and one that goes."""
    port = free_port()
    run = Decode(detente, f"cot+tcp://127.0.0.1:{port}")
    run.wait_for(lambda: any("trying again" in note for note in run.notes))
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.settimeout(PATIENCE_S)
        peer, _ = listener.accept()
        half = len(EVENT) // 2
        peer.sendall(EVENT[:half].encode())
        peer.close()    # in the middle of an event
        peer, _ = listener.accept()
        peer.sendall(EVENT.encode())
        run.wait_for(lambda: bool(run.lines))
        code = run.stop()
        peer.close()
    wrong = None if code == 0 and len(run.lines) == 1 and any(" 1 cut" in n for n in run.notes) \
        else f"{code} {run.lines} {run.notes}"
    report.tell("a connection is made again, and an event cut by its end is counted", wrong)


def main(detente):
    report = Report()
    check_connections(report, detente)
    check_datagrams(report, detente)
    check_beast_datagrams(report, detente)
    check_group(report, detente)
    check_pages(report, detente)
    check_tls(report, detente)
    check_again(report, detente)
    print(f"1..{report.number}")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
