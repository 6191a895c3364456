import { once } from 'node:events';
import { resolve } from 'node:path';
import type { LocalRequest } from '../cli.ts';
import { startLocalService } from '../local.ts';
import type { Service } from '../service/index.ts';

export interface LocalContext {
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Runs the local service alone, until `signal`. */
export async function runLocal(
  request: LocalRequest,
  { print, signal }: LocalContext,
): Promise<void> {
  const { port, region, tlsCert, tlsKey } = request;
  const service = await startLocalService({
    port,
    ...(region === undefined ? {} : { region }),
    ...(tlsCert === undefined ? {} : { tlsCert }),
    ...(tlsKey === undefined ? {} : { tlsKey }),
  });
  try {
    const lines = request.output.json
      ? [JSON.stringify(describe(service, request))]
      : exportLines(service, request);
    lines.forEach(print);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await service.close();
  }
}

function describe(service: Service, { channel }: LocalRequest): Readonly<Record<string, unknown>> {
  const { accessKeyId, secretAccessKey } = service.credentials;
  return {
    time: new Date().toISOString(),
    event: 'local',
    endpoint: service.url,
    port: service.port,
    region: service.region,
    accessKeyId,
    secretAccessKey,
    channel,
    watch: service.watchUrl(channel),
  };
}

/** Lines to paste into another terminal. What is unset there would get in the way of the keys. */
function exportLines(service: Service, { channel, tlsCert }: LocalRequest): readonly string[] {
  const { accessKeyId, secretAccessKey } = service.credentials;
  return [
    `export AWS_ENDPOINT_URL_KINESIS_VIDEO=${quote(service.url)}`,
    `export AWS_REGION=${quote(service.region)}`,
    `export AWS_ACCESS_KEY_ID=${quote(accessKeyId)}`,
    `export AWS_SECRET_ACCESS_KEY=${quote(secretAccessKey)}`,
    'unset AWS_SESSION_TOKEN AWS_PROFILE',
    ...(tlsCert === undefined
      ? []
      : [`export AWS_CA_BUNDLE=${quote(resolve(tlsCert))}  # if the certificate is self-signed`]),
    `# watch ${channel} at ${service.watchUrl(channel)}`,
  ];
}

function quote(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
