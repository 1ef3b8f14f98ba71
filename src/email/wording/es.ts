import type { Catalogue } from './en.js';

/** The Spanish wording: formal (usted), neutral between Spain and Latin America. */
export const es: Catalogue = {
  'greeting.named': 'Hola, {name}:',
  'greeting.plain': 'Hola:',
  'subject.kit': '{subject} (kit {k})',

  'part.todo': 'Qué debe hacer',
  'part.next': 'Qué pasará después',
  'part.ask': '¿Tiene preguntas?',

  'step.position': 'Paso {step} de {steps}: {label}',
  'step.shipped': 'en camino',
  'step.registered': 'registrado',
  'step.at_lab': 'en el laboratorio',
  'step.in_work': 'en proceso',
  'step.ready': 'resultados listos',

  'contact.email': 'Responda a este correo o escriba a {email}.',
  'contact.phone': 'O llame al {phone}.',
  'contact.reply': 'Responda a este correo.',

  'footer.why.order': 'Recibe este correo porque un pedido de {brand} está dirigido a usted.',
  'footer.why.kit': 'Recibe este correo porque un kit de {brand} está asociado a esta dirección.',
  'footer.never': 'Nunca pedimos contraseñas ni pagos por correo electrónico.',
  'footer.stop.reminders': 'No recibir más recordatorios',
  'footer.stop.progress': 'No recibir más avisos de seguimiento',
  'footer.stop.still': 'Aun así le avisaremos cuando los resultados estén listos.',

  'order.confirmed.subject': 'Estamos preparando un pedido de kit',
  'order.confirmed.preheader': 'Todavía no tiene que hacer nada.',
  'order.confirmed.happened': 'Estamos preparando un pedido dirigido a usted.',
  'order.confirmed.next': 'Le escribiremos cuando esté en camino.',
  'order.confirmed.todo': 'Por ahora no tiene que hacer nada.',
  'order.confirmed.action': 'Ver el pedido',
  'order.confirmed.ask': '¿No lo esperaba? Responda y díganoslo.',

  'order.shipped.subject': '{kits, plural, one {Su kit está en camino} other {Sus kits están en camino}}',
  'order.shipped.preheader': 'Vea la entrega prevista.',
  'order.shipped.happened':
    '{dated, select, yes {{parcels, plural, one {Su paquete salió el {date}.} other {Sus paquetes salieron el {date}.}}} other {{parcels, plural, one {Su paquete ya ha salido.} other {Sus paquetes ya han salido.}}}}',
  'order.shipped.next': 'Debería llegar en los próximos días.',
  'order.shipped.todo':
    'Registre cada kit antes de usarlo. Si un kit es para otra persona, entrégueselo sin abrir para que pueda registrarlo.',
  'order.shipped.action': 'Ver su pedido',
  'order.shipped.ask': 'Si algo no llega, díganoslo.',
  'parcel.title': 'Paquete {number}',
  'parcel.due.carrier': '{carrier} tiene previsto entregarlo el {day}.',
  'parcel.due': 'La empresa de transporte tiene previsto entregarlo el {day}.',
  'parcel.carrier': 'Lo entrega {carrier}.',
  'parcel.number': 'Número de seguimiento: {number}',
  'parcel.track': 'Seguir su paquete',
  'parcel.track.one': 'Seguir el paquete {number}',

  'order.cancelled.subject': 'Su pedido de kit se ha cancelado',
  'order.cancelled.preheader': 'Qué hacer si le llega un kit.',
  'order.cancelled.happened': 'Este pedido se ha cancelado.',
  'order.cancelled.next': 'Si un kit ya está en camino, es posible que le llegue.',
  'order.cancelled.todo': 'Si aun así le llega un kit, no lo use. No tiene que hacer nada más.',
  'order.cancelled.action': 'Contactar con nosotros',
  'order.cancelled.ask': 'Si no lo pidió usted o tiene una pregunta sobre el pago, escríbanos.',

  'kit.registered.subject': 'Su kit está registrado',
  'kit.registered.preheader': 'Qué hacer ahora.',
  'kit.registered.happened':
    'El kit terminado en {k} ya está registrado. Enviaremos las novedades sobre él a esta dirección.',
  'kit.registered.todo': 'Siga las instrucciones de la caja y envíe su muestra por correo lo antes posible.',
  'kit.registered.next': 'Le escribiremos cuando llegue.',
  'kit.registered.action': 'Ver los próximos pasos',
  'kit.registered.ask': '¿No fue usted? Responda y lo arreglaremos.',

  'kit.received_lab.subject': 'Su muestra ha llegado',
  'kit.received_lab.preheader': 'No tiene que hacer nada.',
  'kit.received_lab.happened': 'El laboratorio ha recibido su muestra del kit terminado en {k}.',
  'kit.received_lab.next':
    '{due, select, yes {Esperamos los resultados hacia el {day}. Le escribiremos cuando estén listos.} other {Le escribiremos cuando los resultados estén listos.}}',
  'kit.received_lab.todo': 'No tiene que hacer nada.',
  'kit.received_lab.action': 'Ver el estado de su kit',

  'kit.processing_started.subject': 'Su muestra ya se está procesando',
  'kit.processing_started.preheader': 'No tiene que hacer nada.',
  'kit.processing_started.happened': 'El laboratorio ha empezado a procesar el kit terminado en {k}.',
  'kit.processing_started.next':
    '{due, select, yes {Esperamos los resultados hacia el {day}. Le escribiremos cuando estén listos.} other {Le escribiremos cuando los resultados estén listos.}}',
  'kit.processing_started.todo': 'No tiene que hacer nada.',
  'kit.processing_started.action': 'Ver el estado de su kit',

  'results.available.subject': 'Sus resultados están listos',
  'results.available.preheader': 'Inicie sesión para verlos.',
  'results.available.happened': 'Los resultados del kit terminado en {k} están listos.',
  'results.available.private':
    'Para proteger su privacidad, no los incluimos en los correos. Enviamos siempre este mismo correo, digan lo que digan los resultados.',
  'results.available.todo': 'Inicie sesión para verlos.',
  'results.available.next': 'Si más adelante se añade una nota de un médico, se lo diremos.',
  'results.available.action': 'Ver los resultados',
  'results.available.ask': 'Si no puede iniciar sesión o quiere hablar con alguien, contacte con nosotros.',

  'results.reviewed.subject': 'Se ha añadido la revisión de un médico',
  'results.reviewed.preheader': 'Inicie sesión para leerla.',
  'results.reviewed.happened':
    'Un médico ha revisado los resultados del kit terminado en {k}. La revisión es un paso normal, digan lo que digan los resultados.',
  'results.reviewed.todo': 'Inicie sesión para ver lo que se ha añadido.',
  'results.reviewed.next': 'Si hay más novedades, le escribiremos.',
  'results.reviewed.action': 'Leer la revisión',
  'results.reviewed.ask': 'Si tiene preguntas, contacte con nosotros.',

  'results.updated.subject': 'Hay una nueva versión de sus resultados',
  'results.updated.preheader': 'Léala, aunque ya haya visto la primera.',
  'results.updated.happened':
    'El laboratorio ha enviado una nueva versión de los resultados del kit terminado en {k}. Sustituye a la anterior.',
  'results.updated.todo':
    'Léala, aunque ya haya visto la primera. Si compartió la primera con alguien, muéstrele también esta.',
  'results.updated.next': 'Si hay más novedades, le escribiremos.',
  'results.updated.action': 'Ver la nueva versión',
  'results.updated.ask': 'Si no puede iniciar sesión o quiere hablar con alguien, contacte con nosotros.',

  'kit.failed.subject': 'No se pudo procesar su kit',
  'kit.failed.preheader': 'Vea qué puede hacer ahora.',
  'kit.failed.happened':
    'El laboratorio no pudo obtener resultados del kit terminado en {k}. Lo sentimos. Ocurre de vez en cuando y no dice nada sobre su salud.',
  'kit.failed.todo': 'Inicie sesión para ver sus opciones o pídanos ayuda.',
  'kit.failed.next': 'Cuando haya elegido una opción, le ayudaremos con lo demás.',
  'kit.failed.action': 'Ver qué hacer ahora',
  'kit.failed.ask': 'Con gusto le explicaremos lo que pasó.',

  'kit.cancelled.subject': 'Su kit se ha cancelado',
  'kit.cancelled.preheader': 'No envíe ninguna muestra, por favor.',
  'kit.cancelled.happened': 'El kit terminado en {k} se ha cancelado.',
  'kit.cancelled.todo': 'Si no ha enviado su muestra, no la envíe. Si ya la envió, díganoslo.',
  'kit.cancelled.next': 'Si ya la envió, le explicaremos qué pasa ahora. Si no, no tiene que hacer nada más.',
  'kit.cancelled.action': 'Contactar con nosotros',
  'kit.cancelled.ask': 'Si no lo esperaba, contacte con nosotros.',

  'reminder.register.subject': '{kits, plural, one {¿Ha registrado su kit?} other {¿Ha registrado sus kits?}}',
  'reminder.register.preheader': 'Solo lleva unos minutos.',
  'reminder.register.happened':
    '{dated, select, yes {{kits, plural, one {Enviamos un kit el {date} y todavía no está registrado.} other {Enviamos kits el {date} y al menos uno todavía no está registrado.}}} other {{kits, plural, one {Un kit que le enviamos todavía no está registrado.} other {Al menos un kit que le enviamos todavía no está registrado.}}}} Sin este paso no se pueden enviar resultados.',
  'reminder.register.todo':
    'Regístrelo ahora. Encontrará el número en el kit. Si se lo dio a otra persona, reenvíele este mensaje.',
  'reminder.register.next':
    'Cuando esté hecho, enviaremos los próximos pasos. Si ya está hecho, no haga caso de este correo.',
  'reminder.register.action': 'Registrar un kit',
  'reminder.register.ask': 'Si no encuentra el número, díganoslo.',

  'reminder.return.subject': '¿Ha enviado su muestra?',
  'reminder.return.preheader': 'Si ya la envió, no tiene que hacer nada.',
  'reminder.return.happened': 'El kit terminado en {k} está registrado, pero su muestra aún no ha llegado.',
  'reminder.return.todo': 'Es mejor enviarla poco después de tomarla. ¿Ya la envió? Entonces ya está todo hecho.',
  'reminder.return.next': 'Le escribiremos cuando llegue.',
  'reminder.return.action': 'Ver cómo enviarla',
  'reminder.return.ask': 'Si falta algo o ha cambiado de idea, díganoslo.',

  'notice.delay.subject': 'Su kit tarda más de lo previsto',
  'notice.delay.preheader': 'No tiene que hacer nada.',
  'notice.delay.happened':
    'Esperábamos tener ya noticias del kit terminado en {k}. Está tardando más y lo sentimos. Los retrasos tienen muchas causas y no dicen nada sobre sus resultados.',
  'notice.delay.next': 'Nuestro equipo lo sabe y le escribiremos cuando haya noticias.',
  'notice.delay.todo': 'No tiene que hacer nada.',
  'notice.delay.action': 'Contactar con nosotros',
};
