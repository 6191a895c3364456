/*
 * Viewers' networks, each with a fault of its own: a hub in a namespace, and around it this machine with the
 * master, and a namespace for each viewer.
 *
 *   here 10.N.0.1 -- 10.N.0.2 hub 10.N.K.1 -- 10.N.K.2 viewer K
 */
import { execFileSync, spawnSync } from 'node:child_process';

export interface Star {
  /** This machine's address, as viewers reach it. */
  readonly here: string;
  /** Names of `ip netns`, one for each viewer. */
  readonly viewers: readonly string[];
  /** Bits a second each way as tc writes them ("300kbit"), or null for no limit. */
  limit(viewer: number, rate: string | null): void;
  /** Loses packets, percent each way. */
  lose(viewer: number, percent: number): void;
  readonly remove: () => void;
}

/** Takes root, iproute2 and nftables. */
export function makeStar(count: number): Star {
  const n = 100 + (process.pid % 100);
  const hub = `kvs-hub-${n}`;
  const viewers = Array.from({ length: count }, (_, index) => `kvs-view-${n}-${index}`);
  const address = (viewer: number, host: number) => `10.${n}.${viewer + 1}.${host}`;
  const ip = (...words: readonly string[]) => execFileSync('ip', words, { stdio: 'pipe' });
  const inside = (namespace: string, command: readonly string[], input = '') =>
    execFileSync('ip', ['netns', 'exec', namespace, ...command], { input, stdio: 'pipe' });

  for (const name of [hub, ...viewers]) {
    // What a run that was killed has left.
    spawnSync('ip', ['netns', 'del', name]);
    ip('netns', 'add', name);
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  ip('link', 'add', `kvs-b${n}`, 'type', 'veth', 'peer', 'name', 'out', 'netns', hub);
  ip('addr', 'add', `10.${n}.0.1/24`, 'dev', `kvs-b${n}`);
  ip('link', 'set', `kvs-b${n}`, 'up');
  ip('-n', hub, 'addr', 'add', `10.${n}.0.2/24`, 'dev', 'out');
  ip('-n', hub, 'link', 'set', 'out', 'up');
  ip('-n', hub, 'route', 'add', 'default', 'via', `10.${n}.0.1`);
  ip('route', 'add', `10.${n}.0.0/16`, 'via', `10.${n}.0.2`);
  inside(hub, ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
  viewers.forEach((name, viewer) => {
    const link = `to${viewer}`;
    ip('-n', hub, 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth', 'netns', name);
    ip('-n', hub, 'addr', 'add', `${address(viewer, 1)}/24`, 'dev', link);
    ip('-n', hub, 'link', 'set', link, 'up');
    ip('-n', name, 'addr', 'add', `${address(viewer, 2)}/24`, 'dev', 'eth');
    ip('-n', name, 'link', 'set', 'eth', 'up');
    ip('-n', name, 'route', 'add', 'default', 'via', address(viewer, 1));
  });

  return {
    here: `10.${n}.0.1`,
    viewers,
    limit: (viewer, rate) => {
      const ends = [
        [hub, `to${viewer}`],
        [viewers[viewer] ?? '', 'eth'],
      ] as const;
      const how = rate === null ? [] : ['tbf', 'rate', rate, 'burst', '16kb', 'latency', '300ms'];
      for (const [namespace, link] of ends) {
        const verb = rate === null ? 'del' : 'replace';
        inside(namespace, ['tc', 'qdisc', verb, 'dev', link, 'root', ...how]);
      }
    },
    lose: (viewer, percent) => {
      const chance = `numgen random mod 100 < ${percent} drop`;
      const rules = `flush ruleset
table ip way {
  chain forward { type filter hook forward priority 0; policy accept;
    oifname "to${viewer}" ${chance}
    iifname "to${viewer}" ${chance}
  }
}
`;
      inside(hub, ['nft', '-f', '-'], percent === 0 ? 'flush ruleset' : rules);
    },
    remove: () => {
      // Links and routes go with the namespace that holds their other end.
      for (const name of [hub, ...viewers]) spawnSync('ip', ['netns', 'del', name]);
    },
  };
}
