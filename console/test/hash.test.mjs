import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { readLink, writeLink } = await load('hash.ts');

test('a link gives back what was put in', () => {
  const link = {
    track: 'ais:440123456', alert: 'fc4aef8f6818b95c', theme: 'night', lang: 'ko',
    layers: { 'line-asserted': true, names: false }, map: { lat: 37.9558, lon: 126.6767, zoom: 9.5 },
  };
  assert.deepEqual(readLink(writeLink(link)), link);
});

test('names with signs of their own survive', () => {
  const link = { track: 'x:a&b=c#d +%', alert: null, theme: null, lang: null, layers: {}, map: null };
  assert.deepEqual(readLink(writeLink(link)), link);
});

test('nonsense is nothing', () => {
  const nothing = { track: null, alert: null, theme: null, lang: null, layers: {}, map: null };
  assert.deepEqual(readLink(''), nothing);
  assert.deepEqual(readLink('#theme=pink&lang=fr&map=99,1&layers=%3Cb%3E'), nothing);
  assert.deepEqual(readLink('#map=91,0,3'), nothing);
});
