/* A merchant writes the key into the page. This page is served by any store's desk, so it asks the chat page for it. */
(async () => {
  const page = await (await fetch("/chat?store=demo")).text();
  const chat = new DOMParser().parseFromString(page, "text/html").querySelector("xiaoer-chat");
  const script = document.createElement("script");
  script.src = "/widget.js";
  script.dataset.key = chat.getAttribute("key");
  script.dataset.store = chat.getAttribute("store");
  script.dataset.locale = "zh";
  script.dataset.accent = "#0f766e";
  document.body.append(script);
  document.getElementById("ask").addEventListener("click", () => window.Xiaoer?.open());
})();
