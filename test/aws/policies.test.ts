/* docs/AWS.md: its policies are what the code needs, no more and no less. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8');

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string;
}

interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

const POLICIES = [...read('docs/AWS.md').matchAll(/```json\n(.+?)```/gs)].map(
  ([, text = '']) => JSON.parse(text) as Policy,
);

function actionsOf(policy: Policy | undefined): string[] {
  return (policy?.Statement ?? []).flatMap(({ Action }) => Action).toSorted();
}

/** As IAM calls them. */
function asActions(names: Iterable<string>): string[] {
  return [...new Set(names)].map((name) => `kinesisvideo:${name}`).toSorted();
}

/** The calls that the element names, in its requests and its errors. */
const ELEMENT_CALLS = readdirSync(`${ROOT}plugin-c/kvs`)
  .filter((file) => file.endsWith('.c'))
  .flatMap((file) =>
    [
      ...read(`plugin-c/kvs/${file}`).matchAll(
        /"((?:ConnectAs|Create|Delete|Describe|Get|List|Tag|Update)[A-Z]\w+)"/g,
      ),
    ].map(([, name = '']) => name),
  );

/** The commands of the AWS SDK that a file sends. */
function callsOf(file: string): string[] {
  return [...read(file).matchAll(/new (\w+)Command\(/g)].map(([, name = '']) => name);
}

describe('the policies of docs/AWS.md', () => {
  const [master, viewer, admin] = POLICIES;

  it('let a master do what the element does as one', () => {
    const calls = ELEMENT_CALLS.filter((name) => name !== 'ConnectAsViewer');
    expect(actionsOf(master)).toEqual(asActions(calls));
  });

  it('let a viewer do what the element does as one', () => {
    const others = ['ConnectAsMaster', 'CreateSignalingChannel'];
    const calls = ELEMENT_CALLS.filter((name) => !others.includes(name));
    expect(actionsOf(viewer)).toEqual(asActions(calls));
  });

  it('let a viewer check the channel', () => {
    const calls = callsOf('src/aws/signaling.ts');
    expect(calls.length).toBeGreaterThan(0);
    expect(actionsOf(viewer)).toEqual(expect.arrayContaining(asActions(calls)));
  });

  it('let an administrator do what channels does', () => {
    expect(actionsOf(admin)).toEqual(asActions(callsOf('src/aws/channels.ts')));
  });

  it('allow, and name a resource or a principal', () => {
    expect(POLICIES).toHaveLength(5);
    for (const { Version, Statement } of POLICIES) {
      expect(Version).toBe('2012-10-17');
      for (const statement of Statement) {
        expect(statement.Effect).toBe('Allow');
        expect('Resource' in statement || 'Principal' in statement).toBe(true);
      }
    }
  });
});
