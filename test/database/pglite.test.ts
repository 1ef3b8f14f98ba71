import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { packageRoot } from '../../src/config/package-root.js';

/** Runs it in a process of its own: what is tried here ends processes. */
function run(script: string): { readonly code: number | null; readonly said: string; readonly complained: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: packageRoot(),
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
    timeout: 50_000,
  });
  return { code: status, said: stdout, complained: stderr };
}

const open = `
  import { openDatabase } from './dist/src/database/database.js';
  let thread;
  process.on('worker', (worker) => { thread = worker; });
  const database = await openDatabase({ dataDir: null });`;

test('a process whose database thread dies ends: it could keep nothing any more', () => {
  const { code, said, complained } = run(`${open}
    database.query('select pg_sleep(60)').catch(() => undefined);
    setTimeout(() => thread.terminate(), 100);
    setTimeout(() => console.log('still here'), 30_000);`);
  expect(said).not.toContain('still here');
  expect(complained).toContain('Connection terminated');
  expect(code).toBe(1);
});

test('a database that is closed leaves nothing behind, and nobody takes it for lost', () => {
  expect(run(`${open} await database.close(); console.log('closed');`)).toEqual({
    code: 0,
    said: 'closed\n',
    complained: '',
  });
});
