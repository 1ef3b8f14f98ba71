import pg from 'pg';

/** A step of a plan as auto_explain tells of it (the documentation of EXPLAIN, format json). */
interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly Plans?: readonly Node[];
}

/** How a statement read a table, or what it threw away of what it had read. */
export interface Read {
  /** On one line. */
  readonly statement: string;
  /** `Seq Scan on inbox`; a join names what it joins. */
  readonly how: string;
  /** The tables that it read. */
  readonly tables: readonly string[];
  /** How many rows it looked at, whether or not it kept them. */
  readonly rows: number;
}

export interface PlanWatch {
  /** All that was read since the last time. */
  take(): Read[];
  /** How many pages of tables and indexes all statements since then looked at, wherever these were. */
  pages(): number;
  stop(): void;
}

const SETTINGS: Readonly<Record<string, string>> = {
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_buffers': 'on',
  'auto_explain.log_format': 'json',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_level': 'notice',
};

/** Whatever sessions of this database begin from now on tells, to who sends them, the plans of all statements. */
export async function tellPlans(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const name = new URL(url).pathname.slice(1);
    await client.query(`alter database ${name} set session_preload_libraries = 'auto_explain'`);
    for (const [setting, value] of Object.entries(SETTINGS))
      await client.query(`alter database ${name} set ${setting} = '${value}'`);
  } finally {
    await client.end();
  }
}

/** Hears of every statement of every session that this process begins, also of those inside functions and triggers. */
export function watchPlans(): PlanWatch {
  let reads: Read[] = [];
  let pages = 0;
  const heard = ({ message }: { readonly message: string | undefined }): void => {
    const begin = message?.indexOf('{') ?? -1;
    if (message?.startsWith('duration: ') !== true || begin < 0) return;
    const told = JSON.parse(message.slice(begin)) as { readonly 'Query Text': string; readonly Plan: Node };
    pages += (told.Plan['Shared Hit Blocks'] ?? 0) + (told.Plan['Shared Read Blocks'] ?? 0);
    reads.push(...readsOf(told.Plan, told['Query Text'].replaceAll(/\s+/g, ' ').trim()));
  };
  const prototype = pg.Client.prototype as { connect: (this: pg.Client, ...rest: unknown[]) => unknown };
  const { connect } = prototype;
  prototype.connect = function (...rest) {
    this.on('notice', heard);
    return connect.apply(this, rest);
  };
  return {
    take() {
      const taken = reads;
      reads = [];
      pages = 0;
      return taken;
    },
    pages: () => pages,
    stop() {
      prototype.connect = connect;
    },
  };
}

function readsOf(node: Node, statement: string): Read[] {
  const { 'Relation Name': table, 'Actual Loops': loops, Plans: below = [] } = node;
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  const joined = node['Rows Removed by Join Filter'] ?? 0;
  const own: Read[] = [];
  if (table !== undefined && node['Node Type'] !== 'ModifyTable' && loops > 0)
    own.push({
      statement,
      how: `${node['Node Type']} on ${table}${node['Index Name'] === undefined ? '' : ` by ${node['Index Name']}`}`,
      tables: [table],
      rows: Math.round((node['Actual Rows'] + removed) * loops),
    });
  else if (removed + joined > 0)
    own.push({
      statement,
      how: `${node['Node Type']} of ${tablesOf(node).join(' and ')}`,
      tables: tablesOf(node),
      rows: Math.round((removed + joined) * loops),
    });
  return [...own, ...below.flatMap((one) => readsOf(one, statement))];
}

const tablesOf = (node: Node): string[] => [
  ...new Set([node['Relation Name'] ?? [], ...(node.Plans ?? []).map(tablesOf)].flat()),
];
