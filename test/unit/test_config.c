#include "os/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct config *config_new(void)
{
    struct config *config = malloc(sizeof *config);
    assert_non_null(config);
    config_defaults(config);
    return config;
}

static int read_into(struct config *config, const char *text, struct err *err)
{
    err_clear(err);
    return config_read(config, bytes_of(text), "x.conf", err);
}

static void test_values_and_lists(void **state)
{
    struct config *c = config_new();
    struct err err;
    (void)state;
    assert_int_equal(c->port, 8420);
    assert_int_equal(read_into(c,
                               "# one\n\n[http]\n  port =  1234 \r\nlisten=::1\n[feeds]\n"
                               "feed = a?b=c\nfeed = b\n[node]\nparty =\n",
                               &err),
                     0);
    assert_int_equal(c->port, 1234);
    assert_string_equal(c->listen, "::1");
    assert_int_equal(c->feed_count, 2);
    assert_string_equal(c->feeds[0], "a?b=c");
    assert_string_equal(c->feeds[1], "b");
    assert_string_equal(c->party, "");
    free(c);
}

static void test_errors_name_the_line(void **state)
{
    static const struct {
        const char *text, *begins;
    } rows[] = {
        {"[http]\nprot = 1\n", "x.conf:2: [http] has no key \"prot\""},
        {"port = 1\n", "x.conf:1: expected a [section] first"},
        {"\n[web]\n", "x.conf:2: there is no section [web]"},
        {"[http\n", "x.conf:1: expected [section]"},
        {"[http]\nport\n", "x.conf:2: expected key = value"},
        {"[http]\nport = 65536\n", "x.conf:2: [http] port: expected a number from 0 to 65535"},
        {"[http]\nport = 1x\n", "x.conf:2: [http] port: expected a number"},
        {"[http]\nport = -1\n", "x.conf:2: [http] port: expected a number"},
        {"[node]\nparty = \xff\n", "x.conf:2: [node] party: expected UTF-8"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct config *c = config_new();
        struct err err;
        assert_int_equal(read_into(c, rows[i].text, &err), ERR_FAIL);
        assert_int_equal(err.code, EXIT_CONFIG);
        assert_memory_equal(err.text, rows[i].begins, strlen(rows[i].begins));
        free(c);
    }
}

static void test_limits(void **state)
{
    struct config *c = config_new();
    struct err err;
    char text[CONFIG_TEXT_MAX + 64];
    (void)state;
    for (int i = 0; i < CONFIG_FEEDS_MAX; i++)
        assert_int_equal(read_into(c, "[feeds]\nfeed = x\n", &err), 0);
    assert_int_equal(read_into(c, "[feeds]\nfeed = x\n", &err), ERR_FAIL);
    strcpy(text, "[node]\nparty = ");
    memset(text + strlen(text), 'a', CONFIG_TEXT_MAX);
    text[15 + CONFIG_TEXT_MAX] = '\0';
    assert_int_equal(read_into(c, text, &err), ERR_FAIL);
    text[15 + CONFIG_TEXT_MAX - 1] = '\0';
    assert_int_equal(read_into(c, text, &err), 0);
    free(c);
}

static char port[] = "99", feed[] = "tcp://h:1", none[] = "many";

static char *look_up(const char *name)
{
    if (strcmp(name, "DETENTE_HTTP_PORT") == 0)
        return port;
    return strcmp(name, "DETENTE_FEEDS_FEED") == 0 ? feed : NULL;
}

static char *look_up_wrong(const char *name)
{
    return strcmp(name, "DETENTE_STORE_MAX_MB") == 0 ? none : NULL;
}

static void test_the_environment_wins(void **state)
{
    struct config *c = config_new();
    struct err err;
    (void)state;
    assert_int_equal(read_into(c, "[http]\nport = 1\n[feeds]\nfeed = a\nfeed = b\n", &err), 0);
    assert_int_equal(config_environment(c, look_up, &err), 0);
    assert_int_equal(c->port, 99);
    assert_int_equal(c->feed_count, 1);
    assert_string_equal(c->feeds[0], "tcp://h:1");
    assert_int_equal(config_environment(c, look_up_wrong, &err), ERR_FAIL);
    assert_non_null(strstr(err.text, "DETENTE_STORE_MAX_MB: "));
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_lists),
        cmocka_unit_test(test_errors_name_the_line),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_the_environment_wins),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
