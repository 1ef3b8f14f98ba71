import { isKit, nameOf, STAFF } from './subjects.js';

/** What Temporal's list can be searched by ("Visibility"). Never a name, an address, a kit type or a result. */
export const SEARCH_ATTRIBUTES = {
  state: { name: 'KitState', type: 'KEYWORD' },
  attention: { name: 'NeedsAttention', type: 'KEYWORD' },
  order: { name: 'OrderNumber', type: 'KEYWORD' },
  lastEvent: { name: 'LastEventAt', type: 'DATETIME' },
} as const;

/** What Temporal's UI shows above a journey, from its start on. */
interface Titles {
  readonly staticSummary: string;
  readonly staticDetails: string;
}

/** A journey's titles: its barcode or number, and how the page below is read. */
export function titles(subject: string): Titles {
  const name = nameOf(subject);
  return {
    staticSummary: subject === STAFF ? 'What names nobody' : `${isKit(subject) ? 'Kit' : 'Order'} ${name}`,
    staticDetails: [
      'Each event below is what was learned; each activity is an email that was decided.',
      `What the patient was told, and if not, why not: \`kit-herald told ${name}\`.`,
      'No name, address or result is ever stored here.',
    ].join('\n\n'),
  };
}

/** The same as Markdown, for a run that was handed over: Temporal gives the titles to the first run only. */
export function heading(subject: string): string {
  const { staticSummary, staticDetails } = titles(subject);
  return `### ${staticSummary}\n\n${staticDetails}`;
}
