// The status line: what time it is, whether the data live, whose node this is, and how it is shown.
import { setOfficer, togglePanel } from './act';
import type { FeedHealth } from './api';
import { clock, day, parseTime, span } from './format';
import { THEMES } from './hash';
import { partyName } from './names';
import { disableSound, enableSound } from './sound';
import { useTopics } from './store';
import type { Store } from './store';
import { LANGS, pick, say } from './words';

export function Status() {
  const s = useTopics('health', 'agreement', 'view', 'tick');
  return (
    <header class="status">
      <Identity s={s} />
      {s.isSimulated() && <Simulated s={s} />}
      <Clocks s={s} />
      <Sources s={s} />
      <div class="spacer" />
      <Officer s={s} />
      <Display s={s} />
    </header>
  );
}

function Identity({ s }: { s: Store }) {
  const party = s.health?.party ?? null;
  const node = s.health && (party ? say(s.lang, 'status.party', partyName(s.agreement, party, s.lang)) : say(s.lang, 'status.analyst'));
  return (
    <div class="identity">
      <strong>Détente</strong>
      <span class="dim" title={pick(s.lang, s.agreement?.title)}>{node}</span>
    </div>
  );
}

function Simulated({ s }: { s: Store }) {
  return (
    <div class="simulated" role="note" title={say(s.lang, 'status.simulatedLong')}>
      <span>{say(s.lang, 'status.simulated')}</span>
      {s.lang === 'ko' && <span lang="en" class="second">SIMULATED</span>}
    </div>
  );
}

// The clocks show the time of the data: in a rehearsal that is not the time of the wall.
function Clocks({ s }: { s: Store }) {
  const ms = s.dataNowMs();
  if (ms === null) return <div class="clocks" />;
  return (
    <div class="clocks" title={say(s.lang, 'status.dataTime')}>
      {(['KST', 'UTC'] as const).map((zone) => (
        <span class="clock" key={zone}>
          <span class="dim">{zone}</span> <b>{clock(ms, zone)}</b> <span class="dim day">{day(ms, zone)}</span>
        </span>
      ))}
    </div>
  );
}

const isUp = (feed: FeedHealth) => feed.state === 'open';

function Sources({ s }: { s: Store }) {
  const feeds = s.health?.feeds ?? [];
  const last = Math.max(...feeds.map((f) => parseTime(f.last_receive) ?? -Infinity));
  const now = s.nowMs();
  const age = now !== null && Number.isFinite(last) ? say(s.lang, 'status.age', span(now - last)) : say(s.lang, 'status.noFix');
  const state = s.link === 'live' && s.isStale() ? 'lost' : s.link;
  const up = feeds.filter(isUp).length;
  return (
    <div class="sources">
      <span class={`link ${state}`}>{say(s.lang, `link.${state}`)}</span>
      <span class={up < feeds.length ? 'warn' : ''}>
        <span class="dim">{say(s.lang, 'status.sources')}</span> <b>{up}/{feeds.length}</b>
        {up < feeds.length && <span aria-hidden="true"> ▲</span>}
      </span>
      <span class="dim age">{age}</span>
    </div>
  );
}

function Officer({ s }: { s: Store }) {
  return (
    <label class={s.officer ? 'officer' : 'officer missing'}>
      <span class="dim">{say(s.lang, 'status.officer')}</span>
      <input
        id="officer" autocomplete="off" spellcheck={false} maxLength={47} size={10} value={s.officer}
        placeholder={say(s.lang, 'status.officerHint')}
        onInput={(event) => setOfficer(event.currentTarget.value)}
      />
    </label>
  );
}

function Display({ s }: { s: Store }) {
  return (
    <div class="display">
      <div class="choice" role="group" aria-label={say(s.lang, 'status.theme')}>
        {THEMES.map((theme) => (
          <button key={theme} aria-pressed={s.theme === theme} data-theme-choice={theme}
            onClick={() => { s.theme = theme; s.changed('view'); }}>
            {say(s.lang, `theme.${theme}`)}
          </button>
        ))}
      </div>
      <div class="choice" role="group" aria-label={say(s.lang, 'lang.switch')}>
        {LANGS.map((lang) => (
          <button key={lang} lang={lang} aria-pressed={s.lang === lang} data-lang-choice={lang}
            onClick={() => { s.lang = lang; s.changed('view', 'alerts', 'select', 'sightings', 'agreement'); }}>
            {lang === 'ko' ? '한' : 'EN'}<span class="sr"> {say(lang, 'lang.name')}</span>
          </button>
        ))}
      </div>
      <button class="quiet" aria-pressed={s.sound} onClick={() => (s.sound ? disableSound() : void enableSound())}>
        {say(s.lang, s.sound ? 'sound.on' : 'sound.enable')}
      </button>
      <button class="quiet" aria-expanded={s.panel === 'help'} onClick={() => togglePanel('help')}>
        {say(s.lang, 'help.open')} <kbd>?</kbd>
      </button>
    </div>
  );
}
