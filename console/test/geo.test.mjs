import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const geo = await load('geo.ts');
const features = await load('features.ts');
const platform = await load('platform.ts');

test('a degree of a great circle is 111,195 m on the mean sphere', () => {
  const [lon, lat] = geo.destination([127, 37], 0, 111195.08);
  assert.ok(Math.abs(lat - 38) < 1e-6 && Math.abs(lon - 127) < 1e-9);
});

test('a ring is closed and all round', () => {
  const ring = geo.ring([126, 38], 1000);
  assert.equal(ring.length, 65);
  assert.ok(Math.hypot(ring[0][0] - ring[64][0], ring[0][1] - ring[64][1]) < 1e-9);
});

test('bounds of nothing are unknown', () => assert.equal(geo.boundsOf([]), null));

test('both sides get the same frame; unknown sides another', () => {
  const { frame } = platform.shapeOf('helicopter');
  assert.equal(platform.symbolCode(frame, true), 'SNAPMH----');
  assert.equal(platform.symbolCode(frame, false), 'SUAPMH----');
  for (const name of platform.CLASSES) assert.doesNotMatch(platform.symbolCode(platform.shapeOf(name).frame ?? '', true), /^S[HFSJK]/);
});

test('a class that a later node may name still has a symbol', () => assert.ok(platform.shapeOf('hovercraft').frame));

test('zones fall into the narrowest group of their classes', () => {
  assert.equal(platform.zoneGroup(['fixed_wing']), 'zone-fixed');
  assert.equal(platform.zoneGroup(['fixed_wing', 'helicopter']), 'zone-air');
  assert.equal(platform.zoneGroup(['ship', 'fishing']), 'zone-sea');
  assert.equal(platform.zoneGroup(['ship', 'person']), 'zone-land');
  assert.equal(platform.zoneGroup(null), 'zone-land');
});

const agreement = {
  parties: [{ id: 'N', name: { en: 'North', ko: '북측' }, letter: 'N' }, { id: 'S', name: { en: 'South', ko: '남측' }, letter: 'S' }],
  lines: [
    { id: 'L', name: { en: 'Line' }, left: 'N', asserted_by: null },
    { id: 'A', name: { en: 'Claim' }, asserted_by: ['S', 'UNC'] },
  ],
  zones: [], provisions: [], rules: [],
};
const path = (id) => ({ type: 'Feature', properties: { line: id }, geometry: { type: 'LineString', coordinates: [[126, 38], [127, 38]] } });
const lines = { type: 'FeatureCollection', features: [path('L'), path('A')] };

test('an asserted line is off by default and says who asserts it', () => {
  const kinds = (on) => features.lineFeatures(agreement, lines, { 'line-asserted': on }).features.map((f) => f.properties.kind);
  assert.deepEqual(kinds(false), ['agreement', 'name', 'name', 'name']);
  assert.deepEqual(kinds(true), ['agreement', 'name', 'name', 'name', 'asserted', 'asserted-name']);
  const named = features.lineFeatures(agreement, lines, { 'line-asserted': true }).features.at(-1);
  assert.equal(named.properties.en, 'Claim\nasserted by South, UNC');
  assert.equal(named.properties.ko, 'Claim\n남측, UNC 주장');
});

const track = (side, own) => ({
  track: `t:${side}`, name: null, class: 'helicopter', side, letter: side, own, lat: 38, lon: 127, speed_mps: 60, course_deg: 90,
  err_m: 30, alerted: false, stale: false, inside: [], near: [], line_m: 1, time: null, alt_m: null, flag: null, feed: null,
});
const palette = { sides: ['#1', '#2'], unknown: '#3', frame: '#4', text: '#5', halo: '#6', severity: [], severityText: '' };
const show = { agreement, lang: 'en', allSimulated: false, palette, on: { 'track-state': true, vectors: true, names: true }, worst: new Map(), selected: null };

test('swapping the sides swaps letters and hues and nothing else', () => {
  const of = (side) => JSON.stringify(features.trackFeatures([track(side, false)], show));
  const swapped = of('N').replaceAll('t:N', 't:S').replaceAll('tag/N', 'tag/S').replaceAll('/#1/', '/#2/');
  assert.equal(swapped, of('S'));
});

test('a simulated track says so where the page does not', () => {
  const name = (more, settings) => features.trackFeatures([{ ...track('N', false), name: 'A', ...more }], { ...show, ...settings }).features[0].properties.name;
  assert.equal(name({}, {}), 'A');
  assert.equal(name({ simulated: true }, {}), 'A (SIMULATED)');
  assert.equal(name({ simulated: true }, { allSimulated: true }), 'A');
});

test('a class that is not known has a symbol and no guess', () => {
  assert.deepEqual(platform.shapeOf(null), platform.shapeOf('unknown'));
});

test('an alerted track is shown though its layer is off', () => {
  const off = { ...show, on: {} };
  assert.equal(features.trackFeatures([track('N', false)], off).features.length, 0);
  assert.equal(features.trackFeatures([{ ...track('N', false), alerted: true }], off).features.length, 1);
});
