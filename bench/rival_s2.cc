#include "rival.h"

#include <s2/mutable_s2shape_index.h>
#include <s2/s2closest_edge_query.h>
#include <s2/s2contains_point_query.h>
#include <s2/s2latlng.h>
#include <s2/s2lax_polyline_shape.h>
#include <s2/s2loop.h>
#include <s2/s2polygon.h>

#include <memory>
#include <vector>

/* As its users set it up: one MutableS2ShapeIndex over all polygons, one query kept. */
struct s2_zones {
    MutableS2ShapeIndex index;
    std::vector<std::unique_ptr<S2Polygon>> polygons;
    std::unique_ptr<S2ContainsPointQuery<MutableS2ShapeIndex>> query;
};

static S2Point point(double lon_deg, double lat_deg)
{
    return S2LatLng::FromDegrees(lat_deg, lon_deg).ToPoint();
}

s2_zones *s2_zones_new(void)
{
    return new s2_zones;
}

/* Loops by nesting, which for rings that do not cross is the even-odd rule. */
void s2_zones_add(s2_zones *zones, uint32_t rings, const uint32_t *start, const int32_t *lon_e7,
                  const int32_t *lat_e7)
{
    std::vector<std::unique_ptr<S2Loop>> loops;
    for (uint32_t ring = 0; ring < rings; ring++) {
        std::vector<S2Point> vertices;
        for (uint32_t i = start[ring]; i < start[ring + 1]; i++)
            vertices.push_back(point(lon_e7[i] / 1e7, lat_e7[i] / 1e7));
        auto loop = std::make_unique<S2Loop>();
        loop->set_s2debug_override(S2Debug::DISABLE);
        loop->Init(vertices);
        loop->Normalize();
        loops.push_back(std::move(loop));
    }
    auto polygon = std::make_unique<S2Polygon>();
    polygon->set_s2debug_override(S2Debug::DISABLE);
    polygon->InitNested(std::move(loops));
    zones->index.Add(std::make_unique<S2Polygon::Shape>(polygon.get()));
    zones->polygons.push_back(std::move(polygon));
}

void s2_zones_ready(s2_zones *zones)
{
    zones->index.ForceBuild();
    zones->query = std::make_unique<S2ContainsPointQuery<MutableS2ShapeIndex>>(&zones->index);
}

uint64_t s2_zones_at(s2_zones *zones, int32_t lon_e7, int32_t lat_e7)
{
    uint64_t set = 0;
    zones->query->VisitContainingShapes(point(lon_e7 / 1e7, lat_e7 / 1e7), [&set](S2Shape *shape) {
        set |= UINT64_C(1) << shape->id();
        return true;
    });
    return set;
}

void s2_zones_free(s2_zones *zones)
{
    delete zones;
}

struct s2_line {
    MutableS2ShapeIndex index;
    std::unique_ptr<S2ClosestEdgeQuery> query;
};

s2_line *s2_line_new(const double *lon_deg, const double *lat_deg, size_t count)
{
    auto *line = new s2_line;
    std::vector<S2Point> vertices;
    for (size_t i = 0; i < count; i++)
        vertices.push_back(point(lon_deg[i], lat_deg[i]));
    line->index.Add(std::make_unique<S2LaxPolylineShape>(vertices));
    line->index.ForceBuild();
    line->query = std::make_unique<S2ClosestEdgeQuery>(&line->index);
    return line;
}

/* The mean radius of the earth (IUGG, R1). */
double s2_line_m(s2_line *line, double lon_deg, double lat_deg)
{
    S2ClosestEdgeQuery::PointTarget target(point(lon_deg, lat_deg));
    return line->query->GetDistance(&target).ToAngle().radians() * 6371008.8;
}

void s2_line_free(s2_line *line)
{
    delete line;
}
