// The right pane: why an alert, a track, a point of the map, or how things stand.
import { useEffect, useState } from 'preact/hooks';
import { clearSelection, selectAlert } from './act';
import { api } from './api';
import type { Alert, Sighting, Track } from './api';
import { FOOT_M, KNOT_MPS, clock, degrees, joinErrors, latLon, metres, parseTime, span, thousands, withError } from './format';
import { SeverityMark, SideTag, SimulatedTag } from './marks';
import { className, partyName, trackName, zoneName } from './names';
import { isOpen } from './order';
import { Situation } from './situation';
import { useTopics } from './store';
import type { Store } from './store';
import { pick, say, sayOf } from './words';
import { WhyPanel } from './why';

export function Card() {
  const s = useTopics('select', 'tick', 'view', 'alerts', 'agreement', 'sightings');
  const alert = s.selectedAlert ? s.alerts.get(s.selectedAlert) : undefined;
  return (
    <aside class="pane card" id="card" tabIndex={-1} aria-label={say(s.lang, alert ? 'why.title' : s.selectedTrack ? 'track.title' : 'sit.title')}>
      <div class="scroll">
        {alert && <WhyPanel alert={alert} s={s} key={alert.id} />}
        {s.selectedTrack && <TrackCard id={s.selectedTrack} s={s} key={s.selectedTrack} />}
        {s.place && <PlaceCard s={s} />}
        {!alert && !s.selectedTrack && !s.place && <Situation s={s} />}
      </div>
    </aside>
  );
}

export function CloseButton({ s }: { s: Store }) {
  return (
    <button class="quiet close" onClick={clearSelection} aria-label={say(s.lang, 'track.close')} title={`${say(s.lang, 'track.close')} (Esc)`}>
      ✕
    </button>
  );
}

function TrackCard({ id, s }: { id: string; s: Store }) {
  const track = s.tracks.get(id);
  const sightings = useSightings(id, s);
  const alerts = [...s.alerts.values()].filter((a) => a.track === id && a.id !== s.selectedAlert);
  return (
    <section class="block track" aria-labelledby="track-title">
      <h2 id="track-title">
        <span class="dim">{say(s.lang, 'track.title')}</span>
        <span class="grow">{trackName(track, id)}</span>
        <SimulatedTag of={track} />
        {track && <SideTag side={track.side} own={track.own} />}
        {!s.selectedAlert && <CloseButton s={s} />}
      </h2>
      {track ? <Facts track={track} s={s} /> : <p class="dim">{say(s.lang, 'track.gone')}</p>}
      {alerts.length > 0 && <TrackAlerts alerts={alerts} s={s} />}
      <h3>{say(s.lang, 'track.sightings')}</h3>
      <SightingTable sightings={sightings} s={s} withTrack={false} />
    </section>
  );
}

// What the node keeps of this track, and what came since.
function useSightings(id: string, s: Store): Sighting[] {
  const [kept, setKept] = useState<Sighting[]>([]);
  useEffect(() => {
    let wanted = true;
    api.sightingsOf(id).then((answer) => { if (wanted) setKept(answer.sightings); }, () => undefined);
    return () => { wanted = false; };
  }, [id]);
  const all = new Map<string, Sighting>();
  for (const x of [...kept, ...s.sightings]) if (x.track === id) all.set(x.id, x);
  for (const x of [...all.values()]) if (x.replaces) all.delete(x.replaces);
  return [...all.values()].sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
}

function Facts({ track, s }: { track: Track; s: Store }) {
  const side = partyName(s.agreement, track.side, s.lang);
  const now = s.dataNowMs();
  const fixMs = parseTime(track.time);
  return (
    <dl class="facts">
      <Fact name={say(s.lang, 'track.class')}>{className(track.class, s.lang)}</Fact>
      <Fact name={say(s.lang, 'track.side')}>{side}{track.own && ` · ${say(s.lang, 'track.own')}`}{track.flag && <span class="dim"> · {track.flag}</span>}</Fact>
      <Fact name={say(s.lang, 'track.position')}><span class="num">{latLon(track.lat, track.lon)}</span></Fact>
      <Fact name={say(s.lang, 'track.error')}>{track.err_m === null ? '–' : `± ${metres(track.err_m)}`}</Fact>
      {track.alt_m !== null && (
        <Fact name={say(s.lang, 'track.altitude')}>{thousands(track.alt_m)} m <span class="dim">{thousands(track.alt_m / FOOT_M)} ft</span></Fact>
      )}
      <Fact name={say(s.lang, 'track.speed')}><Speed track={track} s={s} /></Fact>
      <Fact name={say(s.lang, 'track.fixAge')}>
        {fixMs === null ? '–' : <><span class="num">{clock(fixMs, 'KST')}</span>{now !== null && <span class="dim"> {say(s.lang, 'status.age', span(now - fixMs))}</span>}</>}
        {track.stale && <span class="warn"> {say(s.lang, 'track.stale')}</span>}
      </Fact>
      <LineFact track={track} s={s} />
      <Fact name={say(s.lang, 'track.inside')}><ZoneNames zones={track.inside} s={s} /></Fact>
      {track.near.length > 0 && <Fact name={say(s.lang, 'track.near')}><ZoneNames zones={track.near} s={s} /></Fact>}
      <Fact name={say(s.lang, 'track.feed')}>{track.feed ?? '–'} <span class="dim">{track.track}</span></Fact>
    </dl>
  );
}

export function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

function Speed({ track, s }: { track: Track; s: Store }) {
  if (track.speed_mps === null) return <>–</>;
  return (
    <>
      {Math.round(track.speed_mps / KNOT_MPS)} {say(s.lang, 'unit.knots')} <span class="dim">{Math.round(track.speed_mps * 3.6)} km/h</span>
      {track.course_deg !== null && <> · {degrees(track.course_deg)}</>}
    </>
  );
}

function LineFact({ track, s }: { track: Track; s: Store }) {
  const line = s.agreement?.lines[0];
  if (!line || track.line_m === null || track.line_m < 0) return null;
  const error = joinErrors(track.err_m, line.precision_m);
  return (
    <Fact name={say(s.lang, 'track.toLine')}>{withError(track.line_m, error)} <span class="dim">{pick(s.lang, line.name, line.id)}</span></Fact>
  );
}

function ZoneNames({ zones, s }: { zones: readonly string[]; s: Store }) {
  if (zones.length === 0) return <span class="dim">{say(s.lang, 'track.none')}</span>;
  return <ul class="zones">{zones.map((z) => <li key={z}>{zoneName(s.agreement, z, s.lang)}</li>)}</ul>;
}

function TrackAlerts({ alerts, s }: { alerts: readonly Alert[]; s: Store }) {
  return (
    <>
      <h3>{say(s.lang, 'track.alerts')}</h3>
      <ul class="lines">
        {alerts.map((a) => (
          <li key={a.id}>
            <button class="line" onClick={() => selectAlert(a)}>
              <SeverityMark severity={a.severity} /> <span class="grow">{zoneName(s.agreement, a.zone, s.lang)}</span>
              <span class="dim">{say(s.lang, isOpen(a) ? `state.${a.state}` : 'state.closed')}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

export function SightingTable({ sightings, s, withTrack }: { sightings: readonly Sighting[]; s: Store; withTrack: boolean }) {
  if (sightings.length === 0) return <p class="dim">{say(s.lang, withTrack ? 'sit.noSightings' : 'track.noSightings')}</p>;
  return (
    <table class="sightings">
      <tbody>
        {sightings.map((x) => <SightingRow key={x.id} x={x} s={s} withTrack={withTrack} />)}
      </tbody>
    </table>
  );
}

function SightingRow({ x, s, withTrack }: { x: Sighting; s: Store; withTrack: boolean }) {
  const ms = parseTime(x.time);
  return (
    <tr>
      <td class="num">{ms === null ? '–' : clock(ms, 'KST')}</td>
      {withTrack && <td class="who"><SideTag side={x.side} /> {trackName(s.tracks.get(x.track), x.track)}</td>}
      <td>
        {sayOf(s.lang, 'kind', x.kind)}
        {x.zone !== null && <> <span class="zoneid" title={zoneName(s.agreement, x.zone, s.lang)}>{x.zone}</span></>}
        {x.late && <span class="dim"> {say(s.lang, 'sighting.late')}</span>}
        {x.type === 'amended' && <span class="dim"> {say(s.lang, 'sighting.amended')}</span>}
        {x.certainty === 'possible' && <span class="dim"> {say(s.lang, 'certainty.possible')}</span>}
      </td>
      {!withTrack && <td class="num right">{x.dist_m === null ? '' : `${x.dist_m < 0 ? '−' : ''}${metres(x.dist_m)}`}</td>}
    </tr>
  );
}

function PlaceCard({ s }: { s: Store }) {
  const place = s.place;
  if (!place) return null;
  return (
    <section class="block" aria-labelledby="place-title">
      <h2 id="place-title"><span class="grow">{say(s.lang, 'place.title')}</span><CloseButton s={s} /></h2>
      <p class="num">{latLon(place.lat, place.lon)}</p>
      <h3>{say(s.lang, 'place.zones')}</h3>
      <ul class="lines">
        {place.zones.map((id) => {
          const zone = s.agreement?.zones.find((z) => z.id === id);
          return (
            <li key={id}>
              <SideTag side={zone?.side ?? null} /> {zoneName(s.agreement, id, s.lang)}
              {zone && zone.status !== 'agreed' && <span class="dim"> · {say(s.lang, `status.${zone.status}`)}</span>}
              {zone?.classes && zone.classes.length > 0 && <div class="dim">{zone.classes.map((c) => className(c, s.lang)).join(', ')}</div>}
            </li>
          );
        })}
      </ul>
      <p class="dim">{say(s.lang, 'place.approx')}</p>
    </section>
  );
}
