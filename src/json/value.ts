/** A number literal that no JS number or bigint holds exactly; its text is kept for BIG_DECIMAL and LONG. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Parsed JSON without loss: integers beyond 2^53 are bigint, other literals that a double would change are NumberText. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | NumberText
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
