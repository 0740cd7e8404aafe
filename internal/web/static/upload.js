'use strict';
// Large files on their way to the server: how far they have come.
export function watchUploads() {
  document.addEventListener('htmx:xhr:progress', ({ target, detail }) => {
    const form = target.closest?.('[data-upload]');
    if (form && detail.lengthComputable) show(form, detail.loaded, detail.total);
  });
  document.addEventListener('htmx:beforeRequest', ({ target, detail }) => {
    if (!target.matches?.('[data-upload]')) return;
    document.querySelector(target.getAttribute('hx-target'))?.replaceChildren();
    show(target, 0, 1);
    warned = detail.xhr;
  });
  document.addEventListener('htmx:afterRequest', ({ target, detail }) => {
    if (!target.matches?.('[data-upload]') || detail.xhr !== warned) return;
    warned = null;
    target.querySelector('[data-progress]').hidden = true;
    const input = target.querySelector('input[type="file"]');
    input.value = '';
    input.closest('.drop').querySelector('[data-chosen]').textContent = '';
  });
  addEventListener('beforeunload', (event) => warned && event.preventDefault());
}

let warned = null; // the request that would be lost with the page

function show(form, loaded, total) {
  const bar = form.querySelector('[data-progress]');
  const part = Math.min(loaded / total, 1);
  bar.hidden = false;
  bar.querySelector('progress').value = part;
  const text = part < 1 ? `${Math.floor(part * 100)} %` : 'Finishing…';
  const said = bar.querySelector('[role="status"]');
  if (said.textContent !== text) said.textContent = text;
}
