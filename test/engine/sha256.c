/*
 * SHA-256 (FIPS 180-4) under the names that the core calls, for machines that we have a compiler
 * for and no libsodium: an independent second opinion on digests too. Its constants are worked out:
 * the first 32 bits of the fractions of the cube roots and square roots of the first primes.
 */
#include <sodium/crypto_hash_sha256.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 uwide;

/* 2^32 times the root of p, its whole part cut off. */
static uint32_t root_fraction(uint32_t p, int cube)
{
    uwide target = (uwide)p << (cube ? 96 : 64);
    uint64_t low = 0, high = UINT64_C(1) << 37;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        uwide power = (uwide)middle * middle * (cube ? middle : 1);
        if (power <= target)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static uint32_t next_prime(uint32_t p)
{
    for (p++;; p++) {
        uint32_t d = 2;
        while (d * d <= p && p % d)
            d++;
        if (d * d > p)
            return p;
    }
}

static uint32_t turned(uint32_t x, int by)
{
    return x >> by | x << (32 - by);
}

static void schedule(const uint8_t block[64], uint32_t w[64])
{
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (turned(a, 7) ^ turned(a, 18) ^ a >> 3) + w[i - 7] +
               (turned(b, 17) ^ turned(b, 19) ^ b >> 10);
    }
}

static void compress(uint32_t state[8], const uint8_t block[64])
{
    static uint32_t k[64];
    for (uint32_t i = 0, p = 1; !k[63] && i < 64; i++)
        k[i] = root_fraction(p = next_prime(p), 1);
    uint32_t w[64], v[8];
    schedule(block, w);
    memcpy(v, state, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = v[7] + (turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25)) +
                      ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
        uint32_t t2 = (turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22)) +
                      ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        state[i] += v[i];
}

int crypto_hash_sha256_init(crypto_hash_sha256_state *s)
{
    memset(s, 0, sizeof *s);
    for (uint32_t i = 0, p = 1; i < 8; i++)
        s->state[i] = root_fraction(p = next_prime(p), 0);
    return 0;
}

int crypto_hash_sha256_update(crypto_hash_sha256_state *s, const unsigned char *in,
                              unsigned long long n)
{
    for (unsigned long long i = 0; i < n; i++) {
        s->buf[s->count++ % 64] = in[i];
        if (s->count % 64 == 0)
            compress(s->state, s->buf);
    }
    return 0;
}

int crypto_hash_sha256_final(crypto_hash_sha256_state *s, unsigned char *out)
{
    uint64_t bits = s->count * 8;
    const unsigned char one = 0x80, none = 0;
    crypto_hash_sha256_update(s, &one, 1);
    while (s->count % 64 != 56)
        crypto_hash_sha256_update(s, &none, 1);
    for (int i = 7; i >= 0; i--) {
        unsigned char byte = (unsigned char)(bits >> 8 * i);
        crypto_hash_sha256_update(s, &byte, 1);
    }
    for (int i = 0; i < 32; i++)
        out[i] = (unsigned char)(s->state[i / 4] >> (24 - 8 * (i % 4)));
    return 0;
}

int crypto_hash_sha256(unsigned char *out, const unsigned char *in, unsigned long long n)
{
    crypto_hash_sha256_state s;
    crypto_hash_sha256_init(&s);
    crypto_hash_sha256_update(&s, in, n);
    return crypto_hash_sha256_final(&s, out);
}
