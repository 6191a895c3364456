import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../src/cli.ts';
import { helpText } from '../src/help.ts';
import type { LaunchRequest, LocalRequest } from '../src/request.ts';

function launch(...argv: readonly string[]): LaunchRequest {
  const request = parseCommandLine(argv);
  if (request.kind !== 'launch') throw new Error(`it is a ${request.kind}`);
  return request;
}

function local(...argv: readonly string[]): LocalRequest {
  const request = parseCommandLine(['local', ...argv]);
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
  ])('%s', (_, argv, text) => {
    expect(launch(...argv).pipeline).toBe(text);
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
  ])('%s', (_, argv, port, text) => {
    const request = launch(...argv);
    expect([request.localPort, request.pipeline]).toEqual([port, text]);
  });

  it('is off by default', () => {
    expect(launch('a ! b').localPort).toBeNull();
  });
});

describe('options', () => {
  it('may be given once for each element', () => {
    const { elementOptions } = launch('--channel', 'a=x', '--channel=b=y', '--role=viewer', 'p');
    expect(elementOptions).toMatchObject({ channel: ['a=x', 'b=y'], role: ['viewer'], region: [] });
  });

  it('keep numbers as they are written', () => {
    expect(launch('--channel', '007', 'p').elementOptions.channel).toEqual(['007']);
  });

  it('keep values that start with a dash', () => {
    expect(launch('--client-id', '-x', 'p').elementOptions['client-id']).toEqual(['-x']);
  });

  it('have the letters of gst-launch-1.0', () => {
    const request = launch('-qe', '-v', '-m', 'p');
    expect(request).toMatchObject({ eosOnShutdown: true, verbose: true, messages: true });
    expect(request.output).toEqual({ json: false, color: true, quiet: true });
  });

  it('choose how to write', () => {
    expect(launch('--json', '--no-color', 'p').output).toMatchObject({
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
  ])('%s', (_, argv) => {
    expect(() => parseCommandLine(argv)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.not.stringContaining('\n') as string,
      }),
    );
  });

  it.each([
    ['an option without its value', ['--region'], '--region needs a value'],
    ['one letter without it', ['-X'], '--exclude needs a value'],
    ['the last of several letters without it', ['-vX', 'foo', 'p'], '--exclude needs a value'],
    ['an empty value', ['--channel=', 'p'], '--channel needs a value'],
    ['an empty value of one that stands once', ['--config', '', 'p'], '--config needs a value'],
    ['a letter that is none', ['-z', 'p'], 'there is no option "-z"'],
    ['such a letter behind another', ['-vz', 'p'], 'there is no option "-z"'],
    ['a number', ['-5', 'p'], 'there is no option "-5"'],
    ['a flag with a value', ['--quiet=much', 'p'], '--quiet takes no value'],
  ])('%s, in words', (_, argv, message) => {
    expect(() => parseCommandLine(argv)).toThrow(
      expect.objectContaining({ code: 'usage', message }),
    );
  });
});

describe('help', () => {
  it('comes before any fault', () => {
    expect(parseCommandLine(['--help']).kind).toBe('help');
    expect(parseCommandLine(['local', '-h']).kind).toBe('help');
  });

  it('tells of every option, and nothing of types', async () => {
    const request = parseCommandLine(['--help']);
    const text = request.kind === 'help' ? await helpText(request) : '';
    expect(text).toContain('--client-id');
    expect(text).not.toMatch(/\[(array|string|boolean)\]|\$0/);
  });
});

describe('local', () => {
  it('takes its settings', () => {
    const argv = ['--port', '8443', '--region', 'r', '--tls-cert', 'c', '--tls-key', 'k'];
    expect(local(...argv)).toMatchObject({
      port: 8443,
      region: 'r',
      tlsCert: 'c',
      tlsKey: 'k',
      channel: 'demo',
    });
  });
});
