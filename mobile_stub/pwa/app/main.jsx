/** The app's start: its looks, its worker, its gate. */

import './styles/app.css';
import { render } from 'preact';

import { Gate } from './entry/gate.jsx';
import { watchIdle } from './idle.js';
import { begin } from './opening.js';
import { keepSyncing } from './syncing.js';
import { followUpdates } from './update.js';
import { speak, spoken } from './words.js';

speak(spoken());
render(<Gate />, document.getElementById('app'));
keepSyncing();
watchIdle();
begin();
followUpdates();
