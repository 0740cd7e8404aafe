'use strict';
// Small services of forms: characters are counted, secrets copied, files dropped.
export function watchForms() {
  document.addEventListener('input', (event) => count(event.target));
  document.addEventListener('htmx:load', ({ detail }) => {
    detail.elt.querySelectorAll?.('[data-counter]').forEach(count);
  });
  document.querySelectorAll('[data-counter]').forEach(count);
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy]');
    if (button) copy(button);
    if (event.target.closest('[data-print]')) print();
  });
  document.addEventListener('change', (event) => event.target.type === 'file' && chosen(event.target));
  for (const kind of ['dragover', 'dragleave', 'drop']) document.addEventListener(kind, drag);
}

// chosen shows which file was chosen.
function chosen(input) {
  const shown = input.closest('.drop')?.querySelector('[data-chosen]');
  if (shown) shown.textContent = [...input.files].map((file) => file.name).join(', ');
}

// drag lets a file be dropped where one can be chosen, and nowhere else, for
// the browser would leave the page for it.
function drag(event) {
  if (!event.dataTransfer?.types.includes('Files')) return;
  event.preventDefault();
  const place = event.target.closest?.('.drop');
  place?.classList.toggle('over', event.type === 'dragover');
  const input = place?.querySelector('input[type="file"]');
  if (event.type !== 'drop' || !input) return;
  if (event.dataTransfer.files.length !== 1 && !input.multiple) return;
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

// count counts as the server does: characters, not units of UTF-16.
function count(area) {
  if (!area.dataset?.counter) return;
  const counter = document.getElementById(area.dataset.counter);
  const used = [...area.value.trim()].length;
  const max = Number(area.dataset.max);
  counter.textContent = `${used} / ${max}`;
  counter.classList.toggle('over', used > max);
  area.setCustomValidity(used > max ? `At most ${max} characters.` : '');
}

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand('copy'); // without HTTPS there is no other way
  }
  button.lastElementChild.textContent = 'Copied';
}
