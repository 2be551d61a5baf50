"use strict";
// Draws the figures, switches voices, and shows the sentences behind a cell.
// Texts come from articles and are not trusted: they reach the page through textContent only.
(() => {
  const payload = JSON.parse(document.getElementById("payload").textContent);
  const { figures, evidence } = payload;
  const FIRST = 30;
  const panel = document.getElementById("panel");
  const title = document.getElementById("panel-title");
  const about = document.getElementById("panel-about");
  const body = document.getElementById("panel-body");
  let opener = null;

  const element = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const shelf = (pairs) => new Map(pairs.map((pair, index) => [Array.isArray(pair) ? pair[0] : pair, index]));
  const sourceAt = shelf(evidence.sources);
  const actorAt = shelf(evidence.actors);
  const voiceAt = shelf(evidence.voices);
  const dimensionAt = shelf(evidence.dimensions);
  const usageAt = shelf(evidence.usages);
  const eventAt = shelf(evidence.events);
  const voiceNames = { all: "all voices", narrator: "narrator", quoted: "quoted voices" };
  const sourceTitle = (id) => evidence.sources[sourceAt.get(id)][1];
  const articleOf = (passage) => evidence.articles[evidence.passages[passage][0]];
  const count = (number, thing) => `${number} ${thing}${number === 1 ? "" : "s"}`;
  const score = (value, signed) => {
    const text = Math.abs(value).toFixed(2);
    if (Number(text) === 0) return text;
    return (value < 0 ? "−" : signed ? "+" : "") + text;
  };

  // Figures

  const options = {
    displaylogo: false,
    responsive: true,
    modeBarButtons: [["toImage"]],
    toImageButtonOptions: { format: "svg" },
    scrollZoom: false,
  };
  const draw = async (plot, variant) => {
    const figure = figures[plot.dataset.figure][variant];
    if (!figure) return;
    plot.style.height = `${figure.layout.height}px`;
    plot.style.minWidth = `${figure.layout.meta.width}px`;
    if (figure.layout.meta.widest) plot.style.maxWidth = `${figure.layout.meta.widest}px`;
    const drawn = plot.classList.contains("js-plotly-plot");
    const image = { ...options, toImageButtonOptions: { format: "svg", filename: plot.dataset.figure } };
    await Plotly.react(plot, figure.data, figure.layout, image);
    if (!drawn) {
      plot.on("plotly_click", (event) => {
        const key = event.points[0].customdata;
        if (key) open(JSON.parse(key), plot);
      });
    }
  };
  const plots = [...document.querySelectorAll(".plot")];
  const timeVariant = () =>
    `${document.getElementById("time-dimension").value} ${document.getElementById("time-actor").value}`;
  const ready = Promise.all(
    plots.map((plot) => draw(plot, plot.dataset.figure === "time" ? timeVariant() : "all")),
  );
  ready.then(() => document.body.setAttribute("data-drawn", String(plots.length)));

  for (const radio of document.querySelectorAll(".switch input")) {
    radio.addEventListener("change", () => {
      for (const other of document.querySelectorAll(".switch input")) other.checked = other.value === radio.value;
      for (const plot of plots) {
        if (Object.keys(figures[plot.dataset.figure]).includes("quoted")) draw(plot, radio.value);
      }
      for (const table of document.querySelectorAll("#portraits [data-variant], #gaps [data-variant]")) {
        table.hidden = table.dataset.variant !== radio.value;
      }
    });
  }

  // The dot plot's table is built from its own figure, so that the two agree.
  const timePlot = document.getElementById("plot-time");
  const timeTable = () => {
    const holder = document.getElementById("time-table");
    const figure = figures.time[timeVariant()];
    const table = holder.querySelector("table");
    table.replaceChildren(element("caption", figure.layout.meta.title));
    const head = table.createTHead().insertRow();
    head.append(element("th", "Event and source", { scope: "col" }), element("th", "Value", { scope: "col" }));
    const rows = figure.data.filter((trace) => trace.customdata).flatMap((trace) =>
      trace.x.map((date, i) => {
        const said = trace.hovertext[i].replaceAll("<br>", " ").replaceAll("&lt;", "<").replaceAll("&gt;", ">");
        const value = trace.marker.showscale ? score(trace.marker.color[i], trace.marker.cmin < 0) : "";
        return { date, lane: trace.y[i], said: said.replaceAll("&amp;", "&"), key: trace.customdata[i], value };
      }),
    );
    rows.sort((a, b) => a.date.localeCompare(b.date) || a.said.localeCompare(b.said, "en", { numeric: true }));
    const tbody = table.createTBody();
    for (const row of rows) {
      const line = tbody.insertRow();
      line.append(element("th", row.said.split(": ").slice(0, -1).join(": "), { scope: "row" }));
      const cell = line.insertCell();
      const text = row.value || row.said.split(": ").at(-1);
      if (!row.key) cell.append(element("span", text, { class: "nothing" }));
      else {
        cell.append(element("button", text, { type: "button", class: "cell", "data-cell": row.key,
          "aria-label": `${row.said}. Show the sentences.` }));
      }
    }
    holder.hidden = false;
  };
  if (timePlot) {
    timeTable();
    for (const id of ["time-dimension", "time-actor"]) {
      document.getElementById(id).addEventListener("change", () => {
        draw(timePlot, timeVariant());
        timeTable();
      });
    }
  }

  // Evidence

  const told = (source) =>
    new Set(evidence.articles.filter((a) => a[1] === sourceAt.get(source) && a[5] >= 0).map((a) => a[5]));
  const spoken = (spec, voice) => {
    const id = evidence.voices[voice][0];
    if (spec.speaker !== undefined) return id === spec.speaker || evidence.voices[voice][2] === spec.speaker;
    if (!spec.voice || spec.voice === "all" || id === "any") return true;
    return (id === "narrator") === (spec.voice === "narrator");
  };
  const findScores = (spec, source) => {
    const { passage, actor, voice, dimension, value, span } = evidence.scores;
    const wanted = { source: sourceAt.get(source), dimension: dimensionAt.get(spec.dimension),
      actor: spec.actor === undefined ? null : actorAt.get(spec.actor) };
    let events = null;
    if (spec.event !== undefined) events = new Set([eventAt.get(spec.event)]);
    else if (spec.shared) {
      const others = spec.sources.map(told);
      events = new Set([...others[0]].filter((event) => others.every((set) => set.has(event))));
    }
    const found = [];
    for (let i = 0; i < passage.length; i += 1) {
      if (dimension[i] !== wanted.dimension) continue;
      if (wanted.actor !== null && actor[i] !== wanted.actor) {
        // who-blames-whom counts a person for the actor that he or she stands for
        if (spec.speaker === undefined || evidence.actors[actor[i]][2] !== spec.actor) continue;
      }
      const article = articleOf(passage[i]);
      if (article[1] !== wanted.source || !spoken(spec, voice[i])) continue;
      if (events && !events.has(article[5])) continue;
      found.push({ passage: passage[i], span: span[i], voice: voice[i], value: value[i], actor: actor[i],
        signed: evidence.dimensions[dimension[i]][2] === 1, whom: wanted.actor === null });
    }
    return found.sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || a.passage - b.passage);
  };
  const findMentions = (spec, source) => {
    const { passage, actor, voice, usage, span } = evidence.mentions;
    const found = [];
    for (let i = 0; i < passage.length; i += 1) {
      if (actor[i] !== actorAt.get(spec.actor) || usage[i] !== usageAt.get(spec.usage)) continue;
      if (articleOf(passage[i])[1] !== sourceAt.get(source)) continue;
      found.push({ passage: passage[i], span: span[i], voice: voice[i] });
    }
    return found.sort((a, b) => a.passage - b.passage);
  };
  const findArticles = (spec, source) =>
    evidence.articles
      .map((article, index) => ({ article, index }))
      .filter(({ article }) => article[1] === sourceAt.get(source) && article[5] === eventAt.get(spec.event));

  const sentence = (item) => {
    const entry = element("li");
    const article = item.article || articleOf(item.passage);
    const text = item.article ? article[4] : evidence.passages[item.passage][1];
    const quote = element("blockquote", undefined, { lang: article[2] });
    const [from, to] = item.span || [0, 0];
    if (to > from) {
      const marked = element("mark", text.slice(from, to));
      if (from === 0 && to === text.length) marked.className = "whole";
      quote.append(text.slice(0, from), marked, text.slice(to));
    } else quote.append(text || "(no headline)");
    const meta = element("p");
    if (item.value !== undefined) meta.append(element("b", score(item.value, item.signed)), " · ");
    const words = [];
    if (item.whom && evidence.actors[item.actor][0]) words.push(`on ${evidence.actors[item.actor][1]}`);
    if (item.voice !== undefined) words.push(evidence.voices[item.voice][1]);
    words.push(article[0], article[3] || "no date", article[5] >= 0 ? evidence.events[article[5]][2] : "in no event");
    if (article[6]) words.push("copy, not counted");
    meta.append(words.join(" · "));
    entry.append(quote, meta);
    return entry;
  };
  const side = (source, items, empty) => {
    const holder = element("div", undefined, { class: "side" });
    holder.append(element("h3", sourceTitle(source)));
    holder.append(element("p", items.length ? count(items.length, items[0].article ? "account" : "sentence") : empty));
    const list = element("ul", undefined, { class: "sentences" });
    holder.append(list);
    let shown = 0;
    const more = element("button", "", { type: "button", class: "more" });
    const grow = () => {
      const from = shown;
      for (const item of items.slice(shown, shown + FIRST)) list.append(sentence(item));
      shown = Math.min(items.length, shown + FIRST);
      more.textContent = `Show more (${items.length - shown} left)`;
      more.hidden = shown >= items.length;
      return from;
    };
    grow();
    more.addEventListener("click", () => {
      const next = list.children[grow()];
      next.tabIndex = -1;
      next.focus();
    });
    holder.append(more);
    return holder;
  };
  const heading = (spec) => {
    if (spec.kind === "articles") return evidence.events[eventAt.get(spec.event)][1];
    const known = evidence.actors[actorAt.get(spec.actor)];
    const actor = spec.actor === undefined ? "all actors" : known ? known[1] : spec.actor;
    if (spec.kind === "mentions") return `${actor}: ${spec.usage || "neutral"} usage`;
    const dimension = (evidence.dimensions[dimensionAt.get(spec.dimension)] || [])[1] || spec.dimension;
    return actor ? `${dimension}: ${actor}` : `Frame: ${dimension}`;
  };
  const explain = (spec) => {
    if (spec.kind === "articles") return "Headlines of the accounts of this event.";
    if (spec.kind === "mentions") return "Sentences with this name; the name is marked.";
    const words = [];
    if (spec.actor !== "") {
      words.push(spec.speaker === undefined ? voiceNames[spec.voice]
        : (evidence.voices[voiceAt.get(spec.speaker)] || [0, spec.speaker])[1]);
    }
    if (spec.shared) words.push("events that both tell");
    if (spec.event !== undefined) words.push(evidence.events[eventAt.get(spec.event)][1]);
    const scope = words.join(", ");
    return `${scope.charAt(0).toUpperCase()}${scope.slice(1)}${scope ? ". " : ""}Strongest first. ` +
      "Deciding words are marked; a pale mark over all of it means that no part stood out.";
  };
  const open = (spec, from) => {
    if (from) opener = from;
    title.textContent = heading(spec);
    about.textContent = explain(spec);
    const find = { score: findScores, mentions: findMentions, articles: findArticles }[spec.kind];
    body.replaceChildren(...spec.sources.map((source) => side(source, find(spec, source), "No sentence.")));
    panel.classList.toggle("two", spec.sources.length > 1);
    const others = evidence.sources.map((s) => s[0]).filter((s) => !spec.sources.includes(s));
    if (spec.sources.length === 1 && others.length) {
      const line = element("div", undefined, { class: "others" });
      line.append("The same in:");
      for (const other of others.slice(0, 8)) {
        const button = element("button", sourceTitle(other), { type: "button" });
        button.addEventListener("click", () => open({ ...spec, sources: [other] }));
        line.append(button);
      }
      body.append(line);
    }
    panel.hidden = false;
    panel.scrollTop = 0;
    title.focus();
  };
  const close = () => {
    if (panel.hidden) return;
    panel.hidden = true;
    if (opener && opener.focus) opener.focus();
    opener = null;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-cell]");
    if (button) open(JSON.parse(button.dataset.cell), button);
  });
  document.getElementById("panel-close").addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  // Paper: fit the figures to the sheet, and back.
  const fit = () => plots.forEach((plot) => Plotly.Plots.resize(plot));
  window.addEventListener("beforeprint", fit);
  window.addEventListener("afterprint", fit);
})();
