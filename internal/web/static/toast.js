'use strict';
// A few words in the corner, for a few seconds.
export function toast(text, kind = 'done') {
  const box = document.createElement('p');
  box.className = 'toast';
  box.dataset.kind = kind;
  box.textContent = text;
  const close = document.createElement('button');
  close.type = 'button';
  close.setAttribute('aria-label', 'Close');
  close.textContent = '×';
  close.addEventListener('click', () => box.remove());
  box.append(close);
  document.getElementById('toasts')?.append(box);
  setTimeout(() => box.remove(), kind === 'wrong' ? 12000 : 6000);
}
