import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contenders.js';
import { percentileOf } from './figures.js';
import { load } from './load.js';

/** What answers take at an even rate while operators ask, beside what they take while nobody does. */
export interface Beside {
  /** Webhooks a second. */
  readonly rate: number;
  /** ms; medians of all rounds. */
  readonly aloneP99: number;
  readonly askedP99: number;
  /** Questions a second that were answered meanwhile. */
  readonly questions: number;
  /** The most that receiver and worker had in memory together (MB). */
  readonly memoryMb: number;
}

interface BesideOptions {
  readonly rate: number;
  readonly seconds: number;
  readonly rounds: number;
}

const CONNECTIONS = 50;
/** Operators who ask the next question when the last is answered, and think so long (ms) in between. */
const OPERATORS = 4;
const THINKING_MS = 50;
const LISTS = ['/admin/kits?attention=true', '/admin/kits?open=true', '/admin/webhooks', '/admin/orders'];

export async function measureBeside(contender: Contender, { rate, seconds, rounds }: BesideOptions): Promise<Beside> {
  const [alone, asked, questions]: [number[], number[], number[]] = [[], [], []];
  let memoryMb = 0;
  const watching = setInterval(() => {
    memoryMb = Math.max(memoryMb, contender.memoryMb?.() ?? Number.NaN);
  }, 500);
  try {
    for (let round = 0; round < rounds; round++) {
      alone.push((await load({ ...contender, connections: CONNECTIONS, seconds, rate })).p99Ms);
      await contender.carried();
      const ended = new AbortController();
      const operators = Array.from({ length: OPERATORS }, () => ask(contender, ended.signal));
      asked.push((await load({ ...contender, connections: CONNECTIONS, seconds, rate })).p99Ms);
      ended.abort();
      const answered = await Promise.all(operators);
      questions.push(answered.reduce((sum, one) => sum + one, 0) / seconds);
      await contender.carried();
    }
  } finally {
    clearInterval(watching);
  }
  return { rate, aloneP99: middle(alone), askedP99: middle(asked), questions: middle(questions), memoryMb };
}

/** Lists, and the story of somebody in them. @returns how many questions were answered. */
async function ask({ operators }: Contender, ended: AbortSignal): Promise<number> {
  if (operators === undefined) throw new Error('nobody can be asked');
  const headers = { authorization: `Bearer ${operators.token}` };
  let answered = 0;
  for (let nth = 0; !ended.aborted; nth++) {
    const response = await fetch(`${operators.url}${LISTS[nth % LISTS.length] ?? ''}`, { headers });
    const { subjects = [] } = (await response.json()) as {
      readonly subjects?: readonly { readonly subject: string }[];
    };
    const [some] = subjects;
    if (some !== undefined) {
      const name = encodeURIComponent(some.subject.replace(/^\w+:/, ''));
      await (await fetch(`${operators.url}/admin/told/${name}`, { headers })).arrayBuffer();
      answered++;
    }
    answered++;
    await sleep(THINKING_MS);
  }
  return answered;
}

const middle = (numbers: readonly number[]): number => percentileOf(numbers, 0.5);
