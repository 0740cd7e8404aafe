'use strict';
// What every page does. Each part minds its own business, on the document, so
// that what is swapped in later works without being told.
import { localize } from './time.js';
import { watchDialogs } from './dialog.js';
import { watchMenus } from './menu.js';
import { watchLive } from './live.js';
import { watchForms } from './form.js';
import { watchSaving } from './save.js';
import { watchReview } from './review.js';
import { watchUploads } from './upload.js';
import { toast } from './toast.js';

localize(document);
watchMenus();
watchDialogs();
watchForms();
watchSaving();
watchLive();
watchReview();
watchUploads();
watchErrors();
watchTheme();
watchSidebar();
watchKeys();

document.addEventListener('htmx:load', (event) => localize(event.detail.elt));

// Addresses without empty parameters read better.
document.addEventListener('htmx:configRequest', ({ detail }) => {
  if (detail.verb !== 'get') return;
  for (const name of [...detail.parameters.keys()]) {
    if (!detail.parameters.getAll(name).some(Boolean)) detail.parameters.delete(name);
  }
  if (detail.parameters.get('sort') === '-created_at') detail.parameters.delete('sort');
});

function watchErrors() {
  document.addEventListener('htmx:responseError', ({ detail: { xhr } }) => {
    if (xhr.status === 401) {
      location.reload();
      return;
    }
    const text = xhr.getResponseHeader('Content-Type')?.startsWith('text/plain') && xhr.responseText;
    toast(text || `The server answered with an error (${xhr.status}).`, 'wrong');
  });
  document.addEventListener('htmx:sendError', () => {
    toast('The server cannot be reached. Nothing was changed.', 'wrong');
  });
}

function watchTheme() {
  const button = document.getElementById('theme');
  if (!button) return;
  const root = document.documentElement;
  const say = () => button.setAttribute('aria-pressed', root.classList.contains('dark'));
  button.addEventListener('click', () => {
    const dark = root.classList.toggle('dark');
    localStorage.setItem('theme', dark ? 'dark' : 'light');
    say();
  });
  say();
}

// In a narrow window the sidebar is a drawer.
function watchSidebar() {
  const button = document.getElementById('open-sidebar');
  const sidebar = document.getElementById('sidebar');
  if (!button) return;
  const narrow = matchMedia('(max-width: 767px)');
  const open = (yes) => {
    sidebar.classList.toggle('open', yes);
    sidebar.inert = narrow.matches && !yes;
    button.setAttribute('aria-expanded', yes);
    if (yes) sidebar.querySelector('a').focus();
  };
  narrow.addEventListener('change', () => open(false));
  button.addEventListener('click', () => open(true));
  sidebar.addEventListener('click', (event) => {
    if (event.target === sidebar) open(false);
  });
  sidebar.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && sidebar.classList.contains('open')) {
      open(false);
      button.focus();
    }
  });
  sidebar.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !sidebar.contains(event.relatedTarget)) open(false);
  });
  open(false);
}

// A slash goes to the search.
function watchKeys() {
  document.addEventListener('keydown', (event) => {
    const search = document.getElementById('search');
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || !search) return;
    if (event.target.closest('input, textarea, select, dialog')) return;
    event.preventDefault();
    search.focus();
    search.select();
  });
}
