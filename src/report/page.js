// Draws every plot of the page, in the colours of the page, and again where these change.
const paper = matchMedia("print");
const dark = matchMedia("(prefers-color-scheme: dark)");

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function themed(layout) {
  const axis = { gridcolor: colour("--line"), zerolinecolor: colour("--line"), linecolor: colour("--line") };
  return {
    ...layout,
    autosize: true,
    dragmode: false,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { size: 12, ...layout.font, color: colour("--text") },
    xaxis: { ...layout.xaxis, ...axis },
    yaxis: { ...layout.yaxis, ...axis },
  };
}

function draw() {
  for (const figure of document.querySelectorAll("figure.plot")) {
    const { data, layout } = JSON.parse(figure.querySelector("script").textContent);
    Plotly.react(figure.querySelector("div"), data, themed(layout), { responsive: true, displayModeBar: false });
  }
}

draw();
dark.addEventListener("change", draw);
paper.addEventListener("change", draw);
