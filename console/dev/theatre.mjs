// The mock's theatre: the agreement's own words, with zones drawn roughly. Good enough to look at;
// nothing of it is exact, and no verdict of the real node comes from here.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const KM_LAT = 111.2; // km in a degree of latitude
const ATLAS = 'agreements/korea-2018';

const words = (w) => (typeof w === 'string' ? { en: w, ko: null } : { en: w?.en ?? null, ko: w?.ko ?? null });
const list = (v) => (v === undefined || v === null ? [] : Array.isArray(v) ? v : [v]);

async function features(root) {
  const out = new Map();
  for (const file of ['geometry.geojson', 'mdl.geojson']) {
    const text = await readFile(join(root, ATLAS, file), 'utf8');
    for (const f of JSON.parse(text).features) out.set(`${file}#${f.id}`, f.geometry);
  }
  return out;
}

// A band beside a line that runs roughly east: at each meridian the farthest point within the
// width, cut where the line ends.
export function bandEdge(line, widthAt, sign) {
  const west = line[0][0];
  const east = line[line.length - 1][0];
  const out = [];
  for (let i = 0; i <= 160; i++) {
    const lon = west + ((east - west) * i) / 160;
    const km = widthAt(lon);
    let best = null;
    for (const [x, y] of line) {
      const dx = (x - lon) * KM_LAT * Math.cos((y * Math.PI) / 180);
      if (Math.abs(dx) > km) continue;
      const lat = y + (sign * Math.sqrt(km * km - dx * dx)) / KM_LAT;
      if (best === null || sign * (lat - best) > 0) best = lat;
    }
    if (best !== null) out.push([lon, best]);
  }
  return out;
}

function dense(line) {
  return line.flatMap((a, i) => {
    const b = line[i + 1] ?? a;
    return Array.from({ length: b === a ? 1 : 30 }, (_, k) => [a[0] + (k / 30) * (b[0] - a[0]), a[1] + (k / 30) * (b[1] - a[1])]);
  });
}

function polygon(ring) {
  return { type: 'Polygon', coordinates: [[...ring, ring[0]]] };
}

function disc([lon, lat], m) {
  const ring = [];
  for (let i = 0; i < 48; i++) {
    const a = (i * Math.PI) / 24;
    ring.push([lon + (m / 1000 / KM_LAT / Math.cos((lat * Math.PI) / 180)) * Math.cos(a), lat + (m / 1000 / KM_LAT) * Math.sin(a)]);
  }
  return polygon(ring);
}

const WEST_EAST = 127.28; // about where the marker 0646 stands

// A line that never turns back west: what a band drawn by meridians needs.
function eastward(line) {
  const out = [];
  for (const p of line) if (out.length === 0 || p[0] > out[out.length - 1][0]) out.push(p);
  return out;
}

function bufferShape(buffer, line, left) {
  const sign = buffer.side === left ? 1 : -1;
  const widthAt = (lon) => (buffer.by ? (lon < WEST_EAST ? buffer.by[0].km : buffer.by[1].km) : buffer.km);
  return polygon([...eastward(line), ...bandEdge(line, widthAt, sign).reverse()]);
}

function shapeOf(zone, zones, geometry, line, left) {
  const [form, g] = Object.entries(zone.geometry)[0];
  if (form === 'buffer') return bufferShape(g, line, left);
  if (form === 'polygon') return geometry.get(g.file);
  if (form === 'circle') return disc(g.center, g.m);
  if (form === 'zone') return shapeOf(zones.find((z) => z.id === g), zones, geometry, line, left);
  if (form === 'minus') return shapeOf({ geometry: g[0] }, zones, geometry, line, left);
  if (form === 'latband') return polygon([[g.w, g.s], [g.e, g.s], [g.e, g.n], [g.w, g.n]]);
  if (form === 'corridor') {
    const axis = dense([...g.axis].sort((a, b) => a[0] - b[0]));
    const width = () => g.halfwidth.km;
    return polygon([...bandEdge(axis, width, 1), ...bandEdge(axis, width, -1).reverse()]);
  }
  return null;
}

// In force for a party at a time: the last state said of the provision or of one above it.
function statusFold(agreement) {
  const binding = ['under_way', 'done', 'verified', 'in_force', 'threatened'];
  const parent = new Map(agreement.provisions.map((p) => [p.id, p.parent]));
  const above = (id) => (id ? [id, ...above(parent.get(id))] : []);
  const when = (at) => Date.parse(at.length === 10 ? `${at}T24:00:00+09:00` : at);
  return (provision, party, ms) => {
    let state = 'not_started';
    for (const e of agreement.status) {
      const concerns = e.provision === '*' || list(e.provision).some((p) => above(provision).includes(p));
      if (concerns && (e.party === '*' || list(e.party).includes(party)) && when(e.at) <= ms) state = e.is;
    }
    return binding.includes(state);
  };
}

export async function loadTheatre(root) {
  const agreement = JSON.parse(await readFile(join(root, ATLAS, 'agreement.json'), 'utf8'));
  const geometry = await features(root);
  const main = agreement.lines[0];
  const line = geometry.get(main.versions.find((v) => v.id === main.use).file).coordinates;
  const sideOf = (z) => z.side ?? z.geometry.buffer?.side ?? null;
  const letter = (side) => agreement.parties.find((p) => p.id === side)?.letter ?? null;
  const statusOf = (z) => z.status ?? (z.geometry.unresolved ? 'unresolved' : 'agreed');
  const zones = agreement.zones.map((z) => ({
    id: z.id, name: words(z.name), side: sideOf(z), classes: z.classes ?? null, status: statusOf(z),
    assumption: z.assumption ?? null, source: z.source ?? null, area_km2: null, boundary_error_m: 0.01, floor: null, ceiling: null,
  }));
  const zoneFeatures = agreement.zones.map((z, i) => ({
    type: 'Feature',
    properties: { zone: z.id, name: zones[i].name, side: zones[i].side, letter: letter(zones[i].side), status: zones[i].status, classes: zones[i].classes },
    geometry: shapeOf(z, agreement.zones, geometry, line, main.left),
  }));
  const lineFeatures = agreement.lines.map((l) => ({
    type: 'Feature',
    properties: { line: l.id, name: words(l.name), asserted_by: l.asserted_by ?? null },
    geometry: geometry.get(l.versions.find((v) => v.file)?.file) ?? null,
  }));
  const digest = '5f2d8c41a7b0e93640d1c2f8b9a7e65d3c10f4b82a96d7e05b3c8f1d2e4a6970';
  const public_ = {
    id: agreement.id, title: words(agreement.title), tz: agreement.tz, simulated: true, digest,
    parties: agreement.parties.map((p) => ({ id: p.id, name: words(p.name), formal: words(p.formal), letter: p.letter })),
    lines: agreement.lines.map((l) => ({
      id: l.id, name: words(l.name), left: l.left ?? null, right: l.right ?? null, asserted_by: l.asserted_by ?? null,
      disputed_by: l.disputed_by ?? [], precision_m: l.versions.find((v) => v.file)?.precision_m ?? null,
    })),
    zones,
    provisions: agreement.provisions.map((p) => ({ id: p.id, parent: p.parent ?? null, title: words(p.title) })),
    rules: agreement.rules.map((r) => ({
      id: r.id, provision: r.provision, zones: list(r.zone), verb: r.verb, activity: r.activity, classes: r.classes ?? null,
      severity: r.severity ?? 2, text: r.text ? words(r.text) : null,
    })),
  };
  return {
    agreement: public_, line, inForce: statusFold(agreement),
    zones: { type: 'FeatureCollection', features: zoneFeatures.filter((f) => f.geometry) },
    lines: { type: 'FeatureCollection', features: lineFeatures.filter((f) => f.geometry) },
  };
}
