// segmill's types as Arrow's, and back (design, "Types on disk"). What Arrow cannot say stands in the field's metadata:
// `segmill.type` the data type, `segmill.default` the default value as text.
import {
  Binary,
  Bool,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  Schema,
  TimestampMillisecond,
  Uint16,
  Uint8,
  Utf8,
} from 'apache-arrow';
import type { DataType as ArrowType } from 'apache-arrow';
import { valueText } from '../../columns/cell.ts';
import type { CellValue } from '../../config/cell.ts';
import type { DataType } from '../../config/types.ts';
import type { ArrowField } from './flatbuffer.ts';

/** How one column lies in the file. */
export interface ColumnLayout {
  readonly name: string;
  readonly dataType: DataType;
  readonly multiValue: boolean;
  readonly nullable: boolean;
  /** Null: no dictionary. */
  readonly dictionary: DictionaryLayout | null;
  /** For the metadata; null when it is not known. */
  readonly defaultValue: CellValue | null;
}

export interface DictionaryLayout {
  readonly id: number;
  readonly codeBytes: 1 | 2 | 4;
  readonly sorted: boolean;
}

export function arrowSchema(
  layouts: readonly ColumnLayout[],
  metadata: ReadonlyMap<string, string>,
): Schema {
  return new Schema(layouts.map(arrowField), new Map(metadata));
}

function arrowField(layout: ColumnLayout): Field {
  const metadata = new Map([['segmill.type', layout.dataType as string]]);
  if (layout.defaultValue !== null) {
    metadata.set('segmill.default', valueText(layout.dataType, layout.defaultValue));
  }
  const element = elementType(layout);
  if (!layout.multiValue) {
    // Readers know the extension over plain text only, so a dictionary goes without it.
    if (layout.dataType === 'JSON' && layout.dictionary === null) {
      metadata.set('ARROW:extension:name', 'arrow.json');
      metadata.set('ARROW:extension:metadata', '');
    }
    return new Field(layout.name, element, layout.nullable, metadata);
  }
  return new Field(
    layout.name,
    new List(new Field('item', element, false)),
    layout.nullable,
    metadata,
  );
}

function elementType(layout: ColumnLayout): ArrowType {
  const type = plainType(layout.dataType);
  if (layout.dictionary === null) return type;
  const { id, codeBytes, sorted } = layout.dictionary;
  // Four-byte codes are signed: readers prefer them, and no dictionary has 2^31 values.
  const index = codeBytes === 1 ? new Uint8() : codeBytes === 2 ? new Uint16() : new Int32();
  return new Dictionary(type, index, id, sorted);
}

function plainType(dataType: DataType): ArrowType {
  switch (dataType) {
    case 'INT':
      return new Int32();
    case 'LONG':
      return new Int64();
    case 'FLOAT':
      return new Float32();
    case 'DOUBLE':
      return new Float64();
    case 'BOOLEAN':
      return new Bool();
    case 'TIMESTAMP':
      return new TimestampMillisecond('UTC');
    case 'STRING':
    case 'JSON':
    case 'BIG_DECIMAL':
      return new Utf8();
    case 'BYTES':
      return new Binary();
  }
}

/** The data type that a field's values are read as, null when segmill has none for them. */
export function dataTypeOf(field: ArrowField): DataType | null {
  const element = elementField(field);
  const marked = (field.metadata.get('segmill.type') ?? null) as DataType | null;
  const { type, width, signed } = element;
  if (type === 'Int') {
    if (width === 64) return signed ? 'LONG' : null;
    return width === 32 && !signed ? 'LONG' : 'INT';
  }
  if (type === 'FloatingPoint') return width === 64 ? 'DOUBLE' : width === 32 ? 'FLOAT' : null;
  if (type === 'Bool') return 'BOOLEAN';
  if (type === 'Date' || type === 'Timestamp') return 'TIMESTAMP';
  if (type === 'Utf8' || type === 'LargeUtf8') {
    if (marked === 'JSON' || marked === 'BIG_DECIMAL') return marked;
    return field.metadata.get('ARROW:extension:name') === 'arrow.json' ? 'JSON' : 'STRING';
  }
  return type === 'Binary' || type === 'LargeBinary' || type === 'FixedSizeBinary' ? 'BYTES' : null;
}

export function isList(field: ArrowField): boolean {
  return (field.type === 'List' || field.type === 'LargeList') && field.children.length === 1;
}

export function elementField(field: ArrowField): ArrowField {
  return isList(field) ? field.children[0]! : field;
}
