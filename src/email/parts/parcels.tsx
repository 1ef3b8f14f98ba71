import { Link, Section } from '@react-email/components';
import type { Mail, ParcelLine, TemplateProps } from '../mail.js';
import { Action, Label, Next, Paragraph } from './sections.js';

/** When the parcels should come, and where to follow them. */
export function Parcels({ mail }: TemplateProps) {
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
