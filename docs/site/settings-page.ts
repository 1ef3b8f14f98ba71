import { z } from 'zod';
import { readSettings, REHEARSABLE } from '../../src/config.js';
import { SettingsError } from '../../src/config/refusal.js';
import { schema, SECRETS } from '../../src/config/schema.js';

/** What `.env.example` says of a setting; what the schema and the refusals know isn't taken from there. */
interface Explained {
  readonly topic: string;
  readonly explanation: string;
  readonly example: string | null;
}

type Name = keyof typeof schema.shape;
const NAMES = Object.keys(schema.shape) as Name[];

/** docs/settings.md, from the schema and the words of `.env.example`. @throws where a setting has no words. */
export function settingsPage(example: string): string {
  const explained = explanationsOf(example);
  const needed = neededInProduction();
  const topics = [...new Set([...explained.values()].map(({ topic }) => topic))];
  const section = (topic: string): string[] => [
    `## ${topic}`,
    '',
    ...NAMES.filter((name) => explained.get(name)?.topic === topic).flatMap((name) => {
      const said = explained.get(name) as Explained;
      return [
        `### ${name}`,
        '',
        ...(said.explanation === '' ? [] : [said.explanation, '']),
        ...factsOf(name, said, needed).map((fact) => `- ${fact}`),
        '',
      ];
    }),
  ];
  const silent = NAMES.filter((name) => !explained.has(name));
  if (silent.length > 0) throw new Error(`.env.example says nothing of ${silent.join(', ')}`);
  return `${[...HEAD, ...topics.flatMap(section)].join('\n').trimEnd()}\n`;
}

const HEAD = [
  '# Every setting',
  '',
  '<!-- Made from src/config/schema.ts and .env.example by `npm run docs:settings`; a test fails when it is stale. -->',
  '',
  'An environment variable each. Nothing has to be set to try it: whatever is missing is embedded. With',
  '`NODE_ENV=production` every embedded or insecure default is refused, all in one message, and `kit-herald init` writes a',
  '`.env` that passes ([from the demo to production](production.md)).',
  '',
  '- Every command reads `.env` in its working directory; what the environment says wins.',
  '- A **secret** may stand in a file instead, which `NAME_FILE` names (`ADMIN_TOKEN_FILE=/run/secrets/admin`). Set one of',
  '  the two, not both.',
  '- Blanks, quotes and carriage returns around a value don’t count. Durations are `90s`, `15m`, `72h`, `14d`, `7y`.',
  '- What can be **rehearsed** can be tried on the journeys of the past before it is set:',
  '  `kit-herald rehearse --since 30d --set RESULTS_RELEASE=reviewed` ([journeys](journeys.md)).',
  '',
];

function factsOf(
  name: Name,
  { explanation, example: shown }: Explained,
  needed: ReadonlyMap<string, string>,
): string[] {
  const byDefault = defaultOf(name);
  const takes = takenBy(name);
  const inProduction = needed.get(name);
  return [
    // Where none is in the schema the words may tell what holds then.
    ...(byDefault !== null ? [`Default: \`${byDefault}\``] : /default/i.test(explanation) ? [] : ['Default: none']),
    ...(takes === null ? [] : [`Takes ${takes}`]),
    ...(shown === null ? [] : [`Such as \`${shown}\``]),
    ...((SECRETS as readonly string[]).includes(name)
      ? [`Secret: may stand in the file that \`${name}_FILE\` names`]
      : []),
    ...(inProduction === undefined ? [] : [`In production ${inProduction}`]),
    ...(REHEARSABLE.includes(name) ? ['Can be rehearsed'] : []),
  ];
}

const inputs = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties ?? {};

/** As it would be written; null: none. */
function defaultOf(name: Name): string | null {
  const input = inputs[name];
  const written = typeof input === 'object' ? input.default : undefined;
  if (typeof written === 'string') return written === '' ? null : written;
  const parsed: unknown = schema.shape[name].parse(undefined);
  if (typeof parsed === 'boolean') return parsed ? 'on' : 'off';
  return typeof parsed === 'number' ? String(parsed) : null;
}

/** What the schema says to a value that nobody can mean; null where it takes any text. */
function takenBy(name: Name): string | null {
  const input = inputs[name];
  const words = typeof input === 'object' ? input.enum : undefined;
  const tried = schema.shape[name].safeParse('\u0001?');
  const [issue] = tried.success ? [] : tried.error.issues;
  if (issue === undefined) return null;
  if (issue.message.startsWith('must be ')) return inCode(issue.message.slice('must be '.length));
  if (words !== undefined) return words.map((word) => `\`${String(word)}\``).join(', ');
  const [, advice] = /(?::|;) (?:write it as |write |the kinds are )?(.*)$/.exec(issue.message) ?? [];
  return advice ?? null;
}

/** By setting: what production's refusal says of it when nothing is set. */
function neededInProduction(): ReadonlyMap<string, string> {
  try {
    readSettings({ NODE_ENV: 'production' });
    return new Map();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return new Map(
      error.faults.flatMap((fault) => {
        const [, name, sentence] = /^([A-Z][A-Z0-9_]+) (must .*)$/.exec(fault) ?? [];
        return name === undefined || sentence === undefined ? [] : [[name, sentence]];
      }),
    );
  }
}

/** The comments before each setting, without their marks: the schema and the refusals say those. */
function explanationsOf(example: string): ReadonlyMap<string, Explained> {
  const explained = new Map<string, Explained>();
  let topic = '';
  let words: string[] = [];
  for (const line of example.split('\n')) {
    const [, heading] = /^# ── (.*?) ─+$/.exec(line) ?? [];
    const [, comment, name, value = ''] = /^(# )?([A-Z][A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
    if (heading !== undefined) {
      topic = heading.replace(/ \(docs\/.*\)$/, '');
      words = [];
    } else if (name !== undefined && name in schema.shape && topic !== '') {
      const explanation = linked(words.join(' ').replace(/^(?:\((?:P|F)\) )+/, ''));
      explained.set(name, { topic, explanation, example: comment === undefined || value === '' ? null : value });
      words = [];
    } else if (line.startsWith('# ')) words.push(line.slice(2));
    else words = [];
  }
  return explained;
}

/** Pages are named in the file as paths; here they are links. Names of settings are code. */
const linked = (words: string): string =>
  words
    .replaceAll(/docs\/([\w-]+)\.md/g, '[$1]($1.md)')
    .replaceAll(/(?<!`)\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?:=\S*[^\s.,;])?)/g, '`$1`')
    .replaceAll('``', '`')
    .replaceAll('marked with (P)', 'needed in production');

/** What stands in angles would be taken for markup. */
const inCode = (words: string): string => words.replaceAll(/(Name )?<[^>]+>/g, '`$&`');
