'use strict';
// Sets light or dark before anything is drawn. Without a choice of the person
// it follows the machine, also when that changes.
(() => {
  const machine = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const chosen = localStorage.getItem('theme');
    const dark = chosen ? chosen === 'dark' : machine.matches;
    document.documentElement.classList.toggle('dark', dark);
  };
  machine.addEventListener('change', apply);
  addEventListener('storage', apply); // chosen in another tab
  apply();
})();
