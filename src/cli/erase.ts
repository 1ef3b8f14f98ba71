import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { adminClient, type AdminAnswer, type AdminClient } from '../admin/client.js';
import { Refusal } from '../config/refusal.js';
import { certificatePage } from '../privacy/certificate-page.js';
import type { Certificate } from '../privacy/certificate.js';
import { EXIT, minute, print, printJson, refused, run, save, wrap } from './output.js';
import { looks } from './patience.js';

interface Options {
  readonly email?: string;
  readonly html?: string;
  readonly wait: boolean;
  readonly json?: true;
}

const WIDTH = 80;

/** Adds `kit-herald erase`: forget a patient, and have a certificate of it. */
export function registerErase(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('erase')
    .description(
      'forget a patient: names, addresses, bodies and replies go for good; what happened stays, without them',
    )
    .argument('[name]', 'a barcode or an order number')
    .option('--email <address>', 'every kit and order that is known under this address')
    .option('--html <file>', 'also write the certificate as a page to print')
    .option('--no-wait', "don't wait for an email that is being sent at this moment")
    .option('--json', 'print the certificate as JSON')
    .addHelpText(
      'after',
      '\nIt cannot be undone. Asked again it shows the same certificate. An order is its recipient, a kit its patient:\neach is erased by its own name, and both by --email where they share an address.',
    )
    .action((name: string | undefined, options: Options, self: Command) =>
      run(self, () => erase(adminClient(env), name, options)),
    );
}

/** @returns the exit code: 0 also where it is still pending, because it goes on by itself. */
async function erase(client: AdminClient, name: string | undefined, options: Options): Promise<number> {
  const asked = await ask(client, name, options.email);
  if (asked.status !== 200 && asked.status !== 202) return refused(asked);
  const certificate = await untilDone(client, asked.body as Certificate, options.wait);
  if (options.html !== undefined) await save(options.html, certificatePage(certificate));
  if (options.json) printJson(certificate);
  else print(renderCertificate(certificate));
  return EXIT.done;
}

async function ask(client: AdminClient, name: string | undefined, email: string | undefined): Promise<AdminAnswer> {
  const by = userInfo().username;
  if (email !== undefined) {
    if (name !== undefined) throw new Refusal('Either a barcode or an order number, or --email.');
    return await client.post('/admin/erase', { email, by });
  }
  if (name === undefined) throw new Refusal('Who? A barcode, an order number, or --email <address>.');
  if (name.includes('@')) throw new Refusal('An address goes behind --email.');
  const encoded = encodeURIComponent(name);
  const kit = await client.post(`/admin/kits/${encoded}/erase`, { by });
  return kit.status === 404 ? await client.post(`/admin/orders/${encoded}/erase`, { by }) : kit;
}

async function untilDone(client: AdminClient, first: Certificate, wait: boolean): Promise<Certificate> {
  let certificate = first;
  if (!wait || first.state === 'done') return first;
  for await (const _ of looks()) {
    const { status, body } = await client.get(`/admin/erasures/${first.id}`);
    if (status === 200) certificate = { ...(body as Certificate), repeated: first.repeated };
    if (certificate.state === 'done') break;
  }
  return certificate;
}

function renderCertificate(certificate: Certificate): string {
  const { id, state, repeated, subjects, erased, by, doneAt, askedAt, stillKnown, backups } = certificate;
  const who = subjects.map(({ what, ending }) => `${what} …${ending}`).join(', ');
  const asker = by === null ? '' : ` by ${by}`;
  return [
    state === 'pending'
      ? `Asked for: ${who}. An email is being sent at this moment; all else is fenced, and goes when it has an answer. Ask again to see.`
      : `${repeated ? 'Erased before' : 'Erased'}: ${who}, ${minute(doneAt ?? askedAt)} UTC${asker}.`,
    ...erased.filter(({ count }) => count > 0).map(({ what, count }) => `  ${String(count).padStart(4)} ${what}`),
    `Certificate ${id}; with all that stays and why: --json or --html <file>.`,
    ...(stillKnown.length === 0
      ? []
      : [`Still known, of the same story: ${stillKnown.join(', ')}. Erase them too where it is the same person.`]),
    backups,
  ]
    .flatMap((line) => (line.startsWith('  ') ? [line] : wrap(line, WIDTH)))
    .join('\n');
}
