import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const f = await load('format.ts');
const NOON = Date.UTC(2026, 10, 24, 5, 30, 7); // 14:30:07 in Korea

test('clocks differ by nine hours, over midnight too', () => {
  assert.equal(f.clock(NOON, 'UTC'), '05:30:07');
  assert.equal(f.clock(NOON, 'KST'), '14:30:07');
  assert.equal(f.day(Date.UTC(2023, 11, 31, 15), 'KST'), '2024-01-01');
});

test('date-time groups: I is nine hours ahead of Z', () => {
  assert.equal(f.dtg(NOON, 'KST'), '241430I NOV 26');
  assert.equal(f.dtg(NOON, 'UTC'), '240530Z NOV 26');
});

test('spans', () => {
  assert.equal(f.span(-5), '0:00');
  assert.equal(f.span(67_000), '1:07');
  assert.equal(f.span(3_725_000), '1:02:05');
});

test('places in degrees, minutes and seconds carry over', () => {
  assert.equal(f.latLon(37.955833, 126.676667), '37°57′21″N 126°40′36″E'); // Panmunjom
  assert.equal(f.latLon(-0.99999, -179.99999), '01°00′00″S 180°00′00″W');
});

test('distances and their errors', () => {
  assert.equal(f.withError(-420.4, 58), '420 m ± 58 m');
  assert.equal(f.metres(2300), '2.30 km');
  assert.equal(f.metres(43_800), '43.8 km');
  assert.equal(f.joinErrors(30, 40), 50);
  assert.equal(f.joinErrors(null, 40), 40);
  assert.equal(f.joinErrors(null, null), null);
});

test('a knot is a nautical mile of 1,852 m an hour', () => assert.equal((3600 * f.KNOT_MPS).toFixed(6), '1852.000000'));

test('what is no time is unknown', () => {
  assert.equal(f.parseTime(null), null);
  assert.equal(f.parseTime('soon'), null);
  assert.equal(f.parseTime('1970-01-01T00:00:01Z'), 1000);
});
