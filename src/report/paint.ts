/* Colours for words. The only importer of chalk, which is loaded where there are colours. */

/** Each marks a text up, which keeps its meaning without. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly underline: (text: string) => string;
  readonly yellow: (text: string) => string;
}

const asItIs = (text: string): string => text;

export const PLAIN: Paint = {
  bold: asItIs,
  cyan: asItIs,
  dim: asItIs,
  green: asItIs,
  red: asItIs,
  underline: asItIs,
  yellow: asItIs,
};

/** Of the sixteen that every terminal has. */
export async function loadColors(): Promise<Paint> {
  const { Chalk } = await import('chalk');
  return new Chalk({ level: 1 });
}
