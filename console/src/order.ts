// The queue of alerts: what stands on top, and what J, K and Space mean. Pure.
import type { Alert, AlertState } from './api';

const RANK: Record<AlertState, number> = { unacked: 0, cleared_unacked: 1, acked: 2, closed: 3 };

export const isOpen = (a: Alert) => a.state !== 'closed';
export const isUnacked = (a: Alert) => a.state === 'unacked' || a.state === 'cleared_unacked';

// Unacknowledged first, then by severity, then the newest; the id keeps ties in place.
export function compareAlerts(a: Alert, b: Alert): number {
  const waiting = Number(isUnacked(b)) - Number(isUnacked(a));
  if (waiting !== 0) return waiting;
  if (a.severity !== b.severity) return a.severity - b.severity;
  if (RANK[a.state] !== RANK[b.state]) return RANK[a.state] - RANK[b.state];
  if (a.raised !== b.raised) return a.raised < b.raised ? 1 : -1;
  return a.id < b.id ? -1 : 1;
}

export const queueOf = (alerts: Iterable<Alert>) => [...alerts].filter(isOpen).sort(compareAlerts);

export function closedOf(alerts: Iterable<Alert>, most: number): Alert[] {
  const closed = [...alerts].filter((a) => !isOpen(a));
  closed.sort((a, b) => (a.changed < b.changed ? 1 : -1));
  return closed.slice(0, most);
}

export function stepIn(queue: readonly Alert[], selected: string | null, by: 1 | -1): Alert | null {
  if (queue.length === 0) return null;
  const at = queue.findIndex((a) => a.id === selected);
  if (at < 0) return queue[0] ?? null;
  return queue[Math.min(queue.length - 1, Math.max(0, at + by))] ?? null;
}

// The most severe open alert of each track.
export function worstByTrack(alerts: Iterable<Alert>): Map<string, Alert> {
  const worst = new Map<string, Alert>();
  for (const a of alerts) {
    if (!isOpen(a)) continue;
    const known = worst.get(a.track);
    if (!known || a.severity < known.severity) worst.set(a.track, a);
  }
  return worst;
}
