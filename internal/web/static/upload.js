'use strict';
// Large files on their way to the server: how far they have come.
export function watchUploads() {
  document.addEventListener('htmx:xhr:progress', ({ target, detail }) => {
    const form = target.closest?.('[data-upload]');
    if (form && detail.lengthComputable) show(form, detail.loaded, detail.total);
  });
  document.addEventListener('change', ({ target }) => {
    const form = target.type === 'file' && target.closest('[data-upload]');
    if (form) answered(form)?.replaceChildren(); // it was said of another file, and chosen for it
  }, { capture: true });
  document.addEventListener('htmx:configRequest', ({ target, detail }) => {
    if (!target.closest?.('[data-upload]')) return;
    const files = detail.formData.getAll('file');
    detail.formData.delete('file'); // they go last: the server has to know the rest before them
    for (const file of files) detail.formData.append('file', file);
  });
  document.addEventListener('htmx:beforeRequest', ({ target, detail }) => {
    const form = target.closest?.('[data-upload]');
    if (!form) return;
    if (!answered(form)?.contains(target)) answered(form)?.replaceChildren();
    show(form, 0, 1);
    warned = detail.xhr;
  });
  document.addEventListener('htmx:afterRequest', ({ target, detail }) => {
    const form = target.closest?.('[data-upload]');
    if (!form || detail.xhr !== warned) return;
    warned = null;
    form.querySelector('[data-progress]').hidden = true;
    const done = detail.xhr.getResponseHeader('HX-Retarget') === '#said';
    if (done) answered(form)?.replaceChildren();
    if (done || !('keep' in form.dataset) || answered(form)?.querySelector('[data-done]')) forget(form);
  });
  addEventListener('beforeunload', (event) => warned && event.preventDefault());
}

let warned = null; // the request that would be lost with the page

// answered is where the answer to a form is shown.
const answered = (form) => document.querySelector(form.getAttribute('hx-target'));

// forget forgets the file that was chosen, and where it was kept the rest of the
// form too.
function forget(form) {
  const input = form.querySelector('input[type="file"]');
  input.value = '';
  input.closest('.drop').querySelector('[data-chosen]').textContent = '';
  if ('keep' in form.dataset) form.reset();
  if (document.activeElement === document.body) input.focus(); // what had it is gone
}

function show(form, loaded, total) {
  const bar = form.querySelector('[data-progress]');
  const part = Math.min(loaded / total, 1);
  bar.hidden = false;
  bar.querySelector('progress').value = part;
  const text = part < 1 ? `${Math.floor(part * 100)} %` : 'Finishing…';
  const said = bar.querySelector('[role="status"]');
  if (said.textContent !== text) said.textContent = text;
}
