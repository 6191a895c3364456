import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../src/cli.ts';
import type { LaunchRequest, LocalRequest } from '../src/cli.ts';

async function launch(...argv: readonly string[]): Promise<LaunchRequest> {
  const request = await parseCommandLine(argv);
  if (request.kind !== 'launch') throw new Error(`it is a ${request.kind}`);
  return request;
}

async function local(...argv: readonly string[]): Promise<LocalRequest> {
  const request = await parseCommandLine(['local', ...argv]);
  if (request.kind !== 'local') throw new Error(`it is a ${request.kind}`);
  return request;
}

describe('the pipeline on the command line', () => {
  it.each([
    ['one word is the text', ['a ! b c=1'], 'a ! b c=1'],
    ['words are joined', ['a', '!', 'b', 'c=1'], 'a ! b c=1'],
    ['spaces the shell kept are escaped', ['a', 'text=x y', '!', 'b'], 'a text=x\\ y ! b'],
    ['quotes of the text keep theirs', ['a', 'text="x y"', '!', 'b'], 'a text="x y" ! b'],
    ['spaces after other scripts too', ['a', 'text=日本 語😀 x'], 'a text=日本\\ 語😀\\ x'],
    ['nothing of it is an option', ['a', 'b=-1', '!', '-', 'c'], 'a b=-1 ! - c'],
    ['"--" starts it', ['--', 'a', '!', 'b'], 'a ! b'],
    ['options before it end there', ['-e', '-v', '--region', 'x', 'a', '!', 'b'], 'a ! b'],
    ['a bin may start it', ['( a ! b )'], '( a ! b )'],
  ])('%s', async (_, argv, text) => {
    expect((await launch(...argv)).pipeline).toBe(text);
  });
});

describe('--local', () => {
  it.each([
    ['alone', ['--local', 'a ! b'], 0, 'a ! b'],
    ['with a port after it', ['--local', '8080', 'a ! b'], 8080, 'a ! b'],
    ['with a port in it', ['--local=8080', 'a ! b'], 8080, 'a ! b'],
    ['before words', ['--local', 'a', '!', 'b'], 0, 'a ! b'],
    ['before another option', ['--local', '-q', 'a ! b'], 0, 'a ! b'],
    ['given twice', ['--local', '--local=81', 'a ! b'], 81, 'a ! b'],
  ])('%s', async (_, argv, port, text) => {
    const request = await launch(...argv);
    expect([request.localPort, request.pipeline]).toEqual([port, text]);
  });

  it('is off by default', async () => {
    expect((await launch('a ! b')).localPort).toBeNull();
  });
});

describe('options', () => {
  it('may be given once for each element', async () => {
    const { elementOptions } = await launch(
      '--channel',
      'a=x',
      '--channel=b=y',
      '--role=viewer',
      'p',
    );
    expect(elementOptions).toMatchObject({ channel: ['a=x', 'b=y'], role: ['viewer'], region: [] });
  });

  it('keep numbers as they are written', async () => {
    expect((await launch('--channel', '007', 'p')).elementOptions.channel).toEqual(['007']);
  });

  it('keep values that start with a dash', async () => {
    expect((await launch('--client-id', '-x', 'p')).elementOptions['client-id']).toEqual(['-x']);
  });

  it('have the letters of gst-launch-1.0', async () => {
    const request = await launch('-qe', '-v', '-m', 'p');
    expect(request).toMatchObject({ eosOnShutdown: true, verbose: true, messages: true });
    expect(request.output).toEqual({ json: false, color: true, quiet: true });
  });

  it('choose how to write', async () => {
    expect((await launch('--json', '--no-color', 'p')).output).toMatchObject({
      json: true,
      color: false,
    });
  });
});

describe('wrong usage', () => {
  it.each([
    ['no pipeline', []],
    ['an option that does not exist', ['--fast', 'p']],
    ['an option without its value', ['--region']],
    ['an option after the pipeline', ['videotestsrc', '!', 'fakesink', '-v']],
    ['a long option after the pipeline', ['videotestsrc', '--channel=x']],
    ['a port that is none', ['--local=x', 'p']],
    ['a port that is too high', ['--local', '65536', 'p']],
    ['a word for a command without words', ['local', 'p']],
    ['a certificate without its key', ['local', '--tls-cert', 'x']],
  ])('%s', async (_, argv) => {
    await expect(parseCommandLine(argv)).rejects.toMatchObject({
      code: 'usage',
      message: expect.not.stringContaining('\n') as string,
    });
  });
});

describe('help', () => {
  it('comes before any fault', async () => {
    expect((await parseCommandLine(['--help'])).kind).toBe('help');
    expect((await parseCommandLine(['local', '-h'])).kind).toBe('help');
  });

  it('tells of every option, and nothing of types', async () => {
    const request = await parseCommandLine(['--help']);
    const text = request.kind === 'help' ? request.text : '';
    expect(text).toContain('--client-id');
    expect(text).not.toMatch(/\[(array|string|boolean)\]|\$0/);
  });
});

describe('local', () => {
  it('takes its settings', async () => {
    const argv = ['--port', '8443', '--region', 'r', '--tls-cert', 'c', '--tls-key', 'k'];
    expect(await local(...argv)).toMatchObject({
      port: 8443,
      region: 'r',
      tlsCert: 'c',
      tlsKey: 'k',
      channel: 'demo',
    });
  });
});
