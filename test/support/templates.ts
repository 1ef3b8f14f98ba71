import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** The repository's own folder, also where this file runs compiled, from dist. */
const ROOT = fileURLToPath(new URL(import.meta.url.endsWith('.js') ? '../../../' : '../../', import.meta.url));
const TEMPLATES = join(tmpdir(), `kit-herald-templates-${String(userInfo().uid)}`);
const DAY = 86_400_000;

/** What takes seconds to make and comes out the same each time: a database's first files, a whole DATA_DIR. */
export interface Template {
  readonly name: string;
  /** The files of this repository (or folders of files) that it depends on: when one changes, it is made anew. */
  readonly madeFrom: readonly string[];
  /** Fills a folder that exists. */
  readonly make: (folder: string) => Promise<void>;
}

/** Fills `to` with a template's files: it is made once, kept for later runs, and copied, owners and modes and all. */
export async function copyTemplate(template: Template, to: string): Promise<void> {
  const path = join(TEMPLATES, `${template.name}-${await fingerprint(template.madeFrom)}`);
  if (!(await exists(path))) await keep(template, path);
  await copy(path, to);
}

/** Made beside and renamed into place: of two that make it at once the second one's is thrown away. */
async function keep({ name, make }: Template, path: string): Promise<void> {
  await mkdir(TEMPLATES, { recursive: true, mode: 0o700 });
  for (const old of await readdir(TEMPLATES)) {
    const { mtimeMs } = await stat(join(TEMPLATES, old)).catch(() => ({ mtimeMs: Date.now() }));
    if (mtimeMs < Date.now() - DAY) await rm(join(TEMPLATES, old), { recursive: true, force: true });
  }
  const made = await mkdtemp(join(tmpdir(), `kit-herald-${name}-`));
  // The database's own user, where root runs the tests, comes in too.
  await chmod(made, 0o755);
  try {
    await make(made);
    const beside = await mkdtemp(join(TEMPLATES, 'making-'));
    await copy(made, beside);
    await rename(beside, path).catch(() => rm(beside, { recursive: true, force: true }));
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

const copy = async (from: string, to: string): Promise<void> => {
  await run('cp', ['-a', `${from}/.`, to]);
};

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function fingerprint(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths) for (const file of await filesUnder(join(ROOT, path))) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

async function filesUnder(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
