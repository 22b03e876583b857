// The page: four panes of one watch, and the link that holds what they show.
import { render } from 'preact';
import { Alerts } from './alerts';
import { Card } from './card';
import { readLink, writeLink } from './hash';
import type { Link } from './hash';
import { listenToKeys } from './keys';
import { startLive } from './live';
import type { WatchMap } from './map';
import { MapView } from './mapview';
import { sound, soundAgain } from './sound';
import { Status } from './status';
import { LAYERS, isLayerKey, store } from './store';
import type { LayerKey } from './store';
import './theme.css';

const TICK_MS = 1000;
let map: WatchMap | null = null;
let view: Link['map'] = null;

function takeLink(link: Link): void {
  store.selectedTrack = link.track;
  store.selectedAlert = link.alert;
  store.theme = link.theme ?? store.theme;
  store.lang = link.lang ?? store.lang;
  for (const key of Object.keys(LAYERS)) if (isLayerKey(key)) store.layers[key] = link.layers[key] ?? LAYERS[key];
  view = link.map;
}

function linkNow(): string {
  const layers: Record<string, boolean> = {};
  for (const key of Object.keys(LAYERS) as LayerKey[])
    if (store.layers[key] !== LAYERS[key]) layers[key] = store.layers[key];
  return writeLink({ track: store.selectedTrack, alert: store.selectedAlert, theme: store.theme, lang: store.lang, layers, map: view });
}

function keepLink(): void {
  const hash = linkNow();
  if (hash !== location.hash) history.replaceState(null, '', hash);
}

function dress(): void {
  document.documentElement.dataset.theme = store.theme;
  document.documentElement.lang = store.lang;
  document.documentElement.toggleAttribute('data-simulated', store.isSimulated());
}

function start(): void {
  store.lang = navigator.language.startsWith('ko') ? 'ko' : 'en';
  store.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'night' : 'day';
  try {
    store.officer = localStorage.getItem('detente.officer') ?? '';
  } catch {
    // The browser keeps nothing for this page: the name is typed anew.
  }
  takeLink(readLink(location.hash));
  dress();
  for (const topic of ['view', 'select'] as const) store.listen(topic, keepLink);
  for (const topic of ['view', 'health', 'agreement'] as const) store.listen(topic, dress);
  addEventListener('hashchange', () => {
    if (location.hash === linkNow()) return;
    takeLink(readLink(location.hash));
    store.changed('view', 'select', 'alerts', 'sightings', 'agreement');
  });
  // A button pressed with the mouse does not keep the focus, or Space would press it again instead
  // of acknowledging.
  addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    if (event.detail > 0) button?.blur();
  });
  document.addEventListener('detente-home', () => map?.home(true));
  listenToKeys();
  startLive((alert, before) => {
    if (alert.state === 'unacked' && before?.state !== 'unacked') sound(alert.severity);
  });
  setInterval(() => {
    soundAgain();
    store.changed('tick');
  }, TICK_MS);
}

function Page() {
  return (
    <>
      <Status />
      <main>
        <Alerts />
        <MapView start={view} onMove={(at) => { view = at; keepLink(); }} onMap={(made) => { map = made; }} />
        <Card />
      </main>
    </>
  );
}

start();
const root = document.getElementById('app');
if (root) render(<Page />, root);
