/* What a process holds, read from /proc. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Holdings {
  readonly rssKb: number;
  readonly threads: number;
  readonly fds: number;
}

export function holdings(pid: number): Holdings {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    rssKb: field(status, 'VmRSS'),
    threads: field(status, 'Threads'),
    fds: readdirSync(`/proc/${pid}/fd`).length,
  };
}

function field(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? NaN);
}

/** Whether the process is there and no zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Every live process below `pid`. */
export function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function parentOf(pid: string): number {
  try {
    return field(readFileSync(`/proc/${pid}/status`, 'utf8'), 'PPid');
  } catch {
    return -1;
  }
}

/** The sockets a process holds, as the kernel names them (`socket:[12345]`). */
export function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return target.startsWith('socket:') ? [target] : [];
    } catch {
      return [];
    }
  });
}

/** Those of the sockets that the kernel still knows as open on the network. */
export function stillOpen(sockets: readonly string[]): string[] {
  const tables = ['tcp', 'tcp6', 'udp', 'udp6']
    .map((name) => `/proc/net/${name}`)
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  const inodes = new Set(tables.split('\n').map((row) => row.trim().split(/\s+/)[9]));
  return sockets.filter((socket) => inodes.has(socket.slice('socket:['.length, -1)));
}
