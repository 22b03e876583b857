// Find a track by its name or number, or a zone.
import { useEffect, useRef, useState } from 'preact/hooks';
import { selectTrack } from './act';
import type { Track, Zone } from './api';
import { boundsOf } from './geo';
import type { WatchMap } from './map';
import { SideTag } from './marks';
import { className, trackName, zoneName } from './names';
import type { Store } from './store';
import { say } from './words';

const MOST = 12;

export function Find({ s, map }: { s: Store; map: WatchMap | null }) {
  const [text, setText] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const wanted = text.trim().toLocaleLowerCase();
  const tracks = wanted ? [...s.tracks.values()].filter((t) => isTrack(t, wanted)).slice(0, MOST) : [];
  const zones = wanted ? (s.agreement?.zones ?? []).filter((z) => isZone(z, wanted)).slice(0, MOST) : [];
  const take = (track: Track) => { selectTrack(track.track); s.panel = null; s.changed('view'); };
  return (
    <section class="panel find" aria-label={say(s.lang, 'find.title')}>
      <input ref={field} type="search" value={text} placeholder={say(s.lang, 'find.hint')} aria-label={say(s.lang, 'find.hint')}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => { if (event.code === 'Enter' && !event.isComposing && tracks[0]) take(tracks[0]); }} />
      <ul class="lines">
        {tracks.map((t) => (
          <li key={t.track}><button class="line" onClick={() => take(t)}>
            <SideTag side={t.side} own={t.own} /> <span class="grow">{trackName(t, t.track)}</span> <span class="dim">{className(t.class, s.lang)}</span>
          </button></li>
        ))}
        {zones.map((z) => (
          <li key={z.id}><button class="line" onClick={() => showZone(s, map, z)}>
            <SideTag side={z.side} /> <span class="grow">{zoneName(s.agreement, z.id, s.lang)}</span> <span class="dim">{z.id}</span>
          </button></li>
        ))}
      </ul>
      {wanted && tracks.length + zones.length === 0 && <p class="dim">{say(s.lang, 'find.none')}</p>}
    </section>
  );
}

const isTrack = (t: Track, wanted: string) => `${t.name ?? ''} ${t.track}`.toLocaleLowerCase().includes(wanted);
const isZone = (z: Zone, wanted: string) => `${z.id} ${z.name?.ko ?? ''} ${z.name?.en ?? ''}`.toLocaleLowerCase().includes(wanted);

function showZone(s: Store, map: WatchMap | null, zone: Zone): void {
  const bounds = boundsOf(s.zones?.features.filter((f) => f.properties?.zone === zone.id) ?? []);
  if (!bounds) return;
  const [lon, lat] = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
  s.selectedTrack = s.selectedAlert = null;
  s.place = { lat, lon, zones: [zone.id] };
  s.panel = null;
  map?.show(bounds);
  s.changed('select', 'view');
}
