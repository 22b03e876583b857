// What a link holds: the selection, display, language, layers switched, and where the map looks.
import type { Lang } from './words';

export type Theme = 'day' | 'dusk' | 'night';
export const THEMES: readonly Theme[] = ['day', 'dusk', 'night'];

export interface Link {
  track: string | null;
  alert: string | null;
  theme: Theme | null;
  lang: Lang | null;
  layers: Record<string, boolean>; // only those that differ from their default
  map: { lat: number; lon: number; zoom: number } | null;
}

function readMap(text: string | null): Link['map'] {
  const [lat, lon, zoom] = (text ?? '').split(',').map(Number);
  if (lat === undefined || lon === undefined || zoom === undefined) return null;
  if (!Number.isFinite(lat) || !Number.isFinite(lon) || !Number.isFinite(zoom)) return null;
  if (Math.abs(lat) > 85 || Math.abs(lon) > 180 || zoom < 0 || zoom > 20) return null;
  return { lat, lon, zoom };
}

function readLayers(text: string | null): Record<string, boolean> {
  const out: Record<string, boolean> = {};
  for (const part of (text ?? '').split('.'))
    if (/^[+-][A-Za-z_-]+$/.test(part)) out[part.slice(1)] = part[0] === '+';
  return out;
}

export function readLink(hash: string): Link {
  const q = new URLSearchParams(hash.replace(/^#/, ''));
  const theme = q.get('theme') as Theme | null;
  const lang = q.get('lang');
  return {
    track: q.get('track') || null,
    alert: q.get('alert') || null,
    theme: theme && THEMES.includes(theme) ? theme : null,
    lang: lang === 'ko' || lang === 'en' ? lang : null,
    layers: readLayers(q.get('layers')),
    map: readMap(q.get('map')),
  };
}

export function writeLink(link: Link): string {
  const q = new URLSearchParams();
  if (link.alert) q.set('alert', link.alert);
  if (link.track) q.set('track', link.track);
  if (link.theme) q.set('theme', link.theme);
  if (link.lang) q.set('lang', link.lang);
  const layers = Object.entries(link.layers).map(([key, on]) => (on ? '+' : '-') + key);
  if (layers.length > 0) q.set('layers', layers.sort().join('.'));
  if (link.map) q.set('map', `${link.map.lat.toFixed(4)},${link.map.lon.toFixed(4)},${link.map.zoom.toFixed(2)}`);
  return '#' + q.toString().replace(/%2C/g, ',').replace(/%3A/g, ':').replace(/%2B/g, '%2B');
}
