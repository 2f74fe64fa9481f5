/** How much each address is being sent, so that while memory is short those who hold much wait and all others do not. */
import { HeliographError } from '../errors.ts';

export interface ReaderSharesOptions {
  /** Bytes on their way that any address may have, however short memory is. */
  share: number;
  /** Whether memory for slow readers is short just now. */
  pressed: () => boolean;
}

export function createReaderShares({ share, pressed }: ReaderSharesOptions) {
  const sending = new Map<string, number>();
  let refused = 0;

  return {
    /** Throws `too-many-requests` when memory is short and this address holds more than its share of it. */
    admit(address: string): void {
      if (!pressed() || (sending.get(address) ?? 0) <= share) return;
      refused += 1;
      throw new HeliographError('too-many-requests', 'take what you asked for before you ask for more');
    },

    /** Says that so many bytes are on their way to an address. */
    begin(address: string, bytes: number): void {
      sending.set(address, (sending.get(address) ?? 0) + bytes);
    },

    /** Says that they are no more. */
    end(address: string, bytes: number): void {
      const left = (sending.get(address) ?? 0) - bytes;
      if (left > 0) sending.set(address, left);
      else sending.delete(address);
    },

    counts: () => ({ addresses: sending.size, refused }),
  };
}

export type ReaderShares = ReturnType<typeof createReaderShares>;
