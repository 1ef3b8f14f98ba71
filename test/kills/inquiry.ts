import { adminClient } from '../../src/admin/client.js';
import { isKit, nameOf, STAFF, type Subject } from '../../src/domain/subjects.js';
import type { SubjectAnswer, SubjectAnswers } from '../../src/ledger/ledger.js';
import type { Life } from './lives.js';

/** What the operators' app tells, whichever of the workers answers. */
export interface Inquiry {
  /** The stories of these subjects; of what nothing is known there is none. Rejects when no worker answers. */
  storiesOf(subjects: readonly string[]): Promise<Map<string, SubjectAnswer>>;
}

/** @param admins the workers' addresses. @param nowhere a folder without a runtime.json. */
export function createInquiry(admins: readonly string[], token: string, nowhere: string): Inquiry {
  const clients = admins.map((url) => adminClient({ KIT_HERALD_URL: url, ADMIN_TOKEN: token, DATA_DIR: nowhere }));

  async function told(name: string): Promise<readonly SubjectAnswer[]> {
    const refusals: unknown[] = [];
    for (const client of clients)
      try {
        const { status, body } = await client.post('/admin/told', { subject: name });
        if (status === 404) return [];
        if (status === 200) {
          const answer = body as SubjectAnswer | SubjectAnswers;
          return 'subjects' in answer ? answer.subjects : [answer];
        }
        refusals.push(new Error(`told answered ${String(status)}`));
      } catch (error) {
        refusals.push(error);
      }
    throw new Error('no worker answers', { cause: refusals.at(-1) });
  }

  return {
    async storiesOf(subjects) {
      const stories = new Map<string, SubjectAnswer>();
      for (const subject of subjects) {
        const answers = await told(subject === STAFF ? STAFF : nameOf(subject));
        for (const answer of answers) stories.set(answer.subject, answer);
      }
      return stories;
    },
  };
}

/** Of each life its order, whose answer holds its kits; a kit that its order's answer lacks is asked about by itself. */
export async function storiesOfLives(inquiry: Inquiry, lives: readonly Life[]): Promise<Map<string, SubjectAnswer>> {
  const subjects = lives.flatMap(({ expected }) => expected.map(({ subject }): Subject => subject));
  const stories = await inquiry.storiesOf(subjects.filter((subject) => !isKit(subject)));
  const missing = subjects.filter((subject) => isKit(subject) && !stories.has(subject));
  return new Map([...stories, ...(await inquiry.storiesOf(missing))]);
}
