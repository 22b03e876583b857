#!/usr/bin/env python3
"""`detente watch` and `detente locate` as commands: exit codes, errors of one line that name the
place, what goes to which stream, signals, live feeds.

usage: command.py DETENTE AGREEMENTS"""
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

DETENTE, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
TUTORIAL = str(ROOT / "tutorial")
DAY = str(ROOT / "tutorial" / "day.csv")


def run(*arguments, text=""):
    return subprocess.run([DETENTE, *arguments], input=text, capture_output=True, text=True,
                          timeout=120)


def watch(*arguments, text=""):
    return run("watch", "--agreement", TUTORIAL, *arguments, text=text)


def locate(text):
    return run("locate", "--agreement", TUTORIAL, text=text)


def help_goes_to_stdout():
    for command in ("watch", "locate"):
        done = run(command, "--help")
        assert done.returncode == 0 and done.stdout.startswith("usage:") and not done.stderr


def usage_is_64():
    for arguments in (["watch"], ["watch", DAY], ["locate"], ["nothing"], [],
                      ["watch", "--agreement", TUTORIAL, "--party", "Q", DAY],
                      ["watch", "--agreement", TUTORIAL, "--format", "xml", DAY],
                      ["watch", "--agreement", TUTORIAL, f"file:{DAY}?speed=0"],
                      ["watch", "--agreement", TUTORIAL, "nmea+pigeon://here:1"],
                      ["watch", "--agreement", TUTORIAL, "--bogus", DAY]):
        done = run(*arguments)
        assert done.returncode == 64 and not done.stdout and done.stderr, arguments


def what_is_not_there_is_66():
    for done in (watch("no-such-file"), run("watch", "--agreement", "no-such-dir", DAY),
                 run("locate", "--agreement", "no-such-dir")):
        assert done.returncode == 66 and "no-such" in done.stderr


def garbage_is_65():
    done = watch("-", text="\x01\x02 garbage\n" * 50)
    assert done.returncode == 65 and not done.stdout and "feed -" in done.stderr


def sightings_are_no_failure():
    done = watch(DAY)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert {line["type"] for line in lines} == {"sighting", "alert"}
    assert len({line["id"] for line in lines if line["type"] == "sighting"}) == sum(
        line["type"] == "sighting" for line in lines)
    assert "31 positions" in done.stderr


def standard_input_and_files_say_the_same():
    text = pathlib.Path(DAY).read_text()
    assert watch("-", text=text).stdout == watch(DAY).stdout == watch(f"file:{DAY}").stdout


def files_are_merged_in_order_of_time():
    lines = pathlib.Path(DAY).read_text().splitlines(True)
    with tempfile.TemporaryDirectory() as home:
        for name, wanted in (("one.csv", True), ("two.csv", False)):
            pathlib.Path(home, name).write_text("".join(
                lines[:2] + [x for x in lines[2:] if ("plane" in x) == wanted]))
        merged = watch(f"{home}/one.csv", f"{home}/two.csv")
    assert merged.stdout == watch(DAY).stdout


def own_craft_are_own():
    for party, other in (("A", "B"), ("B", "A")):
        alerts = [json.loads(line) for line in watch("--party", party, DAY).stdout.splitlines()]
        alerts = [a for a in alerts if a["type"] == "alert"]
        assert alerts and all(a["own"] == (a["side"] == party) for a in alerts)


def a_full_disk_is_74():
    with open("/dev/full", "w") as full:
        done = subprocess.run([DETENTE, "watch", "--agreement", TUTORIAL, DAY], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=120)
    assert done.returncode == 74 and "standard output" in done.stderr


def a_signal_ends_it_well():
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen([DETENTE, "watch", "--agreement", TUTORIAL, f"file:{DAY}?speed=60"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            first = child.stdout.readline()  # it runs
            child.send_signal(number)
            _, said = child.communicate(timeout=60)
        assert json.loads(first)["type"] == "sighting"
        assert child.returncode == 0 and "positions" in said


def a_live_feed_is_watched():
    """A ship on the tutorial's line, at 0.3 E 0.36 N; message 1 of ITU-R M.1371-5 packed here."""
    bits = "".join(f"{value & (1 << width) - 1:0{width}b}" for value, width in (
        (1, 6), (0, 2), (123456789, 30), (0, 4), (0, 8), (100, 10), (1, 1), (180000, 28),
        (216000, 27), (900, 12), (90, 9), (10, 6), (0, 2), (0, 3), (0, 1), (0, 19)))
    values = [int(bits[at:at + 6], 2) for at in range(0, 168, 6)]
    body = "AIVDM,1,1,,A," + "".join(chr(v + (48 if v < 40 else 56)) for v in values) + ",0"
    check = 0
    for byte in body.encode():
        check ^= byte
    sentence = f"!{body}*{check:02X}\r\n".encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([DETENTE, "watch", "--agreement", TUTORIAL, f"ais+udp://:{port}"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for _ in range(50):  # until it listens
                out.sendto(sentence, ("127.0.0.1", port))
                time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=60)
    first = json.loads(said.splitlines()[0])
    assert first["track"] == "ais:123456789" and first["kind"] == "inside-at-start"
    assert child.returncode == 0


def locate_answers_every_good_line():
    done = locate("time,lon,lat,alt_m,class,side\n,0.45,0.30,,cargo_ship,B\n,500,0,,,\nx\n"
                  "2030-06-01T12:00:00Z,0.45,0.10,1000,airliner,A\n,0,0,,,Q\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 65 and len(answers) == 2
    for number in (3, 4, 6):
        assert f"line {number}:" in done.stderr
    assert set(answers[0]) == {"time", "lon", "lat", "alt_m", "class", "side", "zones"}
    zones = {zone["zone"]: zone for zone in answers[0]["zones"]}
    assert set(zones) == {"SHIP.A", "SHIP.B", "ROCK"}  # all that may concern a cargo ship
    assert zones["SHIP.B"]["inside"] and zones["SHIP.B"]["dist_m"] < 0
    assert not zones["SHIP.A"]["inside"] and zones["SHIP.A"]["dist_m"] > 0
    assert set(zones["ROCK"]) == {"zone", "inside", "certainty", "dist_m"}
    assert zones["ROCK"]["certainty"] == "possible"  # it has hours, and no time is given
    assert answers[1]["alt_m"] == 1000 and answers[1]["side"] == "A"


def locate_of_nothing_is_fine():
    done = locate("")
    assert done.returncode == 0 and not done.stdout and not done.stderr


CHECKS = [help_goes_to_stdout, usage_is_64, what_is_not_there_is_66, garbage_is_65,
          sightings_are_no_failure, standard_input_and_files_say_the_same,
          files_are_merged_in_order_of_time, own_craft_are_own, a_full_disk_is_74,
          a_signal_ends_it_well, a_live_feed_is_watched, locate_answers_every_good_line,
          locate_of_nothing_is_fine]


def main():
    print(f"1..{len(CHECKS)}")
    for number, check in enumerate(CHECKS, 1):
        try:
            check()
            print(f"ok {number} - {check.__name__}")
        except (AssertionError, ValueError, IndexError, KeyError) as wrong:
            print(f"not ok {number} - {check.__name__}\n# {type(wrong).__name__} {wrong}")


if __name__ == "__main__":
    main()
