'use strict';
// Small services of forms: characters are counted, secrets copied.
export function watchForms() {
  document.addEventListener('input', (event) => count(event.target));
  document.addEventListener('htmx:load', ({ detail }) => {
    detail.elt.querySelectorAll?.('[data-counter]').forEach(count);
  });
  document.querySelectorAll('[data-counter]').forEach(count);
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy]');
    if (button) copy(button);
  });
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
