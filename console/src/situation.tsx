// What the right pane shows when nothing is selected: how things stand.
import type { FeedHealth, Track } from './api';
import { SightingTable } from './card';
import { parseTime, span, thousands } from './format';
import { SideTag } from './marks';
import { zoneName } from './names';
import type { Store } from './store';
import { pick, say, sayOf } from './words';

const RECENT = 18;

export function Situation({ s }: { s: Store }) {
  return (
    <section class="block situation" aria-labelledby="sit-title">
      <h2 id="sit-title"><span class="grow">{say(s.lang, 'sit.title')}</span></h2>
      <p class="dim hint">{say(s.lang, 'sit.pick')}</p>
      <AgreementFacts s={s} />
      <h3>{say(s.lang, 'sit.feeds')}</h3>
      <Feeds s={s} />
      <h3>{say(s.lang, 'sit.recent')}</h3>
      <SightingTable sightings={s.sightings.slice(0, RECENT)} s={s} withTrack />
    </section>
  );
}

function AgreementFacts({ s }: { s: Store }) {
  const { agreement } = s;
  if (!agreement) return null;
  const unresolved = agreement.zones.filter((z) => z.status === 'unresolved');
  return (
    <dl class="facts">
      <div><dt>{say(s.lang, 'sit.agreement')}</dt><dd>{pick(s.lang, agreement.title, agreement.id)}</dd></div>
      <div><dt>{say(s.lang, 'sit.digest')}</dt><dd class="num" title={agreement.digest}>{agreement.digest.slice(0, 16)}…</dd></div>
      <div><dt>{say(s.lang, 'sit.tracks')}</dt><dd><TrackCounts s={s} /></dd></div>
      {unresolved.length > 0 && (
        <div><dt>{say(s.lang, 'sit.unresolved')}</dt><dd>{unresolved.map((z) => zoneName(agreement, z.id, s.lang)).join('; ')}</dd></div>
      )}
    </dl>
  );
}

function TrackCounts({ s }: { s: Store }) {
  const counts = new Map<string | null, number>();
  const tracks: Iterable<Track> = s.tracks.values();
  for (const t of tracks) counts.set(t.side, (counts.get(t.side) ?? 0) + 1);
  const sides = [...(s.agreement?.parties.map((p) => p.id) ?? []), null];
  return (
    <span class="tally">
      {sides.map((side) => (
        <span key={side ?? '-'}>
          {side === null ? <span class="dim">{say(s.lang, 'sit.unknownSide')}</span> : <SideTag side={side} />} {counts.get(side) ?? 0}
        </span>
      ))}
    </span>
  );
}

function Feeds({ s }: { s: Store }) {
  return (
    <table class="feeds">
      <thead><tr><th>{say(s.lang, 'sit.feed')}</th><th>{say(s.lang, 'sit.state')}</th><th class="right">{say(s.lang, 'sit.positions')}</th><th class="right">{say(s.lang, 'sit.lastFix')}</th></tr></thead>
      <tbody>{(s.health?.feeds ?? []).map((f) => <FeedRow key={f.name} f={f} s={s} />)}</tbody>
    </table>
  );
}

function FeedRow({ f, s }: { f: FeedHealth; s: Store }) {
  const now = s.dataNowMs();
  const last = parseTime(f.last_fix);
  const skipped = Object.values(f.skipped ?? {}).reduce((a, b) => a + b, 0);
  return (
    <tr>
      <td title={f.url ?? undefined}>{f.name} <span class="dim">{f.format}</span></td>
      <td>{sayOf(s.lang, 'feed', f.state)}</td>
      <td class="num right">{thousands(f.positions)}{skipped > 0 && <div class="dim">{say(s.lang, 'sit.skipped', thousands(skipped))}</div>}</td>
      <td class="num right">{last !== null && now !== null ? span(now - last) : '–'}</td>
    </tr>
  );
}
