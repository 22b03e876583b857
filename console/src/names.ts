// What things are called on the page, in the language shown.
import type { Alert, Agreement, Track } from './api';
import { pick, say, sayOf } from './words';
import type { Lang } from './words';

export function partyName(agreement: Agreement | null, side: string | null, lang: Lang): string {
  if (side === null) return say(lang, 'track.noSide');
  return pick(lang, agreement?.parties.find((p) => p.id === side)?.name, side);
}

export function sideLetter(agreement: Agreement | null, side: string | null): string {
  return agreement?.parties.find((p) => p.id === side)?.letter ?? '–';
}

export function zoneName(agreement: Agreement | null, zone: string, lang: Lang): string {
  return pick(lang, agreement?.zones.find((z) => z.id === zone)?.name, zone);
}

export const trackName = (track: Track | undefined, id: string) => track?.name?.trim() || id;

export const className = (platform: string | null, lang: Lang) => sayOf(lang, 'class', platform ?? 'unknown');

export function articleOf(agreement: Agreement | null, alert: Alert, lang: Lang): string {
  const title = agreement?.provisions.find((p) => p.id === alert.provision)?.title;
  return pick(lang, alert.article ?? title, alert.provision);
}
