import { type Actor, mayDo } from '../access/identity.js';
import type { Action } from '../admin/schemas.js';
import { attentionSentence, BY_BUTTONS } from '../domain/attention.js';
import { isKit, kitSubject, nameOf, orderSubject, STAFF } from '../domain/subjects.js';
import { whyFailed } from '../domain/words.js';
import type { AskedFor, Scope, SubjectAnswer } from '../ledger/ledger.js';
import { ACTION_TITLES } from './action-titles.js';
import { html, type Html } from './html.js';
import type { Viewer } from './page.js';
import { emailPathOf, headingOf, pathOf, webhookPathOf } from './places.js';
import { answerAloud, at, spoken } from './sentence.js';
import { type TimelineEntry, timelineOf } from './timeline.js';
import { unmaskLink } from './unmask-link.js';

/** Where somebody's emails go. */
export interface Address {
  /** Masked; null: none is known. */
  readonly to: string | null;
  /** What doesn't go there. */
  readonly stops: ReadonlySet<Scope>;
}

interface Telling {
  readonly viewer: Viewer;
  /** Null where it isn't known, or the viewer may not see it. */
  readonly firstName: string | null;
  /** What the viewer may do and applies now. */
  readonly actions: readonly Action[];
  /** Of an order: its kits. */
  readonly kits: readonly string[];
  /** Where its emails go. */
  readonly address: Address;
  readonly asked: readonly AskedFor[];
  readonly zone: string;
}

/** A subject's story: the answer first, then what needs a human, then everything in the order in which it happened. */
export const story = (
  answer: SubjectAnswer,
  { viewer, firstName, actions, kits, address, asked, zone }: Telling,
): Html =>
  html`<h1>${headingOf(answer.subject)}</h1>
    <div class="card"><p class="answer">${aloud(answer, firstName, zone)}</p></div>
    ${answer.erased === null ? null : forgotten(answer, viewer.actor, zone)}
    ${
      answer.attention.length === 0
        ? null
        : html`<div class="card needs">
            <h2>Needs a human</h2>
            <ul class="plain">
              ${answer.attention.map(({ code, kind, since }) => html`<li>${attentionSentence(code, kind, BY_BUTTONS)} <span class="muted">Since then: ${at(since, zone)}.</span></li>`)}
            </ul>
          </div>`
    }
    ${answer.subject === STAFF ? null : about(answer, kits, address)}
    ${buttons(answer.subject, actions, viewer.actor, answer.erased !== null)}
    <h2>What happened</h2>
    <div class="card">
      <ol class="time">
        ${timelineOf(answer, asked).map(
          (entry) =>
            html`<li class="${entry.what}">
              <time datetime="${entry.at}">${at(entry.at, zone)}</time>${entry.title}
              ${entry.detail === '' ? null : html`<div class="muted">${entry.detail}</div>`} ${linkOf(entry)}
              ${entry.masks === undefined ? null : unmaskLink(viewer.actor, entry.masks, entry.title)}
            </li>`,
        )}
      </ol>
    </div>
    <p class="muted">Times are those of ${zone}. Addresses are masked.</p>`;

const aloud = (answer: SubjectAnswer, firstName: string | null, zone: string): string =>
  answer.subject === STAFF
    ? 'Webhooks that can’t be read and name nobody, and what the team was told.'
    : answerAloud(answer, firstName, zone);

const forgotten = ({ subject, erased }: SubjectAnswer, actor: Actor, zone: string): Html =>
  html`<div class="card needs">
    <h2>Forgotten on request</h2>
    <p>
      ${erased === null ? null : `Since ${at(erased.at, zone).replace(/^on /, '')} nothing is kept of this person any more, and nothing sent. `}What
      stays says what happened, and to nobody.
    </p>
    ${mayDo(actor, 'erase') ? html`<a class="button quiet" href="${pathOf(subject)}/erase">The certificate</a>` : null}
  </div>`;

function linkOf({ shows, title }: TimelineEntry): Html | null {
  if (shows === undefined) return null;
  return 'email' in shows
    ? html`<a href="${emailPathOf(shows.email)}" aria-label="What they saw: ${title}">What they saw</a>`
    : html`<a href="${webhookPathOf(shows.webhook)}">Look at it, and replay it</a>`;
}

function about(
  { subject, state, order, because, shippedLater, partnerMaintenance, erased }: SubjectAnswer,
  kits: readonly string[],
  address: Address,
): Html {
  const ofOrder =
    isKit(subject) && order !== null
      ? html`<dt>Order</dt>
          <dd><a href="${pathOf(orderSubject(order))}">${order}</a></dd>`
      : null;
  const ofKits =
    kits.length === 0
      ? null
      : html`<dt>Kits</dt>
          <dd>${kits.map((kit) => html`<a href="${pathOf(kit)}">${nameOf(kit)}</a> `)}</dd>`;
  return html`<dl class="card">
    <dt>State</dt>
    <dd>${spoken(state)}${because === null ? null : html`: ${whyFailed(because)}`}</dd>
    ${ofOrder} ${ofKits} ${erased === null ? whereTo(address) : null}
    ${
      shippedLater.length === 0
        ? null
        : html`<dt>Shipped later in the same order</dt>
            <dd>${shippedLater.map((barcode) => html`<a href="${pathOf(kitSubject(barcode))}">${barcode}</a> `)}</dd>`
    }
    ${
      partnerMaintenance === null
        ? null
        : html`<dt>The lab’s systems</dt>
            <dd>in maintenance; emails go on</dd>`
    }
  </dl>`;
}

const STOP_WORDS: Readonly<Record<Scope, string>> = {
  all: 'They asked for no email at all: none goes.',
  bounced: 'Emails to it came back: none goes. Correct the address, or try again with its box ticked.',
  reminders: 'They stopped reminders: none goes.',
  progress: 'They stopped news of how far the sample is: none goes.',
};

const whereTo = ({ to, stops }: Address): Html =>
  html`<dt>Emails go to</dt>
    <dd>
      ${to ?? 'nobody: no address is known'}
      ${(Object.keys(STOP_WORDS) as Scope[]).filter((scope) => stops.has(scope)).map((scope) => html`<p><strong>${STOP_WORDS[scope]}</strong></p>`)}
    </dd>`;

/** What the viewer may do about somebody, and applies: whoever decides what applies says so (`commandsThatApply`). */
export function buttons(subject: string, actions: readonly Action[], actor: Actor, isErased: boolean): Html | null {
  const links = [
    ...actions.map((action) => [action, ACTION_TITLES[action]] as const),
    ...(subject !== STAFF && !isErased && mayDo(actor, 'unmask') ? [['unmask', 'Unmask'] as const] : []),
    ...(subject !== STAFF && !isErased && mayDo(actor, 'erase') ? [['erase', 'Forget'] as const] : []),
  ];
  if (links.length === 0) return null;
  return html`<div class="row" role="group" aria-label="What to do about ${headingOf(subject)}">
    ${links.map(([where, title]) => html`<a class="button quiet" href="${pathOf(subject)}/${where}">${title}</a>`)}
  </div>`;
}
