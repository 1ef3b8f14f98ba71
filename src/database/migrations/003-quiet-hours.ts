/** How long quiet hours have held a notification back: it must not be too late because of them, after a restart either. */
export const quietHours: readonly string[] = [
  `alter table notifications add column quiet_ms bigint not null default 0`,
  `alter table notifications add column quiet_until timestamptz`,
];
