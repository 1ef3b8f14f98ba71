import { Body, Container, Head, Heading, Html, Preview, Section, Text } from '@react-email/components';
import { isKit, isWebhook, nameOf } from '../../domain/subjects.js';
import { styleSheet, TYPE, type Theme } from '../theme.js';
import type { StaffAlert } from '../types.js';

/**
 * The team's, not a patient's: in English like the sentences of `domain/attention.ts`, with the whole barcode, with
 * nothing of the patient.
 */
export function staffAlertSubject({ subject, others }: StaffAlert): string {
  const more = others === 0 ? '' : ` (and ${String(others)} more)`;
  const what = isWebhook(subject) ? 'Webhook' : isKit(subject) ? 'Kit' : 'Order';
  return `${what} ${nameOf(subject)} needs a person${more}`;
}

interface StaffAlertProps {
  readonly alert: StaffAlert;
  readonly theme: Theme;
}

export function StaffAlertEmail({ alert, theme }: StaffAlertProps) {
  const colours = theme.light;
  const style = { ...TYPE.body, ...TYPE.breaking, margin: '0 0 14px', color: colours.text };
  return (
    <Html lang="en" dir="ltr">
      <Head>
        <title>{staffAlertSubject(alert)}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <style>{styleSheet(theme)}</style>
      </Head>
      <Body className="kh-page" style={{ margin: 0, padding: 0, fontFamily: TYPE.font }}>
        <Preview>{alert.sentence}</Preview>
        <Section className="kh-page" style={{ backgroundColor: colours.page }}>
          <Container style={{ maxWidth: '600px', width: '100%' }}>
            <Section className="kh-card kh-pad" style={{ padding: '24px 40px', backgroundColor: colours.card }}>
              <Heading
                as="h1"
                className="kh-text"
                style={{ ...TYPE.lead, ...TYPE.breaking, margin: '0 0 14px', fontWeight: 700, color: colours.text }}
              >
                {staffAlertSubject(alert)}
              </Heading>
              <Text className="kh-text" style={style}>
                {alert.sentence}
              </Text>
              {alert.others === 0 ? null : (
                <Text className="kh-text" style={style}>
                  {alert.others === 1 ? 'One more waits' : `${String(alert.others)} more wait`} since the last alert. At
                  most one {alert.limit === 'hour' ? 'alert an hour' : 'such alert a minute'} is sent.
                </Text>
              )}
              <Text className="kh-text" style={style}>
                The whole story:{' '}
                <code>
                  kit-herald {isWebhook(alert.subject) ? 'webhooks show' : 'told'} {nameOf(alert.subject)}
                </code>
              </Text>
            </Section>
          </Container>
        </Section>
      </Body>
    </Html>
  );
}
