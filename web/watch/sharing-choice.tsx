/** The switch “Share while I watch”, what it means, and the way to have nothing to do with other viewers at all. */
import { useState } from 'preact/hooks';
import { keepToldOfSharing, type SharingMode, wasToldOfSharing } from '../player/sharing.ts';

interface SharingChoiceProps {
  mode: SharingMode;
  onChoose: (mode: SharingMode) => void;
}

export function SharingChoice({ mode, onChoose }: SharingChoiceProps) {
  const [told, setTold] = useState(() => wasToldOfSharing(localStorage));
  const understood = () => {
    keepToldOfSharing(localStorage);
    setTold(true);
  };
  const choose = (next: SharingMode) => {
    understood();
    onChoose(next);
  };
  return (
    <div class="sharing">
      <label class="switch">
        <input
          type="checkbox"
          role="switch"
          aria-checked={mode === 'share'}
          checked={mode === 'share'}
          disabled={mode === 'alone'}
          onChange={(event) => choose(event.currentTarget.checked ? 'share' : 'take')}
        />
        <span class="switch-track" aria-hidden="true" />
        <span>Share while I watch</span>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={mode === 'alone'}
          onChange={(event) => choose(event.currentTarget.checked ? 'alone' : 'share')}
        />
        <span>No peer-to-peer at all</span>
      </label>
      <p class="sharing-why">{explanation(mode)}</p>
      {!told && mode !== 'alone' && (
        <button type="button" class="button button-small" onClick={understood}>
          I understand
        </button>
      )}
    </div>
  );
}

function explanation(mode: SharingMode): string {
  if (mode === 'alone') {
    return 'Everything comes from nodes. No other viewer learns of you, and you help nobody watch.';
  }
  const seen = 'Viewers of the same film connect to each other, so they can see your network address.';
  return mode === 'share'
    ? `${seen} You pass on to them what you have watched.`
    : `${seen} You take from them but give nothing.`;
}
