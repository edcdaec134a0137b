(() => {
  const root = document.documentElement;
  const stored = (name) => { try { return localStorage.getItem("tierhouse-" + name); } catch { return null; } };
  const store = (name, value) => { try { localStorage.setItem("tierhouse-" + name, value); } catch { /* private window */ } };
  const chinese = (navigator.language || "").toLowerCase().startsWith("zh");
  const choose = (name, value) => {
    const option = document.getElementById(name + "-" + value);
    if (option) option.checked = true;
    if (name === "language") root.lang = value === "zh" ? "zh-CN" : "en";
  };
  choose("language", stored("language") || (chinese ? "zh" : "en"));
  choose("theme", stored("theme") || "auto");
  document.addEventListener("change", ({ target }) => {
    if (target.name === "language" || target.name === "theme") {
      choose(target.name, target.value);
      store(target.name, target.value);
    }
  });

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);
  document.addEventListener("pointerover", ({ target, clientX, clientY }) => {
    const mark = target.closest && target.closest("[data-tip]");
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.dataset.tip;
    tip.style.left = Math.max(4, Math.min(clientX + 12, innerWidth - tip.offsetWidth - 8)) + "px";
    tip.style.top = Math.max(4, Math.min(clientY + 14, innerHeight - tip.offsetHeight - 8)) + "px";
  });
})();
