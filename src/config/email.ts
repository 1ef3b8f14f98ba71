import { createPrivateKey } from 'node:crypto';
import { SettingsError } from './refusal.js';
import type { Settings } from './schema.js';
import { readMailbox } from './values.js';

interface Sender {
  readonly name: string;
  readonly address: string;
}

/** Who emails are from and where they lead, as the settings say it or stand in for it. */
export interface EmailSettings {
  readonly from: Sender;
  /** For what may be stopped; null: the same. */
  readonly fromReminders: Sender | null;
  readonly portalUrl: string;
  /** The right-hand side of Message-IDs. */
  readonly messageIdDomain: string;
  /** Null: the mail server signs, or nobody. */
  readonly dkim: { readonly domain: string; readonly selector: string; readonly privateKey: string } | null;
}

/** What a patient gets when nobody has said otherwise; production insists on real ones. */
const EXAMPLE = { from: 'kits@example.com', portal: 'https://portal.example.com' };

/** @throws SettingsError where a sender is no address. */
export function emailSettings(settings: Settings): EmailSettings {
  const { brandName, emailFrom, emailFromReminders, portalUrl } = settings;
  const from = readSender('EMAIL_FROM', emailFrom ?? EXAMPLE.from, brandName);
  return {
    from,
    fromReminders:
      emailFromReminders === null ? null : readSender('EMAIL_FROM_REMINDERS', emailFromReminders, brandName),
    portalUrl: portalUrl ?? EXAMPLE.portal,
    messageIdDomain: from.address.slice(from.address.lastIndexOf('@') + 1),
    dkim: dkimOf(settings),
  };
}

/** What can't be used of the settings that make an email, each fault by the name of its setting. */
export function emailFaults(settings: Settings): string[] {
  const { emailFrom, emailFromReminders, dkimPrivateKey } = settings;
  const senders = { EMAIL_FROM: emailFrom, EMAIL_FROM_REMINDERS: emailFromReminders };
  return [
    ...Object.entries(senders).flatMap(([setting, value]) =>
      value === null || readMailbox(value) !== null ? [] : [`${setting} ${NO_SENDER}`],
    ),
    ...(dkimPrivateKey === null || isDkimKey(dkimPrivateKey) ? [] : [`DKIM_PRIVATE_KEY ${NO_DKIM_KEY}`]),
  ];
}

const NO_SENDER = 'must be an address that mail can go to, or Name <address>';
const NO_DKIM_KEY = 'must be an RSA private key in PEM without a passphrase, its line ends as they are or as \\n';

function readSender(setting: string, value: string, brandName: string): Sender {
  const read = readMailbox(value);
  if (read === null) throw new SettingsError([`${setting} ${NO_SENDER}`]);
  return { name: read.name || brandName, address: read.address };
}

/** The three go together, which the schema sees to. */
function dkimOf({ dkimDomain: domain, dkimSelector: selector, dkimPrivateKey: key }: Settings): EmailSettings['dkim'] {
  if (domain === null || selector === null || key === null) return null;
  return { domain, selector, privateKey: pemOf(key) };
}

/** A PEM's line ends may be written as \n. */
const pemOf = (key: string): string => key.replaceAll('\\n', '\n');

/** Signatures are made as rsa-sha256, the one kind that every receiver checks (RFC 8301). */
function isDkimKey(key: string): boolean {
  try {
    return createPrivateKey(pemOf(key)).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
