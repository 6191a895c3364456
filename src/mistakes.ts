/* What is wrong with a pipeline's text, and what was meant. Loaded when something is. */
import { spawnSync } from 'node:child_process';
import { LaunchError, messageOf } from './errors.ts';
import { installHint, knownElements, packageOfElement } from './gst/missing.ts';
import type { GstRuntime } from './gst/runtime.ts';
import { findUnknownReference } from './gst/text.ts';
import { didYouMean } from './nearest.ts';
import { COMMAND_NAMES } from './request.ts';

/** `cause` is what GStreamer's parser said. */
export function mistakeIn(text: string, cause: unknown, runtime: GstRuntime): LaunchError {
  const said = messageOf(cause);
  const missing = /^no element "(.+)"/.exec(said)?.[1];
  if (missing !== undefined) {
    const hint = commandHint(text, missing) ?? missingElementHint(runtime, missing);
    return new LaunchError('pipeline-text', `there is no GStreamer element "${missing}"`, {
      hint,
      cause,
    });
  }
  const [, property, owner] = /^no property "(.+)" in element "(.+)"/.exec(said) ?? [];
  if (property !== undefined && owner !== undefined) {
    return new LaunchError('pipeline-text', `element "${owner}" has no property "${property}"`, {
      hint:
        didYouMean(property, propertiesOf(factoryIn(text, owner))) ??
        `"gst-inspect-1.0 ${factoryIn(text, owner)}" lists those it has`,
      cause,
    });
  }
  const unknown = said.includes('(null)') ? findUnknownReference(text) : null;
  const fault = unknown === null ? said : `no element in it is called "${unknown}"`;
  const hint =
    said === 'syntax error'
      ? 'elements, NAME=VALUE and "!" are to stand apart by spaces'
      : undefined;
  return new LaunchError('pipeline-text', `the pipeline is not right: ${fault}`, { hint, cause });
}

/** Of words that are no pipeline, and begin nearly as a command does. */
function commandHint(text: string, first: string): string | undefined {
  const isPipeline = /[!=]/.test(text) || !text.startsWith(first);
  return isPipeline ? undefined : didYouMean(first, COMMAND_NAMES, 'the command ');
}

function missingElementHint(runtime: GstRuntime, name: string): string {
  const debian = packageOfElement(name);
  if (debian !== null) return installHint([debian]) ?? '';
  return (
    didYouMean(name, [...runtime.elementNames(), ...knownElements()]) ??
    `correct the name, or install the plugin that has it: "gst-inspect-1.0 ${name}" shows it then`
  );
}

/** GStreamer names the element, by default after its factory with a number behind. */
function factoryIn(text: string, element: string): string {
  const named = new RegExp(`([\\w-]+)\\b[^!]*\\bname=${element.replace(/\W/g, '\\$&')}(\\s|$)`);
  return named.exec(text)?.[1] ?? element.replace(/\d+$/, '');
}

/** Asked of gst-inspect-1.0, as the bindings cannot list them; none where it is not installed. */
function propertiesOf(factory: string): readonly string[] {
  const { stdout } = spawnSync('gst-inspect-1.0', [factory], { encoding: 'utf8', timeout: 10_000 });
  const names = (stdout as string | null)?.matchAll(/^ {2}([a-z][\w-]*) *: /gm) ?? [];
  return [...names].map(([, name = '']) => name);
}
