'use strict';
// Sections of the wizard are saved as one goes: what the server answers is
// merged into the page, so that what is being typed meanwhile stays.
import { mergePart } from './live.js';

const part = 'setup'; // the id of what the answer is about

export function watchSaving() {
  document.addEventListener('htmx:configRequest', ({ detail }) => {
    // A change does nothing else, though the button clicked before has the focus.
    if (isSaving(detail.elt) && detail.triggeringEvent?.type === 'change') detail.parameters.delete('do');
  });
  document.addEventListener('htmx:beforeRequest', ({ detail }) => {
    if (isSaving(detail.elt)) say('Saving…');
  });
  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    if (!isSaving(detail.requestConfig?.elt)) return;
    const { status, responseText } = detail.xhr;
    if (status !== 200 && status !== 422) {
      say('Not saved', 'wrong');
      return;
    }
    detail.shouldSwap = false;
    const list = document.activeElement?.closest('[data-list]');
    mergePart(responseText, part);
    if (list && document.activeElement === document.body) {
      list.querySelector('[data-add]')?.focus(); // what had the focus was removed
    }
    say(status === 200 ? 'Saved' : 'Not saved: see above', status === 200 ? '' : 'wrong');
  });
  document.addEventListener('htmx:sendError', ({ detail }) => {
    if (isSaving(detail.elt)) say('Not saved', 'wrong');
  });
  document.addEventListener('htmx:afterSwap', ({ detail }) => {
    if (detail.target.querySelector?.(':scope > [data-done]')) detail.target.closest('form')?.reset();
  });
}

const isSaving = (element) => element?.matches?.('[data-save]');

function say(text, kind = '') {
  const saved = document.getElementById('saved');
  if (!saved) return;
  saved.textContent = text;
  saved.dataset.kind = kind;
}
