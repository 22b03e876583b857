#include "feed/mode_s.h"

#define Q_BIT       0x10
#define STEP_Q_FT   25
#define BASE_Q_FT   (-1000)
#define BASE_C_FT   (-1300)
#define STEP_500_FT 500
#define STEP_100_FT 100

/* Bits of the 12, from the left: C1 A1 C2 A2 C4 A4 B1 Q B2 D2 B4 D4. */
static unsigned bit(unsigned code, unsigned from_left)
{
    return code >> (11 - from_left) & 1;
}

static unsigned gray(const uint8_t *from_left, unsigned count, unsigned code)
{
    unsigned value = 0, last = 0;
    for (unsigned i = 0; i < count; i++) {
        last ^= bit(code, from_left[i]);
        value = value << 1 | last;
    }
    return value;
}

/* Mode C (Annex 10, Volume IV, appendix to chapter 3): five hundreds of feet in one Gray code, the
 * hundreds between, back and forth, in another that uses 1, 2, 3, 4 and 7 for 5. */
static bool mode_c_feet(unsigned code, int32_t *ret_feet)
{
    static const uint8_t d_a_b[] = {9, 11, 1, 3, 5, 6, 8, 10}, c[] = {0, 2, 4};
    int32_t fives = (int32_t)gray(d_a_b, sizeof d_a_b, code);
    int32_t ones = (int32_t)gray(c, sizeof c, code);
    if (ones == 0 || ones == 5 || ones == 6)
        return false;
    if (ones == 7)
        ones = 5;
    if (fives % 2)
        ones = 6 - ones;
    *ret_feet = fives * STEP_500_FT + ones * STEP_100_FT + BASE_C_FT;
    return true;
}

bool altitude_feet(unsigned code, int32_t *ret_feet)
{
    if (!(code & Q_BIT))
        return code && mode_c_feet(code, ret_feet);
    int32_t steps = (int32_t)((code & 0xfe0) >> 1 | (code & 0xf));
    *ret_feet = steps * STEP_Q_FT + BASE_Q_FT;
    return true;
}
