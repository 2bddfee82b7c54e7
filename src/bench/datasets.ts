// The rows of the bench: one day in time order with up to ten minutes of lateness, made segment by segment from a fixed
// seed. `events` has the shape that the project's published figures are of; the others put one difficulty each into it.
import { Buffer } from 'node:buffer';
import type { Column, ColumnBatch } from '../columns/column.ts';
import { varFromTexts } from '../columns/var-values.ts';
import { concatBatches, gatherRows } from '../columns/gather.ts';
import {
  batchOf,
  bytesColumn,
  listColumn,
  numberColumn,
  textColumn,
  withNulls,
} from './columns.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';

export const dayMs = 86_400_000;
export const windowStartMs = 1_700_006_400_000;
export const windowEndMs: number = windowStartMs + dayMs;
const latenessMsMax = 600_000;
const seed = 42;

/** A change of the rows below, or of the files made of them, needs a new number here: kept data of another number is made again. */
export const generatorVersion = 2;

export type DatasetName = 'events' | 'wide' | 'uuid' | 'nulls_mv' | 'skew';

/** One column as Pinot's schema names it. */
export interface ColumnSpec {
  readonly name: string;
  readonly dataType: 'INT' | 'LONG' | 'FLOAT' | 'DOUBLE' | 'STRING' | 'BIG_DECIMAL';
  readonly role: 'dimension' | 'metric' | 'time';
  readonly multiValue?: boolean;
}

export interface Dataset {
  readonly name: DatasetName;
  readonly columns: readonly ColumnSpec[];
  readonly nullHandling: boolean;
  /** The rows of one segment, `first` of the window's `rows` being its first one. */
  readonly make: (place: SegmentPlace) => ColumnBatch;
}

export interface SegmentPlace {
  readonly segment: number;
  readonly first: number;
  readonly count: number;
  readonly rows: number;
}

const metrics: readonly ColumnSpec[] = [
  { name: 'clicks', dataType: 'LONG', role: 'metric' },
  { name: 'cost', dataType: 'DOUBLE', role: 'metric' },
  { name: 'score', dataType: 'FLOAT', role: 'metric' },
];
const time: ColumnSpec = { name: 'ts', dataType: 'LONG', role: 'time' };
const country: ColumnSpec = { name: 'country', dataType: 'STRING', role: 'dimension' };
const device: ColumnSpec = { name: 'device', dataType: 'STRING', role: 'dimension' };
const campaign: ColumnSpec = { name: 'campaign', dataType: 'STRING', role: 'dimension' };
const userId: ColumnSpec = { name: 'user_id', dataType: 'INT', role: 'dimension' };

const countries = numbered('country_', 200, 3);
const devices = ['bot', 'console', 'desktop', 'mobile', 'other', 'tablet', 'tv', 'watch'];
const campaigns = numbered('campaign-', 5000, 5);
const tags = numbered('tag_', 50, 2);

function numbered(prefix: string, count: number, digits: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(digits, '0')}`);
}

function timeColumn(random: Random, { first, count, rows }: SegmentPlace): Column {
  return numberColumn('ts', 'LONG', count, (row) =>
    Math.floor(windowStartMs + ((first + row) * dayMs) / rows - random() * latenessMsMax),
  );
}

function metricColumns(random: Random, count: number): Column[] {
  return [
    numberColumn('clicks', 'LONG', count, () => Math.floor(random() * 11)),
    numberColumn('cost', 'DOUBLE', count, () => random() * 100),
    numberColumn('score', 'FLOAT', count, () => random() * 1000),
  ];
}

/** Small values are frequent: the power makes the skew. */
function skewed(random: Random, count: number, power: number): number {
  return Math.floor(random() ** power * count);
}

function countryColumn(random: Random, count: number): Column {
  return textColumn('country', countries, count, () => skewed(random, countries.length, 2));
}

function campaignColumn(random: Random, count: number): Column {
  return textColumn('campaign', campaigns, count, () => skewed(random, campaigns.length, 3));
}

function userColumn(random: Random, count: number): ReturnType<typeof numberColumn> {
  return numberColumn('user_id', 'INT', count, () => Math.floor(random() * 1_000_000));
}

function deviceColumn(random: Random, count: number): Column {
  return textColumn('device', devices, count, () => skewed(random, devices.length, 1));
}

const events: Dataset = {
  name: 'events',
  columns: [country, device, campaign, userId, ...metrics, time],
  nullHandling: false,
  make: (place) => {
    const random = createRandom(seed, place.segment);
    return batchOf([
      timeColumn(random, place),
      countryColumn(random, place.count),
      deviceColumn(random, place.count),
      campaignColumn(random, place.count),
      userColumn(random, place.count),
      ...metricColumns(random, place.count),
    ]);
  },
};

/** One campaign holds nine rows of ten. */
const skew: Dataset = {
  ...events,
  name: 'skew',
  make: (place) => {
    const { columns } = events.make(place);
    const random = createRandom(seed + 1, place.segment);
    const heavy = 2500;
    const skewedCampaign = textColumn('campaign', campaigns, place.count, () =>
      random() < 0.9 ? heavy : skewed(random, campaigns.length, 1),
    );
    return batchOf(columns.map((c) => (c.name === 'campaign' ? skewedCampaign : c)));
  },
};

const wideTexts = 33;
const wideNumbers = 10;
const profiles = 20_000;
const wideNames = numbered('d', wideTexts + wideNumbers, 2);

const wideTables: Uint32Array[] = [];

/** The code or number that each profile has in one dimension; made once. */
function wideTable(dimension: number, cardinality: number): Uint32Array {
  return (wideTables[dimension] ??= ((): Uint32Array => {
    const random = createRandom(seed + 3, dimension);
    return Uint32Array.from({ length: profiles }, () => skewed(random, cardinality, 1));
  })());
}

/** 43 dimensions and the time as sort columns; all dimensions of a row follow from one of 20,000 profiles. */
const wide: Dataset = {
  name: 'wide',
  columns: [
    ...wideNames.map((name, i): ColumnSpec => ({
      name,
      dataType: i < wideTexts ? 'STRING' : 'INT',
      role: 'dimension',
    })),
    ...metrics,
    time,
  ],
  nullHandling: false,
  make: (place) => {
    const { count } = place;
    const random = createRandom(seed + 2, place.segment);
    const profileOf = Uint32Array.from({ length: count }, () => skewed(random, profiles, 2));
    const dimensions = wideNames.map((name, i) => {
      const cardinality = i < wideTexts ? 2 + i * 2 : 1000;
      const values = wideTable(i, cardinality);
      if (i >= wideTexts)
        return numberColumn(name, 'INT', count, (row) => values[profileOf[row]!]!);
      const texts = numbered(`${name}_`, cardinality, 3);
      return textColumn(name, texts, count, (row) => values[profileOf[row]!]!);
    });
    return batchOf([timeColumn(random, place), ...dimensions, ...metricColumns(random, count)]);
  },
};

/** A text id that no two rows share. */
const uuid: Dataset = {
  name: 'uuid',
  columns: [{ name: 'id', dataType: 'STRING', role: 'dimension' }, country, ...metrics, time],
  nullHandling: false,
  make: (place) => {
    const random = createRandom(seed + 4, place.segment);
    return batchOf([
      timeColumn(random, place),
      uuidColumn(random, place.count),
      countryColumn(random, place.count),
      ...metricColumns(random, place.count),
    ]);
  },
};

const uuidLength = 36;

function uuidColumn(random: Random, count: number): Column {
  const offsets = Uint32Array.from({ length: count + 1 }, (_, row) => row * uuidLength);
  const data = Buffer.alloc(count * uuidLength);
  for (let row = 0; row < count; row++) {
    const hex = [0, 1, 2, 3].map(() => hex8(random())).join('');
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
    data.write([...parts, hex.slice(20)].join('-'), row * uuidLength, 'latin1');
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return bytesColumn('id', 'STRING', { offsets, data: bytes });
}

function hex8(number: number): string {
  return Math.floor(number * 4_294_967_296)
    .toString(16)
    .padStart(8, '0');
}

/** Nulls in numbers, a multi-value column and exact decimals. */
const nullsMv: Dataset = {
  name: 'nulls_mv',
  columns: [
    campaign,
    userId,
    { name: 'tags', dataType: 'STRING', role: 'dimension', multiValue: true },
    { name: 'price', dataType: 'BIG_DECIMAL', role: 'dimension' },
    ...metrics,
    time,
  ],
  nullHandling: true,
  make: (place) => {
    const { count } = place;
    const random = createRandom(seed + 5, place.segment);
    const lists = {
      lengthOf: () => 1 + Math.floor(random() * 4),
      codeOf: () => skewed(random, tags.length, 2),
    };
    const [clicks, cost, score] = metricColumns(random, count);
    const users = userColumn(random, count);
    return batchOf([
      timeColumn(random, place),
      campaignColumn(random, count),
      withNulls(users, -(2 ** 31), () => random() < 0.05),
      listColumn('tags', tags, count, lists),
      bytesColumn('price', 'BIG_DECIMAL', varFromTexts(prices(random, count))),
      withNulls(clicks as typeof users, 0n, () => random() < 0.1),
      withNulls(cost as typeof users, 0, () => random() < 0.1),
      score!,
    ]);
  },
};

/** Plain decimal texts without zeros at their end: `123.45`, never `123.40`. */
function prices(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => {
    const hundredths = Math.floor(random() * 1_000_000) * 10 + 1 + Math.floor(random() * 9);
    return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
  });
}

const all: Readonly<Record<DatasetName, Dataset>> = { events, wide, uuid, nulls_mv: nullsMv, skew };

export function datasetOf(name: DatasetName): Dataset {
  return all[name];
}

const segmentRows = 500_000;
const segmentsLeast = 20;

/** 20 segments, or as many as keep one at 500,000 rows. */
export function segmentPlaces(rows: number): SegmentPlace[] {
  const segments = Math.min(rows, Math.max(segmentsLeast, Math.ceil(rows / segmentRows)));
  return Array.from({ length: segments }, (_, segment) => {
    const first = Math.floor((segment * rows) / segments);
    const count = Math.floor(((segment + 1) * rows) / segments) - first;
    return { segment, first, count, rows };
  });
}

/**
 * The rows of one segment. With `duplicates` every tenth row of the segment before it (of itself for the first) comes
 * again beside its own, as a stream delivers that was sent twice: the distinct rows stay the same.
 */
export function segmentBatch(
  dataset: Dataset,
  places: readonly SegmentPlace[],
  segment: number,
  duplicates: boolean,
): ColumnBatch {
  const own = dataset.make(places[segment]!);
  if (!duplicates) return own;
  const before = segment === 0 ? own : dataset.make(places[segment - 1]!);
  const order: number[] = [];
  for (let row = 0; row < own.rowCount; row++) {
    order.push(row);
    if (row % 10 === 3 && row < before.rowCount) order.push(own.rowCount + row);
  }
  return gatherRows(concatBatches([own, before]), Uint32Array.from(order));
}
