import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerThisMachineOnly } from '../http/local-only.js';
import { freePorts } from '../host/ports.js';
import { birthMark } from '../host/processes.js';

export interface MailboxOptions {
  /** The web page; 0: any free one. */
  readonly port: number;
  readonly smtpPort: number;
}

export interface Mailbox {
  readonly smtpUrl: string;
  /** The web page. */
  readonly url: string;
  /** Ends it and removes every email that it caught. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const FOLDER = 'kit-herald-mailbox-';

/**
 * Starts a mailbox that catches every email and shows it on a web page, on loopback and to this machine's own only.
 * What it catches is readable, so it stays outside DATA_DIR, in a folder for this user alone that goes with the mailbox.
 * @throws Unavailable for a taken port.
 */
export async function startMailbox(options: MailboxOptions): Promise<Mailbox> {
  const { MailDev } = await import('maildev');
  removeLeftovers();
  // Looked at before, because a mailbox of which only one half could listen can't be stopped.
  const [port, smtpPort] = (await freePorts([
    { setting: 'MAILBOX_PORT', port: options.port },
    { setting: 'MAILBOX_SMTP_PORT', port: options.smtpPort },
  ])) as [number, number];
  const folder = mkdtempSync(join(tmpdir(), `${FOLDER}${String(process.pid)}.${birthMark(process.pid) ?? ''}.`));
  const mailbox = new MailDev({
    ip: HOST,
    webIp: HOST,
    web: port,
    smtp: smtpPort,
    mailDirectory: folder,
    silent: true,
  });
  const { api } = await withoutItsGreeting(() => mailbox.start());
  if (api !== undefined) {
    showPageToAnyClient(api.server.server);
    // It would answer any name, and let the page of any origin read and delete.
    answerThisMachineOnly(api.server.server);
  }
  return {
    smtpUrl: `smtp://${HOST}:${String(smtpPort)}`,
    url: `http://localhost:${String(port)}`,
    async stop() {
      await mailbox.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** It prints its address whatever it is told about silence; ours are printed in one block when all is ready. */
async function withoutItsGreeting<T>(start: () => Promise<T>): Promise<T> {
  const { info } = console;
  console.info = () => undefined;
  try {
    return await start();
  } finally {
    console.info = info;
  }
}

/** The page is served only to who accepts text/html by name: curl and fetch, which accept anything, would get a 404. */
function showPageToAnyClient(server: Server): void {
  server.prependListener('request', (request) => {
    if (request.url === '/' && (request.headers.accept ?? '*/*') === '*/*') request.headers.accept = 'text/html';
  });
}

/** Emails caught by a process that was killed, and could not remove them. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(FOLDER)) continue;
    const folder = join(tmpdir(), name);
    const [pid = '', mark] = name.slice(FOLDER.length).split('.');
    const ours = statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.();
    if (ours && mark !== birthMark(Number(pid))) rmSync(folder, { recursive: true, force: true });
  }
}
