/**
 * The English wording, in ICU MessageFormat. A key is `<template>.<part>`; the parts of a template answer in this order:
 * what happened, what happens next and when, what you need to do, where to ask. Plain words, short sentences: a test
 * measures the reading grade. Nothing medical in a subject: a lock screen is public.
 *
 * Variables: {k} last four of the barcode, {name}, {brand}, {date} and {day} (dates, formatted), {dated} and {due}
 * (yes or no: whether they are known), {kits} and {parcels} (numbers), {carrier}, {number}, {email}, {phone}.
 */
export const en = {
  'greeting.named': 'Hello {name},',
  'greeting.plain': 'Hello,',
  'subject.kit': '{subject} (kit {k})',

  'part.todo': 'What you need to do',
  'part.next': 'What happens next',
  'part.ask': 'Questions?',

  'step.position': 'Step {step} of {steps}: {label}',
  'step.shipped': 'on its way',
  'step.registered': 'registered',
  'step.at_lab': 'at the lab',
  'step.in_work': 'work has begun',
  'step.ready': 'results are ready',

  'contact.email': 'Reply to this email or write to {email}.',
  'contact.phone': 'Or call {phone}.',
  'contact.reply': 'Reply to this email.',

  'footer.why.order': 'You get this email because an order from {brand} was addressed to you.',
  'footer.why.kit': 'You get this email because a kit from {brand} is linked to this address.',
  'footer.never': 'We never ask for a password or payment by email.',
  'footer.stop.reminders': 'Stop reminders',
  'footer.stop.progress': 'Stop progress news',
  'footer.stop.still': 'We will still tell you when results are ready.',

  'order.confirmed.subject': 'We are getting a kit order ready',
  'order.confirmed.preheader': 'Nothing to do yet.',
  'order.confirmed.happened': 'An order addressed to you is being prepared.',
  'order.confirmed.next': 'We will email you when it is on its way.',
  'order.confirmed.todo': 'You do not need to do anything now.',
  'order.confirmed.action': 'See the order',
  'order.confirmed.ask': 'Did not expect this? Reply and tell us.',

  'order.shipped.subject': '{kits, plural, one {Your kit is on its way} other {Your kits are on their way}}',
  'order.shipped.preheader': 'See when to expect it.',
  'order.shipped.happened':
    '{dated, select, yes {{parcels, plural, one {Your parcel left us on {date}.} other {Your parcels left us on {date}.}}} other {{parcels, plural, one {Your parcel has left us.} other {Your parcels have left us.}}}}',
  'order.shipped.next': 'Look out for it in the next few days.',
  'order.shipped.todo':
    'Please register each kit before you use it. If a kit is for someone else, hand it over unopened so they can register it.',
  'order.shipped.action': 'See your order',
  'order.shipped.ask': 'If it does not arrive, tell us.',
  'parcel.title': 'Parcel {number}',
  'parcel.due.carrier': '{carrier} plans to deliver it on {day}.',
  'parcel.due': 'The carrier plans to deliver it on {day}.',
  'parcel.carrier': '{carrier} is bringing it to you.',
  'parcel.number': 'Tracking number: {number}',
  'parcel.track': 'Track your parcel',
  'parcel.track.one': 'Track parcel {number}',

  'order.cancelled.subject': 'Your kit order has been cancelled',
  'order.cancelled.preheader': 'What to do if a kit reaches you.',
  'order.cancelled.happened': 'This order has been cancelled.',
  'order.cancelled.next': 'If a kit is on its way, it may still reach you.',
  'order.cancelled.todo': 'If a kit still reaches you, please do not use it. You do not need to do anything else.',
  'order.cancelled.action': 'Contact us',
  'order.cancelled.ask': 'If you did not ask for this, or have a question about payment, contact us.',

  'kit.registered.subject': 'Your kit is registered',
  'kit.registered.preheader': 'What to do next.',
  'kit.registered.happened': 'The kit ending {k} is now registered. We will send news about it to this address.',
  'kit.registered.todo': 'Follow the steps in the box and post your sample as soon as you can.',
  'kit.registered.next': 'We will email you when it arrives.',
  'kit.registered.action': 'See the next steps',
  'kit.registered.ask': 'Was this not you? Reply, and we will put it right.',

  'kit.received_lab.subject': 'Your sample has arrived',
  'kit.received_lab.preheader': 'Nothing for you to do.',
  'kit.received_lab.happened': 'The lab has your sample from the kit ending {k}.',
  'kit.received_lab.next':
    '{due, select, yes {We expect results around {day}. We will email you when they are ready.} other {We will email you when your results are ready.}}',
  'kit.received_lab.todo': 'You do not need to do anything.',
  'kit.received_lab.action': 'Follow your kit',

  'kit.processing_started.subject': 'Work on your sample has begun',
  'kit.processing_started.preheader': 'Nothing for you to do.',
  'kit.processing_started.happened': 'The lab has started work on the kit ending {k}.',
  'kit.processing_started.next':
    '{due, select, yes {We expect results around {day}. We will email you when they are ready.} other {We will email you when your results are ready.}}',
  'kit.processing_started.todo': 'You do not need to do anything.',
  'kit.processing_started.action': 'Follow your kit',

  'results.available.subject': 'Your results are ready',
  'results.available.preheader': 'Sign in to see them.',
  'results.available.happened': 'The results for the kit ending {k} are ready.',
  'results.available.private':
    'To keep them private, we do not put them in emails. We send this same email whatever the results say.',
  'results.available.todo': 'Please sign in to see them.',
  'results.available.next': 'If a doctor’s note is added later, we will tell you.',
  'results.available.action': 'See the results',
  'results.available.ask': 'If you cannot sign in or want to talk to someone, contact us.',

  'results.reviewed.subject': 'A doctor’s review has been added',
  'results.reviewed.preheader': 'Sign in to read it.',
  'results.reviewed.happened':
    'A doctor has now reviewed the results for the kit ending {k}. Reviews are a normal step, whatever the results say.',
  'results.reviewed.todo': 'Please sign in to see what was added.',
  'results.reviewed.next': 'If there is more news, we will email you.',
  'results.reviewed.action': 'Read the review',
  'results.reviewed.ask': 'If you have questions, contact us.',

  'results.updated.subject': 'There is a new version of your results',
  'results.updated.preheader': 'Please read it, even if you saw the first.',
  'results.updated.happened':
    'The lab has sent a new version of the results for the kit ending {k}. It replaces the earlier one.',
  'results.updated.todo':
    'Please read it, even if you have seen the first. If you shared the first with anyone, show them this one too.',
  'results.updated.next': 'If there is more news, we will email you.',
  'results.updated.action': 'See the new version',
  'results.updated.ask': 'If you cannot sign in or want to talk to someone, contact us.',

  'kit.failed.subject': 'Your kit could not be completed',
  'kit.failed.preheader': 'See what you can do next.',
  'kit.failed.happened':
    'The lab could not get results from the kit ending {k}. We are sorry. This happens from time to time and does not tell you anything about your health.',
  'kit.failed.todo': 'Sign in to see your choices, or contact us for help.',
  'kit.failed.next': 'Once you have made a choice, we will help you with the rest.',
  'kit.failed.action': 'See what to do next',
  'kit.failed.ask': 'We are glad to explain what happened.',

  'kit.cancelled.subject': 'Your kit has been cancelled',
  'kit.cancelled.preheader': 'Please do not post a sample.',
  'kit.cancelled.happened': 'The kit ending {k} has been cancelled.',
  'kit.cancelled.todo': 'If you have not posted your sample, please do not send it. If you have, tell us.',
  'kit.cancelled.next': 'If you have posted it, we will explain what happens now. If not, you are done.',
  'kit.cancelled.action': 'Contact us',
  'kit.cancelled.ask': 'If you did not expect this, contact us.',

  'reminder.register.subject': '{kits, plural, one {Is your kit registered?} other {Are your kits registered?}}',
  'reminder.register.preheader': 'It takes a few minutes.',
  'reminder.register.happened':
    '{dated, select, yes {{kits, plural, one {We sent a kit on {date}, and it is not registered yet.} other {We sent kits on {date}, and at least one is not registered yet.}}} other {{kits, plural, one {A kit we sent you is not registered yet.} other {At least one kit we sent you is not registered yet.}}}} Without this, no results can be sent.',
  'reminder.register.todo':
    'Register it now. You will find its number on the kit. If you gave it to someone, please pass this on.',
  'reminder.register.next': 'When it is done, we will send the next steps. If it is done by now, ignore this email.',
  'reminder.register.action': 'Register a kit',
  'reminder.register.ask': 'If you cannot find the number, tell us.',

  'reminder.return.subject': 'Have you posted your sample?',
  'reminder.return.preheader': 'If you have, there is nothing to do.',
  'reminder.return.happened': 'The kit ending {k} is registered, but your sample has not arrived yet.',
  'reminder.return.todo': 'It is best to post it soon after you take it. Already posted? Then you are done.',
  'reminder.return.next': 'We will email you when it arrives.',
  'reminder.return.action': 'See how to send it',
  'reminder.return.ask': 'If something is missing or you changed your mind, tell us.',

  'notice.delay.subject': 'Your kit is taking longer than planned',
  'notice.delay.preheader': 'Nothing for you to do.',
  'notice.delay.happened':
    'We hoped to have news of the kit ending {k} by now. It is taking longer, and we are sorry. Delays have many causes and say nothing about your results.',
  'notice.delay.next': 'Our team knows, and we will email you when there is news.',
  'notice.delay.todo': 'You do not need to do anything.',
  'notice.delay.action': 'Contact us',
} as const;

/** Every message there is: the keys of the English catalogue. */
export type MessageKey = keyof typeof en;
/** All messages in one language; a missing or unknown key doesn't compile. */
export type Catalogue = Readonly<Record<MessageKey, string>>;

export const MESSAGE_KEYS = Object.keys(en) as MessageKey[];
