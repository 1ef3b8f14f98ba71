import { Button, Heading, Section, Text } from '@react-email/components';
import type { ReactNode } from 'react';
import type { Mail } from '../mail.js';
import { TYPE } from '../theme.js';
import type { MessageKey } from '../wording/en.js';

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
