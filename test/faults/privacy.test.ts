import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../src/database/database.js';
import { loadOrMakeKeys } from '../../src/sealing/keys.js';
import { createSealing } from '../../src/sealing/sealing.js';
import { removeDataDir, startHerald, temporaryDataDir, type Herald } from '../support/app.js';
import { kitJourney } from '../support/journey.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';

function* filesUnder(path: string): Generator<string> {
  for (const name of readdirSync(path)) {
    const file = join(path, name);
    if (statSync(file).isDirectory()) yield* filesUnder(file);
    else yield file;
  }
}

/** Every way in which a word may lie in a file: as it is, as JSON escapes it, as base64 has it at each offset, UTF-16. */
function disguises(word: string): Buffer[] {
  const plain = Buffer.from(word, 'utf8');
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), plain]).toString('base64');
    return encoded.slice(offset === 0 ? 0 : offset + 1, -4);
  });
  const escaped = JSON.stringify(word)
    .slice(1, -1)
    .replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [
    plain,
    Buffer.from(word.toLowerCase(), 'utf8'),
    Buffer.from(word, 'utf16le'),
    Buffer.from(plain.toString('hex')),
    Buffer.from(escaped),
    ...base64.map((text) => Buffer.from(text)),
  ];
}

jest.setTimeout(180_000);

describe('patients at rest', () => {
  let dataDir: string;
  let smtp: SmtpSink;
  let herald: Herald;
  const patients = [
    { first: 'Zebulonquist', last: 'Vårtgårdsson', email: 'zebulonquist@vartgard.example' },
    { first: 'Przemysława', last: "O'Grzegżółka", email: 'przemyslawa.g@szczebrz.example' },
    { first: 'Refusedelia', last: 'Bouncewright', email: 'refusedelia@nowhere.example' },
  ] as const;
  const recipient = { first: 'Giftopher', last: 'Parcelsworth', email: 'giftopher@parcels.example' };

  beforeAll(async () => {
    dataDir = temporaryDataDir();
    smtp = await startSmtpSink();
    herald = await startHerald(dataDir, { SMTP_URL: smtp.url, LOG_LEVEL: 'trace' });
  });
  afterAll(async () => {
    await smtp.close();
    removeDataDir(dataDir);
  });

  test('no byte of the database, of Temporal, of the logs or of the metrics names one, one being refused by SMTP', async () => {
    smtp.behave((address) =>
      address === patients[2].email ? { code: 550, text: `5.1.1 <${address}> Refusedelia is unknown here` } : undefined,
    );
    const kits = patients.map((patient) => kitJourney({ patient, recipient }));
    for (const kit of kits)
      for (const raw of Object.values(kit.events)) expect((await herald.post(raw)).status).toBe(200);
    // Signed but unreadable, with a name in it: kept, quarantined, and just as silent.
    const odd = JSON.stringify({
      event: 'results.available',
      data: { kit_barcode: 7, patient: { first_name: patients[0].first } },
    });
    expect((await herald.post(odd)).status).toBe(200);
    for (const kit of kits)
      await until(`kit ${kit.barcode} to be settled`, async () => {
        const told = await herald.told(kit.barcode);
        return (
          told?.state === 'results.reviewed' &&
          told.notifications.some(({ kind, status }) => kind === 'results.reviewed' && status !== 'sending') &&
          told.notifications.every(({ status }) => status !== 'sending' && status !== 'deferred')
        );
      });
    expect(smtp.subjectsTo(patients[0].email).length).toBeGreaterThan(0);
    await until(
      'attention for the refused one',
      async () => (await herald.told(kits[2]?.barcode ?? ''))?.needsAttention,
    );
    await erase(patients[1].email);
    const late = kits[1]?.events['results.reviewed'] ?? '';
    expect((await herald.post(late.replace(/"wh_[^"]*"/, '"wh_after_erasing"'))).status).toBe(200);
    await until('what came after erasing', async () => {
      const told = await herald.told(kits[1]?.barcode ?? '');
      return told?.webhooks.some(({ id, status }) => id === 'wh_after_erasing' && status === 'relayed');
    });
    const metrics = await (await fetch(herald.runtime.metrics)).text();
    expect(metrics.length).toBeGreaterThan(100);
    await herald.stop();

    const words = [...patients, recipient].flatMap(({ first, last, email }) => [
      first,
      last,
      email,
      email.split('@')[0] ?? email,
    ]);
    words.push('hormone_panel', 'high_cortisol');
    const haystacks = new Map<string, Buffer>([
      ['the output', Buffer.from(herald.output())],
      ['the metrics', Buffer.from(metrics)],
    ]);
    for (const file of filesUnder(dataDir)) haystacks.set(file.slice(dataDir.length), readFileSync(file));
    expect(haystacks.size).toBeGreaterThan(10);
    const found = [...haystacks].flatMap(([place, bytes]) =>
      words
        .filter((word) => disguises(word).some((needle) => bytes.includes(needle)))
        .map((word) => `${word} in ${place}`),
    );
    expect(found).toEqual([]);
    // The search itself finds what is there: the barcode is no secret.
    expect([...haystacks.values()].some((bytes) => bytes.includes(Buffer.from(kits[0]?.barcode ?? '')))).toBe(true);
  });

  test('of who was erased not even a keyed hash is left once the database is vacuumed', async () => {
    const database = await openDatabase({ dataDir });
    const sealing = createSealing(await loadOrMakeKeys(dataDir));
    const contacts = await database.query<{ n: number }>('select count(distinct email_hash) as n from contacts');
    await database.query('vacuum full');
    await database.query('checkpoint');
    await database.close();
    expect(contacts).toEqual([{ n: 3 }]);
    const files = [...filesUnder(join(dataDir, 'database'))].filter((file) => !file.includes('pg_wal'));
    const places = (email: string): string[] => {
      const hash = sealing.hash('email', email);
      const needles = [hash, Buffer.from(hash.toString('base64url'))];
      return files.filter((file) => {
        const bytes = readFileSync(file);
        return needles.some((needle) => bytes.includes(needle));
      });
    };
    expect(places(patients[0].email).length).toBeGreaterThan(0);
    expect(places(patients[1].email)).toEqual([]);
  });

  async function erase(email: string): Promise<void> {
    const { admin, adminToken } = herald.runtime;
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
    const asked = await fetch(`${admin}/admin/erase`, { method: 'POST', headers, body: JSON.stringify({ email }) });
    const { id } = (await asked.json()) as { id: string };
    await until('the erasure to be done', async () => {
      const answer = await fetch(`${admin}/admin/erasures/${id}`, { headers });
      return ((await answer.json()) as { state: string }).state === 'done';
    });
  }
});
