// BYTES: encodings and hashes. Text given as BYTES is read as hex, as everywhere in Pinot: use toUtf8 for its characters.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { FunctionFamily, ScalarFunction } from './function.ts';
import { bytesArg, callError, longArg, longResult, scalar, textArg } from './function.ts';

function digest(algorithm: string): ScalarFunction {
  return scalar(1, 1, (args) => createHash(algorithm).update(bytesArg(args, 0)).digest('hex'));
}

function fromText(encoding: 'utf8' | 'ascii'): ScalarFunction {
  return scalar(1, 1, (args) => new Uint8Array(Buffer.from(textArg(args, 0), encoding)));
}

function toText(encoding: 'utf8' | 'ascii' | 'hex' | 'base64'): ScalarFunction {
  return scalar(1, 1, (args) => Buffer.from(bytesArg(args, 0)).toString(encoding));
}

function base64Bytes(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw callError('the argument is no Base64');
  }
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function hexLong(text: string): bigint {
  const digits = text.replace(/^0x/, '');
  if (!/^[0-9a-fA-F]{1,16}$/.test(digits))
    throw callError(`"${text.slice(0, 60)}" is no hex number`);
  return BigInt(`0x${digits}`);
}

export const bytesFunctions: FunctionFamily = {
  toUtf8: fromText('utf8'),
  toAscii: fromText('ascii'),
  fromUtf8: toText('utf8'),
  fromAscii: toText('ascii'),
  bytesToHex: toText('hex'),
  hexToBytes: scalar(1, 1, (args) => bytesArg(args, 0)),
  toBase64: toText('base64'),
  fromBase64: scalar(1, 1, (args) => base64Bytes(textArg(args, 0))),
  base64Encode: scalar(
    1,
    1,
    (args) => new Uint8Array(Buffer.from(Buffer.from(bytesArg(args, 0)).toString('base64'))),
  ),
  base64Decode: scalar(1, 1, (args) =>
    base64Bytes(Buffer.from(bytesArg(args, 0)).toString('latin1')),
  ),
  hexDecimalToLong: scalar(1, 1, (args) => longResult(hexLong(textArg(args, 0)))),
  longToHexDecimal: scalar(1, 1, (args) => BigInt.asUintN(64, longArg(args, 0)).toString(16)),
  md5: digest('md5'),
  sha: digest('sha1'),
  sha224: digest('sha224'),
  sha256: digest('sha256'),
  sha512: digest('sha512'),
  crc32: scalar(1, 1, (args) => crc32(bytesArg(args, 0)) | 0),
};
