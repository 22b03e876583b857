// Keys by their place on the keyboard, so that they work whatever language is typed.
import { acknowledgeTop, clearSelection, moveInQueue, openSelected, togglePanel } from './act';
import { store } from './store';
import type { Key } from './words';

interface Binding { code: string; shift?: boolean; does: () => void; caption: string; help: Key }

export const BINDINGS: readonly Binding[] = [
  { code: 'Space', does: acknowledgeTop, caption: 'Space', help: 'help.space' },
  { code: 'KeyJ', does: () => moveInQueue(1), caption: 'J', help: 'help.jk' },
  { code: 'KeyK', does: () => moveInQueue(-1), caption: 'K', help: 'help.jk' },
  { code: 'Enter', does: openSelected, caption: 'Enter', help: 'help.enter' },
  { code: 'KeyF', does: () => togglePanel('find'), caption: 'F', help: 'help.find' },
  { code: 'KeyL', does: () => togglePanel('layers'), caption: 'L', help: 'help.layers' },
  { code: 'KeyH', does: () => document.dispatchEvent(new Event('detente-home')), caption: 'H', help: 'help.home' },
  { code: 'Escape', does: escape, caption: 'Esc', help: 'help.escape' },
  { code: 'Slash', shift: true, does: () => togglePanel('help'), caption: '?', help: 'help.help' },
];

function escape(): void {
  if (isField(document.activeElement) && document.activeElement instanceof HTMLElement) document.activeElement.blur();
  if (!store.panel) return clearSelection();
  store.panel = null;
  store.changed('view');
}

const isField = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches('input, textarea, select');
// Space and Enter press the button that has the focus; they are not ours then. An alert's row is
// opened by Enter, and leaves Space to what it means everywhere.
function isPressed(code: string, target: EventTarget | null): boolean {
  if (code !== 'Space' && code !== 'Enter') return false;
  const button = target instanceof HTMLElement ? target.closest('button, a') : null;
  return button !== null && !(code === 'Space' && button.matches('.alert-open'));
}

export function listenToKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (isField(event.target) && event.code !== 'Escape') return;
    if (isPressed(event.code, event.target)) return;
    const binding = BINDINGS.find((b) => b.code === event.code && (b.shift === undefined || b.shift === event.shiftKey));
    if (!binding || (event.repeat && event.code === 'Space')) return;
    event.preventDefault();
    binding.does();
  });
}
