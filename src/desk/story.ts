import { mayDo } from '../access/identity.js';
import type { Action } from '../admin/schemas.js';
import { kitSubject, nameOf, isKit } from '../domain/subjects.js';
import { whyFailed } from '../domain/words.js';
import type { SubjectAnswer } from '../ledger/ledger.js';
import { html, type Html } from './html.js';
import type { Viewer } from './page.js';
import { answerAloud, at, spoken } from './sentence.js';
import { type TimelineEntry, timelineOf } from './timeline.js';

/** What each command is called on its button. */
export const ACTION_TITLES: Readonly<Record<Action, string>> = {
  retry: 'Try again',
  release: 'Release',
  'correct-contact': 'Correct the address',
  skip: 'Skip',
  acknowledge: 'Acknowledge',
  'opt-out': 'Stop all email',
};

/** Where a subject's story stands. */
export const pathOf = (subject: string): string =>
  `/desk/${isKit(subject) ? 'kits' : 'orders'}/${encodeURIComponent(nameOf(subject))}`;

export const emailPathOf = (messageId: string): string => `/desk/emails/${encodeURIComponent(messageId)}`;

interface Telling {
  readonly viewer: Viewer;
  /** Null where it isn't known, or the viewer may not see it. */
  readonly firstName: string | null;
  readonly zone: string;
}

/** A subject's story: the answer first, then what needs a human, then everything in the order in which it happened. */
export const story = (answer: SubjectAnswer, { viewer, firstName, zone }: Telling): Html =>
  html`<h1>${isKit(answer.subject) ? 'Kit' : 'Order'} ${nameOf(answer.subject)}</h1>
    <div class="card"><p class="answer">${answerAloud(answer, firstName, zone)}</p></div>
    ${
      answer.attention.length === 0
        ? null
        : html`<div class="card needs">
            <h2>Needs a human</h2>
            <ul class="plain">
              ${answer.attention.map(({ sentence, since }) => html`<li>${sentence} <span class="muted">Since then: ${at(since, zone)}.</span></li>`)}
            </ul>
          </div>`
    }
    ${about(answer)} ${mayDo(viewer.actor, 'command') ? buttons(answer.subject) : null}
    <h2>What happened</h2>
    <div class="card">
      <ol class="time">
        ${timelineOf(answer).map(
          (entry) =>
            html`<li class="${entry.what}">
              <time datetime="${entry.at}">${at(entry.at, zone)}</time>${entry.title}
              ${entry.detail === '' ? null : html`<div class="muted">${entry.detail}</div>`} ${linkOf(entry)}
            </li>`,
        )}
      </ol>
    </div>
    <p class="muted">Times are those of ${zone}. Addresses are masked.</p>`;

function linkOf({ shows, title }: TimelineEntry): Html | null {
  if (shows === undefined || !('email' in shows)) return null;
  return html`<a href="${emailPathOf(shows.email)}" aria-label="What they saw: ${title}">What they saw</a>`;
}

function about({ subject, state, order, because, shippedLater, partnerMaintenance }: SubjectAnswer): Html {
  const ofOrder =
    isKit(subject) && order !== null
      ? html`<dt>Order</dt>
          <dd><a href="/desk/orders/${encodeURIComponent(order)}">${order}</a></dd>`
      : null;
  return html`<dl class="card">
    <dt>State</dt>
    <dd>${spoken(state)}${because === null ? null : html`: ${whyFailed(because)}`}</dd>
    ${ofOrder}
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

const buttons = (subject: string): Html =>
  html`<div class="row">
    ${Object.entries(ACTION_TITLES).map(
      ([action, title]) => html`<a class="button quiet" href="${pathOf(subject)}/${action}">${title}</a>`,
    )}
  </div>`;
