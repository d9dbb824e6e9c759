"use strict";
(() => {
  const data = JSON.parse(document.getElementById("explorer-data").textContent);
  const at = (id) => document.getElementById(id);
  const n = data.side, nPairs = (n * (n + 1)) / 2;
  const cells = new Float32Array(Uint8Array.from(atob(data.cells), (c) => c.charCodeAt(0)).buffer);
  const rdm = (k) => cells.subarray(k * nPairs, (k + 1) * nPairs);
  const pair = (i, j) => (i > j ? pair(j, i) : i * n - (i * (i - 1)) / 2 + j - i);

  const whole = (x) => String(x).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const number = (x, digits = 3) =>
    x === null || Number.isNaN(x) ? "undefined" : x.toFixed(digits).replace("-", "−");
  const brief = (x) => Number(x.toPrecision(2)).toString().replace("-", "−").replace("e", " × 10^");
  const percent = (x) => `${(100 * x).toFixed(1)} %`;
  const many = (k) => `${whole(k)} ${data.ranked}${k === 1 ? "" : "s"}`;

  // SVG is drawn at the size it is shown in, so that its letters have the size of others.
  const svg = (parent, name, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return parent.appendChild(made);
  };
  const plot = (id, height, draw) => {
    const root = at(id);
    if (!root) return;
    const redraw = () => {
      const width = Math.max(root.clientWidth, 280);
      root.replaceChildren();
      root.setAttribute("viewBox", `0 0 ${width} ${height}`);
      draw(root, { left: 52, right: width - 14, top: 14, bottom: height - 40, width, height });
    };
    let drawn = 0;
    new ResizeObserver(() => {
      if (root.clientWidth !== drawn) { drawn = root.clientWidth; redraw(); }
    }).observe(root);
    redraw();
  };
  const scale = (from, to, low, high) => (x) => low + ((x - from) / (to - from || 1)) * (high - low);
  const ticks = (low, high, count) => {
    const raw = (high - low) / count || 1, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
    const out = [];
    for (let k = Math.ceil(low / step); k * step <= high + step * 1e-9; k++) out.push(k * step);
    return out;
  };
  const yAxis = (root, box, low, high, y, label) => {
    for (const value of ticks(low, high, 4)) {
      svg(root, "line", { x1: box.left, x2: box.right, y1: y(value), y2: y(value), class: "grid" });
      const text = Number(value.toPrecision(4)).toString().replace("-", "−");
      svg(root, "text", { x: box.left - 6, y: y(value) + 4, "text-anchor": "end" }, text);
    }
    svg(root, "text", { x: 12, y: (box.top + box.bottom) / 2, "text-anchor": "middle",
      transform: `rotate(-90 12 ${(box.top + box.bottom) / 2})` }, label);
  };
  const xLabel = (root, box, text) =>
    svg(root, "text", { x: (box.left + box.right) / 2, y: box.height - 4, "text-anchor": "middle" }, text);

  // The curve: the pointer reads it, a click chooses one of the sizes with an RDM.
  let chosen = data.steps.indexOf(data.best);
  let curve = null;
  const scoreOf = (size) => data.curve[data.sizes.indexOf(size)];
  const said = (size) => `${many(size)}: score ${number(scoreOf(size))}`;
  const drawCurve = (root, box) => {
    const known = [data.curve, ...data.others].flat().filter((v) => v !== null);
    if (data.full !== null) known.push(data.full);
    let low = Math.min(...known), high = Math.max(...known);
    const margin = (high - low || 1) * 0.08;
    low -= margin; high += margin;
    const x = scale(0, Math.log(data.all) || 1, box.left, box.right);
    const y = scale(low, high, box.bottom, box.top);
    yAxis(root, box, low, high, y, `score (${data.score})`);
    for (let size = 1; size <= data.all; size *= 10) {
      svg(root, "text", { x: x(Math.log(size)), y: box.bottom + 18, "text-anchor": "middle" }, whole(size));
    }
    xLabel(root, box, `number of ${data.ranked}s, most important first`);
    const line = (values, kind) => {
      let path = "", pen = "M";
      values.forEach((value, k) => {
        if (value === null) { pen = "M"; return; }
        path += `${pen}${x(Math.log(data.sizes[k])).toFixed(1)} ${y(value).toFixed(1)}`;
        pen = "L";
      });
      svg(root, "path", { d: path, class: kind });
    };
    const first = data.curve.findIndex((value) => value !== null);
    if (first > 0) {
      const end = x(Math.log(data.sizes[first]));
      svg(root, "rect", { x: box.left, y: box.top, width: end - box.left, height: box.bottom - box.top, class: "nothing" });
      svg(root, "text", { x: (box.left + end) / 2, y: box.bottom - 8, "text-anchor": "middle" }, "undefined");
    }
    if (data.full !== null) {
      svg(root, "line", { x1: box.left, x2: box.right, y1: y(data.full), y2: y(data.full), class: "level" });
    }
    data.others.forEach((values) => line(values, "other"));
    line(data.curve, "line");
    for (const size of data.steps) {
      const value = scoreOf(size);
      if (value !== null) svg(root, "circle", { cx: x(Math.log(size)), cy: y(value), r: 2.4, class: "step" });
    }
    const mark = svg(root, "g", {}), hover = svg(root, "g", { class: "hover" });
    const dot = (group, size, kind) => {
      group.replaceChildren();
      const value = scoreOf(size), place = x(Math.log(size));
      svg(group, "line", { x1: place, x2: place, y1: box.top, y2: box.bottom, class: kind });
      if (value !== null) svg(group, "circle", { cx: place, cy: y(value), r: 5, class: kind });
    };
    const nearest = (event, sizes) => {
      const rect = root.getBoundingClientRect();
      const place = ((event.clientX - rect.left) / rect.width) * box.width;
      const off = (size) => Math.abs(x(Math.log(size)) - place);
      return sizes.reduce((a, b) => (off(b) < off(a) ? b : a));
    };
    root.onpointermove = (event) => {
      const size = nearest(event, data.sizes);
      dot(hover, size, "hover");
      at("pointed").textContent = said(size);
    };
    root.onpointerleave = () => { hover.replaceChildren(); at("pointed").textContent = ""; };
    root.onclick = (event) => choose(data.steps.indexOf(nearest(event, data.steps)));
    curve = () => dot(mark, data.steps[chosen], "mark");
    curve();
  };

  // RDMs: every pair as its percentile among the pairs of its own RDM.
  const stops = ["440154", "482878", "3e4989", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725"]
    .map((hex) => [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16)));
  const viridis = (share) => {
    const place = share * (stops.length - 1), k = Math.min(Math.floor(place), stops.length - 2);
    return stops[k].map((v, c) => v + (place - k) * (stops[k + 1][c] - v));
  };
  const percentiles = (values) => {
    const order = [...values.keys()].filter((k) => !Number.isNaN(values[k])).sort((a, b) => values[a] - values[b]);
    const out = new Float32Array(values.length).fill(NaN);
    for (let first = 0; first < order.length;) {
      let last = first;
      while (last + 1 < order.length && values[order[last + 1]] === values[order[first]]) last++;
      for (let k = first; k <= last; k++) out[order[k]] = (first + last) / 2 / Math.max(order.length - 1, 1);
      first = last + 1;
    }
    return out;
  };
  let order = data.orders[0].order, cell = [0, 1];
  const panels = [...document.querySelectorAll(".rdm")];
  const shown = () => [0, 1, 2 + chosen];
  const paint = (panel, k) => {
    const canvas = panel.querySelector("canvas"), shares = percentiles(rdm(k));
    canvas.width = canvas.height = n;
    const picture = new ImageData(n, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const share = shares[pair(order[i], order[j])];
        picture.data.set(Number.isNaN(share) ? [0, 0, 0, 0] : [...viridis(share), 255], 4 * (i * n + j));
      }
    }
    canvas.getContext("2d").putImageData(picture, 0, 0);
  };
  const thumbnail = (index) => {
    const image = new Image();
    image.src = data.pictures[index];
    image.alt = "";
    return image;
  };
  const readCell = () => {
    const [i, j] = cell.map((k) => order[k]), box = at("cell");
    const names = [i, j].map((index) => {
      const name = document.createElement("span");
      name.className = "named";
      if (data.pictures[index]) name.append(thumbnail(index));
      name.append(data.names[index]);
      return name;
    });
    const values = shown().map((k) => rdm(k)[pair(i, j)]).map((v) => (Number.isNaN(v) ? "missing" : number(v)));
    const text = document.createElement("span");
    text.textContent = `target ${values[0]} · all ${values[1]} · ${many(data.steps[chosen])} ${values[2]}`;
    box.replaceChildren(names[0], names[1], text);
    for (const panel of panels) {
      const marker = panel.querySelector(".marker"), side = 100 / n;
      marker.style.cssText = `left:${cell[1] * side}%;top:${cell[0] * side}%;width:${side}%;height:${side}%`;
      marker.hidden = false;
    }
  };
  const pointCell = (event) => {
    const rect = event.currentTarget.getBoundingClientRect();
    const place = (offset, size) => Math.min(Math.max(Math.floor((offset / size) * n), 0), n - 1);
    cell = [place(event.clientY - rect.top, rect.height), place(event.clientX - rect.left, rect.width)];
    readCell();
  };
  for (const panel of panels) {
    panel.onpointermove = panel.onclick = pointCell;
    panel.onkeydown = (event) => {
      const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!move) return;
      event.preventDefault();
      cell = cell.map((k, axis) => Math.min(Math.max(k + move[axis], 0), n - 1));
      readCell();
    };
  }

  const choose = (k) => {
    chosen = k;
    const size = data.steps[k];
    at("size").value = k;
    at("size").setAttribute("aria-valuetext", said(size));
    at("chosen").textContent = said(size);
    at("chosen-rdm").textContent = `${many(size)}: ${number(scoreOf(size))}`;
    paint(panels[2], 2 + k);
    if (curve) curve();
    if (at("cell").querySelector(".named")) readCell();
  };
  at("size").max = data.steps.length - 1;
  at("size").oninput = (event) => choose(Number(event.target.value));
  at("take-best").onclick = () => choose(data.steps.indexOf(data.best));
  at("take-all").onclick = () => choose(data.steps.length - 1);
  data.orders.forEach(({ name }, k) => at("order").add(new Option(name, k)));
  at("order").onchange = (event) => {
    order = data.orders[Number(event.target.value)].order;
    panels.forEach((panel, k) => paint(panel, shown()[k]));
    if (at("cell").querySelector(".named")) readCell();
  };
  at("order").closest("label").hidden = data.orders.length < 2;
  panels.slice(0, 2).forEach((panel, k) => paint(panel, k));
  plot("curve", 300, drawCurve);
  choose(chosen);

  // Importances, channels and positions: bars that say what they are.
  const reading = (root, id, text) => {
    root.addEventListener("pointerover", (event) => { at(id).textContent = event.target.dataset.said || text; });
    at(id).textContent = text;
  };
  const bar = (root, box, x, width, y, kind, text) => svg(root, "rect", {
    x, width, y: Math.min(y, box.bottom), height: Math.max(box.bottom - y, 0), class: kind, "data-said": text });
  plot("histogram", 260, (root, box) => {
    const { edges, retained, dropped } = data.histogram, bins = retained.length;
    const log = (count) => Math.log10(1 + count), top = log(Math.max(...retained, ...dropped)) || 1;
    const x = scale(0, bins, box.left, box.right), y = scale(0, top, box.bottom, box.top);
    for (let count = 1; log(count) <= top; count *= 10) {
      svg(root, "line", { x1: box.left, x2: box.right, y1: y(log(count)), y2: y(log(count)), class: "grid" });
      svg(root, "text", { x: box.left - 6, y: y(log(count)) + 4, "text-anchor": "end" }, whole(count));
    }
    const wide = x(1) - x(0) - 1;
    for (let k = 0; k < bins; k++) {
      const text = `importance ${brief(edges[k])} to ${brief(edges[k + 1])}: ` +
        `${whole(retained[k])} retained, ${whole(dropped[k])} not`;
      // The smaller one in front.
      const bars = [["retained", retained[k]], ["dropped", dropped[k]]].sort((a, b) => b[1] - a[1]);
      for (const [kind, count] of bars) bar(root, box, x(k), wide, y(log(count)), kind, text);
    }
    const zero = edges.findIndex((edge) => edge > 0) - 1;
    for (const k of new Set([0, Math.max(zero, 0), bins])) {
      const text = k === zero ? "0" : brief(edges[k]);
      svg(root, "text", { x: x(k), y: box.bottom + 18, "text-anchor": k ? (k === bins ? "end" : "middle") : "start" }, text);
    }
    xLabel(root, box, `importance of the ${data.ranked}s`);
    reading(root, "histogram-said", "");
  });
  plot("map", 260, (root, box) => {
    const { retained, units } = data.map, rows = retained.length, columns = retained[0].length;
    const share = retained.map((row, i) => row.map((count, j) => count / Math.max(units[i][j], 1)));
    const most = Math.max(...share.flat()) || 1;
    const side = Math.min((box.width - 70) / columns, (box.height - 8) / rows);
    share.forEach((row, i) => row.forEach((value, j) => svg(root, "rect", {
      x: 2 + j * side, y: 4 + i * side, width: side + 0.3, height: side + 0.3, fill: `rgb(${viridis(value / most)})`,
      "data-said": `row ${i + 1}, column ${j + 1}: ${whole(retained[i][j])} of ${whole(units[i][j])} units retained, ${percent(value)}`,
    })));
    const left = 14 + columns * side;
    for (let k = 0; k < 50; k++) {
      svg(root, "rect", { x: left, y: 4 + ((49 - k) / 50) * rows * side, width: 12, height: (rows * side) / 50 + 0.3, fill: `rgb(${viridis(k / 49)})` });
    }
    svg(root, "text", { x: left + 17, y: 16 }, percent(most));
    svg(root, "text", { x: left + 17, y: 4 + rows * side }, "0 %");
    reading(root, "map-said", "");
  });
  data.shares.forEach((found, which) => plot(`shares-${which}`, 260, (root, box) => {
    const share = found.retained.map((count, k) => count / found.units[k]), bars = share.length;
    const top = Math.max(...share, ...found.high) * 1.05 || 1;
    const x = scale(0, bars, box.left, box.right), y = scale(0, top, box.bottom, box.top);
    yAxis(root, box, 0, top, y, "share retained");
    const wide = x(1) - x(0);
    share.forEach((value, k) => bar(root, box, x(k), Math.max(wide - (wide > 4 ? 1 : 0), 0.5), y(value), "retained",
      `${found.column} ${found.names[k]}: ${whole(found.retained[k])} of ${whole(found.units[k])} units retained, ` +
      `${percent(value)}; random sets ${percent(found.low[k])} to ${percent(found.high[k])} at this place`));
    const edge = (values, from) => values.map((v, k) => `${x(k + 0.5).toFixed(1)},${y(v).toFixed(1)}`)[from ? "reverse" : "slice"]();
    svg(root, "polygon", { points: [...edge(found.high), ...edge(found.low, true)].join(" "), class: "band" });
    xLabel(root, box, `${whole(found.count)} ${found.column}s, the largest share first`);
    reading(root, `shares-${which}-said`, "");
  }));

  for (const element of document.querySelectorAll("[data-condition]")) {
    if (data.pictures[element.dataset.condition]) element.prepend(thumbnail(element.dataset.condition));
  }
})();
