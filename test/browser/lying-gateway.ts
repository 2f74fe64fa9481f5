/** A gateway that stands in front of a real one and flips one byte of every media segment that it passes on. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface LyingGateway {
  url: string;
  /** Segments passed on with a flipped byte. */
  lies: () => number;
  close: () => Promise<void>;
}

/** `isMedia` says of a path below `/ipfs/` whether it is lied about; all else passes untouched. */
export async function lyingGateway(truth: string, isMedia: (cid: string) => boolean): Promise<LyingGateway> {
  let lies = 0;
  const sockets = new Set<Socket>();
  const pass = (incoming: IncomingMessage, answer: ServerResponse) => {
    const cid = /^\/ipfs\/([a-z0-9]+)$/.exec(incoming.url ?? '')?.[1];
    const lie = cid !== undefined && isMedia(cid);
    const { host: _, ...headers } = incoming.headers;
    const options = {
      method: incoming.method ?? 'GET',
      headers: { ...headers, 'accept-encoding': 'identity' },
    };
    const onward = request(new URL(incoming.url ?? '/', truth), options, (truly) => {
      answer.writeHead(truly.statusCode ?? 502, truly.headers);
      let first = true;
      truly.on('data', (chunk: Buffer) => {
        if (lie && first) {
          const at = chunk.length >> 1;
          chunk[at] = (chunk[at] ?? 0) ^ 1;
          lies++;
        }
        first = false;
        answer.write(chunk);
      });
      truly.on('end', () => answer.end());
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    onward.end();
  };
  const server = createServer(pass);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lies: () => lies,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
