// What the page knows, in one place. Parts of the state have a topic; whoever shows a part listens
// to its topic, and is told once a frame however often it changed.
import { useEffect, useState } from 'preact/hooks';
import type { Agreement, Alert, Geo, Health, Sighting, Track } from './api';
import type { Point } from './geo';
import type { Theme } from './hash';
import type { Lang } from './words';

export type Topic = 'health' | 'agreement' | 'tracks' | 'alerts' | 'sightings' | 'select' | 'view' | 'tick';

export const LAYERS = {
  'zone-fixed': true,
  'zone-rotary': true,
  'zone-uav': true,
  'zone-balloon': true,
  'zone-air': true,
  'zone-sea': true,
  'zone-land': true,
  'line-asserted': false,
  'track-state': true,
  'track-civil': true,
  vectors: true,
  trails: true,
  names: true,
  places: true,
} as const;
export type LayerKey = keyof typeof LAYERS;
export const isLayerKey = (key: string): key is LayerKey => key in LAYERS;

export interface Trail { points: Point[]; lastMs: number }
export interface Place { lat: number; lon: number; zones: string[] }

export const SIGHTINGS_KEPT = 300;
export const TRAIL_POINTS = 60;
export const TRAIL_STEP_MS = 10_000; // 60 points: the last ten minutes

export class Store {
  health: Health | null = null;
  agreement: Agreement | null = null;
  zones: Geo | null = null;
  lines: Geo | null = null;
  tracks = new Map<string, Track>();
  trails = new Map<string, Trail>();
  alerts = new Map<string, Alert>();
  sightings: Sighting[] = []; // newest first

  selectedTrack: string | null = null;
  selectedAlert: string | null = null;
  place: Place | null = null;
  armed: string | null = null; // an alarm whose acknowledgement waits for its second step
  notice: string | null = null; // a line for the operator: why something was not done

  lang: Lang = 'ko';
  theme: Theme = 'day';
  officer = '';
  layers: Record<LayerKey, boolean> = { ...LAYERS };
  panel: 'layers' | 'find' | 'help' | null = null;
  sound = false;

  link: 'connecting' | 'live' | 'lost' = 'connecting';
  lastHeardMs: number | null = null; // performance.now()
  private nodeMs = 0; // the node's clock, and its data's, when last told
  private nodeToldMs = 0;
  private dataMs: number | null = null;
  private dataToldMs = 0;

  private readonly listeners = new Map<Topic, Set<() => void>>();
  private readonly pending = new Set<Topic>();

  listen(topic: Topic, call: () => void): () => void {
    const calls = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, calls.add(call));
    return () => calls.delete(call);
  }

  changed(...topics: Topic[]): void {
    if (this.pending.size === 0) requestAnimationFrame(() => this.tellAll());
    for (const topic of topics) this.pending.add(topic);
  }

  private tellAll(): void {
    const topics = [...this.pending];
    this.pending.clear();
    const calls = new Set<() => void>();
    for (const topic of topics) for (const call of this.listeners.get(topic) ?? []) calls.add(call);
    for (const call of calls) call();
  }

  heard(nodeMs: number | null, dataMs: number | null): void {
    this.lastHeardMs = performance.now();
    this.link = 'live';
    if (nodeMs !== null) {
      this.nodeMs = nodeMs;
      this.nodeToldMs = this.lastHeardMs;
    }
    if (dataMs !== null && dataMs !== this.dataMs) {
      this.dataMs = dataMs;
      this.dataToldMs = this.lastHeardMs;
    }
  }

  // The node's clock now. While the link is down it stands still: nobody told a later time.
  nowMs(): number | null {
    if (this.nodeToldMs === 0) return null;
    return this.nodeMs + Math.min(performance.now() - this.nodeToldMs, STALE_MS);
  }

  // The time of the data, from which ages of alerts and tracks are counted. It runs on between two
  // words of it, but not far: when the feeds are silent, it stands.
  dataNowMs(): number | null {
    if (this.dataMs === null) return this.nowMs();
    return this.dataMs + Math.min(performance.now() - this.dataToldMs, DATA_RUNS_MS);
  }

  silentMs(): number | null {
    return this.lastHeardMs === null ? null : performance.now() - this.lastHeardMs;
  }

  isStale(): boolean {
    const silent = this.silentMs();
    return silent === null || silent >= STALE_MS;
  }

  isSimulated(): boolean {
    return (this.health?.simulated ?? false) || (this.agreement?.simulated ?? false);
  }
}

export const STALE_MS = 5000; // two heartbeats missed and a half
const DATA_RUNS_MS = 2500; // a little more than from heartbeat to heartbeat
export const store = new Store();

// Draws again when one of these topics changed.
export function useTopics(...topics: Topic[]): Store {
  const [, setTurn] = useState(0);
  useEffect(() => {
    const turn = () => setTurn((n) => n + 1);
    const stops = topics.map((topic) => store.listen(topic, turn));
    return () => stops.forEach((stop) => stop());
  }, []);
  return store;
}
