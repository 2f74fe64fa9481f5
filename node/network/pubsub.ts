/** Gossipsub set up for signed records on one topic: what it takes in, and how a sender of bad ones sinks. */
import { createHash } from 'node:crypto';
import {
  type GossipSub,
  type GossipSubComponents,
  gossipsub,
  StrictNoSign,
} from '@chainsafe/libp2p-gossipsub';
import { MAX_RECORD_BYTES, RECORDS_TOPIC } from '../../protocol/constants.ts';
import type { Standing } from './standing.ts';

const KIB = 1024;

/**
 * One bad record scores -30 (no gossip with the peer), two -120 (graylisted). Both P4 and its decay matter: the good
 * that P1 and P2 can add is capped at 6, and a bad record is half forgotten only after half an hour.
 * P3 and P3b are 0: on a quiet topic a peer that forwards nothing has done nothing wrong.
 */
export const scoreThresholds = {
  gossipThreshold: -10,
  publishThreshold: -50,
  graylistThreshold: -80,
  acceptPXThreshold: 10,
  opportunisticGraftThreshold: 1,
};

const recordsTopic = {
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1000,
  timeInMeshCap: 100,
  firstMessageDeliveriesWeight: 0.5,
  firstMessageDeliveriesDecay: 0.99,
  firstMessageDeliveriesCap: 10,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 1,
  meshMessageDeliveriesThreshold: 1,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 5000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: -30,
  invalidMessageDeliveriesDecay: 0.9996,
};

/**
 * Records carry their publisher's signature, so a second one by the forwarding node would add nothing but a second
 * identity for the same bytes. Unsigned messages named by their hash meet as duplicates whoever forwards them. Scores
 * are not weakened: gossipsub holds a message against the peer that sent it over the connection, never against the
 * author it claims.
 */
export function recordsPubsub(standing: Standing): (components: GossipSubComponents) => GossipSub {
  return gossipsub({
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: (message) => createHash('sha256').update(message.data).digest(),
    msgIdToStrFn: (id) => Buffer.from(id).toString('base64'),
    allowedTopics: [RECORDS_TOPIC],
    fallbackToFloodsub: false,
    floodPublish: true,
    emitSelf: false,
    doPX: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    // One peer's messages are checked one after the other, so that what the first shows counts for the second.
    awaitRpcHandler: true,
    awaitRpcMessageHandler: true,
    maxInboundStreams: 2,
    maxOutboundStreams: 2,
    maxInboundDataLength: 64 * KIB,
    maxOutboundBufferSize: 1024 * KIB,
    maxTopicBytesPerPeer: 8 * KIB,
    // An oversize message fails here, before it is hashed, remembered or checked, and counts as a bad one.
    dataTransform: { inboundTransform: refuseOversize, outboundTransform: (_topic, data) => data },
    decodeRpcLimits: {
      maxSubscriptions: 16,
      maxMessages: 256,
      maxIhaveMessageIDs: 1024,
      maxIwantMessageIDs: 1024,
      maxControlMessages: 64,
      maxIdontwantMessageIDs: 512,
      maxPeerInfos: 0,
    },
    scoreThresholds,
    scoreParams: {
      topics: { [RECORDS_TOPIC]: recordsTopic },
      topicScoreCap: 10,
      // Gossipsub forgets a peer's bad records when it reconnects; our own memory doesn't.
      appSpecificScore: (peer) => (standing.shunned(peer) ? -1 : 0),
      appSpecificWeight: 200,
      // A household or a test has many nodes on one address; a crowd of hundreds is something else.
      IPColocationFactorThreshold: 32,
      behaviourPenaltyThreshold: 3,
    },
  });
}

function refuseOversize(_topic: string, data: Uint8Array): Uint8Array {
  if (data.byteLength > MAX_RECORD_BYTES) throw new RangeError(`${data.byteLength} bytes are no record`);
  return data;
}
