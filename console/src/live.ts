// From the stream into the store.
import { api, openStream } from './api';
import type { Alert, Batch, Health, Sighting, Track } from './api';
import { parseTime } from './format';
import { isOpen } from './order';
import { SIGHTINGS_KEPT, TRAIL_POINTS, TRAIL_STEP_MS, store } from './store';

const TRACK_FORGET_MS = 60 * 60 * 1000; // a track silent for an hour is not shown
const ALERTS_CLOSED_KEPT = 200;
const told = new Set<string>(); // alerts that the stream told since the list was last asked for
type Heard = (alert: Alert, before: Alert | undefined) => void;

export function startLive(onAlert: Heard): void {
  openStream({
    hello: (health) => {
      takeHealth(health);
      void loadAll();
    },
    health: takeHealth,
    positions: takeBatch,
    sighting: takeSighting,
    alert: (alert) => {
      const before = store.alerts.get(alert.id);
      takeAlert(alert);
      onAlert(alert, before);
    },
    lost: () => {
      store.link = 'lost';
      store.changed('health');
    },
  });
}

function takeHealth(health: Health): void {
  store.health = health;
  store.heard(parseTime(health.now), parseTime(health.data_time));
  store.changed('health');
}

async function loadAll(): Promise<void> {
  try {
    await Promise.all([loadAgreement(), loadTracks(), loadAlerts(), loadSightings()]);
    store.notice = null;
  } catch (error) {
    store.notice = String(error instanceof Error ? error.message : error);
  }
  store.changed('agreement', 'tracks', 'alerts', 'sightings', 'view', 'select');
}

// Once a page, and again when the node comes back with another agreement.
async function loadAgreement(): Promise<void> {
  if (store.agreement && store.agreement.digest === store.health?.agreement.digest) return;
  const [agreement, zones, lines] = await Promise.all([api.agreement(), api.zones(), api.lines()]);
  store.agreement = agreement;
  store.zones = zones;
  store.lines = lines;
  store.changed('agreement');
}

async function loadTracks(): Promise<void> {
  const { data_time, tracks } = await api.tracks();
  store.tracks = new Map(tracks.map((t) => [t.track, t]));
  for (const id of store.trails.keys()) if (!store.tracks.has(id)) store.trails.delete(id);
  takeBatch({ data_time, tracks });
}

// The list as the node has it. What the stream tells while the list is on its way is newer, and
// stays: no alert is lost to a slow answer.
async function loadAlerts(): Promise<void> {
  told.clear();
  const { alerts } = await api.alerts();
  const kept = [...store.alerts.values()].filter((a) => !isOpen(a) || told.has(a.id));
  store.alerts = new Map([...alerts, ...kept].map((a) => [a.id, a]));
  const wanted = store.selectedAlert;
  if (wanted && !store.alerts.has(wanted)) await api.alert(wanted).then(takeAlert, forgetSelected); // closed, but linked to
  store.changed('alerts');
}

function forgetSelected(): void {
  store.selectedAlert = null;
}

async function loadSightings(): Promise<void> {
  const { sightings } = await api.sightings(SIGHTINGS_KEPT);
  const replaced = new Set(sightings.map((s) => s.replaces));
  store.sightings = sightings.filter((s) => !replaced.has(s.id));
  store.changed('sightings');
}

export function takeBatch(batch: Batch): void {
  for (const track of batch.tracks) {
    store.tracks.set(track.track, track);
    growTrail(track);
  }
  const dataMs = parseTime(batch.data_time);
  store.heard(null, dataMs);
  if (dataMs !== null) forgetSilent(dataMs);
  store.changed('tracks');
}

function growTrail(track: Track): void {
  const ms = parseTime(track.time);
  if (ms === null) return;
  const trail = store.trails.get(track.track) ?? { points: [], lastMs: -Infinity };
  if (ms - trail.lastMs < TRAIL_STEP_MS) return;
  trail.points.push([track.lon, track.lat]);
  if (trail.points.length > TRAIL_POINTS) trail.points.shift();
  trail.lastMs = ms;
  store.trails.set(track.track, trail);
}

function forgetSilent(dataMs: number): void {
  for (const [id, track] of store.tracks) {
    const ms = parseTime(track.time);
    if (ms === null || dataMs - ms < TRACK_FORGET_MS || id === store.selectedTrack) continue;
    store.tracks.delete(id);
    store.trails.delete(id);
  }
}

function takeSighting(sighting: Sighting): void {
  if (store.sightings.some((s) => s.id === sighting.id)) return;
  if (sighting.replaces) store.sightings = store.sightings.filter((s) => s.id !== sighting.replaces);
  store.sightings.unshift(sighting);
  store.sightings.length = Math.min(store.sightings.length, SIGHTINGS_KEPT);
  store.heard(null, null);
  store.changed('sightings');
}

export function takeAlert(alert: Alert): void {
  told.add(alert.id);
  const before = store.alerts.get(alert.id);
  if (before && before.changed > alert.changed) return; // an older word, said again after a resume
  store.alerts.delete(alert.id); // so that the map keeps the order of change
  store.alerts.set(alert.id, alert);
  if (store.armed === alert.id && alert.state !== before?.state) store.armed = null;
  forgetClosed();
  store.heard(null, null);
  store.changed('alerts');
}

function forgetClosed(): void {
  const closed = [...store.alerts.values()].filter((a) => !isOpen(a) && a.id !== store.selectedAlert);
  for (const a of closed.slice(0, Math.max(0, closed.length - ALERTS_CLOSED_KEPT))) store.alerts.delete(a.id);
}
