// Builds console/dist/: the page, its script, style and worker, and the background land.
//   node build.mjs [--dev]     --dev: readable script with a source map
import { build } from 'esbuild';
import { copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { feature } from 'topojson-client';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const modules = join(here, 'node_modules');
const dev = process.argv.includes('--dev');

// Packages whose code or data ends up in dist/, with the file that holds their terms.
const SHIPPED = [
  ['maplibre-gl', 'LICENSE.txt'],
  ['milsymbol', 'LICENSE'],
  ['preact', 'LICENSE'],
  ['world-atlas', 'LICENSE'],
];

async function bundle() {
  await build({
    entryPoints: { app: join(here, 'src/main.tsx') },
    outdir: dist,
    bundle: true,
    format: 'esm',
    target: ['chrome110', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: !dev,
    sourcemap: dev,
    legalComments: 'none',
    logLevel: 'warning',
  });
  await copyFile(join(modules, 'maplibre-gl/dist/maplibre-gl-worker.mjs'), join(dist, 'worker.js'));
  await copyFile(join(here, 'src/index.html'), join(dist, 'index.html'));
}

async function licences() {
  const parts = [];
  for (const [name, file] of SHIPPED) {
    const { version } = JSON.parse(await readFile(join(modules, name, 'package.json'), 'utf8'));
    const text = await readFile(join(modules, name, file), 'utf8');
    parts.push(`==== ${name} ${version}\n\n${text.trim()}\n`);
  }
  await writeFile(join(dist, 'licences.txt'), parts.join('\n'));
}

// Sutherland and Hodgman: a ring cut by one side of an upright box. axis 0: longitude.
function cutRing(ring, axis, limit, keepAbove) {
  const isIn = (p) => (keepAbove ? p[axis] >= limit : p[axis] <= limit);
  const out = [];
  for (let i = 0; i < ring.length; i++) {
    const a = ring[(i + ring.length - 1) % ring.length];
    const b = ring[i];
    if (isIn(a) !== isIn(b)) {
      const t = (limit - a[axis]) / (b[axis] - a[axis]);
      out.push([a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]);
    }
    if (isIn(b)) out.push(b);
  }
  return out;
}

function clipRing(ring, [w, s, e, n]) {
  let open = ring.slice(0, -1);
  for (const [axis, limit, above] of [[0, w, true], [0, e, false], [1, s, true], [1, n, false]])
    open = cutRing(open, axis, limit, above);
  return open;
}

function roundRing(ring, digits) {
  const out = [];
  for (const [x, y] of ring) {
    const p = [Number(x.toFixed(digits)), Number(y.toFixed(digits))];
    const last = out[out.length - 1];
    if (!last || last[0] !== p[0] || last[1] !== p[1]) out.push(p);
  }
  if (out.length < 3) return null;
  out.push(out[0]);
  return out;
}

async function land(atlas, box, digits, name) {
  const topology = JSON.parse(await readFile(join(modules, 'world-atlas', atlas), 'utf8'));
  const whole = feature(topology, topology.objects.land);
  const polygons = [];
  for (const f of whole.features)
    for (const polygon of f.geometry.type === 'Polygon' ? [f.geometry.coordinates] : f.geometry.coordinates) {
      const rings = polygon.map((r) => roundRing(clipRing(r, box), digits)).filter(Boolean);
      if (rings.length > 0) polygons.push(rings);
    }
  const out = { type: 'Feature', properties: {}, geometry: { type: 'MultiPolygon', coordinates: polygons } };
  await writeFile(join(dist, name), JSON.stringify(out));
}

const theatre = JSON.parse(await readFile(join(here, 'theatre.json'), 'utf8'));
// The folder itself stays: a running node holds it open.
await mkdir(dist, { recursive: true });
for (const old of await readdir(dist)) await rm(join(dist, old), { recursive: true });
await bundle();
await licences();
await land('countries-10m.json', theatre.bounds, 4, 'land.json');
await land('land-50m.json', [-180, -85, 180, 85], 2, 'world.json'); // for an agreement elsewhere
await copyFile(join(here, 'theatre.json'), join(dist, 'theatre.json'));
for (const name of ['index.html', 'app.js', 'app.css', 'worker.js', 'land.json', 'world.json', 'licences.txt'])
  console.log(`${String((await stat(join(dist, name))).size).padStart(9)} dist/${name}`);
