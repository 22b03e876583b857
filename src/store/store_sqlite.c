#include "store/store.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/columns.h"

/*
 * Tables of version 1. `kept` is the row of everything shown as an event, in order; `alert` has each
 * episode as it stands, for restarts and for lists; `position` the fixes of alerted tracks, once
 * each. Times are microseconds since 1970, ids and tracks 64 bits taken as signed numbers, bodies
 * the JSON of docs/format.
 */
#define APPLICATION_ID 0x44455431 /* "DET1" */
#define PAGE_BYTES     4096
#define SQL_BYTES      4096
#define BUSY_MS        5000 /* somebody reads the file with another program */

static const char tables[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE kept (sequence INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id INTEGER NOT NULL,"
    " track INTEGER NOT NULL, time_us INTEGER NOT NULL, body TEXT NOT NULL);"
    "CREATE INDEX kept_sighting ON kept (sequence) WHERE kind = 1;"
    "CREATE UNIQUE INDEX kept_sighting_id ON kept (id) WHERE kind = 1;"
    "CREATE INDEX kept_sighting_track ON kept (track, sequence) WHERE kind = 1;"
    "CREATE TABLE position (track INTEGER NOT NULL, time_us INTEGER NOT NULL, leg INTEGER NOT NULL,"
    " body TEXT NOT NULL, PRIMARY KEY (track, time_us, leg)) WITHOUT ROWID;";

enum statement {
    KEEP_EVENT = FIND_COUNT,
    KEEP_ALERT,
    KEEP_POSITION,
    RESTORE,
    BEGIN,
    COMMIT,
    STATEMENT_COUNT
};

#define ROW(kind) "SELECT sequence, " kind ", id, track, time_us, body FROM kept WHERE "
#define ALERT     "SELECT sequence, 2, id, track, changed_us, body FROM alert "

/* KEEP_ALERT and RESTORE are made from the table of columns. ?1 key, ?2 limit, ?3 until. */
static const char *const texts[STATEMENT_COUNT] = {
    [FIND_SINCE] = ROW("kind") "sequence > ?1 ORDER BY sequence LIMIT ?2",
    [FIND_SIGHTINGS] = ROW("1") "kind = 1 ORDER BY sequence DESC LIMIT ?2",
    [FIND_SIGHTINGS_OF] = ROW("1") "kind = 1 AND track = ?1 ORDER BY sequence DESC LIMIT ?2",
    [FIND_SIGHTING] = ROW("1") "kind = 1 AND id = ?1 LIMIT ?2",
    [FIND_ALERTS] = ALERT "ORDER BY raised_us DESC, id LIMIT ?2",
    [FIND_ALERTS_OPEN] = ALERT "WHERE state <> 3 ORDER BY raised_us DESC, id LIMIT ?2",
    [FIND_ALERT] = ALERT "WHERE id = ?1 LIMIT ?2",
    [FIND_POSITIONS] = "SELECT 0, 3, 0, track, time_us, body FROM position"
                       " WHERE track = ?1 AND time_us <= ?3 ORDER BY time_us DESC LIMIT ?2",
    [KEEP_EVENT] = "INSERT OR IGNORE INTO kept VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [KEEP_POSITION] = "INSERT OR IGNORE INTO position VALUES (?1, ?2, ?3, ?4)",
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
};

_Static_assert(ALERT_CLOSED == 3, "the queries know the closed state by its number");

struct store_sqlite {
    struct store head;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    bool begun;
    char path[512];
};

static struct store_sqlite *own(struct store *store)
{
    return (struct store_sqlite *)store;
}

/* ---- errors ------------------------------------------------------------------------------------- */

static int fail(const struct store_sqlite *s, struct err *err)
{
    int code = sqlite3_errcode(s->db);
    const char *what = sqlite3_errmsg(s->db);
    if (code == SQLITE_FULL)
        return err_set(err, EXIT_IO,
                       "%s: no room is left for what must be kept; free some (or raise [store] "
                       "max_mb) and start again. What was not kept was not shown",
                       s->path);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return err_set(err, EXIT_IO, "%s: damaged (%s); put back a copy of the home", s->path,
                       what);
    return err_set(err, EXIT_IO, "%s: %s (%d)", s->path, what, sqlite3_extended_errcode(s->db));
}

static int run(struct store_sqlite *s, const char *sql, struct err *err)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(s, err);
}

/* Runs a bound statement that gives no row. */
static int step_once(struct store_sqlite *s, enum statement which, struct err *err)
{
    int code = sqlite3_step(s->statements[which]);
    int failed = code == SQLITE_DONE || code == SQLITE_ROW ? 0 : fail(s, err);
    sqlite3_reset(s->statements[which]);
    return failed;
}

static void bind_u64(sqlite3_stmt *statement, int at, uint64_t value)
{
    sqlite3_bind_int64(statement, at, (int64_t)value);
}

static void bind_text(sqlite3_stmt *statement, int at, struct bytes text)
{
    sqlite3_bind_text(statement, at, (const char *)text.p, (int)text.n, SQLITE_STATIC);
}

/* ---- keeping ------------------------------------------------------------------------------------ */

static int begin(struct store_sqlite *s, struct err *err)
{
    if (s->begun)
        return 0;
    if (step_once(s, BEGIN, err))
        return ERR_FAIL;
    s->begun = true;
    return 0;
}

static int keep_position(struct store_sqlite *s, const struct kept *kept, struct err *err)
{
    sqlite3_stmt *statement = s->statements[KEEP_POSITION];
    bind_u64(statement, 1, kept->track);
    sqlite3_bind_int64(statement, 2, kept->time_us);
    sqlite3_bind_int(statement, 3, kept->leg);
    bind_text(statement, 4, kept->body);
    return step_once(s, KEEP_POSITION, err);
}

static int keep_event(struct store_sqlite *s, const struct kept *kept, uint64_t sequence,
                      struct err *err)
{
    sqlite3_stmt *statement = s->statements[KEEP_EVENT];
    bind_u64(statement, 1, sequence);
    sqlite3_bind_int(statement, 2, (int)kept->kind);
    bind_u64(statement, 3, kept->id);
    bind_u64(statement, 4, kept->track);
    sqlite3_bind_int64(statement, 5, kept->time_us);
    bind_text(statement, 6, kept->body);
    return step_once(s, KEEP_EVENT, err);
}

/* Columns, then who acknowledged, the track's text, the sequence, the body. */
static int keep_alert(struct store_sqlite *s, const struct kept *kept, uint64_t sequence,
                      struct err *err)
{
    sqlite3_stmt *statement = s->statements[KEEP_ALERT];
    int at = 1;
    for (size_t i = 0; i < alert_column_count; i++)
        sqlite3_bind_int64(statement, at++, column_get(&alert_columns[i], kept->alert));
    bind_text(statement, at++, bytes_of(kept->alert->acked_by));
    bind_text(statement, at++, bytes_of(kept->track_text));
    bind_u64(statement, at++, sequence);
    bind_text(statement, at++, kept->body);
    return step_once(s, KEEP_ALERT, err);
}

static int sqlite_keep(struct store *store, const struct kept *kept, uint64_t *ret_sequence,
                       struct err *err)
{
    struct store_sqlite *s = own(store);
    if (begin(s, err))
        return ERR_FAIL;
    if (kept->kind == KEPT_POSITION)
        return keep_position(s, kept, err);
    *ret_sequence = store->sequence + 1;
    if (keep_event(s, kept, *ret_sequence, err))
        return ERR_FAIL;
    if (sqlite3_changes(s->db) == 0)
        *ret_sequence = 0;
    return kept->kind == KEPT_ALERT ? keep_alert(s, kept, *ret_sequence, err) : 0;
}

static int sqlite_commit(struct store *store, struct err *err)
{
    struct store_sqlite *s = own(store);
    if (step_once(s, COMMIT, err))
        return ERR_FAIL;
    s->begun = false;
    return 0;
}

/* ---- finding ------------------------------------------------------------------------------------ */

static struct bytes column_bytes(sqlite3_stmt *statement, int at)
{
    const uint8_t *p = sqlite3_column_text(statement, at);
    return (struct bytes){p, p ? (size_t)sqlite3_column_bytes(statement, at) : 0};
}

static struct kept kept_of(sqlite3_stmt *statement)
{
    return (struct kept){.sequence = (uint64_t)sqlite3_column_int64(statement, 0),
                         .kind = (enum kept_kind)sqlite3_column_int(statement, 1),
                         .id = (uint64_t)sqlite3_column_int64(statement, 2),
                         .track = (uint64_t)sqlite3_column_int64(statement, 3),
                         .time_us = sqlite3_column_int64(statement, 4),
                         .body = column_bytes(statement, 5)};
}

static int sqlite_find(struct store *store, const struct store_query *query, store_row *row,
                       void *to, struct err *err)
{
    struct store_sqlite *s = own(store);
    sqlite3_stmt *statement = s->statements[query->find];
    int code, result = 0;
    bind_u64(statement, 1, query->key);
    sqlite3_bind_int64(statement, 2, query->limit);
    if (query->find == FIND_POSITIONS)
        sqlite3_bind_int64(statement, 3, query->until_us);
    while (result == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct kept kept = kept_of(statement);
        result = row(to, &kept);
    }
    if (result == 0 && code != SQLITE_DONE)
        result = fail(s, err);
    sqlite3_reset(statement);
    return result;
}

static struct alert alert_of(sqlite3_stmt *statement)
{
    struct alert alert = {.id = 0};
    int at = 0;
    for (size_t i = 0; i < alert_column_count; i++)
        column_set(&alert_columns[i], &alert, sqlite3_column_int64(statement, at++));
    bytes_copy_text(column_bytes(statement, at), alert.acked_by, sizeof alert.acked_by);
    return alert;
}

static int sqlite_restore(struct store *store, store_alert *each, void *to, struct err *err)
{
    struct store_sqlite *s = own(store);
    sqlite3_stmt *statement = s->statements[RESTORE];
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct alert alert = alert_of(statement);
        const char *text =
            (const char *)sqlite3_column_text(statement, (int)alert_column_count + 1);
        each(to, &alert, text ? text : "");
    }
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? 0 : fail(s, err);
}

/* ---- making and opening ------------------------------------------------------------------------- */

/* "id, subject, ..." with something after each. */
static void add_columns(struct buf *sql, const char *after)
{
    for (size_t i = 0; i < alert_column_count; i++)
        buf_format(sql, "%s%s, ", alert_columns[i].name,
                   strcmp(alert_columns[i].name, "id") == 0 && *after ? " INTEGER PRIMARY KEY"
                                                                      : after);
}

static int make_alert_table(struct store_sqlite *s, struct err *err)
{
    char memory[SQL_BYTES];
    struct buf sql;
    buf_init(&sql, memory, sizeof memory);
    buf_text(&sql, "CREATE TABLE alert (");
    add_columns(&sql, " INTEGER NOT NULL");
    buf_text(&sql, "acked_by TEXT NOT NULL, track_text TEXT NOT NULL, sequence INTEGER NOT NULL,"
                   " body TEXT NOT NULL);"
                   "CREATE INDEX alert_raised ON alert (raised_us DESC, id);"
                   "CREATE INDEX alert_open ON alert (raised_us DESC, id) WHERE state <> 3;");
    return run(s, memory, err);
}

static int keep_meta(struct store_sqlite *s, const char *key, const char *value, struct err *err)
{
    char *sql = sqlite3_mprintf("INSERT INTO meta VALUES (%Q, %Q)", key, value);
    int failed = run(s, sql ? sql : "-", err);
    sqlite3_free(sql);
    return failed;
}

static int make_tables(struct store_sqlite *s, const struct store_options *options, struct err *err)
{
    char head[128];
    snprintf(head, sizeof head, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             APPLICATION_ID, STORE_VERSION);
    return run(s, "BEGIN IMMEDIATE", err) || run(s, tables, err) || make_alert_table(s, err) ||
                   keep_meta(s, "digest", options->digest, err) ||
                   keep_meta(s, "party", options->party, err) || run(s, head, err) ||
                   run(s, "COMMIT", err)
               ? ERR_FAIL
               : 0;
}

/* The first column of the first row as a number, or as text. */
static int ask(struct store_sqlite *s, const char *sql, int64_t *ret_number, char *text, size_t cap,
               struct err *err)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return fail(s, err);
    int code = sqlite3_step(statement);
    if (ret_number)
        *ret_number = sqlite3_column_int64(statement, 0);
    if (text)
        bytes_copy_text(column_bytes(statement, 0), text, cap);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : fail(s, err);
}

static int check_meta(struct store_sqlite *s, const char *key, const char *expected,
                      struct err *err)
{
    char value[512] = "", sql[96];
    snprintf(sql, sizeof sql, "SELECT value FROM meta WHERE key = '%s'", key);
    if (ask(s, sql, NULL, value, sizeof value, err))
        return ERR_FAIL;
    if (strcmp(value, expected) == 0)
        return 0;
    return err_set(err, EXIT_CONFIG,
                   "%s: was kept under %s %.16s, and this is %.16s; a changed agreement or party "
                   "needs a home of its own (detente init)",
                   s->path, strcmp(key, "digest") == 0 ? "agreement digest" : key, value, expected);
}

static int check_version(struct store_sqlite *s, struct err *err)
{
    int64_t application = 0, version = 0;
    if (ask(s, "PRAGMA application_id", &application, NULL, 0, err) ||
        ask(s, "PRAGMA user_version", &version, NULL, 0, err))
        return ERR_FAIL;
    if (application != APPLICATION_ID)
        return err_set(err, EXIT_CONFIG, "%s: is no database of this program", s->path);
    if (version != STORE_VERSION)
        return err_set(err, EXIT_CONFIG, "%s: has version %" PRId64 ", and this program knows %d",
                       s->path, version, STORE_VERSION);
    return 0;
}

static int limit_size(struct store_sqlite *s, int64_t max_mb, struct err *err)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA max_page_count = %" PRId64,
             max_mb * ((1 << 20) / PAGE_BYTES));
    return max_mb ? run(s, sql, err) : 0;
}

static void write_keep_alert(struct buf *sql)
{
    buf_text(sql, "INSERT OR REPLACE INTO alert VALUES (");
    for (size_t i = 0; i < alert_column_count + 4; i++)
        buf_format(sql, "%s?", i ? ", " : "");
    buf_char(sql, ')');
}

static void write_restore(struct buf *sql)
{
    buf_text(sql, "SELECT ");
    add_columns(sql, "");
    buf_text(sql, "acked_by, track_text FROM alert WHERE state <> 3 ORDER BY raised_us, id");
}

static int prepare_all(struct store_sqlite *s, struct err *err)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        char memory[SQL_BYTES];
        struct buf sql;
        buf_init(&sql, memory, sizeof memory);
        if (i == KEEP_ALERT)
            write_keep_alert(&sql);
        else if (i == RESTORE)
            write_restore(&sql);
        else
            buf_text(&sql, texts[i]);
        if (sqlite3_prepare_v3(s->db, memory, -1, SQLITE_PREPARE_PERSISTENT, &s->statements[i],
                               NULL) != SQLITE_OK)
            return fail(s, err);
    }
    return 0;
}

static int read_counts(struct store_sqlite *s, struct err *err)
{
    int64_t sequence = 0, sightings = 0;
    if (ask(s, "SELECT coalesce(max(sequence), 0) FROM kept", &sequence, NULL, 0, err) ||
        ask(s, "SELECT count(*) FROM kept WHERE kind = 1", &sightings, NULL, 0, err))
        return ERR_FAIL;
    s->head.sequence = (uint64_t)sequence;
    s->head.sightings = (uint64_t)sightings;
    return 0;
}

static int open_file(struct store_sqlite *s, const struct store_options *options, struct err *err)
{
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (options->create ? SQLITE_OPEN_CREATE : 0);
    snprintf(s->path, sizeof s->path, "%s", options->path);
    if (options->create && access(options->path, F_OK) == 0)
        return err_set(err, EXIT_IO, "%s: is there already", s->path);
    if (sqlite3_open_v2(options->path, &s->db, flags, NULL) != SQLITE_OK)
        return fail(s, err);
    sqlite3_busy_timeout(s->db, BUSY_MS);
    return run(s, "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
               err);
}

static int open_all(struct store_sqlite *s, const struct store_options *options, struct err *err)
{
    if (open_file(s, options, err) || (options->create && make_tables(s, options, err)))
        return ERR_FAIL;
    if (check_version(s, err) || check_meta(s, "digest", options->digest, err) ||
        check_meta(s, "party", options->party, err))
        return ERR_FAIL;
    return limit_size(s, options->max_mb, err) || prepare_all(s, err) || read_counts(s, err)
               ? ERR_FAIL
               : 0;
}

static void sqlite_close(struct store *store)
{
    struct store_sqlite *s = own(store);
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    free(s);
}

static const struct store_rows rows = {sqlite_keep, sqlite_commit, sqlite_find, sqlite_restore,
                                       sqlite_close};

int store_sqlite_open(const struct store_options *options, struct store **ret_store,
                      struct err *err)
{
    struct store_sqlite *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, EXIT_CONFIG, "no memory for the store");
    s->head.rows = &rows;
    if (open_all(s, options, err)) {
        sqlite_close(&s->head);
        return ERR_FAIL;
    }
    *ret_store = &s->head;
    return 0;
}
