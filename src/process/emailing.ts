import type { Settings } from '../config.js';
import { emailSettings, type EmailSettings } from '../config/email.js';
import { Refusal } from '../config/refusal.js';
import type { Topic } from '../domain/kinds.js';
import type { Brand, Emails, Mailer } from '../email/types.js';
import { createEmails } from '../email/compose.js';
import { type Overrides, readTemplatesDir, TemplatesProblem } from '../email/overrides.js';
import { createStopPage, type StopPage } from '../email/stop/page.js';
import { createStopTokens, type StopTokens } from '../email/stop/token.js';
import { createMailer } from '../email/transport/mailer.js';
import type { Keys } from '../sealing/keys.js';
import { emailsAtOnce } from '../temporal/workers.js';

/** @throws SettingsError where a sender can't be read. */
export function createBrand(settings: Settings, email: EmailSettings = emailSettings(settings)): Brand {
  return {
    name: settings.brandName,
    color: settings.brandColor as Brand['color'],
    logoUrl: settings.logoUrl,
    supportEmail: settings.supportEmail,
    supportPhone: settings.supportPhone,
    postalAddress: settings.postalAddress,
    portalUrl: email.portalUrl,
    from: email.from,
    fromReminders: email.fromReminders,
    defaultLocale: settings.defaultLocale,
    defaultZone: settings.defaultTimeZone,
  };
}

/** Stop links, and the page behind them. */
export interface StopLinks {
  readonly tokens: StopTokens;
  readonly page: StopPage;
  url(topic: Topic, address: string): string;
}

/** Stop links are signed with the index keys: who rotates those keeps the former ones, and old links go on working. */
export function createStopLinks(brand: Brand, keys: Keys, publicUrl: () => string): StopLinks {
  const tokens = createStopTokens(keys.indexKeys.map(({ key }) => key));
  return {
    tokens,
    page: createStopPage(brand),
    url: (topic, address) => `${publicUrl()}/email/unsubscribe/${tokens.make({ topic, address })}`,
  };
}

/** A company's own wording and emails, where EMAIL_TEMPLATES_DIR has any. */
export type OwnEmails = Partial<Overrides>;

/** @throws Refusal with all that is wrong in EMAIL_TEMPLATES_DIR: before anything starts, not at a patient's expense. */
export async function readOwnEmails({ emailTemplatesDir }: Settings, { portalUrl }: Brand): Promise<OwnEmails> {
  if (emailTemplatesDir === null) return {};
  try {
    return await readTemplatesDir(emailTemplatesDir, { portalUrl });
  } catch (error) {
    throw error instanceof TemplatesProblem ? new Refusal(error.message, { cause: error }) : error;
  }
}

export function createEmailing(
  settings: Settings,
  { brand, own }: { readonly brand: Brand; readonly own: OwnEmails },
  smtpUrl: string,
): { emails: Emails; mailer: Mailer } {
  return {
    emails: createEmails({ brand, ...own }),
    mailer: createMailer({
      smtpUrl,
      requireTls: settings.production,
      dkim: emailSettings(settings).dkim,
      connections: Math.ceil(emailsAtOnce(settings.emailMaxPerSecond) / 2),
    }),
  };
}
