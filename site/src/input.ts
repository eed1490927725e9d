// How bytes get from a file to the core: streamed, unpacked on the way when the
// file is compressed, never held whole.

const gzipMagic = [0x1f, 0x8b];
const zstdMagic = [0x28, 0xb5, 0x2f, 0xfd];

export type Packing = 'none' | 'gzip' | 'zstd';

export interface Input {
  packing: Packing;
  stream: ReadableStream<Uint8Array>;
  /** Bytes taken from the file so far, before unpacking. */
  taken(): number;
}

/** Opens a file for reading; `raw` leaves the unpacking to the core. */
export async function openInput(file: Blob, raw = false): Promise<Input> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  const packing = raw ? 'none' : packingOf(head);
  let taken = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      taken += chunk.length;
      controller.enqueue(chunk);
    },
  });
  const counted = () => file.stream().pipeThrough(counter);
  if (packing === 'gzip') {
    return { packing, stream: counted().pipeThrough(gunzip()), taken: () => taken };
  }
  if (packing === 'zstd') {
    return { packing, stream: counted().pipeThrough(await unzstd()), taken: () => taken };
  }
  return { packing, stream: file.stream(), taken: () => -1 };
}

const unpacked = new WeakMap<Blob, Promise<Blob>>();

/** A file without its packing: what the core's offsets count in. */
export async function plain(file: Blob): Promise<Blob> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (packingOf(head) === 'none') return file;
  let whole = unpacked.get(file);
  if (!whole) {
    whole = openInput(file).then((input) =>
      new Response(input.stream as ReadableStream<Uint8Array<ArrayBuffer>>).blob(),
    );
    unpacked.set(file, whole);
  }
  return whole;
}

export function packingOf(head: Uint8Array): Packing {
  const starts = (magic: number[]) => magic.every((byte, i) => head[i] === byte);
  if (starts(gzipMagic)) return 'gzip';
  return starts(zstdMagic) ? 'zstd' : 'none';
}

function gunzip(): TransformStream<Uint8Array, Uint8Array> {
  return new DecompressionStream('gzip') as unknown as TransformStream<Uint8Array, Uint8Array>;
}

// Browsers have no zstd of their own; the decoder is loaded when a file needs it.
async function unzstd(): Promise<TransformStream<Uint8Array, Uint8Array>> {
  const { Decompress } = await import('fzstd');
  let decoder: InstanceType<typeof Decompress>;
  return new TransformStream({
    start(controller) {
      decoder = new Decompress((chunk) => {
        if (chunk.length > 0) controller.enqueue(chunk);
      });
    },
    transform(chunk) {
      decoder.push(chunk);
    },
    flush() {
      decoder.push(new Uint8Array(0), true);
    },
  });
}
