/* What is not installed, and the Debian package that brings it. */
import { DECODERS, ELEMENTS, ENCODERS } from './packages.ts';

/** The package with that element, or null. */
export function packageOfElement(factory: string): string | null {
  if (/^av(dec|enc|mux|demux)_/.test(factory)) return 'gstreamer1.0-libav';
  return packagesWith(factory, ELEMENTS)[0] ?? null;
}

/**
 * The packages that may help with a missing-plugin message: `type` is decoder, encoder, element, urisource or
 * urisink, `detail` caps or a name.
 */
export function packagesFor(type: string, detail: string): readonly string[] {
  const mediaType = (/^[^,\s]*/.exec(detail)?.[0] ?? '').trim();
  switch (type) {
    case 'decoder':
      return packagesWith(mediaType, DECODERS);
    case 'encoder':
      return packagesWith(mediaType, ENCODERS);
    case 'element': {
      const found = packageOfElement(detail);
      return found === null ? [] : [found];
    }
    case 'urisource':
    case 'urisink':
      return URI_PACKAGES[detail] ?? [];
    default:
      return [];
  }
}

const URI_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  http: ['gstreamer1.0-plugins-good'],
  https: ['gstreamer1.0-plugins-good'],
  rtsp: ['gstreamer1.0-plugins-good'],
  rtmp: ['gstreamer1.0-plugins-bad'],
  srt: ['gstreamer1.0-plugins-bad'],
  cdda: ['gstreamer1.0-plugins-base'],
  dvd: ['gstreamer1.0-plugins-ugly'],
};

/** `install gstreamer1.0-x, or gstreamer1.0-y`, or undefined where nobody knows. */
export function installHint(packages: readonly string[]): string | undefined {
  return packages.length === 0
    ? undefined
    : `install it: apt-get install ${packages.join(', or ')}`;
}

/** GStreamer's own, which are always there; it lists those of no class only to those who ask for them by name. */
const CORE = `
  capsfilter clocksync concat dataurisrc downloadbuffer fakesink fakesrc fdsink fdsrc filesink filesrc funnel
  identity input-selector multiqueue output-selector queue queue2 streamiddemux tee typefind valve
`;

/** Every element that Debian has. */
export function knownElements(): readonly string[] {
  return [CORE, ...Object.values(ELEMENTS)].flatMap(words);
}

function packagesWith(word: string, table: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(table)
    .filter(([, text]) => words(text).includes(word))
    .map(([name]) => name);
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((one) => one !== '');
}
