// The map's pane: the map itself, and what lies over it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { togglePanel } from './act';
import { Find } from './find';
import { latLon, metres } from './format';
import { Help } from './help';
import { Layers } from './layers';
import { WatchMap } from './map';
import { store, useTopics } from './store';
import type { Store } from './store';
import { say } from './words';

export interface MapStart { lat: number; lon: number; zoom: number }
interface Props { start: MapStart | null; onMove: (at: MapStart) => void; onMap: (map: WatchMap) => void }

export function MapView({ start, onMove, onMap }: Props) {
  const s = useTopics('view', 'tick', 'health');
  const holder = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<WatchMap | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [pointer, setPointer] = useState<{ lat: number; lon: number } | null>(null);
  const [, setMoved] = useState(0);

  useEffect(() => {
    if (!holder.current) return;
    try {
      const made = new WatchMap(holder.current, start);
      made.onMove = (lat, lon, zoom) => {
        onMove({ lat, lon, zoom });
        setMoved((n) => n + 1);
      };
      made.onPointer = setPointer;
      setMap(made);
      onMap(made);
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error));
    }
  }, []);

  return (
    <section class={s.isStale() ? 'mapview stale' : 'mapview'} aria-label={say(s.lang, 'map.label')}>
      <div class="map" ref={holder} />
      {failed && <p class="mapfailed notice">{say(s.lang, 'map.failed', failed)}</p>}
      <StaleBanner s={s} />
      <Tools s={s} map={map} />
      <div class="panels">
        {s.panel === 'layers' && <Layers s={s} />}
        {s.panel === 'find' && <Find s={s} map={map} />}
        {s.panel === 'help' && <Help s={s} />}
      </div>
      <footer class="mapfoot">
        <ScaleBar map={map} />
        <span class="num pointer">{pointer ? latLon(pointer.lat, pointer.lon) : ''}</span>
        <span class="legend">{s.layers.vectors ? say(s.lang, 'legend.vector') : ''}</span>
        <span class="credit">{say(s.lang, 'map.landCredit')} · {say(s.lang, 'map.lineCredit')}</span>
      </footer>
    </section>
  );
}

function Tools({ s, map }: { s: Store; map: WatchMap | null }) {
  return (
    <div class="tools">
      <button onClick={() => togglePanel('layers')} aria-expanded={s.panel === 'layers'}>{say(s.lang, 'layers.title')} <kbd>L</kbd></button>
      <button onClick={() => togglePanel('find')} aria-expanded={s.panel === 'find'}>{say(s.lang, 'find.title')} <kbd>F</kbd></button>
      <button onClick={() => map?.home(true)}>{say(s.lang, 'map.home')} <kbd>H</kbd></button>
      <span class="zoom">
        <button onClick={() => map?.zoomBy(1)} aria-label={say(s.lang, 'map.zoomIn')}>＋</button>
        <button onClick={() => map?.zoomBy(-1)} aria-label={say(s.lang, 'map.zoomOut')}>−</button>
      </span>
    </div>
  );
}

// Old data must not look like a quiet watch.
function StaleBanner({ s }: { s: Store }) {
  if (!s.isStale()) return null;
  const silent = s.silentMs();
  if (silent === null) {
    if (performance.now() < 5000) return null;
    return <div class="stalebanner" role="alert"><b>{say(s.lang, 'stale.never')}</b></div>;
  }
  return (
    <div class="stalebanner">
      <b>{say(s.lang, 'stale.banner', Math.floor(silent / 1000))}</b>
      <span role="alert">{say(s.lang, 'stale.why')}</span>
    </div>
  );
}

const NICE = [1, 2, 5];

function ScaleBar({ map }: { map: WatchMap | null }) {
  if (!map) return null;
  const perPixel = map.metresPerPixel();
  const widest = perPixel * 120;
  const power = 10 ** Math.floor(Math.log10(widest));
  const length = Math.max(...NICE.map((n) => n * power).filter((m) => m <= widest));
  return (
    <span class="scalebar" title={say(store.lang, 'map.scale')}>
      <i style={{ width: `${Math.round(length / perPixel)}px` }} /> {metres(length).replace('.00', '').replace('.0', '')}
      <span class="dim">{(length / 1852).toPrecision(2).replace(/\.0$/, '')} NM</span>
    </span>
  );
}
