import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { load } from './load.mjs';

const words = await load('words.ts');
const platform = await load('platform.ts');
const HANGUL = /[가-힣]/;
// Signs and names that are the same in both languages.
const SAME = new Set(['unit.knots', 'lang.name', 'status.age']);

test('every string stands in both languages', () => {
  for (const key of words.KEYS)
    for (const lang of words.LANGS) assert.ok(words.say(lang, key).trim().length > 0, `${key} ${lang}`);
});

test('Korean is Korean and English is English', () => {
  for (const key of words.KEYS.filter((k) => !SAME.has(k))) {
    assert.match(words.say('ko', key), HANGUL, key);
    assert.doesNotMatch(words.say('en', key), HANGUL, key);
  }
});

test('both languages fill in the same values', () => {
  const holes = (text) => [...text.matchAll(/\{\d\}/g)].map((m) => m[0]).sort().join();
  const raw = (lang, key) => words.say(lang, key, '{0}', '{1}', '{2}');
  for (const key of words.KEYS) assert.equal(holes(raw('ko', key)), holes(raw('en', key)), key);
});

test('every platform class has a name', async () => {
  for (const name of platform.CLASSES) assert.ok(words.KEYS.includes(`class.${name}`), name);
});

test('every string that the page asks for is there', async () => {
  const dir = new URL('../src/', import.meta.url);
  for (const file of await readdir(dir)) {
    if (!/\.tsx?$/.test(file)) continue;
    const text = await readFile(new URL(file, dir), 'utf8');
    for (const [, key] of text.matchAll(/\bsay\([^,()]+(?:\.[a-z]+)?, '([a-zA-Z0-9.\-_]+)'/g))
      assert.ok(words.KEYS.includes(key), `${file}: ${key}`);
  }
});

test('no string is left that the page never asks for', async () => {
  const dir = new URL('../src/', import.meta.url);
  const families = ['class', 'kind', 'certainty', 'grade', 'feed', 'status', 'state', 'severity', 'theme', 'link'];
  let all = '';
  for (const file of await readdir(dir)) if (file !== 'words.ts') all += await readFile(new URL(file, dir), 'utf8');
  for (const key of words.KEYS)
    if (!families.includes(key.split('.')[0])) assert.ok(all.includes(`'${key}'`), key);
});

test('a word of the node that we do not know is shown as it is', () => {
  assert.equal(words.sayOf('ko', 'kind', 'teleported'), 'teleported');
});

test('data in one language is shown in the other', () => {
  assert.equal(words.pick('ko', { en: 'North', ko: null }), 'North');
  assert.equal(words.pick('en', { en: 'North', ko: '북측' }), 'North');
  assert.equal(words.pick('ko', null, 'N'), 'N');
});
