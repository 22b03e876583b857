#include "base/platform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool is_leaf(int p)
{
    for (int i = 0; i < PLATFORM_COUNT; i++) {
        if ((int)platform_parent((enum platform)i) == p)
            return false;
    }
    return true;
}

static bool is_under(int p, int above)
{
    while (p != PLATFORM_COUNT && p != above)
        p = (int)platform_parent((enum platform)p);
    return p == above;
}

/* The leaves of every class, counted from the parents alone. */
static void leaves_follow_from_the_parents(void **state)
{
    (void)state;
    platform_set want[PLATFORM_COUNT] = {0};
    unsigned leaf = 0;
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        if (!is_leaf(p))
            continue;
        for (int above = 0; above < PLATFORM_COUNT; above++)
            want[above] |= is_under(p, above) ? UINT64_C(1) << leaf : 0;
        leaf++;
    }
    assert_in_range(leaf, 1, 63);
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        if (platform_leaves((enum platform)p) != want[p])
            fail_msg("%s", platform_name((enum platform)p));
    }
}

/* The tree that the header draws. */
static const struct {
    const char *name, *parent;
} tree[] = {
    {"aircraft", "unknown"},
    {"fixed_wing", "aircraft"},
    {"combat_aircraft", "fixed_wing"},
    {"transport_aircraft", "fixed_wing"},
    {"airliner", "fixed_wing"},
    {"air_cargo", "fixed_wing"},
    {"light_aircraft", "fixed_wing"},
    {"glider", "fixed_wing"},
    {"rotary_wing", "aircraft"},
    {"helicopter", "rotary_wing"},
    {"gyrocopter", "rotary_wing"},
    {"uav", "aircraft"},
    {"uav_fixed", "uav"},
    {"uav_rotary", "uav"},
    {"balloon", "aircraft"},
    {"free_balloon", "balloon"},
    {"airship", "balloon"},
    {"parachute", "aircraft"},
    {"ship", "unknown"},
    {"naval", "ship"},
    {"warship", "naval"},
    {"submarine", "naval"},
    {"patrol", "ship"},
    {"fishing", "ship"},
    {"merchant", "ship"},
    {"cargo_ship", "merchant"},
    {"tanker", "merchant"},
    {"passenger_ship", "merchant"},
    {"high_speed_craft", "merchant"},
    {"service_ship", "ship"},
    {"tug", "service_ship"},
    {"pilot_vessel", "service_ship"},
    {"sar_vessel", "service_ship"},
    {"survey_vessel", "service_ship"},
    {"dredger", "service_ship"},
    {"pleasure_craft", "ship"},
    {"land", "unknown"},
    {"vehicle", "land"},
    {"person", "land"},
    {"fixed", "unknown"},
    {"base_station", "fixed"},
    {"aid_to_navigation", "fixed"},
    {"obstacle", "fixed"},
    {"distress_beacon", "fixed"},
};

static void the_tree_is_as_drawn(void **state)
{
    (void)state;
    assert_int_equal(sizeof tree / sizeof tree[0], PLATFORM_COUNT - 1);
    assert_int_equal(platform_parent(PLATFORM_UNKNOWN), PLATFORM_COUNT);
    for (size_t i = 0; i < sizeof tree / sizeof tree[0]; i++) {
        enum platform p;
        assert_true(platform_from_name(bytes_of(tree[i].name), &p));
        assert_string_equal(platform_name(p), tree[i].name);
        assert_string_equal(platform_name(platform_parent(p)), tree[i].parent);
    }
}

static void names_are_exact(void **state)
{
    (void)state;
    enum platform p;
    assert_true(platform_from_name(bytes_of("unknown"), &p));
    assert_int_equal(p, PLATFORM_UNKNOWN);
    assert_false(platform_from_name(bytes_of("Ship"), &p));
    assert_false(platform_from_name(bytes_of("shi"), &p));
    assert_false(platform_from_name(bytes_of("ships"), &p));
    assert_false(platform_from_name(bytes_of(""), &p));
}

static void meaning(void **state)
{
    (void)state;
    platform_set fishing = platform_leaves(PLATFORM_FISHING);
    platform_set ships = platform_leaves(PLATFORM_SHIP);
    platform_set all = platform_leaves(PLATFORM_UNKNOWN);
    assert_int_equal(platform_meant(PLATFORM_FISHING, fishing), MEANT_CERTAINLY);
    assert_int_equal(platform_meant(PLATFORM_SHIP, fishing), MEANT_POSSIBLY);
    assert_int_equal(platform_meant(PLATFORM_UNKNOWN, fishing), MEANT_POSSIBLY);
    assert_int_equal(platform_meant(PLATFORM_TANKER, fishing), MEANT_NOT);
    assert_int_equal(platform_meant(PLATFORM_TANKER, ships), MEANT_CERTAINLY);
    assert_int_equal(platform_meant(PLATFORM_HELICOPTER, ships), MEANT_NOT);
    assert_int_equal(platform_meant(PLATFORM_UNKNOWN, all), MEANT_CERTAINLY);
    assert_int_equal(platform_meant(PLATFORM_SHIP, 0), MEANT_NOT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_follow_from_the_parents),
        cmocka_unit_test(the_tree_is_as_drawn),
        cmocka_unit_test(names_are_exact),
        cmocka_unit_test(meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
