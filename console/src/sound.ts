// Tones made on the spot. An alarm and a warning cannot be mistaken for each other; the tone comes
// back every 30 s while one of them waits (the interval of IMO MSC.302(87) for a silenced alert).
import type { Severity } from './api';
import { isUnacked } from './order';
import { store } from './store';

const AGAIN_MS = 30_000;
const PULSES: Record<Severity, readonly number[]> = {
  1: [880, 660, 880],
  2: [660, 660],
  3: [520],
  4: [],
};
let context: AudioContext | null = null;
let lastMs = 0;

// Browsers let a page sound only after somebody pressed something on it.
export async function enableSound(): Promise<void> {
  context ??= new AudioContext();
  await context.resume();
  store.sound = true;
  store.changed('view');
  sound(3);
}

export function disableSound(): void {
  store.sound = false;
  store.changed('view');
}

export function sound(severity: Severity): void {
  if (!context || !store.sound) return;
  lastMs = performance.now();
  PULSES[severity].forEach((hz, i) => pulse(hz, i * 0.22));
}

function pulse(hz: number, afterS: number): void {
  if (!context) return;
  const at = context.currentTime + afterS;
  const tone = context.createOscillator();
  const level = context.createGain();
  tone.type = 'triangle';
  tone.frequency.value = hz;
  level.gain.setValueAtTime(0, at);
  level.gain.linearRampToValueAtTime(0.25, at + 0.02);
  level.gain.setValueAtTime(0.25, at + 0.14);
  level.gain.linearRampToValueAtTime(0, at + 0.17);
  tone.connect(level).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.18);
}

export function soundAgain(): void {
  if (!store.sound || performance.now() - lastMs < AGAIN_MS) return;
  const waiting = [...store.alerts.values()].filter((a) => isUnacked(a) && a.severity <= 2);
  if (waiting.length > 0) sound(waiting.some((a) => a.severity === 1) ? 1 : 2);
}
