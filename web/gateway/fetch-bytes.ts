/** Brings bytes over HTTP with a limit on size and on every wait, so that no answer can fill memory or hang. */
import { WebError } from '../errors.ts';

export interface FetchLimits {
  /** More bytes than this end the download. */
  maxBytes: number;
  /** Longest silence before the first byte and between two, in milliseconds. */
  silenceMs: number;
  signal?: AbortSignal | undefined;
}

/** The body of a 200 answer; throws WebError (unreachable, timed-out, not-found, too-large, stopped). */
export async function fetchBytes(url: string, limits: FetchLimits): Promise<Uint8Array<ArrayBuffer>> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), limits.silenceMs);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), limits.silenceMs);
  };
  const signal = limits.signal ? AbortSignal.any([limits.signal, silence.signal]) : silence.signal;
  try {
    const response = await fetch(url, { signal, credentials: 'omit', referrerPolicy: 'no-referrer' });
    heard();
    if (response.status === 404 || response.status === 410) throw new WebError('not-found', `${url}: 404`);
    if (!response.ok || response.body === null)
      throw new WebError('unreachable', `${url}: ${response.status}`);
    return await readBody(response.body, limits.maxBytes, heard);
  } catch (error) {
    if (error instanceof WebError) throw error;
    if (limits.signal?.aborted) throw new WebError('stopped', `${url}: stopped`, { cause: error });
    const code = silence.signal.aborted ? 'timed-out' : 'unreachable';
    throw new WebError(code, `${url}: ${String(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function readBody(body: ReadableStream<Uint8Array>, maxBytes: number, heard: () => void) {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of iterate(body)) {
    heard();
    length += chunk.byteLength;
    if (length > maxBytes) throw new WebError('too-large', `more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** Safari has no async iteration over streams yet. */
async function* iterate(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
