import { Body, Container, Head, Heading, Html, Preview, Section, Text } from '@react-email/components';
import type { ReactNode } from 'react';
import type { Mail } from '../mail.js';
import { styleSheet, TYPE } from '../theme.js';
import { Footer } from './footer.js';
import { Letterhead } from './letterhead.js';
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
      {/* The grounds are on an element of our own: the library puts the body's style on a cell that no class reaches. */}
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
