// A capture as part of an address: deflated, then in the letters that an
// address takes as they are.

type Bytes = Uint8Array<ArrayBuffer>;

/** base64url(deflate-raw(bytes)). */
export async function pack(bytes: Bytes): Promise<string> {
  const packed = await through(bytes, new CompressionStream('deflate-raw'));
  let text = '';
  for (const byte of packed) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** The bytes of a packed text; rejects when it is none. */
export async function unpack(text: string): Promise<Bytes> {
  const letters = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return through(
    Uint8Array.from(letters, (letter) => letter.charCodeAt(0)),
    new DecompressionStream('deflate-raw'),
  );
}

async function through(bytes: Bytes, change: CompressionStream | DecompressionStream): Promise<Bytes> {
  const stream = new Blob([bytes]).stream().pipeThrough(change);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
