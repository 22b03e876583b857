#ifndef BENCH_RIVAL_H
#define BENCH_RIVAL_H

/*
 * S2 as a rival: the C side of rival_s2.cc, which is built where libs2-dev is installed. Nothing of
 * the tree is included, so that C++ never sees it.
 */
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct s2_zones; /* one index over all of them */

struct s2_zones *s2_zones_new(void);
/* Rings of vertices in 1e-7 degree; ring i has the vertices start[i] .. start[i + 1]. Zones are
 * numbered from 0 as they come. */
void s2_zones_add(struct s2_zones *zones, uint32_t rings, const uint32_t *start,
                  const int32_t *lon_e7, const int32_t *lat_e7);
void s2_zones_ready(struct s2_zones *zones);
uint64_t s2_zones_at(struct s2_zones *zones, int32_t lon_e7, int32_t lat_e7);
void s2_zones_free(struct s2_zones *zones);

struct s2_line;

struct s2_line *s2_line_new(const double *lon_deg, const double *lat_deg, size_t count);
double s2_line_m(struct s2_line *line, double lon_deg, double lat_deg); /* on a sphere */
void s2_line_free(struct s2_line *line);

#ifdef __cplusplus
}
#endif

#endif
