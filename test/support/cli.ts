import { spawnHerald } from './app.js';

/** What a command said and how it ended. */
export interface Said {
  readonly code: number | null;
  readonly said: string;
}

/** Runs one of the CLI's commands against the instance that runs on a DATA_DIR. */
export async function cli(dataDir: string, ...args: readonly string[]): Promise<Said> {
  const { exited, output } = spawnHerald(args, { DATA_DIR: dataDir, NO_COLOR: '1' });
  const code = await exited;
  return { code, said: output().trimEnd() };
}
