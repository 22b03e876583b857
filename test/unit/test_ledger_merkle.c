#include "ledger/merkle.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LEAVES_MAX 70

/* The eight leaves of the Certificate Transparency reference test, and the root after each
 * (transparency-dev/merkle, testonly/constants.go). */
static const char *const inputs[] = {"",
                                     "00",
                                     "10",
                                     "2021",
                                     "3031",
                                     "40414243",
                                     "5051525354555657",
                                     "606162636465666768696a6b6c6d6e6f"};
static const char *const roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

static size_t unhex(const char *hex, uint8_t *memory)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        memory[i] = (uint8_t)byte;
    }
    return n;
}

static void roots_of_the_reference(void **state)
{
    (void)state;
    struct merkle tree = {0};
    for (size_t i = 0; i <= 8; i++) {
        uint8_t entry[32];
        struct hash expected, root = merkle_root(&tree), leaf;
        unhex(roots[i], expected.b);
        assert_true(hash_equal(&root, &expected));
        if (i == 8)
            break;
        leaf = merkle_leaf((struct bytes){entry, unhex(inputs[i], entry)});
        assert_true(merkle_append(&tree, &leaf));
    }
}

struct world {
    struct hash leaf[LEAVES_MAX];
    struct hash root[LEAVES_MAX + 1];
};

/* The definition of RFC 6962, 2.1, word for word. */
static struct hash defined(const struct hash *leaf, uint64_t n)
{
    if (n == 1)
        return leaf[0];
    uint64_t k = 1;
    while (2 * k < n)
        k *= 2;
    struct hash left = defined(leaf, k), right = defined(leaf + k, n - k);
    return merkle_node(&left, &right);
}

static int node_of(void *context, unsigned level, uint64_t index, struct hash *ret_node,
                   struct err *err)
{
    struct world *world = context;
    (void)err;
    assert_true((index + 1) << level <= LEAVES_MAX);
    *ret_node = defined(world->leaf + (index << level), UINT64_C(1) << level);
    return 0;
}

static void make_world(struct world *world)
{
    struct merkle tree = {0};
    world->root[0] = merkle_root(&tree);
    for (uint64_t i = 0; i < LEAVES_MAX; i++) {
        uint8_t byte = (uint8_t)i;
        world->leaf[i] = merkle_leaf((struct bytes){&byte, 1});
        assert_true(merkle_append(&tree, &world->leaf[i]));
        world->root[i + 1] = merkle_root(&tree);
        struct hash expected = defined(world->leaf, i + 1);
        assert_true(hash_equal(&world->root[i + 1], &expected));
    }
}

static int verify(const struct world *w, uint64_t index, uint64_t size,
                  const struct merkle_proof *proof)
{
    return merkle_verify(&w->leaf[index], index, size, proof, &w->root[size], NULL);
}

/* Every entry of every tree is proven; with anything changed it is not. */
static void inclusion(void **state)
{
    (void)state;
    struct world w;
    struct merkle_source source = {node_of, &w};
    struct merkle_proof proof;
    make_world(&w);
    for (uint64_t size = 1; size <= LEAVES_MAX; size++)
        for (uint64_t index = 0; index < size; index++) {
            assert_int_equal(merkle_prove(&source, index, size, &proof, NULL), 0);
            assert_int_equal(verify(&w, index, size, &proof), 0);
            for (uint32_t i = 0; i < proof.count; i++) {
                proof.hash[i].b[31] ^= 1;
                assert_int_equal(verify(&w, index, size, &proof), ERR_FAIL);
                proof.hash[i].b[31] ^= 1;
            }
            proof.hash[proof.count] = w.leaf[0];
            proof.count++;
            assert_int_equal(verify(&w, index, size, &proof), ERR_FAIL);
            proof.count -= 2;
            if (size > 1)
                assert_int_equal(verify(&w, index, size, &proof), ERR_FAIL);
        }
}

static int grow(const struct world *w, uint64_t from, uint64_t to, const struct merkle_proof *proof)
{
    struct merkle_head a = {from, w->root[from]}, b = {to, w->root[to]};
    return merkle_verify_growth(&a, &b, proof, NULL);
}

static void growth(void **state)
{
    (void)state;
    struct world w;
    struct merkle_source source = {node_of, &w};
    struct merkle_proof proof;
    make_world(&w);
    for (uint64_t to = 0; to <= LEAVES_MAX; to++)
        for (uint64_t from = 0; from <= to; from++) {
            assert_int_equal(merkle_prove_growth(&source, from, to, &proof, NULL), 0);
            assert_int_equal(grow(&w, from, to, &proof), 0);
            for (uint32_t i = 0; i < proof.count; i++) {
                proof.hash[i].b[0] ^= 128;
                assert_int_equal(grow(&w, from, to, &proof), ERR_FAIL);
                proof.hash[i].b[0] ^= 128;
            }
            proof.hash[proof.count] = w.leaf[0];
            proof.count++;
            assert_int_equal(grow(&w, from, to, &proof), ERR_FAIL);
        }
}

/* The proofs of RFC 6962, 2.1.3: the paths of d0, d3, d4, d6 among 7, and growth from 3, 4, 6. */
static void proofs_of_the_rfc(void **state)
{
    (void)state;
    static const uint32_t path_length[] = {[0] = 3, [3] = 3, [4] = 3, [6] = 2};
    static const uint64_t index[] = {0, 3, 4, 6};
    struct world w;
    struct merkle_source source = {node_of, &w};
    struct merkle_proof proof;
    make_world(&w);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(merkle_prove(&source, index[i], 7, &proof, NULL), 0);
        assert_int_equal(proof.count, path_length[index[i]]);
    }
    /* PROOF(3, D[7]) = [c, d, g, l] */
    assert_int_equal(merkle_prove_growth(&source, 3, 7, &proof, NULL), 0);
    struct hash g = defined(w.leaf, 2), l = defined(w.leaf + 4, 3);
    assert_int_equal(proof.count, 4);
    assert_true(hash_equal(&proof.hash[0], &w.leaf[2]) && hash_equal(&proof.hash[1], &w.leaf[3]));
    assert_true(hash_equal(&proof.hash[2], &g) && hash_equal(&proof.hash[3], &l));
    /* PROOF(4, D[7]) = [l]; PROOF(6, D[7]) = [i, j, k] */
    assert_int_equal(merkle_prove_growth(&source, 4, 7, &proof, NULL), 0);
    assert_int_equal(proof.count, 1);
    assert_true(hash_equal(&proof.hash[0], &l));
    assert_int_equal(merkle_prove_growth(&source, 6, 7, &proof, NULL), 0);
    assert_int_equal(proof.count, 3);
    assert_true(hash_equal(&proof.hash[1], &w.leaf[6]));
}

static void hostile_numbers(void **state)
{
    (void)state;
    struct world w;
    struct merkle_proof proof = {.count = MERKLE_PROOF_MAX};
    struct merkle_head a = {1, {{0}}}, b = {2, {{0}}};
    make_world(&w);
    assert_int_equal(merkle_verify(w.leaf, 0, 0, &proof, w.root, NULL), ERR_FAIL);
    assert_int_equal(merkle_verify(w.leaf, 5, 5, &proof, w.root, NULL), ERR_FAIL);
    assert_int_equal(merkle_verify(w.leaf, 0, UINT64_C(1) << 63, &proof, w.root, NULL), ERR_FAIL);
    assert_int_equal(merkle_verify(w.leaf, 0, MERKLE_SIZE_MAX - 1, &proof, w.root, NULL), ERR_FAIL);
    proof.count = 64;
    assert_int_equal(merkle_verify(w.leaf, 0, 8, &proof, w.root, NULL), ERR_FAIL);
    assert_int_equal(merkle_verify_growth(&a, &b, &proof, NULL), ERR_FAIL);
    proof.count = 0;
    assert_int_equal(merkle_verify_growth(&b, &a, &proof, NULL), ERR_FAIL);
    b = (struct merkle_head){1, {{1}}};
    assert_int_equal(merkle_verify_growth(&a, &b, &proof, NULL), ERR_FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_of_the_reference),
        cmocka_unit_test(inclusion),
        cmocka_unit_test(growth),
        cmocka_unit_test(proofs_of_the_rfc),
        cmocka_unit_test(hostile_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
