// What is wrong with how the page looks, as lists of texts. Run in the page by looks.rs; nothing of it is part of the page.

(() => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  const known = new Map();

  /** Any colour of CSS as [red, green, blue, alpha], the last from 0 to 1. */
  function parsed(colour) {
    if (!known.has(colour)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
      known.set(colour, [red, green, blue, alpha / 255]);
    }
    return known.get(colour);
  }

  const over = ([red, green, blue, alpha], below) =>
    [red, green, blue].map((value, place) => value * alpha + below[place] * (1 - alpha));

  /** The colour behind an element's text: all backgrounds up to the first that covers. */
  function ground(node) {
    const layers = [];
    for (let one = node; one; one = one.parentElement) {
      const layer = parsed(getComputedStyle(one).backgroundColor);
      if (layer[3] > 0) layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255]);
  }

  function opacity(node) {
    let all = 1;
    for (let one = node; one; one = one.parentElement) all *= Number(getComputedStyle(one).opacity);
    return all;
  }

  function luminance(colour) {
    const [red, green, blue] = colour.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function contrast(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }

  const isShown = (node) => node.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !node.closest('.unseen, .skip, .ghost');
  const name = (node) => `${node.tagName.toLowerCase()}.${node.className?.baseVal ?? node.className} [${node.dataset?.test ?? ''}]`;

  /** Text that cannot be read (WCAG 2.2, 1.4.3). */
  function faint() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent.trim();
      const node = walker.currentNode.parentElement;
      // What cannot be used now may be faint.
      if (text === '' || !isShown(node) || node.closest('script, style, noscript, svg, option, :disabled')) continue;
      const style = getComputedStyle(node);
      const below = ground(node);
      const colour = parsed(style.color);
      const seen = over([...colour.slice(0, 3), colour[3] * opacity(node)], below);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
      const ratio = contrast(seen, below);
      if (ratio < (isLarge ? 3 : 4.5)) found.add(`${ratio.toFixed(2)} ${name(node)} ${style.color} on ${below.map(Math.round)}: ${text.slice(0, 40)}`);
    }
    return [...found];
  }

  /** What a finger cannot hit. A link within a line of text may be as high as the line. */
  function small(least) {
    const found = new Set();
    for (const node of document.querySelectorAll('a[href], button, input, select, textarea, summary, [role="button"]')) {
      const area = node.matches('input[type="checkbox"], input[type="radio"]') ? node.closest('label') ?? node : node;
      if (!isShown(area) || node.closest('.place') || node.matches('a') && getComputedStyle(node).display === 'inline') continue;
      const {width, height} = area.getBoundingClientRect();
      if (width === 0 || height === 0) continue;
      if (width < least - 0.5 || height < least - 0.5) found.add(`${Math.round(width)}x${Math.round(height)} ${name(area)}: ${area.textContent.trim().slice(0, 30)}`);
    }
    return [...found];
  }

  /** Whether one must scroll sideways, and what it is that is too wide. */
  function wide(width) {
    if (document.documentElement.scrollWidth <= width) return [];
    const all = [...document.querySelectorAll('body *')].filter((node) => isShown(node) && node.getBoundingClientRect().right > width + 0.5);
    return [`${document.documentElement.scrollWidth} wide`, ...all.slice(0, 8).map(name)];
  }

  window.looks = {faint, small, wide};
})();
