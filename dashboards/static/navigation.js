// Links to the pages: real ones, so that they open in a new tab, but a plain click changes the page in place. Where they
// do not fit next to each other they fold into a menu under the name of the present page.
const link = (model, { name, label, href }) => {
  const anchor = document.createElement("a")
  anchor.textContent = label
  anchor.href = href
  if (name === model.value) { anchor.setAttribute("aria-current", "page") }
  anchor.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) { return }
    event.preventDefault()
    model.value = name
    anchor.closest("[popover]")?.hidePopover()
  })
  return anchor
}

export function render({ model, el }) {
  const nav = document.createElement("nav")
  const row = document.createElement("div")
  const button = document.createElement("button")
  const menu = document.createElement("div")
  row.className = "row"
  menu.className = "menu"
  menu.id = "pages"
  menu.setAttribute("popover", "")
  button.setAttribute("popovertarget", "pages")
  nav.append(row, button, menu)
  const fold = () => {
    nav.classList.remove("folded")
    nav.classList.toggle("folded", row.scrollWidth > nav.clientWidth)
  }
  const show = () => {
    nav.setAttribute("aria-label", model.label)
    row.replaceChildren(...model.items.map((item) => link(model, item)))
    menu.replaceChildren(...model.items.map((item) => link(model, item)))
    if (model.leave.href) {
      const leave = document.createElement("a")
      leave.textContent = model.leave.label
      leave.href = model.leave.href
      leave.className = "leave"
      menu.append(leave)
    }
    button.textContent = model.items.find(({ name }) => name === model.value)?.label ?? ""
    button.setAttribute("aria-label", `${model.label}: ${button.textContent}`)
    fold()
  }
  const resized = new ResizeObserver(fold)
  resized.observe(el)
  model.on(["items", "label", "value", "leave"], show)
  model.on("remove", () => resized.disconnect())
  show()
  return nav
}
