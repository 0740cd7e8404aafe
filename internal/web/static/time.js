'use strict';
// Times come in UTC and are shown in the browser's own zone.
const shown = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function localize(root) {
  for (const time of root.querySelectorAll?.('time[datetime]') ?? []) {
    time.textContent = shown.format(new Date(time.dateTime));
  }
}
