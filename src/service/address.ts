import type { ServicePlan } from './options.ts';

/**
 * Where the service is reached. A port that the scheme implies is left out, as in the addresses of
 * the real one: Amazon's C SDK takes no other.
 */
export function serviceAddress(
  { tls, publicHost }: Pick<ServicePlan, 'tls' | 'publicHost'>,
  port: number,
): URL {
  return new URL(`${tls ? 'https' : 'http'}://${publicHost}:${port}`);
}

/** The `Host` headers by which a browser on this machine may ask for the page. */
export function pageHosts({ host, port }: URL): readonly string[] {
  const end = port === '' ? '' : `:${port}`;
  return [host, `127.0.0.1${end}`, `localhost${end}`, `[::1]${end}`];
}
