import {
  Body,
  Button,
  Container,
  Head,
  Heading,
  Html,
  Img,
  Link,
  Preview,
  Section,
  Text,
} from '@react-email/components';
import { Fragment, type ReactNode } from 'react';
import type { Mail, TemplateProps } from './mail.js';
import { styleSheet, TYPE } from './theme.js';
import type { MessageKey } from './wording/en.js';

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

/** The stations of a kit that a person can see, in order. */
const STEPS = ['shipped', 'registered', 'at_lab', 'in_work', 'ready'] as const;
type Step = (typeof STEPS)[number];

/** Where the kit is, for emails that are about just that: a bar to see, a sentence to hear. */
function Progress({ mail, step }: { readonly mail: Mail; readonly step: Step }) {
  const reached = STEPS.indexOf(step) + 1;
  return (
    <Section style={{ margin: '20px 0 0' }}>
      <table
        role="presentation"
        aria-hidden="true"
        data-skip-in-text="true"
        width="100%"
        cellPadding={0}
        cellSpacing={0}
        style={{ borderCollapse: 'separate', tableLayout: 'fixed' }}
      >
        <tbody>
          <tr>
            {STEPS.map((name, at) => (
              <Fragment key={name}>
                {at === 0 ? null : <td width="5" style={{ width: '5px', fontSize: '1px' }} />}
                <td
                  className={at < reached ? 'kh-bar' : 'kh-rest'}
                  height="6"
                  style={{
                    height: '6px',
                    lineHeight: '6px',
                    fontSize: '1px',
                    borderRadius: '3px',
                    backgroundColor: at < reached ? mail.colours.accent : mail.colours.line,
                  }}
                />
              </Fragment>
            ))}
          </tr>
        </tbody>
      </table>
      <Text className="kh-muted" style={{ ...TYPE.small, margin: '8px 0 0', color: mail.colours.muted }}>
        {mail.say('step.position', { step: reached, steps: STEPS.length, label: mail.say(`step.${step}`) })}
      </Text>
    </Section>
  );
}

interface PartProps {
  readonly mail: Mail;
  readonly children: ReactNode;
}

/** What happened. */
export function Happened({ mail, children }: PartProps) {
  return (
    <Text className="kh-text" style={{ ...TYPE.lead, margin: '0 0 16px', color: mail.colours.text }}>
      {children}
    </Text>
  );
}

/** What happens next, and when. */
export function Next({ mail, children }: PartProps) {
  return (
    <Labelled mail={mail} label="part.next">
      {children}
    </Labelled>
  );
}

/** Where to ask. */
export function Ask({ mail, children }: PartProps) {
  return (
    <Labelled mail={mail} label="part.ask">
      {children}
    </Labelled>
  );
}

/** What you need to do, often nothing: the one part that stands out. */
export function Todo({ mail, children }: PartProps) {
  return (
    <Section
      className="kh-tint"
      style={{ margin: '8px 0 20px', borderRadius: '10px', backgroundColor: mail.colours.tint }}
    >
      <div style={{ padding: '16px 20px 18px' }}>
        <Label mail={mail} label="part.todo" />
        <Paragraph mail={mail}>{children}</Paragraph>
      </div>
    </Section>
  );
}

/** A paragraph of its own. */
export function Paragraph({ mail, children }: PartProps) {
  return (
    <Text className="kh-text" style={{ ...TYPE.body, ...TYPE.breaking, margin: 0, color: mail.colours.text }}>
      {children}
    </Text>
  );
}

function Labelled({ mail, label, children }: PartProps & { readonly label: MessageKey }) {
  return (
    <Section style={{ margin: '0 0 18px' }}>
      <Label mail={mail} label={label} />
      <Paragraph mail={mail}>{children}</Paragraph>
    </Section>
  );
}

/** The small heading over a part. */
export function Label({ mail, label }: { readonly mail: Mail; readonly label: MessageKey }) {
  return (
    <Heading as="h2" className="kh-accent" style={{ ...TYPE.label, margin: '0 0 4px', color: mail.colours.accent }}>
      {mail.say(label)}
    </Heading>
  );
}

interface ActionProps {
  readonly mail: Mail;
  readonly href: string;
  /** Says where it leads without the text around it. */
  readonly children: ReactNode;
}

/** The one thing to press: at least 48 px high, the width of a phone. */
export function Action({ mail, href, children }: ActionProps) {
  return (
    <Section style={{ margin: '4px 0 24px' }}>
      <Button
        className="kh-button"
        href={href}
        style={{
          backgroundColor: mail.colours.button,
          color: mail.colours.onButton,
          borderRadius: '8px',
          fontSize: '17px',
          lineHeight: '24px',
          fontWeight: 700,
          padding: '13px 26px',
          textDecoration: 'none',
        }}
      >
        {children}
      </Button>
    </Section>
  );
}
