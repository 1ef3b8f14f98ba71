import { randomBytes } from 'node:crypto';
import { readSettings } from '../../src/config.js';
import { SettingsError } from '../../src/config/refusal.js';

export const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

/** All that production asks for. */
export const PRODUCTION: Record<string, string> = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://db/kit_herald?sslmode=verify-full',
  TEMPORAL_ADDRESS: 'temporal:7233',
  TEMPORAL_TLS: 'true',
  SMTP_URL: 'smtps://mail.example.com:465',
  C4HXP_WEBHOOK_SECRET: 'a-secret-of-some-length',
  C4HXP_ALLOWED_IPS: '52.1.1.1/32',
  TRUST_PROXY: '10.0.0.0/8',
  ENCRYPTION_KEYS: key('e1'),
  INDEX_KEYS: key('i1'),
  ADMIN_TOKEN: 'an-admin-token-of-length',
  PUBLIC_URL: 'https://notify.example.com',
  PORTAL_URL: 'https://portal.example.com',
  EMAIL_FROM: 'kits@example.com',
  SUPPORT_EMAIL: 'help@example.com',
  POSTAL_ADDRESS: '1 Road, Town',
  ALERT_EMAIL: 'oncall@example.com',
};

export function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}
