import { Section, Text } from '@react-email/components';
import { Fragment } from 'react';
import type { Mail } from '../mail.js';
import { TYPE } from '../theme.js';

/** The stations of a kit that a person can see, in order. */
const STEPS = ['shipped', 'registered', 'at_lab', 'in_work', 'ready'] as const;
export type Step = (typeof STEPS)[number];

/** Where the kit is, for emails that are about just that: a bar to see, a sentence to hear. */
export function Progress({ mail, step }: { readonly mail: Mail; readonly step: Step }) {
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
