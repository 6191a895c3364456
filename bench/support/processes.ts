/* Processes under measurement. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Seconds of processor time a process has had, from proc(5); its threads', not its children's. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before may hold anything, also brackets.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

/** Part of one core that a process uses, over `seconds`. */
export async function cpuShare(pid: number, seconds: number): Promise<number> {
  const [before, started] = [cpuSeconds(pid), performance.now()];
  await sleep(seconds * 1000);
  return (cpuSeconds(pid) - before) / ((performance.now() - started) / 1000);
}
