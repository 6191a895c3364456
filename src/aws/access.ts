/* What lets an element in: region, keys and, for the local service, its address. */
import type { ElementPlan } from '../plan.ts';
import type { KeyFinder, Keys } from './credentials.ts';

export interface Access {
  /** Null: the element finds it. */
  readonly region: string | null;
  /** Null: AWS's own. */
  readonly endpoint: string | null;
  /** Null: the element has its own. */
  readonly keys: Keys | null;
  /** Looks for newer keys; null where they never change. */
  readonly find: KeyFinder | null;
}

/** What the local service lets in with. */
export interface LocalAccess {
  readonly url: string;
  readonly region: string;
  readonly credentials: Keys;
}

/**
 * Finds the access of each element, in their order; each profile is asked once. The AWS SDK is loaded
 * only where it is needed. Rejects with LaunchError `credentials` or `region`.
 */
export async function findAccess(
  elements: readonly ElementPlan[],
  local: LocalAccess | null,
  warn: (message: string) => void,
): Promise<readonly Access[]> {
  if (local !== null) {
    const access = {
      region: local.region,
      endpoint: local.url,
      keys: local.credentials,
      find: null,
    };
    return elements.map(() => access);
  }
  const lookups = new Map<string | null, Promise<FoundKeys>>();
  return Promise.all(
    elements.map(async (element) => {
      const region = element.region?.value ?? null;
      const endpoint = element.endpoint?.value ?? null;
      if (element.keys.kind !== 'chain') return { region, endpoint, keys: null, find: null };
      const profile = element.keys.profile?.value ?? null;
      const lookup = lookups.get(profile) ?? findKeys(profile, warn);
      lookups.set(profile, lookup);
      const found = await lookup;
      return { region: region ?? (await regionOf(profile)), endpoint, ...found };
    }),
  );
}

interface FoundKeys {
  readonly keys: Keys;
  readonly find: KeyFinder;
}

async function findKeys(
  profile: string | null,
  warn: (message: string) => void,
): Promise<FoundKeys> {
  // Which Node this program runs on is package.json's to say: the SDK's notice is not for its users.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { keyFinder } = await import('./credentials.ts');
  const find = keyFinder(profile, warn);
  return { keys: await find(), find };
}

async function regionOf(profile: string | null): Promise<string> {
  const { findRegion } = await import('./region.ts');
  return findRegion(profile);
}
