#ifndef API_DESCRIBE_H
#define API_DESCRIBE_H

#include "agreement/compile.h"
#include "api/page.h"
#include "base/arena.h"

/* The agreement as JSON, for docs/format/api.md. */
void describe_agreement(struct page *page, const struct compiled *compiled);
void describe_zone(struct page *page, const struct compiled *compiled, uint16_t zone);
void describe_provision(struct page *page, const struct agreement *a, uint16_t provision);
void describe_rule(struct page *page, const struct agreement *a, uint16_t rule);
void describe_digest(char text[65], const uint8_t digest[32]);

/* What is in force for whom: every provision for every party. */
void describe_status(struct page *page, const struct agreement *a, int64_t time_us);

/* FeatureCollections for maps: zones as compiled, lines with their edges densified. */
int describe_zones_map(struct page *page, const struct compiled *compiled, struct arena *scratch,
                       struct err *err);
void describe_lines_map(struct page *page, const struct agreement *a);

#endif
