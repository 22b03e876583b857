// Drawing aids on a sphere. Nothing here decides anything: verdicts come from the node.

const EARTH_M = 6371008.8; // mean radius, IUGG
const RAD = Math.PI / 180;
export type Point = [lon: number, lat: number];
export type Bounds = [west: number, south: number, east: number, north: number];

export function destination([lon, lat]: Point, bearingDeg: number, metres: number): Point {
  const d = metres / EARTH_M;
  const b = bearingDeg * RAD;
  const lat1 = lat * RAD;
  const lat2 = Math.asin(Math.sin(lat1) * Math.cos(d) + Math.cos(lat1) * Math.sin(d) * Math.cos(b));
  const dlon = Math.atan2(
    Math.sin(b) * Math.sin(d) * Math.cos(lat1),
    Math.cos(d) - Math.sin(lat1) * Math.sin(lat2),
  );
  return [lon + dlon / RAD, lat2 / RAD];
}

const RING_POINTS = 64;

export function ring(center: Point, metres: number): Point[] {
  const out: Point[] = [];
  for (let i = 0; i <= RING_POINTS; i++) out.push(destination(center, (i * 360) / RING_POINTS, metres));
  return out;
}

export function isPoint(value: unknown): value is Point {
  return Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'number';
}

// Calls take for every position in nested coordinates, however deep.
export function eachPoint(coordinates: unknown, take: (p: Point) => void): void {
  if (isPoint(coordinates)) take(coordinates);
  else if (Array.isArray(coordinates)) for (const part of coordinates) eachPoint(part, take);
}

export function boundsOf(features: readonly GeoJSON.Feature[]): Bounds | null {
  const b: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const f of features)
    if (f.geometry && f.geometry.type !== 'GeometryCollection')
      eachPoint(f.geometry.coordinates, ([x, y]) => {
        b[0] = Math.min(b[0], x);
        b[1] = Math.min(b[1], y);
        b[2] = Math.max(b[2], x);
        b[3] = Math.max(b[3], y);
      });
  return b[0] <= b[2] ? b : null;
}

export const within = (inner: Bounds, outer: Bounds) =>
  inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3];

// Where a zone's name stands: on its outline, outwards (the side away from `from`, a latitude), at
// that share of its width, so that the names of nested zones do not pile up.
export function labelSpot(geometry: GeoJSON.Geometry, share: number, north: boolean): Point | null {
  if (geometry.type === 'GeometryCollection') return null;
  const b = boundsOf([{ type: 'Feature', properties: {}, geometry }]);
  if (!b) return null;
  const want = b[0] + (b[2] - b[0]) * share;
  const reach = Math.max((b[2] - b[0]) * 0.04, 1e-6);
  let best: Point | null = null;
  eachPoint(geometry.coordinates, (p) => {
    if (Math.abs(p[0] - want) > reach) return;
    if (!best || (north ? p[1] > best[1] : p[1] < best[1])) best = p;
  });
  return best ?? [(b[0] + b[2]) / 2, north ? b[3] : b[1]];
}
