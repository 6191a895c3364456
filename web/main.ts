import { watchFrames } from './frames.ts';
import { createPictures } from './pictures.ts';
import { createPlots } from './plots.ts';
import { parseRequest } from './request.ts';
import { noStats, summarize } from './stats.ts';
import type { ViewerStats } from './stats.ts';
import { createTalk } from './talk.ts';
import { startViewer } from './viewer.ts';
import type { ViewerReport } from './viewer.ts';
import { facts, phaseText } from './words.ts';
import type { PagePhase } from './words.ts';

/** The page's state for whoever drives it, as `window.kvsViewer`. */
export interface ViewerState {
  readonly clientId: string;
  readonly channel: string;
  readonly phase: PagePhase;
  readonly problem: string | null;
  readonly isSignedIn: boolean;
  readonly stats: ViewerStats;
  /** From the last offer to its first picture, in milliseconds. */
  readonly firstFrameMs: number | null;
  readonly framesShown: number;
  /** How many of the master's cameras have come. */
  readonly cameras: number;
  readonly longestGapMs: number;
  readonly isMuted: boolean;
  readonly isTalking: boolean;
  /** The last texts of the data channel. */
  readonly messages: readonly string[];
}

declare global {
  interface Window {
    kvsViewer: {
      state(): ViewerState;
      /** A fresh reading, without waiting for the next second. */
      readStats(): Promise<ViewerStats>;
      resetGap(): void;
      /** What became of each line of the offer. */
      directions(): readonly (string | null)[];
      close(): void;
    };
  }
}

const statsMs = 1000;
const stalledMs = 3000;
const mostMessages = 50;

const request = parseRequest(location.search, randomHex());
const video = element('video', HTMLVideoElement);
const unmute = element('unmute', HTMLButtonElement);
const cameras = element('cameras', HTMLSelectElement);
const pictures = createPictures(video, play);
const plots = createPlots(element('plots', HTMLElement));
const talkButton = element('talk', HTMLButtonElement);
const messages: string[] = [];
let report: ViewerReport = { phase: 'signing-in', problem: null };
let stats: ViewerStats = noStats;
let offeredAt = 0;
let firstFrameMs: number | null = null;

const frames = watchFrames(video, () => {
  firstFrameMs = Math.round(performance.now() - offeredAt);
  show();
});

const viewer = startViewer(request, {
  onReport: (next) => {
    report = next;
    show();
  },
  onOffer: () => {
    offeredAt = performance.now();
    firstFrameMs = null;
    frames.restart();
  },
  onTrack: pictures.show,
  onEnd: () => {
    pictures.clear();
    stats = noStats;
  },
  onData: (text) => {
    messages.push(text);
    messages.splice(0, messages.length - mostMessages);
  },
});

const talk = createTalk(talkButton, (track) => {
  viewer.talk(track);
});

/** With sound if the browser lets us; else without, and a button to ask for it. */
function play(picture: HTMLVideoElement): void {
  picture.play().catch((error: unknown) => {
    if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
    picture.muted = true;
    unmute.hidden = false;
    picture.play().catch(() => undefined);
  });
}

unmute.addEventListener('click', () => {
  video.muted = false;
  unmute.hidden = true;
  play(video);
});

cameras.value = String(request.cameras);
cameras.addEventListener('change', () => {
  const address = new URL(location.href);
  address.searchParams.set('cameras', cameras.value);
  location.assign(address);
});

async function readStats(): Promise<ViewerStats> {
  const { peer } = viewer;
  if (peer === null) return noStats;
  const reading = summarize(await peer.getStats(), stats);
  if (viewer.peer === peer) stats = reading;
  return reading;
}

function pagePhase(): PagePhase {
  return report.phase === 'connected' && isShowing() ? 'playing' : report.phase;
}

/** A page in the background decodes pictures, but is not asked to show any. */
function isShowing(): boolean {
  return firstFrameMs !== null || stats.framesDecoded > 0 || isSoundOnly();
}

function isSoundOnly(): boolean {
  return !pictures.hasPicture && stats.audioSeconds > 0;
}

function problemText(): string | null {
  if (report.problem !== null || report.phase !== 'connected') return report.problem;
  if (talk.problem !== null) return talk.problem;
  if (talk.isTalking && !viewer.isHeard) return 'The sender takes no sound from viewers.';
  const last = frames.lastAt;
  if (last === null || document.hidden || performance.now() - last < stalledMs) return null;
  return `No picture has come for ${Math.round((performance.now() - last) / 1000)} s.`;
}

function show(): void {
  const phase = pagePhase();
  document.body.dataset.phase = phase;
  element('phase', HTMLElement).textContent = phaseText(phase);
  const canTalk = request.audio && !request.send && report.phase === 'connected';
  talkButton.hidden = !canTalk && !talk.isTalking;
  const notice = element('notice', HTMLElement);
  const problem = problemText();
  notice.hidden = problem === null;
  notice.textContent = problem ?? '';
  element('facts', HTMLElement).replaceChildren(
    ...facts(stats, request.clientId, firstFrameMs).map(([label, value]) => fact(label, value)),
  );
}

function fact(label: string, value: string): HTMLElement {
  const [box, term, definition] = [
    document.createElement('div'),
    document.createElement('dt'),
    document.createElement('dd'),
  ];
  term.textContent = label;
  definition.textContent = value;
  box.append(term, definition);
  return box;
}

function element<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no ${id}.`);
  return found;
}

function randomHex(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

function close(): void {
  viewer.close();
  talk.stop();
}

window.kvsViewer = {
  state: () => ({
    clientId: request.clientId,
    channel: request.channel,
    phase: pagePhase(),
    problem: problemText(),
    isSignedIn: viewer.isSignedIn,
    stats,
    firstFrameMs,
    framesShown: frames.count,
    cameras: pictures.count,
    longestGapMs: frames.longestGapMs,
    isMuted: video.muted,
    isTalking: talk.isTalking,
    messages: [...messages],
  }),
  readStats,
  resetGap: frames.resetGap,
  directions: () =>
    viewer.peer?.getTransceivers().map(({ currentDirection }) => currentDirection) ?? [],
  close,
};

element('channel', HTMLElement).textContent = request.channel;
document.title = request.channel;
setInterval(() => {
  readStats().then(
    (reading) => {
      plots.add(reading);
      show();
    },
    () => undefined,
  );
}, statsMs);
show();

// the master sees a page that goes at once, not by a time-out
window.addEventListener('pagehide', close);
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});
