import type { Settings } from '../config.js';
import { usableAddress } from '../domain/address.js';
import { SettingsError } from './refusal.js';

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

/** `Name <address>` or an address alone. */
function readSender(setting: string, value: string, brandName: string): Sender {
  const [, name = '', inBrackets] = /^([^<>]*)<([^<>]+)>$/.exec(value) ?? [];
  const address = usableAddress(inBrackets ?? value);
  if (address === null) throw new SettingsError([`${setting} must be an address, or Name <address>`]);
  return { name: name.trim().replace(/^"(.*)"$/, '$1') || brandName, address };
}

/** The three go together, which the schema sees to. A PEM's line ends may be written as \n. */
function dkimOf({ dkimDomain: domain, dkimSelector: selector, dkimPrivateKey: key }: Settings): EmailSettings['dkim'] {
  if (domain === null || selector === null || key === null) return null;
  return { domain, selector, privateKey: key.replaceAll('\\n', '\n') };
}
