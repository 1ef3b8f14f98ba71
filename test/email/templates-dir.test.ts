import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createEmails } from '../../src/email/compose.js';
import { readTemplatesDir } from '../../src/email/overrides.js';
import { CATALOGUES } from '../../src/email/wording/wording.js';
import { BRAND, emailInput, STOP_URL } from './fixtures.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'templates-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function put(files: Readonly<Record<string, string | object>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
}
const read = () => readTemplatesDir(directory, { portalUrl: BRAND.portalUrl });
const faults = async (files: Readonly<Record<string, string | object>>): Promise<string> => {
  await put(files);
  return read().then(
    () => 'no fault',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );
};

const HTML =
  '<!doctype html><html lang="{{lang}}" dir="{{dir}}"><p>{{greeting}}</p><p>{{happened}}</p><a href="{{action_url}}">{{action}}</a></html>';
const TEXT = '{{greeting}}\n{{happened}}\n{{ action_url }}\n';

describe('a company’s own wording', () => {
  test('takes the place of ours, message by message', async () => {
    await put({ 'wording/en.json': { 'results.available.subject': 'News for you' }, 'README.md': 'ours', '.keep': '' });
    const { text, subject } = await createEmails({ brand: BRAND, ...(await read()) }).compose(
      emailInput({ kind: 'results.available', firstWord: true }),
    );
    expect(subject).toBe('News for you (kit 9012)');
    expect(text).toContain('We send this same email whatever the results say.');
  });

  test('may be in a language that we don’t have, when it is whole', async () => {
    await put({ 'wording/pt-BR.json': { ...CATALOGUES.es, 'greeting.named': 'Olá, {name}' } });
    const person = { firstName: 'Ana', lastName: null, email: null, locale: 'pt-BR', zone: null };
    const { text } = await createEmails({ brand: BRAND, ...(await read()) }).compose(emailInput({ person }));
    expect(text).toContain('Olá, Ana');
  });

  test('that is wrong is told at start, all of it, by file', async () => {
    const message = await faults({
      'wording/en.json': {
        'kit.registered.happened': 'Your kit is registered.',
        'kit.registered.next': 'We will email {nobody}.',
        'kit.registered.todo': 'Broken {k',
        'kit.lost.subject': 'No such email',
      },
      'wording/es.json': '{',
      'wording/fr.json': ['x'],
      'wording/pt.json': { 'greeting.plain': 'Olá' },
      'wording/klingon!.json': {},
    });
    expect(message).toContain('wording/en.json: kit.registered.happened must use {k}');
    expect(message).toContain('wording/en.json: kit.registered.next knows no {nobody}');
    expect(message).toContain('wording/en.json: kit.registered.todo is no valid ICU message');
    expect(message).toContain('wording/en.json: there is no message kit.lost.subject');
    expect(message).toContain('wording/es.json: is not JSON');
    expect(message).toContain('wording/fr.json: must be an object');
    expect(message).toContain('wording/pt.json: a new language needs every message');
    expect(message).toContain('wording/klingon!.json: must be named after a language');
  });
});

describe('a company’s own email', () => {
  test('takes the place of ours, with every value escaped in HTML and none in the text', async () => {
    await put({ 'kit.registered.html': HTML, 'kit.registered.txt': TEXT });
    const emails = createEmails({ brand: BRAND, ...(await read()) });
    const person = { firstName: "D'Arc", lastName: null, email: null, locale: null, zone: null };
    const { html, text, subject } = await emails.compose(emailInput({ person }));
    expect(html).toBe(
      `<!doctype html><html lang="en" dir="ltr"><p>Hello D&#39;Arc,</p><p>The kit ending 9012 is now registered. We will send news about it to this address.</p><a href="${BRAND.portalUrl}">See the next steps</a></html>`,
    );
    expect(text).toContain("Hello D'Arc,");
    expect(subject).toBe('Your kit is registered (kit 9012)');
  });

  test('for the first word of results is one, whichever kind goes', async () => {
    await put({ 'results.available.html': HTML, 'results.available.txt': TEXT });
    const emails = createEmails({ brand: BRAND, ...(await read()) });
    const [one, other] = await Promise.all(
      (['results.available', 'results.reviewed'] as const).map((kind) =>
        emails.compose(emailInput({ kind, firstWord: true })),
      ),
    );
    expect(other).toEqual(one);
  });

  test('carries the stop link where there must be one', async () => {
    const stop = '<a href="{{stop_url}}">{{stop}}</a>';
    await put({ 'notice.delay.html': HTML + stop, 'notice.delay.txt': `${TEXT}{{stop_url}}` });
    const { html } = await createEmails({ brand: BRAND, ...(await read()) }).compose(
      emailInput({ kind: 'notice.delay' }),
    );
    expect(html).toContain(`<a href="${STOP_URL}">Stop progress news</a>`);
    await rm(join(directory, 'notice.delay.html'));
    expect(await faults({ 'notice.delay.html': HTML })).toContain('notice.delay.html: must use {{stop_url}}');
  });

  test.each([
    [{ 'kit.lost.html': HTML }, 'kit.lost.html: is no email'],
    [{ 'kit.registered.html': HTML }, 'kit.registered.html: stands alone: kit.registered.txt is missing'],
    [{ 'kit.registered.txt': TEXT }, 'kit.registered.txt: stands alone: kit.registered.html is missing'],
    [{ 'kit.failed.html': HTML, 'kit.failed.txt': '{{happened}}' }, 'kit.failed.txt: must use {{action_url}}'],
    [{ 'kit.failed.html': '{{action_url}}', 'kit.failed.txt': TEXT }, 'must use {{kit}} or {{happened}}'],
    [{ 'kit.failed.html': `${HTML}{{last_name}}`, 'kit.failed.txt': TEXT }, 'knows no {{last_name}}'],
    [{ 'kit.failed.html': `${HTML}<script>1</script>`, 'kit.failed.txt': TEXT }, 'holds something that runs'],
    [{ 'kit.failed.html': `${HTML}<p onclick=x>`, 'kit.failed.txt': TEXT }, 'holds something that runs'],
    [{ 'kit.failed.html': `${HTML}<img src="//t.example/p.gif">`, 'kit.failed.txt': TEXT }, 'shows an image'],
    [
      { 'kit.failed.html': `${HTML}<a href="https://evil.example/">`, 'kit.failed.txt': TEXT },
      'only the portal may be linked',
    ],
    [{ 'kit.failed.html': HTML + 'x'.repeat(90_001), 'kit.failed.txt': TEXT }, 'is larger than'],
  ])('that is wrong is told at start: %j', async (files, message) => {
    expect(await faults(files)).toContain(message);
  });

  test('in a folder that isn’t there is a fault, too', async () => {
    await expect(readTemplatesDir(join(directory, 'nowhere'), { portalUrl: 'https://x' })).rejects.toThrow(
      /can't be read/,
    );
  });
});
