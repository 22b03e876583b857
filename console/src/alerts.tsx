// The queue of alerts.
import { useEffect } from 'preact/hooks';
import { acknowledge, selectAlert } from './act';
import type { Alert } from './api';
import { parseTime, span, withError } from './format';
import { SeverityMark, SideTag, SimulatedTag } from './marks';
import { articleOf, className, trackName, zoneName } from './names';
import { closedOf, isUnacked, queueOf } from './order';
import { useTopics } from './store';
import type { Store } from './store';
import { pick, say } from './words';

const SHOWN = 100; // rows drawn at once; the rest is counted below them
const CLOSED_SHOWN = 12;

export function Alerts() {
  const s = useTopics('alerts', 'select', 'tick', 'view', 'agreement');
  const queue = queueOf(s.alerts.values());
  const waiting = queue.filter(isUnacked).length;
  useEffect(() => document.querySelector('.alert.selected')?.scrollIntoView({ block: 'nearest' }), [s.selectedAlert]);
  return (
    <section class="pane alerts" aria-labelledby="alerts-title">
      <h2 id="alerts-title">
        {say(s.lang, 'alerts.title')}
        <span class="counts">
          <b class={waiting > 0 ? 'waiting' : ''}>{say(s.lang, 'alerts.unacked', waiting)}</b>
          <span class="dim">{say(s.lang, 'alerts.open', queue.length)}</span>
        </span>
      </h2>
      {s.notice && <p class="notice" role="status">{s.notice}</p>}
      <div class="scroll">
        {queue.length === 0 && (
          <div class="empty"><b>{say(s.lang, 'alerts.none')}</b><p>{say(s.lang, 'alerts.noneHint')}</p></div>
        )}
        <ol class="queue">{queue.slice(0, SHOWN).map((a) => <Row key={a.id} alert={a} s={s} />)}</ol>
        {queue.length > SHOWN && <p class="dim more">{say(s.lang, 'alerts.more', queue.length - SHOWN)}</p>}
        <Closed s={s} />
      </div>
      <LiveRegion queue={queue} s={s} />
    </section>
  );
}

function Row({ alert, s }: { alert: Alert; s: Store }) {
  const track = s.tracks.get(alert.track);
  const now = s.dataNowMs();
  const raised = parseTime(alert.raised);
  const classes = ['alert', `s${alert.severity}`, alert.state, alert.own ? 'own' : ''];
  if (alert.id === s.selectedAlert) classes.push('selected');
  return (
    <li class={classes.join(' ')} data-alert={alert.id} data-state={alert.state}>
      <button class="alert-open" onClick={() => selectAlert(alert)} aria-current={alert.id === s.selectedAlert}>
        <span class="head">
          <SeverityMark severity={alert.severity} />
          <span class="subject" title={alert.track}>{trackName(track, alert.track)}</span>
          <SimulatedTag of={alert} />
          {alert.own && <OwnWarning s={s} />}
          <SideTag side={alert.side} own={alert.own} />
          <time>{now !== null && raised !== null ? span(now - raised) : ''}</time>
        </span>
        <span class="zone">
          {alert.predicted && <em>{say(s.lang, 'alerts.predicted')} · </em>}
          {zoneName(s.agreement, alert.zone, s.lang)}
        </span>
        <span class="article">
          <span class="num">{alert.provision}</span> {articleOf(s.agreement, alert, s.lang)}
        </span>
        <span class="facts">
          <span>{className(alert.class, s.lang)}</span>
          <Distance alert={alert} s={s} />
          {alert.state === 'cleared_unacked' && <b>{say(s.lang, 'why.cleared')}</b>}
          {alert.certainty !== 'certain' && <span>{say(s.lang, 'certainty.possible')}</span>}
        </span>
      </button>
      <Foot alert={alert} s={s} />
    </li>
  );
}

// The home party's own craft: it is warned, before anybody claims anything.
export function OwnWarning({ s }: { s: Store }) {
  return <span class="ownline">{say(s.lang, 'alerts.own')}<span class="more"> {say(s.lang, 'alerts.ownMore')}</span></span>;
}

function Distance({ alert, s }: { alert: Alert; s: Store }) {
  if (alert.dist_m === null || alert.dist_m === undefined) return null;
  const where = say(s.lang, alert.dist_m < 0 ? 'why.inside' : 'why.outside');
  return <span>{where} {withError(alert.dist_m, alert.dist_err_m)}</span>;
}

const isInForceForAll = (alert: Alert) => Object.values(alert.in_force).every(Boolean);

function Foot({ alert, s }: { alert: Alert; s: Store }) {
  const armed = s.armed === alert.id;
  return (
    <div class="foot">
      <span class={isInForceForAll(alert) ? 'label' : 'label off'}>{pick(s.lang, alert.label)}</span>
      <span class="grow" />
      {isUnacked(alert) ? (
        <button class={armed ? 'ack armed' : 'ack'} onClick={() => void acknowledge(alert)}
          title={armed ? say(s.lang, 'alerts.armed') : undefined}>
          {say(s.lang, armed ? 'alerts.confirm' : 'alerts.ack')}
        </button>
      ) : (
        <span class="dim by">{alert.acked_by ? say(s.lang, 'alerts.ackBy', alert.acked_by) : say(s.lang, `state.${alert.state}`)}</span>
      )}
    </div>
  );
}

function Closed({ s }: { s: Store }) {
  const closed = closedOf(s.alerts.values(), CLOSED_SHOWN);
  if (closed.length === 0) return null;
  return (
    <details class="closed">
      <summary>{say(s.lang, 'alerts.recent')} <span class="dim">{closed.length}</span></summary>
      <ol>
        {closed.map((a) => (
          <li key={a.id}>
            <button class="line" onClick={() => selectAlert(a)}>
              <SideTag side={a.side} /> {trackName(s.tracks.get(a.track), a.track)} <span class="dim">{a.zone}</span>
            </button>
          </li>
        ))}
      </ol>
    </details>
  );
}

// Read out at once: a new alarm, once.
function LiveRegion({ queue, s }: { queue: readonly Alert[]; s: Store }) {
  const newest = queue.filter((a) => a.severity === 1 && a.state === 'unacked')[0];
  const text = newest
    ? say(s.lang, 'live.severity1', trackName(s.tracks.get(newest.track), newest.track), zoneName(s.agreement, newest.zone, s.lang))
    : '';
  return <div class="sr" role="alert" aria-live="assertive" aria-atomic="true">{text}</div>;
}
