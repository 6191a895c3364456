// Keeps what V8 has compiled of dist/main.cjs once it has run, for the next starts by this same Node.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import program from '../bin/program.js';

rmSync(program.CACHE, { force: true });
const script = program.compile();
process.on('exit', () => {
  // Whole or not at all, also for those who start meanwhile.
  const part = `${program.CACHE}.${process.pid}`;
  writeFileSync(part, script.createCachedData());
  renameSync(part, program.CACHE);
});
// Says nothing, and depends on no file of the user's.
process.stdout.write = () => true;
process.env.XDG_CONFIG_HOME = program.CACHE;
process.argv.splice(2, Infinity, '--dry-run', 'videotestsrc ! kinesiswebrtcbin channel=cam1');
program.run(script);
