// Platform classes (docs/format/agreement.md, Platforms): which symbol each gets, and which group
// of zones a set of classes makes. Pure.
import type { LayerKey } from './store';

export type Outline = 'ship' | 'plane' | 'rotor' | 'mark';
export interface Shape { frame: string | null; outline: Outline | null }

// A frame takes a letter symbol code of MIL-STD-2525C without its second letter, the affiliation,
// which is `neutral` for every side and `unknown` for craft of no known side. State craft, and
// craft whose class does not tell, are framed; civil craft are drawn as plain outlines.
const framed = (code: string): Shape => ({ frame: code, outline: null });
const plain = (outline: Outline): Shape => ({ frame: null, outline });

const SHAPES: Record<string, Shape> = {
  unknown: framed('S?ZP------'),
  aircraft: framed('S?AP------'),
  fixed_wing: framed('S?APMF----'),
  combat_aircraft: framed('S?APMFF---'),
  transport_aircraft: framed('S?APMFC---'),
  airliner: plain('plane'),
  air_cargo: plain('plane'),
  light_aircraft: plain('plane'),
  glider: plain('plane'),
  rotary_wing: framed('S?APMH----'),
  helicopter: framed('S?APMH----'),
  gyrocopter: plain('rotor'),
  uav: framed('S?APMFQ---'),
  uav_fixed: framed('S?APMFQ---'),
  uav_rotary: framed('S?APMHQ---'),
  balloon: framed('S?APML----'),
  free_balloon: framed('S?APML----'),
  airship: framed('S?APML----'),
  parachute: framed('S?AP------'),
  ship: plain('ship'),
  naval: framed('S?SPC-----'),
  warship: framed('S?SPCL----'),
  submarine: framed('S?UPS-----'),
  patrol: framed('S?SPCP----'),
  fishing: plain('ship'),
  merchant: plain('ship'),
  cargo_ship: plain('ship'),
  tanker: plain('ship'),
  passenger_ship: plain('ship'),
  high_speed_craft: plain('ship'),
  service_ship: plain('ship'),
  tug: plain('ship'),
  pilot_vessel: plain('ship'),
  sar_vessel: plain('ship'),
  survey_vessel: plain('ship'),
  dredger: plain('ship'),
  pleasure_craft: plain('ship'),
  land: framed('S?GPU-----'),
  vehicle: framed('S?GPEV----'),
  person: framed('S?GPUCI---'),
  fixed: plain('mark'),
  base_station: plain('mark'),
  aid_to_navigation: plain('mark'),
  obstacle: plain('mark'),
  distress_beacon: plain('mark'),
};

export const CLASSES = Object.keys(SHAPES);
const OTHER = framed('S?ZP------');
export const shapeOf = (platform: string | null): Shape => SHAPES[platform ?? 'unknown'] ?? OTHER;

export const symbolCode = (frame: string, sideKnown: boolean) => frame.replace('?', sideKnown ? 'N' : 'U');

const FIXED = ['fixed_wing', 'combat_aircraft', 'transport_aircraft', 'airliner', 'air_cargo', 'light_aircraft', 'glider'];
const ROTARY = ['rotary_wing', 'helicopter', 'gyrocopter'];
const UAV = ['uav', 'uav_fixed', 'uav_rotary'];
const BALLOON = ['balloon', 'free_balloon', 'airship'];
const AIR = [...FIXED, ...ROTARY, ...UAV, ...BALLOON, 'aircraft', 'parachute'];
const LAND = ['land', 'vehicle', 'person', 'fixed', 'base_station', 'aid_to_navigation', 'obstacle', 'distress_beacon'];
const SEA = CLASSES.filter((c) => ![...AIR, ...LAND, 'unknown'].includes(c));

export const isAir = (platform: string) => AIR.includes(platform);
export const isSea = (platform: string) => SEA.includes(platform);

export type ZoneGroup = Extract<LayerKey, `zone-${string}`>;
const GROUPS: readonly [ZoneGroup, readonly string[]][] = [
  ['zone-fixed', FIXED],
  ['zone-rotary', ROTARY],
  ['zone-uav', UAV],
  ['zone-balloon', BALLOON],
  ['zone-air', AIR],
  ['zone-sea', SEA],
];

// The narrowest group that holds all its classes; zones for everybody go with the land.
export function zoneGroup(classes: readonly string[] | null): ZoneGroup {
  if (!classes || classes.length === 0) return 'zone-land';
  const found = GROUPS.find(([, members]) => classes.every((c) => members.includes(c)));
  return found ? found[0] : 'zone-land';
}

// How far ahead a course is drawn: about what the craft covers while one looks at it.
export function vectorSeconds(platform: string | null): number {
  if (platform !== null && isAir(platform)) return 120;
  return platform !== null && isSea(platform) ? 720 : 300;
}
