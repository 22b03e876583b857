#ifndef LEDGER_MERKLE_H
#define LEDGER_MERKLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * The Merkle tree of RFC 6962, 2.1, with SHA-256.
 *
 *   M1  leaf = SHA-256(0x00, entry), node = SHA-256(0x01, left, right), empty = SHA-256()
 *   M2  the root of n > 1 leaves is the node of the first k and of the rest, k the largest power
 *       of two below n
 *   M3  sizes are below MERKLE_SIZE_MAX, so a proof has at most MERKLE_PROOF_MAX hashes; whatever
 *       a proof from outside claims, verifying takes at most that many steps
 */
#define MERKLE_SIZE_MAX  (UINT64_C(1) << 53)
#define MERKLE_PROOF_MAX 54

struct hash {
    uint8_t b[32];
};

bool hash_equal(const struct hash *a, const struct hash *b);
struct hash merkle_leaf(struct bytes entry);
struct hash merkle_node(const struct hash *left, const struct hash *right);

/* A tree that only grows: the roots of its perfect subtrees, the largest first, one for each bit
 * of size. All zero is the empty tree. */
struct merkle {
    uint64_t size;
    struct hash peak[MERKLE_PROOF_MAX];
};

/* False when the tree is full (M3). */
bool merkle_append(struct merkle *merkle, const struct hash *leaf);
struct hash merkle_root(const struct merkle *merkle);

struct merkle_proof {
    uint32_t count;
    struct hash hash[MERKLE_PROOF_MAX];
};

/* Gives the root of the perfect subtree of leaves [index << level, (index + 1) << level). */
struct merkle_source {
    int (*node)(void *context, unsigned level, uint64_t index, struct hash *ret_node,
                struct err *err);
    void *context;
};

/* The path of RFC 6962, 2.1.1, sibling of the leaf first. index < size. */
int merkle_prove(const struct merkle_source *source, uint64_t index, uint64_t size,
                 struct merkle_proof *ret_proof, struct err *err);

/* The proof of RFC 6962, 2.1.2, that `size` leaves begin with `old_size`; empty where nothing is to
 * be shown (old_size 0 or size). */
int merkle_prove_growth(const struct merkle_source *source, uint64_t old_size, uint64_t size,
                        struct merkle_proof *ret_proof, struct err *err);

/* Both take anything from outside. EXIT_DATA: the numbers cannot be; EXIT_WRONG: it does not hold. */
int merkle_verify(const struct hash *leaf, uint64_t index, uint64_t size,
                  const struct merkle_proof *proof, const struct hash *root, struct err *err);

struct merkle_head {
    uint64_t size;
    struct hash root;
};
int merkle_verify_growth(const struct merkle_head *old_head, const struct merkle_head *head,
                         const struct merkle_proof *proof, struct err *err);

#endif
