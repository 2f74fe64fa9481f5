/** Moves the focus with the arrow keys, as a remote control does: to the nearest target in that direction. */

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
export type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

const directions: readonly string[] = [
  'ArrowLeft',
  'ArrowRight',
  'ArrowUp',
  'ArrowDown',
] satisfies Direction[];
const targets = 'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), summary';
/** Being out of line counts this many times as much as being far. */
const SIDEWAYS = 1.5;

/** Index of the box to go to, or -1 when none lies that way. */
export function nextInDirection(from: Box, boxes: readonly Box[], direction: Direction): number {
  const distances = boxes.map((box) => distance(from, box, direction));
  const nearest = Math.min(...distances);
  return Number.isFinite(nearest) ? distances.indexOf(nearest) : -1;
}

function distance(from: Box, to: Box, direction: Direction): number {
  const horizontal = direction === 'ArrowLeft' || direction === 'ArrowRight';
  const ahead = {
    ArrowLeft: from.left - to.right,
    ArrowRight: to.left - from.right,
    ArrowUp: from.top - to.bottom,
    ArrowDown: to.top - from.bottom,
  }[direction];
  // A little overlap is still "that way": cards may touch, and focus rings grow them.
  if (ahead < -4) return Number.POSITIVE_INFINITY;
  const aside = horizontal
    ? gap(from.top, from.bottom, to.top, to.bottom)
    : gap(from.left, from.right, to.left, to.right);
  return Math.max(0, ahead) + SIDEWAYS * aside;
}

function gap(a1: number, a2: number, b1: number, b2: number): number {
  return Math.max(0, b1 - a2, a1 - b2);
}

/** Listens from now on. Keys that something else needs (text, the player, an open list) are left alone. */
export function startSpatialFocus(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!isDirection(event.key)) return;
    const active = document.activeElement ?? document.body;
    if (needsKey(active, event.key)) return;
    const found = [...document.querySelectorAll<HTMLElement>(targets)].filter(isShown);
    const from =
      active === document.body || active.id === 'main' ? pageTop() : active.getBoundingClientRect();
    const others = found.filter((element) => element !== active);
    const next =
      others[
        nextInDirection(
          from,
          others.map((o) => o.getBoundingClientRect()),
          event.key,
        )
      ];
    if (next === undefined) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
}

function isDirection(key: string): key is Direction {
  return directions.includes(key);
}

function needsKey(active: Element, key: Direction): boolean {
  if (active.closest('media-player'))
    return !isRemoteControl() || key === 'ArrowLeft' || key === 'ArrowRight';
  if (active instanceof HTMLInputElement) {
    if (active.type === 'radio') return true;
    return (key === 'ArrowLeft' || key === 'ArrowRight') && active.value !== '';
  }
  return active instanceof HTMLSelectElement || active instanceof HTMLTextAreaElement;
}

/** Where there is no pointer, up and down must lead out of the player; elsewhere they are its volume. */
export function isRemoteControl(): boolean {
  return matchMedia('(hover: none) and (min-width: 1200px)').matches;
}

function pageTop(): Box {
  const middle = window.innerWidth / 2;
  return { left: middle, right: middle, top: -1, bottom: -1 };
}

function isShown(element: HTMLElement): boolean {
  return !element.closest('media-player') && element.getClientRects().length > 0 && element.tabIndex >= 0;
}
