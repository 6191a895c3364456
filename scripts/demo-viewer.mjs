// Runs the launcher given as arguments, watches its page in a Chromium of its own, and ends
// both: with 0 when the picture moved, the tone was heard and the viewer's coming and going
// were told.
/* global AudioContext, clearTimeout, document, setTimeout, window */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const PATIENCE_MS = 60_000;
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+\/\S*/;

const [command, ...args] = process.argv.slice(2);
const launcher = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
const ended = once(launcher, 'exit');
const lines = [];
const waiting = new Set();

createInterface({ input: launcher.stdout }).on('line', (line) => {
  console.log(line);
  lines.push(line);
  for (const look of [...waiting]) look(line);
});

/** The first line, past or to come, that matches. */
async function line(pattern, what) {
  const past = lines.find((one) => pattern.test(one));
  if (past !== undefined) return past;
  let look;
  const match = new Promise((resolve) => {
    look = (one) => pattern.test(one) && resolve(one);
    waiting.add(look);
  });
  const end = ended.then(([code]) => {
    throw new Error(`the launcher ended with ${code} before ${what}`);
  });
  try {
    return await within(Promise.race([match, end]), what);
  } finally {
    waiting.delete(look);
  }
}

async function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no ${what} within ${PATIENCE_MS / 1000} s`)),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** In the page: whether a picture moves and its sound is no silence. */
function seesAndHears() {
  const video = [...document.querySelectorAll('video')].find((one) => one.videoWidth > 0);
  if (!video || video.getVideoPlaybackQuality().totalVideoFrames < 60) return false;
  const context = (window.demoContext ??= new AudioContext());
  const analyser = (window.demoAnalyser ??= (() => {
    const node = context.createAnalyser();
    context.createMediaStreamSource(video.srcObject).connect(node);
    return node;
  })());
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  return samples.some((one) => Math.abs(one) > 0.01)
    ? { width: video.videoWidth, height: video.videoHeight }
    : false;
}

async function watch(address) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
  });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(`page: ${error.message}`));
    await page.goto(address);
    const seen = await page.waitForFunction(seesAndHears, undefined, {
      timeout: PATIENCE_MS,
      polling: 200,
    });
    const { width, height } = await seen.jsonValue();
    console.log(`demo: the viewer sees a moving picture of ${width}x${height} and hears the tone`);
    await page.close();
  } finally {
    await browser.close();
  }
}

try {
  const [address] = ADDRESS.exec(await line(ADDRESS, 'address of a page'));
  await watch(address);
  await line(/\bconnected\b/, 'line about the viewer that came');
  await line(/\bdisconnected\b/, 'line about the viewer that went');
  launcher.kill('SIGINT');
  const [code] = await within(ended, 'end of the launcher');
  console.log(`demo: the launcher ended with ${code}`);
  process.exitCode = code ?? 1;
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exitCode = 1;
} finally {
  launcher.kill('SIGKILL');
}
