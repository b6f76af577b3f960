#!/usr/bin/env node
// Runs the program of this platform, which an optional dependency has.
'use strict';
const { spawn } = require('node:child_process');

const name = `@ckwh/${process.platform}-${process.arch}`;
const exe = process.platform === 'win32' ? '.exe' : '';
let program;
try {
  program = require.resolve(`${name}/bin/ckwh${exe}`);
} catch {
  const { version, optionalDependencies } = require('../package.json');
  const known = Object.keys(optionalDependencies).includes(name);
  console.error(
    known
      ? `ckwh: ${name} is missing: optional dependencies were left out. Install it: npm install ${name}@${version}`
      : `ckwh: there is no program for ${process.platform} on ${process.arch}. Build it: cargo install ckwh`,
  );
  process.exit(3);
}

const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' });
// A terminal sends Ctrl-C to both: the program ends as it means to, and this waits for it.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`ckwh: ${program} can't be run: ${error.message}`);
  process.exit(3);
});
child.on('exit', (status, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exit(status);
  }
});
