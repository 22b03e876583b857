// The node's HTTP interface as docs/format/api.md, sightings.md and positions.md tell it.

export interface Words { en?: string | null; ko?: string | null }
export type Severity = 1 | 2 | 3 | 4;
export type AlertState = 'unacked' | 'acked' | 'cleared_unacked' | 'closed';
export type InForce = Record<string, boolean>;

export interface FeedHealth {
  name: string;
  url: string | null;
  format: string | null;
  state: string;
  positions: number;
  skipped: Record<string, number> | null;
  last_fix: string | null;
  last_receive: string | null;
}

export interface Health {
  now: string;
  data_time: string | null;
  party: string | null;
  simulated: boolean;
  agreement: { id: string; digest: string };
  feeds: FeedHealth[];
  tracks: number;
  alerts: { unacked: number; acked: number; cleared_unacked: number };
  sightings: number;
  sequence: number;
}

export interface Party { id: string; name: Words; formal: Words | null; letter: string }

export interface Line {
  id: string;
  name: Words | null;
  left: string | null;
  right: string | null;
  asserted_by: string | string[] | null;
  disputed_by: string[] | null;
  precision_m: number | null;
}

export interface Zone {
  id: string;
  name: Words | null;
  side: string | null;
  classes: string[] | null;
  status: 'agreed' | 'provisional' | 'unresolved';
  assumption: string | null;
  source: string | null;
  area_km2: number | null;
  boundary_error_m: number | null;
}

export interface Provision { id: string; parent: string | null; title: Words | null }

export interface Rule {
  id: string;
  provision: string;
  zones: string[];
  verb: string;
  activity: string | string[];
  classes: string[] | null;
  severity: Severity;
  text: Words | null;
}

export interface Agreement {
  id: string;
  title: Words;
  tz: string;
  simulated: boolean;
  digest: string;
  parties: Party[];
  lines: Line[];
  zones: Zone[];
  provisions: Provision[];
  rules: Rule[];
}

export interface Position {
  time: string | null;
  track: string;
  lat: number;
  lon: number;
  alt_m: number | null;
  speed_mps: number | null;
  course_deg: number | null;
  simulated?: boolean;
  class: string | null;
  name: string | null;
  flag: string | null;
  err_m: number | null;
  feed: string | null;
}

export interface Track extends Position {
  side: string | null;
  letter: string | null;
  own: boolean;
  inside: string[];
  near: string[];
  line_m: number | null;
  alerted: boolean;
  stale: boolean;
  fixes?: Position[];
}

export interface SightingRule {
  rule: string;
  provision: string;
  article: Words | null;
  verb: string;
  severity: Severity;
  in_force: InForce;
}

export interface Sighting {
  simulated?: boolean;
  type: 'sighting' | 'amended' | 'mark';
  late?: boolean;
  id: string;
  replaces: string | null;
  time: string | null;
  time_lo: string | null;
  time_hi: string | null;
  track: string;
  leg: number;
  class: string | null;
  side: string | null;
  zone: string | null; // null for a mark
  kind: string;
  certainty: string;
  source_grade: string;
  lat: number;
  lon: number;
  alt_m: number | null;
  dist_m: number | null;
  dist_err_m: number | null;
  line_m: number | null;
  fix: { time: string | null; lat: number; lon: number; alt_m: number | null; err_m: number | null } | null;
  rules: SightingRule[];
}

export interface Why {
  rule: Rule | null;
  provision: Provision | null;
  zone: Zone | null;
  sighting: Sighting | null;
  fixes: Position[];
}

export interface Alert {
  simulated?: boolean;
  id: string;
  track: string;
  leg: number;
  class: string | null;
  side: string | null;
  zone: string;
  certainty: string;
  rule: string;
  provision: string;
  article: Words | null;
  in_force: InForce;
  label: Words;
  severity: Severity;
  state: AlertState;
  own: boolean;
  predicted: boolean;
  raised: string;
  changed: string;
  cleared: string | null;
  count: number;
  acked_by: string | null;
  cause: string;
  last_cause: string;
  time: string | null;
  lat: number | null;
  lon: number | null;
  dist_m: number | null;
  dist_err_m: number | null;
  why?: Why;
}

export interface Batch { data_time: string | null; tracks: Track[] }
export type Geo = GeoJSON.FeatureCollection;

async function read<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(path, init);
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(reasonOf(body) ?? `${path}: ${answer.status}`);
  return body as T;
}

function reasonOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null;
  const error = body.error;
  if (typeof error !== 'object' || error === null || !('reason' in error)) return null;
  return typeof error.reason === 'string' ? error.reason : null;
}

const at = encodeURIComponent;

export const api = {
  agreement: () => read<Agreement>('/v1/agreement'),
  zones: () => read<Geo>('/v1/zones.geojson'),
  lines: () => read<Geo>('/v1/lines.geojson'),
  tracks: () => read<Batch>('/v1/tracks'),
  track: (id: string) => read<Track>(`/v1/tracks/${at(id)}`),
  alerts: () => read<{ alerts: Alert[] }>('/v1/alerts?state=open&limit=1000'),
  alert: (id: string) => read<Alert>(`/v1/alerts/${at(id)}`),
  sightings: (limit: number) => read<{ sightings: Sighting[] }>(`/v1/sightings?limit=${limit}`),
  sightingsOf: (track: string) =>
    read<{ sightings: Sighting[] }>(`/v1/sightings?limit=50&track=${at(track)}`),
  ack: (id: string, by: string) =>
    read<Alert>(`/v1/alerts/${at(id)}/ack`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ by }),
    }),
};

export interface StreamEvents {
  hello: (health: Health) => void;
  health: (health: Health) => void;
  positions: (batch: Batch) => void;
  sighting: (sighting: Sighting) => void;
  alert: (alert: Alert) => void;
  lost: () => void;
}

const REOPEN_MS = 3000;

// One stream a page. The browser reconnects by itself with Last-Event-ID, but gives up when the
// answer is not a stream (a restarting node behind a proxy): then a new one is opened.
export function openStream(on: StreamEvents): void {
  const stream = new EventSource('/v1/events');
  const hear = <T>(name: string, take: (value: T) => void) =>
    stream.addEventListener(name, (event) => take(JSON.parse((event as MessageEvent<string>).data) as T));
  hear('hello', on.hello);
  hear('health', on.health);
  hear('positions', on.positions);
  hear('sighting', on.sighting);
  hear('alert', on.alert);
  stream.onerror = () => {
    on.lost();
    if (stream.readyState !== EventSource.CLOSED) return;
    setTimeout(() => openStream(on), REOPEN_MS);
  };
}
