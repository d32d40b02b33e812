// The few signs of the navigation, drawn by hand on a grid of 24.

import { svg } from './ui.js';

const PATHS = {
  now: 'M3 12h4l3-8 4 16 3-8h4',
  inbox: 'M4 13l2.6-8h10.8L20 13v6H4zM4 13h5a3 3 0 0 0 6 0h5',
  explain: 'M9.2 9.2a2.9 2.9 0 1 1 4.2 2.6c-1 .5-1.4 1.1-1.4 2.2M12 17.2v.1M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  deliveries: 'M4 6h2M9 6h11M4 12h2M9 12h11M4 18h2M9 18h11',
  rules: 'M6 4v7M6 15v5M12 4v3M12 11v9M18 4v9M18 17v3M3.5 13h5M9.5 9h5M15.5 15h5',
  preferences: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0',
  channels: 'M12 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM8.5 15.5a5 5 0 0 1 0-7M15.5 8.500a5 5 0 0 1 0 7M5.6 18.400a9 9 0 0 1 0-12.800M18.4 5.600a9 9 0 0 1 0 12.8',
  more: 'M5 12h.1M12 12h.1M19 12h.1',
  dark: 'M20 14.500A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.500z',
  light: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v1.500M12 19.500V21M3 12h1.500M19.5 12H21M5.6 5.600l1.1 1.100M17.3 17.300l1.1 1.100M5.6 18.400l1.1-1.100M17.3 6.700l1.1-1.1',
  system: 'M4 5h16v11H4zM9 20h6M12 16v4',
};

export const icon = (name) => svg('svg', {viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', 'stroke-width': name === 'more' ? '3' : '1.8', 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true', width: '20', height: '20'},
  svg('path', {d: PATHS[name] ?? ''}));
