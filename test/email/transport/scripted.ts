import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { createMailer } from '../../../src/email/transport/mailer.js';
import type { Mailer } from '../../../src/email/types.js';
import { TEST_CERTIFICATE, TEST_KEY } from '../providers/test-certificate.js';

interface Script {
  /** What EHLO offers, at first and after STARTTLS. */
  readonly offers?: readonly string[];
  readonly offersUnderTls?: readonly string[];
  /** What is said to a command (`MAIL FROM`, `RCPT TO`, `DATA`, `.`), of which message (1, 2, …); else what is usual. */
  readonly says?: (command: string, message: number) => string | undefined;
}

export interface ScriptedServer {
  /** Every command as it came, and of a message `.` alone. */
  readonly commands: string[];
  readonly connections: () => number;
  readonly mailer: Mailer;
  close(): Promise<void>;
}

/** A mail server that says what it is told to say, byte for byte: replies that no library would send, too. */
export async function startScripted({
  offers = [],
  offersUnderTls = [],
  says = () => undefined,
}: Script = {}): Promise<ScriptedServer> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let messages = 0;
  const server = createServer((plain) => {
    connections += 1;
    sockets.add(plain);
    plain.on('error', () => undefined);
    plain.write('220 scripted\r\n');
    converse(plain, offers);
  });
  function converse(socket: Socket, extensions: readonly string[]): void {
    let rest = '';
    let inMessage = false;
    socket.on('data', (bytes: Buffer) => {
      const lines = (rest + bytes.toString('utf8')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (inMessage && line !== '.') continue;
        commands.push(line);
        if (/^STARTTLS/i.test(line)) {
          upgrade(socket);
          return;
        }
        const [, command = line] = /^(MAIL FROM|RCPT TO|[A-Z]+|\.)/i.exec(line) ?? [];
        if (command === 'MAIL FROM') messages += 1;
        const reply = says(command, messages) ?? usual(command, extensions);
        inMessage = command === 'DATA' && reply.startsWith('354');
        socket.write(`${reply}\r\n`);
        if (/^421/m.test(reply)) socket.end();
      }
    });
  }
  function upgrade(plain: Socket): void {
    plain.removeAllListeners('data');
    plain.write('220 go on\r\n');
    const secureContext = createSecureContext({ key: TEST_KEY, cert: TEST_CERTIFICATE });
    const secure = new TLSSocket(plain, { isServer: true, secureContext });
    secure.on('error', () => undefined);
    converse(secure, offersUnderTls);
  }
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const mailer = createMailer({
    smtpUrl: `smtp://127.0.0.1:${String(port)}?tls.rejectUnauthorized=false`,
    requireTls: false,
    dkim: null,
    connections: 1,
    deadline: 5_000,
  });
  return {
    commands,
    connections: () => connections,
    mailer,
    async close() {
      mailer.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function usual(command: string, extensions: readonly string[]): string {
  if (command === 'EHLO') return ['250-scripted', ...extensions.map((each) => `250-${each}`), '250 HELP'].join('\r\n');
  if (command === 'DATA') return '354 go on';
  return command === '.' ? '250 queued' : '250 fine';
}
