#include "feed/ais_json.h"
#include "feed/document.h"

/*
 * AIS-catcher's JSON, in three shapes:
 *
 *   one message a line (UDP, TCP, standard output), {"class":"AIS",...,"rxuxtime":1668361612.3,...}
 *   what it posts by HTTP, {"protocol":"jsonaiscatcher",...,"msgs":[...]}
 *   what its own server lists, {"count":2,"ships":[{"mmsi":...,"last_signal":12},...]}
 *
 * rxuxtime is when the station received the message, in seconds since 1970. A ship of the list was
 * heard last_signal seconds ago, in whole ones; one that stands in the next list unchanged is not
 * told again.
 */
#define SEEN_MAX_S  1000000
#define SAME_FIX_US (3 * TIME_SECOND / 2)

static bool is_ship(struct json object)
{
    return json_get(object, "last_signal").type == JSON_NUMBER;
}

static struct stamp read_stamp(struct json object, struct stamp receive)
{
    int64_t us, ago;
    if (json_scaled(json_get(object, "rxuxtime"), 6, &us, NULL) && us > 0 &&
        time_civil(us).year < 2200)
        return (struct stamp){us, TIME_FROM_SUFFIX};
    if (receive.us != TIME_UNKNOWN && json_int(json_get(object, "last_signal"), &ago) && ago >= 0 &&
        ago <= SEEN_MAX_S)
        receive.us -= ago * TIME_SECOND;
    return receive;
}

static int aiscatcher_record(struct feed *feed, struct json object, int64_t now_us,
                             int64_t receive_us, struct position *ret_position)
{
    struct json class = json_get(object, "class");
    (void)now_us;
    if (object.type != JSON_OBJECT)
        return SKIP_SYNTAX;
    if (class.type != JSON_NONE && !json_is(class, "AIS"))
        return RECORD_OTHER;
    struct stamp stamp = read_stamp(object, feed_receive(feed, receive_us));
    int end = ais_json_record(feed, object, stamp, ret_position);
    if (end == RECORD_POSITION && is_ship(object) &&
        tracks_repeat(feed, tracks_index(feed, ret_position->track), ret_position, SAME_FIX_US))
        return RECORD_OTHER; /* as in the list before */
    return end;
}

static bool is_message(struct json top)
{
    return json_get(top, "mmsi").type != JSON_NONE || json_get(top, "class").type != JSON_NONE;
}

/* Its other answers and posts. */
static bool is_of_it(struct json top)
{
    return json_get(top, "protocol").type != JSON_NONE ||
           json_get(top, "count").type != JSON_NONE || json_get(top, "station").type != JSON_NONE;
}

const struct document_kind aiscatcher_documents = {.lists = {"ships", "msgs"},
                                                   .is_record = is_message,
                                                   .is_other = is_of_it,
                                                   .one_a_line = true,
                                                   .record = aiscatcher_record};
