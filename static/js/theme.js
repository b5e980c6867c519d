// Runs before the first paint: the remembered choice, else what the system says.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const read = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const apply = () => {
    document.documentElement.dataset.bsTheme = read() ?? (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", apply);

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const other = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      // Back to what the system says means following it again.
      if (other === (system.matches ? "dark" : "light")) localStorage.removeItem("theme");
      else localStorage.setItem("theme", other);
      apply();
    } catch {
      document.documentElement.dataset.bsTheme = other;
    }
  });
})();
