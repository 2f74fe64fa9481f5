/** Every setting of the libp2p host, each limit said outright: what libp2p leaves open is terabytes on paper. */
import { autoNAT } from '@libp2p/autonat';
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { dcutr } from '@libp2p/dcutr';
import { identify, identifyPush } from '@libp2p/identify';
import type { PeerInfo, PrivateKey } from '@libp2p/interface';
import { type MulticastDNSComponents, mdns } from '@libp2p/mdns';
import { noise } from '@libp2p/noise';
import { ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { uPnPNAT } from '@libp2p/upnp-nat';
import { webRTCDirect } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import type { Datastore } from 'interface-datastore';
import type { Libp2pOptions, ServiceFactoryMap } from 'libp2p';
import type { Config } from '../config.ts';
import type { HostServices } from './host-libp2p.ts';
import { recordsPubsub } from './pubsub.ts';
import type { Standing } from './standing.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** Streams one peer may have open on a connection, and what each may have under way. */
const MAX_STREAMS = 64;
const STREAM_WINDOW = MIB;
/** Only Heliograph nodes of the local network are looked for, not everything that speaks libp2p. */
const MDNS_TAG = '_heliograph._udp.local';

export function libp2pOptions(options: {
  config: Config['network'];
  privateKey: PrivateKey;
  datastore: Datastore;
  standing: Standing;
  onNeighbour: (peer: PeerInfo) => void;
}): Libp2pOptions<HostServices> {
  const { config, standing } = options;
  return {
    start: false,
    privateKey: options.privateKey,
    datastore: options.datastore,
    nodeInfo: { userAgent: 'heliograph' },
    addresses: {
      listen: config.relay ? [...config.listen, '/p2p-circuit'] : config.listen,
      announce: config.announce,
      maxObservedAddresses: 10,
    },
    connectionManager: {
      maxConnections: config.maxConnections,
      inboundConnectionThreshold: 20,
      maxIncomingPendingConnections: 32,
      maxParallelDials: 16,
      maxDialQueueLength: 200,
      maxPeerAddrsToDial: 16,
      dialTimeout: 10_000,
      addressDialTimeout: 5_000,
      inboundUpgradeTimeout: 10_000,
      outboundStreamProtocolNegotiationTimeout: 10_000,
      inboundStreamProtocolNegotiationTimeout: 10_000,
      connectionCloseTimeout: 1_000,
      maxParallelReconnects: 4,
    },
    connectionMonitor: { pingInterval: 15_000 },
    transports: [
      tcp({
        inboundSocketInactivityTimeout: 120_000,
        outboundSocketInactivityTimeout: 120_000,
        maxConnections: config.maxConnections,
        backlog: 64,
      }),
      webSockets({ maxBufferedAmount: 4 * MIB }),
      // Without a list of our own it would ask public STUN servers.
      webRTCDirect({
        rtcConfiguration: { iceServers: [] },
        dataChannel: { maxBufferedAmount: 2 * MIB },
        maxEarlyStreams: 8,
      }),
      ...(config.relay
        ? [circuitRelayTransport({ maxInboundStopStreams: 32, maxOutboundStopStreams: 32 })]
        : []),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({
        maxInboundStreams: MAX_STREAMS,
        maxOutboundStreams: MAX_STREAMS,
        maxEarlyStreams: 10,
        maxMessageSize: 64 * KIB,
        keepAliveInterval: 30_000,
        streamOptions: {
          initialStreamWindowSize: 256 * KIB,
          maxStreamWindowSize: STREAM_WINDOW,
          maxReadBufferLength: 4 * MIB,
          maxWriteBufferLength: 8 * MIB,
          inactivityTimeout: 120_000,
        },
      }),
    ],
    peerDiscovery: config.mdns ? [localNeighbours(options.onNeighbour)] : [],
    services: services(config, standing),
  };
}

/** More than the type says: the rest of the node has no business with the others. */
function services(config: Config['network'], standing: Standing): ServiceFactoryMap<HostServices> {
  const all = {
    identify: identify({ maxMessageSize: 8 * KIB, maxObservedAddresses: 10 }),
    identifyPush: identifyPush({ maxMessageSize: 8 * KIB }),
    ping: ping({ maxInboundStreams: 2, maxOutboundStreams: 2, timeout: 10_000 }),
    standing: () => standing,
    pubsub: recordsPubsub(standing),
    ...(config.relay ? { dcutr: dcutr() } : {}),
    ...(config.relayServer ? { relayServer: signallingRelay() } : {}),
    ...(config.autonat ? { autonat: autoNAT({ maxInboundStreams: 2, maxOutboundStreams: 2 }) } : {}),
    ...(config.upnp ? { upnp: uPnPNAT() } : {}),
  };
  return all;
}

/** mDNS only learns addresses; libp2p doesn't dial them by itself. */
function localNeighbours(onNeighbour: (peer: PeerInfo) => void) {
  return (components: MulticastDNSComponents) => {
    const discovery = mdns({ serviceTag: MDNS_TAG })(components);
    discovery.addEventListener('peer', (event) => onNeighbour(event.detail));
    return discovery;
  };
}

/** A relay carries what two nodes need to meet, never what they then send. */
function signallingRelay() {
  return circuitRelayServer({
    maxInboundHopStreams: 32,
    maxOutboundHopStreams: 32,
    maxOutboundStopStreams: 32,
    reservations: {
      maxReservations: 64,
      applyDefaultLimit: true,
      defaultDurationLimit: 120_000,
      defaultDataLimit: BigInt(128 * KIB),
    },
  });
}
