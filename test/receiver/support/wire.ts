import { connect, type Socket } from 'node:net';

/** A connection on which a test writes HTTP by hand. */
export interface Wire {
  readonly socket: Socket;
  write(text: string | Buffer): void;
  /** All that has come, as soon as `pattern` is in it, or as soon as the other side has closed. */
  read(pattern: RegExp): Promise<string>;
  /** All that came until the other side closed. */
  readToEnd(): Promise<string>;
}

export async function openWire(port: number): Promise<Wire> {
  const socket = connect({ host: '127.0.0.1', port });
  let text = '';
  let closed = false;
  const waiting = new Set<() => void>();
  const look = () => {
    for (const again of waiting) again();
  };
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
    look();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed = true;
    look();
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  const when = (isThere: () => boolean): Promise<string> =>
    new Promise((resolve) => {
      const again = () => {
        if (!isThere() && !closed) return;
        waiting.delete(again);
        resolve(text);
      };
      waiting.add(again);
      again();
    });
  return {
    socket,
    write: (part) => {
      socket.write(part);
    },
    read: (pattern) => when(() => pattern.test(text)),
    readToEnd: () => when(() => closed),
  };
}

/** A request as bytes; a header that is given as a list is sent several times. */
export function request(
  body: string | Buffer,
  headers: Record<string, string | readonly string[]>,
  { method = 'POST', path = '/webhooks/c4hxp', length = true } = {},
): Buffer {
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value: string) => `${name}: ${value}`),
  );
  if (length) lines.push(`Content-Length: ${String(Buffer.byteLength(body))}`);
  return Buffer.concat([
    Buffer.from([`${method} ${path} HTTP/1.1`, 'Host: kit-herald', ...lines, '', ''].join('\r\n')),
    Buffer.from(body),
  ]);
}

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
export const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as unknown;
