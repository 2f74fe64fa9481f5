/** Where the web app begins. */
import { render } from 'preact';
import { App } from './app.tsx';
import { startSpatialFocus } from './frame/spatial-focus.ts';
import './look/base.css';
import './look/cards.css';
import './look/watch.css';

window.heliograph = { stats: () => null };
startSpatialFocus();
const root = document.getElementById('app');
if (root) render(<App />, root);
