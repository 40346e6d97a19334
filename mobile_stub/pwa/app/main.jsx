/** The app's start: its looks, its worker, its frame. */

import './styles/app.css';
import { render } from 'preact';

import { Frame } from './shell/frame.jsx';
import { speak, spoken } from './words.js';

speak(spoken());
render(<Frame />, document.getElementById('app'));
if ('serviceWorker' in navigator) navigator.serviceWorker.register('sw.js', { scope: './', updateViaCache: 'none' });
