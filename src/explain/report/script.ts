/** The page's script: hops one at a time, by buttons, by arrow keys, or by themselves. Without it all hops are there, one below the other. */
export const script = `
'use strict';
for (const walk of document.querySelectorAll('.walk')) {
  const player = walk.querySelector('.player');
  const hops = [...walk.querySelectorAll('.hop')];
  if (hops.length === 0) continue;
  const dots = [...player.querySelectorAll('.track button')];
  const [back, play, next] = ['.back', '.play', '.next'].map((name) => player.querySelector(name));
  const output = player.querySelector('output');
  let now = 0;
  let timer;
  const pause = () => {
    clearInterval(timer);
    timer = undefined;
    play.textContent = 'Play';
    play.setAttribute('aria-pressed', 'false');
  };
  const show = (step) => {
    now = Math.max(0, Math.min(hops.length - 1, step));
    hops.forEach((hop, i) => {
      hop.hidden = i !== now;
      hop.classList.toggle('now', i === now);
    });
    dots.forEach((dot, i) => (i === now ? dot.setAttribute('aria-current', 'step') : dot.removeAttribute('aria-current')));
    output.textContent = 'Hop ' + (now + 1) + ' of ' + hops.length;
    back.disabled = now === 0;
    next.disabled = now === hops.length - 1;
    if (next.disabled) pause();
  };
  const go = (step) => {
    pause();
    show(step);
  };
  back.addEventListener('click', () => go(now - 1));
  next.addEventListener('click', () => go(now + 1));
  dots.forEach((dot, i) => dot.addEventListener('click', () => go(i)));
  play.addEventListener('click', () => {
    if (timer !== undefined) return pause();
    if (now === hops.length - 1) show(0);
    if (hops.length < 2) return;
    timer = setInterval(() => show(now + 1), 1600);
    play.textContent = 'Pause';
    play.setAttribute('aria-pressed', 'true');
  });
  const keys = {ArrowRight: () => now + 1, ArrowLeft: () => now - 1, Home: () => 0, End: () => hops.length - 1};
  walk.addEventListener('keydown', (event) => {
    const scrolls = event.target.closest('.packet, .scroll');
    if (scrolls || event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    go(keys[event.key]());
    if (document.activeElement && document.activeElement.disabled) dots[now].focus();
    else if (dots.includes(document.activeElement)) dots[now].focus();
  });
  player.hidden = false;
  show(0);
}
`;
