import type { Topic } from '../domain/kinds.js';
import { SettingsError, type Settings } from '../config.js';
import type { Brand } from '../email/brand.js';
import { createEmails } from '../email/compose.js';
import { readTemplatesDir, type Overrides } from '../email/overrides/directory.js';
import { createStopPage, type StopPage } from '../email/stop/page.js';
import { createStopTokens, type StopTokens } from '../email/stop/token.js';
import { createMailer } from '../email/transport/mailer.js';
import type { Emails, Mailer, NamedAddress } from '../email/types.js';
import { usableAddress } from '../domain/address.js';
import type { Keys } from '../sealing/keys.js';

/** What a patient gets when nobody has said otherwise; production insists on real ones. */
const EXAMPLE = { from: 'kits@example.com', portal: 'https://portal.example.com' };

export function createBrand(settings: Settings, deskUrl: string | null): Brand {
  return {
    name: settings.brandName,
    color: settings.brandColor as Brand['color'],
    logoUrl: settings.logoUrl,
    supportEmail: settings.supportEmail,
    supportPhone: settings.supportPhone,
    postalAddress: settings.postalAddress,
    portalUrl: settings.portalUrl ?? EXAMPLE.portal,
    deskUrl,
    from: readSender('EMAIL_FROM', settings.emailFrom ?? EXAMPLE.from, settings.brandName),
    fromReminders:
      settings.emailFromReminders === null
        ? null
        : readSender('EMAIL_FROM_REMINDERS', settings.emailFromReminders, settings.brandName),
    defaultLocale: settings.defaultLocale,
    defaultZone: settings.defaultTimeZone,
  };
}

/** The right-hand side of Message-IDs. */
export function messageIdDomain(brand: Pick<Brand, 'from'>): string {
  return brand.from.address.slice(brand.from.address.lastIndexOf('@') + 1);
}

/** `Name <address>` or an address alone. */
function readSender(setting: string, value: string, brandName: string): NamedAddress {
  const [, name = '', inBrackets] = /^([^<>]*)<([^<>]+)>$/.exec(value) ?? [];
  const address = usableAddress(inBrackets ?? value);
  if (address === null) throw new SettingsError([`${setting} must be an address, or Name <address>`]);
  return { name: name.trim().replace(/^"(.*)"$/, '$1') || brandName, address };
}

export interface Stopping {
  readonly tokens: StopTokens;
  readonly page: StopPage;
  url(topic: Topic, address: string): string;
}

/** Stop links are signed with the index keys: who rotates those keeps the former ones, and old links go on working. */
export function createStopping(brand: Brand, keys: Keys, publicUrl: () => string): Stopping {
  const tokens = createStopTokens(keys.indexKeys.map(({ key }) => key));
  return {
    tokens,
    page: createStopPage(brand),
    url: (topic, address) => `${publicUrl()}/email/unsubscribe/${tokens.make({ topic, address })}`,
  };
}

/** A company's own wording and emails, where EMAIL_TEMPLATES_DIR has any. */
export type OwnEmails = Partial<Overrides>;

/** @throws with all that is wrong in EMAIL_TEMPLATES_DIR: before anything starts, not at a patient's expense. */
export async function readOwnEmails({ emailTemplatesDir }: Settings, { portalUrl }: Brand): Promise<OwnEmails> {
  return emailTemplatesDir === null ? {} : await readTemplatesDir(emailTemplatesDir, { portalUrl });
}

export function createEmailing(
  settings: Settings,
  { brand, own }: { readonly brand: Brand; readonly own: OwnEmails },
  smtpUrl: string,
): { emails: Emails; mailer: Mailer } {
  const { dkimDomain: domain, dkimSelector: selector, dkimPrivateKey: key } = settings;
  return {
    emails: createEmails({ brand, ...own }),
    mailer: createMailer({
      smtpUrl,
      requireTls: settings.production,
      dkim:
        domain === null || selector === null || key === null
          ? null
          : { domain, selector, privateKey: key.replaceAll('\\n', '\n') },
    }),
  };
}
