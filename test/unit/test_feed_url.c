#include "os/feed_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "os/data_clock.h"

static const struct {
    const char *text;
    enum feed_transport transport;
    enum feed_format format;
    const char *host, *path, *name;
    uint16_t port;
    int64_t speed;
    bool loop, simulated;
} good[] = {
    {"day.csv", FEED_FROM_FILE, FEED_AUTO, "", "day.csv", "day", 0, 0, false, false},
    {"/a/b.c/x.y.nmea", FEED_FROM_FILE, FEED_AUTO, "", "/a/b.c/x.y.nmea", "x", 0, 0, false, false},
    {"what?speed=1", FEED_FROM_FILE, FEED_AUTO, "", "what?speed=1", "what?speed=1", 0, 0, false,
     false},
    {"-", FEED_FROM_FILE, FEED_AUTO, "", "-", "stdin", 0, 0, false, false},
    {"file:p?format=nmea&speed=10&loop=1&simulated=1&name=n", FEED_FROM_FILE, FEED_NMEA, "", "p",
     "n", 0, 10, true, true},
    {"ais+udp://:10110", FEED_FROM_UDP, FEED_NMEA, "127.0.0.1", "", "127.0.0.1", 10110, 0, false,
     false},
    {"ais+udp://0.0.0.0", FEED_FROM_UDP, FEED_NMEA, "0.0.0.0", "", "0.0.0.0", 10110, 0, false,
     false},
    {"sbs+tcp://host:30003", FEED_FROM_TCP, FEED_SBS, "host", "", "host", 30003, 0, false, false},
    {"sbs+tcp://[::1]:3", FEED_FROM_TCP, FEED_SBS, "::1", "", "::1", 3, 0, false, false},
    {"tcp://h:5?format=csv", FEED_FROM_TCP, FEED_CSV, "h", "", "h", 5, 0, false, false},
    {"aircraft+http://h/data/aircraft.json", FEED_FROM_HTTP, FEED_AIRCRAFT, "h",
     "/data/aircraft.json", "h", 80, 0, false, false},
    {"beast+tcp://h?clock=gps&at=37.5,126.25", FEED_FROM_TCP, FEED_BEAST, "h", "", "h", 30005, 0,
     false, false},
    {"avr+tcp://h", FEED_FROM_TCP, FEED_AVR, "h", "", "h", 30002, 0, false, false},
    {"gpsd://h", FEED_FROM_TCP, FEED_GPSD, "h", "", "h", 2947, 0, false, false},
    {"ais+http://h:8100/api/ships.json", FEED_FROM_HTTP, FEED_AISCATCHER, "h", "/api/ships.json",
     "h", 8100, 0, false, false},
    {"aiscatcher+udp://:4002", FEED_FROM_UDP, FEED_AISCATCHER, "127.0.0.1", "", "127.0.0.1", 4002,
     0, false, false},
    {"aircraft+tcp://h:30047", FEED_FROM_TCP, FEED_AIRCRAFT, "h", "", "h", 30047, 0, false, false},
    {"cot+udp://239.2.3.1", FEED_FROM_UDP, FEED_COT, "239.2.3.1", "", "239.2.3.1", 6969, 0, false,
     false},
    {"cot+tcp://h", FEED_FROM_TCP, FEED_COT, "h", "", "h", 8087, 0, false, false},
    {"cot+tls://h?ca=/a/ca.pem&cert=/a/c.pem&key=/a/k.pem&server=tak", FEED_FROM_TLS, FEED_COT, "h",
     "", "h", 8089, 0, false, false},
    {"aircraft+http://h:8080/a?simulated=1", FEED_FROM_HTTP, FEED_AIRCRAFT, "h", "/a", "h", 8080, 0,
     false, true},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct feed_url url;
        struct err err = {EXIT_FINE, ""};
        if (feed_url_read(good[i].text, &url, &err))
            fail_msg("%s", err.text);
        assert_string_equal(url.text, good[i].text);
        assert_int_equal(url.transport, good[i].transport);
        assert_int_equal(url.format, good[i].format);
        assert_string_equal(url.host, good[i].host);
        assert_string_equal(url.path, good[i].path);
        assert_string_equal(url.name, good[i].name);
        assert_int_equal(url.port, good[i].port);
        assert_int_equal(url.speed, good[i].speed);
        assert_int_equal(url.loop, good[i].loop);
        assert_int_equal(url.simulated, good[i].simulated);
        assert_int_equal(feed_url_is_live(&url), url.transport != FEED_FROM_FILE);
    }
}

static void test_options(void **state)
{
    struct feed_url url;
    struct err err = {EXIT_FINE, ""};
    (void)state;
    assert_int_equal(feed_url_read("gpsd://h", &url, &err), 0);
    assert_string_equal(url.greeting, "?WATCH={\"enable\":true,\"json\":true,\"scaled\":false};\n");
    assert_int_equal(feed_url_read("beast+tcp://h?clock=gps&at=37.5,-126.25", &url, &err), 0);
    assert_null(url.greeting);
    assert_true(url.gps_clock);
    assert_true(url.at_known);
    assert_int_equal(url.at_lat_e7, 375000000);
    assert_int_equal(url.at_lon_e7, -1262500000);
    assert_int_equal(
        feed_url_read("cot+tls://h?ca=/a/ca.pem&cert=c.pem&key=k.pem&server=tak", &url, &err), 0);
    assert_string_equal(url.tls.ca, "/a/ca.pem");
    assert_string_equal(url.tls.certificate, "c.pem");
    assert_string_equal(url.tls.key, "k.pem");
    assert_string_equal(url.tls.server, "tak");
}

static void test_bad(void **state)
{
    static const char *const bad[] = {
        "",
        "file:",
        "file:p?speed=0",
        "file:p?speed=1000001",
        "file:p?speed=1.5",
        "file:p?loop=2",
        "file:p?format=xml",
        "file:p?colour=red",
        "file:p?name=",
        "xyz://h:1",
        "tcp://h",
        "tcp://:5",
        "tcp://h:0",
        "tcp://h:65536",
        "tcp://h:x",
        "tcp://h:5/path",
        "tcp://h:5?speed=1",
        "udp://:5?loop=1",
        "ais+tcp://",
        "ais+tcp://[::1]x:5",
        "aircraft+http://h",
        "aircraft+http:///a",
        "cot+tls://h?ca=",
        "cot+tcp://h?ca=/a/ca.pem",
        "beast+tcp://h?clock=sun",
        "beast+tcp://h?at=37.5",
        "beast+tcp://h?at=95,126",
        "aircraft+tcp://h",
        "tls://h",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct feed_url url;
        struct err err = {EXIT_FINE, ""};
        if (!feed_url_read(bad[i], &url, &err))
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(err.code, EXIT_USAGE);
        assert_memory_equal(err.text, "feed ", 5);
    }
}

static void test_too_long(void **state)
{
    char text[FEED_URL_MAX + 1];
    struct feed_url url;
    struct err err = {EXIT_FINE, ""};
    (void)state;
    memset(text, 'a', FEED_URL_MAX);
    text[FEED_URL_MAX] = '\0';
    assert_int_equal(feed_url_read(text, &url, &err), ERR_FAIL);
    text[FEED_URL_MAX - 1] = '\0';
    assert_int_equal(feed_url_read(text, &url, &err), 0);
}

/* One wrong stamp moves nothing; two that agree are time. */
static void test_the_clock_of_a_replay(void **state)
{
    struct data_clock clock;
    (void)state;
    data_clock_init(&clock);
    assert_true(clock.now_us == TIME_UNKNOWN);
    data_clock_move(&clock, TIME_UNKNOWN);
    assert_true(clock.now_us == TIME_UNKNOWN);
    data_clock_move(&clock, 1000 * TIME_SECOND);
    data_clock_move(&clock, 900 * TIME_SECOND);
    assert_true(clock.now_us == 1000 * TIME_SECOND);
    data_clock_move(&clock, 1600 * TIME_SECOND); /* just within the leap */
    assert_true(clock.now_us == 1600 * TIME_SECOND);
    data_clock_move(&clock, TIME_DAY);
    assert_true(clock.now_us == 1600 * TIME_SECOND);
    data_clock_move(&clock, 1601 * TIME_SECOND); /* it was wrong */
    assert_true(clock.now_us == 1601 * TIME_SECOND);
    data_clock_move(&clock, TIME_DAY);
    data_clock_move(&clock, TIME_DAY + TIME_SECOND); /* it was time */
    assert_true(clock.now_us == TIME_DAY);
    data_clock_move(&clock, TIME_DAY + TIME_SECOND);
    assert_true(clock.now_us == TIME_DAY + TIME_SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_the_clock_of_a_replay),
    };
    return cmocka_run_group_tests_name("feed_url", tests, NULL, NULL);
}
