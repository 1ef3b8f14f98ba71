import type { Catalogue } from './keys.js';

/** The German wording: formal (Sie). */
export const de: Catalogue = {
  'greeting.named': 'Guten Tag {name},',
  'greeting.plain': 'Guten Tag,',
  'subject.kit': '{subject} (Kit {k})',

  'part.todo': 'Was Sie tun müssen',
  'part.next': 'Wie es weitergeht',
  'part.ask': 'Fragen?',

  'step.position': 'Schritt {step} von {steps}: {label}',
  'step.shipped': 'unterwegs',
  'step.registered': 'registriert',
  'step.at_lab': 'im Labor',
  'step.in_work': 'die Arbeit hat begonnen',
  'step.ready': 'die Ergebnisse sind da',

  'contact.email': 'Antworten Sie auf diese E-Mail oder schreiben Sie an {email}.',
  'contact.phone': 'Oder rufen Sie an: {phone}.',
  'contact.reply': 'Antworten Sie auf diese E-Mail.',

  'footer.why.order': 'Sie erhalten diese E-Mail, weil eine Bestellung von {brand} an Sie ging.',
  'footer.why.kit': 'Sie erhalten diese E-Mail, weil ein Kit von {brand} mit dieser Adresse verknüpft ist.',
  'footer.never': 'Wir fragen nie per E-Mail nach einem Passwort oder einer Zahlung.',
  'footer.stop.reminders': 'Keine Erinnerungen mehr',
  'footer.stop.progress': 'Keine Zwischenstände mehr',
  'footer.stop.still': 'Sind Ergebnisse da, sagen wir es Ihnen trotzdem.',

  'order.confirmed.subject': 'Wir bereiten eine Kit-Bestellung vor',
  'order.confirmed.preheader': 'Noch nichts zu tun.',
  'order.confirmed.happened': 'Eine Bestellung, die an Sie gehen soll, wird vorbereitet.',
  'order.confirmed.next': 'Wir schreiben Ihnen, sobald sie unterwegs ist.',
  'order.confirmed.todo': 'Sie müssen jetzt nichts tun.',
  'order.confirmed.action': 'Bestellung ansehen',
  'order.confirmed.ask': 'Haben Sie das nicht erwartet? Antworten Sie und sagen Sie es uns.',

  'order.shipped.subject': '{kits, plural, one {Ihr Kit ist unterwegs} other {Ihre Kits sind unterwegs}}',
  'order.shipped.preheader': 'Wann es ankommen soll.',
  'order.shipped.happened':
    '{dated, select, yes {{parcels, plural, one {Ihr Paket ist am {date} losgeschickt worden.} other {Ihre Pakete sind am {date} losgeschickt worden.}}} other {{parcels, plural, one {Ihr Paket ist losgeschickt worden.} other {Ihre Pakete sind losgeschickt worden.}}}}',
  'order.shipped.next': 'Es sollte in den nächsten Tagen ankommen.',
  'order.shipped.todo':
    'Bitte registrieren Sie jedes Kit, bevor Sie es benutzen. Ist ein Kit für jemand anderen, geben Sie es bitte ungeöffnet weiter, damit diese Person es registrieren kann.',
  'order.shipped.action': 'Bestellung ansehen',
  'order.shipped.ask': 'Falls es nicht ankommt, sagen Sie es uns.',
  'parcel.title': 'Paket {number}',
  'parcel.due.carrier': '{carrier} plant die Zustellung für {day}.',
  'parcel.due': 'Die Zustellung ist geplant für {day}.',
  'parcel.carrier': '{carrier} bringt es Ihnen.',
  'parcel.number': 'Sendungsnummer: {number}',
  'parcel.track': 'Paket verfolgen',
  'parcel.track.one': 'Paket {number} verfolgen',

  'order.cancelled.subject': 'Ihre Kit-Bestellung wurde storniert',
  'order.cancelled.preheader': 'Was zu tun ist, falls ein Kit ankommt.',
  'order.cancelled.happened': 'Diese Bestellung wurde storniert.',
  'order.cancelled.next': 'Ist ein Kit schon unterwegs, kann es noch bei Ihnen ankommen.',
  'order.cancelled.todo': 'Kommt doch noch ein Kit an, benutzen Sie es bitte nicht. Mehr müssen Sie nicht tun.',
  'order.cancelled.action': 'Kontakt aufnehmen',
  'order.cancelled.ask': 'Haben Sie das nicht veranlasst oder eine Frage zur Zahlung? Melden Sie sich bei uns.',

  'kit.registered.subject': 'Ihr Kit ist registriert',
  'kit.registered.preheader': 'Was Sie als Nächstes tun.',
  'kit.registered.happened':
    'Das Kit mit der Endung {k} ist jetzt registriert. Neuigkeiten dazu schicken wir an diese Adresse.',
  'kit.registered.todo':
    'Folgen Sie den Schritten in der Schachtel und schicken Sie Ihre Probe so bald wie möglich ab.',
  'kit.registered.next': 'Wir schreiben Ihnen, sobald sie ankommt.',
  'kit.registered.action': 'Nächste Schritte ansehen',
  'kit.registered.ask': 'Waren Sie das nicht? Antworten Sie, dann bringen wir es in Ordnung.',

  'kit.received_lab.subject': 'Ihre Probe ist angekommen',
  'kit.received_lab.preheader': 'Sie müssen nichts tun.',
  'kit.received_lab.happened': 'Ihre Probe aus dem Kit mit der Endung {k} ist im Labor.',
  'kit.received_lab.next':
    '{due, select, yes {Wir erwarten die Ergebnisse um den {day}. Wir schreiben Ihnen, sobald sie da sind.} other {Wir schreiben Ihnen, sobald Ihre Ergebnisse da sind.}}',
  'kit.received_lab.todo': 'Sie müssen nichts tun.',
  'kit.received_lab.action': 'Kit verfolgen',

  'kit.processing_started.subject': 'Die Arbeit an Ihrer Probe hat begonnen',
  'kit.processing_started.preheader': 'Sie müssen nichts tun.',
  'kit.processing_started.happened': 'Das Labor arbeitet jetzt an dem Kit mit der Endung {k}.',
  'kit.processing_started.next':
    '{due, select, yes {Wir erwarten die Ergebnisse um den {day}. Wir schreiben Ihnen, sobald sie da sind.} other {Wir schreiben Ihnen, sobald Ihre Ergebnisse da sind.}}',
  'kit.processing_started.todo': 'Sie müssen nichts tun.',
  'kit.processing_started.action': 'Kit verfolgen',

  'results.available.subject': 'Ihre Ergebnisse sind da',
  'results.available.preheader': 'Melden Sie sich an, um sie zu sehen.',
  'results.available.happened': 'Die Ergebnisse zum Kit mit der Endung {k} sind da.',
  'results.available.private':
    'Damit sie privat bleiben, stehen sie nicht in E-Mails. Wir schicken immer diese gleiche E-Mail, ganz gleich, was die Ergebnisse sagen.',
  'results.available.todo': 'Bitte melden Sie sich an, um sie zu sehen.',
  'results.available.next': 'Kommt später eine ärztliche Notiz hinzu, sagen wir es Ihnen.',
  'results.available.action': 'Ergebnisse ansehen',
  'results.available.ask':
    'Können Sie sich nicht anmelden oder möchten Sie mit jemandem sprechen? Melden Sie sich bei uns.',

  'results.reviewed.subject': 'Eine ärztliche Durchsicht ist dazugekommen',
  'results.reviewed.preheader': 'Melden Sie sich an, um sie zu lesen.',
  'results.reviewed.happened':
    'Die Ergebnisse zum Kit mit der Endung {k} wurden nun ärztlich durchgesehen. Das ist ein normaler Schritt, ganz gleich, was die Ergebnisse sagen.',
  'results.reviewed.todo': 'Bitte melden Sie sich an, um zu sehen, was dazugekommen ist.',
  'results.reviewed.next': 'Gibt es weitere Neuigkeiten, schreiben wir Ihnen.',
  'results.reviewed.action': 'Durchsicht lesen',
  'results.reviewed.ask': 'Wenn Sie Fragen haben, melden Sie sich bei uns.',

  'results.updated.subject': 'Es gibt eine neue Fassung Ihrer Ergebnisse',
  'results.updated.preheader': 'Bitte lesen Sie sie, auch wenn Sie die erste kennen.',
  'results.updated.happened':
    'Das Labor hat eine neue Fassung der Ergebnisse zum Kit mit der Endung {k} geschickt. Sie ersetzt die frühere.',
  'results.updated.todo':
    'Bitte lesen Sie sie, auch wenn Sie die erste kennen. Haben Sie die erste jemandem gezeigt, zeigen Sie dieser Person auch die neue.',
  'results.updated.next': 'Gibt es weitere Neuigkeiten, schreiben wir Ihnen.',
  'results.updated.action': 'Neue Fassung ansehen',
  'results.updated.ask':
    'Können Sie sich nicht anmelden oder möchten Sie mit jemandem sprechen? Melden Sie sich bei uns.',

  'kit.failed.subject': 'Ihr Kit konnte nicht abgeschlossen werden',
  'kit.failed.preheader': 'Was Sie jetzt tun können.',
  'kit.failed.happened':
    'Das Labor konnte aus dem Kit mit der Endung {k} keine Ergebnisse gewinnen. Das tut uns leid. Es kommt ab und zu vor und sagt nichts über Ihre Gesundheit aus.',
  'kit.failed.todo': 'Melden Sie sich an, um Ihre Möglichkeiten zu sehen, oder bitten Sie uns um Hilfe.',
  'kit.failed.next': 'Haben Sie sich entschieden, helfen wir Ihnen bei allem Weiteren.',
  'kit.failed.action': 'Möglichkeiten ansehen',
  'kit.failed.ask': 'Wir erklären Ihnen gern, was passiert ist.',

  'kit.cancelled.subject': 'Ihr Kit wurde storniert',
  'kit.cancelled.preheader': 'Bitte schicken Sie keine Probe ein.',
  'kit.cancelled.happened': 'Das Kit mit der Endung {k} wurde storniert.',
  'kit.cancelled.todo':
    'Haben Sie Ihre Probe noch nicht abgeschickt, schicken Sie sie bitte nicht ein. Haben Sie sie schon abgeschickt, sagen Sie es uns.',
  'kit.cancelled.next':
    'Haben Sie sie abgeschickt, erklären wir Ihnen, wie es weitergeht. Sonst müssen Sie nichts mehr tun.',
  'kit.cancelled.action': 'Kontakt aufnehmen',
  'kit.cancelled.ask': 'Haben Sie das nicht erwartet? Melden Sie sich bei uns.',

  'reminder.register.subject':
    '{kits, plural, one {Ist Ihr Kit schon registriert?} other {Sind Ihre Kits schon registriert?}}',
  'reminder.register.preheader': 'Es dauert nur ein paar Minuten.',
  'reminder.register.happened':
    '{dated, select, yes {{kits, plural, one {Wir haben am {date} ein Kit verschickt, und es ist noch nicht registriert.} other {Wir haben am {date} Kits verschickt, und mindestens eines ist noch nicht registriert.}}} other {{kits, plural, one {Ein Kit von uns ist noch nicht registriert.} other {Mindestens ein Kit von uns ist noch nicht registriert.}}}} Ohne Registrierung können keine Ergebnisse verschickt werden.',
  'reminder.register.todo':
    'Registrieren Sie es jetzt. Die Nummer steht auf dem Kit. Haben Sie es weitergegeben, leiten Sie diese E-Mail bitte weiter.',
  'reminder.register.next':
    'Danach schicken wir die nächsten Schritte. Ist es schon erledigt, können Sie diese E-Mail vergessen.',
  'reminder.register.action': 'Kit registrieren',
  'reminder.register.ask': 'Falls Sie die Nummer nicht finden, sagen Sie es uns.',

  'reminder.return.subject': 'Haben Sie Ihre Probe schon abgeschickt?',
  'reminder.return.preheader': 'Falls ja, ist nichts zu tun.',
  'reminder.return.happened': 'Das Kit mit der Endung {k} ist registriert, aber Ihre Probe ist noch nicht angekommen.',
  'reminder.return.todo':
    'Am besten schicken Sie sie bald nach der Entnahme ab. Schon abgeschickt? Dann ist alles erledigt.',
  'reminder.return.next': 'Wir schreiben Ihnen, sobald sie ankommt.',
  'reminder.return.action': 'So schicken Sie sie ein',
  'reminder.return.ask': 'Fehlt etwas oder haben Sie es sich anders überlegt? Sagen Sie es uns.',

  'notice.delay.subject': 'Ihr Kit braucht länger als geplant',
  'notice.delay.preheader': 'Sie müssen nichts tun.',
  'notice.delay.happened':
    'Wir hatten gehofft, jetzt schon Neues zum Kit mit der Endung {k} zu haben. Es dauert länger, und das tut uns leid. Verzögerungen haben viele Ursachen und sagen nichts über Ihre Ergebnisse aus.',
  'notice.delay.next': 'Unser Team weiß davon, und wir schreiben Ihnen, sobald es Neues gibt.',
  'notice.delay.todo': 'Sie müssen nichts tun.',
  'notice.delay.action': 'Kontakt aufnehmen',
};
