import type { Answer } from '../control/control.ts';
import type { LaunchEvent } from '../events.ts';
import type { LaunchError } from '../errors.ts';
import type { LaunchPlan } from '../plan.ts';

/** Lines to print: results go to stdout, words about them to stderr. Without their newlines. */
export interface Lines {
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** Turns what happened into lines. Two of them: for people and for programs. */
export interface Report {
  event: (event: LaunchEvent) => Lines;
  /** Of a line that was typed. A table does without its lesser columns where it is wider than `width`. */
  answer: (answer: Answer, width?: number) => Lines;
  plan: (plan: LaunchPlan) => Lines;
  /** The one line a failed run ends with. */
  failure: (error: LaunchError) => Lines;
}

export const NO_LINES: Lines = { out: [], err: [] };

/** `kvswebrtc-launch: error: what; what to do`, whatever was in it, on one line. */
export function failureLine(error: LaunchError): string {
  const hint = error.hint === undefined ? '' : `; ${error.hint}`;
  return `kvswebrtc-launch: error: ${printable(`${error.message}${hint}`)}`;
}

/**
 * Text that may come from the network, safe on a terminal: line breaks become spaces, other control
 * characters, and those that reorder what is shown, their escaped code.
 */
export function printable(text: string): string {
  return text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ').replace(UNSAFE, escapeCharacter);
}

const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u200b\u2028\u2029\ufeff]/gu;

/** The same of JSON, which may be read on a terminal too: only strings in it can hold such characters. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, escapeCharacter);
}

function escapeCharacter(char: string): string {
  return `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
