/* Pipeline text read without GStreamer: what it says of our element, so that a plan can be made and shown first. */

/** One `kinesiswebrtcbin` of the text, with what the text itself sets on it. */
export interface TextElement {
  /** From `name=`, else the name GStreamer will give it. */
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
}

interface Token {
  readonly kind: 'assignment' | 'word' | 'other';
  readonly text: string;
}

const FACTORY = 'kinesiswebrtcbin';

/* After GStreamer's own grammar: a value is a quoted string or everything up to a space; the longer reading wins. */
const IDENTIFIER = /[A-Za-z0-9_][A-Za-z0-9_%:-]*/y;
const ASSIGN = /\s*=\s*/y;
const BARE = /(?:\\.|\S)+/y;
const QUOTED = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/y;

/** Pipeline text from command-line words: one word is the text; several are joined as gst-launch-1.0 joins them. */
export function joinWords(words: readonly string[]): string {
  return words.length === 1 ? (words[0] ?? '') : words.map(escapeSpaces).join(' ');
}

/** The shell has taken the quotes off `'text=a b'`: its spaces are escaped, so that it stays one word. */
function escapeSpaces(word: string): string {
  let quoted = false;
  let before = '';
  let escaped = '';
  for (const char of word) {
    if (char === '"' && (!quoted || before !== '\\')) quoted = !quoted;
    escaped += char === ' ' && !quoted ? '\\ ' : char;
    before = char;
  }
  return escaped;
}

/** Every `kinesiswebrtcbin` in the text, in order. */
export function findTextElements(text: string): readonly TextElement[] {
  const found: Record<string, string>[] = [];
  let current: Record<string, string> | null = null;
  for (const token of tokenize(text)) {
    if (token.kind === 'assignment') {
      if (current !== null) assign(current, token.text);
      continue;
    }
    current = token.kind === 'word' && token.text === FACTORY ? {} : null;
    if (current !== null) found.push(current);
  }
  let unnamed = 0;
  return found.map(({ name, ...properties }) => ({
    name: name ?? `${FACTORY}${unnamed++}`,
    properties,
  }));
}

/** What keeps the text from being a pipeline at all, naming the word, or null. GStreamer itself only says "syntax error". */
export function findSyntaxFault(text: string): string | null {
  let before: Token | null = null;
  const open: string[] = [];
  for (const token of tokenize(text)) {
    if (isLink(token) && (before === null || before.text === '(')) {
      return `it starts with "${token.text}"`;
    }
    if (isLink(token) && before !== null && isLink(before)) {
      return `there is nothing between "${before.text}" and "${token.text}"`;
    }
    if (token.text === '(') open.push(token.text);
    if (token.text === ')' && open.pop() === undefined) return 'a ")" has no "("';
    if (token.kind === 'assignment' && unclosedQuote(token.text)) {
      return `a quote is not closed in "${token.text}"`;
    }
    before = token;
  }
  if (before === null) return 'it is empty';
  if (isLink(before)) return `it ends with "${before.text}"`;
  return open.length > 0 ? 'a "(" has no ")"' : null;
}

function isLink(token: Token): boolean {
  return token.kind === 'other' && token.text === '!';
}

function unclosedQuote(assignment: string): boolean {
  const value = rawValue(assignment);
  const quote = value[0];
  return (quote === '"' || quote === "'") && (value.length < 2 || !value.endsWith(quote));
}

const SECRET = /^(secret-key|session-token)$/;

/** The text with secrets and the passwords of addresses replaced, fit to be shown. */
export function maskSecrets(text: string): string {
  let masked = '';
  for (const token of tokenize(text, true)) {
    const name = match(IDENTIFIER, token.text, 0);
    const secret = token.kind === 'assignment' && SECRET.test(name);
    masked += secret ? `${name}=***` : token.text;
  }
  return masked.replace(/(:\/\/[^\s/:@]*:)[^\s/@]+@/g, '$1***@');
}

/** Cuts the text into assignments, bare identifiers and single characters; spaces only when asked for. */
function* tokenize(text: string, spaces = false): Generator<Token> {
  let at = 0;
  while (at < text.length) {
    const space = match(/\s+/y, text, at);
    const token = space === '' ? tokenAt(text, at) : null;
    if (token !== null) yield token;
    else if (spaces) yield { kind: 'other', text: space };
    at += token?.text.length ?? space.length;
  }
}

function tokenAt(text: string, at: number): Token {
  const word = match(IDENTIFIER, text, at);
  if (word === '') return { kind: 'other', text: text.charAt(at) };
  const assign = match(ASSIGN, text, at + word.length);
  if (assign === '') {
    const whole = !/[./,]/.test(text.charAt(at + word.length));
    return { kind: whole ? 'word' : 'other', text: word };
  }
  const valueAt = at + word.length + assign.length;
  const bare = match(BARE, text, valueAt);
  const quoted = match(QUOTED, text, valueAt);
  const value = quoted.length > bare.length ? quoted : bare;
  return { kind: 'assignment', text: word + assign + value };
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function assign(properties: Record<string, string>, assignment: string): void {
  const name = match(IDENTIFIER, assignment, 0);
  properties[name] = unquote(rawValue(assignment));
}

function rawValue(assignment: string): string {
  return assignment.slice(assignment.indexOf('=') + 1).trimStart();
}

/** Takes off quotes and backslashes, and the type of `(string)x`. */
function unquote(value: string): string {
  const bare = value.replace(/^\(\w+\)\s*/, '');
  const inner = /^(["'])(.*)\1$/s.exec(bare)?.[2] ?? bare;
  return inner.replace(/\\(.)/gs, '$1');
}

/** The first `name.` in the text that names none of its elements, or null. Numbered default names pass. */
export function findUnknownReference(text: string): string | null {
  const names = new Set<string>();
  for (const { kind, text: token } of tokenize(text)) {
    if (kind === 'assignment' && /^name\s*=/.test(token)) names.add(unquote(rawValue(token)));
  }
  const references = text.matchAll(/(?:^|\s)([A-Za-z0-9_][\w%:-]*)\.(?=\s|$|[\w%-]+(?:\s|$))/g);
  for (const [, name = ''] of references) {
    if (!names.has(name) && !/\d$/.test(name)) return name;
  }
  return null;
}
