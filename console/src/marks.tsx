// Small marks that stand in text: severity, side letter, in force or not.
import type { InForce, Severity } from './api';
import { partyName, sideLetter } from './names';
import { store } from './store';
import { say } from './words';

const SHAPES: Record<Severity, string> = {
  1: 'M6.1 1h7.8L19 6.1v7.8L13.9 19H6.1L1 13.9V6.1z',
  2: 'M10 1.2L19.4 18.4H.6z',
  3: 'M10 1a9 9 0 1 1 0 18a9 9 0 1 1 0-18z',
  4: 'M2.5 2.5h15v15h-15z',
};

export function SeverityMark({ severity }: { severity: Severity }) {
  const label = say(store.lang, `severity.${severity}`);
  return (
    <svg class={`severity s${severity}`} viewBox="0 0 20 20" width="22" height="22" role="img" aria-label={label}>
      <title>{label}</title>
      <path d={SHAPES[severity]} />
      <text x="10" y={severity === 2 ? 16.2 : 14.2} text-anchor="middle">{severity}</text>
    </svg>
  );
}

export function SideTag({ side, own = false }: { side: string | null; own?: boolean }) {
  const name = partyName(store.agreement, side, store.lang);
  return (
    <abbr class={own ? 'side own' : 'side'} title={own ? `${name}, ${say(store.lang, 'track.own')}` : name}>
      {sideLetter(store.agreement, side)}
    </abbr>
  );
}

// In a node whose data are real, each simulated thing says so itself; in a simulated one the whole
// page does.
export function SimulatedTag({ of }: { of: { simulated?: boolean } | undefined }) {
  if (!of?.simulated || store.isSimulated()) return null;
  return <span class="simtag">{say(store.lang, 'status.simulated')}</span>;
}

// Per party, in the order of the agreement; a tick or a stroke beside the words.
export function InForceList({ inForce }: { inForce: InForce }) {
  const parties = store.agreement?.parties ?? [];
  return (
    <ul class="inforce">
      {parties.filter((p) => p.id in inForce).map((p) => {
        const on = inForce[p.id] === true;
        const key = on ? 'why.inForceFor' : 'why.notInForceFor';
        return (
          <li class={on ? 'on' : 'off'} key={p.id}>
            <span aria-hidden="true">{on ? '●' : '○'}</span> {say(store.lang, key, partyName(store.agreement, p.id, store.lang))}
          </li>
        );
      })}
    </ul>
  );
}
