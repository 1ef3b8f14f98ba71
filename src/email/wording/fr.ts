import type { Catalogue } from './en.js';

/** The French wording: formal (vous), with the no-break spaces that French typography asks for: narrow before ?, whole before :. */
export const fr: Catalogue = {
  'greeting.named': 'Bonjour {name},',
  'greeting.plain': 'Bonjour,',
  'subject.kit': '{subject} (kit {k})',

  'part.todo': 'Ce que vous devez faire',
  'part.next': 'La suite',
  'part.ask': 'Des questions ?',

  'step.position': 'Étape {step} sur {steps} : {label}',
  'step.shipped': 'en route',
  'step.registered': 'enregistré',
  'step.at_lab': 'au laboratoire',
  'step.in_work': 'traitement en cours',
  'step.ready': 'résultats prêts',

  'contact.email': 'Répondez à cet e-mail ou écrivez à {email}.',
  'contact.phone': 'Ou appelez le {phone}.',
  'contact.reply': 'Répondez à cet e-mail.',

  'footer.why.order': 'Vous recevez cet e-mail parce qu’une commande {brand} vous est destinée.',
  'footer.why.kit': 'Vous recevez cet e-mail parce qu’un kit {brand} est lié à cette adresse.',
  'footer.never': 'Nous ne demandons jamais de mot de passe ni de paiement par e-mail.',
  'footer.stop.reminders': 'Ne plus recevoir de rappels',
  'footer.stop.progress': 'Ne plus recevoir d’informations de suivi',
  'footer.stop.still': 'Nous vous préviendrons quand même lorsque les résultats seront prêts.',

  'order.confirmed.subject': 'Nous préparons une commande de kit',
  'order.confirmed.preheader': 'Rien à faire pour le moment.',
  'order.confirmed.happened': 'Une commande qui vous est destinée est en préparation.',
  'order.confirmed.next': 'Nous vous écrirons quand elle sera en route.',
  'order.confirmed.todo': 'Vous n’avez rien à faire pour le moment.',
  'order.confirmed.action': 'Voir la commande',
  'order.confirmed.ask': 'Vous ne vous y attendiez pas ? Répondez à ce message pour nous le dire.',

  'order.shipped.subject': '{kits, plural, one {Votre kit est en route} other {Vos kits sont en route}}',
  'order.shipped.preheader': 'Arrivée prévue et prochaines étapes.',
  'order.shipped.happened':
    '{dated, select, yes {{parcels, plural, one {Votre colis est parti le {date}.} other {Vos colis sont partis le {date}.}}} other {{parcels, plural, one {Votre colis est parti.} other {Vos colis sont partis.}}}}',
  'order.shipped.next': 'Il devrait arriver dans les prochains jours.',
  'order.shipped.todo':
    'Enregistrez chaque kit avant de l’utiliser. Si un kit est pour une autre personne, remettez-le-lui sans l’ouvrir pour qu’elle puisse l’enregistrer.',
  'order.shipped.action': 'Voir votre commande',
  'order.shipped.ask': 'Si quelque chose n’arrive pas, dites-le-nous.',
  'parcel.title': 'Colis {number}',
  'parcel.due.carrier': '{carrier} prévoit de le livrer le {day}.',
  'parcel.due': 'Le transporteur prévoit de le livrer le {day}.',
  'parcel.carrier': 'Il est livré par {carrier}.',
  'parcel.number': 'Numéro de suivi : {number}',
  'parcel.track': 'Suivre votre colis',
  'parcel.track.one': 'Suivre le colis {number}',

  'order.cancelled.subject': 'Votre commande de kit a été annulée',
  'order.cancelled.preheader': 'Que faire si un kit vous parvient.',
  'order.cancelled.happened': 'Cette commande a été annulée.',
  'order.cancelled.next': 'Si un kit est déjà en route, il peut encore vous parvenir.',
  'order.cancelled.todo': 'Si un kit vous parvient quand même, ne l’utilisez pas. Vous n’avez rien d’autre à faire.',
  'order.cancelled.action': 'Nous contacter',
  'order.cancelled.ask': 'Si vous ne l’avez pas demandé, ou si vous avez une question sur le paiement, contactez-nous.',

  'kit.registered.subject': 'Votre kit est enregistré',
  'kit.registered.preheader': 'Que faire maintenant.',
  'kit.registered.happened':
    'Le kit se terminant par {k} est maintenant enregistré. Nous enverrons les informations qui le concernent à cette adresse.',
  'kit.registered.todo': 'Suivez les instructions fournies dans la boîte et postez votre échantillon dès que possible.',
  'kit.registered.next': 'Nous vous écrirons quand il sera arrivé.',
  'kit.registered.action': 'Voir les prochaines étapes',
  'kit.registered.ask': 'Ce n’était pas vous ? Répondez à ce message, et nous corrigerons cela.',

  'kit.received_lab.subject': 'Votre échantillon est arrivé',
  'kit.received_lab.preheader': 'Vous n’avez rien à faire.',
  'kit.received_lab.happened': 'Le laboratoire a bien reçu votre échantillon du kit se terminant par {k}.',
  'kit.received_lab.next':
    '{due, select, yes {Nous attendons les résultats vers le {day}. Nous vous écrirons quand ils seront prêts.} other {Nous vous écrirons quand les résultats seront prêts.}}',
  'kit.received_lab.todo': 'Vous n’avez rien à faire.',
  'kit.received_lab.action': 'Suivre votre kit',

  'kit.processing_started.subject': 'Le traitement de votre échantillon a commencé',
  'kit.processing_started.preheader': 'Vous n’avez rien à faire.',
  'kit.processing_started.happened': 'Le laboratoire a commencé à traiter le kit se terminant par {k}.',
  'kit.processing_started.next':
    '{due, select, yes {Nous attendons les résultats vers le {day}. Nous vous écrirons quand ils seront prêts.} other {Nous vous écrirons quand les résultats seront prêts.}}',
  'kit.processing_started.todo': 'Vous n’avez rien à faire.',
  'kit.processing_started.action': 'Suivre votre kit',

  'results.available.subject': 'Vos résultats sont prêts',
  'results.available.preheader': 'Connectez-vous pour les voir.',
  'results.available.happened': 'Les résultats du kit se terminant par {k} sont prêts.',
  'results.available.private':
    'Pour qu’ils restent confidentiels, nous ne les indiquons pas dans les e-mails. Nous envoyons toujours ce même e-mail, quels que soient les résultats.',
  'results.available.todo': 'Connectez-vous pour les voir.',
  'results.available.next': 'Si un médecin ajoute une note plus tard, nous vous préviendrons.',
  'results.available.action': 'Voir les résultats',
  'results.available.ask': 'Si vous ne pouvez pas vous connecter ou si vous voulez parler à quelqu’un, contactez-nous.',

  'results.reviewed.subject': 'L’avis d’un médecin a été ajouté',
  'results.reviewed.preheader': 'Connectez-vous pour le lire.',
  'results.reviewed.happened':
    'Un médecin a maintenant relu les résultats du kit se terminant par {k}. Cette relecture est une étape normale, quels que soient les résultats.',
  'results.reviewed.todo': 'Connectez-vous pour voir ce qui a été ajouté.',
  'results.reviewed.next': 'S’il y a du nouveau, nous vous écrirons.',
  'results.reviewed.action': 'Lire l’avis',
  'results.reviewed.ask': 'Si vous avez des questions, contactez-nous.',

  'results.updated.subject': 'Une nouvelle version de vos résultats est disponible',
  'results.updated.preheader': 'Lisez-la, même si vous avez vu la première.',
  'results.updated.happened':
    'Le laboratoire a envoyé une nouvelle version des résultats du kit se terminant par {k}. Elle remplace la précédente.',
  'results.updated.todo':
    'Lisez-la, même si vous avez vu la première. Si vous avez montré la première à quelqu’un, montrez-lui aussi celle-ci.',
  'results.updated.next': 'S’il y a du nouveau, nous vous écrirons.',
  'results.updated.action': 'Voir la nouvelle version',
  'results.updated.ask': 'Si vous ne pouvez pas vous connecter ou si vous voulez parler à quelqu’un, contactez-nous.',

  'kit.failed.subject': 'Le traitement de votre kit n’a pas pu aboutir',
  'kit.failed.preheader': 'Ce que vous pouvez faire maintenant.',
  'kit.failed.happened':
    'Le laboratoire n’a pas pu obtenir de résultats à partir du kit se terminant par {k}. Nous en sommes désolés. Cela arrive de temps en temps et ne dit rien sur votre santé.',
  'kit.failed.todo': 'Connectez-vous pour voir les possibilités, ou demandez-nous de l’aide.',
  'kit.failed.next': 'Une fois votre choix fait, nous vous aiderons pour la suite.',
  'kit.failed.action': 'Voir que faire maintenant',
  'kit.failed.ask': 'Nous vous expliquerons volontiers ce qui s’est passé.',

  'kit.cancelled.subject': 'Votre kit a été annulé',
  'kit.cancelled.preheader': 'Merci de ne pas envoyer d’échantillon.',
  'kit.cancelled.happened': 'Le kit se terminant par {k} a été annulé.',
  'kit.cancelled.todo':
    'Si vous n’avez pas encore posté votre échantillon, ne l’envoyez pas. Si vous l’avez déjà posté, dites-le-nous.',
  'kit.cancelled.next': 'Si vous l’avez posté, nous vous expliquerons la suite. Sinon, vous n’avez plus rien à faire.',
  'kit.cancelled.action': 'Nous contacter',
  'kit.cancelled.ask': 'Si vous ne vous y attendiez pas, contactez-nous.',

  'reminder.register.subject':
    '{kits, plural, one {Votre kit est-il enregistré ?} other {Vos kits sont-ils enregistrés ?}}',
  'reminder.register.preheader': 'Cela prend quelques minutes.',
  'reminder.register.happened':
    '{dated, select, yes {{kits, plural, one {Nous avons envoyé un kit le {date} et il n’est pas encore enregistré.} other {Nous avons envoyé des kits le {date} et au moins l’un d’eux n’est pas encore enregistré.}}} other {{kits, plural, one {Un kit que nous vous avons envoyé n’est pas encore enregistré.} other {Au moins un des kits que nous vous avons envoyés n’est pas encore enregistré.}}}} Sans enregistrement, aucun résultat ne peut être envoyé.',
  'reminder.register.todo':
    'Enregistrez-le maintenant. Vous trouverez son numéro sur le kit. Si vous l’avez donné à quelqu’un, transmettez-lui ce message.',
  'reminder.register.next':
    'Ensuite, nous enverrons les prochaines étapes. Si c’est déjà fait, ne tenez pas compte de cet e-mail.',
  'reminder.register.action': 'Enregistrer un kit',
  'reminder.register.ask': 'Si vous ne trouvez pas le numéro, dites-le-nous.',

  'reminder.return.subject': 'Avez-vous posté votre échantillon ?',
  'reminder.return.preheader': 'Si c’est fait, vous n’avez rien à faire.',
  'reminder.return.happened':
    'Le kit se terminant par {k} est enregistré, mais votre échantillon n’est pas encore arrivé.',
  'reminder.return.todo':
    'Il vaut mieux le poster peu après le prélèvement. Déjà posté ? Alors vous n’avez plus rien à faire.',
  'reminder.return.next': 'Nous vous écrirons quand il sera arrivé.',
  'reminder.return.action': 'Voir comment l’envoyer',
  'reminder.return.ask': 'S’il manque quelque chose ou si vous avez changé d’avis, dites-le-nous.',

  'notice.delay.subject': 'Votre kit prend plus de temps que prévu',
  'notice.delay.preheader': 'Vous n’avez rien à faire.',
  'notice.delay.happened':
    'Nous espérions avoir déjà des nouvelles du kit se terminant par {k}. Cela prend plus de temps, et nous en sommes désolés. Les retards ont de nombreuses causes et ne disent rien sur vos résultats.',
  'notice.delay.next': 'Notre équipe est au courant, et nous vous écrirons dès qu’il y aura du nouveau.',
  'notice.delay.todo': 'Vous n’avez rien à faire.',
  'notice.delay.action': 'Nous contacter',
};
