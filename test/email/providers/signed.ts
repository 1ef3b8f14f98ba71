import { createSign } from 'node:crypto';
import { type Envelope, signedText } from '../../../src/email/providers/ses.js';
import { TEST_KEY } from './test-certificate.js';

export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:herald';
export const CERTIFICATE_URL = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem';

/** When what is signed here was signed, unless a test says otherwise. */
export const SIGNED_AT = Date.UTC(2030, 0);

/** An SNS envelope signed as SNS signs, around a report. */
export function signed(message: unknown, changes: Partial<Envelope> = {}): Envelope {
  const envelope: Envelope = {
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: TOPIC,
    Message: typeof message === 'string' ? message : JSON.stringify(message),
    Timestamp: new Date(SIGNED_AT).toISOString(),
    SignatureVersion: '2',
    Signature: '',
    SigningCertURL: CERTIFICATE_URL,
    ...changes,
  };
  const signer = createSign(envelope.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256');
  return { ...envelope, Signature: signer.update(signedText(envelope), 'utf8').sign(TEST_KEY, 'base64') };
}

export const bodyOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** As SES reports, with original headers included. */
export function sesReport(notificationType: string, more: object = {}, messageId = '<one@herald.example>'): object {
  return {
    notificationType,
    mail: { messageId: '0100018', headers: [{ name: 'Message-ID', value: messageId }] },
    ...more,
  };
}
