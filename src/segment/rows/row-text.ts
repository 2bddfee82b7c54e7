import { rejectedTextMax } from '../../limits.ts';

const decoder = new TextDecoder('utf-8');

/** The start of a row's bytes as text for a reject file; bytes that are no UTF-8 become U+FFFD. */
export function boundedText(bytes: Uint8Array): string {
  return decoder.decode(bytes.subarray(0, rejectedTextMax));
}
