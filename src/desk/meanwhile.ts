import type { Act } from '../access/audit.js';
import { ACTION_TITLES } from './action-titles.js';
import { html, type Html } from './html.js';
import type { Viewer } from './page.js';
import type { DeskPorts } from './ports.js';
import { at } from './sentence.js';

/** What an operator may have done while another one had a form open, as it is called at the desk. */
const DEEDS: Readonly<Partial<Record<Act, string>>> = { ...ACTION_TITLES, replay: 'Replay', erase: 'Forget' };

/** What was done about somebody since a form was opened, by whoever sees it or by others; of `act`: only that. */
interface Meanwhile {
  readonly subject: string;
  /** ms since the epoch, as the form says it; where it says none, nothing is known. */
  readonly opened: number;
  readonly act?: Act;
}

/** In sentences, what others did. */
export async function doneByOthers(
  { audit, zone }: Pick<DeskPorts, 'audit' | 'zone'>,
  viewer: Viewer,
  meanwhile: Meanwhile,
): Promise<string[]> {
  const done = await doneSince(audit, meanwhile);
  return done
    .filter(({ who }) => who !== viewer.actor.name)
    .map(({ act, who, at: when }) => `${who} asked for “${DEEDS[act] ?? act}” ${at(when, zone)}.`);
}

/** Whether the viewer did so themselves: the same form was sent twice. */
export const doneByOneself = async (
  { audit }: Pick<DeskPorts, 'audit'>,
  viewer: Viewer,
  meanwhile: Meanwhile,
): Promise<boolean> => (await doneSince(audit, meanwhile)).some(({ who }) => who === viewer.actor.name);

async function doneSince(audit: DeskPorts['audit'], { subject, opened, act: only }: Meanwhile) {
  if (!Number.isSafeInteger(opened) || Math.abs(opened) > LATEST) return [];
  const { entries } = await audit.page({ subject, who: null, since: opened, before: null, limit: 100 });
  return entries.filter(
    ({ act, outcome }) => outcome === 'done' && act in DEEDS && (only === undefined || act === only),
  );
}

/** The last moment that JavaScript can say (ms). */
const LATEST = 8.64e15;

export const meanwhileNotice = (others: readonly string[]): Html | null =>
  others.length === 0
    ? null
    : html`<div class="card needs" role="alert">
        <h2>Meanwhile</h2>
        ${others.map((one) => html`<p>${one}</p>`)}
      </div>`;
