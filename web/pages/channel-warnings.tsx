/** What a viewer should be warned of about a channel: a clock turned back, a key in two hands. */
import { Notice } from '../frame/notice.tsx';
import type { ChannelState } from '../verify/channel-state.ts';

export function ChannelWarnings({ state }: { state: ChannelState }) {
  return (
    <>
      {state.rolledBack && (
        <Notice tone="warn" title="This may be out of date">
          What this gateway sends is older than what this browser has seen of this channel before. The gateway
          may be behind, or holding something back.
        </Notice>
      )}
      {state.forked && (
        <Notice tone="warn" title="Somebody else may have this channel’s key">
          Two records that contradict each other carry this channel’s signature.
        </Notice>
      )}
    </>
  );
}
