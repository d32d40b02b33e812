// Dark or light as it was chosen, before anything is drawn. What the choices look like is style.css's.
(() => {
  try {
    const chosen = localStorage.getItem('tidings.theme');
    if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;
  } catch {
    // A browser that keeps nothing shows what its owner's system says.
  }
})();
