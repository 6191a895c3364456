import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

it('README.md has the help as the program prints it', () => {
  const binary = path('../bin/kvswebrtc-launch.js');
  const help = execFileSync(process.execPath, [binary, '--help'], { encoding: 'utf8' });
  expect(readFileSync(path('../README.md'), 'utf8')).toContain(`\`\`\`\n${help.trimEnd()}\n\`\`\``);
});
