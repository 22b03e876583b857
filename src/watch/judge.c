#include "watch/judge.h"

#define E7          1e-7
#define MM_PER_M    1000.0
#define MM_PER_DM   100
#define FAR_MM      INT32_MAX /* an error past all measure */
#define BOUND_M_MAX 1.0e6

static int32_t bound_mm(double bound_m)
{
    return bound_m < BOUND_M_MAX ? (int32_t)(bound_m * MM_PER_M + 1.0) : FAR_MM / 2;
}

struct border border_of(const struct compiled *compiled, uint16_t zone, const struct position *fix,
                        bool plan)
{
    const struct compiled_zone *it = &compiled->zones[zone];
    struct foot foot = distance_foot(it->boundary, fix->lon_e7 * E7, fix->lat_e7 * E7);
    int32_t precision_m = compiled->agreement->zones[zone].precision_m;
    int64_t dist_mm = (int64_t)(foot.dist_m * MM_PER_M + 0.5);
    return (struct border){.dist_mm = plan ? -dist_mm : dist_mm,
                           .err_mm = fix->err_dm * MM_PER_DM +
                                     bound_mm(it->boundary_error_m + foot.err_m),
                           .precision_mm = precision_m > 0 ? (int64_t)precision_m * 1000 : 0};
}

int64_t border_doubt_mm(const struct border *border)
{
    return border->err_mm + border->precision_mm;
}

bool border_decides(const struct border *border, const struct position *fix)
{
    int64_t dist_mm = border->dist_mm < 0 ? -border->dist_mm : border->dist_mm;
    return fix->err_dm != ERR_DM_MAX && dist_mm > border_doubt_mm(border);
}

bool zone_decides(const struct compiled *compiled, uint16_t zone, const struct position *fix,
                  const struct border *border, bool plan)
{
    const struct zone *it = &compiled->agreement->zones[zone];
    struct band_verdict band = band_judge(it, fix);
    bool by_border = border_decides(border, fix);
    bool in = plan && band.in;
    bool sure = in ? by_border && band.sure : (!plan && by_border) || (!band.in && band.sure);
    return sure && it->status == ZONE_AGREED &&
           platform_meant((enum platform)fix->platform, it->classes) == MEANT_CERTAINLY;
}
