import { Body, Container, Head, Html, Link, Preview, Section, Text } from '@react-email/components';
import { isKit, nameOf } from '../../terms/subjects.js';
import type { Brand } from '../brand.js';
import type { Palette } from '../looks/theme.js';
import { TYPE } from '../looks/theme.js';
import type { StaffAlert } from '../types.js';

/**
 * The team's, not a patient's: in English like the sentences of `terms/attention.ts`, with the whole barcode, with
 * nothing of the patient.
 */
export function staffAlertSubject({ subject, others }: StaffAlert): string {
  const more = others === 0 ? '' : ` (and ${String(others)} more)`;
  return `${isKit(subject) ? 'Kit' : 'Order'} ${nameOf(subject)} needs a person${more}`;
}

interface StaffAlertProps {
  readonly alert: StaffAlert;
  readonly brand: Brand;
  readonly colours: Palette;
}

export function StaffAlertEmail({ alert, brand, colours }: StaffAlertProps) {
  const style = { ...TYPE.body, margin: '0 0 14px', color: colours.text };
  return (
    <Html lang="en" dir="ltr">
      <Head>
        <title>{staffAlertSubject(alert)}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
      </Head>
      <Body style={{ margin: 0, backgroundColor: colours.page, fontFamily: TYPE.font }}>
        <Preview>{alert.sentence}</Preview>
        <Container style={{ maxWidth: '600px', width: '100%' }}>
          <Section style={{ padding: '24px', backgroundColor: colours.card }}>
            <Text style={{ ...style, fontWeight: 700 }}>{staffAlertSubject(alert)}</Text>
            <Text style={style}>{alert.sentence}</Text>
            {alert.others === 0 ? null : (
              <Text style={style}>
                {alert.others === 1 ? 'One more subject waits' : `${String(alert.others)} more subjects wait`} since the
                last alert. At most one alert an hour is sent.
              </Text>
            )}
            <Text style={style}>See the whole story: kit-herald told {nameOf(alert.subject)}</Text>
            {brand.deskUrl === null ? null : (
              <Text style={style}>
                <Link href={brand.deskUrl} style={{ color: colours.accent }}>
                  Open the desk
                </Link>
              </Text>
            )}
          </Section>
        </Container>
      </Body>
    </Html>
  );
}
