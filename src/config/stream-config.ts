import { flushRowsDefault, flushSegmentBytesDefault, flushTimeMsDefault } from '../limits.ts';
import { nearestName } from './names.ts';
import { pinotPeriodMs, pinotSizeBytes, sizeBytes } from './period.ts';
import type { ConfigReader } from './reader.ts';
import type { StreamConfig } from './types.ts';

/** Thresholds under all their spellings, newest first; `realtime.` in front and `.llc` behind may be there or not. */
const rowKeys = [
  'segment.flush.threshold.segment.rows',
  'segment.flush.threshold.rows',
  'segment.flush.threshold.size',
];
const timeKeys = ['segment.flush.threshold.time'];
const sizeKeys = ['segment.flush.threshold.segment.size', 'segment.flush.desired.size'];

/** segmill's own keys with the values they allow; the ingestion reads all but the last from `properties`. */
const ownKeys: Readonly<Record<string, readonly string[]>> = {
  'segmill.onTrimmedStart': ['fail', 'skip'],
  'segmill.onRecreatedTopic': ['fail', 'restart'],
  'segmill.onTombstone': ['skip', 'nulls'],
  'segmill.onUndecodableRow': ['keep', 'fail'],
};

/** Reads `streamConfigs`; what is wrong goes to the reader's problems. */
export function parseStreamConfig(stream: ConfigReader): StreamConfig {
  const properties = stream.textMap();
  for (const key of Object.keys(properties)) {
    if (key.startsWith('segmill.') && !Object.hasOwn(ownKeys, key)) {
      const nearest = nearestName(key, Object.keys(ownKeys));
      stream.warn(
        key,
        `unknown key, it has no effect.${nearest === null ? '' : ` Did you mean "${nearest}"?`}`,
      );
    }
  }
  for (const [key, values] of Object.entries(ownKeys)) stream.oneOf(key, values, values[0]!);
  const streamType = properties['streamType'] ?? 'kafka';
  return {
    properties,
    topic: properties[`stream.${streamType}.topic.name`] ?? null,
    flushRows: flushRows(stream),
    flushTimeMs: flushTime(stream),
    flushSegmentBytes: flushSize(stream),
    onUndecodableRow: stream.oneOf('segmill.onUndecodableRow', ['keep', 'fail'], 'keep'),
  };
}

/** The key in the document that stands for the first of `names` that is there. */
function spelled(stream: ConfigReader, names: readonly string[]): string | null {
  for (const name of names) {
    const key = stream
      .keys()
      .find((candidate) => candidate.replace(/^realtime\./, '').replace(/\.llc$/, '') === name);
    if (key !== undefined && stream.has(key)) return key;
  }
  return null;
}

/** Zero or less rows means: by size alone. Old configs give a size (`200M`) under the key that means rows. */
function flushRows(stream: ConfigReader): number {
  const key = spelled(stream, rowKeys);
  if (key === null) return flushRowsDefault;
  if (/[a-z]$/i.test(stream.text(key) ?? '')) return 0;
  return Math.max(0, stream.integer(key, flushRowsDefault, -(2 ** 31)));
}

/** A period, or bare ms. */
function flushTime(stream: ConfigReader): number {
  const key = spelled(stream, timeKeys);
  if (key === null) return flushTimeMsDefault;
  const text = stream.text(key) ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) : pinotPeriodMs(text);
  if (ms !== null && ms > 0) return ms;
  stream.error(
    key,
    `found "${text}"; allowed is a period above zero, such as 6h or 1d, or milliseconds.`,
  );
  return flushTimeMsDefault;
}

function flushSize(stream: ConfigReader): number {
  const rowKey = spelled(stream, rowKeys);
  const rowsAreSize = rowKey !== null && /[a-z]$/i.test(stream.text(rowKey) ?? '');
  const key = spelled(stream, sizeKeys) ?? (rowsAreSize ? rowKey : null);
  if (key === null) return flushSegmentBytesDefault;
  const text = stream.text(key) ?? '';
  const bytes = pinotSizeBytes(text) ?? sizeBytes(text);
  if (bytes !== null && bytes > 0) return bytes;
  stream.error(key, `found "${text}"; allowed is a size above zero, such as 200M or 250MB.`);
  return flushSegmentBytesDefault;
}
