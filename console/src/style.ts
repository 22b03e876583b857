// The map's sources and layers. Layers are made once; another display or language changes their
// properties (map.ts, restyle), never the layers themselves.
import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl';
import type { Palette } from './palette';
import type { LayerKey } from './store';
import type { Lang } from './words';

type Switches = Record<LayerKey, boolean>;
const EMPTY: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };
const source = (): SourceSpecification => ({ type: 'geojson', data: EMPTY });
export const SOURCES: Record<string, SourceSpecification> = {
  land: source(),
  places: source(),
  zones: source(),
  'zone-names': source(),
  lines: source(),
  trails: source(),
  tracks: source(), // points and predicted courses: the one source that moves
  focus: source(), // what belongs to the selection: ring, fixes, deciding fix
};

const FONT = ['Noto Sans Regular'];
const BOLD = ['Noto Sans Bold'];
const get = (name: string): ExpressionSpecification => ['get', name];
const is = (name: string, value: string): ExpressionSpecification => ['==', ['get', name], value];

// Dash patterns tell aircraft classes apart where their colour is the same.
const DASHES: ExpressionSpecification = [
  'match', get('group'),
  'zone-rotary', ['literal', [6, 2]],
  'zone-uav', ['literal', [2, 2]],
  'zone-balloon', ['literal', [6, 2, 1, 2]],
  ['literal', [1, 0]],
];

const hue = (p: Palette): ExpressionSpecification => [
  'match', get('group'), 'zone-sea', p.ships, 'zone-land', p.ground, p.air,
];
const hatch = (p: Palette): ExpressionSpecification => [
  'match', get('group'), 'zone-sea', `hatch/${p.ships}`, 'zone-land', `hatch/${p.ground}`, `hatch/${p.air}`,
];

function background(p: Palette, lang: Lang): LayerSpecification[] {
  return [
    { id: 'sea', type: 'background', paint: { 'background-color': p.sea } },
    { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': p.land, 'fill-antialias': false } },
    { id: 'coast', type: 'line', source: 'land', paint: { 'line-color': p.coast, 'line-width': 0.8 } },
    {
      id: 'places', type: 'symbol', source: 'places',
      filter: ['<=', ['get', 'rank'], ['step', ['zoom'], 2, 7.4, 3]],
      layout: {
        'text-field': get(lang), 'text-font': FONT, 'text-size': ['match', get('rank'), 1, 13, 11.5],
        'text-padding': 6, 'symbol-sort-key': get('rank'),
      },
      paint: { 'text-color': p.place, 'text-halo-color': p.land, 'text-halo-width': 1.2 },
    },
  ];
}

function zones(p: Palette, lang: Lang, on: Switches): LayerSpecification[] {
  const groups = Object.entries(on).filter(([key, isOn]) => isOn && key.startsWith('zone-')).map(([key]) => key);
  const shown: ExpressionSpecification = ['in', ['get', 'group'], ['literal', groups]];
  return [
    { id: 'zone-fill', type: 'fill', source: 'zones', filter: ['all', shown, ['!=', ['get', 'status'], 'provisional']],
      paint: { 'fill-color': hue(p), 'fill-opacity': p.fill } },
    { id: 'zone-hatch', type: 'fill', source: 'zones', filter: ['all', shown, is('status', 'provisional')],
      paint: { 'fill-pattern': hatch(p), 'fill-opacity': 0.8 } },
    { id: 'zone-focus', type: 'fill', source: 'zones', filter: is('zone', ''),
      paint: { 'fill-color': hue(p), 'fill-opacity': 0.16 } },
    { id: 'zone-edge', type: 'line', source: 'zones', filter: shown,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': hue(p), 'line-width': 1.3, 'line-opacity': 0.85, 'line-dasharray': DASHES } },
    { id: 'zone-focus-edge', type: 'line', source: 'zones', filter: is('zone', ''),
      layout: { 'line-join': 'round' }, paint: { 'line-color': hue(p), 'line-width': 3 } },
    { id: 'zone-name', type: 'symbol', source: 'zone-names', filter: ['all', shown, ['>=', ['zoom'], ['get', 'from']]],
      layout: {
        'text-field': ['step', ['zoom'], get(lang), 8.8, get(`${lang}_long`)], 'text-font': FONT, 'text-size': 11, 'text-max-width': 22,
        'text-anchor': ['case', ['==', ['get', 'north'], true], 'bottom', 'top'],
        'text-offset': ['case', ['==', ['get', 'north'], true], ['literal', [0, -0.25]], ['literal', [0, 0.25]]],
        'text-padding': 3,
      },
      paint: { 'text-color': hue(p), 'text-halo-color': p.halo, 'text-halo-width': 1.6 } },
  ];
}

function lines(p: Palette, lang: Lang): LayerSpecification[] {
  return [
    { id: 'line', type: 'line', source: 'lines', filter: is('kind', 'agreement'),
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-color': p.line, 'line-width': ['interpolate', ['linear'], ['zoom'], 5, 1.4, 10, 2.6] } },
    { id: 'line-asserted', type: 'line', source: 'lines', filter: is('kind', 'asserted'),
      paint: { 'line-color': p.asserted, 'line-width': 1.6, 'line-dasharray': [4, 2, 1, 2, 1, 2] } },
    { id: 'line-name', type: 'symbol', source: 'lines', filter: is('kind', 'name'),
      layout: { 'text-field': get(lang), 'text-font': BOLD, 'text-size': 11.5, 'text-offset': [0, -0.9], 'text-max-width': 30 },
      paint: { 'text-color': p.line, 'text-halo-color': p.halo, 'text-halo-width': 1.8 } },
    { id: 'line-asserted-name', type: 'symbol', source: 'lines', filter: is('kind', 'asserted-name'),
      layout: { 'text-field': get(lang), 'text-font': FONT, 'text-size': 11, 'text-offset': [0, -0.9], 'text-max-width': 16 },
      paint: { 'text-color': p.asserted, 'text-halo-color': p.halo, 'text-halo-width': 1.8 } },
  ];
}

function moving(p: Palette): LayerSpecification[] {
  const faint: ExpressionSpecification = ['case', ['==', ['get', 'stale'], true], 0.45, 1];
  const rotated: LayerSpecification = {
    id: 'track-civil', type: 'symbol', source: 'tracks', filter: is('kind', 'civil'),
    layout: {
      'icon-image': get('icon'), 'icon-rotate': get('course'), 'icon-rotation-alignment': 'map',
      'icon-allow-overlap': true, 'icon-ignore-placement': true, 'icon-size': 0.8,
    },
    paint: { 'icon-opacity': faint },
  };
  const upright: LayerSpecification = {
    id: 'track-state', type: 'symbol', source: 'tracks', filter: is('kind', 'state'),
    layout: {
      'icon-image': get('icon'), 'icon-allow-overlap': true, 'icon-ignore-placement': true,
      'symbol-sort-key': get('order'),
    },
    paint: { 'icon-opacity': faint },
  };
  return [
    { id: 'trail', type: 'line', source: 'trails',
      paint: { 'line-color': p.trail, 'line-width': 1.2, 'line-opacity': 0.55 } },
    { id: 'vector', type: 'line', source: 'tracks', filter: is('kind', 'vector'),
      layout: { 'line-cap': 'round' }, paint: { 'line-color': p.frame === '#15212b' ? p.frame : p.text, 'line-width': 1.2, 'line-opacity': 0.8 } },
    { id: 'ring-fill', type: 'fill', source: 'focus', filter: is('kind', 'ring'),
      paint: { 'fill-color': p.select, 'fill-opacity': 0.12 } },
    { id: 'ring', type: 'line', source: 'focus', filter: is('kind', 'ring'),
      paint: { 'line-color': p.select, 'line-width': 1.4, 'line-dasharray': [3, 2] } },
    { id: 'past', type: 'line', source: 'focus', filter: is('kind', 'past'),
      layout: { 'line-join': 'round' }, paint: { 'line-color': p.select, 'line-width': 1.8, 'line-opacity': 0.9 } },
    { id: 'fix', type: 'circle', source: 'focus', filter: is('kind', 'fix'), minzoom: 9,
      paint: { 'circle-radius': 1.8, 'circle-color': p.halo, 'circle-stroke-color': p.select, 'circle-stroke-width': 1.2 } },
    { id: 'deciding', type: 'circle', source: 'focus', filter: is('kind', 'deciding'),
      paint: { 'circle-radius': 6, 'circle-opacity': 0, 'circle-color': p.select, 'circle-stroke-color': p.select, 'circle-stroke-width': 2.2 } },
    rotated,
    upright,
    { id: 'selected', type: 'symbol', source: 'focus', filter: is('kind', 'selected'),
      layout: { 'icon-image': `sel/${p.select}/${p.halo}`, 'icon-allow-overlap': true, 'icon-ignore-placement': true } },
  ];
}

function tags(p: Palette): LayerSpecification[] {
  return [
    { id: 'tag', type: 'symbol', source: 'tracks', filter: ['has', 'tag'],
      layout: { 'icon-image': get('tag'), 'icon-offset': [15, -13], 'icon-allow-overlap': true, 'icon-ignore-placement': true } },
    { id: 'severity', type: 'symbol', source: 'tracks', filter: ['has', 'badge'],
      layout: { 'icon-image': get('badge'), 'icon-offset': [-16, -13], 'icon-allow-overlap': true, 'icon-ignore-placement': true } },
    { id: 'track-name', type: 'symbol', source: 'tracks', filter: NAMED,
      layout: {
        'text-field': get('name'), 'text-font': FONT, 'text-size': 11, 'text-anchor': 'top-left',
        'text-offset': [1.4, 0.15], 'text-padding': 1, 'symbol-sort-key': get('order'), 'text-max-width': 30,
      },
      paint: { 'text-color': p.text, 'text-halo-color': p.halo, 'text-halo-width': 1.4 } },
  ];
}

// From afar only those are named that matter to somebody.
const NAMED: ExpressionSpecification = [
  'all', ['has', 'name'],
  ['any', ['>=', ['zoom'], 8], ['<', ['get', 'order'], 5], is('kind', 'state')],
];

export const layersFor = (p: Palette, lang: Lang, on: Switches): LayerSpecification[] => [
  ...background(p, lang),
  ...zones(p, lang, on),
  ...lines(p, lang),
  ...moving(p),
  ...tags(p),
];
