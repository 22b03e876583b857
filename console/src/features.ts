// What the map shows, made from the store as GeoJSON. Pure but for what it is given.
import type { Agreement, Alert, Geo, Line, Position, Sighting, Track, Zone } from './api';
import { boundsOf, destination, eachPoint, labelSpot, ring } from './geo';
import type { Point } from './geo';
import { sideColour } from './palette';
import type { Palette } from './palette';
import { shapeOf, symbolCode, vectorSeconds, zoneGroup } from './platform';
import type { LayerKey, Trail } from './store';
import { pick, say } from './words';
import type { Lang } from './words';

type Feature = GeoJSON.Feature;
const collect = (features: Feature[]): Geo => ({ type: 'FeatureCollection', features });
const point = (at: Point, properties: GeoJSON.GeoJsonProperties): Feature => ({
  type: 'Feature', properties, geometry: { type: 'Point', coordinates: at },
});
const path = (points: Point[], properties: GeoJSON.GeoJsonProperties): Feature => ({
  type: 'Feature', properties, geometry: { type: 'LineString', coordinates: points },
});

type Switches = Record<LayerKey, boolean>;
export const letterOf = (agreement: Agreement, side: string | null) =>
  agreement.parties.find((p) => p.id === side)?.letter ?? null;

// All zones, switched on or not: which of them show is the layers' affair (style.ts).
export function zoneFeatures(agreement: Agreement, zones: Geo): Geo {
  const known = new Map(agreement.zones.map((z) => [z.id, z]));
  const out: Feature[] = [];
  for (const f of zones.features) {
    const zone = known.get(String(f.properties?.zone));
    if (!zone) continue;
    out.push({ ...f, properties: { zone: zone.id, group: zoneGroup(zone.classes), status: zone.status } });
  }
  return collect(out);
}

// Names stand on the zone's outline: that of a zone on the left of the line (north of it, where it
// runs east) above, the other's below. Nested zones have theirs spread along their width, each in
// two places, of which the map shows those that have room.
export function zoneNames(agreement: Agreement, zones: Geo): Geo {
  const known = new Map(agreement.zones.map((z) => [z.id, z]));
  const left = agreement.lines[0]?.left ?? null;
  const perSide = new Map<string | null, number>();
  const out: Feature[] = [];
  for (const f of zones.features) {
    const zone = known.get(String(f.properties?.zone));
    if (!zone || !f.geometry) continue;
    const nth = perSide.get(zone.side) ?? 0;
    perSide.set(zone.side, nth + 1);
    const north = zone.side !== null && zone.side === left;
    const shares = zone.side === null ? [0.5] : [0.92 - (nth % 6) * 0.08, 0.46 - (nth % 6) * 0.08];
    for (const share of shares) {
      const at = labelSpot(f.geometry, share, north);
      const properties = { group: zoneGroup(zone.classes), north, from: readableFrom(f), ...zoneNameIn(agreement, zone) };
      if (at) out.push(point(at, properties));
    }
  }
  return collect(out);
}

const READABLE_PX = 60;

// The zoom at which a zone is wide enough to be named (512 px span the world at zoom 0).
function readableFrom(f: Feature): number {
  const b = boundsOf([f]);
  const wide = b ? Math.max(b[2] - b[0], 1e-4) : 1;
  return Math.log2((READABLE_PX * 360) / (512 * wide));
}

function zoneNameIn(agreement: Agreement, zone: Zone): Record<string, string> {
  const letter = letterOf(agreement, zone.side);
  const tail = letter && !zone.id.endsWith(`.${letter}`) ? ` ${letter}` : '';
  const short = (lang: Lang) => zone.id + tail + statusIn(zone, lang);
  const long = (lang: Lang) => pick(lang, zone.name, zone.id + tail) + statusIn(zone, lang);
  return { ko: short('ko'), en: short('en'), ko_long: long('ko'), en_long: long('en') };
}

const statusIn = (zone: Zone, lang: Lang) => (zone.status === 'agreed' ? '' : ` · ${say(lang, `status.${zone.status}`)}`);

const listOf = (value: string | string[] | null): string[] =>
  value === null || value === undefined ? [] : Array.isArray(value) ? value : [value];

export const asserters = (line: Line) => listOf(line.asserted_by);

// Who asserts: a party by its name, anybody else by the id that the agreement uses.
export function assertersIn(agreement: Agreement, line: Line, lang: Lang): string {
  const name = (id: string) => pick(lang, agreement.parties.find((p) => p.id === id)?.name, id);
  return asserters(line).map(name).join(', ');
}

export function lineFeatures(agreement: Agreement, lines: Geo, on: Switches): Geo {
  const known = new Map(agreement.lines.map((l) => [l.id, l]));
  const out: Feature[] = [];
  for (const f of lines.features) {
    const line = known.get(String(f.properties?.line));
    if (!line) continue;
    const asserted = asserters(line).length > 0;
    if (asserted && !on['line-asserted']) continue;
    out.push({ ...f, properties: { line: line.id, kind: asserted ? 'asserted' : 'agreement' } });
    for (const share of asserted ? [0.5] : [0.25, 0.5, 0.75]) {
      const at = pointOn(f, share);
      if (at) out.push(point(at, { kind: asserted ? 'asserted-name' : 'name', ...lineNameIn(agreement, line) }));
    }
  }
  return collect(out);
}

// A vertex at that share of the way; of a single leg, the place itself.
function pointOn(f: Feature, share: number): Point | null {
  const points: Point[] = [];
  if (f.geometry && f.geometry.type !== 'GeometryCollection') eachPoint(f.geometry.coordinates, (p) => points.push(p));
  const [a, b] = points;
  if (points.length === 2 && a && b) return [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
  return points[Math.floor(points.length * share)] ?? null;
}

function lineNameIn(agreement: Agreement, line: Line): Record<Lang, string> {
  const name = (lang: Lang) => {
    const own = pick(lang, line.name, line.id);
    if (asserters(line).length === 0) return own;
    return `${own}\n${say(lang, 'map.assertedBy', assertersIn(agreement, line, lang))}`;
  };
  return { ko: name('ko'), en: name('en') };
}

export interface Showing {
  agreement: Agreement;
  lang: Lang;
  allSimulated: boolean; // the page says so: its tracks need not
  palette: Palette;
  on: Switches;
  worst: Map<string, Alert>;
  selected: string | null;
}

export function trackFeatures(tracks: Iterable<Track>, show: Showing): Geo {
  const out: Feature[] = [];
  for (const track of tracks) {
    const shape = shapeOf(track.class);
    const isState = shape.frame !== null;
    const isWanted = track.alerted || track.track === show.selected;
    if (!isWanted && !show.on[isState ? 'track-state' : 'track-civil']) continue;
    out.push(trackPoint(track, show, isState));
    const vector = show.on.vectors ? vectorOf(track) : null;
    if (vector) out.push(vector);
  }
  return collect(out);
}

function trackPoint(track: Track, show: Showing, isState: boolean): Feature {
  const { palette, agreement } = show;
  const fill = sideColour(palette, track.side, agreement.parties);
  const shape = shapeOf(track.class);
  const alert = show.worst.get(track.track);
  const properties: Record<string, unknown> = {
    track: track.track,
    kind: isState ? 'state' : 'civil',
    icon: shape.frame
      ? `mil/${symbolCode(shape.frame, track.side !== null)}/${fill}/${palette.frame}`
      : `${shape.outline}/${fill}/${palette.frame}`,
    course: track.course_deg ?? 0,
    stale: track.stale,
    order: track.track === show.selected ? 0 : (alert?.severity ?? 5),
  };
  const letter = track.letter ?? letterOf(agreement, track.side);
  if (letter) properties.tag = `tag/${letter}/${track.own ? 'own' : 'other'}/${palette.text}/${palette.halo}`;
  if (alert) properties.badge = `sev/${alert.severity}/${palette.severity[alert.severity - 1]}/${palette.severityText}`;
  if (show.on.names || track.track === show.selected) properties.name = nameOf(track, show);
  return point([track.lon, track.lat], properties);
}

function nameOf(track: Track, show: Showing): string {
  const name = track.name ?? track.track;
  return track.simulated && !show.allSimulated ? `${name} (${say(show.lang, 'status.simulated')})` : name;
}

function vectorOf(track: Track): Feature | null {
  if (!track.speed_mps || track.course_deg === null || track.stale) return null;
  const from: Point = [track.lon, track.lat];
  const to = destination(from, track.course_deg, track.speed_mps * vectorSeconds(track.class));
  return path([from, to], { kind: 'vector' });
}

export function trailFeatures(trails: Map<string, Trail>, tracks: Map<string, Track>, on: Switches): Geo {
  const out: Feature[] = [];
  if (!on.trails) return collect(out);
  for (const [id, trail] of trails) {
    const track = tracks.get(id);
    if (!track) continue;
    if (!on[shapeOf(track.class).frame !== null ? 'track-state' : 'track-civil'] && !track.alerted) continue;
    out.push(path([...trail.points, [track.lon, track.lat]], {}));
  }
  return collect(out);
}

export function focusFeatures(track: Track | null, fixes: readonly Position[], sighting: Sighting | null): Geo {
  const out: Feature[] = [];
  const at: Point | null = track ? [track.lon, track.lat] : null;
  const past: Point[] = fixes.map((f) => [f.lon, f.lat]);
  if (at) past.push(at);
  if (past.length > 1) out.push(path(past, { kind: 'past' }));
  for (const f of fixes) out.push(point([f.lon, f.lat], { kind: 'fix' }));
  if (sighting?.fix) out.push(point([sighting.fix.lon, sighting.fix.lat], { kind: 'deciding' }));
  if (at && track?.err_m) {
    const geometry: GeoJSON.Polygon = { type: 'Polygon', coordinates: [ring(at, track.err_m)] };
    out.push({ type: 'Feature', properties: { kind: 'ring' }, geometry });
  }
  if (at) out.push(point(at, { kind: 'selected' }));
  return collect(out);
}
