import { Link, Section, Text } from '@react-email/components';
import type { ReactNode } from 'react';
import type { Mail, TemplateProps } from '../mail.js';
import { TYPE } from '../theme.js';

/** Why it came, whom to ask, what we never do, who we are, and how to stop what may be stopped. */
export function Footer({ mail }: TemplateProps) {
  const { brand, say, stop } = mail;
  return (
    <Section className="kh-pad" style={{ padding: '20px 40px 8px' }}>
      <Line mail={mail}>
        {say(mail.about === 'order' ? 'footer.why.order' : 'footer.why.kit', { brand: brand.name })}
      </Line>
      <Line mail={mail}>{contact(mail)}</Line>
      <Line mail={mail}>{say('footer.never')}</Line>
      <Line mail={mail}>
        {brand.name}
        {brand.postalAddress === null ? '' : ` · ${brand.postalAddress.split(/\s*[\r\n]+\s*/).join(', ')}`}
      </Line>
      {stop === null ? null : (
        <Line mail={mail}>
          <Link
            className="kh-accent"
            href={stop.url}
            style={{ color: mail.colours.accent, textDecoration: 'underline' }}
          >
            {say(`footer.stop.${stop.topic}`)}
          </Link>
          {' · '}
          {say('footer.stop.still')}
        </Line>
      )}
    </Section>
  );
}

function contact({ brand, say, dir }: Mail): string {
  const write =
    brand.supportEmail === null ? say('contact.reply') : say('contact.email', { email: brand.supportEmail });
  if (brand.supportPhone === null) return write;
  const unbroken = brand.supportPhone.replaceAll(' ', '\u00a0');
  // Isolated, because from right to left its groups would change places.
  return `${write} ${say('contact.phone', { phone: dir === 'rtl' ? `\u2066${unbroken}\u2069` : unbroken })}`;
}

function Line({ mail, children }: { readonly mail: Mail; readonly children: ReactNode }) {
  return (
    <Text
      className="kh-muted"
      style={{ ...TYPE.small, ...TYPE.breaking, margin: '0 0 8px', color: mail.colours.muted }}
    >
      {children}
    </Text>
  );
}
