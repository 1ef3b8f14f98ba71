import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Database, openDatabase } from '../../src/database/database.js';
import { createListener, createNotifier } from '../../src/database/wakeups.js';
import { pgbouncerMissing, startPgbouncer } from '../support/pgbouncer.js';
import { type OwnPostgres, startOwnPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

jest.setTimeout(60_000);

describe('what one process commits wakes another', () => {
  let server: OwnPostgres;
  let url: string;
  let database: Database;
  const open: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    server = await startOwnPostgres();
    url = await server.freshUrl();
    database = await openDatabase({ url });
  });
  afterEach(async () => {
    for (const part of open.splice(0)) await part.close();
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  function listener(at = url) {
    let heard = 0;
    const listening = createListener(at, database);
    listening.onNotice(() => {
      heard += 1;
    });
    open.push(listening);
    return { heard: () => heard, isListening: () => listening.isListening(), load: () => listening.load() };
  }
  function notifier(load = 0) {
    const made = createNotifier(url, () => load);
    open.push(made);
    return made;
  }

  test('every process that listens hears of it', async () => {
    const [one, other] = [listener(), listener()];
    await until('both to listen', () => one.isListening() && other.isListening());
    const before = [one.heard(), other.heard()] as const;
    notifier().notify();
    await until('both to hear', () => one.heard() > before[0] && other.heard() > before[1]);
  });

  test('a thousand commits at once are few notices, and the last commit is among them', async () => {
    const one = listener();
    await until('it to listen', () => one.isListening());
    const teller = notifier();
    const before = one.heard();
    for (let n = 0; n < 1_000; n++) teller.notify();
    await until('it to hear', () => one.heard() > before);
    const during = one.heard() - before;
    teller.notify();
    await until('it to hear of the last', () => one.heard() > before + during);
    expect(during).toBeLessThan(5);
  });

  test('whoever listens on the same machine hears how much comes in, of all who tell, for as long as they go on', async () => {
    const one = listener();
    await until('it to listen', () => one.isListening());
    const [busy, quiet] = [notifier(812.4), notifier(90)];
    await until('it to hear of both', () => {
      busy.notify();
      quiet.notify();
      return one.load() === 902;
    });
    await until('the busy one to be forgotten', () => {
      quiet.notify();
      return one.load() === 90;
    });
    await until('both to be forgotten', () => one.load() === 0);
  });

  test('what comes in on another machine, or says no number, is no load of this one', async () => {
    const one = listener();
    await until('it to listen', () => one.isListening());
    const before = one.heard();
    const say = (notice: string) => database.query("select pg_notify('kit_herald_committed', $1)", [notice]);
    for (const notice of ['800 elsewhere', `many ${hostname()}`, `-5 ${hostname()}`, hostname(), '800'])
      await say(notice);
    await until('it to hear', () => one.heard() >= before + 5);
    expect(one.load()).toBe(0);
    await say(`800 ${hostname()}`);
    await until('it to hear', () => one.load() === 800);
  });

  test('after a crash of the server both find their way back', async () => {
    const one = listener();
    const teller = notifier();
    await until('it to listen', () => one.isListening());
    teller.notify();
    await server.kill();
    await until('it to know', () => !one.isListening());
    await server.restart();
    await until('it to listen again', () => one.isListening());
    const before = one.heard();
    await until('it to hear', () => {
      teller.notify();
      return one.heard() > before + 1;
    });
  });

  const behind = pgbouncerMissing === null ? test : test.skip;
  behind('a pooler in transaction mode hands on no notices: nobody believes to be woken', async () => {
    const bouncer = await startPgbouncer(url);
    try {
      const [deaf, hearing] = [listener(bouncer.url), listener()];
      await until('the other to hear', () => hearing.heard() > 1);
      expect(deaf.isListening()).toBe(false);
    } finally {
      for (const part of open.splice(0)) await part.close();
      await bouncer.stop();
    }
  });
});
