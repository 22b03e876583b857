// Contrast of every text on its ground, by the formula of WCAG 2.2 (relative luminance).
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { load } from './load.mjs';

const css = await readFile(new URL('../src/theme.css', import.meta.url), 'utf8');
const { PALETTES } = await load('palette.ts');

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (hi + 0.05) / (lo + 0.05);
}

function variables(theme) {
  const block = css.slice(css.indexOf(`[data-theme='${theme}'] {`));
  const found = block.slice(0, block.indexOf('}')).matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6})/g);
  return Object.fromEntries([...found].map((m) => [m[1], m[2]]));
}

test('black on white is 21', () => assert.equal(contrast('#000000', '#ffffff').toFixed(2), '21.00'));

const GROUNDS = ['panel', 'raised', 'select'];
for (const theme of ['day', 'dusk', 'night']) {
  const v = variables(theme);
  test(`${theme}: text of alerts has 7:1, other text 4.5:1`, () => {
    for (const ground of GROUNDS) {
      assert.ok(contrast(v.text, v[ground]) >= 7, `text on ${ground}: ${contrast(v.text, v[ground])}`);
      for (const ink of ['dim', 'accent', 'warn']) assert.ok(contrast(v[ink], v[ground]) >= 4.5, `${ink} on ${ground}: ${contrast(v[ink], v[ground])}`);
    }
    assert.ok(contrast(v.text, v.button) >= 4.5 && contrast(v['on-primary'], v.primary) >= 4.5);
    assert.ok(contrast(v['on-sim'], v.sim) >= 4.5);
  });
  test(`${theme}: severities carry their number at 4.5:1 and stand out from the ground at 3:1 with their edge`, () => {
    for (const s of ['s1', 's2', 's3', 's4']) {
      assert.ok(contrast(v['on-severity'], v[s]) >= 4.5, `${s}: ${contrast(v['on-severity'], v[s])}`);
      const best = Math.max(contrast(v[s], v.panel), contrast(v['on-severity'], v.panel));
      assert.ok(best >= 3, `${s} on panel: ${best}`);
    }
  });
  test(`${theme}: words on the map have 4.5:1 on their halo`, () => {
    const p = PALETTES[theme];
    for (const ink of ['text', 'air', 'ships', 'ground', 'line', 'asserted']) assert.ok(contrast(p[ink], p.halo) >= 4.5, `${ink}: ${contrast(p[ink], p.halo)}`);
    assert.ok(contrast(p.place, p.land) >= 4.5, `place: ${contrast(p.place, p.land)}`);
  });
}

test('edges of controls have 3:1', () => {
  for (const theme of ['day', 'dusk', 'night']) {
    const v = variables(theme);
    assert.ok(contrast(v['edge-strong'], v.panel) >= 3, `${theme}: ${contrast(v['edge-strong'], v.panel)}`);
  }
});
