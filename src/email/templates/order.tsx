import { Link, Section } from '@react-email/components';
import type { Mail, ParcelLine, TemplateProps } from '../mail.js';
import { Action, Ask, Happened, Label, Letter, Next, Paragraph, Todo } from '../letter.js';

/** An order was accepted: to whom it is addressed, who may not have ordered it. */
export function OrderConfirmed({ mail }: TemplateProps) {
  return (
    <Letter mail={mail}>
      <Happened mail={mail}>{mail.say('order.confirmed.happened')}</Happened>
      <Todo mail={mail}>{mail.say('order.confirmed.todo')}</Todo>
      <Next mail={mail}>{mail.say('order.confirmed.next')}</Next>
      <Action mail={mail} href={mail.portal}>
        {mail.say('order.confirmed.action')}
      </Action>
      <Ask mail={mail}>{mail.say('order.confirmed.ask')}</Ask>
    </Letter>
  );
}

/** A shipment has left; some of its kits may be for other people, who register them themselves. */
export function OrderShipped({ mail }: TemplateProps) {
  const hasTracking = mail.parcels.some(({ page }) => page !== null);
  return (
    <Letter mail={mail} step="shipped">
      <Happened mail={mail}>{mail.say('order.shipped.happened')}</Happened>
      <Parcels mail={mail} />
      <Todo mail={mail}>{mail.say('order.shipped.todo')}</Todo>
      {hasTracking ? null : (
        <Action mail={mail} href={mail.portal}>
          {mail.say('order.shipped.action')}
        </Action>
      )}
      <Ask mail={mail}>{mail.say('order.shipped.ask')}</Ask>
    </Letter>
  );
}

/** An order was cancelled, perhaps with a kit already on its way. */
export function OrderCancelled({ mail }: TemplateProps) {
  return (
    <Letter mail={mail}>
      <Happened mail={mail}>{mail.say('order.cancelled.happened')}</Happened>
      <Todo mail={mail}>{mail.say('order.cancelled.todo')}</Todo>
      <Next mail={mail}>{mail.say('order.cancelled.next')}</Next>
      <Action mail={mail} href={mail.portal}>
        {mail.say('order.cancelled.action')}
      </Action>
      <Ask mail={mail}>{mail.say('order.cancelled.ask')}</Ask>
    </Letter>
  );
}

/** When the parcels should come, and where to follow them. */
function Parcels({ mail }: TemplateProps) {
  const [first, ...others] = mail.parcels;
  if (first === undefined) return <Next mail={mail}>{mail.say('order.shipped.next')}</Next>;
  if (others.length > 0)
    return (
      <>
        <Label mail={mail} label="part.next" />
        {mail.parcels.map((parcel, at) => (
          <OneOfSeveral key={String(at)} mail={mail} parcel={parcel} number={at + 1} />
        ))}
      </>
    );
  return (
    <>
      <Next mail={mail}>
        {[whenAndBy(mail, first) ?? mail.say('order.shipped.next'), ...numbered(mail, first)].join(' ')}
      </Next>
      {first.page === null ? null : (
        <Action mail={mail} href={first.page}>
          {mail.say('parcel.track')}
        </Action>
      )}
    </>
  );
}

function OneOfSeveral({ mail, parcel, number }: { mail: Mail; parcel: ParcelLine; number: number }) {
  const lines = [whenAndBy(mail, parcel), ...numbered(mail, parcel)].filter((line) => line !== null);
  return (
    <Section style={{ margin: '0 0 16px' }}>
      <Paragraph mail={mail}>
        <strong>{mail.say('parcel.title', { number })}</strong>
      </Paragraph>
      {lines.length === 0 ? null : <Paragraph mail={mail}>{lines.join(' ')}</Paragraph>}
      {parcel.page === null ? null : (
        <Paragraph mail={mail}>
          <Link
            className="kh-accent"
            href={parcel.page}
            style={{ color: mail.colours.accent, textDecoration: 'underline' }}
          >
            {mail.say('parcel.track.one', { number })}
          </Link>
        </Paragraph>
      )}
    </Section>
  );
}

function whenAndBy({ say }: Mail, { carrier, day }: ParcelLine): string | null {
  if (carrier !== null && day !== null) return say('parcel.due.carrier', { carrier, day });
  if (day !== null) return say('parcel.due', { day });
  return carrier === null ? null : say('parcel.carrier', { carrier });
}

const numbered = ({ say }: Mail, { number }: ParcelLine): string[] =>
  number === null ? [] : [say('parcel.number', { number })];
