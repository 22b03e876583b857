// A node to develop the console against: it answers docs/format/api.md on loopback with a small
// scripted theatre, mirrored on both sides. SIMULATED, and rough: it decides nothing correctly but
// the order of things.
//   node dev/mock.mjs [--port 8090] [--party S] [--speed 1] [--crowd 0]
import { createServer } from 'node:http';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTheatre } from './theatre.mjs';
import { makeFleet } from './fleet.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, '../dist');
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const PORT = Number(option('port', '8090'));
const PARTY = option('party', 'S');
const SPEED = Number(option('speed', '1'));
const CROWD = Number(option('crowd', '0'));

// The evening of the day on which one party had suspended one provision, and the other party had
// not yet answered: both labels are seen.
const BEGIN_MS = Date.parse('2023-11-22T18:00:00+09:00');
const started = Date.now();
const nowMs = () => BEGIN_MS + (Date.now() - started) * SPEED;
const iso = (ms) => new Date(Math.round(ms)).toISOString();
const id16 = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16);

const theatre = await loadTheatre(join(here, '../..'));
const { agreement } = theatre;
const parties = agreement.parties;
const fleet = makeFleet({ line: theatre.line, party: PARTY, parties, crowd: CROWD, beginMs: BEGIN_MS });

const sightings = [];
const alerts = new Map();
const kept = []; // {id, event, data}: what a resuming client is sent again
const clients = new Set();
let sequence = 0;

function keep(event, data) {
  const entry = { id: ++sequence, event, data: JSON.stringify(data) };
  kept.push(entry);
  if (kept.length > 5000) kept.shift();
  for (const res of clients) send(res, entry);
}

function send(res, { id, event, data }) {
  res.write(`${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${data}\n\n`);
}

// ---- what the script makes happen ---------------------------------------------------------------

const inForce = (provision, ms) => Object.fromEntries(parties.map((p) => [p.id, theatre.inForce(provision, p.id, ms)]));

function labelOf(force) {
  const off = parties.filter((p) => !force[p.id]);
  if (off.length === 0) return { en: 'in force', ko: '시행 중' };
  return { en: `not in force for ${off.map((p) => p.name.en).join(' and ')}`, ko: `시행 중 아님: ${off.map((p) => p.name.ko).join(', ')}` };
}

function sight(track, zone, kind, ms, extra = {}) {
  const sighting = {
    type: 'sighting', id: id16(`${track.track} ${zone} ${kind} ${ms}`), replaces: null, time: iso(ms), time_lo: iso(ms - 2000), time_hi: iso(ms + 2000),
    track: track.track, leg: 0, class: track.class, side: track.side, zone, kind, certainty: 'certain',
    source_grade: track.feed === 'radar' ? 'radar' : 'self-reported', lat: track.lat, lon: track.lon, alt_m: track.alt_m,
    dist_m: kind === 'near' ? Math.abs(track.dist_m) : track.dist_m, dist_err_m: Math.hypot(track.err_m ?? 0, 50), line_m: track.line_m,
    fix: { time: track.time, lat: track.lat, lon: track.lon, alt_m: track.alt_m, err_m: track.err_m },
    rules: rulesOf(zone, track.class, ms), ...extra,
  };
  sightings.unshift(sighting);
  sightings.length = Math.min(sightings.length, 500);
  keep('sighting', sighting);
  return sighting;
}

function rulesOf(zone, cls, ms) {
  return agreement.rules.filter((r) => r.zones.includes(zone) && ['presence', 'flight', 'navigation'].includes(r.activity)).map((r) => ({
    rule: r.id, provision: r.provision, article: agreement.provisions.find((p) => p.id === r.provision)?.title ?? null,
    verb: r.verb, severity: r.severity, in_force: inForce(r.provision, ms),
  }));
}

function alarm(track, sighting, ms, extra = {}) {
  const rule = sighting.rules[0];
  if (!rule) return null;
  const id = id16(`${track.track} ${rule.rule}`);
  const old = alerts.get(id);
  const alert = {
    type: 'alert', id, track: track.track, leg: 0, class: track.class, side: track.side, zone: sighting.zone, certainty: sighting.certainty,
    rule: rule.rule, provision: rule.provision, article: rule.article, in_force: rule.in_force, label: labelOf(rule.in_force),
    severity: rule.severity, state: 'unacked', own: track.side === PARTY, predicted: sighting.kind === 'near', raised: old?.raised ?? iso(ms), changed: iso(ms),
    cleared: null, count: (old?.count ?? 0) + 1, acked_by: old?.acked_by ?? null, cause: old?.cause ?? sighting.id, last_cause: sighting.id,
    time: sighting.time, lat: sighting.lat, lon: sighting.lon, dist_m: sighting.dist_m, dist_err_m: sighting.dist_err_m, ...extra,
  };
  if (old && old.state === 'acked') alert.state = 'acked';
  alerts.set(id, alert);
  keep('alert', alert);
  return alert;
}

function clear(alert, ms) {
  const state = alert.state === 'acked' ? 'closed' : 'cleared_unacked';
  change(alert, { state, cleared: iso(ms), changed: iso(ms) });
}

function change(alert, fields) {
  const next = { ...alert, ...fields };
  alerts.set(next.id, next);
  keep('alert', next);
  return next;
}

const steps = fleet.script; // [{atMs, track, zone, kind, ...}] in order of time

function play(untilMs) {
  while (steps.length > 0 && steps[0].atMs <= untilMs) {
    const { atMs, track, zone, kind, sighting: extra, alert: extraAlert } = steps.shift();
    const state = fleet.stateOf(track, atMs);
    if (kind === 'clear') {
      const alert = [...alerts.values()].find((a) => a.track === track && a.state !== 'closed');
      if (alert) clear(alert, atMs);
      continue;
    }
    const s = sight(state, zone, kind, atMs, extra?.(atMs, state, iso));
    if (kind !== 'leave') alarm(state, s, atMs, extraAlert);
  }
}

// ---- answers ------------------------------------------------------------------------------------

const openAlerts = () => [...alerts.values()].filter((a) => a.state !== 'closed').sort((a, b) => (a.raised < b.raised ? 1 : -1));
const tracksNow = () => fleet.ids().map((t) => withAlert(fleet.stateOf(t, nowMs())));
const withAlert = ({ dist_m, ...t }) => ({ ...t, alerted: openAlerts().some((a) => a.track === t.track) });

function health() {
  const ms = nowMs();
  const count = (state) => [...alerts.values()].filter((a) => a.state === state).length;
  return {
    now: iso(ms), data_time: iso(ms), party: PARTY, simulated: true, agreement: { id: agreement.id, digest: agreement.digest },
    feeds: fleet.feeds(ms, iso), tracks: fleet.ids().length,
    alerts: { unacked: count('unacked'), acked: count('acked'), cleared_unacked: count('cleared_unacked') },
    sightings: sightings.length, sequence,
  };
}

function whyOf(alert) {
  const sighting = sightings.find((s) => s.id === alert.last_cause) ?? null;
  return {
    rule: agreement.rules.find((r) => r.id === alert.rule) ?? null,
    provision: agreement.provisions.find((p) => p.id === alert.provision) ?? null,
    zone: agreement.zones.find((z) => z.id === alert.zone) ?? null,
    sighting, fixes: fleet.fixes(alert.track, nowMs(), 12),
  };
}

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.txt': 'text/plain; charset=utf-8' };
const CSP = "default-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:";

function json(res, body, status = 200) {
  res.writeHead(status, { 'Content-Type': 'application/json' });
  res.end(JSON.stringify(body));
}
const refuse = (res, status, reason) => json(res, { error: { status, reason } }, status);

const ROUTES = {
  '/v1/health': (res) => json(res, health()),
  '/v1/agreement': (res) => json(res, agreement),
  '/v1/zones.geojson': (res) => json(res, theatre.zones),
  '/v1/lines.geojson': (res) => json(res, theatre.lines),
  '/v1/tracks': (res) => json(res, { data_time: iso(nowMs()), tracks: tracksNow() }),
  '/v1/alerts': (res, query) => json(res, { alerts: query.get('state') === 'all' ? [...alerts.values()] : openAlerts() }),
  '/v1/sightings': (res, query) => {
    const track = query.get('track');
    const found = track ? sightings.filter((s) => s.track === track) : sightings;
    json(res, { sightings: found.slice(0, Number(query.get('limit') ?? 100)) });
  },
};

async function bodyOf(req) {
  let text = '';
  for await (const part of req) if ((text += part).length > 4096) throw new Error('too long');
  return JSON.parse(text);
}

async function acknowledge(req, res, id) {
  const alert = alerts.get(id);
  if (!alert) return refuse(res, 404, 'no such alert');
  const { by } = await bodyOf(req);
  if (!by) return refuse(res, 400, '"by" is missing');
  if (alert.state === 'unacked') return json(res, change(alert, { state: 'acked', acked_by: by, changed: iso(nowMs()) }));
  if (alert.state === 'cleared_unacked') return json(res, change(alert, { state: 'closed', acked_by: by, changed: iso(nowMs()) }));
  json(res, alert);
}

function stream(req, res) {
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  send(res, { event: 'hello', data: JSON.stringify(health()) });
  const since = Number(req.headers['last-event-id'] ?? NaN);
  if (Number.isFinite(since)) for (const entry of kept) if (entry.id > since) send(res, entry);
  clients.add(res);
  req.on('close', () => clients.delete(res));
}

async function page(res, path) {
  const name = normalize(path === '/' ? '/index.html' : path);
  try {
    const data = await readFile(join(dist, name));
    res.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP, 'Cache-Control': 'no-cache' });
    res.end(data);
  } catch {
    refuse(res, 404, `no ${path}`);
  }
}

async function answer(req, res) {
  const url = new URL(req.url, 'http://localhost');
  const path = decodeURIComponent(url.pathname);
  const [, , kind, id, verb] = path.split('/');
  if (path === '/v1/events') return stream(req, res);
  if (ROUTES[path]) return ROUTES[path](res, url.searchParams);
  if (kind === 'alerts' && verb === 'ack' && req.method === 'POST') return acknowledge(req, res, id);
  if (kind === 'alerts' && id) return alerts.has(id) ? json(res, { ...alerts.get(id), why: whyOf(alerts.get(id)) }) : refuse(res, 404, 'no such alert');
  if (kind === 'tracks' && id) return fleet.ids().includes(id) ? json(res, { ...withAlert(fleet.stateOf(id, nowMs())), fixes: fleet.fixes(id, nowMs(), 60) }) : refuse(res, 404, 'no such track');
  return page(res, path);
}

const server = createServer((req, res) => {
  Promise.resolve(answer(req, res)).catch((error) => refuse(res, 400, error.message));
});

let turn = 0;
setInterval(() => {
  play(nowMs());
  const tracks = fleet.ids().filter((_, i) => (i + turn) % 4 === 0).map((t) => withAlert(fleet.stateOf(t, nowMs())));
  turn++;
  const batch = { event: 'positions', data: JSON.stringify({ data_time: iso(nowMs()), tracks }) };
  for (const res of clients) send(res, batch);
}, 250);
setInterval(() => {
  for (const res of clients) send(res, { event: 'health', data: JSON.stringify(health()) });
}, 2000);

play(nowMs());
for (const alert of openAlerts()) if (fleet.wasAcked(alert.track)) change(alert, { state: 'acked', acked_by: 'Han' });
server.listen(PORT, '127.0.0.1', () => console.log(`SIMULATED node at http://127.0.0.1:${server.address().port}/`));
