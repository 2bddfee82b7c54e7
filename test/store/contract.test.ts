// What every store promises, checked on the disk and on its twin.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { storeWriteBytes } from '../../src/limits.ts';
import { faultPlan } from '../../src/store/fault.ts';
import type { FaultSeam } from '../../src/store/fault.ts';
import { openLocalStore } from '../../src/store/local.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { openStore } from '../../src/store/open.ts';
import type { FaultPlan, Store } from '../../src/store/types.ts';

function localStore(fault?: FaultPlan): Store {
  const root = mkdtempSync(join(tmpdir(), 'segmill-store-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return openLocalStore(join(root, 'data'), fault);
}

function memoryStore(fault?: FaultPlan): Store {
  return new MemoryStore(fault === undefined ? {} : { fault });
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

async function put(store: Store, path: string, text: string): Promise<void> {
  const writer = await store.create(path);
  try {
    await writer.write(bytesOf(text));
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

async function textOf(store: Store, path: string): Promise<string> {
  return new TextDecoder().decode(await store.read(path));
}

describe.each([
  ['local', localStore],
  ['memory', memoryStore],
])('%s store', (_, open) => {
  test('a file reads back as it was written, whole and in part', async () => {
    const store = open();
    await put(store, 'segments/t_OFFLINE/a.parquet', 'hello world');
    expect(await textOf(store, 'segments/t_OFFLINE/a.parquet')).toBe('hello world');
    const part = await store.read('segments/t_OFFLINE/a.parquet', { start: 6, end: 11 });
    expect(new TextDecoder().decode(part)).toBe('world');
    expect(await store.size('segments/t_OFFLINE/a.parquet')).toBe(11);
    expect(await store.exists('segments/t_OFFLINE/a.parquet')).toBe(true);
  });

  test('a range behind the end is refused with the figures', async () => {
    const store = open();
    await put(store, 'a/b', '12345');
    await expect(store.read('a/b', { start: 2, end: 6 })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      details: { path: 'a/b', start: 2, end: 6, byteLength: 5 },
    });
  });

  test('chunks around the gathering size arrive in order, and a chunk may be reused', async () => {
    const store = open();
    const writer = await store.create('tmp/r/x');
    const sizes = [1, storeWriteBytes - 1, 1, 5, storeWriteBytes, 3, storeWriteBytes * 2 + 7, 9];
    const expected: number[] = [];
    const chunk = new Uint8Array(storeWriteBytes * 2 + 7);
    for (const [index, size] of sizes.entries()) {
      chunk.fill(index + 1);
      await writer.write(chunk.subarray(0, size));
      expected.push(size);
    }
    const total = expected.reduce((a, b) => a + b, 0);
    expect(writer.byteLength).toBe(total);
    await writer.finish();
    const bytes = await store.read('tmp/r/x');
    expect(bytes.byteLength).toBe(total);
    let at = 0;
    for (const [index, size] of sizes.entries()) {
      expect(bytes.subarray(at, at + size).every((byte) => byte === index + 1)).toBe(true);
      at += size;
    }
  });

  test('create never overwrites', async () => {
    const store = open();
    await put(store, 'a/b', 'old');
    await expect(store.create('a/b')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(await textOf(store, 'a/b')).toBe('old');
  });

  test('rename moves a file into a new folder and never replaces', async () => {
    const store = open();
    await put(store, 'tmp/r/x', 'new');
    await store.rename('tmp/r/x', 'segments/t/x');
    expect(await store.exists('tmp/r/x')).toBe(false);
    expect(await textOf(store, 'segments/t/x')).toBe('new');
    await put(store, 'tmp/r/y', 'other');
    await expect(store.rename('tmp/r/y', 'segments/t/x')).rejects.toMatchObject({
      code: 'STORE_FAILED',
    });
    expect(await textOf(store, 'segments/t/x')).toBe('new');
    expect(await textOf(store, 'tmp/r/y')).toBe('other');
    await expect(store.rename('tmp/r/none', 'a')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  test('append cuts to the valid length and goes on there', async () => {
    const store = open();
    const first = await store.append('consuming/t/0', 0);
    await first.write(bytesOf('12345678'));
    await first.finish();
    const second = await store.append('consuming/t/0', 5);
    expect(second.byteLength).toBe(5);
    await second.write(bytesOf('abc'));
    await second.sync();
    expect(await textOf(store, 'consuming/t/0')).toBe('12345abc');
    await second.write(bytesOf('d'));
    await second.finish();
    expect(await textOf(store, 'consuming/t/0')).toBe('12345abcd');
  });

  test('append refuses a file that is absent or shorter than its valid length', async () => {
    const store = open();
    await expect(store.append('a/b', 3)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await put(store, 'a/b', '12');
    await expect(store.append('a/b', 3)).rejects.toMatchObject({
      code: 'STORE_FAILED',
      details: { expectedBytes: 3, byteLength: 2 },
    });
    expect(await textOf(store, 'a/b')).toBe('12');
  });

  test('abandon removes a created file and cuts an appended one back', async () => {
    const store = open();
    const created = await store.create('a/new');
    await created.write(bytesOf('x'));
    await created.abandon();
    expect(await store.exists('a/new')).toBe(false);
    await put(store, 'a/old', '1234');
    const appended = await store.append('a/old', 4);
    await appended.write(bytesOf('56'));
    await appended.sync();
    await appended.abandon();
    expect(await textOf(store, 'a/old')).toBe('1234');
  });

  test('list gives all files below a folder in order, and nothing for an absent one', async () => {
    const store = open();
    await put(store, 'a/c/2', '22');
    await put(store, 'a/b', '1');
    await put(store, 'ab', 'x');
    const listed = await store.list('a');
    expect(listed.map(({ path, byteLength }) => [path, byteLength])).toEqual([
      ['a/b', 1],
      ['a/c/2', 2],
    ]);
    expect(await store.list('none')).toEqual([]);
  });

  test('removing what is absent is fine', async () => {
    const store = open();
    await put(store, 'a/b/c', '1');
    await put(store, 'a/bc', '2');
    await store.remove('a/none');
    await store.removeFolder('none');
    await store.removeFolder('a/b');
    expect((await store.list('a')).map((entry) => entry.path)).toEqual(['a/bc']);
    await store.remove('a/bc');
    expect(await store.exists('a/bc')).toBe(false);
    await expect(store.read('a/bc')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(store.size('a/bc')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  test.each(['', '/etc/passwd', '../x', 'a/../../x', 'a//b', './a', 'a\\..\\b', 'a/\0', 'a/'])(
    'the path %j cannot leave the root',
    async (path) => {
      const store = open();
      for (const call of [
        () => store.read(path),
        () => store.create(path),
        () => store.append(path, 0),
        () => store.rename(path, 'ok'),
        () => store.remove(path),
        () => store.removeFolder(path),
        () => store.list(path),
        () => store.exists(path),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'NAME_INVALID' });
      }
    },
  );

  test.each<FaultSeam>([
    'store.create',
    'store.write',
    'store.sync',
    'store.rename',
    'store.remove',
  ])('a fault at %s strikes once, at its turn', async (seam) => {
    const store = open(faultPlan(seam, 2));
    const cycle = async (name: string): Promise<void> => {
      await put(store, `tmp/${name}`, name);
      await store.rename(`tmp/${name}`, `done/${name}`);
      await store.remove(`done/${name}`);
    };
    await cycle('1');
    await expect(cycle('2')).rejects.toMatchObject({ code: 'STORE_FULL', details: { seam } });
    await cycle('3');
  });

  test('a writer that failed takes no more and can only be abandoned', async () => {
    const store = open(faultPlan('store.write', 2));
    const writer = await store.create('a/b');
    await writer.write(bytesOf('1'));
    await expect(writer.write(bytesOf('2'))).rejects.toMatchObject({ code: 'STORE_FULL' });
    await expect(writer.write(bytesOf('3'))).rejects.toThrow(/failed/);
    await expect(writer.finish()).rejects.toThrow(/failed/);
    await writer.abandon();
    expect(await store.exists('a/b')).toBe(false);
  });

  test('free space is known', async () => {
    expect(await open().freeBytes()).toBeGreaterThan(0);
  });
});

test('the store of a descriptor shares root and fault counter', async () => {
  const store = localStore(faultPlan('store.create', 2));
  await put(store, 'a', '1');
  const again = openStore(structuredClone(store.descriptor!));
  expect(await textOf(again, 'a')).toBe('1');
  await expect(again.create('b')).rejects.toMatchObject({ code: 'STORE_FULL' });
  await put(store, 'c', '3');
  expect(again.localPath('c')).toBe(store.localPath('c'));
});

test('a crash of the twin drops what was not flushed', async () => {
  const store = new MemoryStore();
  await put(store, 'kept', '1');
  const lost = await store.create('lost');
  await lost.write(bytesOf('2'));
  const half = await store.append('half', 0);
  await half.write(bytesOf('abc'));
  await half.sync();
  await half.write(bytesOf('def'));
  store.crash();
  expect(await textOf(store, 'kept')).toBe('1');
  expect(await store.exists('lost')).toBe(false);
  expect(await textOf(store, 'half')).toBe('abc');
});

test('a full twin says how much it lacked', async () => {
  const store = new MemoryStore({ capacityBytes: 4 });
  const writer = await store.create('a');
  await writer.write(bytesOf('123'));
  await expect(writer.write(bytesOf('45'))).rejects.toMatchObject({
    code: 'STORE_FULL',
    details: { path: 'a', bytes: 2 },
  });
  await writer.abandon();
  await put(store, 'b', '1234');
  expect(await store.freeBytes()).toBe(0);
});
