/**
 * Every page by its place. A page that a start does not need is loaded when somebody goes there.
 *
 * A page is a component; what stands in its address comes as its properties. `tab` marks the bottom bar.
 */

import { lazy } from '../parts/lazy.jsx';
import { Today } from './today.jsx';

/** Pages that show nothing of earlier records, and so stay when the lease is over. */
export const UNLEASED = new Set(['/sync', '/phone', '/warning', '/renew']);
export const WriteOnly = lazy(() => import('./write_only.jsx'), 'WriteOnly');

export const PAGES = [
  { path: '/', tab: 'today', page: Today },
  { path: '/rounds', tab: 'rounds', page: lazy(() => import('./rounds.jsx'), 'Rounds') },
  { path: '/round/new/:inspection', tab: 'rounds', page: lazy(() => import('./round_new.jsx'), 'RoundNew') },
  { path: '/round/:id', tab: 'rounds', page: lazy(() => import('./round.jsx'), 'Round') },
  { path: '/round/:id/bed/:bed', tab: 'rounds', page: lazy(() => import('./round_bed.jsx'), 'RoundBed') },
  { path: '/round/:id/finish', tab: 'rounds', page: lazy(() => import('./round_finish.jsx'), 'RoundFinish') },
  { path: '/leaving/:inspection', tab: 'rounds', page: lazy(() => import('./leaving.jsx'), 'Leaving') },
  { path: '/needs', tab: 'today', page: lazy(() => import('./needs.jsx'), 'Needs') },
  { path: '/conflict/:id', tab: 'today', page: lazy(() => import('./conflict.jsx'), 'Conflict') },
  { path: '/inspection/:id', tab: 'today', page: lazy(() => import('./inspection.jsx'), 'Inspection') },
  { path: '/inspection/:id/findings', tab: 'today', page: lazy(() => import('./inspection_findings.jsx'), 'InspectionFindings') },
  { path: '/inspection/:id/finding', tab: 'today', page: lazy(() => import('./finding_form.jsx'), 'NewFinding') },
  { path: '/finding/:id', tab: 'today', page: lazy(() => import('./finding.jsx'), 'Finding') },
  { path: '/finding/:id/edit', tab: 'today', page: lazy(() => import('./finding_form.jsx'), 'EditFinding') },
  { path: '/institutions', tab: 'today', page: lazy(() => import('./institutions.jsx'), 'Institutions') },
  { path: '/institution/:id', tab: 'today', page: lazy(() => import('./institution.jsx'), 'Institution') },
  { path: '/institution/:id/census', tab: 'today', page: lazy(() => import('./census.jsx'), 'Census') },
  { path: '/checklist/:inspection', tab: 'today', page: lazy(() => import('./checklist.jsx'), 'Checklist') },
  { path: '/violations/:inspection', tab: 'today', page: lazy(() => import('./violations.jsx'), 'Violations') },
  { path: '/evidence', tab: 'evidence', page: lazy(() => import('./evidence.jsx'), 'Evidence') },
  { path: '/evidence/of/:inspection', tab: 'evidence', page: lazy(() => import('./evidence.jsx'), 'Evidence') },
  { path: '/evidence/of/:inspection/record/:form', tab: 'evidence', page: lazy(() => import('../records/record.jsx'), 'WriteRecord') },
  { path: '/evidence/:id/copy', tab: 'evidence', page: lazy(() => import('../records/copy.jsx'), 'PartyCopy') },
  { path: '/evidence/:id', tab: 'evidence', page: lazy(() => import('../evidence/one.jsx'), 'OneEvidence') },
  { path: '/calls', tab: 'today', page: lazy(() => import('./calls.jsx'), 'Calls') },
  { path: '/answer/:id', tab: 'today', page: lazy(() => import('./answer.jsx'), 'Answer') },
  { path: '/answer/:id/bed/:bed', tab: 'today', page: lazy(() => import('./answer_bed.jsx'), 'AnswerBed') },
  { path: '/sync', tab: 'sync', page: lazy(() => import('./sync.jsx'), 'Sync') },
  { path: '/phone', tab: 'sync', page: lazy(() => import('./phone.jsx'), 'Phone') },
  { path: '/warning', page: lazy(() => import('./warning.jsx'), 'Warning') },
  { path: '/renew', page: lazy(() => import('./renew.jsx'), 'Renew') },
];

const HOME = '/';
const OF_OPERATORS = ['/calls', '/answer/:id', '/answer/:id/bed/:bed', '/sync', '/phone', '/warning', '/renew'];

/** All that a phone shows which answers called rounds and does nothing else: its first page are the calls. */
export const OPERATOR_PAGES = PAGES.filter(({ path }) => OF_OPERATORS.includes(path)).map((one) => (one.path === '/calls' ? { ...one, path: HOME } : one));
