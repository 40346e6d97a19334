/**
 * Mending returned evidence: take it anew, in place of the returned one, or say why it stands and hand it in again.
 *
 * The bytes of a returned item are never altered: a new picture is a new item that names the one it takes the place of.
 */

import { useState } from 'preact/hooks';

import { Camera } from '../capture/camera.jsx';
import forms from '../../generated/records.json';
import { mayCreate, rolesIn, steps } from '../casework/rights.js';
import { change, session } from '../session.js';
import { say } from '../words.js';
import { AskTwice } from './ask_twice.jsx';

const BY_CAMERA = ['photo', 'copy', undefined];
const TAKEN_OVER = ['kind', 'form', 'ward_round', 'bed_check', 'note', 'original_place'];

/** @param {{evidence: any, inspection: any, keep: typeof import('../capture/keep.js').keepEvidence}} properties */
export function Recapture({ evidence, inspection, keep }) {
  const [open, setOpen] = useState(false);
  const [trouble, setTrouble] = useState('');
  const roles = inspection ? rolesIn(inspection.values, session.phone.kit.me.user) : [];
  const where = { roles, root: inspection?.values.stage };
  const mayTake = mayCreate(forms.evidence, where) && BY_CAMERA.includes(evidence.values.form);
  const maySend = steps(forms.evidence, { ...where, own: evidence.values.stage }).includes('pending_review');
  const take = async (photo) => {
    const about = Object.fromEntries(TAKEN_OVER.filter((name) => evidence.values[name] !== undefined).map((name) => [name, evidence.values[name]]));
    try {
      await keep(session.phone, photo, { ...about, inspection: inspection.id, supersedes: evidence.id });
    } catch (error) {
      setTrouble(error.detail ?? error.message);
    }
    setOpen(false);
    change();
  };
  return (
    <>
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
      {mayTake && <button type="button" class="first wide" onClick={() => setOpen(true)}>{say('重新拍一张', 'Take it anew')}</button>}
      {!mayTake && <p>{say('检查已不在现场阶段，不能再拍；可以说明后重新提交，或由组长写补充笔录。', 'The inspection has left the site, so nothing new is taken; hand it in again, or the lead writes a supplementary record.')}</p>}
      {maySend && (
        <AskTwice first={!mayTake} words={say('不重拍，重新提交', 'Hand it in again as it is')} sure={say('确认重新提交', 'Yes, hand it in again')} says={say('原件不变，监管人员会再看一次。', 'The original stays as it is; the supervisor looks at it once more.')} act={() => session.phone.step(evidence.id, 'pending_review').then(() => change())} />
      )}
      {open && <Camera title={say('重新拍摄', 'Take it anew')} onPhoto={take} onClose={() => setOpen(false)} />}
    </>
  );
}
