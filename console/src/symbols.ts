// Images for the map, drawn when first asked for. An image's name says all that it looks like, so
// another display (night) simply asks for other names.
//   mil/CODE/FILL/FRAME   ship|plane|rotor|mark/FILL/FRAME   tag/LETTER/own|other/INK/PAPER
//   sev/N/FILL/INK   sel/INK   hatch/INK
import ms from 'milsymbol';
import type { Outline } from './platform';

export const PIXEL_RATIO = 2;
const SYMBOL_SIZE = 17; // css pixels, of a frame's octagon as milsymbol counts
const OUTLINE_SIZE = 22;
const FONT = '"Noto Sans KR","Noto Sans CJK KR","Noto Sans",sans-serif';

function sheet(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement('canvas');
  canvas.width = width * PIXEL_RATIO;
  canvas.height = height * PIXEL_RATIO;
  const ink = canvas.getContext('2d');
  if (!ink) throw new Error('no canvas');
  ink.scale(PIXEL_RATIO, PIXEL_RATIO);
  return [canvas, ink];
}

const dataOf = (canvas: HTMLCanvasElement): ImageData | null =>
  canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? null;

// The frame is centred on the sheet, so that the place is its middle for both kinds of symbol.
function drawFrame(code: string, fill: string, frame: string): HTMLCanvasElement {
  const symbol = new ms.Symbol(code, {
    size: SYMBOL_SIZE,
    fillColor: fill,
    monoColor: '',
    strokeWidth: 5,
    outlineColor: frame,
    outlineWidth: 0,
    infoFields: false,
  });
  const drawn = symbol.asCanvas(PIXEL_RATIO);
  const anchor = symbol.getAnchor();
  const size = symbol.getSize();
  const half = Math.ceil(Math.max(anchor.x, size.width - anchor.x, anchor.y, size.height - anchor.y)) + 1;
  const [canvas, ink] = sheet(2 * half, 2 * half);
  ink.drawImage(drawn, half - anchor.x, half - anchor.y, size.width, size.height);
  return canvas;
}

// Seen from above, heading north, on a field of 24 by 24 about its middle.
const OUTLINES: Record<Outline, string> = {
  ship: 'M0-10 C3-6 4.2-3 4.2 1 L4.2 9 L-4.2 9 L-4.2 1 C-4.2-3-3-6 0-10Z',
  plane:
    'M0-10.5 C1-10.5 1.5-9 1.5-7.5 L1.5-3 L10.5 2.6 L10.5 4.8 L1.5 2 L1.2 7 L4 9 L4 10.6 L0 9.6 L-4 10.6 L-4 9 L-1.2 7 L-1.5 2 L-10.5 4.8 L-10.5 2.6 L-1.5-3 L-1.5-7.5 C-1.5-9-1-10.5 0-10.5Z',
  rotor: 'M0-4 A4 4 0 0 1 1 3.9 L1 9 L3 9 L3 10.5 L-3 10.5 L-3 9 L-1 9 L-1 3.9 A4 4 0 0 1 0-4Z M-9-8 L9 8 M9-8 L-9 8',
  mark: 'M0-6 L6 0 L0 6 L-6 0Z',
};

function drawOutline(kind: Outline, fill: string, frame: string): HTMLCanvasElement {
  const [canvas, ink] = sheet(OUTLINE_SIZE, OUTLINE_SIZE);
  ink.translate(OUTLINE_SIZE / 2, OUTLINE_SIZE / 2);
  ink.scale(OUTLINE_SIZE / 24, OUTLINE_SIZE / 24);
  const path = new Path2D(OUTLINES[kind]);
  ink.lineJoin = 'round';
  ink.lineWidth = 1.6;
  ink.strokeStyle = frame;
  ink.fillStyle = fill;
  ink.fill(path);
  ink.stroke(path);
  return canvas;
}

const TAG = 13;

// The side letter: white on dark for the home party's own, dark on white for others.
function drawTag(letter: string, own: boolean, inkColour: string, paper: string): HTMLCanvasElement {
  const [canvas, ink] = sheet(TAG, TAG);
  ink.fillStyle = own ? inkColour : paper;
  ink.strokeStyle = inkColour;
  ink.lineWidth = 1;
  ink.fillRect(0.5, 0.5, TAG - 1, TAG - 1);
  ink.strokeRect(0.5, 0.5, TAG - 1, TAG - 1);
  ink.fillStyle = own ? paper : inkColour;
  ink.font = `700 ${TAG - 3}px ${FONT}`;
  ink.textAlign = 'center';
  ink.textBaseline = 'alphabetic';
  ink.fillText(letter, TAG / 2, TAG - 3);
  return canvas;
}

const BADGE = 17;
const CORNERS: Record<string, readonly [number, number][]> = {
  '1': octagon(BADGE / 2, BADGE / 2 - 1),
  '2': [[BADGE / 2, 0.8], [BADGE - 0.8, BADGE - 1.5], [0.8, BADGE - 1.5]],
  '4': [[2, 2], [BADGE - 2, 2], [BADGE - 2, BADGE - 2], [2, BADGE - 2]],
};

function octagon(centre: number, radius: number): [number, number][] {
  return Array.from({ length: 8 }, (_, i) => {
    const a = (Math.PI / 8) * (2 * i + 1);
    return [centre + radius * Math.cos(a), centre + radius * Math.sin(a)];
  });
}

function drawSeverity(severity: string, fill: string, inkColour: string): HTMLCanvasElement {
  const [canvas, ink] = sheet(BADGE, BADGE);
  ink.beginPath();
  const corners = CORNERS[severity];
  if (corners) corners.forEach(([x, y], i) => (i === 0 ? ink.moveTo(x, y) : ink.lineTo(x, y)));
  else ink.arc(BADGE / 2, BADGE / 2, BADGE / 2 - 1, 0, 2 * Math.PI);
  ink.closePath();
  ink.fillStyle = fill;
  ink.strokeStyle = inkColour;
  ink.lineWidth = 1.4;
  ink.fill();
  ink.stroke();
  ink.fillStyle = inkColour;
  ink.font = `700 10px ${FONT}`;
  ink.textAlign = 'center';
  ink.fillText(severity, BADGE / 2, severity === '2' ? 14 : 12.2);
  return canvas;
}

const BRACKET = 40;

function drawSelection(colour: string, halo: string): HTMLCanvasElement {
  const [canvas, ink] = sheet(BRACKET, BRACKET);
  for (const [style, width] of [[halo, 5], [colour, 2.4]] as const) {
    ink.strokeStyle = style;
    ink.lineWidth = width;
    ink.lineCap = 'square';
    for (const [x, y, dx, dy] of [[4, 4, 8, 8], [36, 4, -8, 8], [4, 36, 8, -8], [36, 36, -8, -8]] as const) {
      ink.beginPath();
      ink.moveTo(x + dx, y);
      ink.lineTo(x, y);
      ink.lineTo(x, y + dy);
      ink.stroke();
    }
  }
  return canvas;
}

const HATCH = 8; // css pixels between lines: a power of two, so that the pattern has no seams

function drawHatch(colour: string): HTMLCanvasElement {
  const [canvas, ink] = sheet(HATCH, HATCH);
  ink.strokeStyle = colour;
  ink.globalAlpha = 0.5;
  ink.lineWidth = 0.9;
  for (const shift of [-HATCH, 0, HATCH]) {
    ink.beginPath();
    ink.moveTo(shift - 2, HATCH + 2);
    ink.lineTo(shift + HATCH + 2, -2);
    ink.stroke();
  }
  return canvas;
}

export function drawImage(name: string): ImageData | null {
  const [kind, a = '', b = '', c = '', d = ''] = name.split('/');
  switch (kind) {
    case 'mil':
      return dataOf(drawFrame(a, b, c));
    case 'ship':
    case 'plane':
    case 'rotor':
    case 'mark':
      return dataOf(drawOutline(kind, a, b));
    case 'tag':
      return dataOf(drawTag(a, b === 'own', c, d));
    case 'sev':
      return dataOf(drawSeverity(a, b, c));
    case 'sel':
      return dataOf(drawSelection(a, b));
    case 'hatch':
      return dataOf(drawHatch(a));
    default:
      return null;
  }
}
