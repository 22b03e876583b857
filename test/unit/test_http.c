#include "os/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* A server and its clients on one thread: the loop turns between what a client sends and reads. */
#define ANSWER_MAX (1 << 16)
#define TURNS_MAX  3000
#define TURN_US    2000

struct fixture {
    struct event_base *base;
    struct http_server *server;
    struct http_stream *stream;
    int closed, slow;
    char path[HTTP_PATH_MAX], query[64], body[256];
    char answer[ANSWER_MAX];
};

static void on_stream_closed(void *to, struct http_stream *stream, bool slow)
{
    struct fixture *f = to;
    (void)stream;
    f->closed++;
    f->slow += slow;
    f->stream = NULL;
}

static void handle(void *to, struct http_request *request)
{
    struct fixture *f = to;
    const char *q = http_query(request, "q");
    snprintf(f->path, sizeof f->path, "%s", http_path(request));
    snprintf(f->query, sizeof f->query, "%s", q ? q : "(none)");
    bytes_copy_text(http_body(request), f->body, sizeof f->body);
    if (strcmp(f->path, "/stream") == 0) {
        struct http_stream_events events = {.to = f, .closed = on_stream_closed};
        f->stream = http_stream_new(request, "text/event-stream", &events);
    } else if (strcmp(f->path, "/none") != 0) {
        http_refuse(request, 404, "no \"%s\"", f->path);
    }
}

static int set_up(void **state)
{
    struct err err = {EXIT_FINE, ""};
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    f->base = event_base_new();
    struct http_options options = {.address = "127.0.0.1", .to = f, .handle = handle};
    f->server = http_new(f->base, &options, &err);
    *state = f;
    return f->server ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    http_free(f->server);
    event_base_free(f->base);
    free(f);
    return 0;
}

static void turn(struct fixture *f)
{
    event_base_loop(f->base, EVLOOP_NONBLOCK);
    usleep(TURN_US);
}

static int connect_to(const struct fixture *f)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(http_port(f->server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* What comes until the other side closes. */
static const char *read_all(struct fixture *f, int fd)
{
    size_t n = 0;
    for (int i = 0; i < TURNS_MAX; i++) {
        turn(f);
        ssize_t got = recv(fd, f->answer + n, ANSWER_MAX - 1 - n, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            break;
        n += got > 0 ? (size_t)got : 0;
    }
    f->answer[n] = '\0';
    close(fd);
    return f->answer;
}

static const char *ask(struct fixture *f, const char *text)
{
    int fd = connect_to(f);
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
    return read_all(f, fd);
}

#define HEAD  " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
#define CLOSE HEAD "\r\n"

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void test_a_request_is_taken_apart(void **state)
{
    struct fixture *f = *state;
    const char *answer = ask(f, "GET /a%20b/%ed%95%9c?q=x%26y+z" CLOSE);
    assert_true(begins(answer, "HTTP/1.1 404 Not Found\r\n"));
    assert_string_equal(f->path, "/a b/한");
    assert_string_equal(f->query, "x&y z");
    assert_non_null(strstr(answer, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(answer, "X-Content-Type-Options: nosniff\r\n"));
    assert_non_null(
        strstr(answer, "{\"error\":{\"status\":404,\"reason\":\"no \\\"/a b/한\\\"\"}}"));
}

static void test_a_body_is_whole(void **state)
{
    struct fixture *f = *state;
    ask(f, "POST /x" HEAD "Content-Type: application/json; charset=utf-8\r\nContent-Length: 5\r\n"
           "\r\n{\"a\":");
    assert_string_equal(f->body, "{\"a\":");
    assert_string_equal(f->query, "(none)");
}

static void test_refusals(void **state)
{
    static const struct {
        const char *text;
        int status;
    } rows[] = {
        {"GET /%00" CLOSE, 400},
        {"GET /a%00b" CLOSE, 400},
        {"GET http://127.0.0.1" CLOSE, 400},
        {"GET /none" CLOSE, 500}, /* a handler that forgets */
        {"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421},
        {"GET / HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\nConnection: close\r\n\r\n", 421},
        {"GET / HTTP/1.1\r\nHost: localhost:80\r\nConnection: close\r\n\r\n", 404},
        {"GET / HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n", 404},
        {"POST /" HEAD "Content-Length: 0\r\n\r\n", 415},
        {"POST /" HEAD "Content-Type: application/jsonp\r\nContent-Length: 0\r\n\r\n", 415},
        {"POST /" HEAD "Content-Type: application/json\r\nContent-Length: 0\r\n"
         "Origin: https://127.0.0.1\r\n\r\n",
         403},
        {"POST /" HEAD "Content-Type: application/json\r\nContent-Length: 0\r\n"
         "Origin: null\r\n\r\n",
         403},
        {"POST /" HEAD "Content-Type: application/json\r\nContent-Length: 0\r\n"
         "Origin: http://localhost:8420\r\n\r\n",
         404},
        {"POST /" HEAD "Content-Type: application/json\r\nContent-Length: 16385\r\n\r\n", 413},
        {"DELETE /" CLOSE, 501},
        {"TRACE /" CLOSE, 501},
        {"nonsense\r\n\r\n", 400},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "HTTP/1.1 %d ", rows[i].status);
        const char *answer = ask(f, rows[i].text);
        if (!begins(answer, expected) && !begins(answer, "HTTP/1.0 400"))
            fail_msg("%s -> %.40s, expected %d", rows[i].text, answer, rows[i].status);
    }
    for (int i = 0; i < TURNS_MAX && http_counts(f->server)->connections; i++)
        turn(f);
    assert_int_equal(http_counts(f->server)->connections, 0);
}

static void test_a_head_has_a_limit(void **state)
{
    struct fixture *f = *state;
    char text[HTTP_HEAD_MAX + 256];
    f->path[0] = '\0';
    int n = snprintf(text, sizeof text, "GET /long" HEAD "X-A: ");
    memset(text + n, 'a', HTTP_HEAD_MAX);
    strcpy(text + n + HTTP_HEAD_MAX, "\r\n\r\n");
    assert_false(begins(ask(f, text), "HTTP/1.1 404"));
    assert_string_equal(f->path, "");
}

static int open_stream(struct fixture *f)
{
    int fd = connect_to(f);
    const char *text = "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
    for (int i = 0; i < TURNS_MAX && !f->stream; i++)
        turn(f);
    assert_non_null(f->stream);
    return fd;
}

static void wait_closed(struct fixture *f, int times)
{
    for (int i = 0; i < TURNS_MAX && f->closed < times; i++)
        turn(f);
    assert_int_equal(f->closed, times);
}

static void test_a_stream_ends_with_its_client(void **state)
{
    struct fixture *f = *state;
    int fd = open_stream(f);
    http_stream_put(f->stream, bytes_of("data: 1\n\n"));
    turn(f);
    close(fd);
    wait_closed(f, 1);
    assert_int_equal(f->slow, 0);
}

static void test_a_stream_that_is_reset_ends(void **state)
{
    struct fixture *f = *state;
    struct linger at_once = {1, 0};
    int fd = open_stream(f);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
    for (int i = 0; i < 20 && f->stream; i++) {
        http_stream_put(f->stream, bytes_of("data: 1\n\n"));
        turn(f);
    }
    wait_closed(f, 1);
}

static void test_a_stream_nobody_reads_is_cut(void **state)
{
    struct fixture *f = *state;
    static uint8_t piece[HTTP_STREAM_MAX / 8];
    int fd = open_stream(f), puts = 0;
    for (; puts < 1000 && f->slow == 0; puts++) {
        if (f->stream)
            http_stream_put(f->stream, (struct bytes){piece, sizeof piece});
        turn(f);
    }
    wait_closed(f, 1);
    assert_int_equal(f->slow, 1);
    assert_true(puts > 8); /* what fits was taken */
    close(fd);
}

static void test_streams_end_with_the_server(void **state)
{
    struct fixture *f = *state;
    int fd = open_stream(f);
    http_free(f->server);
    f->server = NULL;
    assert_int_equal(f->closed, 1);
    close(fd);
}

static void test_where_it_listens(void **state)
{
    struct fixture *f = *state;
    struct err err = {EXIT_FINE, ""};
    struct http_options taken = {.address = "127.0.0.1", .port = http_port(f->server)};
    assert_null(http_new(f->base, &taken, &err));
    assert_int_equal(err.code, EXIT_UNAVAILABLE);
    static const char *const elsewhere[] = {"0.0.0.0", "::", "192.0.2.1", "localhost", ""};
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
        struct http_options options = {.address = elsewhere[i]};
        assert_null(http_new(f->base, &options, &err));
        assert_int_equal(err.code, EXIT_USAGE);
    }
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(test_a_request_is_taken_apart),
        WITH_SERVER(test_a_body_is_whole),
        WITH_SERVER(test_refusals),
        WITH_SERVER(test_a_head_has_a_limit),
        WITH_SERVER(test_a_stream_ends_with_its_client),
        WITH_SERVER(test_a_stream_that_is_reset_ends),
        WITH_SERVER(test_a_stream_nobody_reads_is_cut),
        WITH_SERVER(test_streams_end_with_the_server),
        WITH_SERVER(test_where_it_listens),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
