/*
 * A camera's network, with faults: the camera in a namespace of its own, a router in another, and this
 * machine at the far end with the service, the relays and the browser.
 *
 *   camera 10.N.2.2 -- 10.N.2.1 router 10.N.1.2 -- 10.N.1.1 here
 *
 * Packets are lost at the router, as on a real way: where the camera's own rules drop them, sending fails.
 */
import { execFileSync, spawnSync } from 'node:child_process';

export interface TestNetwork {
  /** Of `ip netns`. */
  readonly camera: string;
  /** Address `n` of this machine, 1 to 9. */
  here(n: number): string;
  /** Replaces the router's rules: lines of nft for packets that pass it. None heals it. */
  filter(rules: readonly string[]): void;
  /** Bits a second each way as tc writes them ("1mbit"), or null for no limit. */
  limit(rate: string | null): void;
  /** Puts the camera's packets behind an address of the router, from ports by chance; no UDP but answers comes in. */
  translate(): void;
  /** Forgets what is translated, as a router does that starts anew: all goes on from other ports. */
  rebind(): void;
  /** Takes the camera's interface down, or gets it up again, with the address it had. */
  plug(isUp: boolean): void;
  /** Gives the camera another address, and takes the one it had. */
  move(): void;
  remove(): void;
}

const ADDRESSES = 4;

/** Takes root, iproute2 and nftables. */
export function makeNetwork(): TestNetwork {
  const n = 100 + (process.pid % 100);
  const [camera, router, outside] = [`kvs-cam-${n}`, `kvs-rtr-${n}`, `kvs${n}`];
  const ip = (...words: string[]) => execFileSync('ip', words, { stdio: 'pipe' });
  const inCamera = (...words: string[]) => ip('-n', camera, ...words);
  const inRouter = (...words: string[]) => ip('-n', router, ...words);
  const inRouterRun = (command: string[], input = '') =>
    execFileSync('ip', ['netns', 'exec', router, ...command], { input, stdio: 'pipe' });
  let last = 2;

  for (const name of [camera, router]) {
    // What a run that was killed has left.
    spawnSync('ip', ['netns', 'del', name]);
    ip('netns', 'add', name);
  }
  ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', 'north', 'netns', router);
  inRouter('link', 'add', 'south', 'type', 'veth', 'peer', 'name', 'eth', 'netns', camera);
  for (let i = 1; i <= ADDRESSES; i += 1) {
    if (i !== 2) ip('addr', 'add', `10.${n}.1.${i}/24`, 'dev', outside);
  }
  ip('link', 'set', outside, 'up');
  inRouter('addr', 'add', `10.${n}.1.2/24`, 'dev', 'north');
  inRouter('addr', 'add', `10.${n}.2.1/24`, 'dev', 'south');
  for (const link of ['lo', 'north', 'south']) inRouter('link', 'set', link, 'up');
  inRouter('route', 'add', 'default', 'via', `10.${n}.1.1`);
  inRouterRun(['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
  for (const link of ['lo', 'eth']) inCamera('link', 'set', link, 'up');
  address('add', last);
  ip('route', 'add', `10.${n}.2.0/24`, 'via', `10.${n}.1.2`);

  function address(verb: 'add' | 'del', host: number): void {
    inCamera('addr', verb, `10.${n}.2.${host}/24`, 'dev', 'eth');
    if (verb === 'add') inCamera('route', 'replace', 'default', 'via', `10.${n}.2.1`);
  }

  const nft = (text: string) => inRouterRun(['nft', '-f', '-'], text);

  return {
    camera,
    here: (which) => `10.${n}.1.${which}`,
    filter: (rules) => {
      nft(`flush ruleset
table ip way {
  chain forward { type filter hook forward priority 0; policy accept;
    ${rules.join('\n    ')}
  }
}
`);
    },
    limit: (rate) => {
      for (const link of ['north', 'south']) {
        const qdisc = ['tc', 'qdisc', rate === null ? 'del' : 'replace', 'dev', link, 'root'];
        const how = ['tbf', 'rate', rate ?? '', 'burst', '16kb', 'latency', '300ms'];
        inRouterRun(rate === null ? qdisc : [...qdisc, ...how]);
      }
    },
    translate: () => {
      nft(`flush ruleset
table ip way {
  chain postrouting { type nat hook postrouting priority 100; policy accept;
    oifname "north" masquerade random
  }
  chain forward { type filter hook forward priority 0; policy accept;
    iifname "north" meta l4proto udp ct state new drop
  }
}
`);
    },
    rebind: () => {
      // The kernel drops what is masqueraded behind an interface when that goes down.
      inRouter('link', 'set', 'north', 'down');
      inRouter('link', 'set', 'north', 'up');
      inRouter('route', 'replace', 'default', 'via', `10.${n}.1.1`);
    },
    plug: (isUp) => {
      inCamera('link', 'set', 'eth', isUp ? 'up' : 'down');
      if (isUp) inCamera('route', 'replace', 'default', 'via', `10.${n}.2.1`);
    },
    move: () => {
      address('del', last);
      last += 1;
      address('add', last);
    },
    remove: () => {
      // Links and routes go with the namespace that holds their other end.
      for (const name of [camera, router]) ip('netns', 'del', name);
    },
  };
}
