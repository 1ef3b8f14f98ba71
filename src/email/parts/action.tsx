import { Button, Section } from '@react-email/components';
import type { ReactNode } from 'react';
import type { Mail } from '../mail.js';

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
