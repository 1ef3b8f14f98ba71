/** Counts one more of something; labels come from closed sets. */
export type Count = (
  name: 'webhooks_acknowledged' | 'webhooks_refused' | 'requests_refused' | 'email_reports',
  labels: Readonly<Record<string, string>>,
) => void;

/** The part of a pino logger that the receiver speaks to. */
export interface ReceiverLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the health page tells, from the database. */
export interface HealthFigures {
  readonly lastReceivedAt: Date | null;
  readonly processedToday: number;
}

/** Names what is missing or away; empty when nothing is. */
export type Shortcomings = () => readonly string[] | Promise<readonly string[]>;
