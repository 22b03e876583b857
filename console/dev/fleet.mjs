// The mock's craft. Each event happens once on each side: a track and its mirror, north and south
// of the line, alike in class, speed and depth.
const KM_LAT = 111.2;
const RAD = Math.PI / 180;
const MIN = 60_000;

function seeded(seed) {
  let s = seed >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0; // Numerical Recipes' quick generator
    return s / 2 ** 32;
  };
}

function lineLat(line, lon) {
  let best = line[0];
  for (const p of line) if (Math.abs(p[0] - lon) < Math.abs(best[0] - lon)) best = p;
  return best[1];
}

// Where a craft is at a time: it flies from point to point, at an even speed, for ever back and forth.
function along(path, speedMps, seconds) {
  const legs = [];
  let total = 0;
  for (let i = 1; i < path.length; i++) {
    const [a, b] = [path[i - 1], path[i]];
    const dy = (b[1] - a[1]) * KM_LAT * 1000;
    const dx = (b[0] - a[0]) * KM_LAT * 1000 * Math.cos(a[1] * RAD);
    const m = Math.hypot(dx, dy);
    legs.push({ a, b, m, course: (Math.atan2(dx, dy) / RAD + 360) % 360 });
    total += m;
  }
  let d = (seconds * speedMps) % (2 * total);
  const back = d > total;
  if (back) d = 2 * total - d;
  for (const leg of legs) {
    if (d <= leg.m || leg === legs[legs.length - 1]) {
      const t = Math.min(1, d / leg.m);
      return { lon: leg.a[0] + t * (leg.b[0] - leg.a[0]), lat: leg.a[1] + t * (leg.b[1] - leg.a[1]), course: back ? (leg.course + 180) % 360 : leg.course };
    }
    d -= leg.m;
  }
  return null;
}

export function makeFleet({ line, party, parties, crowd, beginMs }) {
  const [north, south] = [parties[0].id, parties[1].id];
  const letter = Object.fromEntries(parties.map((p) => [p.id, p.letter]));
  const random = seeded(20180919);
  const craft = new Map();
  const script = [];

  const add = (c) => craft.set(c.id, { err: 30, alt: null, offset: 0, feed: 'radar', inside: [], near: [], ...c });

  // depth: km from the line along the path, positive on the craft's own side.
  function mirrored(name, spec) {
    for (const [side, sign] of [[north, 1], [south, -1]]) {
      const path = spec.depths.map(([lon, km]) => [lon, lineLat(line, lon) + (sign * km) / KM_LAT]);
      const callsign = `SIM-${name} ${letter[side]}`;
      add({
        ...spec, id: `sim:${name.toLowerCase()}-${side.toLowerCase()}`, name: callsign, side, path,
        inside: (spec.inside ?? []).map((z) => `${z}.${side}`), near: (spec.near ?? []).map((z) => `${z}.${side}`),
        offset: (spec.offset ?? 0) + (side === north ? 20 : 0),
      });
    }
  }

  function happens(name, minutes, zone, kind, extra = {}) {
    for (const [side, lag] of [[north, 0.35], [south, 0]]) {
      script.push({
        atMs: beginMs + (minutes + lag) * MIN, track: `sim:${name.toLowerCase()}-${side.toLowerCase()}`,
        zone: zone ? (zone.startsWith('=') ? zone.slice(1) : `${zone}.${side}`) : null, kind, ...extra,
      });
    }
  }

  mirrored('HELO1', { class: 'helicopter', depths: [[127.0, 22], [127.06, 6.5], [127.3, 7], [127.34, 16]], speed: 62, alt: 420, inside: ['NFZ.RW'], dist: -2300 });
  mirrored('JET1', { class: 'combat_aircraft', depths: [[127.9, 85], [127.82, 43], [128.1, 44], [128.2, 85]], speed: 190, alt: 5200, near: ['NFZ.FW'], dist: 3400, err: 60 });
  mirrored('JET2', { class: 'combat_aircraft', depths: [[127.1, 60], [127.0, 30], [126.8, 35], [126.8, 60]], speed: 210, alt: 6100, err: 60 });
  mirrored('TRANSPORT', { class: 'transport_aircraft', depths: [[126.4, 75], [127.2, 70], [128.2, 90]], speed: 140, alt: 3400 });
  mirrored('UAV1', { class: 'uav_fixed', depths: [[127.55, 24], [127.6, 9], [127.72, 9.5], [127.8, 20]], speed: 34, alt: 900, inside: ['NFZ.UAV'], dist: -5100, err: 120 });
  mirrored('BALLOON', { class: 'free_balloon', depths: [[128.0, 34], [128.1, 21], [128.2, 16]], speed: 9, alt: 2600, inside: ['NFZ.BAL'], dist: -3900, err: 250, feed: 'observer' });
  mirrored('MEDEVAC', { class: 'helicopter', depths: [[126.9, 25], [126.85, 12.5], [126.7, 13], [126.7, 25]], speed: 58, alt: 350 });
  mirrored('LIGHT', { class: 'light_aircraft', depths: [[127.4, 48], [127.6, 44], [127.9, 60]], speed: 55, alt: 1200, feed: 'adsb', err: 15 });
  mirrored('TRUCK', { class: 'vehicle', depths: [[127.15, 4.5], [127.2, 3.2], [127.3, 5]], speed: 12, feed: 'observer', err: 20 });
  mirrored('PATROLLEG', { class: 'person', depths: [[128.3, 2.6], [128.31, 2.3]], speed: 1.2, feed: 'observer', err: 15 });

  // Sea: mirrored about a parallel of each sea zone.
  function atSea(name, spec) {
    for (const [side, sign] of [[north, 1], [south, -1]])
      add({
        ...spec, id: `sim:${name.toLowerCase()}-${side.toLowerCase()}`, name: `SIM-${name} ${letter[side]}`, side,
        path: spec.path.map(([lon, dLat]) => [lon, spec.middle + sign * dLat]), inside: spec.zone ? [spec.zone] : [],
        offset: (spec.offset ?? 0) + (side === north ? 30 : 0),
      });
  }
  atSea('PATROL1', { class: 'patrol', middle: 37.85, path: [[124.9, 0.22], [125.3, 0.12], [125.4, 0.25]], speed: 9, zone: 'SEA.W', err: 25 });
  atSea('PATROL2', { class: 'patrol', middle: 38.58, path: [[128.9, 0.15], [129.2, 0.2]], speed: 9, zone: 'SEA.E', err: 25 });
  atSea('WARSHIP', { class: 'warship', middle: 37.85, path: [[124.3, 0.45], [124.7, 0.4]], speed: 8, zone: 'SEA.W' });
  atSea('ESTUARY', { class: 'fishing', middle: 37.775, path: [[126.2, 0.012], [126.4, 0.02], [126.5, 0.004]], speed: 2.6, zone: 'HAN', feed: 'ais', err: 20, dist: -700 });
  const kinds = ['fishing', 'fishing', 'fishing', 'cargo_ship', 'fishing', 'tanker'];
  for (let i = 0; i < 9; i++) {
    const lon = 124.4 + random() * 1.2;
    const d = 0.1 + random() * 0.35;
    atSea(`BOAT${i + 1}`, { class: kinds[i % kinds.length], middle: 37.85, path: [[lon, d], [lon + 0.1, d + 0.06], [lon + 0.18, d]], speed: 2 + random() * 4, zone: 'SEA.W', feed: 'ais', err: 20, offset: random() * 4000 });
  }
  for (let i = 0; i < 4; i++) {
    const lon = 128.6 + random() * 0.7;
    atSea(`EAST${i + 1}`, { class: kinds[(i + 2) % kinds.length], middle: 38.58, path: [[lon, 0.08 + random() * 0.25], [lon + 0.15, 0.2]], speed: 2 + random() * 3, zone: 'SEA.E', feed: 'ais', err: 20, offset: random() * 4000 });
  }

  // Nobody's: airliners, and craft that tell nothing.
  const lanes = [[[126.45, 37.46], [125.6, 36.4], [124.6, 35.4]], [[126.8, 37.55], [128.2, 36.9], [129.4, 36.2]], [[125.67, 39.2], [124.6, 39.9], [123.4, 40.6]], [[126.4, 37.4], [127.6, 36.2], [129, 35.2]]];
  lanes.forEach((path, i) =>
    add({ id: `icao:71C${(0xa01 + i * 37).toString(16).toUpperCase()}`, name: `SIM-AIR${i + 1}`, class: 'airliner', side: null, path, speed: 215, alt: 8800, feed: 'adsb', err: 10, offset: 500 + i * 300 }));
  add({ id: 'radar:u-118', name: null, class: 'unknown', side: null, path: [[126.6, 38.22], [126.75, 38.14], [126.9, 38.25]], speed: 45, alt: 700, err: 400, feed: 'radar', inside: ['NFZ.RW.N', 'NFZ.UAV.N'] });
  for (let i = 0; i < crowd; i++) {
    const lon = 123 + random() * 9;
    const lat = 33 + random() * 9;
    add({ id: `sim:crowd-${i}`, name: `SIM-C${i}`, class: kinds[i % kinds.length], side: i % 2 ? north : south, path: [[lon, lat], [lon + 0.2, lat + 0.1]], speed: 6, feed: 'ais' });
  }

  // Before the page is opened: an evening that has begun. After: something each half minute.
  happens('BALLOON', -41, 'NFZ.BAL', 'enter', { sighting: () => ({ certainty: 'possible', source_grade: 'self-reported' }) });
  happens('ESTUARY', -26, '=HAN', 'enter', { sighting: () => ({ certainty: 'possible' }) });
  happens('UAV1', -13, 'NFZ.UAV', 'enter');
  happens('JET2', -9, 'NFZ.FW', 'near', { sighting: (ms, _, iso) => ({ time_lo: iso(ms + 60_000), time_hi: iso(ms + 100_000) }) });
  happens('JET2', -7, null, 'clear');
  happens('HELO1', -2.2, 'NFZ.RW', 'enter');
  happens('JET1', -0.4, 'NFZ.FW', 'near', { sighting: (ms, _, iso) => ({ time_lo: iso(ms + 130_000), time_hi: iso(ms + 220_000), certainty: 'possible' }) });
  happens('MEDEVAC', 0.9, 'NFZ.RW', 'near', { sighting: (ms, _, iso) => ({ time_lo: iso(ms + 70_000), time_hi: iso(ms + 130_000), certainty: 'possible' }) });
  happens('MEDEVAC', 2.2, null, 'clear');
  happens('TRUCK', 2.8, 'DMZ', 'near');
  happens('JET1', 3.4, null, 'clear');
  happens('HELO1', 4.5, 'NFZ.RW', 'leave');
  happens('HELO1', 4.6, null, 'clear');
  script.sort((a, b) => a.atMs - b.atMs);

  const stateOf = (id, ms) => {
    const c = craft.get(id);
    const at = along(c.path, c.speed, (ms - beginMs) / 1000 + 3000 + c.offset);
    const time = Math.floor(ms / 1000) * 1000;
    return {
      time: new Date(time).toISOString(), time_source: 'tag', track: c.id, lat: at.lat, lon: at.lon, alt_m: c.alt, speed_mps: c.speed, course_deg: at.course,
      class: c.class, name: c.name, flag: c.side === north ? 'KP' : c.side === south ? 'KR' : null, err_m: c.err, feed: c.feed,
      side: c.side, letter: c.side ? letter[c.side] : null, own: c.side === party, inside: c.inside, near: c.near,
      line_m: Math.abs(at.lat - lineLat(line, at.lon)) * KM_LAT * 1000, alerted: false, stale: id.startsWith('sim:truck'), dist_m: c.dist ?? -1500,
    };
  };

  const feeds = (ms, iso) => [
    ['radar', 'asterix+udp://:8600', 'asterix', 'open', 0.4, 0],
    ['ais', 'ais+udp://:10110', 'nmea', 'open', 1.2, 41],
    ['adsb', 'aircraft+http://127.0.0.1/data/aircraft.json', 'aircraft', 'open', 0.9, 3],
    ['observer', 'file:observer.csv?speed=1', 'csv', 'ended', 96, 0],
  ].map(([name, url, format, state, ago, skipped]) => ({
    name, url, format, state, positions: Math.floor((ms - beginMs) / 400) + 18200, skipped: skipped ? { checksum: skipped } : {},
    last_fix: iso(ms - ago * 1000), last_receive: iso(ms - ago * 1000),
  }));

  function fixes(id, ms, count) {
    const out = [];
    for (let i = count; i > 0; i--) out.push(stateOf(id, ms - i * (craft.get(id).alt ? 10_000 : 30_000)));
    return out;
  }

  const ackedBefore = ['sim:balloon-n', 'sim:balloon-s', 'sim:uav1-n', 'sim:estuary-s'];
  return { ids: () => [...craft.keys()], stateOf, script, feeds, fixes, wasAcked: (id) => ackedBefore.includes(id) };
}
