// What the map shows, to be switched.
import { toggleLayer } from './act';
import { asserters, assertersIn } from './features';
import { zoneGroup } from './platform';
import { SeverityMark } from './marks';
import type { LayerKey, Store } from './store';
import { pick, say } from './words';
import type { Key } from './words';

const ZONES: readonly [LayerKey, Key][] = [
  ['zone-fixed', 'group.fixed'],
  ['zone-rotary', 'group.rotary'],
  ['zone-uav', 'group.uav'],
  ['zone-balloon', 'group.balloon'],
  ['zone-air', 'group.air'],
  ['zone-sea', 'group.sea'],
  ['zone-land', 'group.land'],
];
const TRACKS: readonly [LayerKey, Key][] = [
  ['track-state', 'layer.state'],
  ['track-civil', 'layer.civil'],
  ['vectors', 'layer.vectors'],
  ['trails', 'layer.trails'],
  ['names', 'layer.names'],
  ['places', 'layer.places'],
];

export function Layers({ s }: { s: Store }) {
  const { agreement } = s;
  if (!agreement) return null;
  const present = new Set<LayerKey>(agreement.zones.filter((z) => z.status !== 'unresolved').map((z) => zoneGroup(z.classes)));
  const asserted = agreement.lines.filter((l) => asserters(l).length > 0);
  return (
    <section class="panel layers" aria-labelledby="layers-title">
      <h2 id="layers-title">{say(s.lang, 'layers.title')}</h2>
      <fieldset>
        <legend>{say(s.lang, 'layers.zones')} <span class="dim">{say(s.lang, 'layers.provisional')}</span></legend>
        <div class="switches">
          {ZONES.filter(([key]) => present.has(key)).map(([key, name]) => (
            <Switch key={key} s={s} layer={key}><Swatch layer={key} /> {say(s.lang, name)}</Switch>
          ))}
        </div>
      </fieldset>
      {asserted.length > 0 && (
        <fieldset>
          <legend>{say(s.lang, 'layers.lines')}</legend>
          <Switch s={s} layer="line-asserted"><Swatch layer="line-asserted" /> {say(s.lang, 'layers.asserted')}</Switch>
          <p class="dim">{say(s.lang, 'layers.assertedHint')}</p>
          <ul class="asserted">
            {asserted.map((l) => (
              <li key={l.id}>{pick(s.lang, l.name, l.id)}: <span class="dim">{say(s.lang, 'map.assertedBy', assertersIn(agreement, l, s.lang))}</span></li>
            ))}
          </ul>
        </fieldset>
      )}
      <fieldset>
        <legend>{say(s.lang, 'layers.tracks')}</legend>
        <div class="switches">{TRACKS.map(([key, name]) => <Switch key={key} s={s} layer={key}>{say(s.lang, name)}</Switch>)}</div>
      </fieldset>
      <p class="severities">
        {([1, 2, 3, 4] as const).map((n) => <span key={n}><SeverityMark severity={n} /> {say(s.lang, `severity.${n}`)}</span>)}
      </p>
    </section>
  );
}

function Switch({ s, layer, children }: { s: Store; layer: LayerKey; children: preact.ComponentChildren }) {
  return (
    <label class="switch">
      <input type="checkbox" checked={s.layers[layer]} data-layer={layer} onChange={() => toggleLayer(layer)} /> {children}
    </label>
  );
}

const DASH: Partial<Record<LayerKey, string>> = {
  'zone-rotary': '8 3',
  'zone-uav': '3 3',
  'zone-balloon': '8 3 2 3',
  'line-asserted': '6 3 2 3 2 3',
};

function Swatch({ layer }: { layer: LayerKey }) {
  return (
    <svg class={`swatch ${layer}`} width="30" height="12" aria-hidden="true">
      <path d="M1 6h28" stroke-width="2" fill="none" stroke-dasharray={DASH[layer]} />
    </svg>
  );
}
