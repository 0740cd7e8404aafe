'use strict';
// The page Review by keys: j and k go from finding to finding, c confirms the
// one that has the focus, r releases it, and the next one gets the focus.

const answered = new Set(); // ids of findings whose answer is under way

const rows = () => [...document.querySelectorAll('[data-finding]')];
const open = () => rows().filter((row) => !answered.has(row.id));
const here = () => document.activeElement?.closest('[data-finding]');

export function watchReview() {
  document.addEventListener('keydown', press);
  document.addEventListener('htmx:beforeRequest', ({ detail }) => {
    const row = rowOf(detail.elt);
    if (row) leave(row);
  });
  document.addEventListener('htmx:afterRequest', ({ detail }) => {
    const row = rowOf(detail.elt);
    if (row && !detail.successful) back(row);
  });
  new MutationObserver(settle).observe(document.getElementById('main') ?? document.body, {
    childList: true, subtree: true,
  });
}

const rowOf = (element) => element?.querySelector?.('[data-answer]') && element.closest('[data-finding]');

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !rows().length) return;
  if (event.target.closest('input, textarea, select, dialog, [role="menu"]')) return;
  const arrows = here() !== null && here() !== undefined;
  switch (event.key) {
    case 'j': go(1); break;
    case 'k': go(-1); break;
    case 'ArrowDown': if (!arrows) return; go(1); break;
    case 'ArrowUp': if (!arrows) return; go(-1); break;
    case 'c': case 'r': answer(event.key); break;
    default: return;
  }
  event.preventDefault();
}

// go moves on by so many findings; where none has the focus, to the first.
function go(by) {
  const all = open();
  const at = all.indexOf(here());
  show(all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]);
}

function show(row) {
  if (!row) return;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
}

// answer presses the button of the finding that has the focus. Where none has,
// the first gets it, so that nobody answers what they have not seen.
function answer(key) {
  const row = here();
  if (!row || answered.has(row.id)) return go(0);
  row.querySelector(`[data-answer="${key}"]`)?.click();
}

// leave turns to the next finding while the answer to row is under way.
function leave(row) {
  const all = open();
  const at = all.indexOf(row);
  answered.add(row.id);
  row.classList.add('answered');
  if (row.contains(document.activeElement)) show(all[at + 1] ?? all[at - 1]);
}

function back(row) {
  answered.delete(row.id);
  row.classList.remove('answered');
}

// settle forgets findings that are answered and gone, or stay without buttons;
// where the last one went, the words that none is left get the focus.
function settle() {
  for (const id of answered) {
    const row = document.getElementById(id);
    if (row?.querySelector('[data-answer]')) continue;
    answered.delete(id);
    row?.classList.remove('answered');
    if (document.activeElement === document.body) {
      show(open()[0] ?? document.getElementById('reviewed'));
    }
  }
}
