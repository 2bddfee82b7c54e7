import type { QueryAnswer } from '../../query/query.ts';
import { stringifyJson } from '../../json/stringify.ts';
import { printRows } from '../output.ts';
import { countOf } from '../settings.ts';
import { word } from '../verb.ts';
import type { Verb } from '../verb.ts';

export const query: Verb = {
  usage: 'query SQL [--null-handling] [--timeout-ms N]',
  summary: 'one SELECT over TABLE (hybrid), TABLE_OFFLINE, TABLE_REALTIME',
  flags: {
    'null-handling': { type: 'boolean', help: "nulls as nulls instead of their column's default" },
    'timeout-ms': {
      type: 'string',
      value: 'N',
      help: 'give up after N milliseconds (default 60000)',
    },
  },
  examples: [
    // In single quotes: a shell would put something of its own for $segmentName.
    "query 'select count(*) from orders'",
    "query 'select $segmentName, count(*) cnt from orders group by $segmentName order by cnt desc'",
  ],
  words: [1, 1],
  run: async (context) => {
    const { io, settings, parsed } = context;
    const answer = await (
      await context.engine()
    ).query(word(context, 0), {
      nullHandling: parsed.flag('null-handling') ?? false,
      timeoutMs: countOf('--timeout-ms', parsed.text('timeout-ms')) ?? null,
    });
    if (settings.format === 'json') io.out(stringifyJson(brokerResponse(answer), 2));
    else {
      const names = distinctNames(answer.columns.map(({ name }) => name));
      const rows = answer.rows.map((row) =>
        Object.fromEntries(row.map((value, i) => [names[i]!, value])),
      );
      printRows(io, settings.format, rows, names);
    }
    return 0;
  },
};

/** Rows by name need each name once: `v`, `v_2`. */
function distinctNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let n = 2; used.has(own); n++) own = `${name}_${n}`;
    used.add(own);
    return own;
  });
}

/** The shape of Pinot's broker. */
function brokerResponse({ columns, rows, timeUsedMs }: QueryAnswer): unknown {
  return {
    resultTable: {
      dataSchema: {
        columnNames: columns.map(({ name }) => name),
        columnDataTypes: columns.map(({ dataType }) => dataType),
      },
      rows,
    },
    timeUsedMs,
    exceptions: [],
  };
}
