/** The viewer's choice: give to other viewers, only take from them, or have nothing to do with them. Kept in the browser. */
import type { Memory } from '../verify/seen-memory.ts';

export const sharingModes = ['share', 'take', 'alone'] as const;
/** `share`: up and down. `take`: down only. `alone`: no connection to other viewers at all. */
export type SharingMode = (typeof sharingModes)[number];

const MODE = 'heliograph.sharing';
const TOLD = 'heliograph.sharing-told';

export function readSharing(memory: Memory): SharingMode {
  const kept = memory.getItem(MODE);
  return sharingModes.find((mode) => mode === kept) ?? 'share';
}

export function keepSharing(memory: Memory, mode: SharingMode): void {
  memory.setItem(MODE, mode);
}

/** Whether this viewer has been told, once, that other viewers can see their network address. */
export function wasToldOfSharing(memory: Memory): boolean {
  return memory.getItem(TOLD) === 'yes';
}

export function keepToldOfSharing(memory: Memory): void {
  memory.setItem(TOLD, 'yes');
}

/** The same choice in p2p-media-loader's words. */
export function sharingConfig(mode: SharingMode): { isP2PDisabled: boolean; isP2PUploadDisabled: boolean } {
  return { isP2PDisabled: mode === 'alone', isP2PUploadDisabled: mode !== 'share' };
}
