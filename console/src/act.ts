// What the operator can do. Every way to do it (mouse, key, link) ends here.
import { api } from './api';
import type { Alert } from './api';
import { takeAlert } from './live';
import { isUnacked, queueOf, stepIn } from './order';
import { store } from './store';
import type { LayerKey, Place } from './store';
import { say } from './words';

const ARMED_MS = 5000; // the second step of an acknowledgement must follow within
let disarm: ReturnType<typeof setTimeout> | undefined;

export function selectAlert(alert: Alert): void {
  store.selectedAlert = alert.id;
  store.selectedTrack = alert.track;
  store.place = null;
  store.changed('select');
}

export function selectTrack(track: string): void {
  store.selectedTrack = track;
  store.selectedAlert = null;
  store.place = null;
  store.changed('select');
}

export function selectPlace(place: Place): void {
  store.selectedTrack = store.selectedAlert = null;
  store.place = place;
  store.changed('select');
}

export function clearSelection(): void {
  store.selectedTrack = store.selectedAlert = null;
  store.place = null;
  store.changed('select');
}

export function moveInQueue(by: 1 | -1): void {
  const next = stepIn(queueOf(store.alerts.values()), store.selectedAlert, by);
  if (next) selectAlert(next);
}

export function openSelected(): void {
  const queue = queueOf(store.alerts.values());
  const alert = queue.find((a) => a.id === store.selectedAlert) ?? queue[0];
  if (!alert) return;
  selectAlert(alert);
  document.getElementById('card')?.focus();
}

function tell(notice: string): void {
  store.notice = notice;
  store.changed('view');
}

// An alarm takes two steps, so that no elbow on the keyboard answers for it.
export async function acknowledge(alert: Alert): Promise<void> {
  if (!isUnacked(alert)) return;
  if (!store.officer.trim()) {
    tell(say(store.lang, 'alerts.needName'));
    document.getElementById('officer')?.focus();
    return;
  }
  if (alert.severity === 1 && store.armed !== alert.id) return arm(alert);
  store.armed = null;
  try {
    takeAlert(await api.ack(alert.id, store.officer.trim()));
    tell('');
  } catch (error) {
    tell(say(store.lang, 'alerts.ackFailed', error instanceof Error ? error.message : String(error)));
  }
  store.changed('alerts');
}

function arm(alert: Alert): void {
  store.armed = alert.id;
  store.changed('alerts');
  clearTimeout(disarm);
  disarm = setTimeout(() => {
    store.armed = null;
    store.changed('alerts');
  }, ARMED_MS);
}

export function acknowledgeTop(): void {
  const top = queueOf(store.alerts.values())[0];
  if (!top || !isUnacked(top)) return;
  if (top.severity === 1 && store.armed !== top.id) selectAlert(top);
  void acknowledge(top);
}

export function togglePanel(panel: NonNullable<typeof store.panel>): void {
  store.panel = store.panel === panel ? null : panel;
  store.changed('view');
}

export function toggleLayer(key: LayerKey): void {
  store.layers[key] = !store.layers[key];
  store.changed('view');
}

export function setOfficer(name: string): void {
  store.officer = name;
  if (name) store.notice = null;
  try {
    localStorage.setItem('detente.officer', name);
  } catch {
    // A browser that keeps nothing still works; the name is asked again after a reload.
  }
  store.changed('view');
}
