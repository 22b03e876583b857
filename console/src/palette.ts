// Colours of the map. Hues are those of Okabe and Ito (2008), which people with any common colour
// vision tell apart; vermillion, orange and yellow are kept for severities alone.
import type { Theme } from './hash';

export interface Palette {
  sea: string;
  land: string;
  coast: string;
  text: string;
  halo: string;
  place: string;
  air: string;
  ships: string;
  ground: string;
  line: string;
  asserted: string;
  fill: number; // opacity of a zone's fill
  frame: string; // of symbols
  sides: readonly string[]; // by the agreement's order of parties, which carries no rank
  unknown: string;
  severity: readonly [string, string, string, string];
  severityText: string;
  select: string;
  trail: string;
}

const DAY: Palette = {
  sea: '#d9e2e9',
  land: '#f1f1ec',
  coast: '#93a3ae',
  text: '#15212b',
  halo: '#f7f9fa',
  place: '#55636e',
  air: '#0072b2',
  ships: '#007a5a',
  ground: '#4a4a4a',
  line: '#15212b',
  asserted: '#5d4a7a',
  fill: 0.05,
  frame: '#15212b',
  sides: ['#cc79a7', '#56b4e9', '#009e73', '#b8a14a'],
  unknown: '#b9c2c8',
  severity: ['#d55e00', '#e69f00', '#f0e442', '#aab4bb'],
  severityText: '#10161b',
  select: '#15212b',
  trail: '#55636e',
};

const DUSK: Palette = {
  sea: '#27333c',
  land: '#36424a',
  coast: '#5f717d',
  text: '#e3eaef',
  halo: '#1d262d',
  place: '#a9b7c0',
  air: '#62b6e8',
  ships: '#3fc79d',
  ground: '#c9cfd3',
  line: '#f0f4f6',
  asserted: '#c3aee0',
  fill: 0.06,
  frame: '#0e1418',
  sides: ['#cc79a7', '#56b4e9', '#1fb58a', '#b8a14a'],
  unknown: '#98a4ac',
  severity: ['#e8701a', '#e69f00', '#f0e442', '#9aa6ae'],
  severityText: '#10161b',
  select: '#f0f4f6',
  trail: '#a9b7c0',
};

const NIGHT: Palette = {
  sea: '#0a0f13',
  land: '#141b20',
  coast: '#34424c',
  text: '#b4c0c8',
  halo: '#070a0d',
  place: '#7b8a95',
  air: '#3d8fc0',
  ships: '#1f9371',
  ground: '#8b959b',
  line: '#b4c0c8',
  asserted: '#9585b3',
  fill: 0.07,
  frame: '#05080a',
  sides: ['#a3608a', '#3f86ae', '#177f60', '#8a7938'],
  unknown: '#69757d',
  severity: ['#d2600f', '#c08600', '#b8ae32', '#77838b'],
  severityText: '#080b0d',
  select: '#d5dee4',
  trail: '#74838e',
};

export const PALETTES: Record<Theme, Palette> = { day: DAY, dusk: DUSK, night: NIGHT };

export function sideColour(palette: Palette, side: string | null, parties: readonly { id: string }[]): string {
  const index = parties.findIndex((p) => p.id === side);
  return palette.sides[index] ?? palette.unknown;
}
