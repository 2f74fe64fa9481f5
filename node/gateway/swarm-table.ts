/** Which peers are in which viewer swarm, each bound to the connection it came by; an empty swarm takes no room. */

/** Who may speak for a peer: its connection. */
export interface Member<C> {
  readonly peerId: string;
  readonly connection: C;
  /** Has all of it, as the peer says. */
  complete: boolean;
}

interface Swarm<C> {
  byPeer: Map<string, Member<C>>;
  /** The same members, for picking at random. */
  list: Member<C>[];
  complete: number;
}

export interface SwarmTableOptions {
  maxPeersPerSwarm: number;
  maxSwarmsPerConnection: number;
}

export type JoinResult<C> =
  | { outcome: 'joined'; member: Member<C> }
  | { outcome: 'taken'; by: C }
  | { outcome: 'full' };

export function createSwarmTable<C extends object>(options: SwarmTableOptions) {
  const swarms = new Map<string, Swarm<C>>();
  const joined = new Map<C, Map<string, Set<string>>>();
  let peers = 0;

  function add(swarm: Swarm<C>, infoHash: string, member: Member<C>): void {
    swarm.byPeer.set(member.peerId, member);
    swarm.list.push(member);
    if (member.complete) swarm.complete += 1;
    peers += 1;
    const own = joined.get(member.connection) ?? new Map<string, Set<string>>();
    joined.set(member.connection, own);
    const ids = own.get(infoHash) ?? new Set();
    own.set(infoHash, ids.add(member.peerId));
  }

  function remove(infoHash: string, member: Member<C>): void {
    const swarm = swarms.get(infoHash);
    if (swarm === undefined || !swarm.byPeer.delete(member.peerId)) return;
    const at = swarm.list.indexOf(member);
    const last = swarm.list.pop();
    if (last !== undefined && last !== member) swarm.list[at] = last;
    if (member.complete) swarm.complete -= 1;
    peers -= 1;
    if (swarm.list.length === 0) swarms.delete(infoHash);
    const own = joined.get(member.connection);
    const ids = own?.get(infoHash);
    ids?.delete(member.peerId);
    if (ids?.size === 0) own?.delete(infoHash);
    if (own?.size === 0) joined.delete(member.connection);
  }

  function own(connection: C, infoHash: string, peerId: string): Member<C> | undefined {
    const member = swarms.get(infoHash)?.byPeer.get(peerId);
    return member?.connection === connection ? member : undefined;
  }

  return {
    /** Joins, or says again that it is there. A peer id that came by another connection stays that one's. */
    join(connection: C, infoHash: string, peerId: string): JoinResult<C> {
      const swarm = swarms.get(infoHash) ?? { byPeer: new Map(), list: [], complete: 0 };
      const known = swarm.byPeer.get(peerId);
      if (known !== undefined) {
        if (known.connection !== connection) return { outcome: 'taken', by: known.connection };
        return { outcome: 'joined', member: known };
      }
      const held = joined.get(connection);
      const spread = [...(held?.values() ?? [])].reduce((sum, ids) => sum + ids.size, 0);
      if (spread >= options.maxSwarmsPerConnection || swarm.list.length >= options.maxPeersPerSwarm) {
        return { outcome: 'full' };
      }
      swarms.set(infoHash, swarm);
      const member: Member<C> = { peerId, connection, complete: false };
      add(swarm, infoHash, member);
      return { outcome: 'joined', member };
    },

    complete(connection: C, infoHash: string, peerId: string): void {
      const member = own(connection, infoHash, peerId);
      if (member === undefined || member.complete) return;
      member.complete = true;
      const swarm = swarms.get(infoHash);
      if (swarm) swarm.complete += 1;
    },

    /** Takes a peer out; only its own connection can. */
    part(connection: C, infoHash: string, peerId: string): void {
      const member = own(connection, infoHash, peerId);
      if (member !== undefined) remove(infoHash, member);
    },

    /** Takes every peer of a connection out. */
    leave(connection: C): void {
      for (const [infoHash, ids] of [...(joined.get(connection) ?? [])]) {
        for (const peerId of [...ids]) {
          const member = own(connection, infoHash, peerId);
          if (member !== undefined) remove(infoHash, member);
        }
      }
    },

    own,

    find(infoHash: string, peerId: string): Member<C> | undefined {
      return swarms.get(infoHash)?.byPeer.get(peerId);
    },

    /** Up to `count` members on other connections, from a place chosen by `random` (0 ≤ random < 1). */
    others(connection: C, infoHash: string, count: number, random: number): Member<C>[] {
      const list = swarms.get(infoHash)?.list ?? [];
      const picked: Member<C>[] = [];
      const first = Math.floor(random * list.length);
      for (let i = 0; i < list.length && picked.length < count; i++) {
        const member = list[(first + i) % list.length];
        if (member !== undefined && member.connection !== connection) picked.push(member);
      }
      return picked;
    },

    /** Peers that have everything, and all others. */
    tally(infoHash: string): { complete: number; incomplete: number } {
      const swarm = swarms.get(infoHash);
      if (swarm === undefined) return { complete: 0, incomplete: 0 };
      return { complete: swarm.complete, incomplete: swarm.list.length - swarm.complete };
    },

    has: (infoHash: string) => swarms.has(infoHash),
    counts: () => ({ swarms: swarms.size, peers, connections: joined.size }),
  };
}

export type SwarmTable<C extends object> = ReturnType<typeof createSwarmTable<C>>;
