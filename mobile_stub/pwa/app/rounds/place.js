/** Where the phone is while beds are checked; the pages of a round follow it, and it rests when they are left. */

import { useEffect } from 'preact/hooks';

import { Whereabouts } from '../capture/place.js';
import { change } from '../session.js';

const place = new Whereabouts(undefined, undefined, () => change());
let users = 0;

/** Follow the place while the caller is drawn. @returns {() => import('../capture/place.js').Place} what is known now */
export function usePlaceOfPhone() {
  useEffect(() => {
    users += 1;
    place.begin();
    return () => {
      users -= 1;
      if (!users) place.end();
    };
  }, []);
  return () => place.here();
}
