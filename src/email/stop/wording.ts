/** What the stop page says; {brand} is the only variable, and is put in by `replaceAll`. */
export interface StopWording {
  readonly title: string;
  readonly intro: string;
  readonly reminders: string;
  readonly progress: string;
  readonly explain: { readonly reminders: string; readonly progress: string };
  readonly on: string;
  readonly stopped: string;
  readonly stop: { readonly reminders: string; readonly progress: string };
  readonly undo: { readonly reminders: string; readonly progress: string };
  readonly done: { readonly reminders: string; readonly progress: string };
  readonly undone: { readonly reminders: string; readonly progress: string };
  readonly results: string;
  readonly support: string;
  readonly unknownTitle: string;
  readonly unknown: string;
  readonly failedTitle: string;
  readonly failed: string;
}

const en: StopWording = {
  title: 'Emails from {brand}',
  intro: 'Choose what we send to the address that got this link. One press is enough.',
  reminders: 'Reminders',
  progress: 'Progress news',
  explain: {
    reminders: 'When a kit is not registered or a sample has not arrived.',
    progress: 'When a sample arrives, when work on it begins, and when it takes longer than planned.',
  },
  on: 'On',
  stopped: 'Stopped',
  stop: { reminders: 'Stop reminders', progress: 'Stop progress news' },
  undo: { reminders: 'Send reminders again', progress: 'Send progress news again' },
  done: {
    reminders: 'Done. We will send no more reminders to this address.',
    progress: 'Done. We will send no more progress news to this address.',
  },
  undone: {
    reminders: 'Done. We will send reminders to this address again.',
    progress: 'Done. We will send progress news to this address again.',
  },
  results: 'Word that your results are ready can’t be stopped here: it is what this service is for.',
  support: 'If you want no email at all, contact us and we will find another way to tell you:',
  unknownTitle: 'This link does not work',
  unknown: 'Part of it may be missing. Open it from the email again, or contact us and we will do it for you:',
  failedTitle: 'That did not work',
  failed: 'Nothing was changed. Please try again in a few minutes, or contact us:',
};

const es: StopWording = {
  title: 'Correos de {brand}',
  intro: 'Elija qué enviamos a la dirección que recibió este enlace. Basta con pulsar una vez.',
  reminders: 'Recordatorios',
  progress: 'Avisos de seguimiento',
  explain: {
    reminders: 'Cuando un kit no está registrado o una muestra no ha llegado.',
    progress: 'Cuando llega una muestra, cuando el laboratorio empieza a procesarla y cuando tarda más de lo previsto.',
  },
  on: 'Activados',
  stopped: 'Detenidos',
  stop: { reminders: 'Detener los recordatorios', progress: 'Detener los avisos de seguimiento' },
  undo: { reminders: 'Volver a recibir recordatorios', progress: 'Volver a recibir avisos de seguimiento' },
  done: {
    reminders: 'Hecho. No enviaremos más recordatorios a esta dirección.',
    progress: 'Hecho. No enviaremos más avisos de seguimiento a esta dirección.',
  },
  undone: {
    reminders: 'Hecho. Volveremos a enviar recordatorios a esta dirección.',
    progress: 'Hecho. Volveremos a enviar avisos de seguimiento a esta dirección.',
  },
  results: 'El aviso de que sus resultados están listos no se puede detener aquí: para eso existe este servicio.',
  support: 'Si no quiere recibir ningún correo, escríbanos y buscaremos otra forma de avisarle:',
  unknownTitle: 'Este enlace no funciona',
  unknown: 'Puede que falte una parte. Ábralo de nuevo desde el correo o escríbanos y lo haremos por usted:',
  failedTitle: 'Algo no ha funcionado',
  failed: 'No se ha cambiado nada. Inténtelo de nuevo en unos minutos o escríbanos:',
};

const fr: StopWording = {
  title: 'Vos e-mails {brand}',
  intro: 'Choisissez ce que nous envoyons à l’adresse qui a reçu ce lien. Un seul clic suffit.',
  reminders: 'Rappels',
  progress: 'Informations de suivi',
  explain: {
    reminders: 'Quand un kit n’est pas enregistré ou qu’un échantillon n’est pas arrivé.',
    progress: 'Quand un échantillon arrive, quand son traitement commence et quand il prend plus de temps que prévu.',
  },
  on: 'Activés',
  stopped: 'Arrêtés',
  stop: { reminders: 'Arrêter les rappels', progress: 'Arrêter les informations de suivi' },
  undo: { reminders: 'Recevoir à nouveau les rappels', progress: 'Recevoir à nouveau les informations de suivi' },
  done: {
    reminders: 'C’est fait. Nous n’enverrons plus de rappels à cette adresse.',
    progress: 'C’est fait. Nous n’enverrons plus d’informations de suivi à cette adresse.',
  },
  undone: {
    reminders: 'C’est fait. Nous enverrons à nouveau des rappels à cette adresse.',
    progress: 'C’est fait. Nous enverrons à nouveau des informations de suivi à cette adresse.',
  },
  results:
    'L’e-mail qui annonce que vos résultats sont prêts ne peut pas être arrêté ici\u00a0: c’est la raison d’être de ce service.',
  support:
    'Si vous ne voulez plus aucun e-mail, contactez-nous et nous trouverons un autre moyen de vous prévenir\u00a0:',
  unknownTitle: 'Ce lien ne fonctionne pas',
  unknown:
    'Il en manque peut-être une partie. Ouvrez-le à nouveau depuis l’e-mail, ou contactez-nous et nous le ferons pour vous\u00a0:',
  failedTitle: 'Cela n’a pas marché',
  failed: 'Rien n’a été changé. Réessayez dans quelques minutes, ou contactez-nous\u00a0:',
};

const de: StopWording = {
  title: 'E-Mails von {brand}',
  intro: 'Wählen Sie, was wir an die Adresse schicken, die diesen Link erhalten hat. Ein Klick genügt.',
  reminders: 'Erinnerungen',
  progress: 'Statusmeldungen',
  explain: {
    reminders: 'Wenn ein Kit nicht registriert oder eine Probe nicht angekommen ist.',
    progress: 'Wenn eine Probe ankommt, wenn ihre Bearbeitung beginnt und wenn es länger dauert als geplant.',
  },
  on: 'An',
  stopped: 'Gestoppt',
  stop: { reminders: 'Erinnerungen stoppen', progress: 'Statusmeldungen stoppen' },
  undo: { reminders: 'Erinnerungen wieder erhalten', progress: 'Statusmeldungen wieder erhalten' },
  done: {
    reminders: 'Erledigt. Wir schicken keine Erinnerungen mehr an diese Adresse.',
    progress: 'Erledigt. Wir schicken keine Statusmeldungen mehr an diese Adresse.',
  },
  undone: {
    reminders: 'Erledigt. Wir schicken wieder Erinnerungen an diese Adresse.',
    progress: 'Erledigt. Wir schicken wieder Statusmeldungen an diese Adresse.',
  },
  results: 'Die Nachricht, dass Ihre Ergebnisse da sind, lässt sich hier nicht stoppen: Dafür gibt es diesen Dienst.',
  support:
    'Wenn Sie gar keine E-Mails möchten, melden Sie sich bitte. Wir finden einen anderen Weg, Sie zu informieren:',
  unknownTitle: 'Dieser Link funktioniert nicht',
  unknown:
    'Vielleicht fehlt ein Teil davon. Öffnen Sie ihn noch einmal aus der E-Mail, oder melden Sie sich bei uns, und wir erledigen es für Sie:',
  failedTitle: 'Das hat nicht geklappt',
  failed:
    'Es wurde nichts geändert. Bitte versuchen Sie es in ein paar Minuten noch einmal, oder melden Sie sich bei uns:',
};

export const STOP_WORDING: Readonly<Record<string, StopWording>> = { en, es, fr, de };
