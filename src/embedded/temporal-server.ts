import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { firstLine } from '../config/refusal.js';
import { freePorts, portRefusal } from '../host/ports.js';
import {
  EndedAtOnce,
  endOrphan,
  filesIn,
  HOST,
  PortTaken,
  type ServerFiles,
  type ServerPorts,
  type ServerProcess,
  type ServerProcessOptions,
  startServerProcess,
} from './temporal-process.js';
import { answerThisMachineOnly } from '../http/local-only.js';

export interface TemporalServerOptions extends ServerProcessOptions {
  readonly dataDir: string;
  /** 0: any free one. */
  readonly port: number;
  readonly uiPort: number;
  /** Told in a sentence when it has died and what is done about it. */
  readonly onDeath?: (sentence: string) => void;
}

export interface TemporalServer {
  readonly address: string;
  readonly ui: string;
  /** The namespace's own id: another one than last time means that the store is another one. */
  readonly namespaceId: string;
  /** Ends the server; its store stays. */
  stop(): Promise<void>;
}

/**
 * Starts Temporal's dev server on a file in DATA_DIR, and waits until its namespace answers. Dies it, it is started again
 * on the same ports.
 * It runs in a process group of its own, so that a signal for ours does not reach it: it is to be stopped last.
 * @throws Unavailable for a taken port, or when it does not come up.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const files = filesIn(options.dataDir);
  await endOrphan(files);
  const { ports, first } = await firstStart(options, files);
  let front;
  try {
    front = await startUiFront(options.uiPort, () => ports.ui);
  } catch (error) {
    await first.stop();
    throw error;
  }
  const watch = keepAlive(first, () => startServerProcess(options, files, ports), options.onDeath ?? (() => undefined));
  return {
    address: `${HOST}:${String(ports.port)}`,
    ui: front.url,
    namespaceId: first.namespaceId,
    async stop() {
      await front.stop();
      await watch.stop();
    },
  };
}

const PORT_TRIES = 5;
/** A crash of its own at the start was seen once in some thousand. */
const CRASH_TRIES = 3;

async function firstStart(
  options: TemporalServerOptions,
  files: ServerFiles,
): Promise<{ readonly ports: ServerPorts; readonly first: ServerProcess }> {
  for (let taken = 0, crashed = 0; ;) {
    const ports = await choosePorts(options);
    try {
      return { ports, first: await startServerProcess(options, files, ports) };
    } catch (error) {
      const again =
        (error instanceof PortTaken && ++taken < PORT_TRIES) ||
        (error instanceof EndedAtOnce && ++crashed < CRASH_TRIES);
      if (!again) throw error;
    }
  }
}

/** The UI itself listens behind our front: on Linux at an address of loopback that no web page can guess. */
async function choosePorts({ port, uiPort }: TemporalServerOptions): Promise<ServerPorts> {
  const uiHost = process.platform === 'linux' ? `127.${[0, 0, 0].map(() => randomInt(1, 255)).join('.')}` : HOST;
  const [grpc] = (await freePorts([
    { setting: 'TEMPORAL_PORT', port },
    { setting: 'TEMPORAL_UI_PORT', port: uiPort },
  ])) as [number, number];
  const [behind] = (await freePorts([{ setting: 'TEMPORAL_UI_PORT', port: 0 }], uiHost)) as [number];
  return { port: grpc, ui: { host: uiHost, port: behind } };
}

const MOST_DEATHS = 5;
const WITHIN_MS = 10 * 60_000;
const FIRST_PAUSE_MS = 250;

/** Starts it again when it has died, for at most five times in ten minutes, each after a longer pause. */
function keepAlive(
  first: ServerProcess,
  start: () => Promise<ServerProcess>,
  say: (sentence: string) => void,
): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  let running: ServerProcess | null = first;
  const isStopping = (): boolean => stopping.signal.aborted;
  const watched = watch();

  async function watch(): Promise<void> {
    const deaths: number[] = [];
    for (let server: ServerProcess | null = first; ;) {
      await Promise.race([server?.ended, stopped()]);
      if (isStopping()) return;
      running = null;
      const now = Date.now();
      deaths.push(now);
      while (now - (deaths[0] ?? now) > WITHIN_MS) deaths.shift();
      if (deaths.length > MOST_DEATHS) {
        say(`Temporal's dev server died ${String(deaths.length)} times in ten minutes: it isn't started any more.`);
        return;
      }
      say("Temporal's dev server died: it is started again.");
      await sleep(FIRST_PAUSE_MS * 2 ** (deaths.length - 1), undefined, { signal: stopping.signal }).catch(
        () => undefined,
      );
      if (isStopping()) return;
      server = await start().catch((error: unknown) => {
        say(firstLine(error));
        return null;
      });
      running = server;
    }
  }

  function stopped(): Promise<void> {
    return new Promise((resolve) => {
      stopping.signal.addEventListener('abort', () => {
        resolve();
      });
      if (stopping.signal.aborted) resolve();
    });
  }

  return {
    async stop() {
      stopping.abort();
      await watched;
      await running?.stop();
    },
  };
}

/** Where Temporal's UI listens, for nobody but us. */
interface Behind {
  readonly host: string;
  readonly port: number;
}

interface UiFront {
  /** As a person would open it. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Stands before Temporal's UI, which answers whatever name it is called by: so a web page whose name leads here could
 * read every workflow. Ours looks at Host and Origin first, and hands on the rest as it is.
 * @param port of loopback; 0: any free one.
 * @throws Unavailable naming TEMPORAL_UI_PORT when it is taken.
 */
async function startUiFront(port: number, behind: () => Behind): Promise<UiFront> {
  const server = createServer((request, response) => {
    handOn(request, response, behind());
  });
  answerThisMachineOnly(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(portRefusal(error, { setting: 'TEMPORAL_UI_PORT', port }) ?? error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://localhost:${String(bound)}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function handOn(request: IncomingMessage, response: ServerResponse, { host, port }: Behind): void {
  const { method, url, headers } = request;
  const asked = ask({ host, port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    pipeline(answer, response, () => undefined);
  });
  asked.on('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502, { 'content-type': 'text/plain' }).end("Temporal's UI doesn't answer just now.\n");
  });
  response.on('close', () => asked.destroy());
  pipeline(request, asked, () => undefined);
}
