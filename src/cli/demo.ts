import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from 'commander';
import { hashSecret } from '../access/secrets.js';
import { adminClient } from '../admin/client.js';
import { WEBHOOK_PATH } from '../c4hxp/webhook/signature.js';
import { readSettings, type Settings } from '../config.js';
import { addressBlock, type RuntimeInfo, webhookSecrets } from '../process/runtime-file.js';
import { emptyDemoDir } from '../sandbox/demo/clean.js';
import { type DemoPartner, demoStories, type DemoStory } from '../sandbox/demo/kits.js';
import { type Played, playStory, TIME_SCALE } from '../sandbox/demo/play.js';
import { storyReport } from '../sandbox/demo/report.js';
import type { PartnerSim } from '../sandbox/partner-sim/sim.js';

/** However slow the machine: a demo that has not ended by then has failed. */
const LONGEST_MS = 150_000;

/** So long after the last webhook C4HXP is asked what has become of a sample; what it alone knows comes no sooner. */
const ASKED_AFTER = '3s';

/**
 * The only settings that a demo heeds. It never speaks to what is configured: its patients are invented, and their
 * emails belong in the embedded mailbox.
 */
const HEEDED = [
  'HOST',
  'PORT',
  'ADMIN_HOST',
  'ADMIN_PORT',
  'METRICS_PORT',
  'TEMPORAL_CLI',
  'TEMPORAL_PORT',
  'TEMPORAL_UI_PORT',
  'MAILBOX_PORT',
  'MAILBOX_SMTP_PORT',
  'BRAND_NAME',
  'BRAND_COLOR',
] as const;

/** Adds `kit-herald demo`: five stories of kits, one of which goes wrong, on an embedded stack of its own. */
export function registerDemo(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('demo')
    .description(
      'the embedded stack in DATA_DIR/demo, five stories of kits, one of which goes wrong, all left open to look at',
    )
    .option('--once', 'end when every kit has: 0 when each ended as it should, else 1')
    .action(({ once }: { once?: true }) => demo(once === true, env));
}

async function demo(once: boolean, env: NodeJS.ProcessEnv): Promise<void> {
  say('kit-herald demo: real webhooks, a real Temporal server and a real mailbox, all on this machine.');
  const [{ runProcess }, { createPartnerSim }] = await Promise.all([
    import('../process/run-process.js'),
    import('../sandbox/partner-sim/sim.js'),
  ]);
  const partner = await createPartnerSim({ timeScale: TIME_SCALE, plainHttp: true });
  const deskSecret = randomBytes(12).toString('base64url');
  const settings = demoSettings(env, partner, `demo:admin:${await hashSecret(deskSecret)}`);
  await emptyDemoDir(settings.dataDir);
  const beside = { name: 'the stand-in C4HXP', stop: () => partner.close() };
  const app = await runProcess({ role: 'start', settings, env, say, beside });
  const { runtime } = app;
  say(addressBlock(runtime, settings), '');
  const [secret] = webhookSecrets(settings);
  partner.register({ url: `${runtime.receiver ?? ''}${WEBHOOK_PATH}`, secret });

  const stories = demoStories();
  const played = await playAll(stories, runtime, partner);
  for (const [place, story] of stories.entries())
    say('', storyReport(story, played[place] ?? NOT_PLAYED, process.stdout.isTTY && !env['NO_COLOR']));
  const good = played.every(({ faults }) => faults.length === 0);
  say('', good ? 'Every kit ended as it should.' : 'Not every kit ended as it should.');
  if (!once) {
    say('', 'Open to look at, until Ctrl-C:');
    say(`  the mailbox      ${runtime.mailbox ?? ''}`);
    say(`  Temporal's UI    ${runtime.temporalUi ?? ''}`);
    say(`  the desk         ${runtime.admin ?? ''}/desk (name demo, secret ${deskSecret})`);
    say(`  what was sent    ${partner.url}/sim/deliveries`);
    say(`  a kit's timeline DATA_DIR=${settings.dataDir} npx kit-herald told ${stories[0]?.kits[0]?.barcode ?? ''}`);
    say(
      `  … and one failed DATA_DIR=${settings.dataDir} npx kit-herald told ${stories.at(-1)?.kits[0]?.barcode ?? ''}`,
    );
    return;
  }
  await app.stop();
  process.exit(good ? 0 : 1);
}

const NOT_PLAYED: Played = { answers: [], faults: ['it was not played'] };

async function playAll(stories: readonly DemoStory[], runtime: RuntimeInfo, partner: DemoPartner): Promise<Played[]> {
  const played: Played[] = stories.map(() => NOT_PLAYED);
  const common = {
    partner,
    admin: adminClient({ KIT_HERALD_URL: runtime.admin ?? '', ADMIN_TOKEN: runtime.adminToken ?? '' }),
    deadline: Date.now() + LONGEST_MS,
  };
  const tasks = stories.map((story, place) => ({
    title: story.title,
    task: async (_: unknown, task: { title: string; output: string }) => {
      const progress = (words: string): void => {
        // Without a terminal the lines of all kits are mixed.
        task.output = process.stdout.isTTY ? words : `${story.order}: ${words}`;
      };
      const outcome = await playStory(story, { ...common, progress });
      played[place] = outcome;
      const [fault] = outcome.faults;
      if (fault !== undefined) throw new Error(fault);
    },
  }));
  // A kit that fails is reported with the others, at the end.
  const { Listr } = await import('listr2');
  const list = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    fallbackRenderer: 'verbose',
    rendererOptions: { collapseErrors: false },
  });
  await list.run();
  return played;
}

/** `user`: who may sign in at the desk, as USERS has it. */
function demoSettings(env: NodeJS.ProcessEnv, partner: Pick<PartnerSim, 'url' | 'apiKey'>, user: string): Settings {
  const heeded = Object.fromEntries(HEEDED.map((name) => [name, env[name]]));
  return readSettings({
    LOG_LEVEL: env['LOG_LEVEL'] ?? 'error',
    ...heeded,
    DATA_DIR: join(env['DATA_DIR']?.trim() || '.kit-herald', 'demo'),
    TOO_LATE: 'off',
    SILENCE_AFTER: ASKED_AFTER,
    PARTNER_API_URL: partner.url,
    PARTNER_API_KEY: partner.apiKey,
    USERS: user,
  });
}

function say(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
