// Keeps the browser's side of the state: language, title and colour scheme of the document, the address, and
// the way back through the history.
export function render({ model }) {
  const show = () => {
    document.documentElement.lang = model.lang === "zh" ? "zh-CN" : "en"
    document.documentElement.style.colorScheme = model.theme
    document.title = model.title
  }
  let shown = false
  const write = () => {
    if (model.search !== window.location.search) {
      const step = shown ? "pushState" : "replaceState"
      window.history[step]({}, "", window.location.pathname + model.search)
    }
    shown = true
  }
  const back = () => { model.asked = window.location.search || "?" }
  model.on(["lang", "theme", "title"], show)
  model.on("search", write)
  window.addEventListener("popstate", back)
  model.on("remove", () => window.removeEventListener("popstate", back))
  show()
  write()
}
