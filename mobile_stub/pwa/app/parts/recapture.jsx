/**
 * Mending returned evidence: take it anew, in place of the returned one, or say why it stands and hand it in again.
 *
 * The bytes of a returned item are never altered: what is taken anew is a new item that names the one it takes the place of.
 */

import { useState } from 'preact/hooks';

import { Camera } from '../capture/camera.jsx';
import { keepEvidence } from '../capture/keep.js';
import forms from '../../generated/records.json';
import { mayCreate, rolesIn, steps } from '../casework/rights.js';
import { change, session } from '../session.js';
import { say } from '../words.js';
import { AskTwice } from './ask_twice.jsx';
import { lazy } from './lazy.jsx';

const Recorder = lazy(() => import('../capture/recorder.jsx'), 'Recorder');
const Scan = lazy(() => import('../capture/scan.jsx'), 'Scan');
const TraceCodes = lazy(() => import('../capture/trace_codes.jsx'), 'TraceCodes');
const TAKEN_OVER = ['kind', 'form', 'ward_round', 'bed_check', 'note', 'original_place'];

const photo = {
  words: () => say('重新拍一张', 'Take it anew'),
  draw: (keep, close) => <Camera title={say('重新拍摄', 'Take it anew')} onPhoto={(taken) => keep(taken, {}).finally(close)} onClose={close} />,
};
/** By form, how it is taken anew; a signed record is not: the lead writes a supplementary one. */
const WAYS = {
  photo,
  stock_count: photo,
  copy: { words: () => say('重新扫描', 'Scan it anew'), draw: (keep, close) => <Scan onKeep={keep} onClose={close} /> },
  video: { words: () => say('重新录像', 'Film it anew'), draw: (keep, close) => <Recorder what="video" onKeep={(taken) => keep(taken, {})} onClose={close} /> },
  audio: { words: () => say('重新录音', 'Record it anew'), draw: (keep, close) => <Recorder what="audio" onKeep={(taken) => keep(taken, {})} onClose={close} /> },
  trace_code_scan: { words: () => say('重新扫码', 'Scan the codes anew'), draw: (keep, close) => <TraceCodes onKeep={keep} onClose={close} /> },
};

/** @param {{evidence: any, inspection: any}} properties as the phone shows them */
export function Recapture({ evidence, inspection }) {
  const [open, setOpen] = useState(false);
  const [trouble, setTrouble] = useState('');
  const roles = inspection ? rolesIn(inspection.values, session.phone.kit.me.user) : [];
  const where = { roles, root: inspection?.values.stage };
  const way = WAYS[evidence.values.form ?? 'photo'];
  const onSite = mayCreate(forms.evidence, where);
  const maySend = steps(forms.evidence, { ...where, own: evidence.values.stage }).includes('pending_review');
  const close = () => {
    setOpen(false);
    change();
  };
  const keep = (taken, about) => keepInstead(evidence, inspection, taken, about).catch((error) => setTrouble(error.detail ?? error.message));
  return (
    <>
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
      {onSite && way && <button type="button" class="first wide" onClick={() => setOpen(true)}>{way.words()}</button>}
      {!onSite && <p>{say('检查已不在现场阶段，不能再采集；可以重新提交，或由组长写补充笔录。', 'The inspection has left the site, so nothing new is taken; hand it in again, or the lead writes a supplementary record.')}</p>}
      {onSite && !way && <p>{say('笔录不能重做；可以重新提交，或写补充笔录。', 'A record is not made anew; hand it in again, or write a supplementary one.')}</p>}
      {maySend && (
        <AskTwice first={!(onSite && way)} words={say('不重做，重新提交', 'Hand it in again as it is')} sure={say('确认重新提交', 'Yes, hand it in again')} says={say('原件不变，监管人员会再看一次。', 'The original stays as it is; the supervisor looks at it once more.')} act={() => session.phone.step(evidence.id, 'pending_review').then(() => change())} />
      )}
      {open && way.draw(keep, close)}
    </>
  );
}

/** Keep what was taken in the place of a returned item, with what was said of that one. */
function keepInstead({ id, values }, inspection, taken, about) {
  const said = Object.fromEntries(TAKEN_OVER.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));
  return keepEvidence(session.phone, taken, { ...said, ...about, inspection: inspection.id, supersedes: id });
}
