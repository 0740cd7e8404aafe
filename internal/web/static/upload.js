'use strict';
// Large files on their way to the server: how far they have come.
export function watchUploads() {
  document.addEventListener('htmx:xhr:progress', ({ target, detail }) => {
    const form = target.closest?.('[data-upload]');
    if (form && detail.lengthComputable) show(form, detail.loaded, detail.total);
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
    if (!('keep' in form.dataset) || done) forget(form);
  });
  addEventListener('beforeunload', (event) => warned && event.preventDefault());
}

let warned = null; // the request that would be lost with the page

// answered is where the answer to a form is shown.
const answered = (form) => document.querySelector(form.getAttribute('hx-target'));

// forget forgets the file that was chosen, and where it was kept what was said of
// it and the rest of the form.
function forget(form) {
  const input = form.querySelector('input[type="file"]');
  input.value = '';
  input.closest('.drop').querySelector('[data-chosen]').textContent = '';
  if (!('keep' in form.dataset)) return;
  form.reset();
  answered(form)?.replaceChildren();
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
