#include "ledger/merkle.h"

#include <assert.h>
#include <sodium/crypto_hash_sha256.h>
#include <string.h>

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

struct hash merkle_leaf(struct bytes entry)
{
    static const uint8_t prefix = 0;
    crypto_hash_sha256_state state;
    struct hash h;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &prefix, 1);
    crypto_hash_sha256_update(&state, entry.p, entry.n);
    crypto_hash_sha256_final(&state, h.b);
    return h;
}

struct hash merkle_node(const struct hash *left, const struct hash *right)
{
    uint8_t both[1 + 2 * sizeof left->b] = {1};
    struct hash h;
    memcpy(both + 1, left->b, sizeof left->b);
    memcpy(both + 1 + sizeof left->b, right->b, sizeof right->b);
    crypto_hash_sha256(h.b, both, sizeof both);
    return h;
}

static unsigned peaks_of(uint64_t size)
{
    unsigned n = 0;
    for (; size; size &= size - 1)
        n++;
    return n;
}

bool merkle_append(struct merkle *m, const struct hash *leaf)
{
    if (m->size >= MERKLE_SIZE_MAX - 1)
        return false;
    unsigned count = peaks_of(m->size);
    struct hash h = *leaf;
    for (uint64_t carry = m->size; carry & 1; carry >>= 1)
        h = merkle_node(&m->peak[--count], &h);
    m->peak[count] = h;
    m->size++;
    return true;
}

struct hash merkle_root(const struct merkle *m)
{
    unsigned count = peaks_of(m->size);
    struct hash h;
    if (count == 0) {
        crypto_hash_sha256(h.b, NULL, 0);
        return h;
    }
    for (h = m->peak[--count]; count > 0;)
        h = merkle_node(&m->peak[--count], &h);
    return h;
}

/* The largest power of two below n, as its exponent; n > 1 (M2). */
static unsigned split_level(uint64_t n)
{
    unsigned level = 0;
    while (UINT64_C(2) << level < n)
        level++;
    return level;
}

/* The root of leaves [begin, end): perfect subtrees from the right, each joined to those before.
 * Every range that a proof asks for begins at a multiple of its first subtree. */
static int range_root(const struct merkle_source *s, uint64_t begin, uint64_t end,
                      struct hash *ret_root, struct err *err)
{
    struct hash part[MERKLE_PROOF_MAX];
    unsigned count = 0;
    while (begin < end) {
        unsigned level = split_level(end - begin + 1);
        if (s->node(s->context, level, begin >> level, &part[count++], err))
            return ERR_FAIL;
        begin += UINT64_C(1) << level;
    }
    struct hash h = part[--count];
    while (count > 0)
        h = merkle_node(&part[--count], &h);
    *ret_root = h;
    return 0;
}

static void reverse(struct merkle_proof *proof)
{
    for (uint32_t i = 0, j = proof->count; i + 1 < j; i++) {
        struct hash h = proof->hash[i];
        proof->hash[i] = proof->hash[--j];
        proof->hash[j] = h;
    }
}

/* On the way from the root down to what is proven: one part that is left aside. */
static int aside(const struct merkle_source *s, uint64_t begin, uint64_t end,
                 struct merkle_proof *proof, struct err *err)
{
    return range_root(s, begin, end, &proof->hash[proof->count++], err);
}

int merkle_prove(const struct merkle_source *s, uint64_t index, uint64_t size,
                 struct merkle_proof *ret_proof, struct err *err)
{
    assert(index < size && size < MERKLE_SIZE_MAX);
    uint64_t begin = 0, end = size;
    ret_proof->count = 0;
    while (end - begin > 1) {
        uint64_t middle = begin + (UINT64_C(1) << split_level(end - begin));
        bool right = index >= middle;
        if (aside(s, right ? begin : middle, right ? middle : end, ret_proof, err))
            return ERR_FAIL;
        *(right ? &begin : &end) = middle;
    }
    reverse(ret_proof);
    return 0;
}

int merkle_prove_growth(const struct merkle_source *s, uint64_t old_size, uint64_t size,
                        struct merkle_proof *ret_proof, struct err *err)
{
    assert(old_size <= size && size < MERKLE_SIZE_MAX);
    uint64_t begin = 0, end = size;
    ret_proof->count = 0;
    if (old_size == 0 || old_size == size)
        return 0;
    while (end > old_size) {
        uint64_t middle = begin + (UINT64_C(1) << split_level(end - begin));
        bool right = old_size > middle;
        if (aside(s, right ? begin : middle, right ? middle : end, ret_proof, err))
            return ERR_FAIL;
        *(right ? &begin : &end) = middle;
    }
    /* what is left is a subtree of both; the verifier knows it when it is the whole old tree */
    if (begin > 0 && aside(s, begin, end, ret_proof, err))
        return ERR_FAIL;
    reverse(ret_proof);
    return 0;
}

/* The algorithm of RFC 9162, 2.1.3.2. */
int merkle_verify(const struct hash *leaf, uint64_t index, uint64_t size,
                  const struct merkle_proof *proof, const struct hash *root, struct err *err)
{
    if (size >= MERKLE_SIZE_MAX || index >= size || proof->count > MERKLE_PROOF_MAX)
        return err_set(err, EXIT_DATA, "inclusion proof: no such index or size");
    uint64_t at = index, last = size - 1;
    struct hash h = *leaf;
    for (uint32_t i = 0; i < proof->count; i++) {
        if (last == 0)
            return err_set(err, EXIT_WRONG, "inclusion proof: more hashes than the path has");
        if (at & 1 || at == last) {
            h = merkle_node(&proof->hash[i], &h);
            for (; !(at & 1) && at; at >>= 1)
                last >>= 1;
        } else {
            h = merkle_node(&h, &proof->hash[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    if (last || !hash_equal(&h, root))
        return err_set(err, EXIT_WRONG, "inclusion proof: the entry does not lead to the root");
    return 0;
}

/* Joins the proof to both roots at once: RFC 9162, 2.1.4.2. */
static bool growth_holds(const struct merkle_head *old_head, const struct merkle_head *head,
                         const struct merkle_proof *proof)
{
    uint64_t at = old_head->size - 1, last = head->size - 1;
    uint32_t i = 0;
    bool perfect = (old_head->size & at) == 0;
    if (!perfect && proof->count == 0)
        return false;
    struct hash older = perfect ? old_head->root : proof->hash[i++];
    struct hash newer = older;
    for (; at & 1; at >>= 1)
        last >>= 1;
    for (; i < proof->count; i++) {
        if (last == 0)
            return false;
        if (at & 1 || at == last) {
            older = merkle_node(&proof->hash[i], &older);
            newer = merkle_node(&proof->hash[i], &newer);
            for (; !(at & 1) && at; at >>= 1)
                last >>= 1;
        } else {
            newer = merkle_node(&newer, &proof->hash[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && hash_equal(&older, &old_head->root) && hash_equal(&newer, &head->root);
}

int merkle_verify_growth(const struct merkle_head *old_head, const struct merkle_head *head,
                         const struct merkle_proof *proof, struct err *err)
{
    if (head->size >= MERKLE_SIZE_MAX || old_head->size > head->size ||
        proof->count > MERKLE_PROOF_MAX)
        return err_set(err, EXIT_DATA, "consistency proof: no such sizes");
    bool trivial = old_head->size == 0 || old_head->size == head->size;
    if (trivial && proof->count > 0)
        return err_set(err, EXIT_WRONG, "consistency proof: hashes where none belong");
    if (old_head->size == head->size && !hash_equal(&old_head->root, &head->root))
        return err_set(err, EXIT_WRONG, "two roots for one size: the log has forked");
    if (!trivial && !growth_holds(old_head, head, proof))
        return err_set(err, EXIT_WRONG,
                       "consistency proof: the larger tree does not begin with the "
                       "smaller one");
    return 0;
}
