import { describe, expect, it } from 'vitest';
import { pageHosts, serviceAddress } from '../../src/service/address.ts';

const tls = { cert: 'cert.pem', key: 'key.pem' };
const publicHost = 'localhost';

describe('the address of the service', () => {
  it.each([
    [443, tls, 'https://localhost'],
    [80, undefined, 'http://localhost'],
    [8443, tls, 'https://localhost:8443'],
    [443, undefined, 'http://localhost:443'],
  ])('with port %i is %s', (port, scheme, url) => {
    expect(serviceAddress({ tls: scheme, publicHost }, port).origin).toBe(url);
  });

  it('has its page at home on loopback under any name', () => {
    const hosts = (port: number): readonly string[] =>
      pageHosts(serviceAddress({ tls, publicHost: 'camera.test' }, port));
    expect(hosts(443)).toEqual(['camera.test', '127.0.0.1', 'localhost', '[::1]']);
    expect(hosts(8443)).toContain('[::1]:8443');
  });
});
