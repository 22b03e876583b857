// The map: MapLibre made once, fed from the store.
import { Map as MapLibre, setWorkerUrl } from 'maplibre-gl';
import type { GeoJSONSource, LayerSpecification, MapMouseEvent, PointLike } from 'maplibre-gl';
import { api } from './api';
import type { Geo, Position, Sighting } from './api';
import { clearSelection, selectPlace, selectTrack } from './act';
import { asserters, focusFeatures, lineFeatures, trackFeatures, trailFeatures, zoneFeatures, zoneNames } from './features';
import { boundsOf, within } from './geo';
import type { Bounds, Point } from './geo';
import { worstByTrack } from './order';
import { PALETTES } from './palette';
import { store } from './store';
import { SOURCES, layersFor } from './style';
import { PIXEL_RATIO, drawImage } from './symbols';

const TRACKS_EVERY_MS = 200; // the stream sends at most five batches a second
const TRAILS_EVERY_MS = 1000;
const DRAWN_WITHIN_MS = 1000;
const HIT_PX = 8;
const IDEOGRAPHS = '"Noto Sans KR","Noto Sans CJK KR","Malgun Gothic","Apple SD Gothic Neo",sans-serif';
const TRACK_LAYERS = ['track-state', 'track-civil'];

interface Theatre { bounds: Bounds; places: { en: string; ko: string; at: Point; rank: number }[] }

async function file<T>(path: string): Promise<T> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

// Sends data to a source no faster than it can take and draw them: one update under way, the newest
// next, and twice as long a rest as the update took, so that a slow machine still answers its operator.
class Feeder {
  private busy = false;
  private due = false;
  constructor(private readonly push: () => Promise<void>, private readonly everyMs: number) {}

  wake(): void {
    this.due = true;
    if (!this.busy) void this.run();
  }

  private async run(): Promise<void> {
    this.busy = true;
    while (this.due) {
      this.due = false;
      const started = performance.now();
      await this.push();
      const took = performance.now() - started;
      await sleep(Math.max(this.everyMs - took, 2 * took));
    }
    this.busy = false;
  }
}

const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

export class WatchMap {
  private readonly map: MapLibre;
  private theatre: Theatre | null = null;
  private drawn: LayerSpecification[] = [];
  private readonly tracks = new Feeder(() => this.pushTracks(), TRACKS_EVERY_MS);
  private readonly trails = new Feeder(() => this.pushTrails(), TRAILS_EVERY_MS);
  private focusKey = '';
  private fixes: readonly Position[] = [];
  private sighting: Sighting | null = null;
  onMove: (lat: number, lon: number, zoom: number) => void = () => undefined;
  onPointer: (at: { lat: number; lon: number } | null) => void = () => undefined;

  constructor(container: HTMLElement, private readonly start: { lat: number; lon: number; zoom: number } | null) {
    setWorkerUrl(new URL('worker.js', document.baseURI).href);
    this.map = new MapLibre({
      container,
      style: { version: 8, sources: {}, layers: [] },
      localIdeographFontFamily: IDEOGRAPHS,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      center: start ? [start.lon, start.lat] : [127.5, 38],
      zoom: start ? start.zoom : 6.5,
    });
    this.map.keyboard.disable();
    this.map.touchZoomRotate.disableRotation();
    this.map.setMissingStyleImageResolver((name) => this.resolveImage(name));
    this.map.on('load', () => void this.ready());
  }

  private resolveImage(name: string): void {
    const data = drawImage(name);
    if (data && !this.map.hasImage(name)) this.map.addImage(name, data, { pixelRatio: PIXEL_RATIO });
  }

  private async ready(): Promise<void> {
    for (const [id, source] of Object.entries(SOURCES)) this.map.addSource(id, source);
    this.drawn = layersFor(PALETTES[store.theme], store.lang, store.layers);
    for (const layer of this.drawn) this.map.addLayer(layer);
    this.theatre = await file<Theatre>('./theatre.json');
    this.listenToMap();
    this.listenToStore();
    await this.agreementChanged();
    this.tracks.wake();
    this.trails.wake();
    this.selectionChanged();
    this.map.getCanvas().dataset.ready = 'true';
  }

  private listenToStore(): void {
    store.listen('agreement', () => void this.agreementChanged());
    store.listen('tracks', () => {
      this.tracks.wake();
      this.trails.wake();
      this.showFocus();
    });
    store.listen('alerts', () => this.tracks.wake());
    store.listen('select', () => {
      this.selectionChanged();
      this.tracks.wake();
    });
    store.listen('view', () => this.viewChanged());
  }

  private listenToMap(): void {
    this.map.on('moveend', () => {
      const { lat, lng } = this.map.getCenter();
      this.onMove(lat, lng, this.map.getZoom());
    });
    this.map.on('click', (event) => this.clicked(event));
    this.map.on('mousemove', (event) => {
      this.onPointer({ lat: event.lngLat.lat, lon: event.lngLat.lng });
      this.map.getCanvas().style.cursor = this.trackUnder(event) ? 'pointer' : '';
    });
    this.map.on('mouseout', () => this.onPointer(null));
  }

  // How many features each source holds is told on the canvas, for tests to see.
  private setData(source: string, data: GeoJSON.GeoJSON): Promise<void> {
    if (data.type === 'FeatureCollection')
      this.map.getCanvas().setAttribute(`data-${source}`, String(data.features.length));
    return this.map.getSource<GeoJSONSource>(source)?.setData(data) ?? Promise.resolve();
  }

  private trackUnder(event: MapMouseEvent): string | null {
    const { x, y } = event.point;
    const box: [PointLike, PointLike] = [[x - HIT_PX, y - HIT_PX], [x + HIT_PX, y + HIT_PX]];
    const hits = this.map.queryRenderedFeatures(box, { layers: TRACK_LAYERS });
    let best: string | null = null;
    let bestPx = Infinity;
    for (const hit of hits) {
      if (hit.geometry.type !== 'Point') continue;
      const [lon = 0, lat = 0] = hit.geometry.coordinates;
      const px = this.map.project([lon, lat]).dist(event.point);
      if (px < bestPx) [best, bestPx] = [String(hit.properties.track), px];
    }
    return best;
  }

  private clicked(event: MapMouseEvent): void {
    const track = this.trackUnder(event);
    if (track) return selectTrack(track);
    const hits = this.map.queryRenderedFeatures(event.point, { layers: ['zone-fill', 'zone-hatch'] });
    const zones = [...new Set(hits.map((h) => String(h.properties.zone)))];
    if (zones.length === 0) return clearSelection();
    selectPlace({ lat: event.lngLat.lat, lon: event.lngLat.lng, zones });
  }

  private async agreementChanged(): Promise<void> {
    this.pushAgreement();
    const bounds = this.agreementBounds();
    if (!bounds || !this.theatre) return;
    const isHere = within(bounds, this.theatre.bounds);
    const land = await file<GeoJSON.GeoJSON>(isHere ? './land.json' : './world.json');
    void this.setData('land', land);
    void this.setData('places', placeFeatures(this.theatre));
    if (!this.start) this.home(false);
  }

  private pushAgreement(): void {
    const { agreement, zones } = store;
    if (!agreement || !zones) return;
    void this.setData('zones', zoneFeatures(agreement, zones));
    void this.setData('zone-names', zoneNames(agreement, zones));
    this.pushLines();
  }

  private pushLines(): void {
    const { agreement, lines, layers } = store;
    if (agreement && lines) void this.setData('lines', lineFeatures(agreement, lines, layers));
  }

  private agreementBounds(): Bounds | null {
    const { agreement, zones, lines } = store;
    if (!agreement || !zones || !lines) return null;
    const own = new Set(agreement.lines.filter((l) => asserters(l).length === 0).map((l) => l.id));
    return boundsOf([...zones.features, ...lines.features.filter((f) => own.has(String(f.properties?.line)))]);
  }

  private async pushTracks(): Promise<void> {
    if (!store.agreement) return;
    const data = trackFeatures(store.tracks.values(), {
      agreement: store.agreement,
      lang: store.lang,
      allSimulated: store.isSimulated(),
      palette: PALETTES[store.theme],
      on: store.layers,
      worst: worstByTrack(store.alerts.values()),
      selected: store.selectedTrack,
    });
    await this.setData('tracks', data);
    await this.drawnNext();
  }

  private drawnNext(): Promise<void> {
    const drawn = new Promise<void>((done) => void this.map.once('render', () => done()));
    return Promise.race([drawn, sleep(DRAWN_WITHIN_MS)]); // a hidden page draws nothing
  }

  private async pushTrails(): Promise<void> {
    await this.setData('trails', trailFeatures(store.trails, store.tracks, store.layers));
  }

  private viewChanged(): void {
    this.restyle();
    this.pushLines();
    this.map.setLayoutProperty('places', 'visibility', store.layers.places ? 'visible' : 'none');
    this.tracks.wake();
    this.trails.wake();
  }

  // Another display or language: the same layers with other properties.
  private restyle(): void {
    const wanted = layersFor(PALETTES[store.theme], store.lang, store.layers);
    wanted.forEach((layer, i) => {
      const before = this.drawn[i];
      if (!before) return;
      if (JSON.stringify(filterOf(before)) !== JSON.stringify(filterOf(layer))) this.map.setFilter(layer.id, filterOf(layer));
      changedOf(before.paint, layer.paint).forEach(([k, v]) => this.map.setPaintProperty(layer.id, k, v));
      changedOf(layoutOf(before), layoutOf(layer)).forEach(([k, v]) => this.map.setLayoutProperty(layer.id, k, v));
    });
    this.drawn = wanted;
  }

  private selectionChanged(): void {
    const key = `${store.selectedTrack ?? ''} ${store.selectedAlert ?? ''}`;
    this.showZones();
    if (key === this.focusKey) return;
    this.focusKey = key;
    this.fixes = [];
    this.sighting = null;
    this.showFocus();
    this.panToSelection();
    void this.loadFocus(key);
  }

  private showZones(): void {
    const alert = store.selectedAlert ? store.alerts.get(store.selectedAlert) : null;
    const zones = alert ? [alert.zone] : [];
    this.map.setFilter('zone-focus', ['in', ['get', 'zone'], ['literal', zones]]);
    const edges = alert ? zones : (store.place?.zones ?? []); // of a point: many, one over the other
    this.map.setFilter('zone-focus-edge', ['in', ['get', 'zone'], ['literal', edges]]);
  }

  private async loadFocus(key: string): Promise<void> {
    const { selectedTrack, selectedAlert } = store;
    const [track, alert] = await Promise.all([
      selectedTrack ? api.track(selectedTrack).catch(() => null) : null,
      selectedAlert ? api.alert(selectedAlert).catch(() => null) : null,
    ]);
    if (key !== this.focusKey) return; // the operator went on
    this.fixes = track?.fixes ?? alert?.why?.fixes ?? [];
    this.sighting = alert?.why?.sighting ?? null;
    this.showFocus();
    if (track && !store.tracks.has(track.track)) {
      store.tracks.set(track.track, track);
      store.changed('tracks');
    }
    this.panToSelection();
  }

  private showFocus(): void {
    const track = store.selectedTrack ? (store.tracks.get(store.selectedTrack) ?? null) : null;
    void this.setData('focus', focusFeatures(track, this.fixes, this.sighting));
  }

  private panToSelection(): void {
    const track = store.selectedTrack ? store.tracks.get(store.selectedTrack) : null;
    if (track) this.lookAt(track.lat, track.lon);
  }

  lookAt(lat: number, lon: number, least = 8.5): void {
    const zoom = Math.max(this.map.getZoom(), least);
    const camera = { center: [lon, lat] as Point, zoom };
    if (prefersStill()) this.map.jumpTo(camera);
    else this.map.easeTo({ ...camera, duration: 500 });
  }

  home(animate: boolean): void {
    const bounds = this.agreementBounds();
    if (bounds) this.show(bounds, animate);
  }

  show(bounds: Bounds, animate = true): void {
    this.map.fitBounds(bounds, { padding: 30, animate: animate && !prefersStill(), duration: 500 });
  }

  zoomBy(step: 1 | -1): void {
    this.map.zoomTo(this.map.getZoom() + step, { animate: !prefersStill(), duration: 200 });
  }

  // Metres that a css pixel stands for in the middle of the map (512 px tiles at zoom 0).
  metresPerPixel(): number {
    const { lat } = this.map.getCenter();
    return (40075016.686 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** this.map.getZoom());
  }

  resize(): void {
    this.map.resize();
  }
}

const prefersStill = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

const filterOf = (layer: LayerSpecification) => ('filter' in layer ? layer.filter : undefined);
const layoutOf = (layer: LayerSpecification) => ('layout' in layer ? layer.layout : undefined);

function changedOf(before: object | undefined, after: object | undefined): [never, never][] {
  const old = new Map<string, unknown>(Object.entries(before ?? {}));
  return Object.entries(after ?? {}).filter(
    ([key, value]) => JSON.stringify(old.get(key)) !== JSON.stringify(value),
  ) as [never, never][];
}

function placeFeatures(theatre: Theatre): Geo {
  return {
    type: 'FeatureCollection',
    features: theatre.places.map(({ at, ...properties }) => ({
      type: 'Feature', properties, geometry: { type: 'Point', coordinates: at },
    })),
  };
}
