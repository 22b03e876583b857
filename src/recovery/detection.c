#include "recovery/detection.h"

#include <assert.h>

#include "num/num.h"

static double random_law(double coverage)
{
    return coverage > NUM_EXP_MAX ? 1 : 1 - num_exp(-coverage);
}

static double inverse_cube_law(double coverage)
{
    return num_erf(num_sqrt(NUM_PI) / 2 * coverage);
}

static double definite_law(double coverage)
{
    return coverage < 1 ? coverage : 1;
}

static const struct {
    const char *name;
    double (*of)(double coverage);
} laws[DETECTION_COUNT] = {
    [DETECTION_RANDOM] = {"random", random_law},
    [DETECTION_INVERSE_CUBE] = {"inverse-cube", inverse_cube_law},
    [DETECTION_DEFINITE] = {"definite", definite_law},
};

const char *detection_law_name(enum detection_law law)
{
    return laws[law].name;
}

double coverage_of(double width_m, double speed_mps, double time_s, double area_m2)
{
    assert(area_m2 > 0);
    return width_m * speed_mps * time_s / area_m2;
}

double detection_of(enum detection_law law, double coverage)
{
    assert(coverage >= 0);
    return laws[law].of(coverage);
}

double detection_any(const double *pod, size_t count)
{
    double missed = 1;
    for (size_t i = 0; i < count; i++)
        missed *= 1 - pod[i];
    return 1 - missed;
}

double detection_mixed(const double *weight, const double *pod, size_t conditions, size_t looks)
{
    double sum = 0;
    for (size_t j = 0; j < conditions; j++)
        sum += weight[j] * detection_any(pod + j * looks, looks);
    return sum;
}

double detection_pits(double target_m, double spacing_m)
{
    assert(target_m >= 0 && spacing_m > 0 && target_m <= spacing_m / 2);
    double ratio = target_m / spacing_m;
    return NUM_PI * ratio * ratio;
}
