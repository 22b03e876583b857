// Why an alert: the article, the rule, the zone, the distance and its error, the deciding fix.
import { useEffect, useState } from 'preact/hooks';
import { acknowledge } from './act';
import { OwnWarning } from './alerts';
import { api } from './api';
import type { Alert, Sighting, Why } from './api';
import { CloseButton, Fact } from './card';
import { clock, dtg, joinErrors, latLon, metres, parseTime, span, withError } from './format';
import { InForceList, SeverityMark, SideTag, SimulatedTag } from './marks';
import { articleOf, className, trackName, zoneName } from './names';
import { isUnacked } from './order';
import type { Store } from './store';
import { pick, say, sayOf } from './words';

export function WhyPanel({ alert, s }: { alert: Alert; s: Store }) {
  const { why, failed } = useWhy(alert);
  return (
    <section class={`block why s${alert.severity}`} aria-labelledby="why-title" data-why={alert.id}>
      <h2 id="why-title">
        <SeverityMark severity={alert.severity} />
        <span class="grow">{say(s.lang, 'why.title')}</span>
        <span class="dim state">{say(s.lang, `state.${alert.state}`)}</span>
        <CloseButton s={s} />
      </h2>
      {alert.own && <OwnWarning s={s} />}
      <p class="claim">
        {trackName(s.tracks.get(alert.track), alert.track)} <SideTag side={alert.side} own={alert.own} /> · {className(alert.class, s.lang)} <SimulatedTag of={alert} />
      </p>
      <Law alert={alert} why={why} s={s} />
      <BorderScale alert={alert} sighting={why?.sighting ?? null} s={s} />
      <Evidence alert={alert} sighting={why?.sighting ?? null} s={s} />
      {failed && <p class="notice">{say(s.lang, 'why.failed', failed)}</p>}
      <Episode alert={alert} s={s} />
    </section>
  );
}

function useWhy(alert: Alert): { why: Why | null; failed: string | null } {
  const [why, setWhy] = useState<Why | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    let wanted = true;
    api.alert(alert.id).then(
      (answer) => { if (wanted) { setWhy(answer.why ?? null); setFailed(null); } },
      (error: Error) => { if (wanted) setFailed(error.message); },
    );
    return () => { wanted = false; };
  }, [alert.id, alert.last_cause]);
  return { why, failed };
}

function Law({ alert, why, s }: { alert: Alert; why: Why | null; s: Store }) {
  const zone = why?.zone ?? s.agreement?.zones.find((z) => z.id === alert.zone);
  const rule = why?.rule ?? s.agreement?.rules.find((r) => r.id === alert.rule);
  const other = s.lang === 'ko' ? 'en' : 'ko';
  return (
    <dl class="facts law">
      <Fact name={say(s.lang, 'why.article')}>
        <span class="num">{alert.provision}</span> {articleOf(s.agreement, alert, s.lang)}
        <div class="dim" lang={other}>{articleOf(s.agreement, alert, other)}</div>
      </Fact>
      <Fact name={say(s.lang, 'why.rule')}>
        {pick(s.lang, rule?.text, alert.rule)} <span class="dim">{alert.rule} · {say(s.lang, 'why.unofficial')}</span>
      </Fact>
      <Fact name={say(s.lang, 'why.zone')}>
        {zoneName(s.agreement, alert.zone, s.lang)}
        {zone && zone.status !== 'agreed' && <span class="provisional"> {say(s.lang, `status.${zone.status}`)}</span>}
        {zone?.assumption && <details class="dim"><summary>{say(s.lang, 'why.assumption')}</summary>{zone.assumption}</details>}
      </Fact>
      <Fact name={say(s.lang, 'why.inForce')}><InForceList inForce={alert.in_force} /></Fact>
    </dl>
  );
}

const WIDE = 330;
const HIGH = 62;

// The border at the middle, inside to the left; the fix with its error as a bar. The scale reaches
// a little beyond what it has to show.
function BorderScale({ alert, sighting, s }: { alert: Alert; sighting: Sighting | null; s: Store }) {
  const dist = sighting?.dist_m ?? alert.dist_m;
  const err = sighting?.dist_err_m ?? alert.dist_err_m ?? 0;
  if (dist === null || dist === undefined) return null;
  const reach = Math.max((Math.abs(dist) + err) * 1.25, 1);
  const x = (m: number) => WIDE / 2 + (m / reach) * (WIDE / 2 - 6);
  const where = say(s.lang, dist < 0 ? 'why.inside' : 'why.outside');
  const text = `${say(s.lang, 'why.toBorder')}: ${where} ${withError(dist, err)}`;
  return (
    <figure class="scale">
      <figcaption>{say(s.lang, 'why.toBorder')} <b>{where} {withError(dist, err)}</b></figcaption>
      <svg viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={text}>
        <rect class="in" x="0" y="8" width={WIDE / 2} height="30" />
        <line class="edge" x1={WIDE / 2} y1="2" x2={WIDE / 2} y2="44" />
        <line class="err" x1={x(dist - err)} y1="23" x2={x(dist + err)} y2="23" />
        <path class="err" d={`M${x(dist - err)} 17v12M${x(dist + err)} 17v12`} />
        <circle class="fix" cx={x(dist)} cy="23" r="4.5" />
        <text x="2" y="57">{say(s.lang, 'why.inside')}</text>
        <text x={WIDE / 2} y="57" text-anchor="middle">{say(s.lang, 'why.border')}</text>
        <text x={WIDE - 2} y="57" text-anchor="end">{say(s.lang, 'why.outside')}</text>
      </svg>
      <p class="dim">{say(s.lang, 'why.error95')}</p>
    </figure>
  );
}

function Evidence({ alert, sighting, s }: { alert: Alert; sighting: Sighting | null; s: Store }) {
  if (!sighting) return null;
  const line = s.agreement?.lines[0];
  const error = joinErrors(sighting.fix?.err_m ?? null, line?.precision_m ?? null);
  return (
    <dl class="facts">
      <Fact name={say(s.lang, 'why.kind')}>{sayOf(s.lang, 'kind', sighting.kind)}</Fact>
      {sighting.kind === 'near' && <Predicted alert={alert} sighting={sighting} s={s} />}
      {line && sighting.line_m !== null && sighting.line_m >= 0 && (
        <Fact name={say(s.lang, 'track.toLine')}>{withError(sighting.line_m, error)} <span class="dim">{pick(s.lang, line.name, line.id)}</span></Fact>
      )}
      <Fact name={say(s.lang, 'why.certainty')}>{sayOf(s.lang, 'certainty', sighting.certainty)}</Fact>
      <Fact name={say(s.lang, 'why.grade')}>{sayOf(s.lang, 'grade', sighting.source_grade)}</Fact>
      {sighting.fix && <DecidingFix sighting={sighting} s={s} />}
    </dl>
  );
}

function DecidingFix({ sighting, s }: { sighting: Sighting; s: Store }) {
  const fix = sighting.fix;
  if (!fix) return null;
  const ms = parseTime(fix.time);
  return (
    <Fact name={say(s.lang, 'why.decidingFix')}>
      <span class="num">{ms === null ? '–' : `${clock(ms, 'KST')} KST`}</span>{fix.err_m !== null && ` ± ${metres(fix.err_m)}`}
      <div class="num dim">{latLon(fix.lat, fix.lon)}{fix.alt_m !== null && ` ${Math.round(fix.alt_m)} m`}</div>
    </Fact>
  );
}

function Predicted({ alert, sighting, s }: { alert: Alert; sighting: Sighting; s: Store }) {
  const now = s.dataNowMs();
  const lo = parseTime(sighting.time_lo ?? sighting.time);
  const hi = parseTime(sighting.time_hi ?? sighting.time);
  if (now === null || lo === null || hi === null || hi < now) return null;
  if (!alert.predicted || alert.cleared !== null) return null;
  return <Fact name={say(s.lang, 'why.predictedEntry')}><b>{say(s.lang, 'why.predictedIn', span(lo - now), span(hi - now))}</b></Fact>;
}

function Episode({ alert, s }: { alert: Alert; s: Store }) {
  const raised = parseTime(alert.raised);
  const cleared = parseTime(alert.cleared);
  return (
    <>
      <dl class="facts">
        {raised !== null && <Fact name={say(s.lang, 'why.raised')}><span class="num">{dtg(raised, 'KST')}</span> <span class="num dim">{dtg(raised, 'UTC')}</span></Fact>}
        {cleared !== null && <Fact name={say(s.lang, 'why.cleared')}><span class="num">{dtg(cleared, 'KST')}</span></Fact>}
        <Fact name={say(s.lang, 'why.episode')}>{say(s.lang, 'alerts.count', alert.count)} · {say(s.lang, `state.${alert.state}`)}{alert.acked_by && ` · ${say(s.lang, 'alerts.ackBy', alert.acked_by)}`}</Fact>
      </dl>
      <div class="foot">
        <span class="dim grow">{say(s.lang, 'why.noClaim')}</span>
        {isUnacked(alert) && (
          <button class={s.armed === alert.id ? 'ack armed' : 'ack'} onClick={() => void acknowledge(alert)}>
            {say(s.lang, s.armed === alert.id ? 'alerts.confirm' : 'alerts.ack')}
          </button>
        )}
      </div>
    </>
  );
}
