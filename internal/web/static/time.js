'use strict';
// Times come in UTC and are shown in the browser's own zone.
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

export function localize(root) {
  for (const time of root.querySelectorAll?.('time[datetime]') ?? []) {
    const shown = 'clock' in time.dataset ? clock : date;
    time.textContent = shown.format(new Date(time.dateTime));
  }
}
