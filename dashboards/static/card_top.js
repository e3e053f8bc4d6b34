// Top of a card: heading, what is shown (unit, date, policy), the definition behind "?", and the downloads. All text is
// set as text, so nothing of it can become markup. A file made by the server comes back as a message.
const make = (tag, props = {}, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (name in element) { element[name] = value } else { element.setAttribute(name, value) }
  }
  element.append(...children)
  return element
}

const save = ({ name, type, data }) => {
  const url = URL.createObjectURL(new Blob([data], { type }))
  make("a", { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

// A popover with the button that opens it; the browser closes it by Escape or a click elsewhere.
const opens = (button, popover, id) => {
  popover.id = id
  popover.setAttribute("popover", "")
  button.setAttribute("popovertarget", id)
  return [button, popover]
}

export function render({ model }) {
  const root = make("div")
  const show = () => {
    const row = make("div", { className: "row" }, make("h2", { textContent: model.heading }))
    root.replaceChildren(row)
    if (model.sub) { root.append(make("p", { className: "sub", textContent: model.sub })) }
    if (model.note) { root.append(make("p", { className: "note", textContent: model.note })) }
    if (model.problem) { root.append(make("p", { className: "problem", role: "alert", textContent: model.problem })) }
    const tools = make("div", { className: "tools" })
    if (model.definition.length) {
      const about = model.texts.about
      const text = make("div", { className: "definition" })
      text.append(...model.definition.map((part) => make("p", { textContent: part })))
      tools.append(...opens(make("button", { className: "what", textContent: "?", title: about, "aria-label": about }),
        text, "what"))
    }
    if (model.files.length) {
      const menu = make("div", { className: "menu" })
      for (const { name, label } of model.files) {
        const entry = make("button", { textContent: label })
        entry.addEventListener("click", () => { menu.hidePopover(); model.send_msg({ asked: name }) })
        menu.append(entry)
      }
      const button = make("button", { className: "download", "aria-label": model.texts.download_of })
      button.append(make("span", { textContent: model.busy ? model.texts.busy : model.texts.download }))
      button.disabled = model.busy
      tools.append(...opens(button, menu, "files"))
    }
    row.append(tools)
  }
  model.on(["heading", "sub", "note", "definition", "texts", "files", "busy", "problem"], show)
  model.on("msg:custom", save)
  show()
  return root
}
