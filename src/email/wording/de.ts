import type { Catalogue } from './en.js';

/**
 * The German wording: formal (Sie). What happened begins with a word that is always written with a capital (Ihr, Ihnen),
 * because German goes on in lower case after the comma of the greeting.
 */
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
  'step.in_work': 'in Bearbeitung',
  'step.ready': 'Ergebnisse sind da',

  'contact.email': 'Antworten Sie auf diese E-Mail oder schreiben Sie an {email}.',
  'contact.phone': 'Oder rufen Sie an: {phone}.',
  'contact.reply': 'Antworten Sie auf diese E-Mail.',

  'footer.why.order': 'Sie erhalten diese E-Mail, weil eine Bestellung bei {brand} an Sie adressiert ist.',
  'footer.why.kit': 'Sie erhalten diese E-Mail, weil ein Kit von {brand} mit dieser Adresse verknüpft ist.',
  'footer.never': 'Wir bitten Sie nie per E-Mail um ein Passwort oder eine Zahlung.',
  'footer.stop.reminders': 'Keine Erinnerungen mehr erhalten',
  'footer.stop.progress': 'Keine Statusmeldungen mehr erhalten',
  'footer.stop.still': 'Sobald Ergebnisse da sind, erfahren Sie es trotzdem.',

  'order.confirmed.subject': 'Wir bereiten eine Kit-Bestellung vor',
  'order.confirmed.preheader': 'Sie müssen noch nichts tun.',
  'order.confirmed.happened': 'Ihnen soll eine Bestellung zugeschickt werden. Wir bereiten sie gerade vor.',
  'order.confirmed.next': 'Wir schreiben Ihnen, sobald sie unterwegs ist.',
  'order.confirmed.todo': 'Sie müssen jetzt nichts tun.',
  'order.confirmed.action': 'Bestellung ansehen',
  'order.confirmed.ask': 'Haben Sie das nicht erwartet? Dann antworten Sie bitte auf diese E-Mail.',

  'order.shipped.subject': '{kits, plural, one {Ihr Kit ist unterwegs} other {Ihre Kits sind unterwegs}}',
  'order.shipped.preheader': 'Wann Sie damit rechnen können.',
  'order.shipped.happened':
    '{dated, select, yes {{parcels, plural, one {Ihr Paket wurde am {date} verschickt.} other {Ihre Pakete wurden am {date} verschickt.}}} other {{parcels, plural, one {Ihr Paket wurde verschickt.} other {Ihre Pakete wurden verschickt.}}}}',
  'order.shipped.next': 'Es sollte in den nächsten Tagen ankommen.',
  'order.shipped.todo':
    'Bitte registrieren Sie jedes Kit, bevor Sie es benutzen. Ist ein Kit für jemand anderen bestimmt, geben Sie es bitte ungeöffnet weiter, damit diese Person es registrieren kann.',
  'order.shipped.action': 'Bestellung ansehen',
  'order.shipped.ask': 'Falls etwas nicht ankommt, geben Sie uns bitte Bescheid.',
  'parcel.title': 'Paket {number}',
  'parcel.due.carrier': '{carrier} plant die Zustellung für {day}.',
  'parcel.due': 'Die Zustellung ist für {day} geplant.',
  'parcel.carrier': 'Die Zustellung übernimmt {carrier}.',
  'parcel.number': 'Sendungsnummer: {number}',
  'parcel.track': 'Paket verfolgen',
  'parcel.track.one': 'Paket {number} verfolgen',

  'order.cancelled.subject': 'Ihre Kit-Bestellung wurde storniert',
  'order.cancelled.preheader': 'Was zu tun ist, falls ein Kit ankommt.',
  'order.cancelled.happened': 'Ihre Bestellung wurde storniert.',
  'order.cancelled.next': 'Ist ein Kit schon unterwegs, kann es noch bei Ihnen ankommen.',
  'order.cancelled.todo': 'Kommt doch noch ein Kit an, benutzen Sie es bitte nicht. Mehr müssen Sie nicht tun.',
  'order.cancelled.action': 'Kontakt aufnehmen',
  'order.cancelled.ask':
    'Wenn Sie das nicht veranlasst haben oder Fragen zur Zahlung haben, melden Sie sich bitte bei uns.',

  'kit.registered.subject': 'Ihr Kit ist registriert',
  'kit.registered.preheader': 'Was als Nächstes zu tun ist.',
  'kit.registered.happened':
    'Ihr Kit mit der Endung {k} ist jetzt registriert. Neuigkeiten dazu schicken wir an diese Adresse.',
  'kit.registered.todo': 'Folgen Sie der Anleitung in der Schachtel und schicken Sie Ihre Probe möglichst bald ab.',
  'kit.registered.next': 'Wir schreiben Ihnen, sobald sie ankommt.',
  'kit.registered.action': 'Nächste Schritte ansehen',
  'kit.registered.ask': 'Waren Sie das nicht? Antworten Sie auf diese E-Mail, dann bringen wir es in Ordnung.',

  'kit.received_lab.subject': 'Ihre Probe ist angekommen',
  'kit.received_lab.preheader': 'Sie müssen nichts tun.',
  'kit.received_lab.happened': 'Ihre Probe aus dem Kit mit der Endung {k} ist im Labor.',
  'kit.received_lab.next':
    '{due, select, yes {Wir erwarten die Ergebnisse um den {day}. Wir schreiben Ihnen, sobald sie da sind.} other {Wir schreiben Ihnen, sobald Ihre Ergebnisse da sind.}}',
  'kit.received_lab.todo': 'Sie müssen nichts tun.',
  'kit.received_lab.action': 'Stand Ihres Kits ansehen',

  'kit.processing_started.subject': 'Ihre Probe ist in Bearbeitung',
  'kit.processing_started.preheader': 'Sie müssen nichts tun.',
  'kit.processing_started.happened': 'Ihr Kit mit der Endung {k} wird jetzt im Labor bearbeitet.',
  'kit.processing_started.next':
    '{due, select, yes {Wir erwarten die Ergebnisse um den {day}. Wir schreiben Ihnen, sobald sie da sind.} other {Wir schreiben Ihnen, sobald Ihre Ergebnisse da sind.}}',
  'kit.processing_started.todo': 'Sie müssen nichts tun.',
  'kit.processing_started.action': 'Stand Ihres Kits ansehen',

  'results.available.subject': 'Ihre Ergebnisse sind da',
  'results.available.preheader': 'Melden Sie sich an, um sie zu sehen.',
  'results.available.happened': 'Ihre Ergebnisse zum Kit mit der Endung {k} sind da.',
  'results.available.private':
    'Damit sie vertraulich bleiben, stehen sie nicht in E-Mails. Wir schicken immer dieselbe E-Mail, ganz gleich, wie die Ergebnisse ausfallen.',
  'results.available.todo': 'Bitte melden Sie sich an, um sie zu sehen.',
  'results.available.next': 'Kommt später eine ärztliche Anmerkung hinzu, schreiben wir Ihnen.',
  'results.available.action': 'Ergebnisse ansehen',
  'results.available.ask':
    'Wenn Sie sich nicht anmelden können oder mit jemandem sprechen möchten, melden Sie sich bitte bei uns.',

  'results.reviewed.subject': 'Eine ärztliche Einschätzung ist hinzugekommen',
  'results.reviewed.preheader': 'Melden Sie sich an, um sie zu lesen.',
  'results.reviewed.happened':
    'Ihre Ergebnisse zum Kit mit der Endung {k} wurden inzwischen ärztlich durchgesehen. Das ist ein normaler Schritt, ganz gleich, wie die Ergebnisse ausfallen.',
  'results.reviewed.todo': 'Bitte melden Sie sich an, um zu sehen, was hinzugekommen ist.',
  'results.reviewed.next': 'Gibt es weitere Neuigkeiten, schreiben wir Ihnen.',
  'results.reviewed.action': 'Einschätzung lesen',
  'results.reviewed.ask': 'Wenn Sie Fragen haben, melden Sie sich bitte bei uns.',

  'results.updated.subject': 'Es gibt eine neue Fassung Ihrer Ergebnisse',
  'results.updated.preheader': 'Bitte lesen Sie sie, auch wenn Sie die erste kennen.',
  'results.updated.happened':
    'Ihre Ergebnisse zum Kit mit der Endung {k} hat das Labor in einer neuen Fassung geschickt. Sie ersetzt die frühere.',
  'results.updated.todo':
    'Bitte lesen Sie sie, auch wenn Sie die erste kennen. Haben Sie die erste jemandem gezeigt, zeigen Sie dieser Person auch die neue.',
  'results.updated.next': 'Gibt es weitere Neuigkeiten, schreiben wir Ihnen.',
  'results.updated.action': 'Neue Fassung ansehen',
  'results.updated.ask':
    'Wenn Sie sich nicht anmelden können oder mit jemandem sprechen möchten, melden Sie sich bitte bei uns.',

  'kit.failed.subject': 'Ihr Kit konnte nicht ausgewertet werden',
  'kit.failed.preheader': 'Was Sie jetzt tun können.',
  'kit.failed.happened':
    'Ihr Kit mit der Endung {k} hat im Labor keine Ergebnisse geliefert. Das tut uns leid. Es kommt ab und zu vor und sagt nichts über Ihre Gesundheit aus.',
  'kit.failed.todo': 'Melden Sie sich an, um Ihre Möglichkeiten zu sehen, oder bitten Sie uns um Hilfe.',
  'kit.failed.next': 'Wenn Sie sich entschieden haben, helfen wir Ihnen bei allem Weiteren.',
  'kit.failed.action': 'Möglichkeiten ansehen',
  'kit.failed.ask': 'Wir erklären Ihnen gern, was passiert ist.',

  'kit.cancelled.subject': 'Ihr Kit wurde storniert',
  'kit.cancelled.preheader': 'Bitte schicken Sie keine Probe ein.',
  'kit.cancelled.happened': 'Ihr Kit mit der Endung {k} wurde storniert.',
  'kit.cancelled.todo':
    'Haben Sie Ihre Probe noch nicht abgeschickt, schicken Sie sie bitte nicht ein. Haben Sie sie schon abgeschickt, geben Sie uns bitte Bescheid.',
  'kit.cancelled.next':
    'Haben Sie sie abgeschickt, erklären wir Ihnen, wie es weitergeht. Sonst müssen Sie nichts mehr tun.',
  'kit.cancelled.action': 'Kontakt aufnehmen',
  'kit.cancelled.ask': 'Haben Sie das nicht erwartet? Dann melden Sie sich bitte bei uns.',

  'reminder.register.subject':
    '{kits, plural, one {Ist Ihr Kit schon registriert?} other {Sind Ihre Kits schon registriert?}}',
  'reminder.register.preheader': 'Es dauert nur ein paar Minuten.',
  'reminder.register.happened':
    '{dated, select, yes {{kits, plural, one {Ihr Kit, das wir am {date} verschickt haben, ist noch nicht registriert.} other {Ihre Kits haben wir am {date} verschickt, und mindestens eines ist noch nicht registriert.}}} other {{kits, plural, one {Ihr Kit ist noch nicht registriert.} other {Ihre Kits sind noch nicht alle registriert.}}}} Ohne Registrierung können keine Ergebnisse verschickt werden.',
  'reminder.register.todo':
    'Bitte registrieren Sie es jetzt. Die Nummer steht auf dem Kit. Haben Sie es weitergegeben, leiten Sie diese E-Mail bitte weiter.',
  'reminder.register.next':
    'Danach schicken wir die nächsten Schritte. Ist es schon erledigt, können Sie diese E-Mail ignorieren.',
  'reminder.register.action': 'Kit registrieren',
  'reminder.register.ask': 'Falls Sie die Nummer nicht finden, geben Sie uns bitte Bescheid.',

  'reminder.return.subject': 'Haben Sie Ihre Probe schon abgeschickt?',
  'reminder.return.preheader': 'Falls ja, ist nichts zu tun.',
  'reminder.return.happened': 'Ihr Kit mit der Endung {k} ist registriert, aber Ihre Probe ist noch nicht angekommen.',
  'reminder.return.todo':
    'Am besten schicken Sie sie bald nach der Entnahme ab. Schon abgeschickt? Dann ist alles erledigt.',
  'reminder.return.next': 'Wir schreiben Ihnen, sobald sie ankommt.',
  'reminder.return.action': 'So schicken Sie sie ein',
  'reminder.return.ask': 'Fehlt etwas oder haben Sie es sich anders überlegt? Geben Sie uns bitte Bescheid.',

  'notice.delay.subject': 'Ihr Kit braucht länger als geplant',
  'notice.delay.preheader': 'Sie müssen nichts tun.',
  'notice.delay.happened':
    'Ihr Kit mit der Endung {k} braucht länger, und das tut uns leid. Wir hatten gehofft, jetzt schon Neues für Sie zu haben. Verzögerungen haben viele Ursachen und sagen nichts über Ihre Ergebnisse aus.',
  'notice.delay.next': 'Unser Team weiß davon, und wir schreiben Ihnen, sobald es Neues gibt.',
  'notice.delay.todo': 'Sie müssen nichts tun.',
  'notice.delay.action': 'Kontakt aufnehmen',
};
