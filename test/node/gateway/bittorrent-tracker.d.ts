/** What the tests use of the tracker client inside p2p-media-loader, which brings no types. */
declare module 'bittorrent-tracker' {
  import { EventEmitter } from 'node:events';
  import type { Duplex } from 'node:stream';

  interface ClientEvents {
    error: [Error];
    warning: [Error];
    update: [{ complete: number; incomplete: number }];
    peer: [Duplex];
  }

  export default class Client extends EventEmitter<ClientEvents> {
    constructor(options: {
      infoHash: Uint8Array;
      peerId: Uint8Array;
      announce: string[];
      port: number;
      rtcConfig: object;
    });
    start(): void;
    destroy(): void;
  }
}
