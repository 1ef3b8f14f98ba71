import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJourneyKind, KIND_NAMES, type JourneyKind } from '../../domain/kinds.js';
import { CATALOGUES, parseCatalogue, wordingOf, type ParsedCatalogue, type Wording } from '../wording/wording.js';
import { faultsOf, TemplatesProblem, type OwnTemplate } from './template.js';
import { readWordingFile } from './wording.js';

export interface Overrides {
  readonly wording: Wording;
  readonly templates: ReadonlyMap<JourneyKind, OwnTemplate>;
}

/** What a whole email of a company's own is named after. */
const NAMES = KIND_NAMES.filter(isJourneyKind);

/**
 * Reads EMAIL_TEMPLATES_DIR: `wording/<locale>.json` for words, `<kind>.html` with `<kind>.txt` for a whole email.
 * Files that begin with a dot and `*.md` are left alone; everything else must be understood.
 * @throws TemplatesProblem with all faults at once.
 */
export async function readTemplatesDir(
  directory: string,
  { portalUrl }: { readonly portalUrl: string },
): Promise<Overrides> {
  const faults: string[] = [];
  const tell = (file: string, found: readonly string[]): void => {
    faults.push(...found.map((fault) => `${file}: ${fault}`));
  };
  const names = await namesIn(directory).catch(() => {
    throw new TemplatesProblem([`${directory} can't be read`]);
  });
  const catalogues = new Map<string, ParsedCatalogue>(
    Object.entries(CATALOGUES).map(([locale, catalogue]) => [locale, parseCatalogue(locale, catalogue)]),
  );
  const templates = new Map<JourneyKind, OwnTemplate>();

  if (names.includes('wording'))
    for (const file of await namesIn(join(directory, 'wording')).catch(() => [])) {
      const locale = localeOf(file);
      if (locale === null) {
        tell(`wording/${file}`, ['must be named after a language, as in pt.json']);
        continue;
      }
      const { catalogue, faults: found } = readWordingFile(locale, await text(directory, 'wording', file));
      tell(`wording/${file}`, found);
      if (catalogue !== null) catalogues.set(locale, catalogue);
    }

  for (const file of names.filter((name) => name !== 'wording')) {
    const name = NAMES.find((known) => file === `${known}.html` || file === `${known}.txt`);
    if (name === undefined) tell(file, [`is no email; there are ${NAMES.join(', ')}, each as .html and .txt`]);
    else if (!names.includes(`${name}.html`)) tell(file, [`stands alone: ${name}.html is missing`]);
    else if (!names.includes(`${name}.txt`)) tell(file, [`stands alone: ${name}.txt is missing`]);
    else if (file.endsWith('.html')) {
      const own = { html: await text(directory, file), text: await text(directory, `${name}.txt`) };
      tell(file, faultsOf(name, own.html, { html: true, portalUrl }));
      tell(`${name}.txt`, faultsOf(name, own.text, { html: false, portalUrl }));
      templates.set(name, own);
    }
  }
  if (faults.length > 0) throw new TemplatesProblem(faults);
  return { wording: wordingOf(catalogues), templates };
}

const namesIn = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => !name.startsWith('.') && !name.endsWith('.md')).sort();

const text = async (...path: string[]): Promise<string> =>
  (await readFile(join(...path), 'utf8')).replace(/^\ufeff/, '').replaceAll('\r\n', '\n');

function localeOf(file: string): string | null {
  const name = /^([a-z]{2,3}(?:-[A-Za-z]{4})?(?:-[A-Z]{2})?)\.json$/.exec(file)?.[1];
  return name !== undefined && Intl.getCanonicalLocales(name)[0] === name ? name : null;
}
