import { Body, Container, Head, Heading, Html, Img, Link, Preview, Section, Text } from '@react-email/components';
import type { ReactNode } from 'react';
import type { Mail, TemplateProps } from '../mail.js';
import { styleSheet, TYPE } from '../theme.js';
import { Progress, type Step } from './progress.js';

interface LetterProps {
  readonly mail: Mail;
  /** Where the kit is on its way, where there is one way to be on. */
  readonly step?: Step;
  readonly children: ReactNode;
}

/** The sheet every email is written on: letterhead, heading, greeting, what the email says, footer. */
export function Letter({ mail, step, children }: LetterProps) {
  const { colours } = mail;
  return (
    <Html lang={mail.locale} dir={mail.dir}>
      <Head>
        <title>{mail.heading}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <meta name="format-detection" content="telephone=no, date=no, address=no, email=no" />
        <style>{styleSheet(mail.theme)}</style>
      </Head>
      {/* The backgrounds are on an element of our own: the library puts the body's style on a cell that no class reaches. */}
      <Body className="kh-page" dir={mail.dir} style={{ margin: 0, padding: 0, fontFamily: TYPE.font }}>
        <Preview>{mail.preheader}</Preview>
        <Section className="kh-page" dir={mail.dir} style={{ backgroundColor: colours.page }}>
          <Container style={{ maxWidth: '600px', width: '100%' }}>
            <Section className="kh-outer" style={{ padding: '24px 12px' }}>
              <Section
                className="kh-card kh-pad"
                style={{
                  backgroundColor: colours.card,
                  border: `1px solid ${colours.line}`,
                  borderRadius: '12px',
                  padding: '32px 40px 28px',
                }}
              >
                <Letterhead mail={mail} />
                {step === undefined ? null : <Progress mail={mail} step={step} />}
                <Heading
                  as="h1"
                  className="kh-text"
                  style={{ ...TYPE.heading, ...TYPE.breaking, margin: '24px 0 16px', color: colours.text }}
                >
                  {mail.heading}
                </Heading>
                <Text
                  className="kh-text"
                  style={{ ...TYPE.lead, ...TYPE.breaking, margin: '0 0 12px', color: colours.text }}
                >
                  {mail.greeting}
                </Text>
                {children}
              </Section>
              <Footer mail={mail} />
            </Section>
          </Container>
        </Section>
      </Body>
    </Html>
  );
}

/** The logo where one is set, else the brand's name: an email that nobody can place is taken for phishing. */
function Letterhead({ mail: { brand, colours } }: TemplateProps) {
  if (brand.logoUrl !== null)
    return <Img src={brand.logoUrl} alt={brand.name} height="36" style={{ maxHeight: '36px', width: 'auto' }} />;
  return (
    <Text
      className="kh-accent"
      style={{ margin: 0, fontSize: '18px', lineHeight: '24px', fontWeight: 700, color: colours.accent }}
    >
      {brand.name}
    </Text>
  );
}

/** Why it came, whom to ask, what we never do, who we are, and how to stop what may be stopped. */
function Footer({ mail }: TemplateProps) {
  const { brand, say, stop } = mail;
  return (
    <Section className="kh-pad" style={{ padding: '20px 40px 8px' }}>
      <Line mail={mail}>
        {say(mail.about === 'order' ? 'footer.why.order' : 'footer.why.kit', { brand: brand.name })}
      </Line>
      <Line mail={mail}>{supportLine(mail)}</Line>
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

function supportLine({ brand, say, dir }: Mail): string {
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
