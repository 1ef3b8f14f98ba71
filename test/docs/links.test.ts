import { describe, expect, test } from '@jest/globals';
import { anchorsOf, deadLinks, linksOf, resolveLink } from '../../docs/site/links.js';
import { addressOf, BESIDE, chaptersOf } from '../../docs/site/pages.js';
import { files, pages, repository } from './repository.js';

describe('each page', () => {
  test('links only to what is there, to the heading', () => {
    expect(pages.length).toBeGreaterThan(50);
    expect(deadLinks(pages, repository)).toEqual([]);
  });

  test('of the documentation is in its contents, or in the list of its folder', () => {
    const listed = new Set(
      ['docs/README.md', 'docs/runbooks/README.md', 'docs/decisions/README.md'].flatMap((list) =>
        linksOf(repository.read(list)).map(({ target }) => resolveLink(list, target)?.path),
      ),
    );
    const published = pages.filter((path) => path.startsWith('docs/') && path !== 'docs/README.md');
    expect(published.filter((path) => !listed.has(path))).toEqual([]);
  });

  test('that a file of the project names is there', () => {
    const text = files.filter(
      (path) => /\.(ts|tsx|mjs|yml|yaml|env|service|example|md)$/.test(path) && !/^test\/(fixtures|docs)\//.test(path),
    );
    const named = text.flatMap((path) =>
      [...repository.read(path).matchAll(/\bdocs\/[\w/-]+\.(?:md|json|svg|png)\b/g)].map(
        ([page]) => `${path}: ${page}`,
      ),
    );
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((one) => !repository.has(one.slice(one.indexOf(': ') + 2)))).toEqual([]);
  });
});

describe('a test that a page names as its proof', () => {
  const proofs = ['docs/security.md', 'docs/threat-model.md'].flatMap((page) =>
    [...repository.read(page).matchAll(/`(test\/[\w/.-]+\.tsx?)`((?:, "[^"]+")*)/g)].flatMap(
      ([, file = '', names = '']) => {
        const quoted = [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
        return (quoted.length === 0 ? [''] : quoted).map((name): [string, string, string] => [page, file, name]);
      },
    ),
  );

  test('is there, under that name', () => {
    expect(proofs.length).toBeGreaterThan(60);
    const missing = proofs.filter(([, file, name]) => !repository.has(file) || !repository.read(file).includes(name));
    expect(missing).toEqual([]);
  });
});

describe('the links of a page', () => {
  const found = (text: string, others: Record<string, string> = {}): string[] => {
    const all: Record<string, string> = { 'docs/a.md': text, ...others };
    return deadLinks(['docs/a.md'], { has: (path) => path in all || path === 'docs', read: (path) => all[path] ?? '' });
  };

  test('are found dead where file, folder or heading isn’t there', () => {
    expect(found('\n[a](b.md)')).toEqual(['docs/a.md:2: b.md is not there']);
    expect(found('[a](b.md#two)', { 'docs/b.md': '# One' })).toEqual(['docs/a.md:1: b.md#two names no heading there']);
    expect(found('# One\n[a](#two)')).toEqual(['docs/a.md:2: #two names no heading there']);
    expect(found('![a](pictures/no.png)')).toHaveLength(1);
    expect(found('[a]: ../../outside.md')).toHaveLength(1);
    expect(found('[![a](b.png)](c.md)')).toHaveLength(2);
  });

  test('are alive where they are, and what is no link is not asked for', () => {
    expect(
      found('# One, *two* & `three`\n[a](#one-two--three) [b](b.md#x-1) [c](../docs)', { 'docs/b.md': '# X\n## X' }),
    ).toEqual([]);
    expect(found('[a](https://example.com) [b](mailto:a@example.com) `[c](no.md)`\n```\n[d](no.md)\n```')).toEqual([]);
  });

  test('lead to headings as GitHub names them', () => {
    expect([
      ...anchorsOf('## What shows it (OWASP ASVS 5.0)\n## [A `b`](c.md)\n## SMTP_URL\n```sh\n# none\n```'),
    ]).toEqual(['what-shows-it-owasp-asvs-50', 'a-b', 'smtp_url']);
  });
});

describe('the site', () => {
  test('has a side with every chapter of the contents, each of its items leading to a page', () => {
    const headings = repository.read('docs/README.md').match(/^## .*$/gm) ?? [];
    const chapters = chaptersOf(repository);
    expect(chapters.map(({ text }) => `## ${text}`)).toEqual(headings);
    const items = repository.read('docs/README.md').match(/^- \[/gm) ?? [];
    expect(chapters.flatMap((chapter) => chapter.items)).toHaveLength(items.length);
  });

  test('gives each page one address, and what is no page none', () => {
    const addresses = [...Object.keys(BESIDE), ...pages.filter((path) => path.startsWith('docs/'))].map((path) =>
      addressOf(path, repository),
    );
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(addressOf('docs/README.md', repository)).toBe('/');
    expect(addressOf('docs', repository)).toBe('/');
    expect(addressOf('docs/runbooks', repository)).toBe('/runbooks/');
    expect(addressOf('docs/security.md', repository)).toBe('/security');
    expect(addressOf('SECURITY.md', repository)).toBe('/project/reporting');
    expect(addressOf('journeys', repository)).toBeNull();
    expect(addressOf('src/config.ts', repository)).toBeNull();
  });
});
