/** Sends signed records to whoever listens, and lets in only those that the catalogue takes. */
import { type Message, TopicValidatorResult } from '@chainsafe/libp2p-gossipsub';
import type { PeerId } from '@libp2p/interface';
import { MAX_RECORD_BYTES, RECORDS_TOPIC } from '../../protocol/constants.ts';
import { HeliographError } from '../errors.ts';
import type { Service } from '../lifecycle.ts';
import { type Log, scoped } from '../log.ts';
import type { HostLibp2p } from './host-libp2p.ts';

/** Whether a foreign record is to be relayed, dropped quietly, or dropped and held against its sender. */
export type RecordVerdict = 'accept' | 'ignore' | 'reject';

/** What the catalogue says of a record that this peer sent (its id as text). */
export type AcceptRecord = (record: Uint8Array, from: string) => Promise<RecordVerdict>;

export interface Gossip extends Service {
  /** Announces a signed record, to nobody if need be: whoever comes later gets it by sync. Throws `too-large`. */
  publish(record: Uint8Array): Promise<void>;
}

const verdicts = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
} satisfies Record<RecordVerdict, TopicValidatorResult>;

/**
 * Start it after the host. `reject` must mean that no honest node could have sent the record: the second one within
 * ten minutes gets its sender shunned. What depends on this node's own knowledge or clock is to be ignored.
 */
export function createGossip(options: { libp2p: HostLibp2p; accept: AcceptRecord; log: Log }): Gossip {
  const { pubsub, standing } = options.libp2p.services;
  const log = scoped(options.log, 'node/network/gossip');

  async function validate(sender: PeerId, message: Message): Promise<TopicValidatorResult> {
    const from = sender.toString();
    // Gossipsub reads its scores from a cache a second old, and lets 128 messages by without looking at all.
    if (standing.shunned(from) || !standing.allow(from)) return TopicValidatorResult.Ignore;
    try {
      const verdict = await options.accept(message.data, from);
      if (verdict === 'reject') {
        standing.strike(from);
        log.debug({ from }, 'bad record rejected');
      }
      return verdicts[verdict];
    } catch (error) {
      // Our own failure is not the sender's fault, and an unchecked record is not relayed.
      log.error({ from, err: error }, 'a record could not be checked');
      return TopicValidatorResult.Ignore;
    }
  }

  return {
    name: 'gossip',
    async start() {
      pubsub.topicValidators.set(RECORDS_TOPIC, validate);
      pubsub.subscribe(RECORDS_TOPIC);
    },
    async stop() {
      if (options.libp2p.status === 'started') pubsub.unsubscribe(RECORDS_TOPIC);
      pubsub.topicValidators.delete(RECORDS_TOPIC);
    },
    async publish(record) {
      if (record.byteLength > MAX_RECORD_BYTES)
        throw new HeliographError(
          'too-large',
          `a record of ${record.byteLength} bytes can't be announced: ${MAX_RECORD_BYTES} is the most`,
        );
      try {
        const { recipients } = await pubsub.publish(RECORDS_TOPIC, record);
        log.debug({ recipients: recipients.length }, 'record announced');
      } catch (error) {
        log.warn({ err: error }, 'a record was not announced; peers get it by sync');
      }
    },
  };
}
