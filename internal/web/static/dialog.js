'use strict';
// The one dialog of a page. What is put into it opens it; the browser keeps
// the focus inside, and it goes back to where it was.
import { toast } from './toast.js';
import { refresh } from './live.js';

let opener = null; // what had the focus before

const dialog = () => document.getElementById('dialog');

// openDialog asks for what is at path and shows it in the dialog.
export function openDialog(path, from) {
  opener = from ?? document.activeElement;
  htmx.ajax('GET', path, { target: '#dialog', swap: 'innerHTML' });
}

export function watchDialogs() {
  const box = dialog();
  if (!box) return;
  document.addEventListener('htmx:beforeRequest', ({ detail }) => {
    if (detail.target === box && !box.open && !opener) opener = detail.elt;
  });
  document.addEventListener('htmx:afterSwap', ({ detail }) => {
    if (detail.target === box) show(box);
    if (detail.target.id === 'said') said(detail.target);
  });
  document.addEventListener('click', (event) => {
    const sheet = event.target === box && box.querySelector('.sheet');
    if (event.target.closest('[data-close]') || sheet) leave(box);
  });
  box.addEventListener('close', () => {
    box.replaceChildren();
    if (opener?.isConnected) opener.focus();
    else document.getElementById('main').focus();
    opener = null;
  });
}

// leave closes the dialog; where it is a page of its own, it goes back.
function leave(box) {
  if (box.open) box.close();
  else history.back();
}

function show(box) {
  if (!box.open) box.showModal();
  const first = box.querySelector('[aria-invalid="true"]') ?? box.querySelector('[autofocus]') ??
    box.querySelector('[data-close]');
  first?.focus();
  if (first?.matches('[readonly]')) first.select();
  if (box.querySelector('[data-made]')) refresh(); // something was made and stays in view
}

// said tells what was done, closes the dialog, and shows what became of it.
function said(element) {
  const text = element.textContent.trim();
  element.replaceChildren();
  if (dialog().open) dialog().close();
  toast(text);
  refresh();
}
