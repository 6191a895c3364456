import { LaunchError, messageOf } from './errors.ts';
import type { Service, ServiceOptions } from './service/index.ts';

/** Starts the local service in this process. Rejects with LaunchError `usage` where its port or a file cannot be had. */
export async function startLocalService(options: ServiceOptions): Promise<Service> {
  const { startService } = await import('./service/index.ts');
  try {
    return await startService(options);
  } catch (cause) {
    throw toLaunchError(cause, options);
  }
}

function toLaunchError(cause: unknown, { port }: ServiceOptions): unknown {
  switch (systemCode(cause)) {
    case 'EADDRINUSE':
      return new LaunchError('usage', `port ${port ?? 0} is in use`, {
        hint: 'name another one, or none for any that is free',
        cause,
      });
    case 'EACCES':
    case 'EPERM':
    case 'ENOENT':
    case 'EISDIR':
      return new LaunchError('usage', `the local service cannot start: ${messageOf(cause)}`, {
        hint: 'name a port from 1024 and files that may be read',
        cause,
      });
    default:
      if (!isTlsFault(cause)) return cause;
      return new LaunchError(
        'usage',
        `the TLS certificate or key is of no use: ${messageOf(cause)}`,
        {
          hint: 'both are to be PEM files, and the key that of the certificate',
          cause,
        },
      );
  }
}

function isTlsFault(thrown: unknown): boolean {
  return /^ERR_OSSL_|^ERR_SSL_/.test(systemCode(thrown));
}

function systemCode(thrown: unknown): string {
  const code: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
  return typeof code === 'string' ? code : '';
}
