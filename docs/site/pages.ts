import { linksOf, type Repository, resolveLink } from './links.js';

/** The page that the site begins with, and the one list of all others. */
const CONTENTS = 'docs/README.md';

/** Pages of the repository that are read on the site too, and where. */
export const BESIDE: Readonly<Record<string, string>> = {
  'README.md': 'project/readme.md',
  'CHANGELOG.md': 'project/changelog.md',
  'CONTRIBUTING.md': 'project/contributing.md',
  'SECURITY.md': 'project/reporting.md',
};

/** Where a file of the repository stands on the site: a page's address, or null where it is none. */
export function addressOf(path: string, repository: Repository): string | null {
  const page = path in BESIDE ? path : path.endsWith('.md') ? path : `${path}/README.md`;
  if (!(page in BESIDE) && !(page.startsWith('docs/') && repository.has(page))) return null;
  const file = BESIDE[page] ?? page.slice('docs/'.length).replace(/README\.md$/, 'index.md');
  return `/${file.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')}`;
}

export interface Chapter {
  readonly text: string;
  readonly collapsed?: boolean;
  readonly items: readonly { readonly text: string; readonly link: string }[];
}

/** The side of the site: each heading of the contents with the first link of each of its items, and the pages of its folders. */
export function chaptersOf(repository: Repository): Chapter[] {
  const chapters: { text: string; items: { text: string; link: string }[] }[] = [];
  for (const line of repository.read(CONTENTS).split('\n')) {
    const [, heading] = /^## (.*)$/.exec(line) ?? [];
    if (heading !== undefined) chapters.push({ text: heading, items: [] });
    const [, text] = /^- \[([^\]]+)\]/.exec(line) ?? [];
    const [first] = linksOf(line);
    const path = first === undefined ? null : (resolveLink(CONTENTS, first.target)?.path ?? null);
    const link = path === null ? null : addressOf(path, repository);
    if (text !== undefined && link !== null) chapters.at(-1)?.items.push({ text, link });
  }
  return chapters.filter(({ items }) => items.length > 0);
}
