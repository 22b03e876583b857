import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const order = await load('order.ts');
const alert = (id, state, severity, raised = '2023-11-22T09:00:00Z', track = id) => ({ id, state, severity, raised, changed: raised, track });
const ids = (alerts) => alerts.map((a) => a.id).join('');

test('what waits stands above what is acknowledged, whatever its severity', () => {
  const queue = order.queueOf([alert('a', 'acked', 1), alert('b', 'unacked', 3), alert('c', 'cleared_unacked', 2), alert('d', 'closed', 1)]);
  assert.equal(ids(queue), 'cba');
});

test('among those that wait: severity, then the newest', () => {
  const queue = order.queueOf([
    alert('a', 'unacked', 2, '2023-11-22T09:05:00Z'),
    alert('b', 'unacked', 1, '2023-11-22T09:00:00Z'),
    alert('c', 'unacked', 1, '2023-11-22T09:01:00Z'),
  ]);
  assert.equal(ids(queue), 'cba');
});

test('the order does not depend on the order of arrival', () => {
  const some = ['a', 'b', 'c', 'd'].map((id) => alert(id, 'unacked', 2));
  assert.equal(ids(order.queueOf(some)), ids(order.queueOf(some.toReversed?.() ?? [...some].reverse())));
});

test('J and K stop at the ends', () => {
  const queue = [alert('a', 'unacked', 1), alert('b', 'unacked', 1)];
  assert.equal(order.stepIn(queue, null, 1).id, 'a');
  assert.equal(order.stepIn(queue, 'a', 1).id, 'b');
  assert.equal(order.stepIn(queue, 'b', 1).id, 'b');
  assert.equal(order.stepIn(queue, 'a', -1).id, 'a');
  assert.equal(order.stepIn([], 'a', 1), null);
});

test('a track shows its most severe open alert', () => {
  const worst = order.worstByTrack([alert('a', 'acked', 3, undefined, 't'), alert('b', 'unacked', 2, undefined, 't'), alert('c', 'closed', 1, undefined, 't')]);
  assert.equal(worst.get('t').id, 'b');
});
