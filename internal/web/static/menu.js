'use strict';
// Menus: a button with data-menu opens the menu of that id. Arrow keys, Home,
// End and letters move in it, Escape and Tab leave it. A menu of a table's
// rows is there once, and is told the row by the button's data-base.
import { openDialog } from './dialog.js';

let opener = null; // the button whose menu is open

export function watchMenus() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-menu]');
    if (button) {
      const menu = document.getElementById(button.dataset.menu);
      const again = opener === button;
      close(opener);
      if (!again) open(button, menu);
      return;
    }
    const item = event.target.closest('[role^="menuitem"]');
    if (item) choose(item);
    else if (opener && !event.target.closest('[popover]')) close(opener);
  });
  document.addEventListener('keydown', (event) => {
    const menu = event.target.closest('[role="menu"]');
    if (menu) move(menu, event);
    else if (event.key === 'ArrowDown') openByKey(event);
  });
  addEventListener('resize', () => close(opener));
  document.addEventListener('scroll', () => opener && place(opener, menuOf(opener)), true);
}

const menuOf = (button) => document.getElementById(button.dataset.menu);
const items = (menu) => [...menu.querySelectorAll('[role^="menuitem"]')];

function openByKey(event) {
  const button = event.target.closest('[data-menu]');
  if (!button) return;
  event.preventDefault();
  open(button, menuOf(button));
}

function open(button, menu) {
  opener = button;
  menu.dataset.base = button.dataset.base ?? '';
  menu.showPopover();
  place(button, menu);
  button.setAttribute('aria-expanded', 'true');
  (menu.querySelector('[aria-checked="true"]') ?? items(menu)[0])?.focus();
}

function close(button, focus = false) {
  if (!button) return;
  opener = null;
  button.setAttribute('aria-expanded', 'false');
  const menu = menuOf(button);
  if (menu?.matches(':popover-open')) menu.hidePopover();
  if (focus) button.focus();
}

// place puts the menu under its button, or above it where there is no room.
function place(button, menu) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const right = at.left + width > innerWidth - 8;
  const left = right ? Math.max(8, at.right - width) : at.left;
  const below = at.bottom + 4;
  const top = below + height > innerHeight - 8 ? Math.max(8, at.top - height - 4) : below;
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}

function choose(item) {
  const button = opener;
  const { base } = item.closest('[role="menu"]').dataset;
  close(button, true);
  if (item.dataset.open !== undefined) openDialog(base + item.dataset.open, button);
}

function move(menu, event) {
  const all = items(menu);
  const here = all.indexOf(document.activeElement);
  const last = all.length - 1;
  let to = -1;
  switch (event.key) {
    case 'ArrowDown': to = here === last ? 0 : here + 1; break;
    case 'ArrowUp': to = here <= 0 ? last : here - 1; break;
    case 'Home': to = 0; break;
    case 'End': to = last; break;
    case 'Escape':
      event.preventDefault();
      close(opener, true);
      return;
    case 'Tab':
      close(opener, true);
      return;
    case ' ':
      event.preventDefault();
      document.activeElement.click();
      return;
    default:
      if (event.key.length !== 1 || event.ctrlKey || event.metaKey) return;
      to = all.findIndex((item) => item.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()));
      if (to < 0) return;
  }
  event.preventDefault();
  all[to].focus();
}
