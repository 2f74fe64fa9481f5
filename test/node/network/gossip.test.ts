import type { PeerId } from '@libp2p/interface';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGossip, type Gossip, type Host } from '../../../node/network/network.ts';
import { scoreThresholds } from '../../../node/network/pubsub.ts';
import { MAX_RECORD_BYTES, RECORDS_TOPIC } from '../../../protocol/constants.ts';
import { connect, type LiveHosts, liveHosts, quiet } from './live-hosts.ts';
import { channelRecord, forgedRecord, newKey, type RecordShelf, recordShelf } from './record-shelf.ts';

let hosts: LiveHosts;
const gossips: Gossip[] = [];

beforeEach(() => {
  hosts = liveHosts();
});
afterEach(async () => {
  for (const gossip of gossips.splice(0)) await gossip.stop();
  await hosts.stop();
});

interface Member {
  host: Host;
  gossip: Gossip;
  shelf: RecordShelf;
}

async function member(shelf: RecordShelf = recordShelf()): Promise<Member> {
  const host = await hosts.start();
  const gossip = createGossip({
    libp2p: host.libp2p,
    accept: (record, from) => shelf.accept(record, from),
    log: quiet,
  });
  await gossip.start();
  gossips.push(gossip);
  return { host, gossip, shelf };
}

/** Connects them and waits until each knows that the other listens and has it in its mesh. */
async function meet(a: Host, b: Host): Promise<void> {
  await connect(a, b);
  await vi.waitFor(() => {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const ids = one.libp2p.services.pubsub.getSubscribers(RECORDS_TOPIC).map(String);
      expect(ids).toContain(other.peerId);
      expect(insides(one).getMeshPeers(RECORDS_TOPIC)).toContain(other.peerId);
    }
  }, 10_000);
}

/** What gossipsub doesn't show in its types, and a hostile peer or a test may use all the same. */
interface Insides {
  getScore(peer: string): number;
  getMeshPeers(topic: string): string[];
  sendRpc(peer: string, rpc: { subscriptions: []; messages: { topic: string; data: Uint8Array }[] }): boolean;
}
const insides = (host: Host) => host.libp2p.services.pubsub as unknown as Insides;

/** Sends without any check of our own, as a hostile node would: all of them in one message. */
function sendRaw(from: Host, to: Host, records: Uint8Array[]): void {
  const messages = records.map((data) => ({ topic: RECORDS_TOPIC, data }));
  expect(insides(from).sendRpc(to.peerId, { subscriptions: [], messages })).toBe(true);
}

const arrives = (shelf: RecordShelf, record: Uint8Array) =>
  vi.waitFor(() => expect(shelf.has(record)).toBe(true), { timeout: 10_000, interval: 5 });

/** A hostile node, the one it attacks, and one behind that. */
async function lineOfThree() {
  const [hostile, victim, behind] = [await member(), await member(), await member()];
  await meet(hostile.host, victim.host);
  await meet(victim.host, behind.host);
  return { hostile, victim, behind };
}

test('a record reaches those two steps away', async () => {
  const [a, b, c] = [await member(), await member(), await member()];
  await meet(a.host, b.host);
  await meet(b.host, c.host);
  const record = channelRecord(newKey(), 1);
  await a.gossip.publish(record);
  await Promise.all([arrives(b.shelf, record), arrives(c.shelf, record)]);
});

test('announcing to nobody, and the same record twice, is no error; one that is too large is', async () => {
  const { gossip } = await member();
  const record = channelRecord(newKey(), 1);
  await gossip.publish(record);
  await gossip.publish(record);
  await expect(gossip.publish(new Uint8Array(MAX_RECORD_BYTES + 1))).rejects.toMatchObject({
    code: 'too-large',
  });
});

test('two nodes that announce one record make one message of it', async () => {
  const [a, b, c] = [await member(), await member(), await member()];
  await meet(a.host, c.host);
  await meet(b.host, c.host);
  const record = channelRecord(newKey(), 1);
  const last = channelRecord(newKey(), 1);
  await Promise.all([a.gossip.publish(record), b.gossip.publish(record)]);
  await arrives(c.shelf, record);
  await b.gossip.publish(last);
  await arrives(c.shelf, last);
  expect(c.shelf.asked).toBe(2);
});

test('a bad record is not relayed, the second one graylists its sender, even within one message', async () => {
  const { hostile, victim, behind } = await lineOfThree();
  const forged = Array.from({ length: 20 }, forgedRecord);
  sendRaw(hostile.host, victim.host, forged);
  await vi.waitFor(() => expect(victim.shelf.asked).toBeGreaterThanOrEqual(2), { timeout: 10_000 });
  // Gossipsub's score is read from a cache that may be a second old.
  await expect
    .poll(() => insides(victim.host).getScore(hostile.host.peerId), { timeout: 5_000 })
    .toBeLessThan(scoreThresholds.graylistThreshold);
  sendRaw(hostile.host, victim.host, [channelRecord(newKey(), 1)]);
  const honest = channelRecord(newKey(), 1);
  await victim.gossip.publish(honest);
  await arrives(behind.shelf, honest);
  expect(victim.shelf.asked).toBe(2);
  expect(behind.shelf.asked).toBe(1);
});

test('gossipsub alone, without our own memory, graylists by the second bad record and not by the first', async () => {
  const { hostile, victim } = await lineOfThree();
  vi.spyOn(victim.host.libp2p.services.standing, 'shunned').mockReturnValue(false);
  const score = () => insides(victim.host).getScore(hostile.host.peerId);
  sendRaw(hostile.host, victim.host, [forgedRecord()]);
  await expect.poll(score, { timeout: 5_000 }).toBeLessThan(scoreThresholds.gossipThreshold);
  expect(score()).toBeGreaterThan(scoreThresholds.publishThreshold);
  sendRaw(hostile.host, victim.host, [forgedRecord()]);
  await expect.poll(score, { timeout: 5_000 }).toBeLessThan(scoreThresholds.graylistThreshold);
});

test('one bad record does not silence a peer', async () => {
  const { hostile, victim, behind } = await lineOfThree();
  const good = channelRecord(newKey(), 1);
  sendRaw(hostile.host, victim.host, [forgedRecord(), good]);
  await arrives(behind.shelf, good);
});

test('a shunned peer stays shunned when it reconnects', async () => {
  const { hostile, victim, behind } = await lineOfThree();
  sendRaw(hostile.host, victim.host, [forgedRecord(), forgedRecord()]);
  await vi.waitFor(() => expect(victim.shelf.asked).toBe(2), { timeout: 10_000 });
  await hostile.host.libp2p.hangUp(victim.host.libp2p.peerId as PeerId);
  await vi.waitFor(() => expect(victim.host.peers().map(({ id }) => id)).not.toContain(hostile.host.peerId));
  await connect(hostile.host, victim.host);
  await vi.waitFor(() => sendRaw(hostile.host, victim.host, [channelRecord(newKey(), 1)]), {
    timeout: 5_000,
  });
  await expect
    .poll(() => insides(victim.host).getScore(hostile.host.peerId), { timeout: 5_000 })
    .toBeLessThan(scoreThresholds.graylistThreshold);
  const honest = channelRecord(newKey(), 1);
  await victim.gossip.publish(honest);
  await arrives(behind.shelf, honest);
  expect(victim.shelf.asked).toBe(2);
});

test('an oversize message is neither checked nor relayed, and counts against its sender', async () => {
  const { hostile, victim, behind } = await lineOfThree();
  const oversize = () => new Uint8Array(MAX_RECORD_BYTES + 1).fill(Math.random() * 256);
  sendRaw(hostile.host, victim.host, [oversize(), oversize()]);
  await expect
    .poll(() => insides(victim.host).getScore(hostile.host.peerId), { timeout: 5_000 })
    .toBeLessThan(scoreThresholds.graylistThreshold);
  const honest = channelRecord(newKey(), 1);
  await victim.gossip.publish(honest);
  await arrives(behind.shelf, honest);
  expect(victim.shelf.asked).toBe(0);
  expect(behind.shelf.asked).toBe(1);
});

test('a flood of good records is taken up to the allowance, and no further', async () => {
  const flooder = await member();
  const shelf = { ...recordShelf(), accept: vi.fn(async () => 'ignore' as const) };
  const victim = await member(shelf as unknown as RecordShelf);
  await meet(flooder.host, victim.host);
  for (let round = 0; round < 20; round++) {
    const batch = Array.from({ length: 100 }, (_, i) => Buffer.from(`record ${round}-${i}`));
    sendRaw(flooder.host, victim.host, batch);
  }
  await vi.waitFor(() => expect(shelf.accept.mock.calls.length).toBeGreaterThanOrEqual(400), 10_000);
  // A message that came after all of the flood shows that the flood is over.
  const { promise: over, resolve } = Promise.withResolvers<void>();
  victim.host.libp2p.services.pubsub.addEventListener('subscription-change', () => resolve(), { once: true });
  flooder.host.libp2p.services.pubsub.unsubscribe(RECORDS_TOPIC);
  await over;
  expect(shelf.accept.mock.calls.length).toBeLessThan(1000);
});

test('when the check itself fails, the record is not relayed and the sender not blamed', async () => {
  const shelf = recordShelf();
  const accept = vi.spyOn(shelf, 'accept');
  const [sender, broken, behind] = [await member(), await member(shelf), await member()];
  await meet(sender.host, broken.host);
  await meet(broken.host, behind.host);
  accept.mockRejectedValue(new Error('the disk is gone'));
  const records = Array.from({ length: 3 }, () => channelRecord(newKey(), 1));
  sendRaw(sender.host, broken.host, records);
  await vi.waitFor(() => expect(accept).toHaveBeenCalledTimes(3), { timeout: 10_000 });
  const honest = channelRecord(newKey(), 1);
  await broken.gossip.publish(honest);
  await arrives(behind.shelf, honest);
  expect(behind.shelf.asked).toBe(1);
  expect(insides(broken.host).getScore(sender.host.peerId)).toBeGreaterThanOrEqual(0);
});
