// Numbers, times and places as people read them. Pure.

export const KNOT_MPS = 1852 / 3600;
export const FOOT_M = 0.3048;
const KST_OFFSET_MS = 9 * 3600 * 1000;

export function parseTime(text: string | null | undefined): number | null {
  if (!text) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

const two = (n: number) => String(n).padStart(2, '0');

function clockOf(date: Date): string {
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

function dayOf(date: Date): string {
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

const shifted = (ms: number, zone: 'KST' | 'UTC') => new Date(zone === 'KST' ? ms + KST_OFFSET_MS : ms);
export const clock = (ms: number, zone: 'KST' | 'UTC') => clockOf(shifted(ms, zone));
export const day = (ms: number, zone: 'KST' | 'UTC') => dayOf(shifted(ms, zone));

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

// Date-time group: 241430I NOV 26 (I: nine hours ahead of UTC, Z: UTC).
export function dtg(ms: number, zone: 'KST' | 'UTC'): string {
  const d = shifted(ms, zone);
  const letter = zone === 'KST' ? 'I' : 'Z';
  const year = two(d.getUTCFullYear() % 100);
  return `${two(d.getUTCDate())}${two(d.getUTCHours())}${two(d.getUTCMinutes())}${letter} ${MONTHS[d.getUTCMonth()]} ${year}`;
}

// 0:07, 12:34, 3:05:00; never negative.
export function span(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const h = Math.floor(s / 3600);
  const m = Math.floor((s % 3600) / 60);
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

export function metres(m: number): string {
  const a = Math.abs(m);
  if (a < 1000) return `${Math.round(a)} m`;
  if (a < 10000) return `${(a / 1000).toFixed(2)} km`;
  return `${(a / 1000).toFixed(1)} km`;
}

export const withError = (m: number, err: number | null) =>
  err === null ? metres(m) : `${metres(m)} ± ${metres(err)}`;

function sexagesimal(value: number, digits: number): string {
  const total = Math.round(Math.abs(value) * 3600);
  const d = Math.floor(total / 3600);
  return `${String(d).padStart(digits, '0')}°${two(Math.floor((total % 3600) / 60))}′${two(total % 60)}″`;
}

export function latLon(lat: number, lon: number): string {
  return `${sexagesimal(lat, 2)}${lat < 0 ? 'S' : 'N'} ${sexagesimal(lon, 3)}${lon < 0 ? 'W' : 'E'}`;
}

export const degrees = (d: number) => `${String(Math.round(d) % 360).padStart(3, '0')}°`;
export const thousands = (n: number) => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ' ');

// Independent errors add in squares; an unknown one counts as none beside a known one.
export function joinErrors(a: number | null, b: number | null): number | null {
  if (a === null && b === null) return null;
  return Math.hypot(a ?? 0, b ?? 0);
}
