import type { Access } from '../access/access.js';
import type { AdminPorts } from '../admin/ports.js';
import type { AdminLog } from '../admin/problems.js';
import type { AdminCount } from '../admin/tokens.js';
import type { Colour } from '../email/theme.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Erasing } from '../privacy/erase.js';
import type { Reconstruct } from './reconstruction.js';

export interface DeskPorts extends AdminPorts {
  readonly ledger: AdminPorts['ledger'] & Pick<Ledger, 'askedAbout' | 'listAttention' | 'listNotArrived' | 'sentEmail'>;
  readonly access: Access;
  readonly erasing: Pick<Erasing, 'erase' | 'foresee' | 'certificate'>;
  /** The brand's colour. */
  readonly colour: Colour;
  /** In which times are told. */
  readonly zone: string;
  /** The header in which a proxy tells who asks; null: there is none. */
  readonly proxyHeader: string | null;
  /** Whether a connection comes from a proxy that is believed. */
  readonly isProxy: (peer: string | undefined) => boolean;
  /** What is away, such as Temporal: commands wait then. */
  readonly away: () => readonly string[];
  readonly reconstruct: Reconstruct;
  readonly count: AdminCount;
  readonly log: AdminLog;
}

/** What a handler answers: a page, and whom it shows, for the audit. */
export interface Page {
  readonly html: string;
  readonly subjects?: readonly string[];
  /** Why it was looked at what is masked, for the audit. */
  readonly lookedBecause?: string;
}
